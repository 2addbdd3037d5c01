"""Prices of limits by their names, in the measure of the policy."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import AllocationProblem
from earmark.planning.tiers import Served
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
    used = np.zeros_like(problem.nodes.capacity)
    for stage in firm:
        add_along(used, problem.classes.path[stage.classes], stage.given)
    earlier = (worth * _more_room(problem, used)).sum(axis=1)
    if market.demand.size <= MOST_CELLS:
        sites = np.flatnonzero((problem.nodes.slot < 2) & (earlier > 0))
        for n in sites[np.argsort(-earlier[sites], kind="stable")][:MOST_SITES]:
            sooner = _sooner(problem, market, int(n), used)
            cost = proven_cost(sooner, solve(sooner).prices)
            saved = (proven_cost(market, held) - cost) * problem.worth.one
            earlier[n] = max(0.0, min(earlier[n], saved))
    return Prices(kinds, names, problem.days, worth[shown], earlier[shown])


def _more_room(problem: AllocationProblem, used: Ints) -> Ints:
    """Return (N, T) how much more room there were if every capacity came seven days earlier."""
    days, capacity = problem.days, problem.nodes.capacity
    # A price is paid up to the last day before the next.
    last = np.append(days[1:], problem.end) - 1
    sooner = capacity[:, _at(days, last + WEEK)]
    more: Ints = _room(sooner - used) - _room(capacity - used)
    return np.maximum(more, 0)


def _sooner(problem: AllocationProblem, market: Market, node: int, used: Ints) -> Market:
    """Return the market with one capacity seven days earlier, on all days that this adds."""
    days = np.unique(np.concatenate([market.days, market.days - WEEK]))
    days = days[days >= market.days[0]]
    at = _at(market.days, days)
    room = market.room[:, at]
    place = int(np.searchsorted(market.node, node))
    left = problem.nodes.capacity[node, _at(problem.days, days + WEEK)] - used[node, at]
    most = market.demand[(market.path == place).any(axis=1), -1].sum() + 1
    room[place] = np.maximum(room[place], np.minimum(_room(left[None])[0], most))
    return replace(market, days=days, demand=market.demand[:, at], room=room)


def _at(days: Ints, wanted: Ints) -> Ints:
    """Return the last of the days that is not after each wanted one."""
    return np.searchsorted(days, wanted, side="right") - 1


def _room(left: Ints) -> Ints:
    return np.maximum(from_the_end(left), 0)


def _name(problem: AllocationProblem, node: int) -> str:
    slot = int(problem.nodes.slot[node])
    name = problem.nodes.name[node]
    if KINDS[slot] in ("joint", "supply"):
        return name
    one = np.flatnonzero(problem.classes.path[:, slot] == node)[0]
    return f"{name} {problem.products[problem.classes.product[one]]}"
