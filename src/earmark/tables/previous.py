"""Grants of an earlier plan, read back: the document of `plan --json`, or a file of `plan -o`."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from earmark.errors import BookError, Problem, UsageError
from earmark.schedule import Schedule
from earmark.tables.files import surroundings

COLUMNS = ("lot", "order", "date", "quantity")


def read_previous(path: str | Path) -> Schedule:
    """Return the grants of an earlier plan; .json, .csv or .parquet.

    UsageError for a file that is not there or of another kind, BookError with every wrong cell.
    """
    place = Path(path)
    if not place.is_file():
        raise UsageError(f"there is no file {path}", "name a plan document or a file of grants")
    with surroundings(place):
        content = place.read_bytes()
    read = _READERS.get(place.suffix.lower())
    if read is None:
        raise UsageError(f"cannot read grants from {path}", "name a .json, .csv or .parquet file")
    try:
        rows = read(content)
    except (ValueError, OSError) as error:
        raise BookError([_problem(place, "E403", f"expected grants: {error}")]) from error
    return _schedule(place, rows)


Rows = Sequence[Mapping[str, Any]]


def _from_json(content: bytes) -> Rows:
    document = json.loads(content)
    grants = document.get("grants") if isinstance(document, dict) else None
    if not isinstance(grants, list) or not all(isinstance(row, dict) for row in grants):
        raise ValueError("the document has no list of grants")
    return grants


def _from_csv(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _from_parquet(content: bytes) -> Rows:
    import polars as pl

    try:
        return pl.read_parquet(io.BytesIO(content)).to_dicts()
    except pl.exceptions.PolarsError as error:
        raise ValueError("the file is damaged or no Parquet file") from error


_READERS = {".json": _from_json, ".csv": _from_csv, ".parquet": _from_parquet}


def _schedule(place: Path, rows: Rows) -> Schedule:
    found: list[tuple[str, int, str, int]] = []
    wrong: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        cells, problems = _cells(row)
        wrong += [_problem(place, *problem, row=number) for problem in problems]
        if not problems:
            found.append(cells)
    if wrong:
        raise BookError(wrong)
    orders = tuple(sorted({row[0] for row in found}))
    lots = tuple(sorted({row[2] for row in found}))
    order, lot = ({name: i for i, name in enumerate(names)} for names in (orders, lots))
    ranked = sorted((order[o], day, lot[of], units) for o, day, of, units in found)
    columns = np.array(ranked, np.int64).reshape(-1, 4).T
    none = np.zeros(len(ranked), np.bool_)
    return Schedule(orders, lots, columns[0], columns[2], columns[1], columns[3], none)


def _cells(row: Mapping[str, Any]) -> tuple[Any, list[tuple[str, str, str, str]]]:
    """Return order, ordinal day, lot and units, and what is wrong: code, message, column, text."""
    texts = {name: "" if row.get(name) is None else str(row[name]) for name in COLUMNS}
    problems = [
        ("E101", f"expected the {name} of a grant; the cell is empty", name, "")
        for name in COLUMNS
        if not texts[name]
    ]
    day = units = 0
    try:
        day = date.fromisoformat(texts["date"]).toordinal() if texts["date"] else 0
    except ValueError:
        problems.append(("E105", "expected a day as 2024-06-15", "date", texts["date"]))
    quantity = texts["quantity"]
    if quantity and not (quantity.isascii() and quantity.isdigit() and int(quantity) < 1 << 40):
        problems.append(("E102", "expected a whole number of GPUs", "quantity", quantity))
    elif quantity:
        units = int(quantity)
    return (texts["order"], day, texts["lot"], units), problems


def _problem(
    place: Path,
    code: str,
    message: str,
    column: str | None = None,
    text: str | None = None,
    row: int | None = None,
) -> Problem:
    return Problem(code, message, place.name, row, column, text)
