"""What no choice among options can beat: each day apart, orders served from any option.

On each day a maximum flow over all demand up to a stage, whatever was granted before, is at least
what any plan can have in use then. An order with options is one demand; its units come from the
supply of any of its products and go to the power of any of its sites. The product that a unit has
is forgotten on the way, which can only raise the bound.

An order whose product counts for several units is counted in units of the order, but for what is
pegged to it. One of these takes room of all limits; what it counts for beyond that is bounded by
what its option could give alone.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from earmark.options import own_id
from earmark.planning.bound import bounded_stages, part_beyond
from earmark.planning.choosing import Choice
from earmark.planning.limits import Limits
from earmark.planning.problem import PEGGED, AllocationProblem
from earmark.planning.tiers import Served
from earmark.planning.widening import Widening
from earmark.schedule import Ints


def gap_of_choice(choice: Choice, problem: AllocationProblem, served: Sequence[Served]) -> float:
    """Return the gap of what was `served` of the parts (`problem`) to the best choice of options.

    It is the largest share of unit-days, over the stages, that a better plan could add.
    """
    bounded = bounded_stages(served)
    names = [served[i].stage for i in bounded]
    totals = _totals(choice, problem, served)
    days = np.searchsorted(problem.days, choice.problem.days, side="right") - 1
    got = [totals[i][days] for i in bounded]
    bound = Bound(choice)
    most = bound.up_to(names)
    if len(bounded) == len(served):
        most = list(_tightened(bound, names, most, got))
    return part_beyond(most, got, choice.problem.lengths)


def _tightened(
    bound: "Bound", stages: Sequence[int], most: Sequence[Ints], got: Sequence[Ints]
) -> Iterator[Ints]:
    """Yield what no plan beats that has in better stages what was `got` there.

    Once those are proven best, on every day, a stage is bounded by what they leave it.
    """
    proven, before = True, np.zeros(len(bound.problem.days), np.int64)
    for i, stage in enumerate(stages):
        least = most[i]
        if proven and (least > got[i]).any() and bound.is_small:
            least = np.minimum(least, before + bound.after(stages[:i], stage))
        proven, before = proven and not (least > got[i]).any(), got[i]
        yield least


def _totals(choice: Choice, problem: AllocationProblem, served: Sequence[Served]) -> list[Ints]:
    """Return, per stage, (T,) the units in use of all stages up to it, in units of the orders."""
    worth = {
        (one.order, option.product): option.factor
        for one in choice.opened
        for option in one.options
        if option.factor > 1
    }
    total, found = np.zeros(len(problem.days), np.int64), []
    products = _products_of(problem)
    more = np.array(
        [
            worth.get((own_id(order), products[i]), 1) - 1 if worth else 0
            for i, order in enumerate(problem.orders)
        ],
        np.int64,
    )
    for stage in served:
        total = total + stage.given.sum(axis=0)
        if more.any() and stage.stage != PEGGED:
            total = total + _beyond_units(problem, stage, more)
        found.append(total)
    return found


def _products_of(problem: AllocationProblem) -> dict[int, str]:
    lines = problem.lines
    of = problem.classes.product[lines.cls]
    return {
        order: problem.products[product]
        for order, product in zip(lines.order.tolist(), of.tolist(), strict=True)
    }


def _beyond_units(problem: AllocationProblem, stage: Served, more: Ints) -> Ints:
    """Return (T,) what the units given count for beyond themselves; lines in order, as served."""
    total, lines = np.zeros(len(problem.days), np.int64), problem.lines
    first = problem.first_lines
    for k, cls in enumerate(stage.classes.tolist()):
        mine = slice(int(first[cls]), int(first[cls + 1]))
        if more[lines.order[mine]].any():
            ends = np.cumsum(lines.quantity[mine])[:, None]
            units = lines.quantity[mine][:, None]
            given = np.clip(stage.given[k][None] - (ends - units), 0, units)
            total += (given * more[lines.order[mine]][:, None]).sum(axis=0)
    return total


MOST_WORK = 20_000_000
"""Days times days times arcs up to which what better stages leave is looked at."""


class Bound:
    """The most units that can be in use, day by day, of some stages; orders take any option."""

    def __init__(self, choice: Choice) -> None:
        self.choice, self.problem = choice, choice.problem
        self.limits = Limits(choice)

    @property
    def is_small(self) -> bool:
        """Whether there is time for `after`."""
        return len(self.problem.days) ** 2 * len(self.limits.arcs) <= MOST_WORK

    def up_to(self, stages: Sequence[int]) -> list[Ints]:
        """Return, per stage asked for, (T,) the most units in use of all stages up to it."""
        most = []
        for last in stages:
            flow = self.limits.flow()
            asked = self.limits.asked(range(last + 1))
            most.append(np.cumsum(list(self._raised(flow, asked))))
        return most

    def _raised(self, flow: Widening, asked: Ints) -> Iterator[int]:
        """Yield what each day adds: rooms and demand only grow."""
        rooms = self.limits.rooms(asked)
        for more in np.diff(rooms, axis=1, prepend=0).T.tolist():
            yield flow.raise_all() if flow.widen(self.limits.arcs, more) else 0

    def after(self, better: Sequence[int], stage: int) -> Ints:
        """Return (T,) the most of a stage where the better ones have all that they can have.

        What it holds on a day has to fit beside them on every later day, too.
        """
        limits, days = self.limits, len(self.problem.days)
        before, more = limits.asked(range(max(better, default=-1) + 1)), limits.asked([stage])
        most = np.full(days, np.iinfo(np.int64).max)
        base, wide = limits.flow(), np.zeros(len(limits.arcs), np.int64)
        for later in range(days):
            rooms = limits.rooms_on(later, before[:, later])
            base.widen(limits.arcs, (rooms - wide).tolist())
            base.raise_all()
            wide, flow, total, now = rooms, base.copy(), 0, rooms
            for day in range(later + 1):
                rooms = limits.rooms_on(later, before[:, later] + more[:, day])
                if flow.widen(limits.arcs, (rooms - now).tolist()):
                    total += flow.raise_all()
                now = rooms
                most[day] = min(most[day], total)
        return most
