"""The available-to-promise table: per product and week what comes, what is due and what is free.

Discrete and cumulative as the textbooks of order promising have it, with backward consumption: what
is due beyond the supply of its week is taken from the latest earlier week that has some left.
`promisable` is what the plan leaves, to be given by then with no grant moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from earmark.answer import Answer
from earmark.planning.pose import pose
from earmark.planning.problem import AllocationProblem
from earmark.planning.promising import Promises
from earmark.schedule import Ints
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a product. Units; `begin` is a Monday, or the first day of the book."""

    product: str
    begin: date
    supply: int
    due: int
    net: int
    discrete: int
    cumulative: int
    promisable: int


def availability(said: Answer) -> list[Week]:
    """Return the table of a plan, by product and week; demand before the book is in its first."""
    question = said.question
    problem = pose(said.book, question.policy, said.as_of, question.include)
    promises = Promises(problem, said.plan.schedule)
    begins = _weeks(said.book.start, said.book.end)
    ordinals = np.array([begin.toordinal() for begin in begins], np.int64)
    last_days = np.append(ordinals[1:], problem.end) - 1
    seen = np.searchsorted(problem.days, last_days, side="right") - 1
    found = []
    for code, product in enumerate(problem.products):
        supply, due = _flows(problem, code, ordinals)
        net = supply - due
        discrete = consumed_backward(net.tolist())
        columns = zip(
            begins, supply.tolist(), due.tolist(), net.tolist(), discrete,
            accumulated(discrete), promises.supply(product)[seen].tolist(), strict=True,
        )  # fmt: skip
        found += [Week(product, *row) for row in columns]
    return found


def consumed_backward(net: Sequence[int]) -> list[int]:
    """Return what each period has left once later periods have taken what they lack.

    What a period lacks it takes from the latest earlier one that has some; what nobody before it
    has stays lacking, below zero.
    """
    left = list(net)
    for period, units in enumerate(left):
        lacking = -units
        for earlier in range(period - 1, -1, -1):
            if lacking <= 0:
                break
            taken = min(lacking, max(0, left[earlier]))
            left[earlier] -= taken
            lacking -= taken
            left[period] += taken
    return left


def accumulated(discrete: Sequence[int]) -> list[int]:
    """Return the running sum; what a period lacks is not carried into the next."""
    sums: list[int] = []
    for units in discrete:
        sums.append(max(0, sums[-1] if sums else 0) + units)
    return sums


def _weeks(start: date, end: date) -> list[date]:
    monday = start + timedelta(days=7 - start.weekday())
    weeks = max(0, ((end - monday).days + 6) // 7)
    return [start, *(monday + timedelta(weeks=i) for i in range(weeks))]


def _flows(problem: AllocationProblem, product: int, weeks: Ints) -> tuple[Ints, Ints]:
    """Return, per week, what comes of a product and what of it is due."""
    lines, supply = problem.lines, problem.supply

    def by_week(days: Ints, units: Ints) -> Ints:
        inside = days < problem.end
        week = np.searchsorted(weeks, np.maximum(days[inside], problem.start), side="right") - 1
        return sum_by(week, units[inside], len(weeks))

    pegged = lines.lot >= 0
    held = sum_by(lines.lot[pegged], lines.quantity[pegged], len(supply.names))
    mine = supply.product == product
    wanted = problem.classes.product[lines.cls] == product
    comes = by_week(supply.day[mine], (supply.free + held)[mine])
    return comes, by_week(lines.due[wanted], lines.quantity[wanted])
