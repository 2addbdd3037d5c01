"""Laws of the journal: it balances, never falls below zero, and ends where positions end."""

from collections import Counter
from datetime import date

import pytest
from books import book
from hypothesis import given, settings
from hypothesis import strategies as st
from test_positions import LOTS, ORDERS, _made, _swap, moves_of

from earmark.ledger.entries import HELD, Account
from earmark.ledger.journal import OUTSET, changes, difference, postings_of, shared_out
from earmark.ledger.positions import judge_moves, positions


def days_of(journal) -> list[date]:
    return [date.fromordinal(int(day)) for day in sorted(set(journal.day))]


def sums_of(postings) -> dict:
    """Return the sum of postings per product and day, but for those of 0."""
    sums = Counter()
    for posting in postings:
        sums[posting.account.product, posting.effective] += posting.quantity
    return {key: units for key, units in sums.items() if units}


def short(postings) -> list[tuple]:
    """Return postings as (state, holder, place, units, day)."""
    return [
        (p.account.state, p.account.holder, p.account.place, p.quantity, str(p.effective))
        for p in postings
    ]


@settings(max_examples=300, deadline=None)
@given(moves_of())
def test_every_row_balances(moves):
    """What a row posts sums to zero per product and effective day, even if the book is wrong."""
    for row, postings in postings_of(_made(moves)).by_row():
        assert {} == sums_of(postings), row


@settings(max_examples=600, deadline=None)
@given(moves_of())
def test_nothing_held_is_ever_below_zero(moves):
    """Without a problem no account of units is below zero at the end of any day."""
    made = _made(moves)
    if judge_moves(made):
        return
    journal = postings_of(made)
    for day in days_of(journal):
        below = {a: n for a, n in journal.balances(day).items() if n < 0 and a.state in HELD}
        assert {} == below, day
    assert not [account for account in journal.balances() if account.state == "swap"]


@settings(max_examples=300, deadline=None)
@given(moves_of())
def test_the_journal_ends_where_positions_end(moves):
    """Per lot, order and place, accounts come to what the moves come to."""
    made = _made(moves)
    if judge_moves(made):
        return
    found, ends = positions(made), Counter(postings_of(made).balances())
    lots, orders, places = Counter(), Counter(), Counter()
    for (lot, order), units in found.pegs.items():
        lots[lot] += units
        orders[order] += units
    for arrival in found.arrivals:
        orders[arrival.order] += arrival.quantity
    for change in found.running:
        places[change.party, change.site] += change.units
    for lot in made.lots:
        assert lot.quantity - lots[lot.lot] == ends[Account("supplied", lot.lot, "gpu")]
    for order in made.orders:
        left = order.quantity - orders[order.order]
        assert left == ends[Account("demand", order.order, "gpu")]
    moved = {row["kind"] for row in moves} - {"opening", "retire", "transfer", "earmark"}
    if not moved:
        for (party, site), units in places.items():
            assert units == ends[Account("active", party, "gpu", site)]


