"""A small book read unit by unit into demands and limits, for the oracles alone.

Nothing here is fast or shared with the program: each pegged unit is an entry of a list, each limit
a function of the day.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from earmark.book import Book
from earmark.policy import Policy, Quota

PEGGED, PROMISED = ("pegged",), ("promised",)


@dataclass(frozen=True)
class Demand:
    """Units of one order that are alike: those of one peg, the promised ones or the rest."""

    order: str
    party: str
    product: str
    site: str | None
    rank: tuple[object, ...]
    """`("pegged",)`, `("promised",)` or `("tier", ...)`."""
    day: date
    """The first day on which they may be granted."""
    units: int
    source: str | None
    """The lot or transfer of pegged units."""


@dataclass(frozen=True)
class Limit:
    """At most `room(day)` units of the demands chosen by `holds`, cumulative."""

    name: str
    holds: Callable[[Demand], bool]
    room: Callable[[date], int]


@dataclass(frozen=True)
class Problem:
    """What the oracles solve: demands, ranks from the best down, limits and days."""

    demands: list[Demand]
    ranks: list[tuple[object, ...]]
    limits: list[Limit]
    days: list[date]
    end: date

    def lengths(self) -> list[int]:
        """Return how many days each of `days` stands for."""
        return [(b - a).days for a, b in zip(self.days, [*self.days[1:], self.end], strict=True)]


def problem_of(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Problem:
    """Read `book`, as known, under `policy`."""
    first_new = max(book.start, as_of or book.start)
    lots = {
        lot.lot: lot
        for lot in book.lots
        if lot.date < book.end and lot.status in {"committed", *include}
    }
    orders = sorted(
        (order for order in book.orders if order.status in {"booked", *include}),
        key=lambda order: order.order,
    )
    pegs = Counter((unit.lot, unit.order) for unit in pegged_units(book))
    demands = []
    for order in orders:
        own = [(lot, n) for (lot, name), n in sorted(pegs.items()) if name == order.order]
        ready = [(lot, lots[lot].date, n) for lot, n in own if lot in lots]
        for move in book.moves:
            if move.kind == "transfer" and move.to_order == order.order:
                own.append((move.move, move.quantity))
                ready.append((move.move, move.date, move.quantity))
        pegged = sum(n for _, n in own)
        promised = max(0, order.promised - pegged)
        tier: object = {"order": order.tier, "one": 1, "booked": order.booked or date.max}[
            policy.tiers
        ]
        inner = (order.booked or date.max,) if policy.share == "first_come" else ()
        parts = [(PEGGED, max(day, order.due, book.start), n, lot) for lot, day, n in ready]
        parts.append((PROMISED, max(order.due, first_new), promised, None))
        rest = order.quantity - pegged - promised
        parts.append((("tier", tier, *inner), max(order.due, first_new), rest, None))
        demands += [
            Demand(order.order, order.party, order.product, order.site, rank, day, units, source)
            for rank, day, units, source in parts
            if day < book.end and units
        ]
    tiers = sorted({demand.rank for demand in demands} - {PEGGED, PROMISED})
    limits, days = limits_of(book, policy, lots, pegs), steps_of(book, first_new, demands, lots)
    return Problem(demands, [PEGGED, PROMISED, *tiers], limits, days, book.end)


def limits_of(
    book: Book, policy: Policy, lots: dict[str, object], pegs: Counter[tuple[str, str]]
) -> list[Limit]:
    """Return the limits of all demands."""
    return [*_supply(book, lots, pegs), *_power(book, policy), *_ceilings(book, policy, lots)]


def steps_of(
    book: Book, first_new: date, demands: list[Demand], lots: dict[str, object]
) -> list[date]:
    """Return the days on which anything can change."""
    dates = {book.start, first_new, *(demand.day for demand in demands)}
    dates |= {row.date for row in (*book.readiness, *book.moves, *lots.values())}
    return sorted(day for day in dates if book.start <= day < book.end)


def _products(book: Book) -> list[str]:
    return sorted({name for order in book.orders for name in order.product.split(";")})


@dataclass
class Unit:
    """One pegged unit: whose it is, how far it has come and when its earmark ends, if it does."""

    lot: str
    order: str
    stage: int
    until: date = date.max


def pegged_units(book: Book) -> list[Unit]:
    """Return every pegged unit after all moves; none is drawn by name."""
    stages = {"earmark": 0, "ship": 1, "receive": 2, "activate": 3}
    lot_days = {lot.lot: (lot.date, lot.lot) for lot in book.lots}
    units: list[Unit] = []
    for move in sorted(book.moves, key=lambda move: (move.date, move.move)):
        units = [unit for unit in units if unit.until > move.date]
        own = [unit for unit in units if unit.order == move.order]
        own.sort(key=lambda unit: (unit.stage, unit.until))
        if move.lot:
            own = [unit for unit in own if unit.lot == move.lot]
        else:
            takes = {o.order: o.product.split(";") for o in book.orders}.get(move.to_order)
            product = {lot.lot: lot.product for lot in book.lots}
            own = [unit for unit in own if takes is None or product[unit.lot] in takes]
            own.sort(key=lambda unit: lot_days[unit.lot])
        if move.kind in stages:
            stage = stages[move.kind]
            own.sort(key=lambda unit: (-unit.stage, unit.until))
            behind = [unit for unit in own if unit.stage < stage][: move.quantity]
            for unit in behind:
                unit.stage, unit.until = stage, date.max
            until = move.until or date.max
            new = move.quantity - len(behind)
            units += [Unit(str(move.lot), str(move.order), stage, until) for _ in range(new)]
        elif move.kind == "redirect":
            for unit in own[: move.quantity]:
                unit.order, unit.until = str(move.to_order), date.max
        elif move.kind == "release":
            gone = own[: move.quantity]
            units = [unit for unit in units if not any(unit is other for other in gone)]
    return [unit for unit in units if unit.until >= book.end]


def _supply(book: Book, lots: dict[str, object], pegs: Counter[tuple[str, str]]) -> list[Limit]:
    held = Counter()
    for (lot, _), n in pegs.items():
        held[lot] += n

    def limit(product: str) -> Limit:
        own = [lot for lot in lots.values() if lot.product == product]
        return Limit(
            f"supply of {product}",
            lambda demand: demand.product == product and demand.rank != PEGGED,
            lambda day: sum(lot.quantity - held[lot.lot] for lot in own if lot.date <= day),
        )

    return [limit(product) for product in _products(book)]


def _power(book: Book, policy: Policy) -> list[Limit]:
    if policy.ship == "due":
        return []
    rows = list(book.readiness)

    def limit(site: str, product: str | None) -> Limit:
        def room(day: date) -> int:
            levels = [
                (row.date, row.units)
                for row in rows
                if (row.site, row.product) == (site, product) and row.date <= day
            ]
            level = max(levels)[1] if levels else 0
            return max(0, level - _running(book, day, site=site, product=product))

        return Limit(
            f"power of {site} for {product}",
            lambda demand: demand.site == site and product in {None, demand.product},
            room,
        )

    limits = {(row.site, row.product) for row in rows}
    covered = {site for site, product in limits if product is None}
    for order in book.orders:
        for site in (order.site or "").split(";"):
            if site in {row.site for row in rows} and site not in covered:
                limits |= {(site, name) for name in order.product.split(";")}
    return [limit(site, product) for site, product in sorted(limits, key=str)]


def _ceilings(book: Book, policy: Policy, lots: dict[str, object]) -> list[Limit]:
    def limit(name: str, product: str, most: int) -> Limit:
        members = {name} | {party for party, group in book.group_of.items() if group == name}
        return Limit(
            f"ceiling of {name} for {product}",
            lambda demand: demand.party in members and demand.product == product,
            lambda day: max(0, most - _running(book, day, parties=members, product=product)),
        )

    def quota(name: str, product: str, most: Quota) -> Limit:
        members = {name} | {party for party, group in book.group_of.items() if group == name}

        def room(day: date) -> int:
            supply = sum(
                lot.quantity for lot in lots.values() if lot.product == product and lot.date <= day
            )
            return most.top if most.bottom is None else supply * most.top // most.bottom

        return Limit(
            f"quota of {name} for {product}",
            lambda demand: demand.party in members and demand.product == product,
            room,
        )

    products = _products(book)
    return [
        *(limit(name, p, most) for name, most in policy.ceilings.items() for p in products),
        *(quota(name, p, most) for name, most in policy.quotas.items() for p in products),
    ]


def _running(
    book: Book,
    day: date,
    *,
    site: str | None = None,
    product: str | None = None,
    parties: Collection[str] = (),
) -> int:
    total = 0
    for move in book.moves:
        if move.date > max(day, book.start) or product not in {None, move.product}:
            continue
        if parties and move.party not in parties:
            continue
        signs = {"opening": (1, 0), "retire": (-1, 0), "transfer": (-1, 1)}
        here, there = signs.get(move.kind, (0, 0))
        if site in {None, move.site}:
            total += here * move.quantity
        if move.to_site and site in {None, move.to_site}:
            total += there * move.quantity
    return total
