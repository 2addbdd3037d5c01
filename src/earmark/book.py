"""The book: its tables in columns, looked up, replaced, as known on a day, and its digest."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

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
from earmark.policy import BUILT_IN, ApprovalRules, Policy, approval_texts
from earmark.schema import SCHEMA, TableSchema

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, eq=False)
class Table(Generic[R]):
    """One table in columns: `columns[name][i]` is the typed cell of the i-th row.

    `rows` are the row numbers that a spreadsheet shows (header 1) and `sources` the overlay that
    each row stands in (None: the book itself); both serve messages alone.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    sources: Sequence[str | None]

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

    def column(self, name: str) -> Sequence[Any]:
        """Return the typed cells of one column, in the order of the rows."""
        return self.columns[name]

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
    def positions(self) -> Mapping[Any, int]:
        """The last row that holds each key; each key's only row once a book is as known."""
        return {key: position for position, key in enumerate(self.keys)}

    def get(self, key: object) -> R | None:
        """Return the record with that key, or None."""
        position = self.positions.get(key)
        return None if position is None else self.records[position]

    def take(self, positions: Iterable[int]) -> "Table[R]":
        """Return the table with those rows alone, in that order."""
        chosen = list(positions)
        columns = {name: [cells[i] for i in chosen] for name, cells in self.columns.items()}
        return Table(
            self.name,
            columns,
            [self.rows[i] for i in chosen],
            [self.sources[i] for i in chosen],
        )

    def joined(self, other: "Table[R]") -> "Table[R]":
        """Return this table with the rows of `other` below its own."""
        columns = {name: [*cells, *other.columns[name]] for name, cells in self.columns.items()}
        return Table(self.name, columns, [*self.rows, *other.rows], [*self.sources, *other.sources])

    def as_known(self, day: date | None) -> "Table[R]":
        """Return, of the rows with one key, the latest known by `day` (None: of all)."""
        known = self.columns["known"]
        if len(self.positions) == len(self) and (day is None or all(k <= day for k in known)):
            return self
        latest: dict[Any, int] = {}
        for i, key in enumerate(self.keys):
            if day is None or known[i] <= day:
                best = latest.get(key)
                if best is None or known[i] > known[best]:
                    latest[key] = i
        return self.take(sorted(latest.values()))


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
    known = table.columns["known"]
    rank = sorted(range(len(table)), key=lambda i: (_sortable(table.keys[i]), known[i]))
    yield f"table {table.name}"
    for column in sorted(table.columns):
        cells = table.columns[column]
        if any(cell is not None and cell != () for cell in cells):
            texts = _Texts(canonical_text)
            yield column + "\x1f" + "\x1f".join([texts[cells[i]] for i in rank])


def _sortable(key: object) -> tuple[str, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    return tuple("" if part is None else str(part) for part in parts)


class _Texts(dict[Any, str]):
    """Remembers the text of each distinct cell: columns repeat themselves."""

    def __init__(self, text: Callable[[Any], str]) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, cell: object) -> str:
        self[cell] = text = self._text(cell)
        return text


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
