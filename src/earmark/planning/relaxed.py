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
from dataclasses import dataclass

import numpy as np

from earmark.options import own_id
from earmark.planning.bound import Flow, bounded_stages, part_beyond
from earmark.planning.choosing import Choice
from earmark.planning.desk import Wish
from earmark.planning.paths import add_along, binding_path, from_the_end
from earmark.planning.problem import PEGGED, ROOT, AllocationProblem
from earmark.planning.tiers import Served, stages_of
from earmark.schedule import Ints

_SUPPLY, _POWER = (ROOT, 3, 2), (0, 1)
"""The slots of a path before and behind the order that stands on it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Limits:
    """What the bound rests on: paths without limits that cannot bind, and rooms by day."""

    capacity: Ints
    """(N, T)"""
    classes: Ints
    """(C, 5)"""
    options: tuple[Ints, ...]
    """Per wish, (options, 5)."""
    alone: tuple[Ints, ...]
    """Per wish, (options, T) what each option could give by itself."""


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
"""Days times days times classes up to which what better stages leave is looked at."""


class Bound:
    """The most units that can be in use, day by day, of some stages; orders take any option."""

    def __init__(self, choice: Choice) -> None:
        self.choice, self.problem = choice, choice.problem
        self.limits = _limits(choice)
        self.offers = {
            stage: (classes, choice.problem.demand(classes))
            for stage, classes in stages_of(choice.problem)
        }

    @property
    def is_small(self) -> bool:
        """Whether there is time for `after`."""
        sizes = len(self.problem.classes.stage) + len(self.choice.wishes)
        return len(self.problem.days) ** 2 * sizes <= MOST_WORK

    def up_to(self, stages: Sequence[int]) -> list[Ints]:
        """Return, per stage asked for, (T,) the most units in use of all stages up to it."""
        days = len(self.problem.days)
        most = [np.zeros(days, np.int64) for _ in stages]
        for day in range(days):
            network, total, before = _Optional(self.limits, day), 0, 0
            for i, stage in enumerate(stages):
                for one in range(before, stage + 1):
                    self._offer(network, one, -1, day)
                before = stage + 1
                total += network.raise_all()
                most[i][day] = total
        return most

    def after(self, better: Sequence[int], stage: int) -> Ints:
        """Return (T,) the most of a stage where the better ones have all that they can have.

        What it holds on a day has to fit beside them on every later day, too.
        """
        days = len(self.problem.days)
        most = np.full(days, np.iinfo(np.int64).max)
        for later in range(days):
            network, total = _Optional(self.limits, later), 0
            for one in better:
                self._offer(network, one, -1, later)
            network.raise_all()
            for day in range(later + 1):
                if self._offer(network, stage, day - 1, day):
                    total += network.raise_all()
                most[day] = min(most[day], total)
        return most

    def _offer(self, network: "_Optional", stage: int, before: int, day: int) -> bool:
        """Let the classes and wishes of a stage use what is due after one day, up to another."""
        some = False
        if stage in self.offers:
            classes, demand = self.offers[stage]
            more = demand[:, day] - (demand[:, before] if before >= 0 else 0)
            for k in np.flatnonzero(more).tolist():
                network.offer(int(classes[k]), int(more[k]))
                some = True
        for number, wish in enumerate(self.choice.wishes):
            if wish.stage == stage and before < wish.first <= day:
                network.offer_any(number, self.choice, wish)
                some = True
        return some


def _limits(choice: Choice) -> _Limits:
    """Gather limits; pegged units are pooled with the free supply of their product."""
    problem, wishes = choice.problem, choice.wishes
    path, capacity = problem.classes.path.copy(), from_the_end(problem.nodes.capacity)
    roots = dict(
        zip(
            problem.products,
            np.flatnonzero(problem.nodes.slot == ROOT).tolist(),
            strict=True,
        )
    )
    wanted = np.zeros_like(capacity)
    for stage, classes in stages_of(problem):
        demand = problem.demand(classes)
        if stage == PEGGED:
            of = problem.classes.product[classes]
            path[classes, ROOT] = [roots[problem.products[product]] for product in of.tolist()]
            np.add.at(capacity, path[classes, ROOT], demand)
        add_along(wanted, path[classes], demand)
    options = []
    for wish in wishes:
        mine = choice.paths[wish.at][list(wish.options)].copy()
        every = choice.opened[wish.at].options
        demand = np.where(np.arange(len(problem.days)) >= wish.first, wish.units, 0)
        if wish.peg is not None:
            mine[:, ROOT] = roots[wish.peg.product]
            capacity[roots[wish.peg.product]] += demand
        for row, k in zip(mine, wish.options, strict=True):
            counts = 1 if wish.peg is not None else every[k].factor
            add_along(wanted, row[None], (demand // counts)[None])
        options.append(mine)
    # What a quota of what remains comes to is not in its capacity.
    wanted[problem.quotas.node] = 1 << 60
    return _Limits(
        capacity,
        binding_path(path, wanted, capacity),
        tuple(binding_path(mine, wanted, capacity) for mine in options),
        tuple(_rooms(capacity, mine) for mine in options),
    )


def _rooms(capacity: Ints, paths: Ints) -> Ints:
    return np.array([capacity[path[path >= 0]].min(axis=0) for path in paths])


class _Optional(Flow):
    """A maximum flow in which some demand may come from several products, to several sites."""

    def __init__(self, limits: _Limits, day: int) -> None:
        super().__init__(limits.classes, limits.capacity[:, day])
        self.limits, self.day = limits, day
        self.next_node = self.sink + 1

    def offer_any(self, number: int, choice: Choice, wish: Wish) -> None:
        """Let an order use units of any of its options."""
        entry, self.next_node = self.next_node, self.next_node + 2
        self.arc(entry, entry + 1, wish.units)
        every = choice.opened[wish.at].options
        for row, k, alone in zip(
            self.limits.options[number], wish.options, self.limits.alone[number], strict=True
        ):
            factor = 1 if wish.peg is not None else every[k].factor
            room = min(int(alone[self.day]), wish.units // factor)
            if factor > 1:  # what each unit counts for beyond one
                self.arc(self.source, entry, (factor - 1) * room)
                self.arc(entry + 1, self.sink, (factor - 1) * room)
            at = self.along(self.source, [int(row[s]) for s in _SUPPLY if row[s] >= 0])
            self.arc(at, entry, room)
            at = self.along(entry + 1, [int(row[s]) for s in _POWER if row[s] >= 0])
            self.arc(at, self.sink, 1 << 60)
