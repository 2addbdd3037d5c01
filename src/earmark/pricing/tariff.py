"""Prices of limits by their names, in the measure of the policy."""

import numpy as np
from numpy.typing import NDArray

from earmark.planning.problem import AllocationProblem
from earmark.pricing.market import Market
from earmark.schedule import Prices

KINDS = ("power", "joint", "party", "group", "supply")
"""Per slot of a path: what kind of limit its node is."""


def prices_of(
    problem: AllocationProblem, market: Market, held: NDArray[np.float64]
) -> Prices:
    """Return the prices of every supply, and of the other limits that are worth anything."""
    assert problem.worth is not None
    worth = np.zeros(problem.nodes.capacity.shape)
    worth[market.node] = held * problem.worth.one
    shown = np.flatnonzero((problem.nodes.slot == len(KINDS) - 1) | worth.any(axis=1))
    kinds = tuple(KINDS[slot] for slot in problem.nodes.slot[shown])
    names = tuple(_name(problem, int(n)) for n in shown)
    return Prices(kinds, names, problem.days, worth[shown])


def _name(problem: AllocationProblem, node: int) -> str:
    slot = int(problem.nodes.slot[node])
    name = problem.nodes.name[node]
    if KINDS[slot] in ("joint", "supply"):
        return name
    one = np.flatnonzero(problem.classes.path[:, slot] == node)[0]
    return f"{name} {problem.products[problem.classes.product[one]]}"
