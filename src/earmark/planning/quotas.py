"""Quotas: the most that a party or group is given of a product, a part of its supply or a number.

A quota of the whole, or a number, lowers the ceiling of its party as the arrived supply says. A
quota of what remains is known tier by tier only, once the better tiers are served: then it is that
part of what the product's supply can still give for good.
"""

from dataclasses import dataclass

import numpy as np

from earmark.planning.paths import from_the_end
from earmark.policy import Quota
from earmark.schedule import Ints

PLENTY = 1 << 40
"""What the node of a quota of what remains can give when nothing else limits it."""


@dataclass(frozen=True, slots=True, eq=False)
class Quotas:
    """The nodes whose room is a part of what better tiers leave."""

    node: Ints
    """(q,)"""
    root: Ints
    """(q,) the node of the product's free supply."""
    top: Ints
    bottom: Ints


NO_QUOTAS = Quotas(*(np.zeros(0, np.int64) for _ in range(4)))


def part_of(supply: Ints, quota: Quota) -> Ints:
    """Return (T,) what a quota allows of the supply that has arrived, rounded down."""
    if quota.bottom is None:
        return np.full(len(supply), quota.top)
    return supply * quota.top // quota.bottom


def under_quotas(quotas: Quotas, slack: Ints) -> Ints:
    """Return (N, T) what nodes have after better tiers, quotas of what remains among them."""
    if not len(quotas.node):
        return slack
    left = np.maximum(from_the_end(slack[quotas.root]), 0)
    allowed = left * quotas.top[:, None] // quotas.bottom[:, None]
    cut = slack.copy()
    cut[quotas.node] = np.minimum(cut[quotas.node], allowed)
    return cut
