"""The planned orders of a book as columns of numbers, so that no step loops over orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from earmark.book import Book
from earmark.coded import Coded, codes_of, ordinals, taken, whole_numbers
from earmark.schedule import Ints

NEVER = date.max.toordinal()
"""Stands for a booked day that is not given: later than any."""


@dataclass(frozen=True, slots=True, eq=False)
class OrderLines:
    """Orders in columns, one entry per order, in the order of `orders`.

    Ids are positions in the sorted tuples; -1 where an order has no site or no price. Days are
    proleptic ordinals. A price is the order's own, else its product's.
    """

    orders: tuple[str, ...]
    parties: tuple[str, ...]
    products: tuple[str, ...]
    sites: tuple[str, ...]
    prices: tuple[Decimal, ...]
    party: Ints
    product: Ints
    site: Ints
    price: Ints
    quantity: Ints
    due: Ints
    tier: Ints
    booked: Ints


def order_lines(
    book: Book,
    orders: Sequence[str],
    rows: Ints | None = None,
    *,
    parties: Iterable[str] = (),
    products: Iterable[str] = (),
    sites: Iterable[str] = (),
) -> OrderLines:
    """Return the columns of `orders` in `book`, as known; further ids may be named beside theirs.

    KeyError if the book does not have one of the orders.
    """
    rows = _rows_of(book, orders) if rows is None else rows
    cells = taken({name: book.orders.column(name) for name in _COLUMNS}, rows)
    party_ids, party = _encode(cells["party"], parties)
    product_ids, product = _encode(cells["product"], products)
    site_ids, site = _encode(cells["site"], sites)
    prices, price = _prices(book, cells["product"], cells["unit_price"])
    return OrderLines(
        tuple(orders),
        party_ids,
        product_ids,
        site_ids,
        prices,
        party,
        product,
        site,
        price,
        whole_numbers(cells["quantity"]),
        ordinals(cells["due"]),
        whole_numbers(cells["tier"]),
        np.minimum(ordinals(cells["booked"]), NEVER),
    )


_COLUMNS = ("party", "product", "site", "unit_price", "quantity", "due", "tier", "booked")


def _rows_of(book: Book, orders: Sequence[str]) -> Ints:
    """Return the row of each order."""
    ids = list(book.orders.column("order"))
    if ids == list(orders):
        return np.arange(len(ids))
    at = book.orders.positions
    return np.fromiter((at[order] for order in orders), np.int64, len(orders))


def _used(column: Coded) -> Ints:
    """Return the codes that a column has somewhere."""
    return np.flatnonzero(np.bincount(column.codes, minlength=len(column.cells)))


def _encode(column: Coded, more: Iterable[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the sorted distinct ids of a column and `more`, and the position of each cell's."""
    cells = {column.cells[code] for code in _used(column).tolist()} - {None}
    ids = tuple(sorted(cells | set(more)))
    return ids, codes_of(column, ids)


def _prices(book: Book, product: Coded, own: Coded) -> tuple[tuple[Decimal, ...], Ints]:
    """Return the distinct prices, sorted, and the position of each order's: its own, or listed."""
    listed = dict(
        zip(book.products.column("product"), book.products.column("unit_price"), strict=True)
    )
    given = [listed.get(name) for name in product.cells]
    known = {own.cells[code] for code in _used(own).tolist()} - {None}
    without = np.array([cell is None for cell in own.cells], np.bool_)[own.codes]
    known |= {given[code] for code in _used(product.take(np.flatnonzero(without))).tolist()} - {
        None
    }
    prices = tuple(sorted(known))
    at: dict[Decimal | None, int] = {price: i for i, price in enumerate(prices)}
    of_own = np.array([at.get(cell, -1) for cell in own.cells], np.int64)[own.codes]
    of_product = np.array([at.get(price, -1) for price in given], np.int64)[product.codes]
    return prices, np.where(without, of_product, of_own)
