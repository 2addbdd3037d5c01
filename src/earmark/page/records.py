"""The tables that show the book: statements on record, assumptions, sources, and all of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from earmark.amounts import number
from earmark.book import Book, Table, canonical_text
from earmark.model import Claim
from earmark.page.cells import Grid, Group, Head, day, joined, link, sources
from earmark.page.content import Page
from earmark.schema import COMMON, SCHEMA

MOST_ROWS = 500
"""Rows that one table of the book shows."""

MOST_SOURCES = 12
"""Sources that the printed page names."""

_SHAPES = {"reported": "●", "derived": "◆", "assumed": "▲", "unknown": "○"}
_COMPARED = {">=": "at least", "<=": "at most", "=": "exactly", ">": "over", "<": "under"}
Row = Sequence[Markup | str]

_COMMON = {column.name for column in COMMON}


@dataclass(frozen=True, slots=True)
class _Place:
    """A table of a book, and the reading whose rows it shows (None: the book's own)."""

    book: Book
    table: Table[Any]
    reading: str | None


def claims_grid(page: Page) -> Grid | None:
    """Return the public statements of the book, as said and without a verdict."""
    claims: Table[Claim] = page.book.claims
    if not len(claims):
        return None
    texts = ("Statement", "Speaker", "Said on", "Party", "Said", "By", "Sources", "Note")
    rows = [
        [
            claim.claim,
            claim.speaker or "–",
            day(claim.date),
            page.name(claim.party),
            _said(claim),
            _deadline(claim),
            sources(page.book, claim.evidence) or "–",
            claim.note or "–",
        ]
        for claim in claims.records[:MOST_ROWS]
    ]
    heads = [Head(text) for text in texts]
    return Grid("As said, without a verdict", heads, [Group(None, rows)], _left_out(claims))


def assumptions_grids(page: Page) -> list[Grid]:
    """Return every row that says how sure it is: those of readings first, reported ones last."""
    readings: dict[str, list[Row]] = {}
    own: dict[str, list[Row]] = {basis: [] for basis in ("assumed", "unknown", "derived")}
    reported: list[Row] = []
    for place in _places(page):
        for i, basis in enumerate(place.table.columns["basis"]):
            if not basis or (place.reading and not place.table.sources[i]):
                continue
            rows = readings.setdefault(place.reading, []) if place.reading else None
            rows = own.get(basis, reported) if rows is None else rows
            rows.append(_assumption(place, i, basis))
    groups = [Group(f"Reading: {label}", rows[:MOST_ROWS]) for label, rows in readings.items()]
    groups += [Group(f"The book: {basis}", rows[:MOST_ROWS]) for basis, rows in own.items() if rows]
    heads = [Head(text) for text in ("What", "Basis", "Holds", "Note", "Sources")]
    grids = (
        Grid(
            "Readings, and what is not reported",
            heads,
            groups,
            _cut(*readings.values(), *own.values()),
        ),
        Grid("Reported", heads, [Group(None, reported[:MOST_ROWS])], _cut(reported)),
    )
    return [grid for grid in grids if len(grid)]


def source_list(page: Page) -> list[Markup]:
    """Return every document of the evidence as a short link, in the order of the book."""
    return [
        link(joined_text(record.publisher, record.published) or record.evidence, record.url)
        for record in page.book.evidence
    ]


def book_grids(page: Page) -> list[Grid]:
    """Return every table of the book with every column that any row gives."""
    return [_book_grid(page.book, name) for name in SCHEMA if len(page.book.table(name))]


def settings(book: Book) -> list[tuple[str, str]]:
    """Return the settings of a book and its own policies as names and texts."""
    shown = [
        ("currency", book.currency),
        ("covers", f"{book.start} to {book.end} (the end itself not included)"),
        ("policy", book.policy),
        *((f"fiscal year of {name}", f"ends {rule}") for name, rule in book.fiscal.items()),
    ]
    for name, policy in book.policies.items():
        rules = [f"{key} {getattr(policy, key)}" for key in ("tiers", "share", "ship", "round")]
        rules += [f"weight of {who} {canonical_text(w)}" for who, w in policy.weights.items()]
        rules += [f"ceiling of {who} {number(most)}" for who, most in policy.ceilings.items()]
        rules += [f"quota of {who} {q} ({policy.quota_of})" for who, q in policy.quotas.items()]
        shown.append((f"policy {name}", ", ".join(rules)))
    return shown


def joined_text(*parts: str | None) -> str:
    """Return the parts that are given, with commas between."""
    return ", ".join(part for part in parts if part)


def basis_mark(basis: str) -> Markup:
    """Return how sure a row is as a shape and a word: never by colour alone."""
    shape = _SHAPES.get(basis, "○")
    return Markup(
        '<span class="basis basis-{0}"><span aria-hidden="true">{1}</span> {0}</span>'
    ).format(basis, shape)


def _places(page: Page) -> Iterator[_Place]:
    books: list[tuple[str | None, Book]] = [(None, page.book)]
    books += [
        (label, reading.book)
        for label, reading in zip(page.labels, page.readings, strict=True)
        if reading.book is not None
    ]
    for label, book in books:
        for name in SCHEMA:
            if len(book.table(name)):
                yield _Place(book, book.table(name), label)


def _assumption(place: _Place, i: int, basis: str) -> list[Markup | str]:
    table, columns = place.table, place.table.columns
    key = table.keys[i]
    parts = key if isinstance(key, tuple) else (key,)
    named = " ".join(canonical_text(part) for part in parts if part is not None)
    return [
        f"{table.name}: {named}",
        basis_mark(basis),
        _holds(table, i),
        columns["note"][i] or "–",
        _sources_of(place, i) or "–",
    ]


def _sources_of(place: _Place, i: int) -> Markup:
    if place.table.name == "evidence":
        return link("address", place.table.columns["url"][i])
    return sources(place.book, place.table.columns["evidence"][i])


def _holds(table: Table[Any], i: int) -> str:
    """Say what a row holds besides its key: names of columns and their cells."""
    default = {column.name: column.default for column in table.schema.columns}
    hidden = _COMMON | set(table.schema.key) | {"url", "sha256"}
    parts = [
        f"{name.replace('_', ' ')} {_text(column[i])}"
        for name, column in table.columns.items()
        if name not in hidden and column[i] not in (None, (), default[name])
    ]
    return ", ".join(parts) or "–"


def _book_grid(book: Book, name: str) -> Grid:
    table = book.table(name)
    given = [
        column
        for column in table.schema.columns
        if any(cell not in (None, ()) for cell in table.columns[column.name])
    ]
    numeric = [column.kind in ("integer", "decimal") for column in given]
    rows = [
        [_cell(book, column.name, table.columns[column.name][i]) for column in given]
        for i in range(min(len(table), MOST_ROWS))
    ]
    heads = [Head(column.name, number) for column, number in zip(given, numeric, strict=True)]
    return Grid(name, heads, [Group(None, rows)], _left_out(table))


def _cell(book: Book, column: str, cell: object) -> Markup | str:
    if cell in (None, ()):
        return "–"
    if column == "basis":
        return basis_mark(str(cell))
    if column == "url":
        return link(str(cell), str(cell))
    if isinstance(cell, date):
        return day(cell)
    if isinstance(cell, tuple):
        return joined([link(one, _url(book, one)) for one in cell], "; ")
    return _text(cell)


def _url(book: Book, evidence: str) -> str | None:
    record = book.evidence.get(evidence)
    return record.url if record else None


def _text(cell: object) -> str:
    return number(cell) if isinstance(cell, int) else canonical_text(cell)


def _said(claim: Claim) -> str:
    unit = {"units": "GPUs", "h100e": "H100-equivalents"}.get(claim.unit_basis or "", "")
    where = joined_text(claim.product, claim.site)
    words = [
        claim.metric.replace("_", " "),
        _COMPARED[claim.comparator],
        number(claim.target),
        unit,
    ]
    return " ".join(word for word in words if word) + (f" ({where})" if where else "")


def _deadline(claim: Claim) -> Markup:
    calendar = [f" ({claim.calendar})"] if claim.calendar else []
    return joined([day(claim.deadline), *calendar], "")


def _cut(*groups: Sequence[Row]) -> str:
    more = sum(max(len(rows) - MOST_ROWS, 0) for rows in groups)
    return f"{more:,} more rows are in the book and left out here." if more else ""


def _left_out(table: Sequence[Any] | Table[Any]) -> str:
    more = len(table) - MOST_ROWS
    return f"{more:,} more rows are in the book and left out here." if more > 0 else ""
