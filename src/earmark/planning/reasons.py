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

from earmark.planning.holders import RESERVED, RULE, SHARE, Holders, Lack
from earmark.planning.lending import with_borrowing
from earmark.planning.levels import clipped
from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import FIRST_TIER, PEGGED, SLOTS, AllocationProblem
from earmark.planning.quotas import under_quotas
from earmark.planning.tiers import Served
from earmark.ranking import dense_together, ranked
from earmark.schedule import CAUSES, Ints, Reasons

PEG = CAUSES.index("peg")
KIND = tuple(CAUSES.index(slot) for slot in SLOTS)


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Unit-days by line and cause, and the list of holders of each."""

    line: Ints
    cause: Ints
    unit_days: Ints
    by: Ints


def why_late(problem: AllocationProblem, served: Sequence[Served]) -> Reasons:
    """Return the cause of every unit-day for which a unit is late or unserved."""
    holders = Holders(problem)
    entries = [*before_the_first_day(problem, holders)]
    entries += Shortfalls(problem, served, holders).entries()
    return by_order(problem, entries, holders)


def before_the_first_day(problem: AllocationProblem, holders: Holders) -> Iterable[_Entries]:
    """Yield the days from due to the first day on which a line could be granted at all."""
    lines = problem.lines
    known = np.maximum(lines.due, problem.start)
    ready = np.minimum(lines.ready, problem.end)
    every = np.arange(len(lines.order))
    pegged = problem.classes.stage[lines.cls] == PEGGED
    never = np.full(len(every), problem.policy.round == "lot_down") & (ready == problem.end)
    words = ("start", "as_of", "round", "confirm")
    start, as_of, whole, confirm = (holders.add([word]) for word in words)
    free = np.minimum(np.maximum(lines.due, problem.as_of), ready)
    by_lot = np.array([holders.add([name]) for name in problem.supply.names], np.int64)
    waits = (
        (np.ones(len(every), np.bool_), RULE, known - lines.due, np.full(len(every), start)),
        (~pegged, RULE, free - known, np.where(never, whole, as_of)),
        (~pegged, RULE, ready - np.maximum(free, known), np.where(never, whole, confirm)),
        (pegged, PEG, ready - known, by_lot[lines.lot] if len(by_lot) else every),
    )
    for mine, cause, days, by in waits:
        some = np.flatnonzero(mine & (days > 0))
        unit_days = days[some] * lines.quantity[some]
        yield _Entries(some, np.full(len(some), cause), unit_days, by[some])


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Short cells (class of the stage, day) and what made them short; amounts in units."""

    k: Ints
    t: Ints
    slot: Ints
    """The slot of the binding node, -1 where none is used up (whole lots)."""
    later: Ints
    """The day that keeps the node from giving more on t."""
    ruled: Ints
    """What is less than a whole lot, so that nobody can have it (`round = "lot"`)."""
    reserved: Ints
    fallen: Ints
    shared: Ints
    rest: Ints


