"""Promises made again: what each word of `confirm` means, held as laws against the grants."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from books import book, policy
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from planning.random_books import Case, small_books

from earmark.answer import Answer, Question, answer
from earmark.book import Book
from earmark.errors import ContradictionError
from earmark.schedule import Schedule
from earmark.schema import CONFIRMS

WORDS = (*CONFIRMS, None)
slow = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def told(case: Book, column: str, cells: list[Any]) -> Book:
    """Return a book with the cells of one column of orders changed."""
    orders = replace(case.orders, columns={**case.orders.columns, column: cells})
    return replace(case, tables=MappingProxyType({**case.tables, "orders": orders}))


def by_day(schedule: Schedule, order: str, first: date) -> Mapping[date, int]:
    """Return an order's units by the end of each day on which it is granted some, from `first`."""
    levels: dict[date, int] = {}
    rows = zip(schedule.day.tolist(), schedule.order.tolist(), schedule.quantity, strict=True)
    whole = 0
    for ordinal, place, units in sorted(rows):
        if schedule.orders[place] == order:
            whole += int(units)
            levels[max(first, date.fromordinal(ordinal))] = whole
    return levels


def at(levels: Mapping[date, int], day: date) -> int:
    """Return the units by the end of a day."""
    return max((units for when, units in levels.items() if when <= day), default=0)


@st.composite
def replanned(draw: Any) -> tuple[Case, Schedule, Answer]:
    """Draw a book, plan a variant of it, and promise again with words drawn for its orders."""
    case = draw(small_books())
    count = len(case.book.orders)
    tiers = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    words = draw(st.lists(st.sampled_from(WORDS), min_size=count, max_size=count))
    try:
        before = answer(told(case.book, "tier", tiers), Question(case.policy)).schedule
        again = told(case.book, "confirm", words)
        said = answer(again, Question(case.policy, as_of=case.as_of, previous=before))
    except ContradictionError:
        reject()
    return case, before, said


@slow
@given(replanned())
def test_each_word_means_what_it_says(drawn: tuple[Case, Schedule, Answer]) -> None:
    """Gain is never worse on any day, improve by the end, fill never more, win whole on its day."""
    case, before, said = drawn
    first = max(case.book.start, case.as_of or case.book.start)
    missed = {one.order for one in said.plan.missed}
    pegged = said.book.orders.column("promised")
    for order in said.book.orders:
        if order.order not in said.schedule.orders:
            continue
        after = max(first, order.due)
        now = by_day(said.schedule, order.order, case.book.start)
        then = by_day(before, order.order, after)
        if order.confirm == "gain" and order.order not in missed:
            assert all(at(now, day) >= units for day, units in then.items())
        if order.confirm == "improve" and order.order not in missed:
            assert at(now, case.book.end) >= at(then, case.book.end)
        if order.confirm == "win" and order.order not in missed:
            assert at(now, after) == order.quantity
        if order.confirm == "fill" and not len(said.book.moves) and not any(pegged):
            assert all(at(then, max(day, after)) >= units for day, units in now.items())
        if order.confirm in (None, "redistribute", "fill", "lose"):
            assert order.order not in missed
    assert said.plan.status in ("feasible", "optimal")


@slow
@given(small_books(), st.randoms(use_true_random=False))
def test_a_plan_promised_again_breaks_none_of_its_promises(case: Case, chance: Any) -> None:
    """The same book with its own plan before it: whoever is to gain or improve does."""
    try:
        before = answer(case.book, Question(case.policy, as_of=case.as_of)).schedule
        words = [chance.choice(["gain", "improve", None, "lose"]) for _ in case.book.orders]
        again = told(case.book, "confirm", words)
        said = answer(again, Question(case.policy, as_of=case.as_of, previous=before))
    except ContradictionError:
        reject()
    assert () == said.plan.missed


def test_who_loses_is_served_from_what_is_left() -> None:
    """10 units for 10 of tier 2 and 10 of tier 1 that may lose all: tier 2 has them."""
    orders = [
        {"order": "a", "quantity": 10, "tier": 1, "confirm": "lose"},
        {"order": "b", "quantity": 10, "tier": 2},
    ]
    said = answer(book(lots=[{"quantity": 10}], orders=orders), Question(policy("own")))
    assert [0, 10] == said.outcome.figures.granted.tolist()


def test_a_promise_that_cannot_be_kept_is_named() -> None:
    """20 are promised on day 1 and the lot comes 10 days later with 15: 5 short, and late."""
    start = date(2024, 1, 1)
    orders = [{"order": "a", "quantity": 20, "due": start}]
    before = answer(book(lots=[{"quantity": 20}], orders=orders), Question(policy("own"))).schedule
    late = [{"quantity": 15, "date": start + timedelta(10)}]
    again = book(lots=late, orders=[{**orders[0], "confirm": "gain"}], end="2024-02-01")
    said = answer(again, Question(policy("own"), previous=before))
    (missed,) = said.plan.missed
    assert ("a", "gain", 5, 20 * 10 + 5 * 21) == (
        missed.order,
        missed.confirm,
        missed.units,
        missed.unit_days,
    )


def test_earmarks_are_promises_where_no_plan_is_named() -> None:
    """A lot earmarked for an order of tier 2 goes to tier 1 if the order fills, and not if not."""
    orders = [
        {"order": "a", "quantity": 10, "tier": 2, "confirm": "fill"},
        {"order": "b", "quantity": 10, "tier": 1},
    ]
    moves = [{"move": "m", "kind": "earmark", "lot": "l", "order": "a", "quantity": 10}]
    lots = [{"lot": "l", "quantity": 10}]
    made = book(lots=lots, orders=orders, moves=moves)
    said = answer(made, Question(policy("own")))
    assert [0, 10] == said.outcome.figures.granted.tolist()
    fixed = book(lots=lots, orders=[{**orders[0], "confirm": None}, orders[1]], moves=moves)
    assert [10, 0] == answer(fixed, Question(policy("own"))).outcome.figures.granted.tolist()
