"""Why units are late: every unit-day of a shortfall gets one cause, and the causes add up.

A class is short of m units on the days [t, next). N is the first node from the leaf whose room the
class's own stage uses up on t: what it can give for good after the better stages, less what the
stage has. F is what N still has on t but must keep, until the day that its room is read from. Up
to F the shortfall is `reserved` by better stages that grow into it, or due to the fall of N's
capacity; of the rest, what others of the stage hold in N is `share`; what remains is N's own kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.levels import Reals, clipped
from earmark.planning.problem import FIRST_TIER, PEGGED, SLOTS, AllocationProblem
from earmark.planning.tiers import Served, from_the_end
from earmark.schedule import CAUSES, Bools, Ints, Reasons

RESERVED, SHARE, PEG, RULE = (CAUSES.index(c) for c in ("reserved", "share", "peg", "rule"))
KIND = tuple(CAUSES.index(slot) for slot in SLOTS)
MOST_HOLDERS = 8
"""How many ids a list of holders names at most, those with most unit-days first."""
MANY, CANDIDATES = 4_000, 512
"""Beyond so many classes under a node, holders are sought among those that hold and grow most."""
DENSE = 30_000_000
"""Cells of classes by days up to which holders are followed to their orders."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Unit-days by line and cause, and the list of holders of each."""

    line: Ints
    cause: Ints
    unit_days: Ints
    by: Ints


class _Holders:
    """Lists of ids, each kept once."""

    def __init__(self) -> None:
        self.lists: dict[tuple[str, ...], int] = {}

    def add(self, ids: Iterable[str]) -> int:
        """Return the position of the list of distinct ids, as many as are named at most."""
        named = tuple(dict.fromkeys(ids))[:MOST_HOLDERS]
        return self.lists.setdefault(named, len(self.lists))


def why_late(problem: AllocationProblem, served: Sequence[Served]) -> Reasons:
    """Return the cause of every unit-day for which a unit is late or unserved."""
    holders = _Holders()
    entries = [*_before_the_first_day(problem, holders)]
    entries += _Shortfalls(problem, served, holders).entries()
    return _by_order(problem, entries, holders)


