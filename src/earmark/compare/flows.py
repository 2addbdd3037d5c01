"""Who has the units of a lot in one schedule who had not in another.

Units of a lot are alike. Of each lot, the orders with fewer units in b are laid end to end in the
order of their ids, and so are those with more; units that lie over each other went from the one to
the other. What is left over came from nobody, or went to nobody.
"""

from dataclasses import dataclass

import numpy as np

from earmark.schedule import Ints
from earmark.sums import sum_by

NOBODY = -1
"""Stands for the order of units that nobody had, or has."""


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Units that changed hands, in columns: of which lot, from and to which order."""

    lot: Ints
    loser: Ints
    """Per flow, the position of the order, or NOBODY."""
    gainer: Ints
    quantity: Ints


def follow_units(lot: Ints, order: Ints, change: Ints, *, lots: int, orders: int) -> Flows:
    """Return the flows behind changes of the units of a lot that an order has (b less a).

    `lot`, `order` and `change` are columns of equal length; a pair may stand in several entries.
    """
    pairs, entry = np.unique(lot * orders + order, return_inverse=True)
    net = sum_by(entry, change, len(pairs))
    lot_of, order_of = np.divmod(pairs, max(orders, 1))
    lost, gained = (sum_by(lot_of, np.maximum(sign * net, 0), lots) for sign in (-1, 1))
    losers = _laid_end_to_end(lot_of, order_of, np.maximum(-net, 0), gained - lost)
    gainers = _laid_end_to_end(lot_of, order_of, np.maximum(net, 0), lost - gained)
    return _overlap(losers, gainers)


Segments = tuple[Ints, Ints, Ints]
"""Lots, orders, and where the segment of each ends; the first starts at 0."""


def _laid_end_to_end(lot: Ints, order: Ints, units: Ints, missing: Ints) -> Segments:
    """Return segments by lot, then order; `missing` units per lot, if any, are nobody's, last."""
    nobody = np.flatnonzero(missing > 0)
    lots = np.concatenate((lot[units > 0], nobody))
    orders = np.concatenate((order[units > 0], np.full(len(nobody), NOBODY)))
    lengths = np.concatenate((units[units > 0], missing[nobody]))
    rank = np.lexsort((orders, orders == NOBODY, lots))
    return lots[rank], orders[rank], np.cumsum(lengths[rank])


def _overlap(losers: Segments, gainers: Segments) -> Flows:
    ends = np.unique(np.concatenate((losers[2], gainers[2])))
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1]))[: len(ends)]
    loser = np.searchsorted(losers[2], starts, side="right")
    gainer = np.searchsorted(gainers[2], starts, side="right")
    assert (losers[0][loser] == gainers[0][gainer]).all(), "units stay in their lot"
    return Flows(losers[0][loser], losers[1][loser], gainers[1][gainer], ends - starts)
