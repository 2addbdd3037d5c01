"""Orders with several products or sites in the ledger: pegs, postings, and what moves may do."""

from collections import Counter
from decimal import Decimal

import pytest
from books import book
from hypothesis import given, settings
from hypothesis import strategies as st
from test_positions import ORDERS, moves_of

from earmark.audit.facts import pegged_units
from earmark.checks import check_book
from earmark.ledger.entries import HELD, Account
from earmark.ledger.flows import flows
from earmark.ledger.journal import postings_of
from earmark.ledger.positions import judge_moves, positions

LOTS = [
    {"lot": "late", "date": "2024-05-01", "quantity": 12, "product": "tpu"},
    {"lot": "early", "date": "2024-03-01", "quantity": 9},
]
FACTORS = {"gpu": 1, "tpu": 2}
"""What a unit of each product counts for, of orders that take both."""


def _made(moves, product="gpu;tpu", factors="1;2"):
    orders = [
        {**row, "product": product, "factors": factors, "quantity": 2 * row["quantity"]}
        for row in ORDERS
    ]
    return book(lots=LOTS, orders=orders, moves=moves)


MOVES = [
    {"move": "m1", "kind": "earmark", "lot": "late", "order": "o1", "quantity": 3},
    {"move": "m2", "kind": "earmark", "lot": "early", "order": "o1", "quantity": 2},
    {"move": "m3", "kind": "activate", "lot": "late", "order": "o1", "quantity": 1},
]


def test_a_peg_posts_the_product_of_its_lot():
    """Of the order's demand it takes what its units count for; that is in all of its products."""
    ends = postings_of(_made(MOVES)).balances()
    assert 3 * 2 + 2 == 20 - ends[Account("demand", "o1", "gpu;tpu")]
    assert 2 == ends[Account("earmarked", "o1", "tpu", "late")]
    assert 2 == ends[Account("earmarked", "o1", "gpu", "early")]
    assert 1 == ends[Account("active", "a", "tpu", "x")]
    assert 12 - 3 == ends[Account("supplied", "late", "tpu")]


@pytest.mark.parametrize(("units", "codes"), [(2, []), (3, ["E322"])])
def test_units_count_for_what_the_order_says(units, codes):
    """An order of five with two pegged of which each counts for two has room for one more."""
    orders = [{"order": "o1", "product": "gpu;tpu", "factors": "1;2", "quantity": 5}]
    moves = [
        {"move": "m1", "kind": "earmark", "lot": "late", "order": "o1", "quantity": units},
        {"move": "m2", "kind": "earmark", "lot": "early", "order": "o1", "quantity": 1},
    ]
    found = check_book(book(lots=LOTS, orders=orders, moves=moves))
    assert codes == [problem.code for problem in found][:1]


def test_a_redirect_without_a_lot_takes_what_the_other_takes():
    """The earliest lot of a product that the other order takes, and no other."""
    orders = [
        {"order": "o1", "product": "gpu;tpu", "quantity": 20},
        {"order": "o2", "product": "tpu", "quantity": 20},
    ]
    redirect = {"move": "m4", "kind": "redirect", "order": "o1", "to_order": "o2", "quantity": 2}
    made = book(lots=LOTS, orders=orders, moves=[*MOVES[:2], redirect])
    assert [] == check_book(made)
    expected = {("early", "o1"): 2, ("late", "o1"): 1, ("late", "o2"): 2}
    assert expected == dict(positions(made).pegs) == pegged_units(made)
    more = {**redirect, "quantity": 4}
    assert ["E320"] == [p.code for p in check_book(made.replace_table(_moves(made, more)))]


def _moves(made, *rows):
    return book(lots=LOTS, moves=[*MOVES[:2], *rows]).moves


def test_a_transfer_to_an_order_posts_its_own_product():
    """It pegs units of what runs, which the order has to take."""
    moves = [
        {"move": "m1", "kind": "opening", "party": "a", "product": "tpu", "site": "x"},
        {
            "move": "m2",
            "kind": "transfer",
            "party": "a",
            "product": "tpu",
            "site": "x",
            "to_order": "o1",
        },
    ]
    ends = postings_of(_made(moves)).balances()
    assert 1 == ends[Account("earmarked", "o1", "tpu", "m2")]
    assert 20 - 2 == ends[Account("demand", "o1", "gpu;tpu")]


def test_units_are_worth_what_their_product_costs():
    """A redirect between orders of several products is valued at the price of the lot's product."""
    made = book(
        lots=LOTS,
        orders=[{"order": o, "party": o, "product": "gpu;tpu", "quantity": 20} for o in ("a", "b")],
        products=[{"product": "gpu", "unit_price": "1"}, {"product": "tpu", "unit_price": "7"}],
    )
    cells = {
        "kind": "redirect",
        "date": "2024-02-01",
        "quantity": "2",
        "order": "a",
        "to_order": "b",
    }

    class Change:
        table, drop = "moves", False

        def __init__(self, lot):
            self.cells = cells | ({"lot": lot} if lot else {})

    (late,), (none,) = (flows(made, [Change(lot)], ["redirect"]) for lot in ("late", None))
    assert (Decimal(14), Decimal(2)) == (late.amount.money, none.amount.money)


@settings(max_examples=150, deadline=None)
@given(moves_of(), st.sampled_from(["gpu;tpu", "tpu;gpu"]), st.booleans())
def test_the_laws_of_the_journal_hold_for_orders_with_options(moves, product, counted):
    """Rows balance per product, nothing held is below zero, and accounts end where pegs do."""
    factors = {"gpu;tpu": "1;2", "tpu;gpu": "2;1"}[product] if counted else None
    made = _made(moves, product, factors)
    journal = postings_of(made)
    for row, postings in journal.by_row():
        sums = Counter()
        for posting in postings:
            sums[posting.account.product, posting.effective] += posting.quantity
        assert not any(sums.values()), row
    if judge_moves(made):
        return
    ends, found = Counter(journal.balances()), positions(made)
    assert not [a for a, units in ends.items() if units < 0 and a.state in HELD]
    assert dict(found.pegs) == pegged_units(made)
    left = Counter({order.order: order.quantity for order in made.orders})
    for (lot, order), units in found.pegs.items():
        counts = FACTORS["tpu" if lot == "late" else "gpu"] if counted else 1
        left[order] -= units * counts
    for arrival in found.arrivals:
        left[arrival.order] -= arrival.quantity * (FACTORS[arrival.product] if counted else 1)
    for order, units in left.items():
        assert units == ends[Account("demand", order, product)]
