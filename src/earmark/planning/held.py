"""Why units are late under a priced policy: who holds the room, now or until a later day.

Here one order's days are weighed against another's, so a unit may lie idle for a heavier order that
is due later. A class is short of m units on the days [t, next), and gets its next one on a later
day u. In a plan that cannot be made better, a limit N of the class is used up on some day of
[t, u): the first of them is s. If s is t, others' units in N are `share`, and what remains is N's
own kind. If s is later, what N has left on t is kept: `reserved` for those who grow into it by s,
or due to a fall of N's capacity; the rest as before.
"""

from collections.abc import Sequence

import numpy as np

from earmark.planning.holders import SHARE, Holders
from earmark.planning.levels import clipped
from earmark.planning.problem import FIRST_TIER, AllocationProblem
from earmark.planning.reasons import Cells, Shortfalls, before_the_first_day, by_order
from earmark.planning.tiers import Served
from earmark.schedule import Ints, Reasons


def why_held(problem: AllocationProblem, served: Sequence[Served]) -> Reasons:
    """Return the cause of every unit-day for which a unit is late or unserved."""
    holders = _AllHolders(problem)
    entries = [*before_the_first_day(problem, holders)]
    entries += _Held(problem, served, holders).entries()
    return by_order(problem, entries, holders)


class _AllHolders(Holders):
    """Holders that may be of the same stage: it is ranked by its weights, not by its number."""

    def of_rule(self, order: int = -1) -> Sequence[str]:
        """Return what an order waits for that no limit keeps from it: a better plan, perhaps."""
        return ["gap"]

    def _members(self, stage: Served, slot: int, node: int, cause: int) -> Ints:
        inside = self.under[slot][self.first_under[slot][node] : self.first_under[slot][node + 1]]
        if stage.stage < FIRST_TIER:
            return super()._members(stage, slot, node, cause)
        first, stop = np.searchsorted(inside, [stage.classes[0], stage.classes[-1] + 1])
        return inside[first:stop] if cause == SHARE else inside[:stop]


class _Held(Shortfalls):
    """Reads the shortfalls of the priced stage from the state of the limits after it."""

    def _cells(self, stage: Served, before: Ints, used_before: Ints, used: Ints) -> Cells:
        if stage.stage < FIRST_TIER:
            return super()._cells(stage, before, used_before, used)
        k, t = np.nonzero(stage.demand > stage.given)
        short = (stage.demand - stage.given)[k, t]
        path = self.problem.classes.path[stage.classes]
        slack = np.maximum(before - used, 0)
        slot, node, later = _first_full(path[k], t, slack, _next_grant(stage.given)[k, t])
        bound, some = np.maximum(node, 0), node >= 0
        everyone = used_before + used
        place, wish = bound * slack.shape[1] + t, np.where(some, short, 0)
        budget = np.zeros(slack.size, np.int64)
        keep = np.where(later > t, slack[bound, t], 0)
        growth = np.maximum(everyone[bound, later] - everyone[bound, t], 0)
        budget[place[some]] = np.minimum(keep, growth)[some]
        reserved = clipped(wish, place, budget)
        budget[place[some]] = keep[some]
        kept = clipped(wish, place, budget)
        rest = short - kept
        others = np.where(some, used[bound, t] - stage.given[k, t], 0)
        shared = np.minimum(rest, np.maximum(others, 0))
        none = np.zeros_like(short)
        return Cells(k, t, slot, later, none, reserved, kept - reserved, shared, rest - shared)


def _next_grant(given: Ints) -> Ints:
    """Return (k, T) the day on which each class next gets units after each day; T for never."""
    days = given.shape[1]
    following = np.full((len(given), days + 1), days)
    for t in range(days - 2, -1, -1):
        grows = given[:, t + 1] > given[:, t]
        following[:, t] = np.where(grows, t + 1, following[:, t + 1])
    return following[:, :days]


def _first_full(path: Ints, t: Ints, slack: Ints, until: Ints) -> tuple[Ints, Ints, Ints]:
    """Return slot, node and day of the limit that is used up first from t on, before `until`.

    Of several the one nearest to the leaf; -1 where none is.
    """
    days = slack.shape[1]
    full = np.full((len(slack) + 1, days + 1), days)
    for day in range(days - 1, -1, -1):
        full[:-1, day] = np.where(slack[:, day] == 0, day, full[:-1, day + 1])
    slot, node = np.full(len(t), -1), np.full(len(t), -1)
    at = until.copy()
    for s in range(path.shape[1]):
        here = np.where(path[:, s] >= 0, full[path[:, s], t], days)
        sooner = here < at
        slot, node = np.where(sooner, s, slot), np.where(sooner, path[:, s], node)
        at = np.where(sooner, here, at)
    return slot, node, np.where(node >= 0, at, t)