@settings(max_examples=300, deadline=None)
@given(moves_of(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(moves, chance):
    """However the rows of a table are ordered, each posts the same."""
    shuffled = [chance.sample(rows, len(rows)) for rows in (LOTS, ORDERS, moves)]
    other = book(**dict(zip(("lots", "orders", "moves"), shuffled, strict=True)))
    assert dict(postings_of(_made(moves)).by_row()) == dict(postings_of(other).by_row())


@settings(max_examples=200, deadline=None)
@given(moves_of(), moves_of())
def test_a_difference_leads_from_one_journal_to_another(first, second):
    """What is posted before, and then the difference, comes to what is posted after."""
    before, after = postings_of(_made(first)), postings_of(_made(second))
    rows = [("orders", "o1"), ("moves", "m0"), ("moves", "new")]
    own, shared = difference(after, before), changes(before, after, rows)
    assert rows == list(shared)
    for parts in (own, shared):
        sums = Counter()
        for sign, journal in ((1, before), (-1, after)):
            for _, postings in journal.by_row():
                for posting in postings:
                    sums[posting.account, posting.effective] += sign * posting.quantity
        for row, postings in parts.items():
            assert {} == sums_of(postings), row
            for posting in postings:
                sums[posting.account, posting.effective] += posting.quantity
        assert not any(sums.values())
    for row in rows[:-1]:
        assert own.get(row, ()) == shared[row] == shared_out(before, after, rows).postings(row)


def test_a_change_that_no_row_made_is_refused():
    """Units do not move by themselves."""
    before, after = postings_of(_made([])), postings_of(book(lots=LOTS))
    assert {} == changes(before, before, [])
    with pytest.raises(ValueError, match="no row is there to post it"):
        changes(before, after, [])


def test_lots_and_orders_post_from_the_outset():
    """Whatever their dates say: a lot can be earmarked long before it arrives."""
    journal = postings_of(book(lots=LOTS[:1], orders=ORDERS[:1]))
    day = str(OUTSET)
    expected = [("supplied", "late", "", 12, day), ("supply", "late", "", -12, day)]
    assert expected == short(journal.postings(("lots", "late")))
    expected = [("booked", "o1", "", -10, day), ("demand", "o1", "", 10, day)]
    assert expected == short(journal.postings(("orders", "o1")))
    assert () == journal.postings(("moves", "m1"))


def test_a_swap_over_days_lends_until_its_last_day():
    """From December on o2 has twice its quantity: the tie lends the demand, and takes it back."""
    journal = postings_of(_swap(tied=True))
    lent = {day: journal.balances(day).get(Account("swap", "back1", "gpu")) for day in DAYS}
    assert [None, -12, -6, None] == list(lent.values())
    assert () == tuple(p for _, ps in journal.by_row() for p in ps if p.quantity == 0)


DAYS = (date(2023, 12, 14), date(2023, 12, 15), date(2024, 1, 10), date(2024, 1, 11))


def test_an_earmark_that_ends_posts_its_own_end():
    """On the day `until` the units are back in the lot, and the demand is open again."""
    earmark = {"move": "m", "kind": "earmark", "lot": "early", "order": "o1", "quantity": 4}
    earmark |= {"date": "2024-01-02", "until": "2024-01-05"}
    ship = {"move": "s", "kind": "ship", "lot": "early", "order": "o1", "quantity": 3}
    ship |= {"date": "2024-01-03"}
    back = [
        ("booked", "o1", "", -1, "2024-01-05"),
        ("demand", "o1", "", 1, "2024-01-05"),
        ("earmarked", "o1", "early", -1, "2024-01-05"),
        ("supplied", "early", "", 1, "2024-01-05"),
    ]
    assert back == short(postings_of(_made([earmark, ship])).postings(("moves", "m")))[4:]
    drawn = [
        ("booked", "o1", "", -1, "2024-01-03"),
        ("demand", "o1", "", 1, "2024-01-03"),
        ("earmarked", "o1", "early", -4, "2024-01-03"),
        ("shipped", "o1", "early", 3, "2024-01-03"),
        ("supplied", "early", "", 1, "2024-01-03"),
    ]
    by_name = postings_of(_made([earmark, ship | {"draws": "m"}]))
    assert drawn == short(by_name.postings(("moves", "s")))


def test_units_leave_a_site_active_ones_first():
    """Received and active units are pooled: 2 are retired of 1 active and 3 received."""
    peg = {"lot": "early", "order": "o1"}
    place = {"party": "a", "product": "gpu", "site": "x"}
    moves = [
        {"move": "m1", "kind": "receive", **peg, "quantity": 4, "date": "2024-01-02"},
        {"move": "m2", "kind": "activate", **peg, "quantity": 1, "date": "2024-01-03"},
        {"move": "m3", "kind": "retire", **place, "quantity": 2, "date": "2024-01-04"},
        {"move": "m4", "kind": "transfer", **place, "quantity": 2, "to_site": "y"},
    ]
    moves[3]["date"] = "2024-01-05"
    journal = postings_of(_made(moves))
    expected = [("active", "a", "x", -1), ("received", "a", "x", -1), ("retired", "a", "x", 2)]
    assert expected == [p[:4] for p in short(journal.postings(("moves", "m3")))]
    expected = [("active", "a", "y", 2), ("received", "a", "x", -2)]
    assert expected == [p[:4] for p in short(journal.postings(("moves", "m4")))]


def test_a_transfer_to_an_order_is_earmarked_in_its_own_name():
    """As a lot of its own; the opening it came from is owed to nobody's lot."""
    place = {"party": "a", "product": "gpu", "site": "x"}
    moves = [
        {"move": "m1", "kind": "opening", **place, "quantity": 5},
        {"move": "m2", "kind": "transfer", **place, "quantity": 3, "to_order": "o2"},
    ]
    journal = postings_of(_made(moves))
    expected = [("active", "a", "x", 5), ("opened", "a", "x", -5)]
    assert expected == [p[:4] for p in short(journal.postings(("moves", "m1")))]
    expected = [
        ("active", "a", "x", -3),
        ("booked", "o2", "", 3),
        ("demand", "o2", "", -3),
        ("earmarked", "o2", "m2", 3),
    ]
    assert expected == [p[:4] for p in short(journal.postings(("moves", "m2")))]
