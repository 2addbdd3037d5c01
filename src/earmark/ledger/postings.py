"""Postings of many rows in columns of numbers; as objects where they are asked for."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from earmark.ledger.entries import STATES, Account, Posting

Ints = npt.NDArray[np.int64]

Row = tuple[str, str]
"""What posts: a table (lots, orders or moves) and a key in it."""

Holder = tuple[str, str, str]
"""Holder, product and place of an account."""

LOT, ORDER, PEG, PLACE, TIE = range(5)
"""The sorts of holders."""

_SORT_OF = {
    "supplied": LOT,
    "supply": LOT,
    "demand": ORDER,
    "booked": ORDER,
    "earmarked": PEG,
    "shipped": PEG,
    "received": PLACE,
    "active": PLACE,
    "retired": PLACE,
    "opened": PLACE,
    "swap": TIE,
}

SORTS = tuple(_SORT_OF[state] for state in STATES)
"""The sort of holder, by the number of the state. The number of an account is that of its holder,
times 16, and that of its state."""

_CHUNK = 50_000
"""Rows whose postings are made at a time."""


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
            (day, STATES[number & 15], self.holders[SORTS[number & 15]][number >> 4], number, units)
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
        self[number] = account = Account(STATES[state], *self._holders[SORTS[state]][number >> 4])
        return account


class Index(dict[Any, int]):
    """Numbers its keys in the order in which they are first asked for."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


def netted(
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
    if len(numbers) < numbers.max(initial=0) >> 4:  # the days of a few postings: sorting is less
        return np.unique(numbers, return_inverse=True)[1]
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
