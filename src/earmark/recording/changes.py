"""Rows of books as changes of a record, in canonical texts."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from earmark.book import Book, Table, canonical_text
from earmark.ledger.entries import Change
from earmark.ledger.ties import Ties
from earmark.schema import SCHEMA
from earmark.tables.writing import settings_texts

ORDER = (
    "evidence",
    "parties",
    "stakes",
    "products",
    "sites",
    "readiness",
    "lots",
    "orders",
    "claims",
    "moves",
)
"""The order in which tables are recorded: what is referred to first."""


def settings_changes(book: Book) -> tuple[Change, ...]:
    """Return the settings of a book as one change per key."""
    return tuple(
        Change("book", {"key": key, "value": value}) for key, value in settings_texts(book)
    )


def book_changes(book: Book) -> Iterator[tuple[Change, ...]]:
    """Yield every version of every row of a book; moves that are tied come together."""
    for name in (*ORDER, *(name for name in SCHEMA if name not in ORDER)):
        if len(table := book.table(name)):
            rows = table_changes(table)
            yield from _tied(table, rows) if name == "moves" else ((row,) for row in rows)


def table_changes(table: Table[Any]) -> Sequence[Change]:
    """Return each row as a change."""
    columns = []
    for column in table.schema.columns:
        texts: dict[object, str] = {}
        cells = table.columns[column.name]
        for cell in cells:
            if cell not in texts:
                texts[cell] = canonical_text(cell)
        columns.append((column.name, [texts[cell] for cell in cells]))
    given = [(name, cells) for name, cells in columns if any(cells)]
    names = [name for name, _ in given]
    return [
        Change(table.name, {name: cell for name, cell in zip(names, row, strict=True) if cell})
        for row in zip(*(cells for _, cells in given), strict=True)
    ]


def _tied(moves: Table[Any], rows: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Yield moves as they became known and day by day, those of one tie together."""
    days, ids, known = (moves.columns[name] for name in ("date", "move", "known"))
    ties = Ties(moves)
    groups: dict[tuple[date, str], list[Change]] = {}
    for i in sorted(range(len(moves)), key=lambda i: (known[i], days[i], ids[i])):
        groups.setdefault((known[i], ties.group(i) or ids[i]), []).append(rows[i])
    yield from map(tuple, groups.values())
