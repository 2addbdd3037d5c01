"""Parquet files to sheets of texts, and tables back to Parquet.

Imported where a book holds such files alone, as polars takes a while to load.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from earmark.book import Book, Table, canonical_text
from earmark.coded import Coded, Flags
from earmark.errors import Problem
from earmark.schema import Column
from earmark.tables.files import replace_file
from earmark.tables.frames import coded_series
from earmark.tables.hints import BLANKS
from earmark.tables.sheets import Sheet, sheet_of

_MAGIC, _LOCKED = b"PAR1", b"PARE"
"""The four bytes that such a file begins and ends with."""


def read_parquet(table: str, content: bytes, source: str | None) -> Sheet | tuple[Problem, ...]:
    """Return the sheet in the bytes of a Parquet file, or why there is none.

    Cells of any plain type become the texts that they would be in CSV, and are checked as those. A
    row has the number that it would have below a header.
    """
    if not content:
        message = "the file is empty (0 bytes)"
        return (Problem("E401", message, table, hint=_COLUMNS, source=source),)
    if content.startswith(_LOCKED) or content.endswith(_LOCKED):
        message, hint = "the file is Parquet, but encrypted", "save it without encryption"
        return (Problem("E423", message, table, hint=hint, source=source),)
    if len(content) < 12 or not content.startswith(_MAGIC) or not content.endswith(_MAGIC):
        return (_damaged(table, "it does not begin and end as one", source),)
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except BaseException as error:
        # A panic of polars is no Exception, but no exit either.
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit)):
            raise
        return (_damaged(table, str(error).partition("\n")[0][:200], source),)
    if problems := tuple(_untold(table, frame, source)):
        return problems
    return _sheet(table, frame, source)


def parquet_bytes(table: Table[Any]) -> bytes:
    """Return a table as a Parquet file: days, whole numbers and decimals are of such types.

    Columns that hold nothing are left out, unless they are required. The same table gives the same
    bytes.
    """
    series = [
        _series(column, table.column(column.name))
        for column in table.schema.columns
        if column.required
        or any(cell is not None and cell != () for cell in table.column(column.name).cells)
    ]
    file = io.BytesIO()
    pl.DataFrame(series).write_parquet(file)
    return file.getvalue()


def write_tables(book: Book, folder: Path) -> None:
    """Write each table of a book, with all versions of its rows, as a Parquet file of its name."""
    for name, table in book.tables.items():
        replace_file(folder / f"{name}.parquet", parquet_bytes(table))


def _sheet(table: str, frame: pl.DataFrame, source: str | None) -> Sheet | tuple[Problem, ...]:
    header = tuple(frame.columns)
    if all(_is_blank(name) for name in header):
        return (Problem("E401", "the file has no columns", table, hint=_COLUMNS, source=source),)
    columns = tuple(coded_series(series) for series in frame)
    if any(_is_blank(name) for name in header):
        sheet = sheet_of(table, [header, *zip(*columns, strict=True)], source)
        assert sheet is not None
        return sheet
    blank = _blank_rows(columns)
    if not blank.any():
        return Sheet(table, header, 1, columns, range(2, 2 + frame.height), source)
    kept = np.flatnonzero(~blank)
    columns = tuple(column.take(kept) for column in columns)
    return Sheet(table, header, 1, columns, [2 + row for row in kept.tolist()], source)


_COLUMNS = "a table without rows has its columns; or delete the file"


def _blank_rows(columns: Iterable[Coded]) -> Flags:
    blank: Flags = np.ones((), bool)
    # Columns of few cells first: they show at once that there is no blank row.
    for column in sorted(columns, key=lambda column: len(column.cells)):
        blank = blank & column.where(_is_blank)
        if not blank.any():
            break
    return blank


def _is_blank(text: str) -> bool:
    return not text.strip(BLANKS)


def _untold(table: str, frame: pl.DataFrame, source: str | None) -> Iterator[Problem]:
    """Find columns of types that have no text."""
    for name, kind in frame.schema.items():
        if kind.is_numeric() or kind.is_temporal() or kind.base_type() in _PLAIN:
            continue
        message = f"expected texts, numbers or days, found the type {kind}"
        hint = (
            "save it as text, with ; between several ids" if kind.is_nested() else "save it as text"
        )
        yield Problem("E424", message, table, 1, name, str(kind), hint, source)


_PLAIN = (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null)


def _damaged(table: str, why: str, source: str | None) -> Problem:
    hint = "write it again, whole"
    return Problem(
        "E423", f"the file is no Parquet, or damaged: {why}", table, hint=hint, source=source
    )


def _series(column: Column, cells: Coded) -> pl.Series:
    """Return a column as a series: each distinct cell is turned once."""
    if column.kind == "integer":
        values = pl.Series(column.name, cells.cells, pl.Int64)
    elif column.kind == "date":
        values = pl.Series(column.name, cells.cells, pl.Date)
    elif column.kind == "decimal":
        places = [-int(cell.as_tuple().exponent) for cell in cells.cells if cell is not None]
        values = pl.Series(column.name, cells.cells, pl.Decimal(38, max([0, *places])))
    else:
        texts = [canonical_text(cell) or None for cell in cells.cells]
        values = pl.Series(column.name, texts, pl.String)
    return values[cells.codes]
