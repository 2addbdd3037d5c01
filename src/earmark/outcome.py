"""The outcome of a schedule: what is received, active, idle and late, day by day and in all.

Works on any schedule, planned or as happened, from the book alone (docs/meanings.md, items 6 to 8
and 21 to 23). Units are received from the day of their grant on, and active while their site has
power for them; power goes to running units, then to pegged ones, then by tier, due, booked, order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from earmark.book import Book
from earmark.errors import UsageError
from earmark.lines import OrderLines, order_lines
from earmark.money import add_money, worth
from earmark.policy import Policy
from earmark.positions import Running, positions
from earmark.power import SitePower, share_power, site_power
from earmark.schedule import Ints, OrderFigures, Schedule


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


def measure(book: Book, schedule: Schedule, *, policy: Policy | None = None) -> Outcome:
    """Return what `schedule` means in `book`, as known.

    `policy` says what a tier is where power is short: the order's own unless given. Raises
    UsageError where the figures are too large to count.
    """
    running = positions(book).running
    lines = order_lines(
        book,
        schedule.orders,
        parties=(change.party for change in running),
        products=(change.product for change in running),
        sites=(change.site for change in running if change.site is not None),
    )
    _refuse_overflow(book, lines, running)
    days = _event_days(book, schedule, running)
    scene = _Scene(lines, schedule, _running_rows(lines, running, days), days, book.end.toordinal())
    idle = _idle_units(scene, site_power(book, days), policy)
    received = _received(scene)
    figures = _order_figures(scene, idle)
    active = received - np.cumsum(idle.party_changes, axis=1)
    return Outcome(
        lines,
        figures,
        _party_figures(scene, figures, received, active),
        days,
        scene.end,
        received,
        active,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _RunningRows:
    """Running units, a row for each party, product and site (positions in the lines; -1: none)."""

    party: Ints
    product: Ints
    site: Ints
    units: Ints
    """The level on each day, `(rows, days)`; negative where units that came with an order left."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """Everything that a measurement looks at."""

    lines: OrderLines
    schedule: Schedule
    running: _RunningRows
    days: Ints
    end: int

    @property
    def grant_days(self) -> Ints:
        """Per grant, the position of its day in `days`."""
        return np.searchsorted(self.days, self.schedule.day)

    @property
    def widths(self) -> Ints:
        """Days from each event day to the next or to the end."""
        return np.diff(self.days, append=self.end)


@dataclass(frozen=True, slots=True, eq=False)
class _Idle:
    """What lacks power: per order unit-days, and days of lateness beyond those of the grants."""

    order_unit_days: Ints
    waits: Mapping[int, int]
    party_changes: Ints
    """Changes of the idle units of each party on each day, `(parties, days)`."""


def _refuse_overflow(book: Book, lines: OrderLines, running: tuple[Running, ...]) -> None:
    """Refuse what 64 bits cannot count."""
    units = float(lines.quantity.sum(dtype=np.float64)) + sum(abs(r.units) for r in running)
    first = min(book.start.toordinal(), int(lines.due.min(initial=book.start.toordinal())))
    if units * (book.end.toordinal() - first) >= 2.0**62:
        raise UsageError(
            f"{units:.3g} units over {book.end.toordinal() - first} days are too many to count",
            "check the quantities and the due days of the orders",
        )


def _event_days(book: Book, schedule: Schedule, running: tuple[Running, ...]) -> Ints:
    """Return the days of the book on which units or power change, from its start on."""
    start, end = book.start.toordinal(), book.end.toordinal()
    assert not len(schedule.day) or (
        start <= schedule.day.min() and schedule.day.max() < end
    ), "grants lie within the book"
    changes = [day.toordinal() for day in book.readiness.column("date")]
    changes += [change.day.toordinal() for change in running]
    dated = np.array([start, *changes], dtype=np.int64)
    days = np.unique(np.concatenate((dated, schedule.day)))
    return days[(days >= start) & (days < end)]


def _running_rows(lines: OrderLines, running: tuple[Running, ...], days: Ints) -> _RunningRows:
    parties, products, sites = (
        {name: i for i, name in enumerate(names)}
        for names in (lines.parties, lines.products, lines.sites)
    )
    places: dict[tuple[int, int, int], int] = {}
    changes = []
    for change in running:
        site = -1 if change.site is None else sites[change.site]
        place = parties[change.party], products[change.product], site
        row = places.setdefault(place, len(places))
        changes.append((row, change.day.toordinal(), change.units))
    units = np.zeros((len(places), len(days) + 1), dtype=np.int64)
    if changes:
        rows, ordinals, numbers = np.array(changes, dtype=np.int64).T
        np.add.at(units, (rows, np.searchsorted(days, ordinals)), numbers)
    party, product, site_of = np.array(list(places), dtype=np.int64).reshape(-1, 3).T
    return _RunningRows(party, product, site_of, np.cumsum(units, axis=1)[:, :-1])


def _received(scene: _Scene) -> Ints:
    """Return the units that each party has received, `(parties, days)`."""
    lines, schedule = scene.lines, scene.schedule
    changes = np.zeros((len(lines.parties), len(scene.days)), dtype=np.int64)
    np.add.at(changes, (lines.party[schedule.order], scene.grant_days), schedule.quantity)
    received = np.cumsum(changes, axis=1)
    np.add.at(received, scene.running.party, scene.running.units)
    return received


def _idle_units(scene: _Scene, power: Mapping[str, SitePower], policy: Policy | None) -> _Idle:
    """Return what lacks power; only sites that are short on some day are looked at in detail."""
    lines, schedule = scene.lines, scene.schedule
    unit_days = np.zeros(len(lines.orders), dtype=np.int64)
    waits: dict[int, int] = {}
    changes = np.zeros((len(lines.parties), len(scene.days)), dtype=np.int64)
    rank = _rank(lines, policy)
    grants_by_site = np.argsort(lines.site[schedule.order], kind="stable")
    bounds = np.searchsorted(
        lines.site[schedule.order][grants_by_site], np.arange(len(lines.sites) + 1)
    )
    for position, site in enumerate(lines.sites):
        if site in power:
            grants = grants_by_site[bounds[position] : bounds[position + 1]]
            rows = np.flatnonzero(scene.running.site == position)
            if not power[site].fits(_loads(scene, grants, rows)):
                short = _ShortSite(scene, power[site], grants, rows, rank)
                short.count(unit_days, waits, changes)
    return _Idle(unit_days, waits, changes)


def _rank(lines: OrderLines, policy: Policy | None) -> Ints:
    """Return the place of each order in the queue for power: by tier, due, booked, order."""
    tiers = {"order": lines.tier, "one": np.zeros_like(lines.tier), "booked": lines.booked}
    tier = tiers["order" if policy is None else policy.tiers]
    rank = np.empty(len(lines.orders), dtype=np.int64)
    rank[np.lexsort((lines.booked, lines.due, tier))] = np.arange(len(lines.orders))
    return rank


def _loads(scene: _Scene, grants: Ints, running: Ints) -> Mapping[str, Ints]:
    """Return the units at a site, `(days,)` per product, of some grants and running rows."""
    names = scene.lines.products
    product = scene.lines.product[scene.schedule.order[grants]]
    held, at = np.unique(
        np.concatenate((product, scene.running.product[running])), return_inverse=True
    )
    loads = np.zeros((len(held), len(scene.days)), dtype=np.int64)
    place = (at[: len(grants)], scene.grant_days[grants])
    np.add.at(loads, place, scene.schedule.quantity[grants])
    loads = np.cumsum(loads, axis=1)
    np.add.at(loads, at[len(grants) :], scene.running.units[running])
    return {names[position]: load for position, load in zip(held.tolist(), loads, strict=True)}
