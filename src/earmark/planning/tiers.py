"""The exact engine: stages in order, each with what the better ones leave, seen from the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.borrowing import borrow
from earmark.planning.claims import RULES
from earmark.planning.confirming import bring_forward, keep
from earmark.planning.lending import under_loans
from earmark.planning.lots import in_units, lots_of_lines
from earmark.planning.ordered import Queue, serve_in_order
from earmark.planning.paths import add_along, binding_path, from_the_end
from earmark.planning.problem import FIRST_TIER, KEPT_STAGE, AllocationProblem
from earmark.planning.quotas import under_quotas
from earmark.planning.routing import share_routed
from earmark.planning.sharing import Firm, Stage, claimants, share_apart
from earmark.planning.singly import serve_with_rules
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What one stage got, and the state of the nodes right after it."""

    stage: int
    classes: Ints
    """(k,) positions in the problem's classes."""
    demand: Ints
    """(k, T) units that could be granted by each day."""
    given: Ints
    """(k, T) units granted by each day."""


def serve(problem: AllocationProblem, *, stages: int | None = None) -> Iterator[Served]:
    """Yield every stage's grants in order: pegged, promised, then tier after tier.

    `room = min over later days of (capacity - used by better stages)` makes each stage's problem
    one of its own, in which going forward day by day is exact (docs/allocation.md). With `stages`
    only the first so many are served.
    """
    slack = problem.nodes.capacity.copy()
    served: list[Served] = []
    for stage, classes in stages_of(problem):
        if stages is None or stage < stages:
            demand = problem.demand(classes)
            if stage == KEPT_STAGE and problem.kept is not None:
                given = keep(problem, problem.kept, slack)
            else:
                given = serve_stage(problem, classes, demand, slack, counted(problem, served))
            add_along(slack, problem.classes.path[classes], -given)
            served.append(Served(stage, classes, demand, given))
            if problem.kept is not None and stage >= KEPT_STAGE:
                # Tiers in which all is kept are no stages: they follow the last one before them.
                later = stages_after(problem, stage)
                at = next(one.given for one in served if one.stage == KEPT_STAGE)
                room = under_loans(problem.lendings, problem.nodes.capacity, slack).copy()
                before = room.copy()
                bring_forward(problem, problem.kept, at, room, range(stage, later))
                slack += room - before
            yield served[-1]


def stages_after(problem: AllocationProblem, stage: int) -> int:
    """Return the next stage that has any classes, or the number of stages."""
    place = int(np.searchsorted(problem.classes.stage, stage, side="right"))
    after = problem.classes.stage[place:]
    return int(after[0]) if len(after) else problem.stages


def stages_of(problem: AllocationProblem) -> Iterator[tuple[int, Ints]]:
    """Yield the stages that have any classes, with these."""
    ends = np.searchsorted(problem.classes.stage, np.arange(problem.stages + 1))
    for stage in range(problem.stages):
        classes = np.arange(ends[stage], ends[stage + 1])
        if len(classes):
            yield stage, classes


def counted(problem: AllocationProblem, served: Sequence[Served]) -> Firm:
    """Return the pegged and promised units that shares count, if the policy says so."""
    before = [s for s in served if s.stage < FIRST_TIER and problem.policy.count_promised]
    classes = np.concatenate([s.classes for s in before] or [np.zeros(0, np.int64)])
    party, product = problem.classes.party[classes], problem.classes.product[classes]
    none = np.zeros((0, len(problem.days)))
    due = np.concatenate([none, *(s.demand for s in before)])
    held = np.concatenate([none, *(s.given for s in before)])
    if problem.policy.in_lots:
        sizes = problem.lot_size[product][:, None]
        due, held = due / sizes, held / sizes
    return Firm(party, product, due, held)


def serve_stage(
    problem: AllocationProblem, classes: Ints, demand: Ints, slack: Ints, firm: Firm
) -> Ints:
    """Return (k, T) units granted to the classes of one stage.

    `slack` (N, T) is what nodes have after better stages; `firm` counts as held in shares.
    """
    if not _is_tier(problem, classes):
        return _served(problem, classes, demand, slack, firm)
    room = under_quotas(problem.quotas, slack)
    room = under_loans(problem.lendings, problem.nodes.capacity, room)
    given = _serve_tier(problem, classes, demand, room, firm)
    return borrow(problem, classes, demand, given, slack) if problem.lendings else given


