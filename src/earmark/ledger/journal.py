"""The journal of a book: what each of its lots, orders and moves posts to which accounts.

Columns of numbers inside, as a book may have a million moves; postings where they are asked for.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.book import Book
from earmark.ledger.balances import ACTIVE, EARMARKED, RECEIVED, Balances, Place, run
from earmark.ledger.entries import STATES, Account, Posting
from earmark.ledger.holds import Hold, Pair

Ints = npt.NDArray[np.int64]

_Columns = tuple[Ints, Ints, Ints, Ints]
"""Source, account, day and quantity."""

Row = tuple[str, str]
"""What posts: a table (lots, orders or moves) and a key in it."""

OUTSET = date.min
"""The day on which lots and orders post: what they bring is there from the outset."""

_TABLES = ("lots", "orders", "moves")

_STATE = {state: number for number, state in enumerate(STATES)}
_SUPPLIED, _SUPPLY, _DEMAND, _BOOKED = (
    _STATE[s] for s in ("supplied", "supply", "demand", "booked")
)
_PEGGED = (_STATE["earmarked"], _STATE["shipped"])
_RUNNING = {RECEIVED: _STATE["received"], ACTIVE: _STATE["active"]}
_RETIRED, _OPENED, _SWAP = (_STATE[s] for s in ("retired", "opened", "swap"))

_LOT, _ORDER, _PEG, _PLACE, _TIE = range(5)
_HOLDERS = {
    "supplied": _LOT,
    "supply": _LOT,
    "demand": _ORDER,
    "booked": _ORDER,
    "earmarked": _PEG,
    "shipped": _PEG,
    "received": _PLACE,
    "active": _PLACE,
    "retired": _PLACE,
    "opened": _PLACE,
    "swap": _TIE,
}
"""What accounts of a state are numbered by. The number of an account is 16 times that of its
holder, and that of its state."""

_SORT = [_HOLDERS[state] for state in STATES]
"""The sort of holder, by the number of the state."""

_CHUNK = 50_000
"""Rows whose postings are made at a time."""

Holder = tuple[str, str, str]
"""Holder, product and place of an account."""


@dataclass(frozen=True, eq=False)
class Journal:
    """Postings in columns, sorted by source, account and day; each of the three once."""

    sources: Sequence[Row]
    """The rows that may post, by number."""
    holders: Sequence[Sequence[Holder]]
    """The holders of accounts, by number, of each of five sorts."""
    source: Ints
    account: Ints
    day: Ints
    """Proleptic ordinals."""
    quantity: Ints

    def __len__(self) -> int:
        """Return the number of postings."""
        return len(self.source)

    def postings(self, row: Row) -> tuple[Posting, ...]:
        """Return what a row posts, by day and account."""
        number = self.number_of.get(row, -1)
        first, last = np.searchsorted(self.source, [number, number + 1]).tolist()
        return next((postings for _, postings in self._rows(first, last, _Accounts(self))), ())

    def by_row(self) -> Iterator[tuple[Row, tuple[Posting, ...]]]:
        """Yield each row that posts anything, and what it posts."""
        starts = np.flatnonzero(np.diff(self.source, prepend=-1))
        accounts = _Accounts(self)
        for first, last in pairwise([*starts[::_CHUNK].tolist(), len(self)]):
            yield from self._rows(first, last, accounts)

    def _rows(
        self, first: int, last: int, accounts: Mapping[int, Account]
    ) -> Iterator[tuple[Row, tuple[Posting, ...]]]:
        """Yield the rows between two positions, and what they post."""
        chosen = slice(first, last)
        columns = (c[chosen].tolist() for c in (self.day, self.account, self.quantity))
        cells = [
            (day, STATES[number & 15], self.holders[_SORT[number & 15]][number >> 4], number, units)
            for day, number, units in zip(*columns, strict=True)
        ]
        of_day = {day: date.fromordinal(day) for day in {cell[0] for cell in cells}}
        sources = self.source[chosen]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        owners = sources[starts].tolist()
        for source, (start, end) in zip(
            owners, pairwise([*starts.tolist(), len(sources)]), strict=True
        ):
            postings = [
                Posting(accounts[number], units, of_day[day])
                for day, _, _, number, units in sorted(cells[start:end])
            ]
            yield self.sources[source], tuple(postings)

    @cached_property
    def number_of(self) -> Mapping[Row, int]:
        return {row: number for number, row in enumerate(self.sources)}

    def accounts(self, numbers: Ints) -> list[Account]:
        """Return the accounts of those numbers."""
        return list(map(_Accounts(self).__getitem__, numbers.tolist()))

    def balances(self, as_of: date | None = None) -> dict[Account, int]:
        """Return what each account holds at the end of a day (None: of time); none that is 0."""
        chosen = slice(None) if as_of is None else self.day <= as_of.toordinal()
        accounts, places = np.unique(self.account[chosen], return_inverse=True)
        sums = np.zeros(len(accounts), np.int64)
        np.add.at(sums, places, self.quantity[chosen])
        held = np.flatnonzero(sums)
        return dict(zip(self.accounts(accounts[held]), sums[held].tolist(), strict=True))


class _Accounts(dict[int, Account]):
    """The accounts of a journal by number, each made once."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._holders = journal.holders

    def __missing__(self, number: int) -> Account:
        state = number & 15
        self[number] = account = Account(STATES[state], *self._holders[_SORT[state]][number >> 4])
        return account


def postings_of(book: Book) -> Journal:
    """Return what the lots, orders and moves of `book`, as known and without problems, post."""
    balances = _Recording(book)
    run(balances)
    balances.end_holds(date.max)
    return balances.journal()