class Shortfalls:
    """Walks the stages with the state of the nodes right after each."""

    def __init__(
        self, problem: AllocationProblem, served: Sequence[Served], holders: Holders
    ) -> None:
        self.problem, self.served, self.holders = problem, served, holders
        self.ends, self.first_line = problem.line_ends, problem.first_lines
        self.base = np.append(0, self.ends)[self.first_line]

    def entries(self) -> list[_Entries]:
        """Return the unit-days of all shortfalls by line."""
        slack = self.problem.nodes.capacity.copy()
        found = []
        for stage in self.served:
            used_before = self.problem.nodes.capacity - slack
            path = self.problem.classes.path[stage.classes]
            used = np.zeros_like(slack)
            add_along(used, path, stage.given)
            before = slack.copy()
            if stage.stage >= FIRST_TIER:
                before = under_quotas(self.problem.quotas, before)
                capacity = self.problem.nodes.capacity
                before = with_borrowing(self.problem.lendings, capacity, before, used)
            slack -= used
            self.holders.see(stage)
            if (stage.demand > stage.given).any():
                cells = self._cells(stage, before, used_before, used)
                found += self._spread(stage, cells)
        return found

    def _cells(self, stage: Served, before: Ints, used_before: Ints, used: Ints) -> Cells:
        k, t = np.nonzero(stage.demand > stage.given)
        short = (stage.demand - stage.given)[k, t]
        path = self.problem.classes.path[stage.classes]
        room = from_the_end(before)
        slot, node = self._binding(stage, path[k], t, room - used, self._least(stage)[k])
        bound = np.maximum(node, 0)
        later = _earliest(before, room)[bound, t]
        some = node >= 0
        broken = np.maximum((room - used)[bound, t], 0)
        keep = np.maximum((before - used)[bound, t], 0) - broken
        growth = used_before[bound, later] - used_before[bound, t]
        place, wish = bound * len(self.problem.days) + t, np.where(some, short, 0)
        budget = np.zeros(before.size, np.int64)
        budget[place[some]] = broken[some]
        ruled = clipped(wish, place, budget)
        wish -= ruled
        budget[place[some]] = np.minimum(keep, growth)[some]
        reserved = clipped(wish, place, budget)
        budget[place[some]] = keep[some]
        kept = clipped(wish, place, budget)
        rest = short - ruled - kept
        others = np.where(some, used[bound, t] - self._partly(stage)[k, t], 0)
        shared = np.minimum(rest, np.maximum(others, 0))
        return Cells(k, t, slot, later, ruled, reserved, kept - reserved, shared, rest - shared)

    def _least(self, stage: Served) -> Ints:
        """Return (k,) the fewest units that each class could be given more."""
        least = np.ones(len(stage.classes), np.int64)
        if stage.stage < FIRST_TIER:
            return least
        if self.problem.policy.in_lots:
            least[:] = self.problem.lot_size.max(initial=1)
        single, rules = self.problem.classes.single[stage.classes], self.problem.rules
        if rules is not None:
            alone = single >= 0
            whole = np.where(rules.together[single] >= 0, stage.demand[:, -1], rules.least[single])
            least[alone] = np.maximum(least, whole)[alone]
        return least

    def _binding(
        self, stage: Served, path: Ints, t: Ints, left: Ints, least: Ints
    ) -> tuple[Ints, Ints]:
        """Return slot and node of the first node from the leaf that can give nothing more.

        `least` is what would have to be given at once.
        """
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

    def _spread(self, stage: Served, cells: Cells) -> list[_Entries]:
        """Return the unit-days of a stage by line: short units are the last of each class."""
        shape = stage.given.shape
        level = stage.given.astype(np.int64)
        found = []
        for cause, slots, amount in (
            (RULE, None, cells.ruled),
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
                    columns = cells.k, cells.t, cells.slot, cells.later, amount
                    lack = Lack(*(column[mine] for column in columns))
                    by = self.holders.of(stage, lack, kind)
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


def _joined(by: Ints, begins: Ints, holders: Holders) -> Ints:
    """Return the list of holders of each run of entries; runs of the same lists are joined once."""
    joined, runs = by[begins], np.diff(np.append(begins, len(by)))
    lists = list(holders.lists)
    several = np.flatnonzero(runs > 1)
    for length in np.flatnonzero(np.bincount(runs[several])).tolist():
        alike = several[runs[several] == length]
        rows = by[begins[alike][:, None] + np.arange(length)]
        which, count = dense_together(*rows.T)
        first = np.zeros(count, np.int64)
        first[which[::-1]] = np.arange(len(rows))[::-1]
        # In the order in which they come, so that lists are numbered as they always were.
        place = np.zeros(count, np.int64)
        for i in np.argsort(first, kind="stable").tolist():
            distinct = dict.fromkeys(rows[first[i]].tolist())
            place[i] = holders.add(id_ for one in distinct for id_ in lists[one])
        joined[alike] = place[which]
    return joined


def by_order(problem: AllocationProblem, entries: Sequence[_Entries], holders: Holders) -> Reasons:
    """Add up the entries of each order and cause; join their lists of holders."""
    columns = [
        np.concatenate([getattr(e, name) for e in entries] or [np.zeros(0, np.int64)])
        for name in ("line", "cause", "unit_days", "by")
    ]
    order, (cause, unit_days, by) = problem.lines.order[columns[0]], columns[1:]
    rank = ranked(order, cause, -unit_days)
    order, cause, unit_days, by = (a[rank] for a in (order, cause, unit_days, by))
    begins = np.flatnonzero(np.append(True, (np.diff(order) != 0) | (np.diff(cause) != 0)))
    begins = begins[begins < len(order)]
    joined = _joined(by, begins, holders)
    joined = holders.without_self(order[begins], cause[begins], joined)
    return Reasons(
        order[begins],
        cause[begins],
        np.add.reduceat(unit_days, begins) if len(begins) else unit_days,
        joined,
        tuple(holders.lists),
    )
