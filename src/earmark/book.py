"""The book: its tables in columns, looked up, replaced, as known on a day, and its digest."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

import numpy as np

from earmark.coded import Coded, Ints, coded, crossed, ordinals
from earmark.model import (
    RECORDS,
    Assertion,
    Claim,
    Evidence,
    Lot,
    Move,
    Order,
    Party,
    Product,
    Readiness,
    Row,
    Site,
    Stake,
)
from earmark.policy import BUILT_IN, QUOTAS_OF, ApprovalRules, Policy, approval_texts
from earmark.schema import SCHEMA, TableSchema

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, eq=False)
class Table(Generic[R]):
    """One table in columns: `columns[name][i]` is the typed cell of the i-th row.

    Columns keep equal cells once (`coded`), whatever sequences they are made from. `rows` are the
    row numbers that a spreadsheet shows (header 1) and `sources` the overlay that each row stands
    in (None: the book itself); both serve messages alone.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    sources: Sequence[str | None]

    def __post_init__(self) -> None:
        """Turn what is no `Coded` column into one."""
        columns = {name: coded(cells) for name, cells in self.columns.items()}
        object.__setattr__(self, "columns", MappingProxyType(columns))
        object.__setattr__(self, "sources", coded(self.sources))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        """Yield the records in the order of the rows."""
        return iter(self.records)

    @property
    def schema(self) -> TableSchema:
        """The columns and key of this table."""
        return SCHEMA[self.name]

    def column(self, name: str) -> Coded:
        """Return the typed cells of one column, in the order of the rows."""
        return cast("Coded", self.columns[name])

    @cached_property
    def lists(self) -> Mapping[str, list[Any]]:
        """The columns as lists, each made when it is first asked for: for those who go by rows."""
        return _Lists(self.columns)

    @cached_property
    def records(self) -> Sequence[R]:
        """The rows as frozen dataclasses."""
        record = RECORDS[self.name]
        names = [_field(column.name) for column in self.schema.columns]
        cells = zip(*(self.columns[column.name] for column in self.schema.columns), strict=True)
        return cast("Sequence[R]", [record(**dict(zip(names, row, strict=True))) for row in cells])

    @cached_property
    def keys(self) -> Sequence[Any]:
        """The key of each row: a text, or a tuple where the key has several columns."""
        key = self.schema.key
        if len(key) == 1:
            return self.columns[key[0]]
        return list(zip(*(self.columns[name] for name in key), strict=True))

    @cached_property
    def key_numbers(self) -> Ints:
        """A number for each row, the same where the keys are; below four times the rows."""
        return crossed([self.column(name) for name in self.schema.key])

    @cached_property
    def positions(self) -> Mapping[Any, int]:
        """The last row that holds each key; each key's only row once a book is as known."""
        return {key: position for position, key in enumerate(self.keys)}

    def get(self, key: object) -> R | None:
        """Return the record with that key, or None."""
        position = self.positions.get(key)
        return None if position is None else self.records[position]

    def take(self, positions: Iterable[int]) -> "Table[R]":
        """Return the table with those rows alone, in that order."""
        if not isinstance(positions, np.ndarray):
            positions = np.fromiter(positions, np.int64)
        columns = {name: self.column(name).take(positions) for name in self.columns}
        rows = _row_numbers(_whole(self.rows)[positions])
        return Table(self.name, columns, rows, coded(self.sources).take(positions))

    def joined(self, other: "Table[R]") -> "Table[R]":
        """Return this table with the rows of `other` below its own."""
        columns = {name: self.column(name).joined(other.column(name)) for name in self.columns}
        rows = _row_numbers(np.append(_whole(self.rows), _whole(other.rows)))
        sources = coded(self.sources).joined(coded(other.sources))
        return Table(self.name, columns, rows, sources)

    def with_rows(self, rows: Sequence[Mapping[str, Any]], source: str) -> "Table[R]":
        """Return this table with rows of typed cells below its own; what is not given is default.

        `source` is how messages name them.
        """
        columns = {
            column.name: [row.get(column.name, column.default) for row in rows]
            for column in self.schema.columns
        }
        numbers = list(range(1, len(rows) + 1))
        return self.joined(Table(self.name, columns, numbers, [source] * len(rows)))

    def as_known(self, day: date | None) -> "Table[R]":
        """Return, of the rows with one key, the latest known by `day` (None: of all)."""
        keys, known = self.key_numbers, ordinals(self.column("known"))
        last = np.iinfo(np.int64).max if day is None else day.toordinal()
        if not len(self) or (known.max() <= last and np.bincount(keys).max() == 1):
            return self
        rows = np.flatnonzero(known <= last)
        # Of versions known on one day, which is a mistake, the first counts.
        rank = rows[np.lexsort((-rows, known[rows], keys[rows]))]
        latest = np.append(keys[rank][1:] != keys[rank][:-1], [True])[: len(rank)]
        return self.take(np.sort(rank[latest]))


