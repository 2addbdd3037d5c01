"""What no plan can beat: whether the capacities nest, and the gap where they do not.

Where any two binding nodes are nested or disjoint the engine is exact, unless lots of several sizes
share one. Elsewhere every day is bounded apart: a maximum flow over all classes up to a stage,
whatever was granted before, is at least what any plan can have in use on that day. The gap is the
largest share of unit-days, over the stages, that a better plan could add.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from earmark.planning.lending import without_inner_limits
from earmark.planning.lots import lots_of_lines
from earmark.planning.paths import add_along, binding_path, from_the_end
from earmark.planning.problem import FIRST_TIER, PEGGED, ROOT, AllocationProblem
from earmark.planning.quotas import PLENTY
from earmark.planning.tiers import Served, serve
from earmark.schedule import Bools, Ints

MOST_STAGES = 60
"""Above this many stages only the last is bounded."""


def proven_gap(
    problem: AllocationProblem, served: Sequence[Served], *, rolled: bool = False
) -> float:
    """Return 0.0 for a plan that is proven best, else the gap to the bound.

    A plan that was `rolled` is bounded by the one that holds units back to the end, one whose
    orders have rules of their own by the one that has no such rules, one under quotas that are lent
    by one in which all who may borrow are lent all that may be.
    """
    if rolled or problem.rules is not None or problem.lendings:
        free = _without_rules(problem)
        best = list(serve(free))
        # Of as many lots, others may hold more units: whole ones, where these hold broken ones.
        by_lots = bool(problem.rules or problem.lendings) and problem.policy.in_lots
        bound = _totals(best) if _exact(free, best) and not by_lots else _bounds(free, best)
    elif _exact(problem, served):
        return 0.0
    else:
        bound = _bounds(problem, served)
    return _beyond(bound, served, problem)


def total_gap(problem: AllocationProblem, served: Sequence[Served], lengths: Ints) -> float:
    """Return the gap, over all stages at once, to the best plan of another `problem`.

    It is the same but for rules and earlier promises, which can only take from what it allows.
    `lengths` are those of the days on which `served` stands.
    """
    free = _without_rules(problem)
    best = list(serve(free))
    by_lots = problem.policy.in_lots
    bound = _totals(best) if _exact(free, best) and not by_lots else _bounds(free, best)
    most = int((bound[-1] * problem.lengths).sum()) if bound else 0
    got = sum(int((stage.given.sum(axis=0) * lengths).sum()) for stage in served)
    return max(0, most - got) / most if most else 0.0


def _without_rules(problem: AllocationProblem) -> AllocationProblem:
    """Return the problem without rules of orders and without what limits borrowers."""
    free = problem.rules.relaxed if problem.rules else problem
    capacity = without_inner_limits(problem.lendings, free.nodes.capacity)
    return replace(free, nodes=replace(free.nodes, capacity=capacity), trees=())


def _exact(problem: AllocationProblem, served: Sequence[Served]) -> bool:
    """Tell whether what the engine served is proven best."""
    path = _binding_path(problem, served)
    return not (_families_cross(problem, path) or _lot_sizes_differ(problem, path))


def _beyond(bound: Sequence[Ints], served: Sequence[Served], problem: AllocationProblem) -> float:
    """Return the largest share of unit-days, over the stages, by which a bound is above a plan."""
    return part_beyond(bound, _totals(served), problem.lengths)


def part_beyond(bound: Sequence[Ints], got: Sequence[Ints], lengths: Ints) -> float:
    """Return the largest share of unit-days by which bounds lie above a plan; (T,) each."""
    over = [int(((b - g) * lengths).sum()) for b, g in zip(bound, got, strict=True)]
    most = [int((b * lengths).sum()) for b in bound]
    return max((o / m for o, m in zip(over, most, strict=True) if m and o > 0), default=0.0)


def _binding_path(problem: AllocationProblem, served: Sequence[Served]) -> Ints:
    """Return (C, 5) the nodes of each class that can bind: that may be asked for more than is."""
    path, capacity = problem.classes.path, problem.nodes.capacity
    wanted = np.zeros_like(capacity)
    for stage in served:
        add_along(wanted, path[stage.classes], _whole_lots(problem, stage))
    # What a quota of what remains comes to is not in its capacity.
    wanted[problem.quotas.node] = 2 * PLENTY
    return binding_path(path, wanted, from_the_end(capacity))


def _whole_lots(problem: AllocationProblem, stage: Served) -> Ints:
    """Return (k, T) the units of room that a stage may ask for."""
    if not problem.policy.in_lots or stage.stage < FIRST_TIER:
        return stage.demand
    sizes = problem.lot_size[problem.classes.product[stage.classes]]
    return problem.demand(stage.classes, lots_of_lines(problem)) * sizes[:, None]


def _lot_sizes_differ(problem: AllocationProblem, path: Ints) -> bool:
    """Tell whether lots of several sizes share a node: what is left may suit the smaller alone."""
    if not problem.policy.in_lots:
        return False
    tiers = problem.classes.stage >= FIRST_TIER
    shared, sizes = path[tiers, 1], problem.lot_size[problem.classes.product[tiers]]
    met = np.unique(np.stack([shared, sizes])[:, shared >= 0], axis=1)
    return bool((np.diff(met[0]) == 0).any())


def _families_cross(problem: AllocationProblem, path: Ints) -> bool:
    """Tell whether two nodes that can bind overlap without one holding the other."""
    free = problem.classes.stage != PEGGED
    pairs = [(0, 2), (0, 3), (1, 2), (1, 3), (1, ROOT)]
    return any(_cross(path, a, b, free if b == ROOT else np.ones_like(free)) for a, b in pairs)


def _cross(path: Ints, a: int, b: int, some: Bools) -> bool:
    """Tell whether a node of slot a and one of slot b share classes and each has others."""
    one, two = path[some, a], path[some, b]
    if not ((one >= 0) & (two >= 0)).any() or (two == two[0]).all():
        return False  # as where there are no ceilings, or one product
    met = np.unique(np.stack([one, two]), axis=1)
    met = met[:, (met >= 0).all(axis=0)]
    whole_one, whole_two = np.bincount(one[one >= 0]), np.bincount(two[two >= 0])
    for n, m in met.T:
        both = int(((one == n) & (two == m)).sum())
        if both < whole_one[n] and both < whole_two[m]:
            return True
    return False


def _totals(served: Sequence[Served]) -> list[Ints]:
    total = np.cumsum([stage.given.sum(axis=0) for stage in served], axis=0)
    return [total[i] for i in bounded_stages(served)]


def bounded_stages(served: Sequence[Served]) -> Sequence[int]:
    """Return the stages, by position, up to which totals are bounded: all, or the last."""
    return range(len(served)) if len(served) <= MOST_STAGES else [len(served) - 1]


def _bounds(problem: AllocationProblem, served: Sequence[Served]) -> list[Ints]:
    """Return, per bounded stage, (T,) the most units in use of all stages up to it.

    Pegged units are pooled with free ones in the product's supply, which can only raise the bound.
    """
    path, days = problem.classes.path.copy(), len(problem.days)
    capacity = from_the_end(problem.nodes.capacity)
    roots = np.flatnonzero(problem.nodes.slot == ROOT)
    for stage in served:
        if stage.stage == PEGGED:
            path[stage.classes, ROOT] = roots[problem.classes.product[stage.classes]]
            np.add.at(capacity, path[stage.classes, ROOT], stage.demand)
    bounded = bounded_stages(served)
    most = [np.zeros(days, np.int64) for _ in bounded]
    for day in range(days):
        network, total, at = _Flow(path, capacity[:, day]), 0, 0
        for i, stage in enumerate(served):
            for k, cls in enumerate(stage.classes):
                network.offer(int(cls), int(stage.demand[k, day]))
            if i == bounded[at]:
                total += network.raise_all()
                most[at][day] = total
                at = min(at + 1, len(bounded) - 1)
    return most


class _Flow:
    """A maximum flow from supply through ceilings, classes and sites, by augmenting paths."""

    def __init__(self, path: Ints, capacity: Ints) -> None:
        self.room: dict[tuple[int, int], int] = {}
        self.next: dict[int, list[int]] = {}
        self.path = path
        nodes = len(capacity)
        # Each node is an arc (2n -> 2n + 1); classes follow; then source and sink.
        self.inner = 2 * nodes
        self.source, self.sink = self.inner + 2 * len(path), self.inner + 2 * len(path) + 1
        for n in range(nodes):
            self._arc(2 * n, 2 * n + 1, int(capacity[n]))

    def _arc(self, a: int, b: int, room: int) -> None:
        if (a, b) not in self.room:
            self.room[a, b] = 0
            self.room.setdefault((b, a), 0)
            self.next.setdefault(a, []).append(b)
            self.next.setdefault(b, []).append(a)
        self.room[a, b] += room

    def offer(self, cls: int, units: int) -> None:
        """Let a class use `units`: source, supply, group, party, class, site, whole site, sink."""
        if units:
            row = self.path[cls]
            before = [int(row[slot]) for slot in (ROOT, 3, 2) if row[slot] >= 0]
            after = [int(row[slot]) for slot in (0, 1) if row[slot] >= 0]
            entry = self.inner + 2 * cls
            at = self.source
            for n in before:
                self._arc(at, 2 * n, 1 << 60)
                at = 2 * n + 1
            self._arc(at, entry, 1 << 60)
            self._arc(entry, entry + 1, units)
            at = entry + 1
            for n in after:
                self._arc(at, 2 * n, 1 << 60)
                at = 2 * n + 1
            self._arc(at, self.sink, 1 << 60)

    def raise_all(self) -> int:
        """Augment until no path is left; return what was added."""
        added = 0
        while back := self._search():
            steps, at = [], self.sink
            while at != self.source:
                steps.append((back[at], at))
                at = back[at]
            units = min(self.room[step] for step in steps)
            for a, b in steps:
                self.room[a, b] -= units
                self.room[b, a] += units
            added += units
        return added

    def _search(self) -> dict[int, int]:
        back, queue = {self.source: -1}, deque([self.source])
        while queue:
            a = queue.popleft()
            for b in self.next.get(a, ()):
                if b not in back and self.room[a, b] > 0:
                    back[b] = a
                    if b == self.sink:
                        return back
                    queue.append(b)
        return {}
