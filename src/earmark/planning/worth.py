"""What a unit-day of delay costs under a priced policy: whole numbers, and what one of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

import numpy as np

from earmark.book import Book
from earmark.policy import Policy
from earmark.schedule import Ints

MOST_DECIMALS = 6
LARGEST_COST = 2**56
"""What all units may cost together, counted in whole weights: exact in 64 bits, with head-room."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Whole weights per order, and how much of the policy's own measure one of them is."""

    weight: Ints
    one: float
    exact: bool
    """False where weights had to be rounded to be counted in 64 bits."""


def worth_of(book: Book, policy: Policy, ids: Sequence[str]) -> Worth:
    """Return the weight per unit-day of the orders `ids` under a policy with a value.

    `weight`: the order's (1 where not given); `money`: its unit price, else the product's, else
    nothing; `tier`: each tier weighs ten times the next one that occurs.
    """
    table = book.orders
    row = {order: i for i, order in enumerate(table.column("order"))}
    rows = [row[order] for order in ids]
    if policy.value == "money":
        prices = dict(
            zip(book.products.column("product"), book.products.column("unit_price"), strict=True)
        )
        own, product = list(table.column("unit_price")), list(table.column("product"))
        given = [own[i] if own[i] is not None else prices.get(product[i]) for i in rows]
        cells = [Decimal(0) if price is None else price for price in given]
    elif policy.value == "tier":
        tier = list(table.column("tier"))
        tiers = [tier[i] for i in rows]
        below = {tier: k for k, tier in enumerate(sorted(set(tiers), reverse=True))}
        cells = [Decimal(10) ** below[tier] for tier in tiers]
    else:
        weights = list(table.column("weight"))
        cells = [Decimal(1) if weights[i] is None else weights[i] for i in rows]
    units = sum(table.column("quantity"))
    first = min(table.column("due"), default=book.start)
    return whole_weights(cells, max(1, units * (book.end - first).days))


def whole_weights(cells: Sequence[Decimal], unit_days: int) -> Worth:
    """Return decimals as whole weights, exactly where all of `unit_days` can be counted in them."""
    if not cells or not any(cells):
        return Worth(np.zeros(len(cells), np.int64), 1.0, exact=True)
    distinct = {cell: cell * 10**MOST_DECIMALS for cell in set(cells)}
    most = max(1, LARGEST_COST // unit_days)
    whole = {cell: int(scaled) for cell, scaled in distinct.items()}
    divisor = gcd(*whole.values()) or 1
    exact = all(whole[cell] == scaled for cell, scaled in distinct.items())
    if exact and max(whole.values()) // divisor <= most:
        one = divisor / 10**MOST_DECIMALS
        whole = {cell: number // divisor for cell, number in whole.items()}
    else:
        exact, top = False, max(distinct)
        one = float(top) / most
        whole = {cell: max(int(cell > 0), round(cell * most / top)) for cell in distinct}
    return Worth(np.array([whole[cell] for cell in cells], np.int64), one, exact)
