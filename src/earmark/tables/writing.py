"""Grants and books to files, by the name's ending, whole or not at all."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Table, canonical_text
from earmark.errors import SurroundingsError, UsageError
from earmark.policy import QUOTAS_OF, Policy, approval_texts
from earmark.tables.column_files import columns_as_csv, columns_as_parquet
from earmark.tables.csv_files import csv_bytes
from earmark.tables.files import kind_of, replace_file, surroundings

ENDINGS = (".csv", ".parquet", ".xlsx")
_MOST_ROWS = 1_048_576
_FIRST_SHEET_DAY = date(1900, 3, 1)
"""Before this, spreadsheets count days in their own ways: such days are written as text."""


def write_grants(path: str | Path, columns: Mapping[str, Sequence[object]]) -> None:
    """Write columns of equal length as CSV, Parquet or .xlsx, by the ending of `path`.

    A file of that name is replaced whole or not at all. No text is ever run as a formula: in a
    workbook it is written as text, in CSV a single quote is put before = + - @ or a tab. Raises
    UsageError for another ending or a folder that is not there, SurroundingsError without
    permission or room.
    """
    place = Path(path)
    ending = place.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"{place.name} ends with none of {', '.join(ENDINGS)}", f"write {place.stem}.csv"
        )
    if ending == ".csv":
        content: bytes | Iterable[bytes] = columns_as_csv(columns)
    elif ending == ".parquet":
        content = columns_as_parquet(columns)
    else:
        content = _workbook_bytes({"grants": (list(columns), zip(*columns.values(), strict=True))})
    replace_file(place, content)


def write_book(
    book: Book,
    path: str | Path,
    beside: Mapping[str, bytes | Iterable[bytes]] = MappingProxyType({}),
    *,
    parquet: bool = False,
) -> None:
    """Write a book with all versions of its rows: an .xlsx file, or a new folder of CSV or Parquet.

    Read back, it has the same digest. `beside` are further files of the folder, by name. Raises
    UsageError when the folder holds files already.
    """
    place = Path(path)
    if place.suffix.lower() == ".xlsx":
        if parquet:
            raise UsageError(f"{place.name} would be a workbook", "name a folder for Parquet files")
        sheets: dict[str, tuple[Sequence[str], Iterable[Sequence[object]]]] = {
            "book": (("key", "value"), [(".".join(key), text) for key, text in _settings(book)])
        }
        for name, table in book.tables.items():
            sheets[name] = (_names(table), _rows(table))
        replace_file(place, _workbook_bytes(sheets))
        return
    with surroundings(place):
        if place.exists() and (kind_of(place) != "folder" or any(place.iterdir())):
            raise UsageError(f"{place} exists already", "name a new folder")
        place.mkdir(parents=True, exist_ok=True)
    if parquet:
        # polars takes longer to load than most books take to write.
        from earmark.tables.parquet_files import write_tables

        write_tables(book, place)
    else:
        for name, table in book.tables.items():
            rows = (map(canonical_text, row) for row in _rows(table))
            replace_file(place / f"{name}.csv", csv_bytes(_names(table), rows))
    for name, content in beside.items():
        replace_file(place / name, content)
    # Last, so that what is left of an interrupted write is no book.
    replace_file(place / "book.toml", _toml(book).encode())


def settings_texts(book: Book) -> list[tuple[str, str]]:
    """Return the settings of a book as the sheet `book` holds them: keys with points, and texts."""
    return [(".".join(key), canonical_text(value)) for key, value in _settings(book)]


def _names(table: Table[Any]) -> list[str]:
    """Return the columns worth writing: required ones and those that hold anything."""
    return [
        column.name
        for column in table.schema.columns
        if column.required or any(cell not in (None, ()) for cell in table.columns[column.name])
    ]


def _rows(table: Table[Any]) -> Iterator[Sequence[object]]:
    return zip(*(table.columns[name] for name in _names(table)), strict=True)


def _settings(book: Book) -> Iterator[tuple[tuple[str, ...], object]]:
    yield ("title",), book.title
    yield ("currency",), book.currency
    yield ("start",), book.start
    yield ("end",), book.end
    yield ("policy",), book.policy
    for name, rule in book.fiscal.items():
        yield ("fiscal", name), rule
    for name, policy in book.policies.items():
        yield from _policy_settings(name, policy)
    if book.approval is not None:
        yield from approval_texts(book.approval)


def _policy_settings(name: str, policy: Policy) -> Iterator[tuple[tuple[str, ...], object]]:
    for key in ("tiers", "share", "ship", "round") if policy.value is None else ("ship",):
        yield ("policy", name, key), getattr(policy, key)
    if policy.value is not None:
        yield ("policy", name, "value"), policy.value
    if policy.count_promised:
        yield ("policy", name, "count_promised"), "yes"
    if policy.reserve_days is not None:
        yield ("policy", name, "reserve_days"), policy.reserve_days
    if policy.quota_of != QUOTAS_OF[0]:
        yield ("policy", name, "quota_of"), policy.quota_of
    for key in ("weights", "ceilings"):
        for claimant, number in getattr(policy, key).items():
            yield ("policy", name, key, claimant), number
    for claimant, quota in policy.quotas.items():
        number = quota.top if quota.bottom is None else str(quota)
        yield ("policy", name, "quotas", claimant), number
    for claimant, borrow in policy.borrow.items():
        for key, text in borrow.texts().items():
            value = int(text) if key == "rank" else text
            yield ("policy", name, "borrow", claimant, key), value


def _toml(book: Book) -> str:
    lines = []
    head: tuple[str, ...] = ()
    for key, value in _settings(book):
        if key[:-1] != head:
            head = key[:-1]
            lines.append(f"\n[{'.'.join(map(_key, head))}]")
        lines.append(f"{_key(key[-1])} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _key(part: str) -> str:
    plain = part.isascii() and part.replace("_", "").replace("-", "").isalnum()
    return part if plain else _value(part)


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, Decimal)):
        return canonical_text(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    # JSON's escapes are TOML's, but for the slash and for U+007F, which no text of a book holds.
    return json.dumps(value, ensure_ascii=False)


def _workbook_bytes(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]],
) -> bytes:
    """Return a workbook with one sheet per table; the same content gives the same bytes."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        # A fixed day: the file says nothing of when it was written.
        workbook.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001
        bold = workbook.add_format({"bold": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name, (header, rows) in sheets.items():
            sheet = workbook.add_worksheet(name)
            for column, title in enumerate(header):
                sheet.write_string(0, column, title, bold)
            for number, row in enumerate(rows, 1):
                if number >= _MOST_ROWS:
                    raise SurroundingsError(
                        f"a sheet holds at most {_MOST_ROWS} rows", "write .csv instead"
                    )
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, day)
            sheet.freeze_panes(1, 0)
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, cell: object, day: object) -> None:
    if cell is None or cell in ("", ()):
        return
    if isinstance(cell, date) and cell >= _FIRST_SHEET_DAY:
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, (int, float, Decimal)) and _fits_float(cell):
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, canonical_text(cell))


def _fits_float(number: float | Decimal) -> bool:
    """Tell whether a spreadsheet keeps the number as it is: 15 digits."""
    if isinstance(number, bool):
        return False
    return Decimal(format(float(number), ".15g")) == Decimal(str(number))
