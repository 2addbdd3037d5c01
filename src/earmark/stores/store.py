"""What every store can do, wherever it keeps its entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, Self

from earmark.ledger.batches import Batch
from earmark.ledger.entries import Account, Entry, Recorded, Result


@dataclass(frozen=True, slots=True)
class Head:
    """How far a record goes: its entries, the moment of the last one, the root over all."""

    size: int
    recorded_at: str | None
    root: bytes


class Store(Protocol):
    """An append-only record of entries.

    Addresses are `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://...`. All methods
    raise SurroundingsError where the store cannot be reached or is not permitted.
    """

    address: str
    origin: str
    """Names the record in its checkpoints, for good."""

    def head(self) -> Head:
        """Return how far the record goes."""
        ...

    def append(
        self,
        chains: Sequence[Sequence[Entry]],
        *,
        at: int | None = None,
        recorded_at: Sequence[str] | None = None,
    ) -> list[list[Result]]:
        """Record chains of entries in one transaction: of each chain all or nothing.

        Chains are judged one after the other, each on what those before it left; limits (`HELD`
        accounts never below zero, on any effective day) are judged once per chain, as a whole. With
        `at`, all are refused as `stale` unless the record has that many entries (repeats of
        entries on record aside). `recorded_at` gives the moments, one per entry, when a record is
        restored; the clock gives them else. What is answered as recorded has reached the disk.
        """
        ...

    def load(self, batch: Batch) -> Head:
        """Record a batch in a record that is empty; return how far it goes then.

        Raises ValueError, with nothing recorded, where the record is not empty, postings do not
        hold, or an entry is nothing that a store can hold.
        """
        ...

    def restore(self, recorded: Sequence[Recorded]) -> None:
        """Take over entries of another store as they stand there, after those that are here."""
        ...

    def entry(self, id: str) -> Recorded | None:  # noqa: A002 - the word of the ledger
        """Return the entry of that id, or None."""
        ...

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[Recorded]:
        """Yield the entries from `first` to `last` (None: the end), as they stand."""
        ...

    def bodies(self, first: int = 1, last: int | None = None) -> Iterator[bytes]:
        """Yield the canonical JSON of the entries from `first` to `last`."""
        ...

    def leaves(self, last: int | None = None) -> Iterator[bytes]:
        """Yield the leaf hashes of the first `last` entries (None: of all)."""
        ...

    def size_at(self, moment: str) -> int:
        """Return how many entries were recorded at or before a moment (a day, or a time in UTC)."""
        ...

    def balances(
        self, *, size: int | None = None, as_of: date | None = None
    ) -> Mapping[Account, int]:
        """Return what each account held on the effective day `as_of`, by the first `size` entries.

        None is the end of time, and the whole record. Accounts at zero are left out.
        """
        ...

    def backup(self, path: str) -> None:
        """Write a consistent copy while others append."""
        ...

    def __enter__(self) -> Self:
        """Return the store itself."""
        ...

    def __exit__(self, *error: object) -> None:
        """Let go of the store."""
        ...
