"""Whole units from parts: rounded down, made to fit, filled up; small ones settled by search."""

import numpy as np

from earmark.pricing.decomposition import Solution
from earmark.pricing.market import Market
from earmark.schedule import Ints

NEARLY = 1e-6


def repaired(market: Market, solution: Solution) -> Ints:
    """Return (K, T) whole cumulative units near the solution, that keep every limit."""
    whole = np.floor(solution.held + NEARLY).astype(np.int64)
    whole = np.clip(np.maximum.accumulate(whole, axis=1), 0, market.demand)
    left = market.room - market.used(whole)
    if (left < 0).any():
        whole = _raised(market, whole, range(len(whole) - 1, -1, -1))
    return _raised(market, whole, range(len(whole)))


def _raised(market: Market, held: Ints, order: range) -> Ints:
    """Return the units raised, class by class, as far as limits allow; lowered where they do not.

    The most that never falls and stays below a ceiling on every day is the ceiling's least from
    that day on.
    """
    held = held.copy()
    left = np.concatenate(
        [market.room - market.used(held), np.full((1, held.shape[1]), np.iinfo(np.int64).max // 4)]
    )
    for k in order:
        most = np.minimum(market.demand[k], held[k] + left[market.path[k]].min(axis=0))
        most = np.maximum(np.minimum.accumulate(most[::-1])[::-1], 0)
        if (most != held[k]).any():
            nodes = market.path[k][market.path[k] >= 0]
            left[nodes] -= most - held[k]
            held[k] = most
    return held
