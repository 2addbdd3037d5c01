"""The records of a book: one frozen dataclass per table, no defaults, no I/O.

Field for field these are the columns of `schema.SCHEMA` (a test holds them together). Units are
whole GPUs, money and percentages are Decimal, days are `date`. `from` is a reserved word of the
language, so the column of that name is the field `from_`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import date as day  # for fields below one that is called date
from decimal import Decimal
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row carries: when it became known and how sure it is."""

    known: date
    basis: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Row):
    """A row that rests on documents: ids of rows of the table evidence."""

    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party(Fact):
    """A company, unit or programme that orders, hosts or supplies."""

    party: str
    name: str | None
    group: str | None
    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake(Fact):
    """Who owns how much of whom, in percent, over [from_, until)."""

    holder: str
    held: str
    from_: date | None
    percent: Decimal
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Fact):
    """A GPU model as ordered; `lot_size` 8 means whole servers of eight."""

    product: str
    name: str | None
    lot_size: int
    power_kw: Decimal | None
    unit_price: Decimal | None
    bf16_tflops: Decimal | None
    h100e: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Fact):
    """A place where GPUs run."""

    site: str
    name: str | None
    operator: str | None
    region: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Fact):
    """The level of units that a site can power from `date` on; no product means all together."""

    site: str
    product: str | None
    date: date
    units: int
    date_early: day | None
    date_late: day | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(Fact):
    """A dated quantity of one product that a vendor supplies."""

    lot: str
    vendor: str | None
    product: str
    date: date
    quantity: int
    date_early: day | None
    date_late: day | None
    quantity_low: int | None
    quantity_high: int | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Fact):
    """A party's dated demand; `due` is the first day it can use the units.

    `product` and `site` may name several ids, `;` between, of which any will do (`options`).
    """

    order: str
    party: str
    product: str
    site: str | None
    quantity: int
    due: date
    tier: int
    weight: Decimal | None
    unit_price: Decimal | None
    booked: date | None
    promised: int
    min_ship: int | None
    max_late_days: int | None
    together: str | None
    confirm: str | None
    factors: str | None
    split: str | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Fact):
    """Anything that happens to units; `kind` says which of the other columns it needs."""

    move: str
    kind: str
    date: date
    quantity: int
    lot: str | None
    order: str | None
    to_order: str | None
    party: str | None
    product: str | None
    site: str | None
    to_site: str | None
    in_return_for: str | None
    until: day | None
    draws: str | None
    by: str | None
    approved_by: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion(Fact):
    """How many units are in a state at the end of a day, of those that the other columns name."""

    assertion: str
    date: date
    state: str
    lot: str | None
    order: str | None
    party: str | None
    product: str | None
    site: str | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Fact):
    """A public statement with a measurable promise."""

    claim: str
    speaker: str | None
    date: date
    party: str
    metric: str
    product: str | None
    site: str | None
    unit_basis: str | None
    comparator: str
    target: Decimal
    deadline: day
    calendar: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Row):
    """The document behind a fact."""

    evidence: str
    publisher: str | None
    published: str | None
    title: str | None
    url: str | None
    sha256: str | None


RECORDS: Mapping[str, type[Row]] = MappingProxyType(
    {
        "parties": Party,
        "stakes": Stake,
        "products": Product,
        "sites": Site,
        "readiness": Readiness,
        "lots": Lot,
        "orders": Order,
        "moves": Move,
        "assertions": Assertion,
        "claims": Claim,
        "evidence": Evidence,
    }
)
"""The record of each table, by the table's name."""
