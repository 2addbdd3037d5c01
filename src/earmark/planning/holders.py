"""Who holds what a class lacks: ids of sites, ceilings, parties and orders, the largest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.levels import Reals
from earmark.planning.problem import KEPT_STAGE, SLOTS, AllocationProblem
from earmark.planning.rules import rule_names
from earmark.planning.tiers import Served
from earmark.ranking import places_of
from earmark.schedule import CAUSES, Ints

RESERVED, SHARE, RULE = (CAUSES.index(cause) for cause in ("reserved", "share", "rule"))
MOST_HOLDERS = 8
"""How many ids a list of holders names at most, those with most unit-days first."""
MANY, CANDIDATES = 4_000, 512
"""Beyond so many classes under a node, holders are sought among those that hold and grow most."""
DENSE = 30_000_000
"""Cells of classes by days up to which holders are followed to their orders."""


@dataclass(frozen=True, slots=True, eq=False)
class Lack:
    """Short cells of one stage and cause: the class (by position in the stage) and the day."""

    k: Ints
    t: Ints
    slot: Ints
    """The slot of the node that binds, -1 for none."""
    later: Ints
    """The day that keeps the node from giving more on t."""
    units: Ints


class Holders:
    """Lists of ids, each kept once, and what the stages seen so far hold on each day."""

    def __init__(self, problem: AllocationProblem) -> None:
        self.problem = problem
        self.lists: dict[tuple[str, ...], int] = {}
        self.ends = problem.line_ends
        self.base = np.append(0, self.ends)[problem.first_lines]
        classes, days = len(problem.classes.stage), len(problem.days)
        self.given = np.zeros((classes, days)) if classes * days <= DENSE else None
        path = problem.classes.path.T
        self.under = [np.argsort(nodes, kind="stable") for nodes in path]
        """Per slot, the classes sorted by the node of theirs, then as they are."""
        self.first_under = [
            np.searchsorted(nodes[under], np.arange(len(problem.nodes.slot) + 1))
            for nodes, under in zip(path, self.under, strict=True)
        ]

    def add(self, ids: Iterable[str]) -> int:
        """Return the position of the list of distinct ids, as many as are named at most."""
        named = tuple(dict.fromkeys(ids))[:MOST_HOLDERS]
        return self.lists.setdefault(named, len(self.lists))

    def see(self, stage: Served) -> None:
        """Take note of what a stage holds, before anyone asks who holds it."""
        if self.given is not None:
            self.given[stage.classes] = stage.given

    def of(self, stage: Served, lack: Lack, cause: int) -> Ints:
        """Return, per class of the stage, the list of those who hold what it lacks."""
        if cause == RULE:
            if stage.stage == KEPT_STAGE:
                return np.full(len(stage.classes), self.add(["confirm"]))
            alone = self.problem.classes.single[stage.classes]
            return np.array([self.add(self.of_rule(order)) for order in alone.tolist()])
        lists = np.zeros(len(stage.classes), np.int64)
        weight = np.zeros(stage.given.shape)
        weight[lack.k, lack.t] = lack.units * self.problem.lengths[lack.t]
        later = weight * 0.0
        if cause == RESERVED:
            np.add.at(later, (lack.k, lack.later), weight[lack.k, lack.t])
        slots = np.full(len(stage.classes), -1)
        slots[lack.k] = lack.slot
        for s in np.unique(slots[slots >= 0]):
            node = self.problem.classes.path[stage.classes, s]
            for n in np.unique(node[slots == s]):
                of = np.flatnonzero((slots == s) & (node == n))
                members = self._members(stage, int(s), int(n), cause)
                names = self._node_names(int(n), cause)
                for k, ids in zip(
                    of, self._heaviest(members, weight[of], later[of], cause), strict=True
                ):
                    lists[k] = self.add([*names, *ids])
        if (slots < 0).all():
            lists[:] = self.add([])
        return lists

    def of_rule(self, order: int = -1) -> Sequence[str]:
        """Return what an order waits for that no node keeps from it; -1: one without rules."""
        if order >= 0:
            return rule_names(self.problem, order)
        return ["round" if self.problem.policy.reserve_days is None else "reserve_days"]

    def without_self(self, order: Ints, cause: Ints, by: Ints) -> Ints:
        """Return the list of each order without the order itself.

        It stays where units are reserved for it alone: pegged units that come later hold the room.
        """
        lists = list(self.lists)
        ids = list(dict.fromkeys(id_ for ids in lists for id_ in ids))
        places = places_of(ids, self.problem.orders).tolist()
        at = {name: i for name, i in zip(ids, places, strict=True) if i >= 0}
        named = [(at[id_], i) for i, ids in enumerate(lists) for id_ in ids if id_ in at]
        if not named:
            return by
        stride = len(lists) + 1
        own = np.isin(order * stride + by, np.array([o * stride + i for o, i in named]))
        for i in np.flatnonzero(own):
            others = [id_ for id_ in lists[by[i]] if id_ != self.problem.orders[order[i]]]
            if others or cause[i] != RESERVED:
                by[i] = self.add(others)
        return by

    def _node_names(self, node: int, cause: int) -> tuple[str, ...]:
        nodes = self.problem.nodes
        if cause in (RESERVED, SHARE) or nodes.slot[node] == len(SLOTS) - 1:
            return ()
        return (nodes.name[node], *nodes.holders[node])

    def _members(self, stage: Served, slot: int, node: int, cause: int) -> Ints:
        """Return the classes under the node: of the stage (share), or of better ones."""
        inside = self.under[slot][self.first_under[slot][node] : self.first_under[slot][node + 1]]
        first, stop = np.searchsorted(inside, [stage.classes[0], stage.classes[-1] + 1])
        return inside[first:stop] if cause == SHARE else inside[:first]

    def _heaviest(
        self, members: Ints, weight: Reals, later: Reals, cause: int
    ) -> Iterable[list[str]]:
        """Yield, per short class, the orders that hold most of its unit-days."""
        if self.given is None or not len(members):
            yield from ([] for _ in weight)
            return
        wanted = (later - weight) if cause == RESERVED else weight
        rows = self._most(members, wanted)
        for (heavy, held), units, after in zip(rows, weight, later, strict=True):
            days = np.flatnonzero(units)
            last = int(np.flatnonzero(after)[-1]) if cause == RESERVED else int(days[-1])
            first = int(days[0]) if cause == RESERVED else -1
            ids: list[str] = []
            for cls in heavy[held > 0.5].tolist():
                ids += self._orders(cls, first, last)
                if len(ids) >= MOST_HOLDERS:
                    break
            yield ids

    def _most(self, members: Ints, wanted: Reals) -> Iterable[tuple[Ints, Reals]]:
        """Yield, per row of `wanted` (rows, T), the members with most units there, and how much."""
        assert self.given is not None
        if len(members) > MANY:
            members = self._growing(members, np.flatnonzero(wanted.any(axis=0)))
        held = wanted @ self.given[members].T
        heavy = np.argsort(-held, axis=1, kind="stable")[:, :MOST_HOLDERS]
        yield from zip(members[heavy], np.take_along_axis(held, heavy, axis=1), strict=True)

    def _growing(self, members: Ints, days: Ints) -> Ints:
        """Return the members that were given most from the first of the days to the last."""
        assert self.given is not None
        growth = (self.given[members, days[-1]] - self.given[members, days[0]]).astype(np.int64)
        held = self.given[members, days[-1]].astype(np.int64)
        rank = (growth + held) * len(members) + np.arange(len(members))[::-1]  # no ties
        return members[np.sort(np.argpartition(rank, -CANDIDATES)[-CANDIDATES:])]

    def _orders(self, cls: int, first: int, last: int) -> list[str]:
        """Return orders of a class that were granted units after day `first`, up to day `last`."""
        assert self.given is not None
        low = self.base[cls] + (int(self.given[cls, first]) if first >= 0 else 0)
        high = self.base[cls] + int(self.given[cls, last])
        begin = int(np.searchsorted(self.ends, low, side="right"))
        end = int(np.searchsorted(self.ends, high, side="left")) + 1
        lines = range(begin, min(end, begin + MOST_HOLDERS)) if high > low else ()
        return [self.problem.orders[self.problem.lines.order[line]] for line in lines]
