"""Changes to an open book: rows put or dropped, a policy changed; the book with them.

A change names what is different and nothing else. The changed book shares with the one before all
that is the same; a column is made when it is first looked at.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.book import Book, Table, empty_table
from earmark.checks import check_book
from earmark.coded import Coded, Ints, coded, constant, distinct, trimmed
from earmark.errors import BookError, UsageError
from earmark.schema import SCHEMA, Column

CHANGEABLE = ("orders", "lots", "readiness")
"""The tables whose rows a change may name."""

Cells = Mapping[str, Any]
"""Cells of a row by column, typed as in a book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different: rows by table, keys that are dropped, keys of the policy.

    A row names its key. If the book has that key, cells that the row does not name stay as they
    are; if not, they take the defaults of the book format. `policy` changes keys of the policy that
    is planned under, such as `{"ceilings": {"net": 20000}}`.
    """

    orders: Sequence[Cells] = ()
    lots: Sequence[Cells] = ()
    readiness: Sequence[Cells] = ()
    drop: Mapping[str, Sequence[Any]] = field(default_factory=lambda: MappingProxyType({}))
    """Keys by table: a text, or a tuple where the key has several columns."""
    policy: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that change."""
        return tuple(name for name in CHANGEABLE if getattr(self, name) or self.drop.get(name))


@dataclass(frozen=True, eq=False)
class Patch:
    """What a change does to the rows of one table.

    Rows of the changed table are those of the old one without `gone`, and `rows` put in at
    `places`: positions in what is left, rising.
    """

    gone: Ints
    places: Ints
    rows: tuple[tuple[Any, ...], ...]
    """Their cells, in the order of the schema's columns."""
    keys_stay: bool
    """Whether no key comes or goes."""

    @cached_property
    def new(self) -> Ints:
        """Where the rows stand in the changed table."""
        return self.places + np.arange(len(self.rows))

    @cached_property
    def in_place(self) -> bool:
        """Whether every row stands in the place of one before it."""
        return np.array_equal(self.gone, self.new)

    def spliced(self, column: Ints, put: Ints) -> Ints:
        """Return a column of numbers with the numbers `put` for the rows."""
        if self.in_place:
            changed = column.copy()
            changed[self.gone] = put
            return changed
        return np.insert(np.delete(column, self.gone), self.places, put)

    def spliced_ids(self, ids: Sequence[str], put: Sequence[str]) -> list[str]:
        """Return a column of ids with the ids `put` for the rows."""
        left = list(ids)
        for i in self.gone[::-1].tolist():
            del left[i]
        for place, name in zip(self.new.tolist(), put, strict=True):
            left.insert(place, name)
        return left


def changed_book(
    book: Book, change: Change, indexes: "Indexes"
) -> tuple[Book, Mapping[str, Patch]]:
    """Return the book with the change, and the patch of every table that it changes.

    Raises UsageError where the change names what is not there, BookError with every problem of
    its rows.
    """
    for name in change.drop:
        if name not in CHANGEABLE:
            raise UsageError(f"a change cannot drop rows of {name}", _TABLES_HINT)
    patches = {name: _patch(book, change, name, indexes[name]) for name in change.tables}
    found = replace(
        book,
        tables=MappingProxyType(
            {
                **book.tables,
                **{name: patched(book.table(name), patch) for name, patch in patches.items()},
            }
        ),
    )
    _refuse_wrong(found, patches)
    return found, patches


_TABLES_HINT = f"a change may name rows of {', '.join(CHANGEABLE)}"


