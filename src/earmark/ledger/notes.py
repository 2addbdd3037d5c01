"""Balances that note every change while the moves are followed: what becomes the journal."""

from collections import defaultdict
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np

from earmark.book import Book
from earmark.ledger.balances import ACTIVE, EARMARKED, RECEIVED, Balances, Place
from earmark.ledger.entries import STATES
from earmark.ledger.holds import Hold, Pair
from earmark.ledger.postings import Holder, Index, Ints, Journal, netted

OUTSET = date.min
"""The day on which lots and orders post: what they bring is there from the outset."""

_STATE = {state: number for number, state in enumerate(STATES)}
_SUPPLIED, _SUPPLY = _STATE["supplied"], _STATE["supply"]
_DEMAND, _BOOKED = _STATE["demand"], _STATE["booked"]
_PEGGED = (_STATE["earmarked"], _STATE["shipped"])
_RUNNING = {RECEIVED: _STATE["received"], ACTIVE: _STATE["active"]}
_RETIRED, _OPENED, _SWAP = (_STATE[state] for state in ("retired", "opened", "swap"))

_Columns = tuple[Ints, Ints, Ints, Ints]
"""Source, account, day and quantity."""


class Notes(Balances):
    """Balances that note every change: by which move, in which account, of how many units."""

    def __init__(self, book: Book) -> None:
        super().__init__(book, every=True)
        self.lots, self.orders, self.pegs, self.places, self.swaps = (Index() for _ in range(5))
        lots, orders = book.lots.columns, book.orders.columns
        for ids, index in ((lots["lot"], self.lots), (orders["order"], self.orders)):
            index.update(zip(ids, range(len(ids)), strict=True))
        self.quantities = [*lots["quantity"], *orders["quantity"]]
        self.mover = -1
        """The move that is posted."""
        self.who: list[int] = []
        self.what: list[int] = []
        self.units: list[int] = []
        self.days: list[tuple[int, int]] = []
        """Per day, how many notes there were when it began, and its ordinal."""
        self.pools: dict[Place, list[int]] = defaultdict(lambda: [0, 0])
        """Units received and active at each place; only active ones may fall below zero."""
        self.lent: dict[tuple[str, Any], tuple[str, int]] = {}
        """Which tie lends how much to a balance that is below zero until the tie ends."""

    # What changes balances notes it as well.

    def begin(self, day: date) -> None:
        self.days.append((len(self.who), day.toordinal()))
        super().begin(day)

    def post(self, i: int) -> None:
        self.mover = i
        super().post(i)

    def judge(self, day: date) -> None:
        for key in list(self.blame) if self.ties else ():
            self._lend(key, max(0, self._excess(*key)) if self.ties.holds(key, day) else 0)
        super().judge(day)

    def _lapse(self, hold: Hold) -> None:
        self.mover = hold.i
        super()._lapse(hold)

    def _redirect(self, i: int, lot: str, units: int) -> None:
        self.mover = i
        super()._redirect(i, lot, units)

    def _free(self, balance: str, key: str, units: int) -> None:
        super()._free(balance, key, units)
        self._note(self._free_account(balance, key), units)

    def _use(self, i: int, balance: str, key: str, units: int) -> None:
        super()._use(i, balance, key, units)
        self._note(self._free_account(balance, key), -units)

    def _add(self, pair: Pair, stage: int, units: int) -> None:
        super()._add(pair, stage, units)
        if stage < RECEIVED:
            self._note(self.pegs[pair] << 4 | _PEGGED[stage], units)
        else:
            self._pool(self._place(pair), stage, units)

    def _run(self, i: int, kind: str, units: int) -> None:
        super()._run(i, kind, units)
        columns = self.columns
        place = self.places[tuple(columns[name][i] for name in ("party", "product", "site"))] << 4
        if kind == "opening":
            self._note(place | _OPENED, -units)
        elif kind == "retire":
            self._note(place | _RETIRED, units)
        elif to_order := columns["to_order"][i]:
            self._note(self.pegs[columns["move"][i], to_order] << 4 | _PEGGED[EARMARKED], units)

    def _change(self, i: int, place: Place, day: date, units: int) -> None:
        super()._change(i, place, day, units)
        self._pool(place, ACTIVE, units)

    def _pool(self, place: Place, stage: int, units: int) -> None:
        """Change what is received or active at a place: units are alike, whatever brought them.

        What is not at that stage is taken from the other; what is owed there is paid first.
        """
        pool, number = self.pools[place], self.places[place] << 4
        own = stage - RECEIVED
        other = 1 - own
        if units < 0:
            from_own = min(-units, max(0, pool[own]))
            from_other = min(-units - from_own, max(0, pool[other]))
            changes = [(own, -from_own), (other, -from_other), (1, units + from_own + from_other)]
        else:
            paid = min(units, max(0, -pool[1]))
            changes = [(1, paid), (own, units - paid)]
        for which, change in changes:
            if change:
                pool[which] += change
                self._note(number | _RUNNING[which + RECEIVED], change)

    # Ties lend.

    def _lend(self, key: tuple[str, Any], units: int) -> None:
        """Bring what is lent to a balance to so many units."""
        tie, lent = self.lent.pop(key, ("", 0))
        tie = tie or self.ties.holder(key) if units else tie
        if units:
            self.lent[key] = tie, units
        if units != lent:
            self.mover = self.blame[key]
            account, product = self._lent_to(*key)
            self._note(account, units - lent)
            if key[0] == "order":  # what its order lacks was not booked either
                self._note(account & ~15 | _BOOKED, units - lent)
            self._note(self.swaps[tie, product] << 4 | _SWAP, lent - units)

    def _lent_to(self, balance: str, key: Any) -> tuple[int, str]:
        """Return the account of a balance, and the product that it holds."""
        if balance == "peg":
            return self.pegs[key] << 4 | _PEGGED[EARMARKED], self._place(key)[1]
        if balance == "place":
            return self.places[key] << 4 | _RUNNING[ACTIVE], key[1]
        product = self.lot_product[key] if balance == "lot" else self.place_of[key][1]
        return self._free_account(balance, key), product

    def _free_account(self, balance: str, key: str) -> int:
        if balance == "lot":
            return self.lots[key] << 4 | _SUPPLIED
        return self.orders[key] << 4 | _DEMAND

    # The notes become a journal.

    def _note(self, account: int, units: int) -> None:
        self.who.append(self.mover)
        self.what.append(account)
        self.units.append(units)

    def journal(self) -> Journal:
        """Return what was noted, what earmarks post, and what lots and orders bring."""
        lots, orders = len(self.lots), len(self.orders)
        parts = [self._brought(), self._earmarks(), self._noted()]
        source, account, day, quantity = (
            np.concatenate(columns) for columns in zip(*parts, strict=True)
        )
        source[len(parts[0][0]) :] += lots + orders
        demanded = np.flatnonzero(account & 15 == _DEMAND)
        booked = account[demanded] & ~15 | _BOOKED
        moves = self.columns["move"]
        return netted(
            [
                *zip(repeat("lots"), self.lots),
                *zip(repeat("orders"), self.orders),
                *zip(repeat("moves"), moves),
            ],
            self._holders(),
            np.concatenate([source, source[demanded]]),
            np.concatenate([account, booked]),
            np.concatenate([day, day[demanded]]),
            np.concatenate([quantity, -quantity[demanded]]),
        )

    def _brought(self) -> _Columns:
        """Return what lots and orders bring, less what is booked."""
        lots, orders = len(self.lots), len(self.orders)
        source = np.concatenate([np.arange(lots + orders), np.arange(lots)])
        number = np.concatenate([np.arange(lots), np.arange(orders), np.arange(lots)]) << 4
        state = np.repeat([_SUPPLIED, _DEMAND, _SUPPLY], [lots, orders, lots])
        units = np.array(self.quantities, np.int64)
        day = np.full(len(source), OUTSET.toordinal())
        return source, number | state, day, np.concatenate([units, -units[:lots]])

    def _earmarks(self) -> _Columns:
        """Return what earmarks post, less what is booked: it is the same for each."""
        columns = self.columns
        rows = [i for i, kind in enumerate(columns["kind"]) if kind == "earmark"]
        lot, order = ([columns[name][i] for i in rows] for name in ("lot", "order"))
        of_lot, of_order = (
            np.fromiter(map(index.__getitem__, ids), np.int64, len(rows))
            for index, ids in ((self.lots, lot), (self.orders, order))
        )
        of_peg = np.fromiter(
            map(self.pegs.__getitem__, zip(lot, order, strict=True)), np.int64, len(rows)
        )
        days = columns["date"]
        day = np.fromiter((days[i].toordinal() for i in rows), np.int64, len(rows))
        units = np.array([columns["quantity"][i] for i in rows], np.int64)
        counts = np.array(
            [self._counts_for(*pair) for pair in zip(lot, order, strict=True)], np.int64
        )
        account = [of_lot << 4 | _SUPPLIED, of_order << 4 | _DEMAND, of_peg << 4 | _PEGGED[0]]
        return (
            np.tile(np.array(rows, np.int64), 3),
            np.concatenate(account),
            np.tile(day, 3),
            np.concatenate([-units, -units * counts, units]),
        )

    def _noted(self) -> _Columns:
        """Return the notes, less what is booked."""
        source, account, units = (np.array(c, np.int64) for c in (self.who, self.what, self.units))
        spans = np.diff([*(start for start, _ in self.days), len(source)])
        day = np.repeat(np.array([day for _, day in self.days], np.int64), spans)
        return source, account, day, units

    def _holders(self) -> list[list[Holder]]:
        product_of = {order: product for order, (_, product, _) in self.place_of.items()}
        moved = dict(zip(self.columns["move"], self.columns["product"], strict=True))

        def pegged(lot: str, order: str) -> str:
            """Return what is pegged: the lot's product, or that of a transfer."""
            product = product_of[order]
            return self.lot_product.get(lot) or moved[lot] if ";" in product else product

        return [
            [(lot, self.lot_product[lot], "") for lot in self.lots],
            [(order, product_of[order], "") for order in self.orders],
            [(order, pegged(lot, order), lot) for lot, order in self.pegs],
            [(party, product, site or "") for party, product, site in self.places],
            [(tie, product, "") for tie, product in self.swaps],
        ]
