"""A drawn book in memory, in columns, as the readers hand it over: what comes after reading."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.book import Book, Table
from earmark.coded import Coded, coded
from earmark.schema import SCHEMA
from measuring.books import SERVER, START, Draw, Ints, names


def book_of(drawn: Draw) -> Book:
    """Return the book that `write_folder` would write, read again."""
    size = drawn.size
    sites = names("s", size.sites)
    lots = len(drawn.lot_day)
    orders: dict[str, Coded] = {
        "order": _each(names("o", len(drawn.party))),
        "party": Coded(names("p", size.parties), drawn.party),
        "product": _one("gpu", len(drawn.party)),
        "quantity": _numbers(drawn.quantity),
        "due": _days(drawn.due),
        "tier": _numbers(drawn.tier),
    }
    if size.sites:
        orders["site"] = Coded(sites, drawn.site)
    if drawn.booked is not None:
        orders["booked"] = _days(drawn.booked)
    tables = {
        "parties": _table("parties", {"party": _each(names("p", size.parties))}),
        "products": _table(
            "products",
            {
                "product": _each(["gpu"]),
                "lot_size": _one(SERVER, 1),
                "unit_price": _one(Decimal(30000), 1),
            },
        ),
        "lots": _table(
            "lots",
            {
                "lot": _each(names("l", lots)),
                "product": _one("gpu", lots),
                "date": _days(drawn.lot_day),
                "quantity": _numbers(drawn.lot_quantity),
            },
        ),
        "orders": _table("orders", orders),
    }
    if size.sites:
        tables["sites"] = _table("sites", {"site": _each(sites)})
        ready = {
            "site": Coded(sites, drawn.ready_site),
            "date": _days(drawn.ready_day),
            "units": _numbers(drawn.ready_units),
        }
        tables["readiness"] = _table("readiness", ready)
    if drawn.moves:
        tables["moves"] = _table("moves", {name: coded(c) for name, c in drawn.moves.items()})
    return Book(
        title=f"{size.lines} lines by chance",
        currency="USD",
        start=START,
        end=START + timedelta(days=drawn.days),
        policy="priority",
        fiscal=MappingProxyType({}),
        policies=MappingProxyType({}),
        tables=MappingProxyType(tables),
    )


def _table(name: str, given: Mapping[str, Sequence[Any]]) -> Table[Any]:
    rows = len(next(iter(given.values())))
    columns = {
        column.name: given.get(
            column.name, _one(START if column.name == "known" else column.default, rows)
        )
        for column in SCHEMA[name].columns
    }
    return Table(name, MappingProxyType(columns), range(2, rows + 2), _one(None, rows))


def _one(cell: object, rows: int) -> Coded:
    return Coded([cell], np.zeros(rows, np.int64))


def _each(cells: list[str]) -> Coded:
    return Coded(cells, np.arange(len(cells)))


def _numbers(numbers: Ints) -> Coded:
    cells, codes = np.unique(numbers, return_inverse=True)
    return Coded(cells.tolist(), codes.reshape(-1))


def _days(days: Ints) -> Coded:
    cells, codes = np.unique(days, return_inverse=True)
    dates: list[date] = [START + timedelta(days=day) for day in cells.tolist()]
    return Coded(dates, codes.reshape(-1))
