"""From what classes get to grants: units to lines, lots to units, both first come first served."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.problem import PEGGED, AllocationProblem
from earmark.planning.tiers import Served
from earmark.ranking import merged, ranked
from earmark.schedule import Ints, Schedule
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Units of one line granted on one day."""

    line: Ints
    day: Ints
    """Its position among the days of the problem."""
    quantity: Ints


def schedule_of(problem: AllocationProblem, served: Sequence[Served]) -> Schedule:
    """Return the grants that the classes' units mean for orders and lots."""
    pieces = _to_lines(problem, served)
    lot, quantity, piece = _to_lots(problem, pieces)
    line = pieces.line[piece]
    return _schedule(problem, line, lot, problem.days[pieces.day[piece]], quantity)


def _to_lines(problem: AllocationProblem, served: Sequence[Served]) -> _Pieces:
    """Cut the units of every class and day at the ends of its lines.

    Both are intervals on one axis: the units of all classes, end to end, in the order of service.
    """
    lines = problem.lines
    ends = problem.line_ends
    begins = np.append(0, ends)[problem.first_lines]
    cuts, days, stops = [], [], []
    for stage in served:
        step = np.diff(stage.given, axis=1, prepend=0)
        k, t = np.nonzero(step)
        base = begins[stage.classes]
        cuts.append(base[k] + stage.given[k, t])
        days.append(t)
        stops.append(base + (stage.given[:, -1] if stage.given.shape[1] else 0))
    if not cuts or not len(ends):
        none = np.zeros(0, np.int64)
        return _Pieces(none, none, none)
    cut, day, stop = np.concatenate(cuts), np.concatenate(days), np.concatenate(stops)
    rank = np.argsort(cut, kind="stable")
    cut, day = cut[rank], day[rank]
    stop_of = np.zeros(len(problem.classes.stage), np.int64)
    stop_of[np.concatenate([stage.classes for stage in served])] = stop
    points = merged(ends, np.concatenate([cut, begins[:-1], stop]))
    low, high = points[:-1], points[1:]
    line = np.searchsorted(ends, low, side="right")
    granted = low < stop_of[lines.cls[np.minimum(line, len(ends) - 1)]]
    low, high, line = low[granted], high[granted], line[granted]
    event = np.searchsorted(cut, low, side="right")
    return _Pieces(line, day[event], high - low)


def _to_lots(problem: AllocationProblem, pieces: _Pieces) -> tuple[Ints, Ints, Ints]:
    """Return lot, quantity and piece of every part: free units take the earliest lots first.

    Until any day no more is granted than has arrived, so the n-th unit granted of a product finds
    the n-th that arrived.
    """
    lines, supply = problem.lines, problem.supply
    cls = lines.cls[pieces.line]
    free = np.flatnonzero(problem.classes.stage[cls] != PEGGED)
    held = np.flatnonzero(problem.classes.stage[cls] == PEGGED)
    product = problem.classes.product[cls[free]]
    rank = ranked(product, pieces.day[free])  # of one day, pieces are as their lines
    free, product = free[rank], product[rank]
    lots = np.argsort(supply.product, kind="stable")
    arrived = np.append(0, np.cumsum(supply.free[lots]))
    starts = arrived[np.searchsorted(supply.product[lots], np.arange(len(problem.products) + 1))]
    wanted = sum_by(product, pieces.quantity[free], len(problem.products))
    shift = starts[:-1] - (np.cumsum(wanted) - wanted)
    ends = np.cumsum(pieces.quantity[free]) + shift[product]
    begins = ends - pieces.quantity[free]
    firsts = np.flatnonzero(np.diff(product, prepend=-1))
    points = merged(ends, np.concatenate([begins[firsts], arrived]))
    low, high = points[:-1], points[1:]
    part = np.searchsorted(ends, low, side="right")
    inside = (part < len(ends)) & (low >= np.append(begins, np.iinfo(np.int64).max)[part])
    low, high, part = low[inside], high[inside], part[inside]
    lot = lots[np.searchsorted(arrived[1:], low, side="right")]
    return (
        np.concatenate([lines.lot[pieces.line[held]], lot]),
        np.concatenate([pieces.quantity[held], high - low]),
        np.concatenate([held, free[part]]),
    )


def _schedule(
    problem: AllocationProblem, line: Ints, lot: Ints, day: Ints, quantity: Ints
) -> Schedule:
    """Return the grants sorted, parts of one order, day and lot together."""
    order = problem.lines.order[line]
    pegged = problem.classes.stage[problem.lines.cls[line]] == PEGGED
    used = np.flatnonzero(np.bincount(lot))
    names = sorted(problem.supply.names[i] for i in used)
    at = {name: i for i, name in enumerate(names)}
    place = np.full(len(problem.supply.names) + 1, -1)
    place[used] = [at[problem.supply.names[i]] for i in used]
    lot = place[lot]
    rank = ranked(order, day, lot, pegged.astype(np.int64))
    order, lot, day, quantity = (a[rank] for a in (order, lot, day, quantity))
    pegged = pegged[rank]
    if not len(order):
        return Schedule(problem.orders, (), order, lot, day, quantity, pegged)
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(order) != 0) | (np.diff(lot) != 0) | (np.diff(day) != 0) | np.diff(pegged)
    begins = np.flatnonzero(fresh)
    return Schedule(
        problem.orders,
        tuple(names),
        order[begins],
        lot[begins],
        day[begins],
        np.add.reduceat(quantity, begins),
        pegged[begins],
    )
