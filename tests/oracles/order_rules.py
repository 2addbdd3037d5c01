"""Rules of single orders by trying every whole plan of a tiny book, from the meanings alone.

A course says how many units of a demand are granted by each day. What may be granted together (one
order's units, or the rests of a set) is a bunch with all the courses that its rules allow; every
plan that keeps the rules takes one course of each bunch within all limits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations_with_replacement

import numpy as np

from earmark.book import Book
from earmark.model import Order
from earmark.policy import Policy
from oracles.reading import PEGGED, PROMISED, Demand, Problem

Course = tuple[int, ...]
"""Units granted by each day of a problem."""
Rank = tuple[object, ...]


@dataclass(frozen=True)
class Bunch:
    """Demands that are granted by one choice, and each choice: a course for every demand."""

    rank: Rank
    demands: tuple[Demand, ...]
    choices: tuple[tuple[Course, ...], ...]
    ruled: bool


def ranked(problem: Problem, orders: Mapping[str, Order], policy: Policy) -> Problem:
    """Return the problem with each set in the worst tier of its orders, also those without a rest.

    `orders` are those that are planned.
    """
    worst: dict[str, Rank] = {}
    for order in orders.values():
        tier: object = {"order": order.tier, "one": 1, "booked": order.booked or date.max}[
            policy.tiers
        ]
        inner = (order.booked or date.max,) if policy.share == "first_come" else ()
        rank = ("tier", tier, *inner)
        if order.together:
            worst[order.together] = max(worst.get(order.together, rank), rank)
    demands = [
        replace(demand, rank=worst.get(orders[demand.order].together or "", demand.rank))
        if demand.rank not in (PEGGED, PROMISED)
        else demand
        for demand in problem.demands
    ]
    tiers = sorted({demand.rank for demand in demands} - {PEGGED, PROMISED})
    return replace(problem, demands=demands, ranks=[PEGGED, PROMISED, *tiers])


def bunches(problem: Problem, orders: Mapping[str, Order], sizes: Mapping[str, int]) -> list[Bunch]:
    """Return all bunches of a problem; `sizes` has the lot sizes of products given in lots."""
    made, sets = [], defaultdict(list)
    for demand in problem.demands:
        order = orders[demand.order]
        if demand.rank in (PEGGED, PROMISED):
            choices = _alone(demand, problem, 1, 1, None)
            made.append(Bunch(demand.rank, (demand,), choices, ruled=False))
        elif order.together:
            sets[order.together].append(demand)
        else:
            size = sizes.get(demand.product, 1)
            least = least_shipment(order, demand.units, size)
            choices = _alone(demand, problem, least, size, last_day(order))
            made.append(Bunch(demand.rank, (demand,), choices, ruled=is_ruled(order)))
    tied = (
        Bunch(demands[0].rank, tuple(demands), _set(demands, problem, orders), ruled=True)
        for demands in sets.values()
    )
    return [*made, *tied]


def is_ruled(order: Order) -> bool:
    """Tell whether an order has a rule of its own."""
    return bool(order.min_ship or order.together) or order.max_late_days is not None


def least_shipment(order: Order, rest: int, size: int) -> int:
    """Return the fewest units of a shipment of the rest, where units are given in lots of `size`.

    A least shipment of one unit is no rule: a broken last part may go by itself then, too.
    """
    least = order.min_ship or 1
    return min(rest, -(-least // size) * size) if least > 1 else 1


def last_day(order: Order) -> date | None:
    """Return the last day on which the rest of an order may be granted."""
    if order.max_late_days is None:
        return None
    return order.due + timedelta(days=order.max_late_days)


def best_prefixes(
    problem: Problem,
    choices: Sequence[Bunch],
    sizes: Mapping[str, int],
    held: Sequence[int],
    *,
    most: int = 400_000,
) -> list[int] | None:
    """Return the most unit-days in use up to each rank that a plan has beside one with `held`.

    Only plans count that have no fewer than `held` up to each rank before. None if there are too
    many. Plans are added up bunch by bunch; of those with the same use of every limit on every day
    the one with most unit-days is kept. Units of products in lots count as whole lots.
    """
    columns, room = _columns(problem, sizes)
    lengths = np.array(problem.lengths(), np.int64)
    used = np.zeros((1, len(room)), np.int64)
    worth = np.zeros(1, np.int64)
    best = []
    for rank, least in zip(problem.ranks, held, strict=True):
        for bunch in choices:
            if bunch.rank != rank:
                continue
            more, gain = _uses(bunch, columns, problem, lengths, sizes)
            if len(used) * len(more) * max(1, len(room)) > most:
                return None
            wider = (used[:, None, :] + more[None]).reshape(len(used) * len(more), len(room))
            value = (worth[:, None] + gain[None]).reshape(-1)
            fits = (wider <= room).all(axis=1)
            used, worth = _distinct(wider[fits], value[fits])
        best.append(int(worth.max()))
        assert best[-1] >= least, (rank, "the oracle does not know this plan")
        used, worth = used[worth >= least], worth[worth >= least]
    return best


def rooms(problem: Problem, taken: Mapping[Demand, Course]) -> dict[str, list[int]]:
    """Return what each limit can still give by each day without ever taking a unit back."""
    left = {}
    for limit in problem.limits:
        own = [course for demand, course in taken.items() if limit.holds(demand)]
        free = [limit.room(day) - sum(c[i] for c in own) for i, day in enumerate(problem.days)]
        left[limit.name] = [min(free[i:]) for i in range(len(free))]
    return left


def best_choice(bunch: Bunch, problem: Problem, taken: Mapping[Demand, Course]) -> tuple[int, int]:
    """Return the most units of a bunch that fit beside what is taken, and their fewest days late.

    Days late are counted for each unit from the first day on which it may be granted.
    """
    room = rooms(problem, taken)
    lengths = problem.lengths()
    found = []
    for choice in bunch.choices:
        fits = all(
            sum(c[i] for d, c in zip(bunch.demands, choice, strict=True) if limit.holds(d)) <= most
            for limit in problem.limits
            for i, most in enumerate(room[limit.name])
        )
        units = sum(course[-1] for course in choice)
        if units == 0 or fits:
            found.append((units, sum(_worth(course, lengths) for course in choice)))
    # Of as many units, those with most unit-days in use are the fewest unit-days late.
    return max(found)


def _worth(course: Course, lengths: Sequence[int]) -> int:
    return sum(units * length for units, length in zip(course, lengths, strict=True))


def _alone(
    demand: Demand, problem: Problem, least: int, size: int, last: date | None
) -> tuple[tuple[Course, ...], ...]:
    """Return the courses of one demand whose every step is of `least` units or more, in lots."""
    return tuple((course,) for course in _courses(demand, problem, least, size, last))


def _courses(
    demand: Demand, problem: Problem, least: int, size: int, last: date | None
) -> Iterator[Course]:
    before = [0 for day in problem.days if day < demand.day]
    open_days = [d for d in problem.days if d >= demand.day and (last is None or d <= last)]
    after = len(problem.days) - len(before) - len(open_days)
    levels = [n for n in range(demand.units + 1) if n % size == 0 or n == demand.units]
    for course in combinations_with_replacement(levels, len(open_days)):
        steps = [b - a for a, b in zip((0, *course), course, strict=False)]
        if all(step == 0 or step >= least for step in steps):
            yield (*before, *course, *(after * [course[-1] if course else 0]))


def _set(
    demands: Sequence[Demand], problem: Problem, orders: Mapping[str, Order]
) -> tuple[tuple[Course, ...], ...]:
    """Return the courses of a set: all of it on one day that every order allows, or nothing."""
    first = max(demand.day for demand in demands)
    lasts = [last for demand in demands if (last := last_day(orders[demand.order]))]
    days = [day for day in problem.days if all(day <= last for last in lasts) and day >= first]
    return tuple(
        tuple(tuple(d.units * (other >= day) for other in problem.days) for d in demands)
        for day in [date.max, *days]
    )


def _columns(problem: Problem, sizes: Mapping[str, int]) -> tuple[list[tuple[object, int]], object]:
    """Return each limit with a day on which it can bind, and its room in units or whole lots."""
    columns, room = [], []
    for limit in problem.limits:
        own = [demand for demand in problem.demands if limit.holds(demand)]
        for i, day in enumerate(problem.days):
            asked = sum(_counted(d.units, d, sizes) for d in own if d.day <= day)
            if asked > (most := limit.room(day)):
                columns.append((limit, i))
                room.append(most)
    return columns, np.array(room, np.int64)


def _counted(units: int, demand: Demand, sizes: Mapping[str, int]) -> int:
    """Return the room that units take: those of tiers that are given in lots, whole lots."""
    size = 1 if demand.rank in (PEGGED, PROMISED) else sizes.get(demand.product, 1)
    return -(-units // size) * size


def _uses(bunch: Bunch, columns, problem: Problem, lengths, sizes):
    """Return how much each choice takes of every column, and its unit-days: (choices, columns)."""
    more = np.zeros((len(bunch.choices), len(columns)), np.int64)
    gain = np.zeros(len(bunch.choices), np.int64)
    for row, choice in enumerate(bunch.choices):
        for demand, course in zip(bunch.demands, choice, strict=True):
            gain[row] += _worth(course, lengths)
            for place, (limit, i) in enumerate(columns):
                if limit.holds(demand):
                    more[row, place] += _counted(course[i], demand, sizes)
    return more, gain


def _distinct(used, worth):
    """Keep of equal rows the one worth most."""
    if not used.shape[1]:
        return used[:1], np.array([worth.max()])
    rank = np.lexsort((-worth, *used.T))
    used, worth = used[rank], worth[rank]
    first = np.append(True, (used[1:] != used[:-1]).any(axis=1))
    return used[first], worth[first]


def as_asked(book: Book) -> Book:
    """Return a book whose orders ask for their `min_ship` at least, as they are planned."""
    rows = book.orders
    columns = dict(rows.columns)
    columns["quantity"] = [
        max(quantity, least or 0)
        for quantity, least in zip(rows.columns["quantity"], rows.columns["min_ship"], strict=True)
    ]
    return book.replace_table(replace(rows, columns=columns))
