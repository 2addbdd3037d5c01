"""Comparisons: the reported case, who gained from whom, and what is conserved."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from books import book
from h100 import READINGS, swap_book, with_swap, without_swap
from hypothesis import given, settings
from schedules import schedule
from small_cases import pairs

from earmark.book import Book
from earmark.compare import Comparison, Flow, Pair, PartyChange, Side, compare
from earmark.compare.ranges import Bounds, Reading, range_over
from earmark.errors import UsageError
from earmark.outcome import measure
from earmark.schedule import Schedule


def side(case: Book, plan: Schedule) -> Side:
    """Return one side of a comparison."""
    return Side(case, plan, measure(case, plan), case.digest, "priority")


def swap(reading: str) -> Comparison:
    """Return what the reported swap changes under a reading."""
    case = swap_book(READINGS[reading])
    return compare(side(case, without_swap(case)), side(case, with_swap(case)))


@pytest.mark.parametrize(
    ("reading", "lost", "idle"),
    [
        ("none", 0, Pair(2_652_000, 1_368_000)),
        ("march", 636_000, Pair(924_000, 276_000)),
        ("all", 1_284_000, Pair(0, 0)),
    ],
)
def test_reported_swap(reading: str, lost: int, idle: Pair[int]) -> None:
    """What the swap costs the car maker and brings the network, by reading."""
    car, net = swap(reading).parties
    assert ("carmaker", lost, idle) == (car.party, car.active_unit_days_lost, car.idle_unit_days)
    assert 1_284_000 == car.received_unit_days.a - car.received_unit_days.b
    assert ("network", -1_284_000) == (net.party, net.active_unit_days_lost)
    assert Pair(0, 0) == net.idle_unit_days


def test_reported_shift() -> None:
    """Half of the units come 31 days later and half 183: 107 on average, and the reverse."""
    comparison = swap("none")
    assert [107, -107] == [change.mean_shift_days for change in comparison.parties]
    assert 0 == comparison.totals.mean_shift_days
    assert [107, -107] == [order.shift_days for order in comparison.orders]


def test_reported_flows() -> None:
    """Each of the two orders has what the other had, by following the units of each lot."""
    car, net = swap("none").orders
    assert ((Flow("net", 12_000),), (Flow("net", 12_000),)) == (car.gained, car.lost)
    assert ((Flow("car", 12_000),), (Flow("car", 12_000),)) == (net.gained, net.lost)


def test_reported_money() -> None:
    """500 million leave the car maker's December and come in January and June, in both calendars.

    In the vendor's year December and 15 January lie in one quarter, so only half of it moves there.
    """
    car, net = swap("none").parties
    moved = [(receipt.calendar, receipt.period, receipt.value) for receipt in car.receipts_moved]
    half = Decimal(6_000 * 41_667)
    assert [
        ("calendar", "2023-Q4", -2 * half),
        ("calendar", "2024-Q1", half),
        ("calendar", "2024-Q2", half),
        ("nvidia", "Q4 FY2024", -half),
        ("nvidia", "Q2 FY2025", half),
    ] == moved
    assert [-value for _, _, value in moved if value] == [r.value for r in net.receipts_moved]
    assert () == swap("none").totals.receipts_moved


def test_range_over_the_readings() -> None:
    """Several readings give bounds, never one verdict."""
    readings = [Reading(name, swap(name)) for name in READINGS]
    found = range_over(readings)
    car = found.parties["carmaker"]
    assert Bounds(0, 1_284_000) == car.active_unit_days_lost
    assert Pair(Bounds(0, 2_652_000), Bounds(0, 1_368_000)) == car.idle_unit_days
    assert Bounds(107, 107) == car.mean_shift_days
    assert ["carmaker", "network"] == list(found.parties)


def test_a_party_that_one_reading_lacks_has_nothing_there() -> None:
    """A party that a reading does not have counts as 0 in the range."""
    alone = book(end="2024-01-11", orders=[{"order": "o", "party": "p", "quantity": 2}])
    none = book(end="2024-01-11")
    stocked = book(
        end="2024-01-11",
        lots=[{"lot": "l", "quantity": 2}],
        orders=[{"order": "o", "party": "p", "quantity": 2}],
    )
    plan = schedule(stocked, ("l", "o", "2024-01-06", 2))
    gone = compare(side(stocked, plan), side(alone, schedule(alone)))
    empty = compare(side(none, schedule(none)), side(none, schedule(none)))
    bounds = range_over([Reading(None, gone), Reading("nobody", empty)]).parties["p"]
    assert Bounds(0, 10) == bounds.active_unit_days_lost
    assert bounds.mean_shift_days is None


def test_units_from_nobody_and_to_nobody() -> None:
    """Units that no order had, or has, come from and go to nobody; ids match in order."""
    case = book(
        lots=[{"lot": "l", "quantity": 9}, {"lot": "m", "quantity": 9}],
        orders=[{"order": order, "quantity": 9} for order in "abcd"],
    )
    a = schedule(case, ("l", "a", "2024-01-01", 3), ("l", "b", "2024-01-01", 4))
    b = schedule(
        case, ("l", "c", "2024-02-01", 5), ("l", "d", "2024-01-01", 4), ("m", "a", "2024-01-02", 1)
    )
    changes = {order.order: order for order in compare(side(case, a), side(case, b)).orders}
    assert ((Flow(None, 1),), (Flow("c", 3),)) == (changes["a"].gained, changes["a"].lost)
    assert ((), (Flow("c", 2), Flow("d", 2))) == (changes["b"].gained, changes["b"].lost)
    assert (Flow("a", 3), Flow("b", 2)) == changes["c"].gained
    assert (Flow("b", 2), Flow(None, 2)) == changes["d"].gained
    assert [1, None, None, None] == [changes[order].shift_days for order in "abcd"]


def test_shift_is_rounded_where_it_is_not_whole() -> None:
    """A mean shift of a third of a day has six decimals."""
    case = book(lots=[{"lot": "l", "quantity": 9}], orders=[{"order": "a", "quantity": 3}])
    a = schedule(case, ("l", "a", "2024-01-01", 3))
    b = schedule(case, ("l", "a", "2024-01-01", 2), ("l", "a", "2024-01-02", 1))
    assert 0.333333 == compare(side(case, a), side(case, b)).orders[0].shift_days


def test_receipts_without_a_price_are_counted() -> None:
    """Units without a price move as units, their money is null."""
    case = book(lots=[{"lot": "l", "quantity": 9}], orders=[{"order": "a", "quantity": 3}])
    a = schedule(case, ("l", "a", "2024-01-01", 3))
    b = schedule(case, ("l", "a", "2024-04-01", 2))
    moved = compare(side(case, a), side(case, b)).parties[0].receipts_moved
    assert [("2024-Q1", None, -3), ("2024-Q2", None, 2)] == [
        (receipt.period, receipt.value, receipt.unpriced_units) for receipt in moved
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"end": date(2024, 12, 1)}, "different days"),
        ({"currency": "EUR"}, "different currencies"),
        ({"fiscal": {"maker": "30 June"}}, "ends differently"),
    ],
)
def test_books_of_other_days_or_money_are_refused(change: dict[str, object], words: str) -> None:
    """Unit-days over other days, and money in other currencies, are not compared."""
    case = book(fiscal={"maker": "31 December"})
    other = replace(case, **change)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=words):
        compare(side(case, schedule(case)), side(other, schedule(other)))


def test_more_than_the_lot_is_our_error() -> None:
    """A schedule that makes units out of nothing is caught, and the law is named."""
    case = book(lots=[{"lot": "l", "quantity": 2}], orders=[{"order": "a", "quantity": 3}])
    plan = schedule(case, ("l", "a", "2024-01-01", 3))
    with pytest.raises(AssertionError, match="3 units granted of lot l of 2, in a"):
        compare(side(case, plan), side(case, plan))


Both = tuple[tuple[Book, Schedule], tuple[Book, Schedule]]


def _pair_of(change: PartyChange) -> list[Pair[int]]:
    return [
        change.received_unit_days,
        change.active_unit_days,
        change.idle_unit_days,
        change.late_unit_days,
        change.unserved_unit_days,
    ]


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_a_side_against_itself_changes_nothing(both: Both) -> None:
    """Compared with itself, every difference is 0 and nobody gains or loses."""
    same = side(*both[0])
    comparison = compare(same, same)
    for change in (*comparison.parties, comparison.totals):
        assert 0 == change.active_unit_days_lost
        assert not change.mean_shift_days
        assert () == change.receipts_moved
        assert all(pair.a == pair.b for pair in _pair_of(change))
    for order in comparison.orders:
        assert ((), ()) == (order.gained, order.lost)
        assert not order.shift_days


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_the_other_way_round(both: Both) -> None:
    """Swapped sides swap every figure, every sign, and who gained with who lost."""
    a, b = (side(*one) for one in both)
    there, back = compare(a, b), compare(b, a)
    for change, reverse in zip(
        (*there.parties, there.totals), (*back.parties, back.totals), strict=True
    ):
        assert change.active_unit_days_lost == -reverse.active_unit_days_lost
        assert (change.mean_shift_days or 0) == -(reverse.mean_shift_days or 0)
        assert _pair_of(change) == [Pair(pair.b, pair.a) for pair in _pair_of(reverse)]
        assert [(r.period, r.value) for r in change.receipts_moved] == [
            (r.period, None if r.value is None else -r.value) for r in reverse.receipts_moved
        ]
    for order, reversed_order in zip(there.orders, back.orders, strict=True):
        assert (order.gained, order.lost) == (reversed_order.lost, reversed_order.gained)


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_units_are_conserved(both: Both) -> None:
    """What one order gained from another, that one lost to it; the sum is the change granted."""
    comparison = compare(*(side(*one) for one in both))
    gained = Counter[tuple[str | None, str | None]]()
    lost = Counter[tuple[str | None, str | None]]()
    for order in comparison.orders:
        gained.update({(flow.order, order.order): flow.quantity for flow in order.gained})
        lost.update({(order.order, flow.order): flow.quantity for flow in order.lost})
    assert {k: v for k, v in gained.items() if k[0]} == {k: v for k, v in lost.items() if k[1]}
    change = Counter[str]()
    for (_, plan), sign in zip(both, (-1, 1), strict=True):
        for order, units in zip(plan.order.tolist(), plan.quantity.tolist(), strict=True):
            change[plan.orders[order]] += sign * units
    for order in comparison.orders:
        net = sum(flow.quantity for flow in order.gained)
        net -= sum(flow.quantity for flow in order.lost)
        assert change[order.order] == net


def _receipt_days(plan: Schedule, orders: set[str]) -> list[int]:
    """Return the day of each unit that some orders receive, sorted."""
    days: list[int] = []
    for order, day, units in zip(
        plan.order.tolist(), plan.day.tolist(), plan.quantity.tolist(), strict=True
    ):
        days += [day] * units if plan.orders[order] in orders else []
    return sorted(days)


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_shifts_pair_unit_by_unit(both: Both) -> None:
    """The shift of an order, and of a party over its products, pairs the sorted receipt days."""
    (book_a, plan_a), (book_b, plan_b) = both
    comparison = compare(side(book_a, plan_a), side(book_b, plan_b))

    def shift(groups: list[set[str]]) -> float | None:
        pairs_of_days = [
            (x, y)
            for group in groups
            for x, y in zip(
                _receipt_days(plan_a, group), _receipt_days(plan_b, group), strict=False
            )
        ]
        if not pairs_of_days:
            return None
        return round(sum(y - x for x, y in pairs_of_days) / len(pairs_of_days), 6)

    for order in comparison.orders:
        assert shift([{order.order}]) == order.shift_days
    for change in comparison.parties:
        products: dict[str, set[str]] = {}
        for order in (*book_a.orders, *book_b.orders):
            if order.party == change.party:
                products.setdefault(order.product, set()).add(order.order)
        assert shift(list(products.values())) == change.mean_shift_days


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_money_over_all_periods_is_the_change_of_value(both: Both) -> None:
    """The receipts that moved add up to the change of value and of units without a price."""
    a, b = (side(*one) for one in both)
    comparison = compare(a, b)
    values = Counter[str]()
    unpriced = Counter[str]()
    for one, sign in ((a, -1), (b, 1)):
        figures = one.outcome.party_figures
        for party, value, units in zip(
            one.outcome.parties, figures.value, figures.unpriced_units.tolist(), strict=True
        ):
            values[party] += sign * (value or 0)  # type: ignore[assignment]
            unpriced[party] += sign * units
    for change in comparison.parties:
        assert change.party is not None
        assert values[change.party] == sum(r.value or 0 for r in change.receipts_moved)
        assert unpriced[change.party] == sum(r.unpriced_units for r in change.receipts_moved)


def test_books_with_other_parties_and_products() -> None:
    """Ids of one side alone count as 0 on the other."""
    one = book(orders=[{"order": "a", "party": "x", "product": "p", "site": "s"}])
    two = book(
        lots=[{"lot": "l", "product": "q"}],
        orders=[{"order": "b", "party": "y", "product": "q", "due": "2024-01-01"}],
    )
    plan = schedule(two, ("l", "b", "2024-01-01", 1))
    comparison = compare(side(one, schedule(one)), side(two, plan))
    assert ["x", "y"] == [change.party for change in comparison.parties]
    assert ["a", "b"] == [order.order for order in comparison.orders]
    assert Pair(0, 366) == comparison.totals.active_unit_days
    assert 0 == comparison.parties[0].active_unit_days_lost
