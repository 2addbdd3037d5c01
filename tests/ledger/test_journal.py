"""Laws of the journal: it balances, never falls below zero, and ends where positions end."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from test_positions import _made, moves_of

from earmark.ledger.entries import HELD, Account
from earmark.ledger.journal import changes, difference, postings_of
from earmark.ledger.positions import judge_moves, positions


def _days(journal) -> list[date]:
    return [date.fromordinal(int(day)) for day in sorted(set(journal.day))]


@settings(max_examples=400, deadline=None)
@given(moves_of())
def test_every_row_balances(moves):
    """What a row posts sums to zero per product and effective day, valid or not."""
    for _, postings in postings_of(_made(moves)).by_row():
        sums = Counter()
        for posting in postings:
            sums[posting.account.product, posting.effective] += posting.quantity
        assert not any(sums.values())


@settings(max_examples=800, deadline=None)
@given(moves_of())
def test_nothing_held_is_ever_below_zero(moves):
    """Without a problem no account of units is below zero at the end of any day."""
    made = _made(moves)
    if judge_moves(made):
        return
    journal = postings_of(made)
    for day in _days(journal):
        for account, units in journal.balances(day).items():
            assert units >= 0 or account.state not in HELD, (account, day)
    assert not [a for a in journal.balances() if a.state == "swap"]


@settings(max_examples=400, deadline=None)
@given(moves_of())
def test_the_journal_ends_where_positions_end(moves):
    """Per lot, per order and per place the accounts come to what the moves come to."""
    made = _made(moves)
    if judge_moves(made):
        return
    found, ends = positions(made), postings_of(made).balances()
    lots, orders = Counter(), Counter()
    for (lot, order), units in found.pegs.items():
        lots[lot] += units
        orders[order] += units
    for arrival in found.arrivals:
        orders[arrival.order] += arrival.quantity
    for lot in made.lots:
        assert lot.quantity - lots[lot.lot] == ends.get(Account("supplied", lot.lot, "gpu"), 0)
    for order in made.orders:
        left = order.quantity - orders[order.order]
        assert left == ends.get(Account("demand", order.order, "gpu"), 0)


@settings(max_examples=300, deadline=None)
@given(moves_of(), moves_of())
def test_a_difference_leads_from_one_journal_to_another(first, second):
    """What is posted before, and then the difference, comes to what is posted after."""
    before, after = postings_of(_made(first)), postings_of(_made(second))
    rows = [("orders", "o1"), ("moves", "m0"), ("moves", "new")]
    shared = changes(before, after, rows)
    assert rows == list(shared)
    for parts in (difference(after, before), shared):
        sums = Counter()
        for sign, journal in ((1, before), (-1, after)):
            for _, postings in journal.by_row():
                for posting in postings:
                    sums[posting.account, posting.effective] += sign * posting.quantity
        for postings in parts.values():
            for posting in postings:
                sums[posting.account, posting.effective] += posting.quantity
        assert not any(sums.values())