def _before_the_first_day(problem: AllocationProblem, holders: _Holders) -> Iterable[_Entries]:
    """Yield the days from due to the first day on which a line could be granted at all."""
    lines = problem.lines
    known = np.maximum(lines.due, problem.start)
    ready = np.minimum(lines.ready, problem.end)
    every = np.arange(len(lines.order))
    pegged = problem.classes.stage[lines.cls] == PEGGED
    start, as_of = holders.add(["start"]), holders.add(["as_of"])
    by_lot = np.array([holders.add([name]) for name in problem.supply.names], np.int64)
    waits = (
        (np.ones(len(every), np.bool_), RULE, known - lines.due, np.full(len(every), start)),
        (~pegged, RULE, ready - known, np.full(len(every), as_of)),
        (pegged, PEG, ready - known, by_lot[lines.lot] if len(by_lot) else every),
    )
    for mine, cause, days, by in waits:
        some = np.flatnonzero(mine & (days > 0))
        unit_days = days[some] * lines.quantity[some]
        yield _Entries(some, np.full(len(some), cause), unit_days, by[some])


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Short cells (class of the stage, day) and what made them short; amounts in units."""

    k: Ints
    t: Ints
    slot: Ints
    """The slot of the binding node, -1 where none is used up (whole lots)."""
    later: Ints
    """The day that keeps the node from giving more on t."""
    reserved: Ints
    fallen: Ints
    shared: Ints
    rest: Ints


class _Shortfalls:
    """Walks the stages with the state of the nodes right after each."""

    def __init__(
        self, problem: AllocationProblem, served: Sequence[Served], holders: _Holders
    ) -> None:
        self.problem, self.served, self.holders = problem, served, holders
        lines = problem.lines
        self.ends = np.cumsum(lines.quantity)
        self.first_line = np.searchsorted(lines.cls, np.arange(len(problem.classes.stage) + 1))
        self.base = np.append(0, self.ends)[self.first_line]
        days = len(problem.days)
        size = len(problem.classes.stage) * days
        self.given = np.zeros((len(problem.classes.stage), days)) if size <= DENSE else None
        path = problem.classes.path.T
        self.under = [np.argsort(nodes, kind="stable") for nodes in path]
        """Per slot, the classes sorted by the node of theirs, then as they are."""
        self.first_under = [
            np.searchsorted(nodes[under], np.arange(len(problem.nodes.slot) + 1))
            for nodes, under in zip(path, self.under, strict=True)
        ]

    def entries(self) -> list[_Entries]:
        """Return the unit-days of all shortfalls by line."""
        slack = self.problem.nodes.capacity.copy()
        found = []
        for stage in self.served:
            used_before = self.problem.nodes.capacity - slack
            path = self.problem.classes.path[stage.classes]
            used = np.zeros_like(slack)
            for slot in range(path.shape[1]):
                limited = path[:, slot] >= 0
                np.add.at(used, path[limited, slot], stage.given[limited])
            before = slack.copy()
            slack -= used
            if self.given is not None:
                self.given[stage.classes] = stage.given
            if (stage.demand > stage.given).any():
                cells = self._cells(stage, before, used_before, used)
                found += self._spread(stage, cells)
        return found

    def _cells(self, stage: Served, before: Ints, used_before: Ints, used: Ints) -> _Cells:
        k, t = np.nonzero(stage.demand > stage.given)
        short = (stage.demand - stage.given)[k, t]
        path = self.problem.classes.path[stage.classes]
        room = from_the_end(before)
        slot, node = self._binding(stage, path[k], t, room - used)
        bound = np.maximum(node, 0)
        later = _earliest(before, room)[bound, t]
        some = node >= 0
        keep = np.maximum((before - used)[bound, t], 0)
        growth = used_before[bound, later] - used_before[bound, t]
        place, wish = bound * len(self.problem.days) + t, np.where(some, short, 0)
        budget = np.zeros(before.size, np.int64)
        budget[place[some]] = np.minimum(keep, growth)[some]
        reserved = clipped(wish, place, budget)
        budget[place[some]] = keep[some]
        kept = clipped(wish, place, budget)
        rest = short - kept
        others = np.where(some, used[bound, t] - self._partly(stage)[k, t], 0)
        shared = np.minimum(rest, np.maximum(others, 0))
        return _Cells(k, t, slot, later, reserved, kept - reserved, shared, rest - shared)

    def _binding(self, stage: Served, path: Ints, t: Ints, left: Ints) -> tuple[Ints, Ints]:
        """Return slot and node of the first node from the leaf that can give nothing more."""
        least = np.ones(len(t), np.int64)
        if self.problem.policy.round == "lot" and stage.stage >= FIRST_TIER:
            least[:] = self.problem.lot_size.max(initial=1)
        slot, node = np.full(len(t), -1), np.full(len(t), -1)
        for s in reversed(range(path.shape[1])):
            n = path[:, s]
            tight = (n >= 0) & (left[np.maximum(n, 0), t] < least)
            slot, node = np.where(tight, s, slot), np.where(tight, n, node)
        return slot, node

    def _partly(self, stage: Served) -> Ints:
        """Return (k, T) the units of the line that each class has served in part."""
        at = self.base[stage.classes][:, None] + stage.given
        line = np.searchsorted(self.ends, at, side="right")
        partly: Ints = at - np.append(0, self.ends)[line]
        return partly

    def _spread(self, stage: Served, cells: _Cells) -> list[_Entries]:
        """Return the unit-days of a stage by line: short units are the last of each class."""
        shape = stage.given.shape
        level = stage.given.astype(np.int64)
        found = []
        for cause, slots, amount in (
            (RESERVED, None, cells.reserved),
            (None, range(len(SLOTS)), cells.fallen),
            (SHARE, None, cells.shared),
            (None, (-1, *range(len(SLOTS))), cells.rest),
        ):
            above = level.copy()
            above[cells.k, cells.t] += amount
            for s in slots if slots is not None else (None,):
                weight = np.zeros(shape, np.int64)
                mine = amount > 0 if s is None else (amount > 0) & (cells.slot == s)
                if mine.any():
                    kind = cause if cause is not None else RULE if s == -1 else KIND[s or 0]
                    days = self.problem.lengths[cells.t[mine]]
                    weight[cells.k[mine], cells.t[mine]] = days
                    by = self._holders(stage, cells, mine, amount * mine, kind)
                    found.append(self._lines(stage, level, above, weight, kind, by))
            level = above
        return found

    def _lines(
        self, stage: Served, low: Ints, high: Ints, weight: Ints, cause: int, by: Ints
    ) -> _Entries:
        """Return, per line, the sum over days of weight * |line and [low, high)|."""
        of = np.flatnonzero(weight.any(axis=1))
        counts = self.first_line[stage.classes[of] + 1] - self.first_line[stage.classes[of]]
        cls = np.repeat(np.arange(len(of)), counts)
        line = np.concatenate(
            [np.arange(self.first_line[c], self.first_line[c + 1]) for c in stage.classes[of]]
        )
        begin = (self.ends[line] - self.problem.lines.quantity[line]) - self.base[
            stage.classes[of]
        ][cls]
        end = begin + self.problem.lines.quantity[line]
        total = np.zeros(len(line), np.int64)
        for levels, sign in ((high[of], 1), (low[of], -1)):
            under = _Under(levels, weight[of])
            total += sign * (under.at(end, cls) - under.at(begin, cls))
        some = total > 0
        return _Entries(line[some], np.full(int(some.sum()), cause), total[some], by[of[cls[some]]])

    def _holders(self, stage: Served, cells: _Cells, mine: Bools, amount: Ints, cause: int) -> Ints:
        """Return, per class of the stage, the list of those who hold what it lacks."""
        lists = np.zeros(len(stage.classes), np.int64)
        weight = np.zeros(stage.given.shape)
        weight[cells.k, cells.t] = amount * self.problem.lengths[cells.t]
        later = weight * 0.0
        if cause == RESERVED:
            np.add.at(later, (cells.k, cells.later), weight[cells.k, cells.t])
        slots = np.full(len(stage.classes), -1)
        slots[cells.k[mine]] = cells.slot[mine]
        for s in np.unique(slots[slots >= 0]):
            node = self.problem.classes.path[stage.classes, s]
            for n in np.unique(node[slots == s]):
                of = np.flatnonzero((slots == s) & (node == n))
                members = self._members(stage, int(s), int(n), cause)
                names = self._node_names(int(n), cause)
                for k, ids in zip(
                    of, self._heaviest(members, weight[of], later[of], cause), strict=True
                ):
                    lists[k] = self.holders.add([*names, *ids])
        if (slots < 0).all():
            lists[:] = self.holders.add(["round"] if cause == RULE else [])
        return lists

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


class _Under:
    """For every class, the function x -> sum over days of weight * min(x, level)."""

    def __init__(self, levels: Ints, weight: Ints) -> None:
        rank = np.argsort(levels, axis=1, kind="stable")
        levels = np.take_along_axis(levels, rank, axis=1)
        weight = np.take_along_axis(weight, rank, axis=1)
        self.days = levels.shape[1]
        self.stride = int(levels.max(initial=0)) + 2
        self.keys = (levels + np.arange(len(levels))[:, None] * self.stride).reshape(-1)
        zero = np.zeros((len(levels), 1), np.int64)
        self.below = np.concatenate([zero, np.cumsum(levels * weight, axis=1)], axis=1)
        self.weight = np.concatenate([zero, np.cumsum(weight, axis=1)], axis=1)

    def at(self, x: Ints, cls: Ints) -> Ints:
        """Return the sums at positions x of classes cls."""
        x = np.minimum(x, self.stride - 1)
        count = np.searchsorted(self.keys, x + cls * self.stride, side="right") - cls * self.days
        rest = self.weight[cls, -1] - self.weight[cls, count]
        sums: Ints = self.below[cls, count] + x * rest
        return sums


def _earliest(slack: Ints, room: Ints) -> Ints:
    """Return (N, T) the earliest day from t on at which slack is what room says of t."""
    days = slack.shape[1]
    at = np.empty_like(slack)
    at[:, -1:] = days - 1
    for t in range(days - 2, -1, -1):
        at[:, t] = np.where(slack[:, t] == room[:, t], t, at[:, t + 1])
    return at


def _by_order(
    problem: AllocationProblem, entries: Sequence[_Entries], holders: _Holders
) -> Reasons:
    """Add up the entries of each order and cause; join their lists of holders."""
    columns = [
        np.concatenate([getattr(e, name) for e in entries] or [np.zeros(0, np.int64)])
        for name in ("line", "cause", "unit_days", "by")
    ]
    order, (cause, unit_days, by) = problem.lines.order[columns[0]], columns[1:]
    rank = np.lexsort((-unit_days, cause, order))
    order, cause, unit_days, by = (a[rank] for a in (order, cause, unit_days, by))
    begins = np.flatnonzero(np.append(True, (np.diff(order) != 0) | (np.diff(cause) != 0)))
    begins = begins[begins < len(order)]
    stops = np.append(begins[1:], len(order))
    lists = list(holders.lists)
    joined = by[begins]
    for i in np.flatnonzero(stops - begins > 1):
        several = dict.fromkeys(by[begins[i] : stops[i]].tolist())
        joined[i] = holders.add(id_ for one in several for id_ in lists[one])
    joined = _without_self(problem, order[begins], joined, holders)
    return Reasons(
        order[begins],
        cause[begins],
        np.add.reduceat(unit_days, begins) if len(begins) else unit_days,
        joined,
        tuple(holders.lists),
    )


def _without_self(problem: AllocationProblem, order: Ints, by: Ints, holders: _Holders) -> Ints:
    """Return the lists with no order in its own list."""
    at = {name: i for i, name in enumerate(problem.orders)}
    lists = list(holders.lists)
    named = [(at[id_], i) for i, ids in enumerate(lists) for id_ in ids if id_ in at]
    if not named:
        return by
    stride = len(lists) + 1
    own = np.isin(order * stride + by, np.array([o * stride + i for o, i in named]))
    for i in np.flatnonzero(own):
        ids = lists[by[i]]
        by[i] = holders.add(id_ for id_ in ids if id_ != problem.orders[order[i]])
    return by
