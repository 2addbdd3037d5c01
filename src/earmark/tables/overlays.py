"""Overlays: rows that replace, add to or remove rows of a book."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Table
from earmark.errors import BookError, Problem
from earmark.tables.columns import duplicates, key_text


@dataclass(frozen=True, slots=True)
class Overlay:
    """Changes to a book, by table.

    Rows of `tables` that do not say when they became known have None there until they are laid on
    a book. `dropped` holds the removed keys of each table, with the row that says so.
    """

    label: str
    tables: Mapping[str, Table[Any]]
    dropped: Mapping[str, Mapping[Any, int]]


def lay(book: Book, overlay: Overlay) -> Book:
    """Return the book with the rows of `overlay` in place of all versions of the same keys.

    Raises BookError when a dropped key is not there, or is given as well.
    """
    laid, problems = lay_on(book, overlay)
    if problems:
        raise BookError(problems)
    return laid


def lay_on(
    book: Book,
    overlay: Overlay,
    left_out: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> tuple[Book, list[Problem]]:
    """Return the book with `overlay` laid on it, and what is wrong with the overlay.

    `left_out` are ids of rows of the book that have bad cells: dropping them is fine.
    """
    problems: list[Problem] = []
    for name in dict.fromkeys((*overlay.tables, *overlay.dropped)):
        base = book.table(name)
        dropped = overlay.dropped.get(name, {})
        rows = overlay.tables.get(name)
        known = set(base.positions) | left_out.get(name, frozenset())
        problems += (
            _not_there(overlay.label, name, key, row)
            for key, row in dropped.items()
            if key not in known
        )
        gone = set(dropped)
        if rows is not None:
            rows = _known_from(rows, book.start)
            problems += duplicates(rows)
            problems += _dropped_and_given(overlay.label, rows, dropped)
            gone.update(rows.keys)
        if gone.intersection(base.positions):
            base = base.take(i for i, key in enumerate(base.keys) if key not in gone)
        book = book.replace_table(base if rows is None else base.joined(rows))
    return book, problems


def _known_from(rows: Table[Any], start: date) -> Table[Any]:
    known = rows.columns["known"]
    if None not in known:
        return rows
    columns = {**rows.columns, "known": [start if day is None else day for day in known]}
    return Table(rows.name, columns, rows.rows, rows.sources)


def _not_there(label: str, name: str, key: object, row: int) -> Problem:
    return Problem(
        "E290",
        f"the book has no {key_text(key)} to drop",
        name,
        row,
        "drop",
        key_text(key),
        "take the row out, or mend its key",
        label,
    )


def _dropped_and_given(label: str, rows: Table[Any], dropped: Mapping[Any, int]) -> list[Problem]:
    return [
        Problem(
            "E291",
            f"{key_text(key)} is dropped in row {dropped[key]} and given here",
            name := rows.name,
            row,
            rows.schema.key[0],
            key_text(key),
            f"keep one of the two: a row of {name} replaces without drop",
            label,
        )
        for key, row in zip(rows.keys, rows.rows, strict=True)
        if key in dropped
    ]
