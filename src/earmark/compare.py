"""What one schedule changes against another: who gains, who loses, how long, how much money.

Definitions are in docs/meanings.md, items 24 to 26. Every conservation is checked before a
comparison is returned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

import numpy as np

from earmark.book import Book
from earmark.calendar import Period, calendar_quarter_of, parse_rule, quarter_of
from earmark.columns import sum_by
from earmark.errors import UsageError
from earmark.flows import NOBODY, Flows, follow_units
from earmark.money import add_money, worth
from earmark.outcome import Outcome
from earmark.schedule import Ints, Schedule

N = TypeVar("N")

FIGURES = ("received", "active", "idle", "late", "unserved")
"""The unit-days that are compared."""

CALENDAR = "calendar"
"""The name of the calendar year among the calendars of a book."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a comparison: a book as known, a schedule in it and what that means."""

    book: Book
    schedule: Schedule
    outcome: Outcome
    digest: str
    """Of the book with every version of every row."""
    policy: str


@dataclass(frozen=True, slots=True)
class Pair(Generic[N]):
    """One figure on both sides."""

    a: N
    b: N


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money of units received in one period, b less a; None where no such unit has a price."""

    calendar: str
    period: str
    value: Decimal | None
    unpriced_units: int
    """Units without a price received in the period, b less a."""


@dataclass(frozen=True, slots=True)
class PartyChange:
    """What changes for one party, or (`party` None) for all together."""

    party: str | None
    received_unit_days: Pair[int]
    active_unit_days: Pair[int]
    idle_unit_days: Pair[int]
    late_unit_days: Pair[int]
    unserved_unit_days: Pair[int]
    active_unit_days_lost: int
    mean_shift_days: float | None
    """Mean of the receipt day in b less that in a; whole, or to 6 decimals. None: none in both."""
    receipts_moved: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that came from, or went to, an order (None: nobody)."""

    order: str | None
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What changes for one order."""

    order: str
    party: str
    shift_days: float | None
    gained: tuple[Flow, ...]
    lost: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What b changes against a: per party and per planned order of either side, sorted by id."""

    a: Side
    b: Side
    parties: tuple[PartyChange, ...]
    orders: tuple[OrderChange, ...]
    totals: PartyChange


def compare(a: Side, b: Side) -> Comparison:
    """Return what b changes against a.

    Raises UsageError where the two books cannot be compared, and AssertionError, naming the law,
    if a conservation does not hold.
    """
    _refuse_unlike(a.book, b.book)
    names = _Names.of(a, b)
    grants = Pair(_Grants.of(a, names), _Grants.of(b, names))
    flows = follow_units(
        np.concatenate((grants.a.lot, grants.b.lot)),
        np.concatenate((grants.a.order, grants.b.order)),
        np.concatenate((-grants.a.quantity, grants.b.quantity)),
        lots=len(names.lots),
        orders=len(names.orders),
    )
    parties = _party_changes(a, b, names, grants)
    orders = _order_changes(a, b, names, grants, flows)
    comparison = Comparison(a, b, parties[:-1], orders, parties[-1])
    _check_parties(comparison)
    _check_flows(comparison, names, grants, flows)
    return comparison


def _refuse_unlike(a: Book, b: Book) -> None:
    """Refuse books whose unit-days or money mean different things."""
    if (a.start, a.end) != (b.start, b.end):
        raise UsageError(
            f"the books cover different days: {a.start} to {a.end}, and {b.start} to {b.end}",
            "give both the same start and end",
        )
    if a.currency != b.currency:
        raise UsageError(
            f"the books count in different currencies: {a.currency} and {b.currency}",
            "give both the same currency",
        )
    for name in sorted(set(a.fiscal) & set(b.fiscal)):
        if parse_rule(a.fiscal[name]) != parse_rule(b.fiscal[name]):
            raise UsageError(
                f"the fiscal year {name} ends differently in the two books: "
                f"{a.fiscal[name]}, and {b.fiscal[name]}",
                "give both the same rule, or two names",
            )


