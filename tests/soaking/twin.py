"""What a record should come to, kept the simple way: a list of rows, judged anew each time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from earmark.book import Book
from earmark.errors import BookError
from earmark.ledger.entries import Account
from earmark.ledger.journal import postings_of
from earmark.ledger.positions import positions
from earmark.recording import Row
from earmark.schema import SCHEMA
from earmark.tables.raw import Raw
from earmark.tables.reading import check_raw
from earmark.tables.records import sheet_of_cells

SETTINGS = {"title": "A book", "currency": "USD", "start": "2024-01-01", "end": "2025-01-01"}


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A version of a row on record."""

    table: str
    key: tuple[str, ...]
    known: str
    stated: bool
    cells: Mapping[str, str]
    """Without `known`."""


@dataclass(frozen=True)
class Twin:
    """The versions that count, in the order of recording, and the keys that were taken out."""

    said: tuple[Said, ...] = ()
    gone: frozenset[tuple[str, tuple[str, ...]]] = frozenset()

    @cached_property
    def book(self) -> Book | None:
        """The book that the versions come to; None where it would not hold."""
        tables: dict[str, list[dict[str, str]]] = defaultdict(list)
        for one in self.said:
            tables[one.table].append({**one.cells, "known": one.known})
        sheets = {
            name: sheet_of_cells(name, rows, list(range(len(rows))))
            for name, rows in tables.items()
        }
        settings: dict[tuple[str, ...], str] = {(key,): text for key, text in SETTINGS.items()}
        try:
            return check_raw(Raw(settings, sheets, (), unread=False))[0]
        except BookError:
            return None

    def told(self, rows: Sequence[Row], today: date, *, correct: bool) -> "Twin | str":
        """Return the record with an entry of rows more; `exists` or `refused` where it is not.

        `today` is the day on which it became known where a row does not say that.
        """
        before = [self._standing(row, today) for row in rows]
        if all(found == "same" for found in before):
            return "exists"
        if "absent" in before or ("differs" in before and not correct):
            return "refused"
        after = self
        for row in rows:
            after = after._with(row, today)
        return "refused" if after.book is None else after

    def taken_in(self, rows: Sequence[Row], today: date) -> "Twin | None":
        """Return the record with an import more; None where it is refused."""
        after = self
        for row in rows:
            standing = self._standing(row, today)
            if standing == "differs":
                return None
            if standing == "new":
                after = after._with(row, today)
        return None if after.book is None else after

    def _standing(self, row: Row, today: date) -> str:
        key = key_of(row)
        versions = [one for one in self.said if (one.table, one.key) == (row.table, key)]
        if row.drop:
            return "new" if versions else "same" if (row.table, key) in self.gone else "absent"
        known = row.cells.get("known")
        if known is None:
            unstated = [one.known for one in versions if not one.stated]
            known = max(unstated, default=today.isoformat())
        cells = {name: text for name, text in row.cells.items() if name != "known"}
        for one in versions:
            if one.known == known:
                return "same" if dict(one.cells) == cells else "differs"
        return "new"

    def _with(self, row: Row, today: date) -> "Twin":
        key = key_of(row)
        if row.drop:
            said = tuple(one for one in self.said if (one.table, one.key) != (row.table, key))
            return Twin(said, self.gone | {(row.table, key)})
        known = row.cells.get("known", today.isoformat())
        cells = {name: text for name, text in row.cells.items() if name != "known"}
        said = tuple(
            one for one in self.said if (one.table, one.key, one.known) != (row.table, key, known)
        )
        return Twin((*said, Said(row.table, key, known, "known" in row.cells, cells)), self.gone)

    @cached_property
    def timeline(self) -> dict[tuple[Account, date], int]:
        """What each account gains on each day."""
        assert self.book is not None
        sums: dict[tuple[Account, date], int] = defaultdict(int)
        for _, postings in postings_of(self.book.as_known(None)).by_row():
            for posting in postings:
                sums[posting.account, posting.effective] += posting.quantity
        return {key: units for key, units in sums.items() if units}

    @cached_property
    def held(self) -> dict[Account, int]:
        """What each account holds in the end."""
        sums: dict[Account, int] = defaultdict(int)
        for (account, _), units in self.timeline.items():
            sums[account] += units
        return {account: units for account, units in sums.items() if units}

    def free(self) -> dict[tuple[str, str], int]:
        """Return what lots have left and orders are to get, as the planner counts pegs."""
        assert self.book is not None
        book = self.book.as_known(None)
        found = {("supplied", lot): n for lot, n in _quantities(book, "lots")}
        found |= {("demand", order): n for order, n in _quantities(book, "orders")}
        stand = positions(book)
        for (lot, order), units in stand.pegs.items():
            found["supplied", lot] -= units
            found["demand", order] -= units
        for arrival in stand.arrivals:
            found["demand", arrival.order] -= arrival.quantity
        return {key: units for key, units in found.items() if units}


def key_of(row: Row) -> tuple[str, ...]:
    """Return the key of a row."""
    return tuple(row.cells.get(name, "") for name in SCHEMA[row.table].key)


def _quantities(book: Book, name: str) -> list[tuple[str, int]]:
    table = book.table(name)
    return list(zip(table.keys, table.columns["quantity"], strict=True))