class _Lists(dict[str, list[Any]]):
    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        super().__init__()
        self._columns = columns

    def __missing__(self, name: str) -> list[Any]:
        self[name] = cells = list(self._columns[name])
        return cells


def _whole(rows: Sequence[int]) -> Ints:
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, rows.step)
    return np.asarray(rows, np.int64)


def _row_numbers(rows: Ints) -> Sequence[int]:
    """Return row numbers as plain integers that take 8 bytes each."""
    return array("q", rows.tobytes())


@cache
def empty_table(name: str) -> Table[Any]:
    """Return the table `name` without rows."""
    return Table(name, {column.name: [] for column in SCHEMA[name].columns}, [], [])


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the record went that a book was read from: its entries, last moment and root."""

    address: str
    size: int
    recorded_at: str
    root: str


@dataclass(frozen=True, eq=False)
class Book:
    """Everything known about one allocation problem, over the days [start, end).

    `tables` holds each table that the book has, with every version of every row, until
    `as_known` picks the version of a day. `policies` are the book's own; the built-in ones are
    found by `policy_named` too.
    """

    title: str
    currency: str
    start: date
    end: date
    policy: str
    fiscal: Mapping[str, str]
    policies: Mapping[str, Policy]
    tables: Mapping[str, Table[Any]]
    known: date | None = field(default=None, kw_only=True)
    extent: Extent | None = field(default=None, kw_only=True)
    """Where and when it stood on record; None for a book from files."""
    approval: ApprovalRules | None = field(default=None, kw_only=True)

    def table(self, name: str) -> Table[Any]:
        """Return the table called `name`, empty when the book does not have it."""
        return self.tables.get(name) or empty_table(name)

    def has(self, name: str) -> bool:
        """Tell whether the book has the table `name` at all (it may be empty)."""
        return name in self.tables

    @property
    def parties(self) -> Table[Party]:
        """Who orders, hosts or supplies."""
        return self.table("parties")

    @property
    def stakes(self) -> Table[Stake]:
        """Who owns whom."""
        return self.table("stakes")

    @property
    def products(self) -> Table[Product]:
        """GPU models."""
        return self.table("products")

    @property
    def sites(self) -> Table[Site]:
        """Places where GPUs run."""
        return self.table("sites")

    @property
    def readiness(self) -> Table[Readiness]:
        """What sites can power from which day."""
        return self.table("readiness")

    @property
    def lots(self) -> Table[Lot]:
        """Dated supply."""
        return self.table("lots")

    @property
    def orders(self) -> Table[Order]:
        """Dated demand."""
        return self.table("orders")

    @property
    def moves(self) -> Table[Move]:
        """What happened to units."""
        return self.table("moves")

    @property
    def assertions(self) -> Table[Assertion]:
        """What accounts were said to hold."""
        return self.table("assertions")

    @property
    def claims(self) -> Table[Claim]:
        """Public statements."""
        return self.table("claims")

    @property
    def evidence(self) -> Table[Evidence]:
        """Documents behind facts."""
        return self.table("evidence")

    @cached_property
    def group_of(self) -> Mapping[str, str]:
        """The group of each party that has one."""
        columns = self.parties.columns
        pairs = zip(columns["party"], columns["group"], strict=True)
        return {party: group for party, group in pairs if group}

    def policy_named(self, name: str) -> Policy | None:
        """Return the book's own policy of that name, else the built-in one, else None."""
        return self.policies.get(name) or BUILT_IN.get(name)

    def as_known(self, day: date | None) -> "Book":
        """Return the book with, of each row, only the version that counted on `day`."""
        tables = {name: table.as_known(day) for name, table in self.tables.items()}
        return replace(self, tables=MappingProxyType(tables), known=day)

    def replace_table(self, table: Table[Any]) -> "Book":
        """Return the book with that table in place of its own of the same name."""
        return replace(self, tables=MappingProxyType({**self.tables, table.name: table}))

    def without_moves(self, moves: Iterable[str]) -> "Book":
        """Return the book without the moves of those ids, and without those tied to them.

        What draws an earmark goes with it.
        """
        ids, returns, draws = (self.moves.columns[c] for c in ("move", "in_return_for", "draws"))
        gone = set(moves)
        ties = [{a, b} for a, b in zip(ids, returns, strict=True) if b]
        drawn = [(a, {b}) for a, b in zip(ids, draws, strict=True) if b]
        while (
            grown := {
                *(move for tie in ties if gone & tie for move in tie),
                *(move for move, earmark in drawn if gone & earmark),
            }
            - gone
        ):
            gone |= grown
        return self.replace_table(
            self.moves.take(i for i, move in enumerate(ids) if move not in gone)
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical content: the same from every format and row order."""
        whole = hashlib.sha256()
        for line in _settings(self):
            whole.update(line.encode() + b"\n")
        for name in SCHEMA:
            if name in self.tables and len(self.tables[name]):
                for line in _canonical_columns(self.tables[name]):
                    whole.update(line.encode() + b"\n")
        return "sha256:" + whole.hexdigest()


def _field(column: str) -> str:
    return "from_" if column == "from" else column


def _settings(book: Book) -> Iterator[str]:
    """Yield the settings of a book as lines of text that do not depend on their order."""
    yield f"title={book.title}"
    yield f"currency={book.currency}"
    yield f"start={book.start}"
    yield f"end={book.end}"
    yield f"policy={book.policy}"
    yield from (f"fiscal.{name}={rule}" for name, rule in sorted(book.fiscal.items()))
    for name, policy in sorted(book.policies.items()):
        for key in ("tiers", "share", "ship", "round"):
            yield f"policy.{name}.{key}={getattr(policy, key)}"
        if policy.value is not None:
            yield f"policy.{name}.value={policy.value}"
        # Digests of books that do not use later keys stay as they were.
        if policy.count_promised:
            yield f"policy.{name}.count_promised=yes"
        if policy.reserve_days is not None:
            yield f"policy.{name}.reserve_days={policy.reserve_days}"
        if policy.quota_of != QUOTAS_OF[0]:
            yield f"policy.{name}.quota_of={policy.quota_of}"
        for party, quota in sorted(policy.quotas.items()):
            yield f"policy.{name}.quotas.{party}={quota}"
        for party, borrow in sorted(policy.borrow.items()):
            for key, text in borrow.texts().items():
                yield f"policy.{name}.borrow.{party}.{key}={text}"
        for party, weight in sorted(policy.weights.items()):
            yield f"policy.{name}.weights.{party}={canonical_text(weight)}"
        for party, ceiling in sorted(policy.ceilings.items()):
            yield f"policy.{name}.ceilings.{party}={ceiling}"
    if book.approval is not None:
        for path, value in sorted(approval_texts(book.approval), key=lambda given: given[0]):
            yield f"{'.'.join(path)}={canonical_text(value)}"


def _canonical_columns(table: Table[Any]) -> Iterator[str]:
    """Yield a table as lines, one per column that holds anything, rows sorted by key and known.

    A unit separator stands between cells; no cell can hold one.
    """
    order = [*(table.column(name) for name in table.schema.key), table.column("known")]
    rank = np.lexsort([_ranks(column) for column in reversed(order)])
    yield f"table {table.name}"
    for name in sorted(table.columns):
        column = table.column(name)
        if all(cell is None or cell == () for cell in column.cells):
            continue
        if len(column.cells) == 1:
            yield name + ("\x1f" + canonical_text(column[0])) * len(table)
        else:
            texts = np.array(_texts(column), object)
            yield name + "\x1f" + "\x1f".join(texts[column.codes[rank]].tolist())


def _ranks(column: Coded) -> Ints:
    """Return the place of each row's cell in the order of the texts of cells."""
    texts = _texts(column)
    ranks = np.empty(len(texts), np.int64)
    ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return ranks[column.codes]


def _texts(column: Coded) -> Sequence[str]:
    """Return the canonical texts of the distinct cells; ids are their own."""
    if set(map(type, column.cells)) == {str}:
        return column.cells
    return [canonical_text(cell) for cell in column.cells]


def canonical_text(cell: object) -> str:
    """Return the one text of a typed cell: '' for none, plain digits, ISO dates, ids with ';'."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        plain = format(cell.normalize(), "f")
        return "0" if plain == "-0" else plain
    if isinstance(cell, tuple):
        return ";".join(cell)
    return str(cell)
