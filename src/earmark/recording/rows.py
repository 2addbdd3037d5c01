"""Rows as they are typed on a command line, to be recorded as one entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earmark.book import canonical_text
from earmark.errors import BookError, Problem
from earmark.ledger.entries import Change
from earmark.ledger.folding import key_of
from earmark.recording.additions import Added, add
from earmark.recording.limits import long_ids
from earmark.recording.word import Word
from earmark.schema import SCHEMA
from earmark.stores import Store
from earmark.tables.columns import check_sheet
from earmark.tables.records import sheet_of_cells


@dataclass(frozen=True, slots=True)
class Row:
    """A row as typed; with `drop` its key alone, to be taken out."""

    table: str
    cells: Mapping[str, str]
    drop: bool = False


def record(store: Store, rows: Sequence[Row], word: Word) -> Added:
    """Record rows as one entry: all of them or none.

    Raises BookError with everything that is wrong with them, or with the book as it would be.
    """
    return add(store, [typed(rows, store.head().size + 1)], word)


def typed(rows: Sequence[Row], number: int) -> tuple[Change, ...]:
    """Return rows in canonical texts; BookError names every bad cell, as of entry `number`."""
    problems: list[Problem] = []
    changes: list[Change] = []
    for row in rows:
        if row.drop:
            problems += _beside_the_key(row, number)
            changes.append(Change(row.table, dict(row.cells), drop=True))
            continue
        checked = check_sheet(sheet_of_cells(row.table, [row.cells], [number]), None)
        problems += checked.problems
        if len(checked.table):
            cells = {name: cell for name, (cell,) in checked.table.columns.items()}
            texts = {name: canonical_text(cell) for name, cell in cells.items()}
            problems += long_ids(row.table, number, texts.items())
            changes.append(Change(row.table, {name: text for name, text in texts.items() if text}))
    problems += _twice(changes, number)
    if problems:
        raise BookError(problems)
    return tuple(changes)


def _twice(changes: Sequence[Change], number: int) -> list[Problem]:
    """Name each row that an earlier row of the same entry says already, unless it was dropped."""
    problems = []
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    for change in changes:
        key = key_of(change.table, change.cells)
        version = change.table, key, change.cells.get("known", "")
        if change.drop:
            seen -= {one for one in seen if one[:2] == version[:2]}
            continue
        if version in seen:
            name = SCHEMA[change.table].key[0]
            message, text = "another row of this entry has the same key", change.cells.get(name)
            problems.append(
                Problem("E204", message, change.table, number, name, text, "keep one of the two")
            )
        seen.add(version)
    return problems


def _beside_the_key(row: Row, number: int) -> list[Problem]:
    key = SCHEMA[row.table].key
    hint = "name it by " + ", ".join(key)
    message = "a row that is dropped is named by its key alone"
    return [
        Problem("E431", message, row.table, number, name, text, hint)
        for name, text in row.cells.items()
        if name not in key
    ]
