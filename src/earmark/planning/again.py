"""Planning a book again that has changed a little: what the change does not touch is kept.

What comes out is, to the byte, what planning from the start would give. Lines are kept sorted while
a few go and come; a stage that has the demand and the room that it had is served as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.ledger.positions import Positions
from earmark.planning.demand import Names, RawLines, Wanted, parts_of
from earmark.planning.paths import add_along
from earmark.planning.problem import CLASS_COLUMNS, FIRST_TIER, AllocationProblem, Classes, Lines
from earmark.planning.tiers import Served, counted, serve_stage, stages_of
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A problem, and what it was made of: what another plan of nearly the same book can use."""

    problem: AllocationProblem
    what: Positions
    names: Names
    ranks: Ints
    """Per order, its tier as a rank."""


@dataclass(frozen=True, slots=True, eq=False)
class Since:
    """What has changed since a problem was posed, but for lots: they are looked at again."""

    posed: Posed
    gone: Ints
    """Orders of that problem that are dropped or said otherwise, by position, rising."""
    new: Ints
    """Orders of the problem to pose that are new or said otherwise, by position, rising."""
    sites: bool
    """Whether rows of readiness have changed."""


_Sorted = tuple[Lines, Classes]


def lines_with(since: Since, raw: RawLines, wanted: Wanted, names: Names) -> _Sorted | None:
    """Return the lines without those of orders that are gone, and with new ones, and the classes.

    None where a class would come or go: then all are to be sorted again.
    """
    before = since.posed.problem
    classes = before.classes
    parts = np.stack(parts_of(raw, wanted, names), axis=1)
    rows = np.stack([getattr(classes, name) for name in CLASS_COLUMNS], axis=1)
    cls = np.array([_row_of(rows, part) for part in parts], np.int64)
    out = np.zeros(len(before.orders), np.bool_)
    out[since.gone] = True
    dropped = np.flatnonzero(out[before.lines.order])
    counts = np.diff(before.first_lines)
    counts -= np.bincount(before.lines.cls[dropped], minlength=len(counts))
    if (cls < 0).any() or not (counts + np.bincount(cls, minlength=len(counts))).all():
        return None
    due, booked = wanted.due[raw.order], wanted.booked[raw.order]
    fresh = Lines(raw.order, cls, raw.quantity, due, raw.ready, booked, raw.lot)
    if np.array_equal(since.gone, since.new):
        return _in_place(before.lines, dropped, fresh), classes
    kept = {name: np.delete(getattr(before.lines, name), dropped) for name in _COLUMNS}
    kept["order"] = _renumbered(kept["order"], since, len(wanted.ids))
    rank, places = _places(kept, fresh)
    return _merged(kept, fresh, rank, places), classes


def serve_again(
    problem: AllocationProblem, before: AllocationProblem, served: Sequence[Served]
) -> Iterator[Served]:
    """Yield what `serve` yields; stages that have what they had `before` are not served again."""
    same = _same_frame(problem, before)
    slack, old_slack = problem.nodes.capacity.copy(), before.nodes.capacity.copy()
    earlier = {stage.stage: stage for stage in served}
    done: list[Served] = []
    firm_same = True
    for stage, classes in stages_of(problem):
        demand = problem.demand(classes)
        old = earlier.get(stage) if same else None
        if (
            old is not None
            and (firm_same or not problem.policy.count_promised)
            and np.array_equal(demand, old.demand)
            and np.array_equal(slack, old_slack)
        ):
            given = old.given
        else:
            given = serve_stage(problem, classes, demand, slack, counted(problem, done))
            firm_same = firm_same and stage >= FIRST_TIER
        add_along(slack, problem.classes.path[classes], -given)
        if old is not None:
            add_along(old_slack, problem.classes.path[classes], -old.given)
        done.append(Served(stage, classes, demand, given))
        yield done[-1]


def _same_frame(problem: AllocationProblem, before: AllocationProblem) -> bool:
    """Tell whether classes, nodes and days are the same, so that stages can be held together."""
    return (
        problem.policy == before.policy
        and np.array_equal(problem.days, before.days)
        and problem.rules is None
        and not problem.lendings
        and before.rules is None
        and np.array_equal(problem.classes.path, before.classes.path)
        and all(
            np.array_equal(getattr(problem.classes, name), getattr(before.classes, name))
            for name in ("stage", "party", "product")
        )
        and problem.parties == before.parties
        and problem.groups == before.groups
        and np.array_equal(problem.lot_size, before.lot_size)
        and problem.nodes.capacity.shape == before.nodes.capacity.shape
    )


def _row_of(rows: Ints, wanted: Ints) -> int:
    found = np.flatnonzero((rows == wanted).all(axis=1))
    return int(found[0]) if len(found) else -1


def _renumbered(order: Ints, since: Since, count: int) -> Ints:
    """Return the positions that orders of the problem before have now."""
    now = np.empty(len(since.posed.problem.orders), np.int64)
    now[since.gone] = -1
    stay = np.delete(np.arange(len(now)), since.gone)
    now[stay] = np.delete(np.arange(count), since.new)
    return now[order]


def _in_place(before: Lines, dropped: Ints, fresh: Lines) -> Lines:
    """Return lines without the dropped and with the fresh ones; what is the same stays as it is."""
    kept = {name: getattr(before, name) for name in _COLUMNS}
    rank, places = _places(kept, fresh)
    places -= np.searchsorted(dropped, places)  # where it belongs among those that are left
    if not np.array_equal(places + np.arange(len(places)), dropped):
        left = {name: np.delete(column, dropped) for name, column in kept.items()}
        return _merged(left, fresh, rank, places)
    for name in _COLUMNS:
        cells = getattr(fresh, name)[rank]
        if not np.array_equal(kept[name][dropped], cells):
            kept[name] = kept[name].copy()
            kept[name][dropped] = cells
    return Lines(*(kept[name] for name in _COLUMNS))


def _places(kept: Mapping[str, Ints], fresh: Lines) -> tuple[Ints, Ints]:
    """Return fresh lines as they are sorted, and where each belongs among the sorted `kept`."""
    keys = [kept[name] for name in _SORTED]
    own = [getattr(fresh, name) for name in _SORTED]
    rank = np.lexsort(own[::-1])
    return rank, np.array([_place(keys, [key[i] for key in own]) for i in rank], np.int64)


def _merged(kept: Mapping[str, Ints], fresh: Lines, rank: Ints, places: Ints) -> Lines:
    """Return sorted lines with a few more where they belong."""
    return Lines(*(np.insert(kept[name], places, getattr(fresh, name)[rank]) for name in _COLUMNS))


_COLUMNS = ("order", "cls", "quantity", "due", "ready", "booked", "lot")
_SORTED = ("cls", "ready", "due", "booked", "order", "lot")


def _place(keys: Sequence[Ints], wanted: Sequence[int]) -> int:
    """Return where a row belongs in sorted columns, after those that are equal."""
    low, high = 0, len(keys[0])
    for key, cell in zip(keys, wanted, strict=True):
        part = key[low:high]
        low, high = (
            low + int(np.searchsorted(part, cell, side="left")),
            low + int(np.searchsorted(part, cell, side="right")),
        )
    return high
