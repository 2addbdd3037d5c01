"""From a sheet of texts to a table of typed columns, with every problem of every row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from earmark.book import Table, canonical_text
from earmark.coded import Coded, Flags, constant, crossed
from earmark.errors import Problem
from earmark.schema import SCHEMA, Column
from earmark.tables.cells import DROP, Cells, Flaw
from earmark.tables.hints import BLANKS, name_hint
from earmark.tables.sheets import Sheet


@dataclass(frozen=True, slots=True)
class Checked:
    """The good rows of one sheet, and what is wrong with the others.

    `declared` are the ids of rows that are left out; `dropped` the keys that an overlay removes,
    by the row that says so. `whole` tells whether a missing column left all rows out.
    """

    table: Table[Any]
    problems: tuple[Problem, ...]
    declared: frozenset[str]
    dropped: Mapping[Any, int]
    whole: bool


def check_sheet(
    sheet: Sheet, known: date | None, products: Sequence[str] = (), *, overlay: bool = False
) -> Checked:
    """Check every cell of `sheet`; rows that do not say when they became known get `known`."""
    found, problems = _columns_found(sheet, overlay=overlay)
    dropped: Mapping[Any, int] = {}
    if "drop" in found:
        flags, flaws = _typed(sheet, DROP, found["drop"], products)
        problems += flaws
        drops = flags.where(lambda flag: flag is True)
        if drops.any():
            dropped, flaws = _dropped(_taken(sheet, drops), found, products)
            problems += flaws
            sheet = _taken(sheet, ~drops)
    missing = [] if dropped and not sheet.rows else _columns_missing(sheet, found)
    columns: dict[str, Coded] = {}
    for column in SCHEMA[sheet.table].columns:
        default = known if column.name == "known" else column.default
        if column.name in found:
            columns[column.name], flaws = _typed(
                sheet, column, found[column.name], products, default
            )
            problems += flaws
        else:
            columns[column.name] = constant(default, len(sheet.rows))
    sources = constant(sheet.source, len(sheet.rows))
    table: Table[Any] = Table(sheet.table, columns, sheet.rows, sources)
    key_missing = any(column in SCHEMA[sheet.table].key for column in missing)
    if not key_missing:
        problems += duplicates(table)
    problems += (
        Problem(
            "E202",
            f"expected a column {name}",
            sheet.table,
            sheet.header_row,
            name,
            None,
            f"add the column {name}: {SCHEMA[sheet.table].column(name).what}",
            sheet.source,
        )
        for name in missing
    )
    # Without a problem there is no flaw to look for; without a needed column no row is whole.
    table, declared = _good_rows(table) if problems else (table, ())
    return Checked(
        table.take(()) if missing else table,
        (*sheet.problems, *problems),
        frozenset(declared),
        dropped,
        not missing,
    )


def duplicates(table: Table[Any]) -> list[Problem]:
    """Name each row whose key and `known` an earlier row has already."""
    keys = table.key_numbers
    if not len(table) or np.bincount(keys).max() == 1:
        return []
    parts = [table.column(name) for name in (*table.schema.key, "known")]
    versions = crossed(parts)
    if np.bincount(versions).max() == 1:
        return []
    first: dict[int, int] = {}
    problems = []
    for i in np.flatnonzero(~_flawed(parts)).tolist():
        before = first.setdefault(versions[i], i)
        if before != i:
            problems.append(_duplicate(table, before, i))
    return problems


def key_text(key: object) -> str:
    """Return a key as messages show it: its cells with commas between."""
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(canonical_text(part) for part in parts)


def _duplicate(table: Table[Any], before: int, i: int) -> Problem:
    known = table.columns["known"][i]
    names = ", ".join(table.schema.key)
    day = f" and known {known}" if known else ""
    return Problem(
        "E204",
        f"row {table.rows[before]} has the same {names}{day}",
        table.name,
        table.rows[i],
        table.schema.key[0],
        key_text(table.keys[i]),
        "keep one of the two rows, or give the later one a later day in the column known",
        table.sources[i],
    )


def _columns_found(sheet: Sheet, *, overlay: bool) -> tuple[dict[str, int], list[Problem]]:
    """Return the position of each known column, and the problems of the header."""
    names = [column.name for column in SCHEMA[sheet.table].columns]
    if overlay:
        names.append(DROP.name)
    found: dict[str, int] = {}
    problems = []
    for position, name in enumerate(sheet.header):
        if name in found:
            code, message = "E203", f"the column {name} stands here twice"
            hint = "keep one of the two"
        elif name in names:
            found[name] = position
            continue
        else:
            code, message = "E201", f"the table {sheet.table} has no column {name.strip(BLANKS)}"
            hint = name_hint(name, names, "the columns")
            if name == DROP.name:
                hint = "rows are dropped in overlays; in a book, delete the row"
        problems.append(
            Problem(code, message, sheet.table, sheet.header_row, name, name, hint, sheet.source)
        )
    return found, problems


def _columns_missing(sheet: Sheet, found: Mapping[str, int]) -> list[str]:
    columns = SCHEMA[sheet.table].columns
    return [column.name for column in columns if column.required and column.name not in found]


def _typed(
    sheet: Sheet,
    column: Column,
    position: int,
    products: Sequence[str],
    default: object = None,
) -> tuple[Coded, list[Problem]]:
    """Return the typed cells of one column, and a problem for each flaw among them."""
    cells = Cells(sheet.table, column, default, products)
    texts = sheet.columns[position]
    if cells.plain(texts.cells):
        return texts, []
    typed = texts.mapped(cells.__getitem__)
    if not cells.flawed:
        return typed, []
    problems = []
    for i in np.flatnonzero(_flawed([typed])).tolist():
        flaw: Flaw = typed[i]
        problems.append(
            Problem(
                flaw.code,
                flaw.message,
                sheet.table,
                sheet.rows[i],
                column.name,
                texts[i],
                flaw.hint,
                sheet.source,
            )
        )
    return typed, problems


def _dropped(
    sheet: Sheet, found: Mapping[str, int], products: Sequence[str]
) -> tuple[dict[Any, int], list[Problem]]:
    """Return the keys of rows that say drop; of their cells only the key is looked at."""
    schema = SCHEMA[sheet.table]
    problems: list[Problem] = []
    parts: list[Coded] = []
    for name in schema.key:
        if name in found:
            typed, flaws = _typed(sheet, schema.column(name), found[name], products)
            parts.append(typed)
            problems += flaws
        else:
            parts.append(constant(None, len(sheet.rows)))
    keys = parts[0] if len(parts) == 1 else list(zip(*parts, strict=True))
    return {keys[i]: sheet.rows[i] for i in np.flatnonzero(~_flawed(parts)).tolist()}, problems


def _taken(sheet: Sheet, chosen: Flags) -> Sheet:
    positions = np.flatnonzero(chosen)
    columns = tuple(cells.take(positions) for cells in sheet.columns)
    return replace(sheet, columns=columns, rows=[sheet.rows[i] for i in positions.tolist()])


def _good_rows(table: Table[Any]) -> tuple[Table[Any], Iterable[str]]:
    """Leave rows with flaws out; return the ids of those whose id at least is good."""
    bad = _flawed([table.column(name) for name in table.columns])
    if not bad.any():
        return table, ()
    ids = table.column(table.schema.key[0]).take(np.flatnonzero(bad)).cells
    return table.take(np.flatnonzero(~bad)), {found for found in ids if isinstance(found, str)}


def _flawed(columns: Iterable[Coded]) -> Flags:
    """Tell of each row whether one of its cells has a flaw."""
    flags = [column.where(lambda cell: isinstance(cell, Flaw)) for column in columns]
    found: Flags = np.logical_or.reduce(flags)
    return found
