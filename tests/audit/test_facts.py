"""What the audit reads from the moves is what the ledger makes of them, by other code."""

from collections.abc import Mapping
from typing import Any

import pytest
from books import book
from hypothesis import given, settings
from hypothesis import strategies as st
from test_positions import LOTS as LOTS_OF_MOVES
from test_positions import ORDERS as ORDERS_OF_MOVES
from test_positions import moves_of

from earmark.audit.facts import pegged_units
from earmark.book import Book
from earmark.ledger.positions import judge_moves, positions

ORDERS = [
    {"order": "o1", "site": "x", "quantity": 20},
    {"order": "o2", "site": "y", "quantity": 20},
    {"order": "o3", "site": "x", "quantity": 20},
]
LOTS = [
    {"lot": "l1", "date": "2024-02-01", "quantity": 20},
    {"lot": "l2", "date": "2024-01-01", "quantity": 20},
]


def moved(*moves: Mapping[str, Any]) -> Book:
    """Return a book with those moves, called m1, m2 and so on."""
    named = [{"move": f"m{i}", **move} for i, move in enumerate(moves, start=1)]
    return book(orders=ORDERS, lots=LOTS, moves=named)


def peg(kind: str, order: str, quantity: int, lot: str = "l1", day: str = "2024-01-01") -> Any:
    """Return a move of a lot and an order."""
    return {"kind": kind, "lot": lot, "order": order, "quantity": quantity, "date": day}


def redirect(order: str, to_order: str, quantity: int, **cells: Any) -> Any:
    """Return a redirect, without a lot unless one is given."""
    return {
        "kind": "redirect",
        "order": order,
        "to_order": to_order,
        "quantity": quantity,
        "date": "2024-01-01",
        **cells,
    }


@pytest.mark.parametrize(
    ("moves", "pegs"),
    [
        (
            [peg("earmark", "o1", 1), peg("receive", "o2", 2), redirect("o1", "o2", 1)],
            {("l1", "o2"): 3},
        ),
        (
            [
                peg("receive", "o1", 2),
                redirect("o1", "o2", 2),
                peg("receive", "o2", 2, day="2024-01-02"),
            ],
            {("l1", "o2"): 2},
        ),
        (
            [
                peg("earmark", "o1", 1, "l1"),
                peg("earmark", "o2", 1, "l2"),
                redirect("o1", "o2", 1, date="2024-01-02"),
                redirect("o2", "o1", 1, lot="l2", date="2024-01-02", in_return_for="m3"),
            ],
            {("l2", "o1"): 1, ("l1", "o2"): 1},
        ),
        (
            [
                peg("earmark", "o1", 1, "l1"),
                peg("earmark", "o2", 1, "l2"),
                redirect("o1", "o2", 1, date="2024-01-02"),
                redirect("o2", "o1", 1, date="2024-01-02", in_return_for="m3"),
            ],
            {("l2", "o1"): 1, ("l1", "o2"): 1},
        ),
        (
            [
                peg("earmark", "o1", 1, "l1"),
                peg("earmark", "o2", 1, "l2"),
                redirect("o1", "o2", 1, date="2024-01-03"),
                redirect("o2", "o1", 1, lot="l2", date="2024-01-02", in_return_for="m3"),
            ],
            {("l2", "o1"): 1, ("l1", "o2"): 1},
        ),
        (
            [redirect("o2", "o3", 2), redirect("o1", "o2", 2), peg("earmark", "o1", 2)],
            {("l1", "o3"): 2},
        ),
    ],
    ids=[
        "received before redirects of the day",
        "received again elsewhere",
        "a swap that names one lot",
        "a swap that names none",
        "a swap that returns first",
        "one after another",
    ],
)
def test_moves_of_one_day_have_their_turns(moves, pegs):
    """Units advance before they are redirected; redirects without a lot look for units last."""
    made = moved(*moves)
    assert [] == judge_moves(made)
    assert pegs == dict(positions(made).pegs) == pegged_units(made)


IDS, DAYS = st.sampled_from(["o1", "o2", "o3"]), st.sampled_from(["2024-01-01", "2024-01-02"])
UNITS, LOT_IDS = st.integers(1, 4), st.sampled_from(["l1", "l2"])
KINDS = st.sampled_from(["earmark", "earmark", "ship", "receive", "activate", "release"])
PEGS = st.builds(peg, KINDS, IDS, UNITS, LOT_IDS, DAYS)
REDIRECTS = st.builds(
    lambda pair, units, **cells: redirect(*pair, units, **cells),
    st.tuples(IDS, IDS).filter(lambda pair: pair[0] != pair[1]),
    UNITS,
    lot=st.none() | LOT_IDS,
    date=DAYS,
    in_return_for=st.none() | st.sampled_from(["m1", "m2"]),
)


@given(st.lists(PEGS | REDIRECTS, min_size=1, max_size=7))
def test_two_readings_of_the_moves_agree(moves):
    """Whatever moves hold as a sum, audit and ledger find the same units pegged."""
    made = moved(*moves)
    if not judge_moves(made):
        assert dict(positions(made).pegs) == pegged_units(made)


@settings(max_examples=500, deadline=None)
@given(moves_of())
def test_two_readings_of_earmarks_that_end_agree(moves):
    """So they do where earmarks end by themselves, or are drawn by name."""
    made = book(lots=LOTS_OF_MOVES, orders=ORDERS_OF_MOVES, moves=moves)
    if not judge_moves(made):
        assert dict(positions(made).pegs) == pegged_units(made)


def test_what_a_swap_brings_is_not_there_to_give():
    """A redirect before anything is pegged is short, whatever comes back in return."""
    made = moved(
        redirect("o1", "o2", 1, date="2023-12-30"),
        redirect("o2", "o1", 1, lot="l2", date="2023-12-30", in_return_for="m1"),
        peg("earmark", "o1", 1, "l1"),
        peg("earmark", "o2", 1, "l2"),
    )
    assert "E320" in {problem.code for problem in judge_moves(made)}
