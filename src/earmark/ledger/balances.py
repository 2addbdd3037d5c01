"""The balances of units while the moves of a book are followed, day by day.

Balances may fall below zero on the way: moves of one day, and moves tied by `in_return_for`, need
only hold as a sum (docs/meanings.md, items 4 and 9 to 11).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from earmark.book import Book, Table
from earmark.errors import Problem
from earmark.ledger.holds import Hold, Holds, Pair
from earmark.ledger.ties import Ties
from earmark.model import Move
from earmark.options import factors_of

Place = tuple[str, str, str | None]
"""A party, a product and a site; of an order that names several, all of them."""

EARMARKED, SHIPPED, RECEIVED, ACTIVE = range(4)
"""The stages of a peg."""

_STAGES = {"earmark": EARMARKED, "ship": SHIPPED, "receive": RECEIVED, "activate": ACTIVE}

_TURNS = (
    *("opening", "earmark", "draw", "ship", "receive", "activate"),
    *("redirect", "release", "search", "transfer", "retire"),
)
"""The turns of the kinds inside a day. What draws an earmark by name comes before what does not,
and a redirect without a lot (it searches) after all that name one."""


def follow(book: Book) -> "Balances":
    """Return the balances of a book after all of its moves.

    Earmarks have ended that end before the end of the book and by the day known, or before the
    last move: the others still hold.
    """
    balances = Balances(_named(book))
    run(balances)
    balances.end_holds(min(book.end - timedelta(days=1), book.known or date.max))
    return balances


def _named(book: Book) -> Book:
    """Return the book with those orders alone that its moves name: there may be far more."""
    moves, orders = book.moves, book.orders
    names = {*moves.column("order").cells, *moves.column("to_order").cells}
    if not names:
        return book.replace_table(orders.take(()))
    chosen = np.flatnonzero(orders.column("order").where(names.__contains__))
    return book if len(chosen) == len(orders) else book.replace_table(orders.take(chosen))


def run(balances: "Balances") -> None:
    """Run through the moves day by day."""
    moves = balances.moves
    for day, positions in groupby(_in_turn(moves), key=moves.lists["date"].__getitem__):
        balances.end_holds(day)
        balances.begin(day)
        for i in positions:
            balances.post(i)
        balances.settle(day)
        balances.judge(day)


def _in_turn(moves: Table[Move]) -> list[int]:
    """Return the positions of the moves in the order in which they are posted."""
    turn_of = {kind: turn for turn, kind in enumerate(_TURNS)}
    days, kinds, lots, ids = (moves.lists[name] for name in ("date", "kind", "lot", "move"))
    places = [
        len(_TURNS) * day.toordinal()
        + turn_of["search" if kind == "redirect" and lot is None else kind]
        for day, kind, lot in zip(days, kinds, lots, strict=True)
    ]
    for i, drawn in enumerate(moves.lists["draws"]):
        if drawn is not None:
            places[i] = len(_TURNS) * days[i].toordinal() + turn_of["draw"]
    return sorted(sorted(range(len(moves)), key=ids.__getitem__), key=places.__getitem__)


def _named_orders(book: Book) -> Mapping[str, Sequence[Any]]:
    """Return the columns of the orders that moves name: most books have many more."""
    moves, orders = book.moves.columns, book.orders.columns
    names = {*moves["order"], *moves["to_order"]} - {None}
    rows = [i for i, order in enumerate(orders["order"]) if order in names] if names else []
    return {
        name: [orders[name][i] for i in rows]
        for name in ("order", "party", "product", "site", "factors", "quantity")
    }


class Balances:
    """The balances while the moves are followed, and what was found wrong.

    A key is a pair (balance "peg"), a lot, an order or a place. `blame` has, per balance and key,
    the last move that left it broken since it was judged.
    """

    def __init__(self, book: Book, *, every: bool = False) -> None:
        """Begin with nothing moved; of the orders, only those that moves name, or `every` one."""
        self.moves = book.moves
        self.day = date.min
        """The day that is followed."""
        self.columns = book.moves.lists
        lots = book.lots.columns
        orders = book.orders.columns if every else _named_orders(book)
        self.lot_day = dict(zip(lots["lot"], lots["date"], strict=True))
        self.lot_product = dict(zip(lots["lot"], lots["product"], strict=True))
        places = zip(orders["party"], orders["product"], orders["site"], strict=True)
        self.place_of: dict[str, Place] = dict(zip(orders["order"], places, strict=True))
        self.free: dict[str, dict[str, int]] = {
            "lot": dict(zip(lots["lot"], lots["quantity"], strict=True)),
            "order": dict(zip(orders["order"], orders["quantity"], strict=True)),
        }
        """Units that a lot or an order still has: less than 0 where too many are pegged."""
        factors = zip(orders["order"], orders["product"], orders["factors"], strict=True)
        self.counts = {order: factors_of(names, given) for order, names, given in factors if given}
        """What a unit of each product counts for, of orders that say so."""
        self.earmarked: dict[Pair, int] = defaultdict(int)
        """Units pegged that went no further. Less than 0 are owed; then no stage has any."""
        self.advanced: dict[Pair, list[int]] = {}
        """Units shipped, received and active."""
        self.lots_of: dict[str, set[str]] | None = None
        """The lots of each order, kept once a redirect without a lot asks for them."""
        self.levels: dict[Place, int] = defaultdict(int)
        self.changes: dict[tuple[Place, date], int] = defaultdict(int)
        self.arrivals: list[int] = []
        """Transfers to an order, in the order in which they were posted."""
        self.waiting: dict[int, int] = {}
        """Per redirect without a lot, the units that it has not found yet."""
        self.ties = Ties(book.moves)
        self.holds = Holds(book.moves)
        self.holding = bool(self.holds)
        self.brought: dict[tuple[str, Pair, str], int] = defaultdict(int)
        """Units that a tie brought to a pair from an order: not to be given back to that order."""
        self.blame: dict[tuple[str, Any], int] = {}
        self.reported: dict[tuple[str, Any], int] = {}
        self.problems: list[Problem] = []

    def begin(self, day: date) -> None:
        """Begin a day."""
        self.day = day

    def post(self, i: int) -> None:
        """Book the i-th move; a redirect without a lot waits until the day is settled."""
        columns = self.columns
        kind, lot = columns["kind"][i], columns["lot"][i]
        order, units = columns["order"][i], columns["quantity"][i]
        if self.holding and (hold := self.holds.named(columns["draws"][i])):
            self._resolve(i, hold, units)
        elif kind == "earmark":
            self.earmarked[lot, order] += units
            if self.holding:
                self.holds.open(i, (lot, order), min(units, max(0, self.earmarked[lot, order])))
            self._count(i, "lot", lot, units)
            self._count(i, "order", order, units * self._counts_for(lot, order))
            if self.lots_of is not None:
                self.lots_of[order].add(lot)
        elif kind in _STAGES:
            self._advance(i, (lot, order), units, _STAGES[kind])
        elif kind == "release":
            self._take(i, (lot, order), units)
            self._free("lot", lot, units)
            self._free("order", order, units * self._counts_for(lot, order))
        elif kind == "redirect" and lot is None:
            self.waiting[i] = units
        elif kind == "redirect":
            self._redirect(i, lot, units)
        else:
            self._run(i, kind, units)
        if self.ties and lot is not None:
            self._hold_pegs(i, lot)

    def end_holds(self, last: date) -> None:
        """Give back what earmarks still hold that end by themselves on or before a day."""
        while (day := self.holds.next_end()) <= last and day != date.max:
            self.begin(day)
            for hold in self.holds.ended(day):
                self._lapse(hold)
            self.judge(day)

    def _lapse(self, hold: Hold) -> None:
        """End an earmark by itself."""
        self._end(hold)

    def _end(self, hold: Hold) -> None:
        """Give back what an earmark still holds."""
        units, hold.left = hold.left, 0
        self._add(hold.pair, EARMARKED, -units)
        self._free("lot", hold.pair[0], units)
        self._free("order", hold.pair[1], units * self._counts_for(*hold.pair))

    def _resolve(self, i: int, hold: Hold, units: int) -> None:
        """Draw an earmark by name; what is not taken of it goes back."""
        kind, taken = self.columns["kind"][i], min(units, hold.left)
        if units > hold.left:
            self._report(i, "hold", units - hold.left, self.day)
        elif kind == "release" and units < hold.left:
            self._report(i, "rest", hold.left - units, self.day)
        if kind != "release":
            hold.left -= taken
            self._add(hold.pair, EARMARKED, -taken)
            self._put(hold.pair, _STAGES[kind], taken)
        self._end(hold)

    def settle(self, day: date) -> None:
        """Let redirects without a lot find units; what one brings may be what another lacks."""
        found = 1
        while self.waiting and found:
            found = sum([self._find(i) for i in list(self.waiting)])
        for i, units in list(self.waiting.items()):
            if self.ties.end(i) <= day:
                del self.waiting[i]
                self._report(i, "peg", units, day)

    def judge(self, day: date) -> None:
        """Report each balance that the day left broken, unless a tie still holds it open."""
        for key, i in list(self.blame.items()):
            if not self.ties.holds(key, day):
                del self.blame[key]
                excess = self._excess(*key)
                if excess > self.reported.get(key, 0):
                    self.reported[key] = excess
                    self._report(i, key[0], excess, day)

    def _free(self, balance: str, key: str, units: int) -> None:
        """Give units that are no longer pegged back to their lot or their order."""
        self.free[balance][key] += units

    def _use(self, i: int, balance: str, key: str, units: int) -> None:
        """Take units that are newly pegged from their lot or their order."""
        self._count(i, balance, key, units)

    def _count(self, i: int, balance: str, key: str, units: int) -> None:
        free = self.free[balance]
        free[key] = left = free[key] - units
        if left < 0:
            self.blame[balance, key] = i

    def _advance(self, i: int, pair: Pair, units: int, stage: int) -> None:
        """Bring units to a stage: those of earlier stages first, then peg what is missing."""
        missing = units
        for earlier in range(stage - 1, -1, -1):
            drawn = self._draw(pair, earlier, missing)
            self._put(pair, stage, drawn)
            missing -= drawn
        if missing:
            self._put(pair, stage, missing)
            self._use(i, "lot", pair[0], missing)
            self._use(i, "order", pair[1], missing * self._counts_for(*pair))

    def _redirect(self, i: int, lot: str, units: int) -> None:
        """Move pegged units to another order; what stands at another site is on its way again."""
        order, to_order = self.columns["order"][i], self.columns["to_order"][i]
        same_place = self._place((lot, order)) == self._place((lot, to_order))
        for stage, taken in enumerate(self._take(i, (lot, order), units)):
            self._put((lot, to_order), stage if same_place else min(stage, SHIPPED), taken)
        self._free("order", order, units * self._counts_for(lot, order))
        self._use(i, "order", to_order, units * self._counts_for(lot, to_order))
        if (group := self.ties.group(i)) is not None:
            self.brought[group, (lot, to_order), order] += units

    def _find(self, i: int) -> int:
        """Redirect what a redirect without a lot finds, earliest lot first; return how many."""
        order, sought = self.columns["order"][i], self.waiting.pop(i)
        group, to_order, missing = self.ties.group(i), self.columns["to_order"][i], sought
        for lot in sorted(self._lots_of(order), key=lambda lot: (self.lot_day[lot], lot)):
            pair = lot, order
            if self.lot_product[lot] not in self.place_of[to_order][1].split(";"):
                continue
            own = self.earmarked[pair] + sum(self.advanced.get(pair, ()))
            own -= 0 if group is None else self.brought.get((group, pair, to_order), 0)
            units = min(missing, own)
            if units > 0:
                self._redirect(i, lot, units)
                self._hold_pegs(i, lot)
                missing -= units
        if missing:
            self.waiting[i] = missing
        return sought - missing

    def _run(self, i: int, kind: str, units: int) -> None:
        """Book a change of what runs: an opening, a retirement or a transfer."""
        columns = self.columns
        party, product, day = columns["party"][i], columns["product"][i], columns["date"][i]
        to_site, to_order = columns["to_site"][i], columns["to_order"][i]
        opening = kind == "opening"
        self._change(i, (party, product, columns["site"][i]), day, units if opening else -units)
        if to_site is not None:
            self._change(i, (party, product, to_site), day, units)
        if to_order is not None:
            self.arrivals.append(i)
            counts = self.counts.get(to_order, {}).get(product, 1)
            self._use(i, "order", to_order, units * counts)
            self.ties.hold(i, ("order", to_order))

    def _change(self, i: int, place: Place, day: date, units: int) -> None:
        self.changes[place, day] += units
        self.levels[place] += units
        if units < 0 and self.levels[place] < 0:
            self.blame["place", place] = i
        self.ties.hold(i, ("place", place))

    def _take(self, i: int, pair: Pair, units: int) -> list[int]:
        """Take units from a peg, by stage, least advanced first; it owes what is missing."""
        taken = []
        missing = units
        for stage in range(4):
            taken.append(self._draw(pair, stage, missing))
            missing -= taken[stage]
        place = self._place(pair)
        if taken[RECEIVED] + taken[ACTIVE] and self.levels[place] < 0:
            self.blame["place", place] = i
        if missing:
            self._add(pair, EARMARKED, -missing)
            taken[EARMARKED] += missing
            self.blame["peg", pair] = i
        return taken

    def _draw(self, pair: Pair, stage: int, units: int) -> int:
        """Take at most `units` from one stage of a peg; return how many there were."""
        if stage == EARMARKED:
            there = self.earmarked.get(pair, 0)
            drawn = max(0, min(units, there))
            if drawn and self.holding:
                self.holds.take(pair, drawn, there)
        elif pair in self.advanced:
            drawn = min(units, self.advanced[pair][stage - 1])
        else:
            drawn = 0
        if drawn:
            self._add(pair, stage, -drawn)
        return drawn

    def _put(self, pair: Pair, stage: int, units: int) -> None:
        """Add units to a stage of a peg; what the peg owes is paid first."""
        if not units:
            return
        if self.lots_of is not None:
            self.lots_of[pair[1]].add(pair[0])
        if stage != EARMARKED and (owed := -self.earmarked.get(pair, 0)) > 0:
            paid = min(units, owed)
            self._add(pair, EARMARKED, paid)
            units -= paid
        self._add(pair, stage, units)

    def _add(self, pair: Pair, stage: int, units: int) -> None:
        """Change how many units of a peg stand at a stage, and with it what runs."""
        if stage == EARMARKED:
            self.earmarked[pair] += units
            return
        self.advanced.setdefault(pair, [0, 0, 0])[stage - 1] += units
        if stage >= RECEIVED:
            self.levels[self._place(pair)] += units

    def _lots_of(self, order: str) -> Iterable[str]:
        if self.lots_of is None:
            self.lots_of = defaultdict(set)
            for pair in (*self.earmarked, *self.advanced):
                self.lots_of[pair[1]].add(pair[0])
        return self.lots_of[order]

    def _hold_pegs(self, i: int, lot: str) -> None:
        """Keep open what a move of a lot touches, if it is tied to later moves."""
        self.ties.hold(i, ("lot", lot))
        for order in (self.columns["order"][i], self.columns["to_order"][i]):
            if order is not None:
                self.ties.hold(i, ("peg", (lot, order)))
                self.ties.hold(i, ("order", order))
                self.ties.hold(i, ("place", self._place((lot, order))))

    def _place(self, pair: Pair) -> Place:
        """Return where the units of a peg stand once they are received."""
        place = self.place_of[pair[1]]
        if ";" not in place[1]:
            return place
        return place[0], self.lot_product[pair[0]], place[2]

    def _counts_for(self, lot: str, order: str) -> int:
        """Return how many units of an order one unit of a lot counts for."""
        if not self.counts or order not in self.counts:
            return 1
        return self.counts[order].get(self.lot_product[lot], 1)

    def _excess(self, balance: str, key: Any) -> int:
        """Return by how many units a balance is broken; 0 or less where it holds."""
        if balance == "peg":
            return -self.earmarked[key]
        if balance == "place":
            return -self.levels[key]
        return -self.free[balance][key]

    def _report(self, i: int, balance: str, excess: int, day: date) -> None:
        code, message, hint = _BALANCES[balance]
        columns = self.columns
        order = columns["order"][i]
        self.problems.append(
            Problem(
                code,
                message.format(excess=excess, day=day),
                table="moves",
                row=self.moves.rows[i],
                column="quantity",
                text=str(columns["quantity"][i]),
                hint=hint.format(
                    lot=columns["lot"][i] or "any lot",
                    order=order,
                    target=columns["to_order"][i] or order,
                ),
                source=self.moves.sources[i],
            )
        )


_BALANCES = {
    "peg": (
        "E320",
        "{excess} more than is pegged on {day}",
        "take less, or peg more of {lot} to order {order} by then (earmark)",
    ),
    "lot": (
        "E321",
        "{excess} more than the lot has on {day}",
        "peg less of {lot}, or release some of it first",
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
    "hold": (
        "E328",
        "{excess} more than the earmark has on {day}",
        "draw what it has, and ship the rest without draws",
    ),
    "rest": (
        "E328",
        "{excess} fewer than the earmark has on {day}",
        "release all that it has; or leave out draws",
    ),
}
"""Per kind of balance its code, message and hint."""
