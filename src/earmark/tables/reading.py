"""A book or an overlay from wherever it lies, checked as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Extent, Table
from earmark.checks import check_book
from earmark.errors import BookError, Problem, UsageError
from earmark.schema import SCHEMA
from earmark.stores.addresses import is_address
from earmark.tables.columns import Checked, check_sheet
from earmark.tables.files import kind_of
from earmark.tables.folders import read_folder
from earmark.tables.overlays import Overlay, lay_on
from earmark.tables.raw import SETTINGS, Raw
from earmark.tables.settings import Settings, check_settings


def read_book(
    path: str | Path,
    *,
    overlays: Sequence[str | Path] = (),
    known: date | None = None,
    recorded: str | None = None,
    effective: date | None = None,
) -> tuple[Book, tuple[Problem, ...]]:
    """Read a folder, workbook or store with overlays laid on it in order, and check everything.

    Returns the book with all versions of every row, and the warnings. References and rules are
    checked in the book as known on the day `known`. Of a store, only what was on record at
    `recorded` is read: a day, a moment or a number of entries. What moves and assertions break that
    are dated after `effective` is not judged. Raises BookError with every problem at once,
    UsageError when a path does not exist, SurroundingsError where reading is not permitted.
    """
    if is_address(str(path)):
        # Stores bring libraries along that a book from files does not need.
        from earmark.tables.records import read_store

        raw, extent, warnings = read_store(str(path), recorded)
        book, found = check_raw(
            raw, overlays=overlays, known=known, extent=extent, effective=effective
        )
        return book, (*warnings, *_beyond(known, extent), *found)
    if recorded is not None:
        raise UsageError(f"{path} has no record, so nothing is known of {recorded}", "name a store")
    return check_raw(_read(path, None), overlays=overlays, known=known, effective=effective)


def check_raw(
    raw: Raw,
    *,
    overlays: Sequence[str | Path] = (),
    known: date | None = None,
    extent: Extent | None = None,
    effective: date | None = None,
    judged: bool = True,
) -> tuple[Book, tuple[Problem, ...]]:
    """Check texts, wherever they come from, as `read_book` does.

    Where a book is known to hold, its rules need not be `judged` again.
    """
    settings, problems = _settings_of(raw)
    checked = _check(raw, settings.start, (), overlay=False)
    problems += checked.problems
    whole = checked.whole
    declared = dict(checked.declared)
    book = _book(settings, checked.tables, extent)
    for place in overlays:
        changes, overlay = _overlay(place, _products(book))
        problems += changes.problems
        whole = whole and changes.whole
        book, found = lay_on(book, overlay, declared)
        problems += found
        for name, ids in changes.declared.items():
            declared[name] = declared.get(name, frozenset()) | ids
    rules = check_book(book.as_known(known), declared, book) if whole and judged else []
    if effective is not None:
        rules = [problem for problem in rules if not _is_later(book, problem, effective)]
    warnings = tuple(problem for problem in rules if problem.code.startswith("W"))
    problems += (problem for problem in rules if not problem.code.startswith("W"))
    if problems:
        raise BookError(problems)
    return book, warnings


def _is_later(book: Book, problem: Problem, effective: date) -> bool:
    """Tell whether a problem is of a move or an assertion dated after a day."""
    if problem.table not in ("moves", "assertions") or problem.row is None:
        return False
    table = book.table(problem.table)
    rows = zip(table.rows, table.sources, table.columns["date"], strict=True)
    return any(
        day > effective
        for row, source, day in rows
        if row == problem.row and source == problem.source
    )


def read_overlay(path: str | Path) -> Overlay:
    """Read a folder or workbook of changes. Raises like `read_book`."""
    changes, overlay = _overlay(path, ())
    if changes.problems:
        raise BookError(changes.problems)
    return overlay


@dataclass(frozen=True, slots=True)
class _Tables:
    """All tables of a book or overlay, checked cell by cell."""

    tables: Mapping[str, Table[Any]]
    problems: tuple[Problem, ...]
    declared: Mapping[str, frozenset[str]]
    dropped: Mapping[str, Mapping[Any, int]]
    whole: bool


def _read(path: str | Path, source: str | None) -> Raw:
    if is_address(str(path)):
        raise UsageError(f"{path} is a store, and no overlay", "name a folder or a workbook")
    place = Path(path)
    if kind_of(place) == "folder":
        return read_folder(place, source)
    if place.suffix.lower() == ".xlsx" and kind_of(place) == "file":
        # The spreadsheet reader is slow to import, and most books are folders.
        from earmark.tables.workbooks import read_workbook

        return read_workbook(place, source)
    raise BookError([_not_a_book(place, source)])


def _beyond(known: date | None, extent: Extent) -> Iterator[Problem]:
    """Warn of a day on which nothing is known yet: what it will be answered may still change."""
    if known is not None and known.isoformat() >= extent.recorded_at[:10]:
        message = f"answered as of the last entry, {extent.size}, of {extent.recorded_at}"
        yield Problem("W608", message, column="known", text=known.isoformat())


def _not_a_book(place: Path, source: str | None) -> Problem:
    hint = "a book is a folder with a book.toml, or an .xlsx workbook"
    if place.name == "book.toml" or place.suffix.lower() in (".csv", ".parquet"):
        hint = f"name its folder: {place.parent}"
    elif place.suffix.lower() in (".xlsm", ".xlsb", ".xls", ".ods"):
        hint = f"save it as {place.stem}.xlsx"
    elif place.suffix.lower() in (".db", ".sqlite"):
        message = f"{place.name}: a store is named by its address"
        hint = f"sqlite:///{place}"
        return Problem("E418", message, text=place.name, hint=hint, source=source)
    message = f"{place.name} is no book"
    return Problem("E409", message, text=place.name, hint=hint, source=source)


def _overlay(path: str | Path, products: Sequence[str]) -> tuple[_Tables, Overlay]:
    place = Path(path).absolute()
    label = place.stem if place.suffix.lower() == ".xlsx" else place.name
    raw = _read(path, label)
    extra = []
    if raw.settings is not None:
        label = raw.settings.get(("title",), "").strip() or label
        extra = [
            Problem(
                "E412",
                f"an overlay has no key {'.'.join(key)}",
                SETTINGS,
                None,
                ".".join(key),
                text,
                "an overlay holds title alone; its other settings are the book's",
                label,
            )
            for key, text in raw.settings.items()
            if key != ("title",)
        ]
    elif not raw.sheets and not raw.problems:
        hint = "an overlay holds tables such as readiness.csv"
        extra = [Problem("E421", "the overlay holds no table", hint=hint, source=label)]
    raw = _relabelled(raw, label, extra)
    changes = _check(raw, None, products, overlay=True)
    return changes, Overlay(label, changes.tables, changes.dropped)


def _relabelled(raw: Raw, label: str, extra: Iterable[Problem]) -> Raw:
    return replace(
        raw,
        sheets={
            name: replace(
                sheet,
                source=label,
                problems=tuple(replace(problem, source=label) for problem in sheet.problems),
            )
            for name, sheet in raw.sheets.items()
        },
        problems=(*(replace(problem, source=label) for problem in raw.problems), *extra),
    )


def _settings_of(raw: Raw) -> tuple[Settings, list[Problem]]:
    settings, problems = check_settings(raw.settings or {})
    if raw.settings is not None:
        return settings, problems
    if any(problem.table == SETTINGS for problem in raw.problems):
        return settings, []
    hint = "it holds title, currency, start and end"
    return settings, [Problem("E410", "expected a book.toml, or a sheet book", SETTINGS, hint=hint)]


def _check(raw: Raw, known: date | None, products: Sequence[str], *, overlay: bool) -> _Tables:
    """Check the sheets, products first, so that hints about the others can name them."""
    checked: dict[str, Checked] = {}
    for name in ("products", *(name for name in SCHEMA if name != "products")):
        if name in raw.sheets:
            sheet = raw.sheets[name]
            checked[name] = check_sheet(sheet, known, products, overlay=overlay)
            if name == "products":
                ids = checked[name].table.columns["product"]
                products = tuple(dict.fromkeys((*products, *ids)))
    found = [problem for one in checked.values() for problem in one.problems]
    return _Tables(
        {name: checked[name].table for name in SCHEMA if name in checked},
        (*raw.problems, *found),
        {name: one.declared for name, one in checked.items() if one.declared},
        {name: one.dropped for name, one in checked.items() if one.dropped},
        not raw.unread and all(one.whole for one in checked.values()),
    )


def _book(settings: Settings, tables: Mapping[str, Table[Any]], extent: Extent | None) -> Book:
    return Book(
        title=settings.title,
        currency=settings.currency,
        start=settings.start,
        end=settings.end,
        policy=settings.policy,
        fiscal=settings.fiscal,
        policies=settings.policies,
        tables=MappingProxyType(dict(tables)),
        extent=extent,
        approval=settings.approval,
    )


def _products(book: Book) -> tuple[str, ...]:
    return tuple(product for product in book.products.columns["product"] if product)
