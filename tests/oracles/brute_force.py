"""Units in use per tier and day by trying every whole plan of a tiny book."""

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement

from oracles.reading import Demand, Problem

Path = tuple[int, ...]
"""Units of one demand granted so far, on each day."""


def best_totals(problem: Problem) -> list[Path]:
    """Return per rank the units in use on each day, or raise if no plan is best on all days.

    Every plan that is best for the better ranks is kept, so nothing depends on which one a
    solver would have picked.
    """
    plans: list[dict[Demand, Path]] = [{}]
    room = {limit.name: [limit.room(day) for day in problem.days] for limit in problem.limits}
    totals = []
    for rank in problem.ranks:
        own = [demand for demand in problem.demands if demand.rank == rank]
        plans = [wider for plan in plans for wider in _wider(plan, own, problem, room)]
        sums = [_sum([plan[demand] for demand in own], problem) for plan in plans]
        best = tuple(max(column) for column in zip(*sums, strict=True))
        if best not in sums:
            raise ValueError(f"no plan is best on every day: {sorted(set(sums))}")
        plans = [plan for plan, total in zip(plans, sums, strict=True) if total == best]
        totals.append(best)
    return totals


def least_cost(problem: Problem, weight: Mapping[str, float]) -> float:
    """Return the least weighted unit-days, from the first day of each demand, of all plans."""
    room = {limit.name: [limit.room(day) for day in problem.days] for limit in problem.limits}
    lengths = problem.lengths()
    costs = (
        sum(
            weight[demand.order] * length * (demand.units - units)
            for demand, path in plan.items()
            for day, length, units in zip(problem.days, lengths, path, strict=True)
            if demand.day <= day
        )
        for plan in _wider({}, problem.demands, problem, room)
    )
    return min(costs)


def size(problem: Problem) -> int:
    """Return how many plans there are, limits aside."""
    count = 1
    for demand in problem.demands:
        count *= sum(1 for _ in _paths(demand, problem))
    return count


def _wider(
    plan: dict[Demand, Path], own: list[Demand], problem: Problem, room: dict[str, list[int]]
) -> Iterator[dict[Demand, Path]]:
    """Yield `plan` with every possible path of the demands `own` added."""
    if not own:
        yield plan
        return
    for path in _paths(own[0], problem):
        wider = {**plan, own[0]: path}
        if _fits(wider, problem, room):
            yield from _wider(wider, own[1:], problem, room)


def _paths(demand: Demand, problem: Problem) -> Iterator[Path]:
    before = [0 for day in problem.days if day < demand.day]
    later = len(problem.days) - len(before)
    for path in combinations_with_replacement(range(demand.units + 1), later):
        yield (*before, *path)


def _fits(plan: dict[Demand, Path], problem: Problem, room: dict[str, list[int]]) -> bool:
    for limit in problem.limits:
        held = _sum([path for demand, path in plan.items() if limit.holds(demand)], problem)
        if any(used > most for used, most in zip(held, room[limit.name], strict=True)):
            return False
    return True


def _sum(paths: list[Path], problem: Problem) -> Path:
    return tuple(sum(path[i] for path in paths) for i in range(len(problem.days)))
