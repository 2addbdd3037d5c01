"""How long ids on record may be: they are keys of a database, and parts of the ids of entries."""

from collections.abc import Iterable, Iterator

from earmark.book import Book
from earmark.errors import BookError, Problem
from earmark.schema import SCHEMA

LONGEST_ID = 150
"""Bytes of UTF-8. An entry's id is made of up to two of them, with some signs spelled threefold."""


def require_short_ids(book: Book) -> None:
    """Raise BookError where a book has ids that are too long for a record."""
    problems: list[Problem] = []
    for name, table in book.tables.items():
        for column in id_columns(name):
            cells = table.columns[column]
            if any(map(too_long, set(cells))):
                problems += (
                    too_long_at(name, table.rows[i], column, cell)
                    for i, cell in enumerate(cells)
                    if too_long(cell)
                )
    if problems:
        raise BookError(problems)


def long_ids(table: str, row: int, cells: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Yield a problem for each cell of a row, as text, that is an id and too long."""
    columns = id_columns(table)
    for name, text in cells:
        if name in columns and too_long(text):
            yield too_long_at(table, row, name, text)


def id_columns(table: str) -> list[str]:
    """Return the columns of a table that hold an id, or ids of which any will do."""
    return [column.name for column in SCHEMA[table].columns if column.kind in ("id", "options")]


def too_long(cell: str | None) -> bool:
    """Tell whether an id is too long for a record."""
    if cell is None or len(cell) * 4 <= LONGEST_ID:
        return False
    return any(len(one.encode()) > LONGEST_ID for one in cell.split(";"))


def too_long_at(table: str, row: int, column: str, text: str) -> Problem:
    """Return the refusal of an id."""
    message = f"an id on record has at most {LONGEST_ID} bytes, this one has {len(text.encode())}"
    return Problem("E431", message, table, row, column, text, "name it shorter, everywhere")
