"""CSV files to sheets of texts, and back to bytes."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from earmark.errors import Problem
from earmark.schema import SCHEMA
from earmark.tables.hints import BLANKS
from earmark.tables.quick_csv import LARGE, quick_sheet
from earmark.tables.sheets import Sheet, sheet_of

_GUARDED = re.compile(r"'+[=+\-@\t]")
"""A text that a quote keeps spreadsheets from running; the quote is no part of it."""

_TO_GUARD = re.compile(r"'*[=+\-@\t]")


def read_csv(
    table: str, content: bytes, source: str | None, *, large: int = LARGE
) -> Sheet | Problem:
    """Return the sheet in the bytes of a CSV file, or why there is none.

    A file of `large` bytes or more goes the quick way, if it is plain enough.
    """
    text = _decoded(table, content, source)
    if isinstance(text, Problem):
        return text
    if len(content) >= large and (quick := quick_sheet(table, content, source)):
        return _separated_otherwise(quick) or quick
    try:
        sheet = sheet_of(
            table, _lines(text), source, too_many="put text that holds a comma in double quotes"
        )
    except csv.Error as error:
        return _broken(table, text, error, source)
    if sheet is None:
        return _problem(
            "E401", "the file is empty", table, source, hint="a table without rows has a header"
        )
    return _separated_otherwise(sheet) or sheet


def csv_bytes(header: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows of texts as CSV in UTF-8.

    A text that starts with = + - @ or a tab would be run as a formula by a spreadsheet: a single
    quote is put before it. `read_csv` takes that quote away again.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(guarded, row) for row in rows)
    return file.getvalue().encode()


def guarded(text: object) -> object:
    """Return a text that no spreadsheet runs; anything else as it is."""
    return "'" + text if isinstance(text, str) and _TO_GUARD.match(text) else text


def _lines(text: str) -> Iterator[list[str]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    if not _GUARDED.search(text):
        return lines
    return ([cell[1:] if _GUARDED.match(cell) else cell for cell in line] for line in lines)


def _decoded(table: str, content: bytes, source: str | None) -> str | Problem:
    if not content:
        return _problem(
            "E401",
            "the file is empty (0 bytes)",
            table,
            source,
            hint="a table without rows has a header; or delete the file",
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "this looks like UTF-16: save it as CSV UTF-8"
        return _problem("E402", "the file is not UTF-8", table, source, row=1, hint=hint)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        hint = "save each sheet as CSV UTF-8, or name the workbook .xlsx and read it whole"
        return _problem("E405", "the file is a workbook, not CSV", table, source, hint=hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec has skipped a byte-order mark before it counts.
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        return _problem(
            "E402",
            f"the file is not UTF-8: byte 0x{content[start]:02x} at position {start}",
            table,
            source,
            row=_row_at(content[:start]),
            text=_around(content, start),
            hint="this may be Windows-1252: save it as CSV UTF-8",
        )
    if "\0" in text:
        position = content.index(b"\0")
        row = _row_at(content[:position])
        message = f"the file holds a NUL byte at position {position}"
        return _problem("E403", message, table, source, row=row, hint="save it as CSV UTF-8")
    return text


def _around(content: bytes, start: int) -> str:
    """Return what stands about a byte, as far as it is in the same line."""
    before = content[max(0, start - 20) : start].decode("latin-1").splitlines() or [""]
    after = content[start : start + 20].decode("latin-1").splitlines()
    return before[-1] + after[0]


def _row_at(before: bytes) -> int:
    """Return the row, as a spreadsheet counts, in which the bytes `before` end."""
    text = before.decode("utf-8-sig", errors="replace")
    lines = csv.reader(io.StringIO(text + "x", newline=""))
    try:
        return sum(1 for _ in lines)
    except csv.Error:
        return lines.line_num


def _broken(table: str, text: str, error: csv.Error, source: str | None) -> Problem:
    row = 1
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row, _ in enumerate(lines, 2):  # noqa: B007 - the row after the last good one
            pass
    except csv.Error:
        pass
    if "limit" in str(error):
        message = "a cell does not end: a double quote is not closed"
    elif "unexpected end" in str(error):
        message = "a double quote is not closed before the end of the file"
    else:
        message = "a double quote stands inside a cell"
    hint = 'a cell in double quotes ends with one; write a quote inside it twice: ""'
    return _problem("E404", message, table, source, row=row, hint=hint)


def _separated_otherwise(sheet: Sheet) -> Problem | None:
    if len(sheet.header) != 1:
        return None
    names = {column.name for column in SCHEMA[sheet.table].columns}
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        parts = [part.strip(BLANKS + '"').lower() for part in sheet.header[0].split(separator)]
        if len(parts) > 1 and names.intersection(parts):
            return _problem(
                "E405",
                f"the cells are separated by {name}, not by commas",
                sheet.table,
                sheet.source,
                row=sheet.header_row,
                text=sheet.header[0],
                hint="save it as CSV with commas (CSV UTF-8)",
            )
    return None


def _problem(
    code: str,
    message: str,
    table: str,
    source: str | None,
    *,
    row: int | None = None,
    text: str | None = None,
    hint: str | None = None,
) -> Problem:
    return Problem(code, message, table, row, None, text, hint, source)
