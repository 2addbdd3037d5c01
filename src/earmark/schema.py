"""The tables of a book: their columns, kinds and keys (docs/reference/tables.md).

This is the one place that lists columns; readers, checks, digests and documents follow it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "id", "ids", "options", "factors", "text", "integer", "decimal", "date", "choice", "yes"
]

LARGEST = 10**12
"""Most units that one cell may hold; sums of a million such cells still fit 64 bits."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what its cells hold and what they may refer to."""

    name: str
    kind: Kind
    required: bool = False
    default: object = None
    refers_to: str | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    what: str = ""
    """What the cell holds, as error messages say it: 'a whole number of GPUs'."""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: its columns in the order of the contract and its key."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _id(name: str, refers_to: str | None = None, *, required: bool = False) -> Column:
    return Column(name, "id", required, refers_to=refers_to, what="an id")


def _options(name: str, refers_to: str, *, required: bool = False) -> Column:
    """Return a column of ids of which any will do, best first; one id is a cell like any other."""
    return Column(name, "options", required, refers_to=refers_to, what="an id")


def _text(name: str, *, required: bool = False) -> Column:
    return Column(name, "text", required, what="text")


def _units(
    name: str, *, required: bool = False, default: int | None = None, least: int = 0
) -> Column:
    what = "a whole number of GPUs"
    return Column(name, "integer", required, default, least=least, most=LARGEST, what=what)


def _whole(name: str, what: str, *, default: int | None = None, least: int = 0) -> Column:
    return Column(name, "integer", default=default, least=least, most=10**6, what=what)


def _decimal(name: str, what: str, *, required: bool = False, most: int | None = None) -> Column:
    return Column(name, "decimal", required, least=0, most=most, what=what)


def _date(name: str, *, required: bool = False) -> Column:
    return Column(name, "date", required, what="a date as YYYY-MM-DD")


def _choice(name: str, *choices: str, required: bool = False, default: str | None = None) -> Column:
    what = "one of " + ", ".join(choices)
    return Column(name, "choice", required, default, choices=choices, what=what)


COMMON = (
    _date("known"),
    Column("evidence", "ids", default=(), refers_to="evidence", what="evidence ids, ; between"),
    _choice("basis", "reported", "derived", "assumed", "unknown"),
    _text("note"),
)
"""The columns that every table may carry."""

CONFIRMS = ("win", "gain", "improve", "redistribute", "fill", "lose")
"""How an order stands to an earlier promise when promises are made again."""
MOVE_KINDS = (
    "opening",
    "earmark",
    "release",
    "redirect",
    "ship",
    "receive",
    "activate",
    "transfer",
    "retire",
)

COUNTED_STATES = (
    "supplied",
    "earmarked",
    "shipped",
    "received",
    "active",
    "retired",
    "demand",
)
"""The states of units that an assertion may speak of."""


def _table(name: str, *columns: Column, key: tuple[str, ...] = ()) -> TableSchema:
    own = {column.name for column in columns}
    common = (column for column in COMMON if column.name not in own)
    return TableSchema(name, key or (columns[0].name,), (*columns, *common))


_TABLES = (
    _table(
        "parties",
        _id("party", required=True),
        _text("name"),
        _id("group"),
        _choice("kind", "customer", "vendor", "host"),
    ),
    _table(
        "stakes",
        _id("holder", "parties", required=True),
        _id("held", "parties", required=True),
        _date("from"),
        _decimal("percent", "a percentage from 0 to 100", required=True, most=100),
        _date("until"),
        key=("holder", "held", "from"),
    ),
    _table(
        "products",
        _id("product", required=True),
        _text("name"),
        _whole("lot_size", "a whole number of GPUs", default=1, least=1),
        _decimal("power_kw", "a power in kW"),
        _decimal("unit_price", "an amount of money"),
        _decimal("bf16_tflops", "a speed in TFLOP/s"),
        _decimal("h100e", "a number of H100-equivalents"),
    ),
    _table(
        "sites",
        _id("site", required=True),
        _text("name"),
        _id("operator", "parties"),
        _text("region"),
    ),
    _table(
        "readiness",
        _id("site", "sites", required=True),
        _id("product", "products"),
        _date("date", required=True),
        _units("units", required=True),
        _date("date_early"),
        _date("date_late"),
        key=("site", "product", "date"),
    ),
    _table(
        "lots",
        _id("lot", required=True),
        _id("vendor", "parties"),
        _id("product", "products", required=True),
        _date("date", required=True),
        _units("quantity", required=True),
        _date("date_early"),
        _date("date_late"),
        _units("quantity_low"),
        _units("quantity_high"),
        _choice("status", "forecast", "committed", default="committed"),
    ),
    _table(
        "orders",
        _id("order", required=True),
        _id("party", "parties", required=True),
        _options("product", "products", required=True),
        _options("site", "sites"),
        _units("quantity", required=True),
        _date("due", required=True),
        _whole("tier", "a whole number, 1 or more", default=1, least=1),
        _decimal("weight", "a weight above 0"),
        _decimal("unit_price", "an amount of money"),
        _date("booked"),
        _units("promised", default=0),
        _units("min_ship"),
        _whole("max_late_days", "a whole number of days"),
        _text("together"),
        _choice("confirm", *CONFIRMS),
        Column("factors", "factors", what="whole numbers of 1 or more, ; between"),
        _choice("split", "yes", "no"),
        _choice("status", "forecast", "quoted", "booked", "closed", "cancelled", default="booked"),
    ),
    _table(
        "moves",
        _id("move", required=True),
        _choice("kind", *MOVE_KINDS, required=True),
        _date("date", required=True),
        _units("quantity", required=True, least=1),
        _id("lot", "lots"),
        _id("order", "orders"),
        _id("to_order", "orders"),
        _id("party", "parties"),
        _id("product", "products"),
        _id("site", "sites"),
        _id("to_site", "sites"),
        _id("in_return_for", "moves"),
        _date("until"),
        _id("draws", "moves"),
        _text("by"),
        _text("approved_by"),
        _text("reason"),
    ),
    _table(
        "assertions",
        _id("assertion", required=True),
        _date("date", required=True),
        _choice("state", *COUNTED_STATES, required=True),
        _id("lot", "lots"),
        _id("order", "orders"),
        _id("party", "parties"),
        _id("product", "products"),
        _id("site", "sites"),
        _units("quantity", required=True),
    ),
    _table(
        "claims",
        _id("claim", required=True),
        _text("speaker"),
        _date("date", required=True),
        _id("party", "parties", required=True),
        _text("metric", required=True),
        _id("product", "products"),
        _id("site", "sites"),
        _choice("unit_basis", "units", "h100e"),
        _choice("comparator", ">=", "<=", "=", ">", "<", default=">="),
        _decimal("target", "a number", required=True),
        _date("deadline", required=True),
        _text("calendar"),
    ),
    _table(
        "evidence",
        _id("evidence", required=True),
        _text("publisher"),
        _text("published"),
        _text("title"),
        _text("url"),
        _text("sha256"),
    ),
)

SCHEMA: Mapping[str, TableSchema] = MappingProxyType({table.name: table for table in _TABLES})
"""Every table that is read, by name, in the order of the contract."""

LATER_TABLES = ("programmes", "tenancies")
"""Tables of the contract that are not built yet: refused by name, never ignored."""
