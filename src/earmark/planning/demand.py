"""Demand: the orders to plan, cut into lines and gathered into classes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from earmark.book import Book
from earmark.coded import NEVER, Coded, coded, codes_of, ordinals, taken, whole_numbers
from earmark.ledger.positions import Positions
from earmark.planning.earlier import (
    FILL,
    GAIN,
    IMPROVE,
    LOSE,
    REDISTRIBUTE,
    WIN,
    before_of,
    beyond,
    confirm_codes,
)
from earmark.planning.problem import (
    FIRST_TIER,
    KEPT_STAGE,
    PEGGED,
    PROMISED,
    SLOTS,
    WIN_STAGE,
    Classes,
    Lines,
    Supply,
)
from earmark.policy import Policy
from earmark.ranking import dense_together, places_of, ranked
from earmark.schedule import Bools, Ints, Schedule
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True)
class Names:
    """Ids, sorted; codes are their positions."""

    parties: tuple[str, ...]
    products: tuple[str, ...]
    sites: tuple[str, ...]


Planned = tuple[Ints, tuple[str, ...]]
"""The rows of the orders to plan, sorted by id, and their ids."""


class Wanted:
    """The orders to plan, sorted by id, in columns."""

    def __init__(self, book: Book, planned: Planned, previous: Schedule | None = None) -> None:
        table = book.orders
        rows, self.ids = planned
        names = (*_NAMED, *_COUNTED, *_RULES, "confirm")
        columns = taken({name: table.column(name) for name in names}, rows)
        self.party, self.product, self.site = (columns[name] for name in _NAMED)
        self.party_names, self.product_names = set(used(self.party)), set(used(self.product))
        self.site_names = set(used(self.site))
        quantity, promised, tier, due, booked = (columns[name] for name in _COUNTED)
        self.quantity, self.promised = whole_numbers(quantity), whole_numbers(promised)
        self.tier, self.due, self.booked = whole_numbers(tier), ordinals(due), ordinals(booked)
        least, late, sets = (columns[name] for name in _RULES)
        self.least = whole_numbers(least.mapped(lambda units: units or 1))
        days = whole_numbers(late.mapped(lambda days: NEVER if days is None else days))
        last, final = self.due + days, book.end.toordinal() - 1
        self.last = np.where(last >= final, NEVER, last)  # what no plan can break is no rule
        self.together = codes_of(sets, sorted(filter(None, sets.cells)))
        self.confirm = confirm_codes(columns["confirm"])
        self.before = before_of(self.ids, previous)

    @property
    def ruled(self) -> Bools:
        """Which orders have rules of their own."""
        return (self.least > 1) | (self.last < NEVER) | (self.together >= 0)


_RULES = ("min_ship", "max_late_days", "together")
_NAMED = ("party", "product", "site")
_COUNTED = ("quantity", "promised", "tier", "due", "booked")


def planned_orders(book: Book, include: Collection[str]) -> Planned:
    """Return the rows of the orders to plan, sorted by id, and their ids."""
    status = coded(book.orders.column("status"))
    planned = {"booked", *(set(include) & {"forecast", "quoted"})}
    counts = np.array([cell in planned for cell in status.cells], np.bool_)[status.codes]
    ids = list(book.orders.column("order"))
    rows = np.flatnonzero(counts).tolist()
    rows.sort(key=ids.__getitem__)
    return np.array(rows, np.int64), tuple(map(ids.__getitem__, rows))


def used(column: Coded) -> list[Any]:
    """Return the cells that a column holds somewhere."""
    counts = np.bincount(column.codes, minlength=len(column.cells))
    return [column.cells[code] for code in np.flatnonzero(counts).tolist()]


def tier_ranks(wanted: Wanted, policy: Policy) -> Ints:
    """Return each order's tier as a rank from 0, by what the policy says ranks demand.

    Where the rule of a tier is first come, its booked days are tiers of their own.
    """
    none = np.zeros_like(wanted.tier)
    if policy.value is not None:
        return none
    tier = {"order": wanted.tier, "booked": wanted.booked, "one": none}[policy.tiers]
    booked = wanted.booked if policy.share == "first_come" else none
    last = (wanted.confirm == LOSE).astype(np.int64)
    rank = dense_together(last, tier, booked)[0]
    sets = np.flatnonzero(wanted.together >= 0)
    if not len(sets):
        return rank
    # What is granted on one day is granted with the last of the set.
    worst = np.zeros(int(wanted.together.max()) + 1, np.int64)
    np.maximum.at(worst, wanted.together[sets], rank[sets])
    rank[sets] = worst[wanted.together[sets]]
    return dense_together(rank)[0]


@dataclass(frozen=True, slots=True)
class RawLines:
    """Lines that are not in classes yet."""

    order: Ints
    stage: Ints
    quantity: Ints
    ready: Ints
    lot: Ints


@dataclass(frozen=True, slots=True)
class Never:
    """What is never given: per order, what is left of whole lots; it is ready on the end day."""

    lot: Ints
    day: int


def lines_of(
    wanted: Wanted,
    what: Positions,
    supply: Supply,
    lot_at: Mapping[str, int],
    tier_rank: Ints,
    start: int,
    first: int,
    never: Never,
    some: Ints | None = None,
) -> RawLines:
    """Cut every order, or `some`, into its pegged, its promised and its remaining units.

    What no policy of whole lots gives of the rest is a line for no day.
    """
    # Of lots that nothing planned needs there is no place.
    pegs = [(order, lot_at.get(lot, -1), n) for (lot, order), n in sorted(what.pegs.items())]
    pegs += [(move.order, lot_at.get(move.move, -1), move.quantity) for move in what.arrivals]
    names, lots, amounts = zip(*pegs, strict=True) if pegs else ((), (), ())
    order = places_of(names, wanted.ids)
    lot, units = (whole_numbers(column)[order >= 0] for column in (lots, amounts))
    order = order[order >= 0]
    held = sum_by(order, units, len(wanted.ids))
    promised = np.maximum(0, np.minimum(wanted.promised, wanted.quantity) - held)
    rest = np.maximum(0, wanted.quantity - held - promised)
    arrives = supply.day[lot] if len(lot) else lot
    every = np.arange(len(wanted.ids)) if some is None else some
    promised, rest = promised[every], rest[every]
    broken = rest % never.lot[every]
    free = np.maximum(wanted.due[every], first)
    none = np.full(len(every), -1)
    stage = tier_rank[every] + FIRST_TIER
    given = rest - broken
    parts = [
        (order, np.full(len(order), PEGGED), units, np.maximum(arrives, start), lot),
        (every, np.full(len(every), PROMISED), promised, free, none),
        (every, stage, broken, np.full(len(every), never.day), none),
    ]
    if (wanted.confirm != REDISTRIBUTE).any():
        firm = wanted.quantity[every] - rest
        parts += again_parts(wanted, firm, given, stage, free, never.day)
    else:
        parts.append((every, stage, given, free, none))
    columns = [np.concatenate([part[i] for part in parts]) for i in range(5)]
    kept = columns[2] > 0
    order, stage, quantity, ready, lot = (column[kept] for column in columns)
    return RawLines(order, stage, quantity, np.maximum(ready, wanted.due[order]), lot)


_Part = tuple[Ints, Ints, Ints, Ints, Ints]


def again_parts(
    wanted: Wanted, firm: Ints, rest: Ints, stage: Ints, free: Ints, never: int
) -> list[_Part]:
    """Return the lines of all orders' rests where some stand by an earlier promise.

    Who wins goes first; who gains or improves keeps what was promised beyond the `firm` units; who
    fills gets none before the promised day and no more; the rest of the rest is as ever.
    """
    how, every = wanted.confirm, np.arange(len(wanted.ids))
    own = beyond(wanted.before, firm, rest)
    kept, filled = np.isin(how[own.order], (GAIN, IMPROVE)), how[own.order] == FILL
    keeps = sum_by(own.order[kept], own.units[kept], len(every))
    fills = sum_by(own.order[filled], own.units[filled], len(every))
    left = np.where(how == FILL, 0, rest - keeps)
    lost = np.where(how == FILL, rest - fills, 0)
    at = np.where(how == WIN, WIN_STAGE, stage)
    order = own.order[filled]
    none, nowhere = np.full(len(every), -1), np.full(len(order), -1)
    ready = np.maximum(own.day[filled], free[order])
    return [
        (every, np.full(len(every), KEPT_STAGE), keeps, free, none),
        (order, stage[order], own.units[filled], ready, nowhere),
        (every, stage, lost, np.full(len(every), never), none),
        (every, at, left, free, none),
    ]


def classes_of(
    raw: RawLines, wanted: Wanted, names: Names, weight: Ints | None = None
) -> tuple[Lines, Classes]:
    """Gather lines into classes; sort both.

    Under a priced policy orders of one class have one `weight`; the heaviest classes come first.
    """
    parts = parts_of(raw, wanted, names, weight)
    key, count = dense_together(*parts)
    example = np.zeros(count, np.int64)
    example[key[::-1]] = np.arange(len(key))[::-1]
    due, booked = wanted.due[raw.order], wanted.booked[raw.order]
    served = ranked(key, raw.ready, due, booked, raw.order, raw.lot)
    lines = Lines(
        *(a[served] for a in (raw.order, key, raw.quantity, due, raw.ready, booked, raw.lot))
    )
    path = np.full((len(example), len(SLOTS)), -1)
    stage, single, tier, party, product, site = (part[example] for part in parts)
    return lines, Classes(stage, single, tier, party, product, site, path)


def parts_of(
    raw: RawLines, wanted: Wanted, names: Names, weight: Ints | None = None
) -> tuple[Ints, ...]:
    """Return stage, single, tier, party, product and site of each line: what makes its class.

    An order with rules, or that keeps a promise, is alone in its class; such classes come behind
    the others of their stage.
    `weight` of the orders tells classes of free units apart under a priced policy.
    """
    named = (
        (wanted.party, names.parties),
        (wanted.product, names.products),
        (wanted.site, names.sites),
    )
    coded_parts = (codes_of(column.take(raw.order), ids) for column, ids in named)
    inside = np.zeros_like(wanted.tier) if weight is None else weight.max(initial=0) - weight
    tier = np.where(raw.stage < FIRST_TIER, wanted.tier[raw.order], inside[raw.order])
    alone = wanted.ruled[raw.order] & (raw.stage >= FIRST_TIER) | (raw.stage == KEPT_STAGE)
    single = np.where(alone, raw.order, -1)
    return (raw.stage, single, tier, *coded_parts)
