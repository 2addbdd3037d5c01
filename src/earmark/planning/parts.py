"""Books in which orders with options are orders of one product and one site instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from earmark.book import Book, Table
from earmark.ledger.positions import Positions
from earmark.model import Move, Order
from earmark.options import Option, ids_in, part_id
from earmark.planning.options import OpenOrder, Peg


@dataclass(slots=True, eq=False)
class Part:
    """What one option of an order takes, in units of its product."""

    pegs: list[Peg]
    promised: int = 0
    rest: int = 0

    @property
    def pegged(self) -> int:
        """The units pegged to it."""
        return sum(peg.units for peg in self.pegs)

    @property
    def quantity(self) -> int:
        """All of its units."""
        return self.pegged + self.promised + self.rest


@dataclass(frozen=True, slots=True)
class _Row:
    """An order of a derived book: that of a row, for one option."""

    row: int
    order: str
    option: Option
    quantity: int
    promised: int


def with_every_option(book: Book, what: Positions, opened: Sequence[OpenOrder]) -> Book:
    """Return a book in which each option of an order is an order of its own for all of it.

    It says which limits each option stands under, and what else stands there. What is pegged to an
    order is pegged to its first option of that product.
    """
    rows, pegs = [], []
    for one in opened:
        held: dict[int, list[Peg]] = {}
        for peg in one.pegs:
            products = [option.product for option in one.options]
            held.setdefault(products.index(peg.product), []).append(peg)
        for k, option in enumerate(one.options):
            units = max(1, one.quantity // option.factor)
            units += sum(peg.units for peg in held.get(k, ()))
            rows.append(_Row(one.row, part_id(one.order, k), option, units, 0))
            pegs += [(part_id(one.order, k), peg) for peg in held.get(k, ())]
    return _with_rows(book, what, opened, rows, pegs)


def with_parts(
    book: Book,
    what: Positions,
    opened: Sequence[OpenOrder],
    parts: Sequence[Mapping[int, Part]],
) -> Book:
    """Return the book in which orders with options are their parts, by position of the option."""
    rows, pegs = [], []
    for one, taken in zip(opened, parts, strict=True):
        some = [k for k in sorted(taken) if taken[k].quantity] or [0]
        for number, k in enumerate(some):
            part, name = taken.get(k) or Part([]), part_id(one.order, number)
            promised = part.pegged + part.promised if part.promised else 0
            rows.append(_Row(one.row, name, one.options[k], part.quantity, promised))
            pegs += [(name, peg) for peg in part.pegs]
    return _with_rows(book, what, opened, rows, pegs)


def _with_rows(
    book: Book,
    what: Positions,
    opened: Sequence[OpenOrder],
    rows: Sequence[_Row],
    pegs: Sequence[tuple[str, Peg]],
) -> Book:
    """Return the book with those rows in place of its planned orders with options."""
    orders = _without_choice(book.orders)
    out = np.zeros(len(orders), np.bool_)
    out[[one.row for one in opened]] = True
    parts = orders.take(np.array([row.row for row in rows], np.int64))
    columns = {
        **parts.columns,
        "order": [row.order for row in rows],
        "product": [row.option.product for row in rows],
        "site": [row.option.site for row in rows],
        "quantity": [row.quantity for row in rows],
        "promised": [row.promised for row in rows],
    }
    joined = orders.take(np.flatnonzero(~out)).joined(replace(parts, columns=columns))
    tables = {**book.tables, "orders": joined}
    names = {one.order for one in opened}
    if any(book.moves.column(name).where(names.__contains__).any() for name in _ORDERS):
        tables["moves"] = _moves(book, what, names, pegs)
    return replace(book, tables=MappingProxyType(tables))


_ORDERS = ("order", "to_order")


def _without_choice(orders: Table[Order]) -> Table[Order]:
    """Return the orders, each with the first of its products and sites alone."""
    columns = dict(orders.columns)
    for name in ("product", "site"):
        columns[name] = orders.column(name).mapped(
            lambda cell: None if cell is None else ids_in(cell)[0]
        )
    for name in ("factors", "split"):
        columns[name] = orders.column(name).mapped(lambda _: None)
    return replace(orders, columns=columns)


def _moves(
    book: Book, what: Positions, names: Collection[str], pegs: Sequence[tuple[str, Peg]]
) -> Table[Move]:
    """Return what the moves come to as moves: what runs, what is transferred, what is pegged."""
    moves = book.moves
    kept = moves.take(np.flatnonzero(moves.column("kind").where(_RUNNING.__contains__)))
    part_of = {peg.supply: name for name, peg in pegs if peg.transferred}
    to_order = [
        part_of.get(move, order) if order in names else order
        for move, order in zip(kept.column("move"), kept.column("to_order"), strict=True)
    ]
    kept = replace(kept, columns={**kept.columns, "to_order": to_order})
    pegged = [
        (lot, order, units) for (lot, order), units in what.pegs.items() if order not in names
    ]
    pegged += [(peg.supply, name, peg.units) for name, peg in pegs if not peg.transferred]
    rows = [
        {
            "move": f"{lot};{order}",
            "kind": "earmark",
            "date": book.start,
            "quantity": units,
            "lot": lot,
            "order": order,
            "known": book.start,
        }
        for lot, order, units in sorted(pegged)
    ]
    return kept.with_rows(rows, "pegs")


_RUNNING = ("opening", "transfer", "retire")