class Indexes(dict[str, "Index"]):
    """Where the rows of a book's tables stand by key, found when first asked for."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self._book = book

    def __missing__(self, name: str) -> "Index":
        self[name] = index = Index(self._book.table(name))
        return index


class Index:
    """Where the row of each key of a table stands; sorted tables are searched, not indexed."""

    def __init__(self, table: Table[Any]) -> None:
        self._table = table
        keys = table.keys
        self._ids: list[Any] = list(keys) if len(table.schema.key) == 1 else []
        self.sorted = bool(self._ids) and all(map(str.__lt__, self._ids, self._ids[1:]))

    def find(self, key: Any) -> int | None:
        """Return the row of a key, or None."""
        if not self.sorted:
            return self._table.positions.get(key)
        at = bisect_left(self._ids, key)
        return at if at < len(self._ids) and self._ids[at] == key else None

    def place_for(self, key: Any) -> int:
        """Return where a new row belongs: in order where the table is sorted, else at its end."""
        return bisect_left(self._ids, key) if self.sorted else len(self._table)


def patched(table: Table[Any], patch: Patch) -> Table[Any]:
    """Return the table with the patch; its columns are made when they are asked for."""
    names = [column.name for column in table.schema.columns]
    count = len(table) - len(patch.gone) + len(patch.rows)

    def column(name: str) -> Sequence[Any]:
        put = [row[names.index(name)] for row in patch.rows]
        if table.schema.key == (name,) and patch.keys_stay:
            return table.columns[name]
        if table.schema.key == (name,):
            return distinct(patch.spliced_ids(table.columns[name], put))
        return _patched(table.columns[name], patch, put)

    return _Patched(table.name, _Columns(names, column), range(2, count + 2), constant(None, count))


def rows_put(name: str, patch: Patch) -> Table[Any]:
    """Return a table of the rows that are put alone, numbered as in the changed table."""
    columns = [column.name for column in SCHEMA[name].columns]
    cells = zip(*patch.rows, strict=True) if patch.rows else ([] for _ in columns)
    return Table(
        name,
        dict(zip(columns, map(list, cells), strict=True)),
        (patch.new + 2).tolist(),
        [None] * len(patch.rows),
    )


class _Patched(Table[Any]):
    """A table whose columns are `Coded` when they come into being."""

    def __post_init__(self) -> None:
        """Leave the columns unmade."""


class _Columns(Mapping[str, Sequence[Any]]):
    """Columns by name, each made when it is first asked for."""

    def __init__(self, names: Sequence[str], make: Callable[[str], Sequence[Any]]) -> None:
        self._names, self._make = names, make
        self._made: dict[str, Sequence[Any]] = {}

    def __getitem__(self, name: str) -> Sequence[Any]:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _patched(column: Sequence[Any], patch: Patch, put: list[Any]) -> Coded:
    old = coded(column)
    cells = list(old.cells)
    place = {cell: i for i, cell in enumerate(cells)}
    codes = []
    for cell in put:
        codes.append(place.setdefault(cell, len(cells)))
        if codes[-1] == len(cells):
            cells.append(cell)
    if patch.in_place and np.array_equal(old.codes[patch.gone], codes):
        return old
    return trimmed(cells, patch.spliced(old.codes, np.array(codes, np.int64)))


def _patch(book: Book, change: Change, name: str, index: Index) -> Patch:
    table, schema = book.table(name), SCHEMA[name]
    put: dict[Any, tuple[Any, ...]] = {}
    for cells in getattr(change, name):
        key, row = _row(book, table, index, cells)
        put[key] = row
    dropped = list(dict.fromkeys(change.drop.get(name, ())))
    if both := [key for key in dropped if key in put]:
        raise UsageError(f"{both[0]} of {name} is dropped and given", "keep one of the two")
    gone = {key: index.find(key) for key in (*put, *dropped)}
    if absent := [key for key in dropped if gone[key] is None]:
        raise UsageError(f"the book has no {absent[0]} in {schema.name} to drop")
    places = {key: at if (at := gone[key]) is not None else index.place_for(key) for key in put}
    rows = sorted((place, gone[key] is not None, str(key), key) for key, place in places.items())
    out = np.array(sorted(at for at in gone.values() if at is not None), np.int64)
    where = np.array([place for place, *_ in rows], np.int64)
    return Patch(
        out,
        where - np.searchsorted(out, where),
        tuple(put[key] for *_, key in rows),
        keys_stay=not dropped and None not in gone.values(),
    )


def _row(book: Book, table: Table[Any], index: Index, cells: Cells) -> tuple[Any, tuple[Any, ...]]:
    """Return the key of a row and all of its cells."""
    schema = table.schema
    names = [column.name for column in schema.columns]
    if unknown := [name for name in cells if name not in names]:
        raise UsageError(f"the table {table.name} has no column {unknown[0]}")
    key = tuple(cells.get(name) for name in schema.key)
    only = key[0] if len(key) == 1 else key
    at = index.find(only)
    row = []
    for column in schema.columns:
        if column.name in cells:
            cell = cells[column.name]
            _refuse_cell(table.name, column, cell)
        elif at is not None:
            cell = table.columns[column.name][at]
        elif column.required:
            raise UsageError(f"a new row of {table.name} needs the cell {column.name}")
        else:
            cell = book.start if column.name == "known" else column.default
        row.append(cell)
    return only, tuple(row)


_TYPES: Mapping[str, type] = MappingProxyType(
    {"integer": int, "decimal": Decimal, "date": date, "ids": tuple, "yes": bool}
)
"""The type of a cell by the kind of its column; that of all others is text."""


def _refuse_cell(table: str, column: Column, cell: Any) -> None:
    """Raise UsageError where a cell is not what a reader would have made of its text."""
    if column.name == "known":
        raise UsageError("a change is of what is known: it cannot say when that became known")
    if cell is None and not column.required and column.default is None:
        return
    wanted = _TYPES.get(column.kind, str)
    within = type(cell) is wanted
    if within and column.least is not None:
        within = cell >= column.least
    if within and column.most is not None:
        within = cell <= column.most
    if within and column.choices:
        within = cell in column.choices
    if not within or cell == "":
        raise UsageError(f"{column.name} of {table} is {cell!r}", f"give {column.what}")


def _refuse_wrong(book: Book, patches: Mapping[str, Patch]) -> None:
    """Raise BookError where the rows put in do not fit the book."""
    whole = bool(len(book.moves))
    tables = dict(book.tables)
    if not whole:
        # Nothing else can be wrong now: what refers to lots and orders are moves.
        for name in ("moves", "assertions", "claims", "stakes"):
            tables.pop(name, None)
        for name in CHANGEABLE:
            if name in tables:
                tables[name] = (
                    rows_put(name, patches[name]) if name in patches else empty_table(name)
                )
    found = check_book(replace(book, tables=MappingProxyType(tables)))
    if wrong := [problem for problem in found if not problem.code.startswith("W")]:
        raise BookError(wrong)
