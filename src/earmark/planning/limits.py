"""The arcs of a flow in which orders with options use any of these, and their room day by day."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.choosing import Choice
from earmark.planning.desk import Wish
from earmark.planning.paths import add_along, binding_path, from_the_end
from earmark.planning.problem import PEGGED, ROOT
from earmark.planning.tiers import stages_of
from earmark.planning.widening import SINK, SOURCE, Widening
from earmark.schedule import Ints
from earmark.sums import add_rows

_SUPPLY, _POWER = (ROOT, 3, 2), (0, 1)
"""The slots of a path before and behind the order that stands on it."""


@dataclass(frozen=True, slots=True)
class _Arc:
    """From a node to another: `times` the lesser of a level and of what is asked."""

    a: int
    b: int
    level: int
    asked: int
    times: int = 1


class Limits:
    """The arcs of the flow, and what room they have day by day.

    Classes under the same limits are one demand, and so are orders with the same options. Pegged
    units are pooled with the free supply of their product, which can only raise the bound.
    """

    def __init__(self, choice: Choice) -> None:
        self.choice, self.problem = choice, choice.problem
        pooled = _Pooled(choice)
        path = binding_path(pooled.classes, pooled.wanted, pooled.capacity)
        self.paths, group = np.unique(path, axis=0, return_inverse=True)
        self.group = group.reshape(-1)
        keys = [
            (_factors(choice, wish), rows.tobytes())
            for wish, rows in zip(choice.wishes, pooled.options, strict=True)
        ]
        kinds = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        self.kind = [kinds[key] for key in keys]
        self.options = [
            (factors, pooled.options[keys.index((factors, rows))]) for factors, rows in kinds
        ]
        days = self.problem.days
        alone = [_alone(pooled.capacity, rows) for _, rows in self.options]
        plenty = np.full((1, len(days)), _PLENTY)
        self.levels = np.concatenate([plenty, pooled.capacity, *alone])
        """(L, T) no limit, then what each node gives, then what each option could give alone."""
        binding = [binding_path(rows, pooled.wanted, pooled.capacity) for _, rows in self.options]
        self.rows = 1 + len(self.paths) + len(self.options)
        """How many rows `asked` has: no limit, classes, orders, and then parts of these."""
        self.parts: list[tuple[int, int]] = []
        """Kind and factor of each option that counts for several, which has a row of its own."""
        self.drawn = list(self._drawn(binding, 1 + len(pooled.capacity)))
        self.arcs = range(0, 2 * len(self.drawn), 2)
        columns = (
            [getattr(arc, name) for arc in self.drawn] for name in ("level", "asked", "times")
        )
        self.level, self.row, self.times = (np.array(column, np.int64) for column in columns)

    def flow(self) -> Widening:
        """Return the flow without any room."""
        flow = Widening(max((max(arc.a, arc.b) for arc in self.drawn), default=SINK) + 1)
        for arc in self.drawn:
            flow.arc(arc.a, arc.b)
        return flow

    def rooms(self, asked: Ints) -> Ints:
        """Return (arcs, T) the room of each arc where so much is asked for, (R, T)."""
        rooms: Ints = np.minimum(self.levels[self.level], asked[self.row])
        return rooms * self.times[:, None]

    def rooms_on(self, day: int, asked: Ints) -> Ints:
        """Return (arcs,) the room of each arc on a day where so much is asked for, (R,)."""
        rooms: Ints = np.minimum(self.levels[self.level, day], asked[self.row])
        return rooms * self.times

    def asked(self, stages: Collection[int]) -> Ints:
        """Return (R, T) what is asked for of some stages by each day."""
        days = len(self.problem.days)
        asked = np.zeros((self.rows + len(self.parts), days), np.int64)
        asked[0] = _PLENTY
        for stage, classes in stages_of(self.problem):
            if stage in stages:
                add_rows(asked, 1 + self.group[classes], self.problem.demand(classes))
        first = 1 + len(self.paths)
        for wish, kind in zip(self.choice.wishes, self.kind, strict=True):
            if wish.stage in stages:
                asked[first + kind, wish.first :] += wish.units
                for i, (other, factor) in enumerate(self.parts):
                    if other == kind:
                        asked[self.rows + i, wish.first :] += wish.units // factor
        return asked

    def _drawn(self, binding: Sequence[Ints], alone: int) -> Iterator[_Arc]:
        """Yield the arcs; what an option could give alone stands in levels from `alone` on."""
        nodes = self.levels.shape[0]
        used = {int(n) for path in (self.paths, *binding) for n in path[path >= 0]}
        for n in sorted(used):
            yield _Arc(2 + 2 * n, 3 + 2 * n, 1 + n, 0)
        entry = 2 + 2 * nodes
        for g, path in enumerate(self.paths.tolist()):
            yield from _along(SOURCE, [path[slot] for slot in _SUPPLY], entry)
            yield _Arc(entry, entry + 1, 0, 1 + g)
            yield from _along(entry + 1, [path[slot] for slot in _POWER], SINK)
            entry += 2
        for kind, ((factors, _), paths) in enumerate(zip(self.options, binding, strict=True)):
            whole = 1 + len(self.paths) + kind
            yield _Arc(entry, entry + 1, 0, whole)
            for factor, path in zip(factors, paths.tolist(), strict=True):
                row = whole
                if factor > 1:
                    row = self.rows + len(self.parts)
                    self.parts.append((kind, factor))
                    # What each unit counts for beyond one takes no room.
                    yield _Arc(SOURCE, entry, alone, row, factor - 1)
                    yield _Arc(entry + 1, SINK, alone, row, factor - 1)
                yield from _along(SOURCE, [path[slot] for slot in _SUPPLY], entry, alone, row)
                yield from _along(entry + 1, [path[slot] for slot in _POWER], SINK)
                alone += 1
            entry += 2


_PLENTY = 1 << 50


def _along(a: int, nodes: Sequence[int], b: int, level: int = 0, asked: int = 0) -> Iterator[_Arc]:
    """Yield arcs through capacity nodes; the last one may be limited."""
    for n in nodes:
        if n >= 0:
            yield _Arc(a, 2 + 2 * n, 0, 0)
            a = 3 + 2 * n
    yield _Arc(a, b, level, asked)


class _Pooled:
    """Paths and capacities with pegged units in the free supply, and what could be asked for."""

    def __init__(self, choice: Choice) -> None:
        problem, days = choice.problem, np.arange(len(choice.problem.days))
        self.classes = problem.classes.path.copy()
        self.capacity = from_the_end(problem.nodes.capacity)
        self.options: list[Ints] = []
        """Per wish, (options, 5)."""
        self.wanted = np.zeros_like(self.capacity)
        """(N, T)"""
        roots = np.flatnonzero(problem.nodes.slot == ROOT)
        for stage, classes in stages_of(problem):
            demand = problem.demand(classes)
            if stage == PEGGED:
                own = roots[problem.classes.product[classes]]
                self.classes[classes, ROOT] = own
                np.add.at(self.capacity, own, demand)
            add_along(self.wanted, self.classes[classes], demand)
        for wish in choice.wishes:
            paths = choice.paths[wish.at][list(wish.options)].copy()
            asked = np.where(days >= wish.first, wish.units, 0)
            if wish.peg is not None:
                own = roots[problem.products.index(wish.peg.product)]
                paths[:, ROOT] = own
                self.capacity[own] += asked
            for path, factor in zip(paths, _factors(choice, wish), strict=True):
                add_along(self.wanted, path[None], (asked // factor)[None])
            self.options.append(paths)
        # What a quota of what remains comes to is not in its capacity.
        self.wanted[problem.quotas.node] = _PLENTY


def _factors(choice: Choice, wish: Wish) -> tuple[int, ...]:
    """Return what a unit of each option of a wish counts for."""
    options = choice.opened[wish.at].options
    return tuple(1 if wish.peg is not None else options[k].factor for k in wish.options)


def _alone(capacity: Ints, paths: Ints) -> Ints:
    """Return (options, T) what each option could give if nobody else drew on its limits."""
    rows = [
        capacity[path[path >= 0]].min(axis=0)
        if (path >= 0).any()
        else np.full(capacity.shape[1], _PLENTY)
        for path in paths
    ]
    return np.array(rows, np.int64)