def _serve_tier(
    problem: AllocationProblem, classes: Ints, demand: Ints, slack: Ints, firm: Firm
) -> Ints:
    """Return (k, T) units granted to the classes of a tier, where nobody borrows."""
    alone = problem.classes.single[classes] >= 0
    if problem.rules is not None and alone.any():
        return serve_with_rules(problem, problem.rules, classes, demand, slack, firm, _served)
    return _served(problem, classes, demand, slack, firm)


def _served(
    problem: AllocationProblem, classes: Ints, demand: Ints, slack: Ints, firm: Firm
) -> Ints:
    """Return (k, T) units granted to classes without rules of single orders."""
    path = problem.classes.path[classes]
    touched = np.unique(path[path >= 0])
    row = np.full(len(slack) + 1, -1)
    row[touched] = np.arange(len(touched))
    path = row[path]
    room = np.maximum(from_the_end(slack[touched]), 0)
    in_lots = problem.policy.in_lots and _is_tier(problem, classes)
    if in_lots:
        sizes = problem.lot_size[problem.classes.product[classes]]
        amounts = lots_of_lines(problem)
        demand = problem.demand(classes, amounts)
        path = _without_ample(path, demand * sizes[:, None], room)
        room //= _largest_lots(path, sizes, len(room))[:, None]
    else:
        amounts = problem.lines.quantity
        path = _without_ample(path, demand, room)
    if (path < 0).all():
        given = demand
    elif problem.policy.share == "first_come" or not _is_tier(problem, classes):
        given = serve_in_order(_queue(problem, classes, amounts), path, room)
    else:
        given = _shared(problem, classes, demand, path, room, firm)
    return in_units(problem, classes, amounts, given) if in_lots else given


def _is_tier(problem: AllocationProblem, classes: Ints) -> bool:
    return bool(problem.classes.stage[classes[0]] >= FIRST_TIER)


def _without_ample(path: Ints, demand: Ints, room: Ints) -> Ints:
    """Return the path without nodes that have room for all demand on every day."""
    wanted = np.zeros_like(room)
    add_along(wanted, path, demand)
    return binding_path(path, wanted, room)


def _largest_lots(path: Ints, sizes: Ints, nodes: int) -> Ints:
    """Return the largest lot of each node: what it can give is counted in these."""
    largest = np.ones(nodes, np.int64)
    for slot in range(path.shape[1]):
        limited = path[:, slot] >= 0
        np.maximum.at(largest, path[limited, slot], sizes[limited])
    return largest


def _shared(
    problem: AllocationProblem, classes: Ints, demand: Ints, path: Ints, room: Ints, firm: Firm
) -> Ints:
    of, policy = problem.classes, problem.policy
    stage = Stage(of.party[classes], of.product[classes], demand, path, room)
    rule = RULES[policy.share]
    who = claimants(stage, problem.parties, problem.groups, policy.weights, rule, firm)
    sites = path[:, :2][path[:, :2] >= 0]
    if (np.bincount(sites, minlength=1) > 1).any():
        return share_routed(stage, who)
    return share_apart(stage, who)


def _queue(problem: AllocationProblem, classes: Ints, amounts: Ints) -> Queue:
    """Return the stage's lines by tier, day of use, (true due day,) booked day, order."""
    lines = problem.lines
    place = np.full(len(problem.classes.stage), -1)
    place[classes] = np.arange(len(classes))
    mine = np.flatnonzero(place[lines.cls] >= 0)
    rank = np.lexsort(
        (
            lines.lot[mine],
            lines.order[mine],
            lines.booked[mine],
            lines.due[mine],
            lines.ready[mine],
            problem.classes.tier[lines.cls[mine]],
        )
    )
    mine = mine[rank]
    ready = np.where(
        lines.ready[mine] < problem.end,
        np.searchsorted(problem.days, lines.ready[mine]),
        len(problem.days),
    )
    return Queue(place[lines.cls[mine]], amounts[mine], ready)
