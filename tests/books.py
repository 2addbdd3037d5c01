"""Books for tests, in a few words: `book(lots=[{"lot": "l1", "quantity": 8}], orders=[...])`.

Cells may be typed or text as in a file ("2024-03-01", "2.5"); row numbers start at 2, as after a
header. What a row leaves out takes the default of the schema. A required cell that is left out is
filled: dates with the start of the book, quantities with 1, products with "gpu", parties with "a",
other ids with the table's name and the row's number.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Table
from earmark.policy import BUILT_IN, Policy
from earmark.schema import SCHEMA, Column

Rows = Sequence[Mapping[str, Any]]

START, END = date(2024, 1, 1), date(2025, 1, 1)


def book(
    *,
    start: date | str = START,
    end: date | str = END,
    policy: str = "priority",
    policies: Mapping[str, Policy] = MappingProxyType({}),
    fiscal: Mapping[str, str] = MappingProxyType({}),
    known: date | None = None,
    **tables: Rows,
) -> Book:
    """Return a book with those tables alone; a table given as [] is there and empty."""
    first, last = _day(start), _day(end)
    return Book(
        title="A book",
        currency="USD",
        start=first,
        end=last,
        policy=policy,
        fiscal=fiscal,
        policies=policies,
        tables=MappingProxyType(
            {name: table(name, rows, start=first) for name, rows in tables.items()}
        ),
        known=known,
    )


def table(name: str, rows: Rows, *, start: date = START) -> Table[Any]:
    """Return the table `name` with those rows; `start` fills `known` and required dates."""
    schema = SCHEMA[name]
    for row in rows:
        if unknown := set(row) - {column.name for column in schema.columns}:
            raise KeyError(f"{name} has no column {sorted(unknown)}")
    columns = {
        column.name: [
            _cell(column, row[column.name])
            if row.get(column.name) is not None
            else _filled(name, column, number, start)
            for number, row in enumerate(rows, start=1)
        ]
        for column in schema.columns
    }
    return Table(name, columns, list(range(2, len(rows) + 2)), [None] * len(rows))


def policy(name: str, **rules: Any) -> Policy:
    """Return a policy like the built-in `priority` with those rules in place of its own."""
    like = BUILT_IN["priority"]
    cells: dict[str, Any] = {field: getattr(like, field) for field in Policy.__slots__}
    return Policy(**{**cells, "name": name, **rules})


def _filled(name: str, column: Column, number: int, start: date) -> Any:
    if column.name == "known":
        return start
    if not column.required:
        return column.default
    if column.refers_to in ("products", "parties"):
        return "gpu" if column.refers_to == "products" else "a"
    fillings = {"date": start, "integer": 1, "decimal": Decimal(1), "choice": column.choices}
    filling: Any = fillings.get(column.kind, f"{name}{number}")
    return filling[0] if column.kind == "choice" else filling


def _cell(column: Column, cell: Any) -> Any:
    if column.kind == "date":
        return _day(cell)
    if column.kind == "integer":
        return int(cell)
    if column.kind == "decimal":
        return Decimal(cell)
    if column.kind == "ids":
        return tuple(cell.split(";")) if isinstance(cell, str) else tuple(cell)
    return cell


def _day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day
