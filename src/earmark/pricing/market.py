"""The market: classes that weigh alike and stand under the same limits, and the room left to them.

Each class may stand under one limit of its own family of sites, kept by a network of its block, and
under others, its links, which prices keep. Where nothing but one limit binds there are no links.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.paths import add_along, binding_path, from_the_end
from earmark.planning.problem import FIRST_TIER, ROOT, AllocationProblem
from earmark.planning.tiers import Served
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """What is to be priced, in arrays by class (K), limit (N) and day (T)."""

    days: Ints
    end: int
    weight: Ints
    """(K,) what a unit-day of delay costs, in whole weights."""
    demand: Ints
    """(K, T) cumulative units that can be granted by each day."""
    room: Ints
    """(N, T) cumulative units limits can give for good; at most one more than is ever asked."""
    node: Ints
    """(N,) the position of each limit among the problem's nodes."""
    path: Ints
    """(K, 5) limits that bind a class, -1 for none."""
    own: Ints
    """(K,) the limit kept by the block of the class, -1 for none."""
    members: Ints
    """(M,) the problem's classes, and what they ask for: the day and units of each."""
    member: Ints
    """(M,) the class of each."""
    asked: Ints
    """(M, T) cumulative units that each can be granted."""
    waited: int
    """Weighted unit-days from due until the first day on which units could be granted at all."""

    @property
    def link(self) -> Ints:
        """(K, 5) the limits of each class but for its own."""
        return np.where(self.path == self.own[:, None], -1, self.path)

    @property
    def lengths(self) -> Ints:
        """(T,) days until the next of the days, the last until the end."""
        return np.diff(np.append(self.days, self.end))

    def cost(self, held: Ints) -> int:
        """Return the weighted unit-days for which demand is not held, `held` (K, T) cumulative."""
        short = (self.demand - held) @ self.lengths
        return sum(int(w) * int(s) for w, s in zip(self.weight, short, strict=True))

    def late_before(self) -> int:
        """Return the weighted unit-days that no plan could avoid."""
        return self.waited

    def used(self, held: Ints) -> Ints:
        """Return (N, T) what classes that hold (K, T) use of each limit."""
        total = np.zeros_like(self.room)
        add_along(total, self.path, held)
        return total


def market_of(problem: AllocationProblem, firm: Sequence[Served]) -> Market:
    """Return the market of all units that are neither pegged nor promised."""
    assert problem.worth is not None
    classes = np.flatnonzero(problem.classes.stage == FIRST_TIER)
    slack = problem.nodes.capacity.copy()
    for stage in firm:
        add_along(slack, problem.classes.path[stage.classes], -stage.given)
    room = np.maximum(from_the_end(slack), 0)
    asked = problem.demand(classes)
    path = problem.classes.path[classes]
    wanted = np.zeros_like(room)
    add_along(wanted, path, asked)
    path = binding_path(path, wanted, room)
    # Numbers stay small; with a unit to spare, such room still has no price.
    room = np.minimum(room, wanted[:, -1:] + 1)
    weight = problem.worth.weight[problem.lines.order[problem.first_lines[classes]]]
    key = np.column_stack([-weight, path])
    alike, member = np.unique(key, axis=0, return_inverse=True)
    member = member.reshape(-1)
    node = np.unique(alike[:, 1:][alike[:, 1:] >= 0])
    at = np.full(len(room) + 1, -1)
    at[node] = np.arange(len(node))
    demand = np.zeros((len(alike), len(problem.days)), np.int64)
    np.add.at(demand, member, asked)
    path = at[alike[:, 1:]]
    return Market(
        problem.days,
        problem.end,
        -alike[:, 0],
        demand,
        room[node],
        node,
        path,
        _own(path, len(node)),
        classes,
        member,
        asked,
        _waited(problem, classes),
    )


def _waited(problem: AllocationProblem, classes: Ints) -> int:
    assert problem.worth is not None
    lines = problem.lines
    mine = np.flatnonzero(problem.classes.stage[lines.cls] == FIRST_TIER)
    first = np.minimum(lines.ready[mine], problem.end)
    days = (first - lines.due[mine]) * lines.quantity[mine]
    weight = problem.worth.weight[lines.order[mine]]
    return int((days * weight).sum())


def _own(path: Ints, limits: int) -> Ints:
    """Return the limit of each class that its block keeps: a site's power, or all there is.

    Power of a site for all products is kept by a block where none of its products has a limit of
    its own there. Supply is, where nothing else limits what draws on it.
    """
    covered = np.zeros(limits + 1, np.bool_)
    covered[path[path[:, 0] >= 0, 1]] = True
    covered[-1] = True
    own = np.where(path[:, 0] >= 0, path[:, 0], np.where(covered[path[:, 1]], -1, path[:, 1]))
    mixed = np.zeros(limits + 1, np.bool_)
    mixed[path[(path[:, :2] >= 0).any(axis=1), ROOT]] = True
    mixed[-1] = True
    return np.where((own < 0) & ~mixed[path[:, ROOT]], path[:, ROOT], own)


def spread(market: Market, held: Ints) -> Ints:
    """Return (M, T) what each member holds of what its class does: who can use it first, first."""
    given = np.zeros_like(market.asked)
    for k in range(len(held)):
        mine = np.flatnonzero(market.member == k)
        if len(mine) == 1:
            given[mine[0]] = held[k]
            continue
        step = np.diff(market.asked[mine], axis=1, prepend=0)
        day, place = np.nonzero(step.T)
        units = step[place, day]
        before = np.cumsum(units) - units
        cells = np.clip(held[k][None, :] - before[:, None], 0, units[:, None])
        rows = np.zeros((len(mine), held.shape[1]), np.int64)
        np.add.at(rows, place, cells)
        given[mine] = rows
    return given
