"""What the audit knows of a book: planned orders, supply, pegs and running units.

Derived from the records alone, by docs/meanings.md, and shared with no other module: the audit
would prove nothing if it took the engine's word for these.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from earmark.audit.columns import integers, numbered, told_apart
from earmark.book import Book
from earmark.model import Move
from earmark.policy import Policy
from earmark.schedule import Bools, Ints

_STAGES = ("earmark", "ship", "receive", "activate")
_LAST = date.max.toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Planned orders, supply and pegs in columns; days are proleptic ordinals."""

    start: int
    end: int
    first_new: int
    """The first day on which units that are not pegged may be granted."""
    orders: tuple[str, ...]
    """Ids of the planned orders, sorted; the columns that follow have one cell for each."""
    kinds: tuple[tuple[str | None, str, str], ...]
    """The distinct sites, products and parties of orders."""
    kind: Ints
    """Of each order, its position in `kinds`."""
    quantity: Ints
    due: Ints
    tier: Ints
    """Rank of the order under the policy, 0 the best, without gaps."""
    pegged: Ints
    """Units pegged to the order, also from lots that the book does not supply."""
    promised: Ints
    """Units promised beyond the pegged ones."""
    min_ship: Ints
    """The fewest units of a shipment, 1 where the order does not say."""
    last_day: Ints
    """The last day on which the order takes units, `_LAST` where it does not say."""
    together: Ints
    """The set of orders that are granted whole on one day, -1 for none."""
    confirmed: bool
    """Whether an order stands by an earlier promise, so that tiers alone do not rank them."""
    rest: Ints
    """Units that the tiers may give: neither pegged nor promised, in whole lots if it says so."""
    lot_size: Ints
    powered: Bools
    """Whether the order stands at a site whose readiness the book gives."""
    supplies: Mapping[str, int]
    """Position of each lot or transfer that is supplied inside the book."""
    supply_product: tuple[str, ...]
    supply_day: Ints
    supply_free: Ints
    """Units of the lot that are pegged to nobody; 0 of a transfer."""
    peg_supply: Ints
    peg_order: Ints
    peg_quantity: Ints

    @property
    def ruled(self) -> Bools:
        """Which orders have rules of their own."""
        return (self.min_ship > 1) | (self.last_day < _LAST) | (self.together >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """Changes of what runs outside orders: openings, transfers and retirements, in columns."""

    party: tuple[str, ...]
    product: tuple[str, ...]
    site: tuple[str | None, ...]
    day: Ints
    change: Ints


def facts_of(book: Book, policy: Policy, as_of: date, include: Collection[str]) -> Facts:
    """Gather from `book` (as known) what a plan under `policy` has to respect."""
    start, end = book.start.toordinal(), book.end.toordinal()
    rows, orders = _planned(book, include)
    kinds, kind = _kinds(book, rows)
    pegs = pegged_units(book)
    transfers = _transfers(book)
    named = {order for _, order in (*pegs, *transfers)}
    place = {order: i for i, order in enumerate(orders) if order in named} if named else {}
    pegged = np.zeros(len(orders), np.int64)
    for (_, order), units in [*pegs.items(), *transfers.items()]:
        if order in place:
            pegged[place[order]] += units
    quantity = _numbers(book, "quantity", rows)
    promised = np.minimum(_numbers(book, "promised", rows), quantity)
    rest = np.maximum(quantity - np.maximum(pegged, promised), 0)
    sizes = {record.product: record.lot_size for record in book.products}
    lot_size = integers([sizes.get(product, 1) for _, product, _ in kinds])[kind]
    if policy.round == "lot_down":
        rest -= rest % lot_size
    supply = _supply(book, include, pegs, transfers, end)
    due = _days(book, "due", rows)
    patience = _numbers(book, "max_late_days", rows, _LAST)
    together = _sets(book, rows)
    known = {name: i for i, name in enumerate(supply["id"])}
    ready = set(book.readiness.columns["site"])
    both = [*pegs.items(), *transfers.items()]
    held = [(known[s], place[o], n) for (s, o), n in both if s in known and o in place]
    return Facts(
        start=start,
        end=end,
        first_new=max(start, as_of.toordinal()),
        orders=orders,
        kinds=kinds,
        kind=kind,
        quantity=quantity,
        due=due,
        tier=_last_of_sets(_ranks(book, policy, rows), together),
        pegged=pegged,
        promised=np.maximum(promised - pegged, 0),
        confirmed=any(book.orders.columns["confirm"]),
        rest=rest,
        min_ship=_numbers(book, "min_ship", rows, 1),
        last_day=np.where(due + patience >= end - 1, _LAST, due + patience),
        together=together,
        lot_size=lot_size,
        powered=np.array([site in ready for site, _, _ in kinds], bool)[kind],
        supplies=known,
        supply_product=tuple(supply["product"]),
        supply_day=integers(supply["day"]),
        supply_free=integers(supply["free"]),
        peg_supply=integers([s for s, _, _ in held]),
        peg_order=integers([o for _, o, _ in held]),
        peg_quantity=integers([n for _, _, n in held]),
    )


def running_units(book: Book) -> Running:
    """Return every change of the units that parties run outside the planned orders."""
    rows: list[tuple[str, str, str | None, int, int]] = []
    for move in book.moves:
        if move.kind not in {"opening", "transfer", "retire"}:
            continue
        party, product, day = move.party or "", move.product or "", move.date.toordinal()
        sign = 1 if move.kind == "opening" else -1
        rows.append((party, product, move.site, day, sign * move.quantity))
        if move.kind == "transfer" and move.to_site:
            rows.append((party, product, move.to_site, day, move.quantity))
    return Running(
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
        integers([row[3] for row in rows]),
        integers([row[4] for row in rows]),
    )


def pegged_units(book: Book) -> dict[tuple[str, str], int]:
    """Return the units pegged per (lot, order) after all moves, transfers apart.

    Moves go by day, then kind, then id; units are kept by stage, as an advance to a later stage
    draws on the units that stand at earlier ones before it pegs new ones.
    """
    turn = {kind: i for i, kind in enumerate(_TURNS)}
    pegs = _Pegs(book)
    searching: list[tuple[Move, int]] = []

    def place(move: Move) -> tuple[date, int, str]:
        return move.date, turn.get("draw" if move.draws else move.kind, 0), move.move

    for day, of_day in groupby(sorted(book.moves, key=place), key=lambda move: move.date):
        pegs.end(day)
        for move in of_day:
            if move.kind == "redirect" and not move.lot:
                searching.append((move, move.quantity))
            else:
                pegs.post(move)
        while searching != (rest := pegs.find(searching)):
            searching = rest
    pegs.end(min(date.fromordinal(book.end.toordinal() - 1), book.known or date.max))
    return {key: sum(stages) for key, stages in pegs.units.items() if sum(stages)}


_TURNS = ("earmark", "draw", *_STAGES[1:], "redirect", "release")
"""The turns of the kinds inside a day; draws by name come before all others that take, redirects
without a lot look for units after them."""


class _Pegs:
    """Units by (lot, order) and stage while moves are posted one after another."""

    def __init__(self, book: Book) -> None:
        self.units: dict[tuple[str, str], list[int]] = {}
        self._lots_of: dict[str, set[str]] = {}
        self._day = dict(zip(book.lots.columns["lot"], book.lots.columns["date"], strict=True))
        self._product = dict(
            zip(book.lots.columns["lot"], book.lots.columns["product"], strict=True)
        )
        self._place = _places(book)
        self._tie = _tie_of(book)
        self._returned: dict[tuple[str, str, str, str], int] = {}
        """Units of a lot that a tie brought to an order from another: never to be sent back."""
        self._drawn = frozenset(filter(None, book.moves.columns["draws"]))
        self._named: dict[tuple[str, str], dict[str, tuple[date, int]]] = {}
        """Per lot and order, the earmarks that end or are drawn by name: when, and what is left."""

    def post(self, move: Move) -> None:
        order, lot = move.order or "", move.lot
        if lot and move.draws:
            self._draw(move, lot, order, move.draws)
        elif lot and move.kind == "redirect":
            self._redirect(move, lot, move.quantity)
        elif lot and move.kind == "release":
            self._take(lot, order, move.quantity)
        elif lot and move.kind in _STAGES:
            self._advance(lot, order, _STAGES.index(move.kind), move.quantity)
            if move.until or move.move in self._drawn:
                there = min(move.quantity, max(self._cell(lot, order)[0], 0))
                named = self._named.setdefault((lot, order), {})
                named[move.move] = move.until or date.max, there

    def end(self, day: date) -> None:
        """Give back what is left of earmarks that end on or before a day."""
        for key, named in self._named.items():
            for earmark in [name for name, (until, _) in named.items() if until <= day]:
                self.units[key][0] -= named.pop(earmark)[1]

    def _draw(self, move: Move, lot: str, order: str, earmark: str) -> None:
        """Take units from one earmark; the rest of it is pegged no longer."""
        _, left = self._named.get((lot, order), {}).pop(earmark, (date.max, 0))
        self._cell(lot, order)[0] -= left
        if move.kind != "release":
            self._give(lot, order, _STAGES.index(move.kind), min(move.quantity, left))

    def _leave(self, lot: str, order: str, quantity: int) -> None:
        """Take units from what is earmarked: first what ends first, last what is drawn by name."""
        cell, named = self._cell(lot, order), self._named.get((lot, order), {})
        other = cell[0] - sum(left for _, left in named.values())
        cell[0] -= quantity

        def rank(name: str) -> tuple[date, bool]:
            return named[name][0], name in self._drawn

        for earmark in sorted(named, key=rank):
            if rank(earmark) == (date.max, True):
                quantity, other = quantity - min(quantity, other), 0
            until, left = named[earmark]
            named[earmark] = until, left - min(quantity, left)
            quantity -= min(quantity, left)

    def find(self, searching: Iterable[tuple[Move, int]]) -> list[tuple[Move, int]]:
        """Redirect what redirects without a lot find; return those that miss some, and how many."""
        rest = []
        for move, sought in searching:
            order, missing = move.order or "", sought
            lots = self._lots_of.get(order, set())
            taken = self._place[move.to_order or ""][1].split(";")
            lots = {lot for lot in lots if self._product.get(lot) in taken}
            for lot in sorted(lots, key=lambda lot: (self._day.get(lot, date.max), lot)):
                back = self._tie.get(move.move, ""), lot, order, move.to_order or ""
                tied = self._returned.get(back, 0)
                units = min(missing, max(sum(self.units[lot, order]) - tied, 0))
                self._redirect(move, lot, units)
                missing -= units
            if missing:
                rest.append((move, missing))
        return rest

    def _cell(self, lot: str, order: str) -> list[int]:
        self._lots_of.setdefault(order, set()).add(lot)
        return self.units.setdefault((lot, order), [0] * len(_STAGES))

    def _redirect(self, move: Move, lot: str, quantity: int) -> None:
        """Move units; those that stand at another place have to be shipped again."""
        order, to_order = move.order or "", move.to_order or ""
        if tie := self._tie.get(move.move):
            key = tie, lot, to_order, order
            self._returned[key] = self._returned.get(key, 0) + quantity
        one, two = self._place.get(order), self._place.get(to_order)
        # Units of a lot are of its product, whatever others the orders take.
        stays = one == two or bool(one and two and (one[0], one[2]) == (two[0], two[2]))
        for stage, taken in enumerate(self._take(lot, order, quantity)):
            self._give(lot, to_order, stage if stays else min(stage, 1), taken)

    def _advance(self, lot: str, order: str, stage: int, quantity: int) -> None:
        cell, missing = self._cell(lot, order), quantity
        for earlier in reversed(range(stage)):
            drawn = min(missing, max(cell[earlier], 0))
            self._lower(lot, order, earlier, drawn)
            missing -= drawn
        self._give(lot, order, stage, quantity)

    def _lower(self, lot: str, order: str, stage: int, quantity: int) -> None:
        if stage:
            self._cell(lot, order)[stage] -= quantity
        else:
            self._leave(lot, order, quantity)

    def _give(self, lot: str, order: str, stage: int, quantity: int) -> None:
        """Add units; those that were taken before they were there come first."""
        cell = self._cell(lot, order)
        owed = min(quantity, max(-cell[0], 0))
        cell[0] += owed
        cell[stage] += quantity - owed

    def _take(self, lot: str, order: str, quantity: int) -> list[int]:
        cell, taken = self._cell(lot, order), [0] * len(_STAGES)
        for stage, units in enumerate(cell):
            taken[stage] = min(quantity - sum(taken), max(units, 0))
        for stage, units in enumerate(taken):
            self._lower(lot, order, stage, units)
        missing = quantity - sum(taken)
        cell[0] -= missing
        taken[0] += missing
        return taken


def _places(book: Book) -> dict[str, tuple[Any, ...]]:
    """Return party, product and site of each order that a redirect names."""
    named = {*book.moves.columns["order"], *book.moves.columns["to_order"]} - {None}
    cells = book.orders.columns
    rows = [i for i, order in enumerate(cells["order"]) if order in named] if named else []
    return {cells["order"][i]: tuple(cells[c][i] for c in _WHERE) for i in rows}


_WHERE = ("site", "product", "party")


def _tie_of(book: Book) -> dict[str, str]:
    """Return the name of the tie of each move that gives or gets something in return."""
    tie: dict[str, str] = {}
    for move in book.moves:
        if move.in_return_for:
            one = tie.setdefault(move.move, move.move)
            two = tie.setdefault(move.in_return_for, move.in_return_for)
            tie |= {name: two for name, of in tie.items() if of == one}
    return tie


def _transfers(book: Book) -> dict[tuple[str, str], int]:
    moves = (move for move in book.moves if move.kind == "transfer" and move.to_order)
    return {(move.move, move.to_order or ""): move.quantity for move in moves}


def _planned(book: Book, include: Collection[str]) -> tuple[Ints, tuple[str, ...]]:
    """Return the rows of the planned orders and their ids, sorted by id."""
    counted = {"booked", *({"forecast", "quoted"} & set(include))}
    statuses, of = told_apart(book.orders.columns["status"])
    rows = np.flatnonzero(np.array([status in counted for status in statuses], bool)[of])
    named = list(book.orders.columns["order"])
    ids = [named[i] for i in rows.tolist()]
    turned = sorted(range(len(ids)), key=ids.__getitem__)
    return rows[turned], tuple(ids[i] for i in turned)


def _kinds(book: Book, rows: Ints) -> tuple[tuple[tuple[Any, ...], ...], Ints]:
    """Return the distinct sites, products and parties of some orders, and which is whose."""
    columns = [told_apart(book.orders.columns[name]) for name in _WHERE]
    (sites, site), (products, product), (parties, party) = columns
    whole = (site[rows] * len(products) + product[rows]) * len(parties) + party[rows]
    some, kind = numbered(whole, len(sites) * len(products) * len(parties))
    kinds = [
        (
            sites[k // len(parties) // len(products)],
            products[k // len(parties) % len(products)],
            parties[k % len(parties)],
        )
        for k in some.tolist()
    ]
    return tuple(kinds), kind


def _numbers(book: Book, name: str, rows: Ints, none: int = 0) -> Ints:
    """Return whole numbers, `none` where none is given."""
    cells, of = told_apart(book.orders.columns[name])
    return integers(none if cell is None else cell for cell in cells)[of[rows]]


def _sets(book: Book, rows: Ints) -> Ints:
    """Return the set of each order by number, -1 for none."""
    names, of = told_apart(book.orders.columns["together"])
    return integers(-1 if not name else i for i, name in enumerate(names))[of[rows]]


def _last_of_sets(ranks: Ints, together: Ints) -> Ints:
    """Return ranks without gaps, orders of a set in the worst tier of theirs."""
    ranks = ranks.copy()
    for name in np.unique(together[together >= 0]).tolist():
        ranks[together == name] = ranks[together == name].max()
    return numbered(ranks, int(ranks.max(initial=0)) + 1)[1]


def _days(book: Book, name: str, rows: Ints) -> Ints:
    """Return days as ordinals; those that are not given are after all others."""
    cells, of = told_apart(book.orders.columns[name])
    return integers(_LAST if day is None else day.toordinal() for day in cells)[of[rows]]


def _supply(
    book: Book,
    include: Collection[str],
    pegs: Mapping[tuple[str, str], int],
    transfers: Mapping[tuple[str, str], int],
    end: int,
) -> dict[str, list[Any]]:
    """Return id, product, day and free units of every lot and transfer inside the book."""
    counted = {"committed", *({"forecast"} & set(include))}
    held: dict[str, int] = {}
    for (lot, _), units in pegs.items():
        held[lot] = held.get(lot, 0) + units
    rows = [
        (lot.lot, lot.product, lot.date.toordinal(), lot.quantity - held.get(lot.lot, 0))
        for lot in book.lots
        if lot.status in counted and lot.date.toordinal() < end
    ]
    moves = book.moves.positions
    for name, _ in transfers:
        move = book.moves.records[moves[name]]
        if move.date.toordinal() < end:
            rows.append((name, move.product or "", move.date.toordinal(), 0))
    return {
        "id": [row[0] for row in rows],
        "product": [row[1] for row in rows],
        "day": [row[2] for row in rows],
        "free": [row[3] for row in rows],
    }


def _ranks(book: Book, policy: Policy, rows: Ints) -> Ints:
    """Return the rank of each order; first_come makes a rank of every booked day in a tier."""
    booked, tier = _days(book, "booked", rows), _numbers(book, "tier", rows)
    none = np.zeros(len(rows), np.int64)
    first = {"order": tier, "one": none, "booked": booked}[policy.tiers]
    second = booked if policy.share == "first_come" else none
    ranks = [numbered(days, int(days.max(initial=0)) + 1) for days in (first, second)]
    width = len(ranks[1][0])
    return numbered(ranks[0][1] * width + ranks[1][1], len(ranks[0][0]) * width)[1]
