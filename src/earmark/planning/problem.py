"""The problem a policy poses: demand lines in classes, over days, under capacity nodes.

A *line* is a piece of an order that one stage of the plan serves: its pegged units (one line per
lot), its promised units, or the rest. A *class* gathers the lines of one stage, tier, party,
product and site. A *node* is a capacity that classes draw on: a site's power, a ceiling, the free
supply of a product. Arrays are indexed line, class (C), node (N) and day (T).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.errors import ContradictionError, Problem
from earmark.ledger.positions import Positions, Running, positions
from earmark.policy import Policy
from earmark.schedule import Bools, Ints

SLOTS = ("site", "site", "ceiling", "ceiling", "supply")
"""The nodes of a class from leaf to root, by the cause that they stand for when they bind.

Power for the product, power for all products, ceiling of the party, ceiling of its group, supply.
"""
ROOT = 4
PEGGED, PROMISED, FIRST_TIER = 0, 1, 2
NEVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Pieces of orders, sorted by class and, inside it, by the order in which they are served."""

    order: Ints
    cls: Ints
    quantity: Ints
    due: Ints
    """The true due day, an ordinal; it may lie before the start."""
    ready: Ints
    """The first day on which the line could be granted; at or after the end: never."""
    booked: Ints
    lot: Ints
    """The lot that the line is pegged to, -1 for free lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Demand classes, sorted by stage, tier, party, product, site."""

    stage: Ints
    tier: Ints
    party: Ints
    product: Ints
    site: Ints
    path: Ints
    """(C, 5) node of each slot, -1 where no node limits the class."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Capacities over the days, cumulative levels net of what already runs."""

    slot: Ints
    name: tuple[str, ...]
    """Site, party, group or product."""
    capacity: Ints
    """(N, T), never below 0, as given (it may fall)."""
    holders: tuple[tuple[str, ...], ...]
    """Parties whose running units take part of the node."""


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Lots and transfers by position in `names`; `free` is what no peg holds."""

    names: tuple[str, ...]
    product: Ints
    day: Ints
    free: Ints


@dataclass(frozen=True, slots=True, eq=False)
class AllocationProblem:
    """All that the engine needs, in arrays."""

    policy: Policy
    start: int
    end: int
    as_of: int
    orders: tuple[str, ...]
    parties: tuple[str, ...]
    groups: tuple[str | None, ...]
    """The group of each party, None where it has none."""
    products: tuple[str, ...]
    lot_size: Ints
    days: Ints
    """(T,) ordinals of the days on which anything can change, the first is the start."""
    lengths: Ints
    """(T,) days until the next of them, the last until the end."""
    lines: Lines
    classes: Classes
    nodes: Nodes
    supply: Supply
    stages: int

    def demand(self, classes: Ints, amounts: Ints | None = None) -> Ints:
        """Return (classes, T) cumulative demand that can be granted by each day.

        `amounts` stand in for the quantities of the lines (lots instead of units).
        """
        lines, days = self.lines, len(self.days)
        place = np.full(len(self.classes.stage), -1)
        place[classes] = np.arange(len(classes))
        chosen = np.flatnonzero((place[lines.cls] >= 0) & (lines.ready < self.end))
        cell = place[lines.cls[chosen]] * days + np.searchsorted(self.days, lines.ready[chosen])
        quantity = (lines.quantity if amounts is None else amounts)[chosen]
        return _sums(cell, quantity, len(classes) * days).reshape(-1, days).cumsum(axis=1)


def pose(book: Book, policy: Policy, as_of: date, include: Collection[str]) -> AllocationProblem:
    """Turn a book as known into the arrays of its allocation problem.

    Raise ContradictionError when a ceiling lies below what is pegged and promised under it.
    """
    start, end = book.start.toordinal(), book.end.toordinal()
    first = max(start, as_of.toordinal())
    what = positions(book)
    wanted = _Wanted(book, include)
    parties = sorted({*wanted.party_names, *(run.party for run in what.running)})
    names = _Names(
        tuple(parties),
        tuple(sorted({*wanted.product_names, *(run.product for run in what.running)})),
        tuple(sorted({site for site in wanted.site_names if site})),
    )
    supply, lot_at = _supply(book, what, include, names)
    stage_of_tier = _tier_ranks(wanted, policy)
    raw = _lines(wanted, what, supply, lot_at, stage_of_tier, start, first)
    lines, classes = _classes(raw, wanted, names)
    days = _days(book, lines, supply, what, first)
    nodes, path = _Nodes(book, policy, what, names, classes, days, supply).build()
    classes = Classes(
        classes.stage, classes.tier, classes.party, classes.product, classes.site, path
    )
    problem = AllocationProblem(
        policy=policy,
        start=start,
        end=end,
        as_of=first,
        orders=wanted.ids,
        parties=names.parties,
        groups=tuple(book.group_of.get(party) for party in names.parties),
        products=names.products,
        lot_size=_lot_sizes(book, names.products),
        days=days,
        lengths=np.diff(np.append(days, end)),
        lines=lines,
        classes=classes,
        nodes=nodes,
        supply=supply,
        stages=FIRST_TIER + (int(stage_of_tier.max()) + 1 if len(stage_of_tier) else 0),
    )
    _refuse_contradictions(problem)
    return problem


@dataclass(frozen=True, slots=True)
class _Names:
    parties: tuple[str, ...]
    products: tuple[str, ...]
    sites: tuple[str, ...]


class _Wanted:
    """The orders to plan, sorted by id, in columns."""

    def __init__(self, book: Book, include: Collection[str]) -> None:
        table = book.orders
        status = table.column("status")
        planned = {"booked", *(set(include) & {"forecast", "quoted"})}
        ids = table.column("order")
        rows = sorted((i for i, s in enumerate(status) if s in planned), key=ids.__getitem__)
        self.ids = tuple(ids[i] for i in rows)
        self.position = {order: i for i, order in enumerate(self.ids)}
        self.party = [table.column("party")[i] for i in rows]
        self.product = [table.column("product")[i] for i in rows]
        self.site = [table.column("site")[i] for i in rows]
        self.party_names, self.product_names = set(self.party), set(self.product)
        self.site_names = set(self.site)
        self.quantity = _ints(table.column("quantity")[i] for i in rows)
        self.promised = _ints(table.column("promised")[i] for i in rows)
        self.tier = _ints(table.column("tier")[i] for i in rows)
        self.due = _ordinals(table.column("due")[i] for i in rows)
        self.booked = _ordinals(table.column("booked")[i] for i in rows)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _ordinals(days: Iterable[date | None]) -> Ints:
    return np.fromiter((NEVER if day is None else day.toordinal() for day in days), np.int64)


def _codes(values: Sequence[str | None], names: Sequence[str]) -> Ints:
    code = {name: i for i, name in enumerate(names)}
    return np.fromiter((code.get(value, -1) if value else -1 for value in values), np.int64)


def _sums(cells: Ints, amounts: Ints, size: int) -> Ints:
    """Sum whole amounts by cell, exactly: float64 holds every whole number below 2**53."""
    return np.bincount(cells, amounts, size).astype(np.int64)


def _lot_sizes(book: Book, products: Sequence[str]) -> Ints:
    sizes = dict(
        zip(book.products.column("product"), book.products.column("lot_size"), strict=True)
    )
    return _ints(sizes.get(product, 1) for product in products)


def _supply(
    book: Book, what: Positions, include: Collection[str], names: _Names
) -> tuple[Supply, Mapping[str, int]]:
    """Return lots and arrivals, and where each stands; what never comes arrives at the end."""
    end = book.end.toordinal()
    committed = {"committed", *(set(include) & {"forecast"})}
    pegged: dict[str, int] = {}
    for (lot, _), units in what.pegs.items():
        pegged[lot] = pegged.get(lot, 0) + units
    columns = [book.lots.column(c) for c in ("lot", "product", "date", "quantity", "status")]
    rows = []
    for lot, product, day, quantity, status in zip(*columns, strict=True):
        comes = status in committed and day < book.end
        if comes or lot in pegged:
            free = quantity - pegged.get(lot, 0) if comes else 0
            rows.append((lot, product, day.toordinal() if comes else end, free))
    rows += [(a.move, a.product, min(a.day.toordinal(), end), 0) for a in what.arrivals]
    rows.sort(key=lambda row: (row[2], row[0]))
    codes = {product: i for i, product in enumerate(names.products)}
    rows = [row for row in rows if row[1] in codes]
    supply = Supply(
        tuple(row[0] for row in rows),
        _ints(codes[row[1]] for row in rows),
        _ints(row[2] for row in rows),
        _ints(row[3] for row in rows),
    )
    return supply, {name: i for i, name in enumerate(supply.names)}


def _tier_ranks(wanted: _Wanted, policy: Policy) -> Ints:
    """Return each order's tier as a rank from 0, by what the policy says ranks demand.

    Where the rule of a tier is first come, its booked days are tiers of their own.
    """
    none = np.zeros_like(wanted.tier)
    tier = {"order": wanted.tier, "booked": wanted.booked, "one": none}[policy.tiers]
    booked = wanted.booked if policy.share == "first_come" else none
    pairs = np.stack([tier, booked])
    return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True, slots=True)
class _RawLines:
    order: Ints
    stage: Ints
    quantity: Ints
    ready: Ints
    lot: Ints


def _lines(
    wanted: _Wanted,
    what: Positions,
    supply: Supply,
    lot_at: Mapping[str, int],
    tier_rank: Ints,
    start: int,
    first: int,
) -> _RawLines:
    """Cut every order into its pegged, its promised and its remaining units."""
    pegs = [
        (wanted.position[order], lot_at[lot], units)
        for (lot, order), units in sorted(what.pegs.items())
        if order in wanted.position
    ]
    pegs += [
        (wanted.position[move.order], lot_at[move.move], move.quantity)
        for move in what.arrivals
        if move.order in wanted.position
    ]
    order, lot, units = (_ints(peg[i] for peg in pegs) for i in range(3))
    held = np.bincount(order, units, len(wanted.ids)).astype(np.int64)
    promised = np.maximum(0, np.minimum(wanted.promised, wanted.quantity) - held)
    rest = np.maximum(0, wanted.quantity - held - promised)
    arrives = supply.day[lot] if len(lot) else lot
    every = np.arange(len(wanted.ids))
    free = np.maximum(wanted.due, first)
    none = np.full(len(every), -1)
    parts = (
        (order, np.full(len(order), PEGGED), units, np.maximum(arrives, start), lot),
        (every, np.full(len(every), PROMISED), promised, free, none),
        (every, tier_rank + FIRST_TIER, rest, free, none),
    )
    columns = [np.concatenate([part[i] for part in parts]) for i in range(5)]
    kept = columns[2] > 0
    order, stage, quantity, ready, lot = (column[kept] for column in columns)
    return _RawLines(order, stage, quantity, np.maximum(ready, wanted.due[order]), lot)


def _classes(raw: _RawLines, wanted: _Wanted, names: _Names) -> tuple[Lines, Classes]:
    """Gather lines into classes; sort both."""
    party = _codes(wanted.party, names.parties)[raw.order]
    product = _codes(wanted.product, names.products)[raw.order]
    site = _codes(wanted.site, names.sites)[raw.order]
    tier = np.where(raw.stage < FIRST_TIER, wanted.tier[raw.order], 0)
    parts = (raw.stage, tier, party, product, site)
    key = np.zeros(len(raw.order), np.int64)
    for part in parts:
        codes = np.unique(part, return_inverse=True)[1].reshape(-1)
        key = np.unique(key * (len(part) + 1) + codes, return_inverse=True)[1].reshape(-1)
    example = np.unique(key, return_index=True)[1]
    due, booked = wanted.due[raw.order], wanted.booked[raw.order]
    served = np.lexsort((raw.lot, raw.order, booked, due, raw.ready, key))
    lines = Lines(
        *(a[served] for a in (raw.order, key, raw.quantity, due, raw.ready, booked, raw.lot))
    )
    path = np.full((len(example), len(SLOTS)), -1)
    stage, tier, party, product, site = (part[example] for part in parts)
    return lines, Classes(stage, tier, party, product, site, path)


def _days(book: Book, lines: Lines, supply: Supply, what: Positions, first: int) -> Ints:
    start, end = book.start.toordinal(), book.end.toordinal()
    ready = _ordinals(book.readiness.column("date"))
    runs = _ordinals(run.day for run in what.running)
    days = np.unique(np.concatenate([[start, first], lines.ready, supply.day, ready, runs]))
    return days[(days >= start) & (days < end)].astype(np.int64)


class _Nodes:
    """Builds the capacity nodes that the classes draw on."""

    def __init__(
        self,
        book: Book,
        policy: Policy,
        what: Positions,
        names: _Names,
        classes: Classes,
        days: Ints,
        supply: Supply,
    ) -> None:
        self.book, self.policy, self.what = book, policy, what
        self.names, self.classes, self.days, self.supply = names, classes, days, supply
        self.slot: list[int] = []
        self.name: list[str] = []
        self.capacity: list[Ints] = []
        self.holders: list[tuple[str, ...]] = []
        self.path = np.full((len(classes.stage), len(SLOTS)), -1)

    def build(self) -> tuple[Nodes, Ints]:
        """Return the nodes and the path of every class from leaf to root."""
        if self.policy.ship == "usable":
            self._sites()
        self._ceilings()
        self._roots()
        capacity = np.array(self.capacity, np.int64).reshape(len(self.slot), len(self.days))
        return (
            Nodes(
                np.array(self.slot, np.int64),
                tuple(self.name),
                np.maximum(capacity, 0),
                tuple(self.holders),
            ),
            self.path,
        )

    def _add(
        self, slot: int, name: str, members: Bools, capacity: Ints, holders: Iterable[str] = ()
    ) -> None:
        self.path[members, slot] = len(self.slot)
        self.slot.append(slot)
        self.name.append(name)
        self.capacity.append(capacity)
        self.holders.append(tuple(sorted(set(holders))))

    def _sites(self) -> None:
        levels = readiness_levels(self.book, self.days)
        with_rows = {site for site, _ in levels}
        classes = self.classes
        for code, site in enumerate(self.names.sites):
            if site not in with_rows:
                continue
            here = classes.site == code
            whole = levels.get((site, None))
            for product_code in np.unique(classes.product[here]):
                product = self.names.products[product_code]
                level = levels.get((site, product))
                if level is None and whole is None:
                    level = np.zeros(len(self.days), np.int64)
                if level is not None:
                    members = here & (classes.product == product_code)
                    self._site_node(0, site, product, members, level)
            if whole is not None:
                self._site_node(1, site, None, here, whole)

    def _site_node(
        self, slot: int, site: str, product: str | None, members: Bools, level: Ints
    ) -> None:
        runs = [
            run
            for run in self.what.running
            if run.site == site and (product is None or run.product == product)
        ]
        self._add(slot, site, members, level - self._running(runs), (r.party for r in runs))

    def _running(self, runs: Iterable[Running]) -> Ints:
        total = np.zeros(len(self.days), np.int64)
        for run in runs:
            total[np.searchsorted(self.days, run.day.toordinal()) :] += run.units
        return total

    def _ceilings(self) -> None:
        group_of = self.book.group_of
        for name, ceiling in sorted(self.policy.ceilings.items()):
            whole_group = name in set(group_of.values())
            under = {
                party
                for party in self.names.parties
                if (group_of.get(party) == name if whole_group else party == name)
            }
            codes = [self.names.parties.index(party) for party in sorted(under)]
            inside = np.isin(self.classes.party, codes)
            for product_code in np.unique(self.classes.product[inside]):
                product = self.names.products[product_code]
                runs = [
                    run
                    for run in self.what.running
                    if run.party in under and run.product == product
                ]
                members = inside & (self.classes.product == product_code)
                capacity = ceiling - self._running(runs)
                self._add(3 if whole_group else 2, name, members, capacity, (r.party for r in runs))

    def _roots(self) -> None:
        free = self.classes.stage != PEGGED
        for code, product in enumerate(self.names.products):
            mine = (self.supply.product == code) & (self.supply.free > 0)
            place = np.searchsorted(self.days, self.supply.day[mine])
            arrived = _sums(place, self.supply.free[mine], len(self.days)).cumsum()
            self._add(ROOT, product, free & (self.classes.product == code), arrived)


def readiness_levels(book: Book, days: Ints) -> dict[tuple[str, str | None], Ints]:
    """Return what each (site, product) with readiness rows can power on each of `days`."""
    table = book.readiness
    cells = zip(*(table.column(c) for c in ("site", "product", "date", "units")), strict=True)
    levels: dict[tuple[str, str | None], Ints] = {}
    for site, product, day, units in sorted(cells, key=lambda row: row[2]):
        level = levels.setdefault((site, product), np.zeros(len(days), np.int64))
        level[np.searchsorted(days, day.toordinal()) :] = units
    return levels


def _refuse_contradictions(problem: AllocationProblem) -> None:
    """Raise when a ceiling can never hold what is pegged and promised under it."""
    firm = problem.classes.stage[problem.lines.cls] < FIRST_TIER
    nodes, found = problem.nodes, []
    for slot in (2, 3):
        node = problem.classes.path[problem.lines.cls, slot]
        mine = firm & (node >= 0)
        held = np.bincount(node[mine], problem.lines.quantity[mine], len(nodes.name))
        for n in np.flatnonzero(nodes.slot == slot):
            room = int(nodes.capacity[n].max(initial=0))
            if held[n] > room:
                found.append(
                    Problem(
                        code="E501",
                        message=(
                            f"policy {problem.policy.name}: {int(held[n])} units are pegged or "
                            f"promised under the ceiling of {nodes.name[n]}, which leaves {room}"
                        ),
                        hint="raise the ceiling, or release what is pegged and promised",
                    )
                )
    if found:
        raise ContradictionError(found)
