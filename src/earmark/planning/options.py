"""Orders of which several products or sites will do, and what is pegged to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earmark.book import Book, Table
from earmark.coded import NEVER
from earmark.errors import UsageError
from earmark.ledger.positions import Positions
from earmark.model import Order
from earmark.options import Option, is_several, options_of
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
