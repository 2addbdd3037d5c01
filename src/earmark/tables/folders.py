"""A folder of CSV and Parquet files beside a book.toml."""

from pathlib import Path

from earmark.errors import Problem
from earmark.schema import LATER_TABLES, SCHEMA
from earmark.tables.csv_files import read_csv
from earmark.tables.files import bytes_of, kind_of, surroundings
from earmark.tables.raw import SETTINGS, Raw, not_a_table
from earmark.tables.sheets import Sheet
from earmark.tables.toml_files import settings_of_toml

_OTHER_FORMATS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".tsv", ".json", ".txt")
"""Files of a table's name in one of these would be passed over in silence: named instead."""


def read_folder(folder: Path, source: str | None) -> Raw:
    """Return what the tables and the book.toml of `folder` hold. Other files do not matter."""
    with surroundings(folder):
        names = sorted(path.name for path in folder.iterdir())
    sheets: dict[str, Sheet] = {}
    problems: list[Problem] = []
    settings = None
    unread = False
    if "book.toml" in names:
        texts = settings_of_toml(bytes_of(folder / "book.toml"), source)
        if isinstance(texts, Problem):
            problems.append(texts)
        else:
            settings = texts
    for name in names:
        path = folder / name
        stem, ending = path.stem, path.suffix.lower()
        if name.startswith((".", "~$")):
            continue
        if ending not in (".csv", ".parquet"):
            problems += _other_format(stem, ending, names, source)
            continue
        if ending == ".parquet" and f"{stem}.csv" in names and stem in SCHEMA:
            problems.append(_twice(stem, name, source))
            continue
        sheet = _table(path, stem, ending, source)
        if not isinstance(sheet, Sheet):
            problems += sheet
            unread = unread or stem in SCHEMA
        elif stem in sheets:
            problems.append(_twice(stem, name, source))
        else:
            sheets[stem] = sheet
    return Raw(settings, sheets, tuple(problems), unread)


def _table(path: Path, stem: str, ending: str, source: str | None) -> Sheet | tuple[Problem, ...]:
    problem = not_a_table(stem, "file", source)
    if problem is not None:
        return (problem,)
    if kind_of(path) != "file":
        message = f"{path.name} is no file"
        hint = "a table is a CSV or Parquet file"
        return (Problem("E409", message, stem, hint=hint, source=source),)
    if ending == ".parquet":
        # polars takes longer to load than most books take to read.
        from earmark.tables.parquet_files import read_parquet

        return read_parquet(stem, bytes_of(path), source)
    sheet = read_csv(stem, bytes_of(path), source)
    return (sheet,) if isinstance(sheet, Problem) else sheet


def _other_format(stem: str, ending: str, names: list[str], source: str | None) -> list[Problem]:
    """Name a table that stands here in a format that a folder is not read in."""
    if ending not in _OTHER_FORMATS or stem not in (*SCHEMA, *LATER_TABLES, SETTINGS):
        return []
    name = stem + ending
    for same in (f"{stem}.csv", f"{stem}.parquet"):
        if same in names:
            return [_twice(stem, name, source, same)]
    if stem in LATER_TABLES:
        found = not_a_table(stem, "file", source)
        return [] if found is None else [found]
    if stem == SETTINGS:
        return []
    message = f"{name}: the tables of a folder are CSV or Parquet files"
    hint = f"save it as {stem}.csv, or put all tables in one workbook"
    return [Problem("E418", message, stem, text=name, hint=hint, source=source)]


def _twice(stem: str, name: str, source: str | None, other: str | None = None) -> Problem:
    hint = f"keep {other or f'{stem}.csv'} or {name}"
    message = f"the table {stem} is here twice, once as {name}"
    return Problem("E419", message, stem, text=name, hint=hint, source=source)
