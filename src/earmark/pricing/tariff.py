"""Prices of limits by their names, in the measure of the policy."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from earmark.planning.paths import add_along
from earmark.planning.problem import AllocationProblem
from earmark.planning.tiers import Served, from_the_end
from earmark.pricing.decomposition import solve
from earmark.pricing.market import Market
from earmark.pricing.proof import proven_cost
from earmark.schedule import Ints, Prices

KINDS = ("power", "joint", "party", "group", "supply")
"""Per slot of a path: what kind of limit its node is."""


WEEK = 7
MOST_CELLS, MOST_SITES = 20_000, 12
"""Up to so many classes by days, so many sites are planned again a week earlier."""


def prices_of(
    problem: AllocationProblem,
    market: Market,
    held: NDArray[np.float64],
    firm: Sequence[Served],
) -> Prices:
    """Return the prices of every supply, and of the other limits that are worth anything."""
    assert problem.worth is not None
    worth = np.zeros(problem.nodes.capacity.shape)
    worth[market.node] = held * problem.worth.one
    shown = np.flatnonzero((problem.nodes.slot == len(KINDS) - 1) | worth.any(axis=1))
    kinds = tuple(KINDS[slot] for slot in problem.nodes.slot[shown])
    names = tuple(_name(problem, int(n)) for n in shown)
    more = _more_room(problem, firm)
    earlier = (worth * more).sum(axis=1)
    if market.demand.size <= MOST_CELLS:
        sites = np.flatnonzero((problem.nodes.slot < 2) & (earlier > 0))
        for n in sites[np.argsort(-earlier[sites], kind="stable")][:MOST_SITES]:
            earlier[n] = min(earlier[n], _saved(market, held, int(n), more[n], problem.worth.one))
    return Prices(kinds, names, problem.days, worth[shown], earlier[shown])


def _saved(market: Market, held: NDArray[np.float64], node: int, more: Ints, one: float) -> float:
    """Return what more room in one node saves, planned again in parts of units."""
    room = market.room.copy()
    place = int(np.searchsorted(market.node, node))
    room[place] += more
    sooner = replace(market, room=room)
    saved = proven_cost(market, held) - proven_cost(sooner, solve(sooner).prices)
    return max(0.0, saved) * one


def _more_room(problem: AllocationProblem, firm: Sequence[Served]) -> Ints:
    """Return (N, T) how much more room there were if every capacity came seven days earlier."""
    days, capacity = problem.days, problem.nodes.capacity
    used = np.zeros_like(capacity)
    for stage in firm:
        add_along(used, problem.classes.path[stage.classes], stage.given)
    # A price is paid up to the last day before the next.
    last = np.append(days[1:], problem.end) - 1
    sooner = capacity[:, np.searchsorted(days, last + WEEK, side="right") - 1]
    more: Ints = _room(sooner - used) - _room(capacity - used)
    return np.maximum(more, 0)


def _room(left: Ints) -> Ints:
    return np.maximum(from_the_end(left), 0)


def _name(problem: AllocationProblem, node: int) -> str:
    slot = int(problem.nodes.slot[node])
    name = problem.nodes.name[node]
    if KINDS[slot] in ("joint", "supply"):
        return name
    one = np.flatnonzero(problem.classes.path[:, slot] == node)[0]
    return f"{name} {problem.products[problem.classes.product[one]]}"
