"""Columns to CSV and Parquet: the text of each distinct cell is made once.

Long columns go through polars. It takes longer to import than a short file takes to write, so
short ones do without.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from earmark.book import canonical_text
from earmark.coded import coded
from earmark.errors import SurroundingsError
from earmark.tables.csv_files import guarded

_SHORT = 100_000
"""Rows up to which polars is not worth its import."""


def columns_as_csv(columns: Mapping[str, Sequence[object]]) -> bytes:
    """Return columns of equal length as CSV in UTF-8, texts guarded against running as formulas."""
    texts = {}
    for name, column in columns.items():
        cells = coded(column)
        texts[name] = _fields(map(canonical_text, cells.cells)), cells.codes
    head = ",".join(_fields(columns)) + "\n"
    rows = len(next(iter(texts.values()))[1])
    if rows <= _SHORT or find_spec("polars") is None:
        chosen = (map(cells.__getitem__, codes.tolist()) for cells, codes in texts.values())
        body = "\n".join(map(",".join, zip(*chosen, strict=True)))
        return (head + body + "\n" * bool(rows)).encode()
    import polars as pl

    frame = pl.DataFrame(
        {name: pl.Series(cells).gather(codes) for name, (cells, codes) in texts.items()}
    )
    file = io.BytesIO(head.encode())
    file.seek(0, io.SEEK_END)
    # The fields hold their own quotes where they need any.
    frame.write_csv(file, include_header=False, quote_style="never")
    return file.getvalue()


def columns_as_parquet(columns: Mapping[str, Sequence[object]]) -> bytes:
    """Return columns of equal length as Parquet: texts, days and whole numbers as such."""
    if find_spec("polars") is None:
        raise SurroundingsError("Parquet needs the package polars", "write .csv instead")
    import polars as pl

    types: dict[str, Any] = {"date": pl.Date, "quantity": pl.Int64}
    frame = pl.DataFrame(
        {
            name: pl.Series(list(cells.cells), dtype=types.get(name, pl.String)).gather(cells.codes)
            for name, cells in ((name, coded(column)) for name, column in columns.items())
        }
    )
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def _fields(texts: Iterable[str]) -> list[str]:
    """Return texts as fields of CSV: guarded, and quoted where they have to be."""
    return [_field(str(guarded(text))) for text in texts]


def _field(text: str) -> str:
    # Most texts are plain; others are quoted as the standard library does it.
    if text.isalnum() or (text and not any(mark in text for mark in _MARKS)):
        return text
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerow([text, ""])
    return file.getvalue()[:-2]


_MARKS = '",\r\n '
