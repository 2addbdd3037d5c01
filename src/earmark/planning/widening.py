"""A maximum flow that is kept while arcs grow wider: by blocking flows (Dinitz 1970)."""

from collections.abc import Sequence

SOURCE, SINK = 0, 1


class Widening:
    """Arcs that begin with no room, and the most that they carry from SOURCE to SINK.

    Arc `i` leads to `to[i]` and has `room[i]` left; `i ^ 1` is the way back.
    """

    def __init__(self, nodes: int) -> None:
        """Begin without arcs."""
        self.out: list[list[int]] = [[] for _ in range(nodes)]
        self.to: list[int] = []
        self.room: list[int] = []

    def arc(self, a: int, b: int) -> int:
        """Add an arc without room; return its number."""
        number = len(self.to)
        self.to += (b, a)
        self.room += (0, 0)
        self.out[a].append(number)
        self.out[b].append(number + 1)
        return number

    def copy(self) -> "Widening":
        """Return a flow of its own over the same arcs."""
        other = Widening(0)
        other.out, other.to, other.room = self.out, self.to, self.room.copy()
        return other

    def widen(self, arcs: Sequence[int], units: Sequence[int]) -> bool:
        """Give arcs more room; tell whether any got some."""
        some = False
        for arc, more in zip(arcs, units, strict=True):
            if more:
                self.room[arc] += more
                some = True
        return some

    def raise_all(self) -> int:
        """Carry as much more as can be; return how much that is."""
        added = 0
        while levels := self._levels():
            nexts = [0] * len(self.out)
            while units := self._blocked(levels, nexts):
                added += units
        return added

    def _levels(self) -> list[int]:
        """Return how far each node is from the source, -1 for out of reach; none if the sink is."""
        levels = [-1] * len(self.out)
        levels[SOURCE] = 0
        reached = [SOURCE]
        for node in reached:
            for arc in self.out[node]:
                after = self.to[arc]
                if levels[after] < 0 and self.room[arc]:
                    levels[after] = levels[node] + 1
                    reached.append(after)
        return levels if levels[SINK] >= 0 else []

    def _blocked(self, levels: list[int], nexts: list[int]) -> int:
        """Carry units along one shortest way; return how many, 0 where there is none left."""
        way: list[int] = []
        node = SOURCE
        while node != SINK:
            arcs = self.out[node]
            while nexts[node] < len(arcs):
                arc = arcs[nexts[node]]
                if self.room[arc] and levels[self.to[arc]] == levels[node] + 1:
                    way.append(arc)
                    node = self.to[arc]
                    break
                nexts[node] += 1
            else:
                if not way:
                    return 0
                node = self.to[way.pop() ^ 1]
                nexts[node] += 1
        units = min(self.room[arc] for arc in way)
        for arc in way:
            self.room[arc] -= units
            self.room[arc ^ 1] += units
        return units