class _Index(dict[Any, int]):
    """Numbers its keys in the order in which they are first asked for."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


class _Recording(Balances):
    """Balances that note every change: by which move, in which account, of how many units."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self.lots, self.orders, self.pegs, self.places, self.swaps = (_Index() for _ in range(5))
        lots, orders = book.lots.columns, book.orders.columns
        for ids, index in ((lots["lot"], self.lots), (orders["order"], self.orders)):
            index.update(zip(ids, range(len(ids)), strict=True))
        self.lot_product = dict(zip(lots["lot"], lots["product"], strict=True))
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
            self._pool(self.place_of[pair[1]], stage, units)

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
            return self.pegs[key] << 4 | _PEGGED[EARMARKED], self.place_of[key[1]][1]
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
        return _journal(
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
        account = [of_lot << 4 | _SUPPLIED, of_order << 4 | _DEMAND, of_peg << 4 | _PEGGED[0]]
        return (
            np.tile(np.array(rows, np.int64), 3),
            np.concatenate(account),
            np.tile(day, 3),
            np.concatenate([-units, -units, units]),
        )

    def _noted(self) -> _Columns:
        """Return the notes, less what is booked."""
        source, account, units = (np.array(c, np.int64) for c in (self.who, self.what, self.units))
        spans = np.diff([*(start for start, _ in self.days), len(source)])
        day = np.repeat(np.array([day for _, day in self.days], np.int64), spans)
        return source, account, day, units

    def _holders(self) -> list[list[Holder]]:
        product_of = {order: product for order, (_, product, _) in self.place_of.items()}
        return [
            [(lot, self.lot_product[lot], "") for lot in self.lots],
            [(order, product_of[order], "") for order in self.orders],
            [(order, product_of[order], lot) for lot, order in self.pegs],
            [(party, product, site or "") for party, product, site in self.places],
            [(tie, product, "") for tie, product in self.swaps],
        ]


def _journal(
    sources: Sequence[Row],
    holders: Sequence[Sequence[Holder]],
    source: Ints,
    account: Ints,
    day: Ints,
    quantity: Ints,
) -> Journal:
    """Return postings sorted and netted: one for each source, account and day, none of 0."""
    rank = _rank(source, account, _dense(day))
    source, account, day = source[rank], account[rank], day[rank]
    fresh = np.ones(len(rank), bool)
    fresh[1:] = (np.diff(source) != 0) | (np.diff(account) != 0) | (np.diff(day) != 0)
    starts = np.flatnonzero(fresh)
    sums = np.add.reduceat(quantity[rank], starts) if len(starts) else quantity[:0]
    kept = starts[sums != 0]
    return Journal(sources, holders, source[kept], account[kept], day[kept], sums[sums != 0])


def _dense(numbers: Ints) -> Ints:
    """Return numbers from 0 on in the same order, without gaps."""
    there = np.zeros(numbers.max(initial=0) + 1, np.int64)
    there[numbers] = 1
    return (np.cumsum(there) - 1)[numbers]


def _rank(*columns: Ints) -> Ints:
    """Return the order of rows by columns of numbers from 0 on: of one number each, if it fits."""
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    if math.prod(sizes) >= 2**63:
        return np.lexsort(columns[::-1])
    key = columns[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        key = key * size + column
    return np.argsort(key)


def difference(after: Journal, before: Journal) -> dict[Row, tuple[Posting, ...]]:
    """Return what each row has to post to get from one journal to another; rows that differ."""
    joined = _difference(after, before)
    return dict(joined.by_row())


def changes(before: Journal, after: Journal, rows: Sequence[Row]) -> dict[Row, tuple[Posting, ...]]:
    """Return what to post to get from one journal to another, shared out over `rows`.

    Each of `rows` posts its own change; the last of them posts those of all others as well. What
    each posts balances per product and day. Raise ValueError where nothing can be shared out.
    """
    return dict.fromkeys(rows, ()) | dict(shared_out(before, after, rows).by_row())


def shared_out(before: Journal, after: Journal, rows: Sequence[Row]) -> Journal:
    """Return the same as a journal of its own, in columns: for more rows than fit as postings."""
    joined = _difference(after, before)
    number_of = joined.number_of
    own = np.isin(joined.source, [number_of.get(row, -1) for row in rows])
    if own.all():
        return joined
    if not rows:
        raise ValueError("the journal changed, and no row is there to post it")
    there = rows[-1] in number_of
    last = number_of[rows[-1]] if there else len(joined.sources)
    return _journal(
        joined.sources if there else [*joined.sources, rows[-1]],
        joined.holders,
        np.where(own, joined.source, last),
        joined.account,
        joined.day,
        joined.quantity,
    )


def _difference(after: Journal, before: Journal) -> Journal:
    """Return one journal less another, numbered as the first and then on."""
    if not len(before):
        return after
    holders, account = [], before.account.copy()
    sorts = np.array(_SORT)[before.account & 15]
    for sort, (ours, theirs) in enumerate(zip(after.holders, before.holders, strict=True)):
        numbers = _Index(zip(ours, range(len(ours)), strict=True))
        remap = np.array([numbers[holder] for holder in theirs], np.int64)
        chosen = sorts == sort
        account[chosen] = remap[before.account[chosen] >> 4] << 4 | before.account[chosen] & 15
        holders.append(list(numbers))
    rows = _Index(zip(after.sources, range(len(after.sources)), strict=True))
    source = np.array([rows[row] for row in before.sources], np.int64)[before.source]
    return _journal(
        list(rows),
        holders,
        np.concatenate([after.source, source]),
        np.concatenate([after.account, account]),
        np.concatenate([after.day, before.day]),
        np.concatenate([after.quantity, -before.quantity]),
    )
