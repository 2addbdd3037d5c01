"""Rows of books as changes of a record, in canonical texts."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

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


def tables_in_order(book: Book) -> list[Table[Any]]:
    """Return the tables of a book in the order in which they are recorded."""
    return [book.table(name) for name in (*ORDER, *(name for name in SCHEMA if name not in ORDER))]


def book_changes(book: Book) -> Iterator[tuple[Change, ...]]:
    """Yield every version of every row of a book; moves that are tied come together."""
    for table in tables_in_order(book):
        rows = table_changes(table)
        groups = tied_moves(table) if table.name == "moves" else [[i] for i in range(len(rows))]
        yield from (tuple(rows[i] for i in group) for group in groups)


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


def tied_moves(moves: Table[Any]) -> list[list[int]]:
    """Return the rows of moves as they became known and day by day, those of one tie together."""
    days, known = ([day.toordinal() for day in moves.columns[name]] for name in ("date", "known"))
    order = np.lexsort((days, known)).tolist()
    ties = Ties(moves)
    if not ties:
        return [[i] for i in order]
    ids = moves.columns["move"]
    groups: dict[tuple[int, str], list[int]] = {}
    for i in order:
        groups.setdefault((known[i], ties.group(i) or ids[i]), []).append(i)
    return list(groups.values())
