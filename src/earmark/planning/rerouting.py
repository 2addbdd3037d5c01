"""Room made by orders that go over to another of their options, on the day that they have.

An order that is short asks who holds what it needs and could have as many units elsewhere from the
same day on; elsewhere may have to be made free in the same way. These are the augmenting paths of a
flow, but that nobody comes later: what was given is not taken back (Ford and Fulkerson 1956).
"""

from collections.abc import Callable, Sequence

import numpy as np

from earmark.planning.desk import Desk, Take, Wish, room
from earmark.schedule import Ints

DEPTH = 4
"""How many orders one path may lead through."""
MOST_TRIES = 50_000
"""Takes that are looked at in all, so that large books take no longer than that."""


class Rerouting:
    """Searches for paths, and walks them. `takes` is what wishes have, changed as they move."""

    def __init__(
        self, desk: Desk, takes: list[Take], allowed: Callable[[Wish], Sequence[int]]
    ) -> None:
        self.desk, self.takes, self.allowed = desk, takes, allowed
        self.tries = 0
        self.held_at: dict[int, list[Take]] = {}
        """Takes by node."""
        self._levels: Sequence[Ints] = ()
        self._done: list[tuple[Take, Take]] = []

    @property
    def is_of_use(self) -> bool:
        """Whether units can move at all: lots stay, and what quotas of what remains have cut."""
        problem = self.desk.problem
        return not problem.policy.in_lots and not len(problem.quotas.node)

    def hold(self, take: Take) -> None:
        """Add a take: it holds units under all nodes of its option."""
        self.takes.append(take)
        for node in self.desk.nodes(take.wish, take.option).tolist():
            self.held_at.setdefault(node, []).append(take)

    def free(self, nodes: Ints, day: int, wanted: int, *levels: Ints) -> int:
        """Make room for up to `wanted` units under some nodes from a day on; return how many fit.

        `levels` are matrices (N, T) of what nodes have left; the last one says what is free.
        """
        self._levels, self._done = levels, []
        return self._free(nodes, day, wanted, DEPTH, frozenset())

    def _free(self, nodes: Ints, day: int, wanted: int, depth: int, busy: frozenset[Take]) -> int:
        left = self._levels[-1]
        there = room(left, nodes, day)
        if there or not depth or self.tries >= MOST_TRIES:
            return min(there, wanted)
        short = left[nodes, day:] <= 0
        blocked, last = nodes[short.any(axis=1)], day + int(short.any(axis=0).argmax())
        for take in reversed(self.held_at.get(int(blocked[0]), ())):
            self.tries += 1
            if take.units and take.day <= last and take not in busy:
                own = self.desk.nodes(take.wish, take.option)
                if np.isin(blocked, own).all():
                    found = self._over(take, own, nodes, day, wanted, depth, busy)
                    if found:
                        return found
        return 0

    def _over(
        self,
        take: Take,
        own: Ints,
        nodes: Ints,
        day: int,
        wanted: int,
        depth: int,
        busy: frozenset[Take],
    ) -> int:
        """Bring units of a take to another option; return how many fit in its place then."""
        wish, units = take.wish, min(take.units, wanted)
        counts = self.desk.counts_for(wish, take.option)
        for option in self.allowed(wish):
            if option == take.option or self.desk.counts_for(wish, option) != counts:
                continue
            other, mark = self.desk.nodes(wish, option), len(self._done)
            self._add(own, take.day, units)
            moved = self._free(other, take.day, units, depth - 1, busy | {take})
            self._add(own, take.day, -units)
            if moved:
                self._move(take, option, moved)
                if found := min(room(self._levels[-1], nodes, day), wanted):
                    return found
            self._undo(mark)
        return 0

    def _move(self, take: Take, option: int, units: int) -> None:
        other = Take(take.wish, option, take.day, units)
        self._swap(take, other, units)
        self.hold(other)
        self._done.append((take, other))

    def _undo(self, mark: int) -> None:
        """Take back what was moved since."""
        while len(self._done) > mark:
            take, other = self._done.pop()
            self._swap(take, other, -other.units)
            self.takes.remove(other)
            for node in self.desk.nodes(other.wish, other.option).tolist():
                self.held_at[node].remove(other)

    def _swap(self, take: Take, other: Take, units: int) -> None:
        take.units -= units
        self._add(self.desk.nodes(take.wish, take.option), take.day, units)
        self._add(self.desk.nodes(other.wish, other.option), other.day, -units)

    def _add(self, nodes: Ints, day: int, units: int) -> None:
        for level in self._levels:
            level[nodes, day:] += units
