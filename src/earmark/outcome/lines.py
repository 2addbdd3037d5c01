"""The planned orders of a book as columns of numbers, so that no step loops over orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from earmark.book import Book
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
    *,
    parties: Iterable[str] = (),
    products: Iterable[str] = (),
    sites: Iterable[str] = (),
) -> OrderLines:
    """Return the columns of `orders` in `book`, as known; further ids may be named beside theirs.

    KeyError if the book does not have one of the orders.
    """
    table = book.orders
    rows = list(map(table.positions.__getitem__, orders))
    cells = {
        name: list(map(table.column(name).__getitem__, rows))
        for name in ("party", "product", "site", "unit_price", "quantity", "due", "tier", "booked")
    }
    party_ids, party = _encode(cells["party"], parties)
    product_ids, product = _encode(cells["product"], products)
    site_ids, site = _encode(cells["site"], sites)
    listed = dict(
        zip(book.products.column("product"), book.products.column("unit_price"), strict=True)
    )
    own = cells["unit_price"]
    prices, price = _encode_prices(
        [
            listed.get(product) if cell is None else cell
            for cell, product in zip(own, cells["product"], strict=True)
        ]
    )
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
        _numbers(cells["quantity"]),
        _numbers([day.toordinal() for day in cells["due"]]),
        _numbers(cells["tier"]),
        _numbers([NEVER if day is None else day.toordinal() for day in cells["booked"]]),
    )


def _numbers(cells: Sequence[int]) -> Ints:
    return np.array(cells, dtype=np.int64)


def _encode(cells: Sequence[str | None], more: Iterable[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the sorted distinct ids of `cells` and `more`, and the position of each cell's."""
    ids = tuple(sorted({cell for cell in cells if cell is not None} | set(more)))
    at: dict[str | None, int] = {name: position for position, name in enumerate(ids)}
    at[None] = -1
    return ids, _numbers([at[cell] for cell in cells])


def _encode_prices(cells: Sequence[Decimal | None]) -> tuple[tuple[Decimal, ...], Ints]:
    prices = {cell for cell in cells if cell is not None}
    at: dict[Decimal | None, int] = {price: i for i, price in enumerate(sorted(prices))}
    at[None] = -1
    return tuple(sorted(prices)), _numbers([at[cell] for cell in cells])
