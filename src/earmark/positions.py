"""What the moves of a book come to: pegs, units transferred to orders, and what runs where.

One pass over the days serves both `positions` (what is so) and `judge_moves` (what cannot be so).
Balances may fall below zero on the way: moves of one day, and moves tied by `in_return_for`, need
only hold as a sum (docs/meanings.md, items 4 and 9 to 11).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Table
from earmark.errors import Problem
from earmark.model import Move


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units that a transfer brings to an order: like a lot of its own that is pegged to it."""

    move: str
    order: str
    product: str
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Running:
    """A change of what a party runs of a product at a site: opened or moved in, less moved out."""

    party: str
    product: str
    site: str | None
    day: date
    units: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the units of a book stand after all of its moves."""

    pegs: Mapping[tuple[str, str], int]
    """Units pegged, by (lot, order), sorted; none that is 0."""
    arrivals: tuple[Arrival, ...]
    """Sorted by day, then move."""
    running: tuple[Running, ...]
    """Sorted by day, party, product, site; one entry for each, none that is 0. Units that came
    with an order are not counted in, but taken out where they are retired or transferred."""


def positions(book: Book) -> Positions:
    """Return what the moves of `book`, as known and without problems, come to."""
    balances = _follow(book)
    pegs = {pair: sum(stages) for pair, stages in sorted(balances.stages.items())}
    changes = sorted(balances.changes.items(), key=lambda change: _sortable(*change[0]))
    return Positions(
        MappingProxyType({pair: units for pair, units in pegs.items() if units > 0}),
        tuple(balances.arrivals),
        tuple(Running(*place, day, units) for (place, day), units in changes if units),
    )


def judge_moves(book: Book) -> list[Problem]:
    """Return each balance that the moves of `book`, as known, break, at the row that broke it.

    The references of the moves must be sound: each lot and order that they name is there.
    """
    return _follow(book).problems


Pair = tuple[str, str]
"""A lot and an order."""

Place = tuple[str, str, str | None]
"""A party, a product and a site."""

_EARMARKED, _SHIPPED, _RECEIVED, _ACTIVE = range(4)

_STAGES = {"earmark": _EARMARKED, "ship": _SHIPPED, "receive": _RECEIVED, "activate": _ACTIVE}

_TURNS = ("opening", *_STAGES, "redirect", "release", "", "transfer", "retire")
"""The turns of the kinds inside a day; a redirect without a lot comes after all that name one."""


def _follow(book: Book) -> "_Balances":
    """Run through the moves day by day."""
    balances = _Balances(book)
    for day, turns in groupby(_in_turn(book.moves), key=lambda turn: turn[0]):
        for _, _, _, i in turns:
            balances.post(i)
        balances.settle(day)
        balances.judge(day)
    return balances


def _in_turn(moves: Table[Move]) -> list[tuple[date, int, str, int]]:
    """Return day, turn, id and position of the moves in the order in which they are posted."""
    turn_of = {kind: turn for turn, kind in enumerate(_TURNS)}
    turns = [
        turn_of["" if kind == "redirect" and lot is None else kind]
        for kind, lot in zip(moves.columns["kind"], moves.columns["lot"], strict=True)
    ]
    columns = moves.columns["date"], turns, moves.columns["move"], range(len(moves))
    return sorted(zip(*columns, strict=True))


def _tie_ends(moves: Table[Move]) -> Mapping[str, date]:
    """Return, per move that is tied to others, the day of the last of them."""
    day_of = dict(zip(moves.columns["move"], moves.columns["date"], strict=True))
    neighbours: dict[str, set[str]] = defaultdict(set)
    for move, other in zip(moves.columns["move"], moves.columns["in_return_for"], strict=True):
        if other in day_of:
            neighbours[move].add(other)
            neighbours[other].add(move)
    ends: dict[str, date] = {}
    for first in neighbours:
        if first not in ends:
            tied, fresh = {first}, {first}
            while fresh := {near for move in fresh for near in neighbours[move]} - tied:
                tied |= fresh
            ends |= dict.fromkeys(tied, max(day_of[move] for move in tied))
    return ends


def _sortable(place: Place, day: date) -> tuple[date, str, str, str]:
    party, product, site = place
    return day, party, product, site or ""


class _Balances:
    """The balances while the moves are followed, and what was found wrong.

    `blame` has, per kind of balance and key, the last move that made it worse since it was judged;
    `holds` the day before which a tie keeps it from being judged.
    """

    def __init__(self, book: Book) -> None:
        self.moves = book.moves
        lots, orders = book.lots.columns, book.orders.columns
        self.lot_day = dict(zip(lots["lot"], lots["date"], strict=True))
        places = zip(orders["party"], orders["product"], orders["site"], strict=True)
        self.place_of: dict[str, Place] = dict(zip(orders["order"], places, strict=True))
        self.limits: dict[str, dict[str, int]] = {
            "lot": dict(zip(lots["lot"], lots["quantity"], strict=True)),
            "order": dict(zip(orders["order"], orders["quantity"], strict=True)),
        }
        self.ends = _tie_ends(book.moves)
        self.stages: dict[Pair, list[int]] = {}
        """Units per stage. Less than 0 are earmarked where units are owed; then the rest is 0."""
        self.lots_of: dict[str, list[str]] = defaultdict(list)
        self.pegged: dict[str, dict[str, int]] = {
            "lot": defaultdict(int),
            "order": defaultdict(int),
        }
        self.levels: dict[Place, int] = defaultdict(int)
        self.changes: dict[tuple[Place, date], int] = defaultdict(int)
        self.arrivals: list[Arrival] = []
        self.waiting: dict[int, int] = {}
        """Per redirect without a lot, the units that it has not found yet."""
        self.blame: dict[str, dict[Any, int]] = {balance: {} for balance in _BALANCES}
        self.holds: dict[tuple[str, Any], date] = {}
        self.reported: dict[tuple[str, Any], int] = defaultdict(int)
        self.problems: list[Problem] = []

    def post(self, i: int) -> None:
        """Book the i-th move; a redirect without a lot waits until the day is settled."""
        columns = self.moves.columns
        kind, lot = columns["kind"][i], columns["lot"][i]
        order, units = columns["order"][i], columns["quantity"][i]
        if kind in _STAGES:
            self._advance(i, (lot, order), units, _STAGES[kind])
        elif kind == "release":
            self._take(i, (lot, order), units)
            self.pegged["lot"][lot] -= units
            self.pegged["order"][order] -= units
        elif kind == "redirect":
            if lot is None:
                self.waiting[i] = units
            else:
                self._redirect(i, lot, units)
        else:
            self._run(i, kind, units)
        if self.ends and lot is not None:
            self._hold(i, lot)

    def settle(self, day: date) -> None:
        """Let redirects without a lot find units; what one brings may be what another lacks."""
        found = True
        while self.waiting and found:
            found = False
            for i in list(self.waiting):
                found |= self._find(i)
        for i, units in list(self.waiting.items()):
            if self._end(i) <= day:
                del self.waiting[i]
                self._report(i, "peg", units, day)

    def judge(self, day: date) -> None:
        """Report each balance that the day broke, unless a tie still holds it open."""
        for balance, blame in self.blame.items():
            for key, i in list(blame.items()):
                if self.holds and self.holds.get((balance, key), day) > day:
                    continue
                del blame[key]
                excess = self._excess(balance, key)
                if excess > self.reported[balance, key]:
                    self.reported[balance, key] = excess
                    self._report(i, balance, excess, day)

    def _advance(self, i: int, pair: Pair, units: int, stage: int) -> None:
        """Bring units to a stage: those of earlier stages first, then peg what is missing."""
        stages = self._stages(pair)
        missing = units
        for earlier in range(stage - 1, -1, -1):
            drawn = min(missing, stages[earlier])
            if drawn > 0:
                stages[earlier] -= drawn
                self._put(pair, stage, drawn)
                if earlier >= _RECEIVED:
                    self.levels[self.place_of[pair[1]]] -= drawn
                missing -= drawn
        if missing:
            self._put(pair, stage, missing)
            for balance, key in zip(("lot", "order"), pair, strict=True):
                self.pegged[balance][key] += missing
                self.blame[balance][key] = i

    def _redirect(self, i: int, lot: str, units: int) -> None:
        """Move pegged units to another order. What stands at another site is on its way again."""
        order, to_order = self.moves.columns["order"][i], self.moves.columns["to_order"][i]
        same_place = self.place_of[order] == self.place_of[to_order]
        for stage, taken in enumerate(self._take(i, (lot, order), units)):
            if taken:
                self._put((lot, to_order), stage if same_place else min(stage, _SHIPPED), taken)
        self.pegged["order"][order] -= units
        self.pegged["order"][to_order] += units
        self.blame["order"][to_order] = i

    def _find(self, i: int) -> bool:
        """Redirect what a redirect without a lot finds, earliest lot first; tell if any."""
        order, missing = self.moves.columns["order"][i], self.waiting[i]
        for lot in sorted(self.lots_of[order], key=lambda lot: (self.lot_day[lot], lot)):
            units = min(missing, sum(self.stages[lot, order]))
            if units > 0:
                self._redirect(i, lot, units)
                self._hold(i, lot)
                missing -= units
        found = missing < self.waiting[i]
        self.waiting[i] = missing
        if not missing:
            del self.waiting[i]
        return found

    def _run(self, i: int, kind: str, units: int) -> None:
        """Book a change of what runs: an opening, a retirement or a transfer."""
        columns = self.moves.columns
        party, product, day = columns["party"][i], columns["product"][i], columns["date"][i]
        place: Place = (party, product, columns["site"][i])
        to_site, to_order = columns["to_site"][i], columns["to_order"][i]
        self._change(i, place, day, units if kind == "opening" else -units)
        if kind == "transfer" and to_order is None:
            self._change(i, (party, product, to_site), day, units)
        elif kind == "transfer":
            self.arrivals.append(Arrival(columns["move"][i], to_order, product, day, units))
            self.pegged["order"][to_order] += units
            self.blame["order"][to_order] = i
            self._hold_key(i, "order", to_order)

    def _change(self, i: int, place: Place, day: date, units: int) -> None:
        self.changes[place, day] += units
        self.levels[place] += units
        if units < 0:
            self.blame["place"][place] = i
        self._hold_key(i, "place", place)

    def _take(self, i: int, pair: Pair, units: int) -> list[int]:
        """Take units from a peg, least advanced first; what is missing is owed by it."""
        stages = self._stages(pair)
        taken = [0, 0, 0, 0]
        missing = units
        for stage in range(4):
            taken[stage] = drawn = max(0, min(missing, stages[stage]))
            stages[stage] -= drawn
            missing -= drawn
        if left := taken[_RECEIVED] + taken[_ACTIVE]:
            place = self.place_of[pair[1]]
            self.levels[place] -= left
            self.blame["place"][place] = i
        if missing:
            stages[_EARMARKED] -= missing
            taken[_EARMARKED] += missing
            self.blame["peg"][pair] = i
        return taken

    def _put(self, pair: Pair, stage: int, units: int) -> None:
        """Add units to a peg; what it owes is paid first."""
        stages = self._stages(pair)
        if stages[_EARMARKED] < 0:
            paid = min(units, -stages[_EARMARKED])
            stages[_EARMARKED] += paid
            units -= paid
        stages[stage] += units
        if stage >= _RECEIVED:
            self.levels[self.place_of[pair[1]]] += units

    def _stages(self, pair: Pair) -> list[int]:
        stages = self.stages.get(pair)
        if stages is None:
            stages = self.stages[pair] = [0, 0, 0, 0]
            self.lots_of[pair[1]].append(pair[0])
        return stages

    def _end(self, i: int) -> date:
        """Return the day on which the i-th move is judged: the last day of what it is tied to."""
        day: date = self.moves.columns["date"][i]
        return self.ends.get(self.moves.columns["move"][i], day)

    def _hold(self, i: int, lot: str) -> None:
        """Keep open what a move of a lot touches, if it is tied to later moves."""
        for order in (self.moves.columns["order"][i], self.moves.columns["to_order"][i]):
            if order is not None:
                self._hold_key(i, "peg", (lot, order))
                self._hold_key(i, "order", order)
                self._hold_key(i, "place", self.place_of[order])
        self._hold_key(i, "lot", lot)

    def _hold_key(self, i: int, balance: str, key: Any) -> None:
        if self.moves.columns["move"][i] in self.ends:
            end = self._end(i)
            self.holds[balance, key] = max(end, self.holds.get((balance, key), end))

    def _excess(self, balance: str, key: Any) -> int:
        """Return by how many units a balance is broken; 0 or less where it holds."""
        if balance == "peg":
            return -sum(self.stages[key])
        if balance == "place":
            return -self.levels[key]
        excess: int = self.pegged[balance][key] - self.limits[balance][key]
        return excess

    def _report(self, i: int, balance: str, excess: int, day: date) -> None:
        moves = self.moves
        code, message, hint = _BALANCES[balance]
        words = {name: moves.columns[name][i] for name in ("lot", "order", "to_order")}
        words |= {name: moves.columns[name][i] for name in ("party", "product", "site")}
        words["target"] = words["to_order"] or words["order"]
        self.problems.append(
            Problem(
                code,
                message.format(excess=excess, day=day),
                table="moves",
                row=moves.rows[i],
                column="quantity",
                text=str(moves.columns["quantity"][i]),
                hint=hint.format_map({k: v or "any" for k, v in words.items()}),
                source=moves.sources[i],
            )
        )


_BALANCES = {
    "peg": (
        "E320",
        "{excess} more than is pegged on {day}",
        "take less, or peg more of lot {lot} to order {order} by then (earmark)",
    ),
    "lot": (
        "E321",
        "{excess} more than the lot has on {day}",
        "peg less of lot {lot}, or release some of it first",
    ),
    "order": (
        "E322",
        "{excess} more than the order has on {day}",
        "peg less to order {target}, or raise its quantity",
    ),
    "place": (
        "E323",
        "{excess} more than runs there on {day}",
        "take less, or add the opening or the move that put the units there",
    ),
}
"""Per kind of balance its code, message and hint."""
