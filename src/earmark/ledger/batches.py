"""Many entries in columns: a first import says in a few arrays what a million objects would.

The bodies are, byte for byte, those of the same entries made one by one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring as quoted

import numpy as np
import numpy.typing as npt

from earmark.ledger.entries import HELD, Account

Ints = npt.NDArray[np.int64]

_HELD = frozenset(HELD)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Entries, none of which corrects another, and their postings, in columns of numbers.

    `fronts` are the canonical JSON of each entry up to its kind, without the opening brace;
    `reason` is that of all. Postings are sorted by entry; `day` is a proleptic ordinal.
    """

    ids: Sequence[str]
    kinds: Sequence[str]
    effective: Sequence[int]
    fronts: Sequence[str]
    reason: str | None
    accounts: Sequence[Account]
    entry: Ints
    account: Ints
    quantity: Ints
    day: Ints

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.ids)

    @property
    def numbers(self) -> Ints:
        """The number of each posting in its entry, from 1."""
        starts = np.searchsorted(self.entry, self.entry)
        return np.arange(1, len(self.entry) + 1, dtype=np.int64) - starts

    def bodies(self, moments: Sequence[str]) -> Iterator[bytes]:
        """Yield the canonical JSON of each entry of a record that begins with this batch."""
        postings = self._written_postings()
        ends = np.searchsorted(self.entry, np.arange(len(self)), side="right").tolist()
        reason = "" if self.reason is None else f',"reason":{quoted(self.reason)}'
        start = 0
        for seq, (front, moment, end) in enumerate(zip(self.fronts, moments, ends, strict=True), 1):
            posted = f',"postings":[{",".join(postings[start:end])}]' if end > start else ""
            yield f'{{{front}{posted}{reason},"recorded_at":"{moment}","seq":{seq}}}'.encode()
            start = end

    def sums(self, shift: int) -> Iterator[tuple[int, int, int]]:
        """Yield account, span of 2 ** shift days, and what is posted there in all, sorted."""
        key, place = np.unique(self.account << 32 | self.day >> shift, return_inverse=True)
        sums = _summed(place, self.quantity, len(key))
        return zip((key >> 32).tolist(), (key & (2**32 - 1)).tolist(), sums.tolist(), strict=True)

    def fault(self) -> str | None:
        """Return what is wrong with the postings of a record that begins with them, or None."""
        products = {
            name: i for i, name in enumerate(dict.fromkeys(a.product for a in self.accounts))
        }
        product_of = np.array([products[a.product] for a in self.accounts], np.int64)
        keys = (product_of[self.account], self.day, self.entry)
        order = np.lexsort(keys)
        steps = np.any([np.diff(key[order], prepend=-1) != 0 for key in keys], axis=0)
        if _summed(np.cumsum(steps) - 1, self.quantity[order], int(steps.sum())).any():
            return "the postings of an entry do not balance"
        held = np.array([account.state in _HELD for account in self.accounts])
        key, place = np.unique(self.account << 32 | self.day, return_inverse=True)
        level = np.cumsum(_summed(place, self.quantity, len(key)))
        starts = np.flatnonzero(np.diff(key >> 32, prepend=-1))
        before = np.repeat(
            np.where(starts > 0, level[starts - 1], 0), np.diff([*starts.tolist(), len(key)])
        )
        if ((level - before < 0) & held[key >> 32]).any():
            return "an account would fall below zero"
        return None

    def _written_postings(self) -> list[str]:
        accounts = [",".join(map(quoted, account)) for account in self.accounts]
        days = {day: date.fromordinal(day).isoformat() for day in np.unique(self.day).tolist()}
        return [
            f'[{accounts[account]},{quantity},"{days[day]}"]'
            for account, quantity, day in zip(
                self.account.tolist(), self.quantity.tolist(), self.day.tolist(), strict=True
            )
        ]


def _summed(place: Ints, quantity: Ints, size: int) -> Ints:
    sums = np.zeros(size, np.int64)
    np.add.at(sums, place, quantity)
    return sums
