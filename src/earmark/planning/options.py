"""Orders of which several products or sites will do, and books in which they are parts instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from earmark.book import Book, Table
from earmark.coded import NEVER
from earmark.errors import UsageError
from earmark.ledger.positions import Positions
from earmark.model import Move, Order
from earmark.options import Option, is_several, options_of, part_id
from earmark.planning.demand import planned_orders
from earmark.policy import Policy
from earmark.schedule import Bools


@dataclass(frozen=True, slots=True)
class Peg:
    """Units of a lot or transfer that are pegged to an order, in units of their product."""

    supply: str
    product: str
    day: int
    units: int
    transferred: bool


@dataclass(frozen=True, slots=True, eq=False)
class OpenOrder:
    """A planned order with several products or sites; quantities in units of the order."""

    order: str
    row: int
    quantity: int
    promised: int
    """Units promised beyond those that are pegged."""
    tier: int
    due: int
    booked: int
    options: tuple[Option, ...]
    """Best first."""
    whole: bool
    """Whether one site must take all of it."""
    pegs: tuple[Peg, ...]

    @property
    def pegged(self) -> int:
        """The units that pegs come to."""
        factors = {option.product: option.factor for option in self.options}
        return sum(peg.units * factors[peg.product] for peg in self.pegs)

    @property
    def many_sites(self) -> bool:
        """Whether it names several sites."""
        return len({option.site for option in self.options}) > 1


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


def has_options(book: Book) -> bool:
    """Tell whether an order names several products or sites."""
    columns = (book.orders.column(name) for name in ("product", "site"))
    return any(is_several(cell) for column in columns for cell in column.cells)


def refuse_options(book: Book, policy: Policy) -> None:
    """Raise UsageError where orders with options are planned by no rule that there is yet."""
    order = book.orders.column("order")[int(np.flatnonzero(_several_rows(book.orders))[0])]
    hint = "name another policy, or one product and one site"
    for key in ("value", "reserve_days"):
        if getattr(policy, key) is not None:
            raise UsageError(
                f"policy {policy.name} with {key} does not plan orders with several products or"
                f" sites, such as {order}",
                hint,
            )
    if any(book.orders.column("confirm").cells):
        raise UsageError(
            f"orders with confirm are not planned beside orders with several products or sites,"
            f" such as {order}",
            "leave confirm out, or name one product and one site",
        )


def open_orders(book: Book, what: Positions, include: Collection[str]) -> list[OpenOrder]:
    """Return the planned orders with options of a book as known, by id."""
    rows, _ = planned_orders(book, include)
    several = np.flatnonzero(_several_rows(book.orders)[rows])
    records = book.orders.take(rows[several]).records
    pegs = _pegs(book, what, {record.order for record in records})
    return [
        _open(record, row, pegs.get(record.order, ()))
        for record, row in zip(records, rows[several].tolist(), strict=True)
    ]


def _open(record: Order, row: int, pegs: Sequence[Peg]) -> OpenOrder:
    made = OpenOrder(
        record.order,
        row,
        record.quantity,
        0,
        record.tier,
        record.due.toordinal(),
        record.booked.toordinal() if record.booked else NEVER,
        options_of(record.product, record.site, record.factors),
        record.split == "no",
        tuple(pegs),
    )
    return replace(made, promised=max(0, min(record.promised, record.quantity) - made.pegged))


def _pegs(book: Book, what: Positions, orders: Collection[str]) -> Mapping[str, list[Peg]]:
    lots = book.lots
    found: dict[str, list[Peg]] = {}
    for (lot, order), units in what.pegs.items():
        if order in orders:
            row = lots.positions[lot]
            day, product = lots.column("date")[row].toordinal(), lots.column("product")[row]
            found.setdefault(order, []).append(Peg(lot, product, day, units, transferred=False))
    for move in what.arrivals:
        if move.order in orders:
            day, units = move.day.toordinal(), move.quantity
            peg = Peg(move.move, move.product, day, units, transferred=True)
            found.setdefault(move.order, []).append(peg)
    return found


def _several_rows(orders: Table[Order]) -> Bools:
    return orders.column("product").where(is_several) | orders.column("site").where(is_several)


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
            lambda cell: None if cell is None else cell.partition(";")[0]
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
