"""The proof: prices of limits give a lower bound of what every plan costs."""

import math

import numpy as np
from numpy.typing import NDArray

from earmark.pricing.market import Market

ROUNDING = 1e-9
"""How far, relative, a sum in float64 may be off."""


def proven_cost(market: Market, held: NDArray[np.float64]) -> float:
    """Return the least that any plan costs, by weak duality; `held` (N, T) in whole weights.

    Whatever the prices (0 or more): let every unit choose its day, at its delay and the price of
    all its limits from that day on, and take off what all room is worth.
    """
    unit = np.cumsum(held[:, ::-1], axis=1)[:, ::-1]
    toll = np.zeros(market.demand.shape)
    for column in market.path.T:
        limited = column >= 0
        toll[limited] += unit[column[limited]]
    weight = market.weight[:, None].astype(np.float64)
    at = weight * market.days
    best = np.minimum(weight * market.end, _from_the_end(at + toll))
    step = np.diff(market.demand, axis=1, prepend=0)
    worth: float = ((best - at) * step).sum() - (held * market.room).sum()
    return max(0.0, worth)


def rounded_up(bound: float) -> float:
    """Return the whole number that a bound of whole numbers comes to."""
    return float(math.ceil(bound - ROUNDING * max(1.0, bound) - ROUNDING))


def _from_the_end(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum.accumulate(costs[:, ::-1], axis=1)[:, ::-1]
