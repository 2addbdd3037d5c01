"""Money by exact arithmetic: units are summed as whole numbers, then multiplied by their price."""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal

import numpy as np

from earmark.ranking import dense
from earmark.schedule import Ints
from earmark.sums import sum_by

_EXACT = Context(prec=1000)
"""Far more digits than any price and number of units have together."""


def worth(
    group: Ints, price: Ints, units: Ints, *, groups: int, prices: Sequence[Decimal]
) -> tuple[list[Decimal | None], Ints]:
    """Return, per group, the value of its units and how many of them have no price.

    `group`, `price` (a position in `prices`, -1 for none) and `units` are columns of equal length;
    units may be negative. The value is None where no unit of the group has a price.
    """
    pairs = group * (len(prices) + 1) + price + 1
    entry, count = dense(pairs)
    keys = np.zeros(count, np.int64)
    keys[entry] = pairs
    sums = sum_by(entry, units, count)
    unpriced = np.zeros(groups, dtype=np.int64)
    values: list[Decimal | None] = [None] * groups
    for key, total in zip(keys.tolist(), sums.tolist(), strict=True):
        place, position = divmod(key, len(prices) + 1)
        if position:
            amount = _EXACT.multiply(prices[position - 1], Decimal(total))
            values[place] = add_money((values[place], amount))
        else:
            unpriced[place] = total
    return values, unpriced


def add_money(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of the amounts that are given; None where none is."""
    total: Decimal | None = None
    for amount in amounts:
        if amount is not None:
            total = amount if total is None else _EXACT.add(total, amount)
    return total
