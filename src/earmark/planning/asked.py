"""What orders are planned for where a rule says more units than they ask: lots, least shipments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from earmark.book import Book
from earmark.coded import Coded, coded_by, whole_numbers
from earmark.policy import Policy
from earmark.schedule import Bools, Ints


@dataclass(frozen=True, slots=True)
class Raised:
    """An order that is planned for more units than it asks."""

    order: str
    ordered: int
    planned: int
    rule: str
    """`round` or `min_ship`, whichever asks for more."""


def as_asked(book: Book, policy: Policy) -> Book:
    """Return a book (as known) with the quantities that its orders are planned for.

    `round = "lot_up"` raises them to whole lots; no order is planned for less than its `min_ship`.
    """
    if policy.round != "lot_up" and not any(book.orders.column("min_ship").cells):
        return book
    quantity, planned, _ = _quantities(book, policy)
    if np.array_equal(quantity, planned):
        return book
    whole, codes = np.unique(planned, return_inverse=True)
    columns = dict(book.orders.columns)
    columns["quantity"] = Coded(whole.tolist(), codes.reshape(-1))
    orders = replace(book.orders, columns=columns)
    return replace(book, tables=MappingProxyType({**book.tables, "orders": orders}))


def raised(book: Book, policy: Policy) -> Iterator[Raised]:
    """Yield the orders of a book as known that are planned for more than they ask, by id."""
    if as_asked(book, policy) is book:
        return
    quantity, planned, by_rule = _quantities(book, policy)
    names = book.orders.column("order")
    rows = np.flatnonzero(planned > quantity).tolist()
    for i in sorted(rows, key=lambda row: names[row]):
        rule = "min_ship" if by_rule[i] else "round"
        yield Raised(names[i], int(quantity[i]), int(planned[i]), rule)


def _quantities(book: Book, policy: Policy) -> tuple[Ints, Ints, Bools]:
    """Return what each order asks, what it is planned for, and whether `min_ship` says so."""
    orders = book.orders
    quantity = whole_numbers(orders.column("quantity"))
    least = whole_numbers(orders.column("min_ship").mapped(lambda units: units or 0))
    planned = np.maximum(quantity, least)
    if policy.round == "lot_up":
        size = _lot_sizes(book)
        planned = -(-planned // size) * size
    return quantity, planned, (least > quantity)


def _lot_sizes(book: Book) -> Ints:
    """Return the lot size of each order's product, of several that of the best."""
    sizes = {record.product: record.lot_size for record in book.products}
    product = book.orders.column("product")
    best = [name.partition(";")[0] for name in product.cells]
    return whole_numbers(coded_by([sizes.get(name, 1) for name in best], product.codes))
