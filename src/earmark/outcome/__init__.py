"""The outcome of a schedule: what is received, active, idle and late, day by day and in all.

Works on any schedule, planned or as happened, from the book alone (docs/meanings.md, items 6 to 8
and 21 to 23). Units are received from the day of their grant on, and active while their site has
power for them; power goes to running units, then to pegged ones, then by tier, due, booked, order.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from earmark.book import Book
from earmark.outcome.lines import OrderLines
from earmark.outcome.money import add_money, worth
from earmark.outcome.power import site_power
from earmark.outcome.shortage import Shortage, shortage_of
from earmark.outcome.timeline import Timeline, timeline_of
from earmark.policy import Policy
from earmark.ranking import ranked
from earmark.schedule import Ints, OrderFigures, Schedule
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True, eq=False)
class PartyFigures:
    """What a schedule means for each party, in columns like `Outcome.parties`.

    Unit-days of received, active and idle count the units that the party runs anyway too; value is
    the money of granted units that have a price, and None where none has.
    """

    quantity: Ints
    granted: Ints
    unserved: Ints
    received_unit_days: Ints
    active_unit_days: Ints
    idle_unit_days: Ints
    late_unit_days: Ints
    unserved_unit_days: Ints
    value: tuple[Decimal | None, ...]
    unpriced_units: Ints

    @property
    def total_value(self) -> Decimal | None:
        """The value over all parties."""
        return add_money(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a schedule means: per order, per party, and per party and day.

    `days` are the ordinals of the days on which anything changes, from the start of the book on;
    `end` is the ordinal of its end. `received` and `active` are the units that a party has from
    each of these days to the next, `(parties, days)`, running units among them.
    """

    lines: OrderLines
    figures: OrderFigures
    party_figures: PartyFigures
    days: Ints
    end: int
    received: Ints
    active: Ints

    @property
    def parties(self) -> tuple[str, ...]:
        """The ids of all parties that have planned orders or run units, sorted."""
        return self.lines.parties

    @property
    def idle(self) -> Ints:
        """The units received without power, `(parties, days)`."""
        return self.received - self.active


def measure(
    book: Book, schedule: Schedule, *, policy: Policy | None = None, rows: Ints | None = None
) -> Outcome:
    """Return what `schedule` means in `book`, as known.

    `policy` says what a tier is where power is short: the order's own unless given. `rows` are the
    rows of the orders of `schedule` in the book, found by id unless given. Raises UsageError where
    the figures are too large to count.
    """
    timeline = timeline_of(book, schedule, rows)
    shortage = shortage_of(timeline, site_power(book, timeline.days), policy)
    figures = _order_figures(timeline, shortage)
    received = _received(timeline)
    return Outcome(
        timeline.lines,
        figures,
        _party_figures(timeline, figures, received, shortage),
        timeline.days,
        timeline.end,
        received,
        received - shortage.parties,
    )


def _order_figures(timeline: Timeline, shortage: Shortage) -> OrderFigures:
    lines, schedule = timeline.lines, timeline.schedule
    quantity, orders = schedule.quantity, len(lines.orders)
    granted = sum_by(schedule.order, quantity, orders)
    received = sum_by(schedule.order, quantity * (timeline.end - schedule.day), orders)
    waits = np.maximum(schedule.day - lines.due[schedule.order], 0)
    late = sum_by(schedule.order, quantity * waits, orders)
    late[shortage.orders] = shortage.late_unit_days
    idle = np.zeros(orders, dtype=np.int64)
    idle[shortage.orders] = shortage.idle_unit_days
    first, last = _first_and_last(schedule, timeline.end)
    unserved = lines.quantity - granted
    return OrderFigures(
        quantity=lines.quantity,
        granted=granted,
        unserved=unserved,
        first=np.where(last > 0, first, 0),
        last=last,
        received_unit_days=received,
        active_unit_days=received - idle,
        idle_unit_days=idle,
        late_unit_days=late,
        unserved_unit_days=unserved * (timeline.end - lines.due),
    )


def _first_and_last(schedule: Schedule, end: int) -> tuple[Ints, Ints]:
    """Return the first and the last day on which each order is granted units; end and 0 if none."""
    order, day, orders = schedule.order, schedule.day, len(schedule.orders)
    first, last = np.full(orders, end, dtype=np.int64), np.zeros(orders, dtype=np.int64)
    if not len(order):
        return first, last
    if (order[1:] < order[:-1]).any():
        rank = ranked(order)
        order, day = order[rank], day[rank]
    begins = np.flatnonzero(np.append(True, order[1:] != order[:-1]))
    first[order[begins]] = np.minimum.reduceat(day, begins)
    last[order[begins]] = np.maximum.reduceat(day, begins)
    return first, last


def _received(timeline: Timeline) -> Ints:
    """Return the units that each party has received, `(parties, days)`."""
    lines, schedule = timeline.lines, timeline.schedule
    changes = np.zeros((len(lines.parties), len(timeline.days)), dtype=np.int64)
    place = lines.party[schedule.order], timeline.grant_days
    np.add.at(changes, place, schedule.quantity)
    received = np.cumsum(changes, axis=1)
    np.add.at(received, timeline.running.party, timeline.running.units)
    return received


def _party_figures(
    timeline: Timeline, figures: OrderFigures, received: Ints, shortage: Shortage
) -> PartyFigures:
    lines = timeline.lines
    parties = len(lines.parties)
    value, unpriced = worth(
        lines.party, lines.price, figures.granted, groups=parties, prices=lines.prices
    )
    received_unit_days = (received * timeline.widths).sum(axis=1)
    idle_unit_days = (shortage.parties * timeline.widths).sum(axis=1)
    return PartyFigures(
        quantity=sum_by(lines.party, figures.quantity, parties),
        granted=sum_by(lines.party, figures.granted, parties),
        unserved=sum_by(lines.party, figures.unserved, parties),
        received_unit_days=received_unit_days,
        active_unit_days=received_unit_days - idle_unit_days,
        idle_unit_days=idle_unit_days,
        late_unit_days=sum_by(lines.party, figures.late_unit_days, parties),
        unserved_unit_days=sum_by(lines.party, figures.unserved_unit_days, parties),
        value=tuple(value),
        unpriced_units=unpriced,
    )
