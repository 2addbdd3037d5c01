"""What orders with several products or sites may say, and what may happen to them."""

from collections.abc import Iterator

import numpy as np

from earmark.book import Book
from earmark.coded import crossed, examples
from earmark.errors import Problem
from earmark.findings import problem_at
from earmark.options import ids_in, is_several

RULES = ("min_ship", "max_late_days", "together", "confirm")
"""Columns that an order with options cannot have for now."""


def check_options(book: Book) -> Iterator[Problem]:
    """Find orders whose factors, split or rules do not go with their products and sites."""
    orders = book.orders
    names = ("product", "site", "factors", "split", *RULES)
    cells = [orders.column(name) for name in names]
    several = any(is_several(cell) for column in cells[:2] for cell in column.cells)
    if not several and all(cell is None for column in cells[2:4] for cell in column.cells):
        return
    patterns = crossed(cells)
    for example in examples(patterns).tolist():
        found = list(_wrong(*(column[example] for column in cells)))
        for i in np.flatnonzero(patterns == patterns[example]).tolist() if found else ():
            for column, code, message, hint in found:
                yield problem_at(orders, i, column, code, message, hint)
    yield from _received(book)


def _wrong(
    product: str, site: str | None, factors: str | None, split: str | None, *rules: object
) -> Iterator[tuple[str, str, str, str]]:
    """Yield column, code, message and hint of what does not go together in a row."""
    given = factors.split(";") if factors is not None else []
    count = len(ids_in(product))
    if factors is not None and len(given) != count:
        message = f"{len(given)} factors for {count} products"
        yield "factors", "E350", message, f"write {count}, in the order of the products"
    elif given and "1" not in given:
        message = f"no product counts for one unit of the order, of {product}"
        yield "factors", "E351", message, "count the order in units of the smallest one"
    if split is not None and not is_several(site):
        message = "the order does not name several sites"
        yield "split", "E352", message, "name the sites with ; between, or clear the cell"
    if not (is_several(product) or is_several(site)):
        return
    for column, rule in zip(RULES, rules, strict=True):
        if rule is not None:
            message = f"not built for an order with several {'products' if count > 1 else 'sites'}"
            yield column, "E353", message, "name one product and one site, or clear the cell"


def _received(book: Book) -> Iterator[Problem]:
    """Find units that stand at the site of an order that does not say which site."""
    moves = book.moves
    if not len(moves):
        return
    site_of = dict(zip(book.orders.column("order"), book.orders.column("site"), strict=True))
    open_ = moves.column("order").where(lambda order: is_several(site_of.get(order)))
    there = moves.column("kind").where(lambda kind: kind in ("receive", "activate"))
    for i in np.flatnonzero(open_ & there).tolist():
        order = moves.columns["order"][i]
        message = f"order {order} names several sites, so it does not say where the units are"
        hint = "give the order the site that has them, and what is to go elsewhere to another order"
        yield problem_at(moves, i, "order", "E354", message, hint)
