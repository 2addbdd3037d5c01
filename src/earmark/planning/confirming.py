"""What orders keep of an earlier promise, and how it comes forward after their tier.

Kept units go before all tiers, each on the day that it was promised for. Once an order's own tier
is served its kept units take what room is left on earlier days, before the next tier does.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from earmark.planning.earlier import IMPROVE, Before, beyond
from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import KEPT_STAGE, WIN_STAGE, AllocationProblem, Kept
from earmark.schedule import Ints
from earmark.sums import sum_by


def kept_of(problem: AllocationProblem, how: Ints, before: Before, stage: Ints) -> Kept | None:
    """Return what orders of KEPT_STAGE were promised by each day, None where there is none.

    Per order, `how` is its word, `stage` that of its tier. Who is to gain keeps every day; who is
    to improve keeps its units up to the last day of the plan.
    """
    cls = np.flatnonzero(problem.classes.stage == KEPT_STAGE)
    if not len(cls):
        return None
    lines, count = problem.lines, len(problem.orders)
    at = problem.classes.stage[lines.cls]
    firm, most = (
        sum_by(lines.order[some], lines.quantity[some], count)
        for some in (at < WIN_STAGE, at == KEPT_STAGE)
    )
    before = beyond(before, firm, most)
    promised = np.zeros((len(cls), len(problem.days)), np.int64)
    single = problem.classes.single[cls]
    row = np.full(len(problem.orders), -1)
    row[single] = np.arange(len(cls))
    mine = row[before.order] >= 0
    due = np.zeros(count, np.int64)
    due[lines.order] = lines.due
    asked = np.maximum(before.day, due[before.order])[mine]
    day = np.searchsorted(problem.days, np.maximum(asked, problem.as_of))
    last = len(problem.days) - 1
    day = np.where(how[before.order[mine]] == IMPROVE, last, np.minimum(day, last))
    np.add.at(promised, (row[before.order[mine]], day), before.units[mine])
    return Kept(cls, promised.cumsum(axis=1), stage[single])


def keep(problem: AllocationProblem, kept: Kept, slack: Ints) -> Ints:
    """Return (k, T) units of the stage KEPT, in order of tier, due, booked and id."""
    given = np.zeros_like(kept.promised)
    left = slack.copy()
    for k in _turns(problem, kept.cls):
        path = problem.classes.path[kept.cls[k]]
        given[k] = np.minimum(kept.promised[k], _room(path, left))
        add_along(left, path[None], -given[k][None])
    return given


def bring_forward(
    problem: AllocationProblem, kept: Kept, given: Ints, slack: Ints, stages: Sequence[int]
) -> None:
    """Bring forward, in `given` (k, T), what orders of the tiers of `stages` keep.

    `slack` (N, T) is what all have left; it is changed, too. It never falls below what was given,
    so nobody comes later.
    """
    for k in _turns(problem, kept.cls):
        if int(kept.stage[k]) not in stages:
            continue
        path = problem.classes.path[kept.cls[k]][None]
        add_along(slack, path, given[k][None])
        line = problem.first_lines[kept.cls[k]]
        ready = problem.days >= problem.lines.ready[line]
        most = np.where(ready, problem.lines.quantity[line], 0)
        given[k] = np.maximum(given[k], np.minimum(most, _room(path[0], slack)))
        add_along(slack, path, -given[k][None])


def _turns(problem: AllocationProblem, classes: Ints) -> Iterator[int]:
    lines, line = problem.lines, problem.first_lines[classes]
    order, tier = problem.classes.single[classes], problem.classes.tier[classes]
    yield from np.lexsort((order, lines.booked[line], lines.due[line], tier)).tolist()


def _room(path: Ints, left: Ints) -> Ints:
    room: Ints = from_the_end(left[path[path >= 0]]).min(axis=0)
    return np.maximum(room, 0)
