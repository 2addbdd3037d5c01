"""Workbooks (.xlsx) to sheets of texts: each cell becomes the text that CSV would have."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import python_calamine

from earmark.errors import Problem
from earmark.schema import SCHEMA
from earmark.tables.files import bytes_of
from earmark.tables.hints import BLANKS
from earmark.tables.packages import DamagedError, HugeError, LockedError, Package, open_package
from earmark.tables.raw import SETTINGS, Raw, not_a_table
from earmark.tables.settings import settings_of_cells
from earmark.tables.sheets import Sheet, sheet_of
from earmark.tables.texts import text_of


def read_workbook(path: Path, source: str | None) -> Raw:
    """Return what the sheets of a workbook hold."""
    content = bytes_of(path)
    if not content:
        hint = "a workbook has a sheet for each table and a sheet book"
        problem = Problem("E401", "the file is empty (0 bytes)", hint=hint, source=source)
        return Raw(None, {}, (_at_book(problem),), unread=True)
    try:
        package = open_package(content)
        with _open(content) as workbook:
            return _read(workbook, package, source)
    except LockedError:
        hint = "open it in a spreadsheet and save it as .xlsx without a password"
        message = f"{path.name} is locked by a password, or older than .xlsx"
        problem = Problem("E407", message, hint=hint, source=source)
    except HugeError as error:
        hint = "copy the tables to a new workbook"
        problem = Problem("E408", f"{path.name}: {error}", hint=hint, source=source)
    except DamagedError as error:
        hint = "open it in a spreadsheet and save it as .xlsx again"
        message = f"{path.name} is no workbook, or damaged: {str(error)[:200]}"
        problem = Problem("E406", message, hint=hint, source=source)
    return Raw(None, {}, (_at_book(problem),), unread=True)


def _open(content: bytes) -> python_calamine.CalamineWorkbook:
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise LockedError from error
    except BaseException as error:
        raise _damage(error) from error


def _read(workbook: python_calamine.CalamineWorkbook, package: Package, source: str | None) -> Raw:
    sheets: dict[str, Sheet] = {}
    problems: list[Problem] = []
    settings = None
    unread = False
    for meta in workbook.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        lines = _lines(workbook, package, meta.name)
        if meta.name == SETTINGS:
            settings, found = _settings(lines, source)
            problems += found
            continue
        problem = not_a_table(meta.name, "sheet", source)
        sheet = sheet_of(meta.name, lines, source)
        if problem is not None:
            if sheet is not None:  # a new workbook has empty sheets of other names
                problems.append(problem)
        elif sheet is None:
            hint = "a table without rows has a header; or delete the sheet"
            problems.append(
                Problem("E401", "the sheet is empty", meta.name, hint=hint, source=source)
            )
            unread = True
        else:
            sheets[meta.name] = sheet
    ordered = {name: sheets[name] for name in SCHEMA if name in sheets}
    return Raw(settings, ordered, tuple(problems), unread)


def _lines(
    workbook: python_calamine.CalamineWorkbook, package: Package, name: str
) -> list[list[str]]:
    errors = package.errors(name)
    try:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except BaseException as error:
        raise _damage(error) from error
    numbers = _Numbers()
    lines = [
        [
            cell if type(cell) is str else numbers[cell] if type(cell) is float else text_of(cell)
            for cell in row
        ]
        for row in rows
    ]
    for (row, column), text in errors.items():
        lines += [[] for _ in range(row + 1 - len(lines))]
        lines[row] += [""] * (column + 1 - len(lines[row]))
        lines[row][column] = text
    return lines


class _Numbers(dict[float, str]):
    """Remembers the text of each distinct number: columns repeat themselves."""

    def __missing__(self, number: float) -> str:
        self[number] = text = text_of(number)
        return text


def _settings(
    lines: Iterable[Sequence[str]], source: str | None
) -> tuple[dict[tuple[str, ...], str] | None, list[Problem]]:
    pairs = []
    problems = []
    for row, cells in enumerate(lines, 1):
        given = [cell for cell in cells if cell.strip(BLANKS)]
        if not given:
            continue
        key, value = [*cells, "", ""][:2]
        if [cell.strip(BLANKS).lower() for cell in given] == ["key", "value"]:
            continue
        if any(cell.strip(BLANKS) for cell in cells[2:]):
            message = "expected two cells: a key and its value"
            problems.append(Problem("E205", message, SETTINGS, row, None, given[-1], None, source))
        pairs.append((key.strip(BLANKS), value))
    found, twice = settings_of_cells(pairs, source)
    if not pairs and not problems:
        hint = "title, currency, start and end are needed"
        problems.append(Problem("E401", "the sheet is empty", SETTINGS, hint=hint, source=source))
    return found or None, [*problems, *twice]


def _damage(error: BaseException) -> BaseException:
    """Return what to raise instead; a panic of calamine is no Exception, but no exit either."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit)):
        return error
    return DamagedError(str(error) or type(error).__name__)


def _at_book(problem: Problem) -> Problem:
    return replace(problem, table=SETTINGS)