@dataclass(frozen=True, slots=True)
class _Names:
    """The ids and prices of both sides, sorted."""

    orders: tuple[str, ...]
    lots: tuple[str, ...]
    parties: tuple[str, ...]
    products: tuple[str, ...]
    prices: tuple[Decimal, ...]

    @staticmethod
    def of(a: Side, b: Side) -> "_Names":
        left, right = a.outcome.lines, b.outcome.lines
        return _Names(
            tuple(sorted({*a.schedule.orders, *b.schedule.orders})),
            tuple(sorted({*a.schedule.lots, *b.schedule.lots})),
            tuple(sorted({*left.parties, *right.parties})),
            tuple(sorted({*left.products, *right.products})),
            tuple(sorted({*left.prices, *right.prices})),
        )


T = TypeVar("T")


def _translation(own: Sequence[T], both: Sequence[T]) -> Ints:
    """Return the position in `both` of each of `own`; -1 stays -1 when it is looked up."""
    at = {name: position for position, name in enumerate(both)}
    return np.array([*(at[name] for name in own), -1], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Grants:
    """The grants of one side in columns; ids are positions in the names of both sides."""

    lot: Ints
    order: Ints
    party: Ints
    product: Ints
    price: Ints
    day: Ints
    quantity: Ints

    @staticmethod
    def of(side: Side, names: _Names) -> "_Grants":
        schedule, lines = side.schedule, side.outcome.lines
        return _Grants(
            _translation(schedule.lots, names.lots)[schedule.lot],
            _translation(schedule.orders, names.orders)[schedule.order],
            _translation(lines.parties, names.parties)[lines.party[schedule.order]],
            _translation(lines.products, names.products)[lines.product[schedule.order]],
            _translation(lines.prices, names.prices)[lines.price[schedule.order]],
            schedule.day,
            schedule.quantity,
        )


def _party_changes(
    a: Side, b: Side, names: _Names, grants: Pair[_Grants]
) -> tuple[PartyChange, ...]:
    """Return the change of each party, and last that of all together."""
    figures = Pair(_party_figures(a, names), _party_figures(b, names))
    products = max(len(names.products), 1)
    late_by, both = _paired_shifts(
        Pair(
            grants.a.party * products + grants.a.product,
            grants.b.party * products + grants.b.product,
        ),
        grants,
        len(names.parties) * products,
    )
    shifts = _means(*(_with_total(x.reshape(-1, products).sum(axis=1)) for x in (late_by, both)))
    receipts = _receipts(a.book, b.book, names, grants)
    return tuple(
        _party_change(party, of_a, of_b, shift, tuple(moved))
        for party, of_a, of_b, shift, moved in zip(
            (*names.parties, None), figures.a, figures.b, shifts, receipts, strict=True
        )
    )


def _party_change(
    party: str | None,
    a: Sequence[int],
    b: Sequence[int],
    shift: float | None,
    moved: tuple[Receipt, ...],
) -> PartyChange:
    received, active, idle, late, unserved = map(Pair, a, b)
    lost = active.a - active.b
    return PartyChange(party, received, active, idle, late, unserved, lost, shift, moved)


def _party_figures(side: Side, names: _Names) -> list[list[int]]:
    """Return the figures of each party in the order of FIGURES, and last those of all together."""
    own = side.outcome.party_figures
    rows = np.zeros((len(names.parties), len(FIGURES)), dtype=np.int64)
    at = _translation(side.outcome.parties, names.parties)[:-1]
    rows[at] = np.stack([getattr(own, f"{name}_unit_days") for name in FIGURES], axis=1)
    figures: list[list[int]] = [*rows.tolist(), rows.sum(axis=0).tolist()]
    return figures


def _with_total(column: Ints) -> Ints:
    return np.append(column, column.sum())


def _paired_shifts(key: Pair[Ints], grants: Pair[_Grants], size: int) -> tuple[Ints, Ints]:
    """Pair the first units of each key in a with the first in b, as many as both have.

    Returns, per key, the sum of days in b less days in a and the number of pairs.
    """
    held_a, held_b = sum_by(key.a, grants.a.quantity, size), sum_by(key.b, grants.b.quantity, size)
    both = np.minimum(held_a, held_b)
    first_day = min(
        (int(side.day.min()) for side in (grants.a, grants.b) if len(side.day)), default=0
    )
    days_a = _days_of_first(both, key.a, grants.a, held_a, first_day)
    days_b = _days_of_first(both, key.b, grants.b, held_b, first_day)
    return days_b - days_a, both


def _days_of_first(units: Ints, key: Ints, grants: _Grants, held: Ints, first_day: int) -> Ints:
    """Return, per key, the sum of days since `first_day` of its first `units` units."""
    in_time = np.lexsort((grants.day, key))
    key, day, quantity = key[in_time], grants.day[in_time], grants.quantity[in_time]
    before = np.cumsum(quantity) - quantity - (np.cumsum(held) - held)[key]
    counted = np.clip(units[key] - before, 0, quantity)
    return sum_by(key, counted * (day - first_day), len(held))


def _means(totals: Ints, numbers: Ints) -> list[float | None]:
    """Return exact quotients: whole where they are whole, else to 6 decimals; None of nothing."""
    return [
        None if not number else total // number if total % number == 0 else round(total / number, 6)
        for total, number in zip(totals.tolist(), numbers.tolist(), strict=True)
    ]


def _calendars(a: Book, b: Book) -> Mapping[str, str | None]:
    """Return the rule of each calendar; None is the calendar year."""
    fiscal = {**a.fiscal, **b.fiscal}
    return {CALENDAR: None, **{name: fiscal[name] for name in sorted(fiscal)}}


def _receipts(a: Book, b: Book, names: _Names, grants: Pair[_Grants]) -> list[list[Receipt]]:
    """Return what moved between periods, per party and last for all together."""
    days, day_of = np.unique(np.concatenate((grants.a.day, grants.b.day)), return_inverse=True)
    party = np.concatenate((grants.a.party, grants.b.party))
    price = np.concatenate((grants.a.price, grants.b.price))
    units = np.concatenate((-grants.a.quantity, grants.b.quantity))
    receipts: list[list[Receipt]] = [[] for _ in (*names.parties, None)]
    for calendar, rule in _calendars(a, b).items():
        periods = [_period(day, rule) for day in days.tolist()]
        labels = list(dict.fromkeys(period.label for period in periods))
        at = np.array([labels.index(period.label) for period in periods], dtype=np.int64)
        cells = len(names.parties) * len(labels)
        values, unpriced = worth(
            party * len(labels) + at[day_of], price, units, groups=cells, prices=names.prices
        )
        for position in range(len(names.parties)):
            place = slice(position * len(labels), (position + 1) * len(labels))
            moved = zip(labels, values[place], unpriced[place].tolist(), strict=True)
            receipts[position] += (Receipt(calendar, *change) for change in moved)
        for position, label in enumerate(labels):
            total = add_money(values[position :: len(labels)])
            rest = int(unpriced[position :: len(labels)].sum())
            receipts[-1].append(Receipt(calendar, label, total, rest))
    return [[moved for moved in own if moved.value or moved.unpriced_units] for own in receipts]


def _period(day: int, rule: str | None) -> Period:
    on = date.fromordinal(day)
    return calendar_quarter_of(on) if rule is None else quarter_of(on, parse_rule(rule))


def _order_changes(
    a: Side, b: Side, names: _Names, grants: Pair[_Grants], flows: Flows
) -> tuple[OrderChange, ...]:
    shifts = _means(
        *_paired_shifts(Pair(grants.a.order, grants.b.order), grants, len(names.orders))
    )
    party_of = {
        order: side.outcome.parties[party]
        for side in (a, b)
        for order, party in zip(
            side.schedule.orders, side.outcome.lines.party.tolist(), strict=True
        )
    }
    gained = _partners(flows.gainer, flows.loser, flows.quantity, names.orders)
    lost = _partners(flows.loser, flows.gainer, flows.quantity, names.orders)
    return tuple(
        OrderChange(order, party_of[order], shift, gained.get(at, ()), lost.get(at, ()))
        for at, (order, shift) in enumerate(zip(names.orders, shifts, strict=True))
    )


def _partners(
    own: Ints, other: Ints, quantity: Ints, orders: Sequence[str]
) -> Mapping[int, tuple[Flow, ...]]:
    """Return the flows of each order over all lots, by the id of the other order, nobody last."""
    width = len(orders) + 1
    keys, entry = np.unique(own * width + other % width, return_inverse=True)
    units = sum_by(entry, quantity, len(keys))
    partners: dict[int, tuple[Flow, ...]] = {}
    names = (*orders, None)
    for key, number in zip(keys.tolist(), units.tolist(), strict=True):
        at, partner = divmod(key, width)
        partners[at] = (*partners.get(at, ()), Flow(names[partner], number))
    return partners


def _check_parties(comparison: Comparison) -> None:
    """Check what holds for each party and for all together, however a comparison is made."""
    for change in (*comparison.parties, comparison.totals):
        who = change.party or "totals"
        received, idle = change.received_unit_days, change.idle_unit_days
        active = change.active_unit_days
        for side in ("a", "b"):
            split = getattr(active, side) + getattr(idle, side)
            assert getattr(received, side) == split, f"received is active and idle: {who}, {side}"
        lost = change.active_unit_days_lost + idle.a - idle.b
        assert lost == received.a - received.b, f"what is lost was received: {who}"
    values = Pair(_values(comparison.a), _values(comparison.b))
    for change in comparison.parties:
        assert change.party is not None
        before, after = (side.get(change.party, Decimal(0)) for side in (values.a, values.b))
        for calendar in _calendars(comparison.a.book, comparison.b.book):
            moved = [r.value for r in change.receipts_moved if r.calendar == calendar]
            total = add_money((*moved, before)) or Decimal(0)
            assert after == total, f"receipts by period add up: {change.party}, {calendar}"


def _values(side: Side) -> Mapping[str, Decimal]:
    values = zip(side.outcome.parties, side.outcome.party_figures.value, strict=True)
    return {party: value for party, value in values if value is not None}


def _check_flows(
    comparison: Comparison, names: _Names, grants: Pair[_Grants], flows: Flows
) -> None:
    """Check that units are neither made nor lost on the way from one order to another."""
    sizes = len(names.orders), len(names.lots)
    change = [
        sum_by(grants.b.order, grants.b.quantity, sizes[0])
        - sum_by(grants.a.order, grants.a.quantity, sizes[0]),
        sum_by(grants.b.lot, grants.b.quantity, sizes[1])
        - sum_by(grants.a.lot, grants.a.quantity, sizes[1]),
    ]
    new, gone = flows.loser == NOBODY, flows.gainer == NOBODY
    orders = sum_by(flows.gainer[~gone], flows.quantity[~gone], sizes[0])
    orders -= sum_by(flows.loser[~new], flows.quantity[~new], sizes[0])
    assert (change[0] == orders).all(), "an order has what it had, less lost, plus gained"
    lots = sum_by(flows.lot[new], flows.quantity[new], sizes[1])
    lots -= sum_by(flows.lot[gone], flows.quantity[gone], sizes[1])
    assert (change[1] == lots).all(), "units of a lot come from it and stay in it"
    named = sum(flow.quantity for order in comparison.orders for flow in order.gained)
    assert named == flows.quantity[~gone].sum(), "every gain is named"
    for label, side in (("a", comparison.a), ("b", comparison.b)):
        _check_lots(side, label)


def _check_lots(side: Side, label: str) -> None:
    granted = sum_by(side.schedule.lot, side.schedule.quantity, len(side.schedule.lots))
    lots = dict(zip(side.book.lots.column("lot"), side.book.lots.column("quantity"), strict=True))
    moved = dict(
        zip(side.book.moves.column("move"), side.book.moves.column("quantity"), strict=True)
    )
    for lot, units in zip(side.schedule.lots, granted.tolist(), strict=True):
        most = lots.get(lot, moved.get(lot, 0))
        assert units <= most, f"{units} units granted of lot {lot} of {most}, in {label}"
