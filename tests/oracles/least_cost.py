"""The least weighted delay of a small book, by HiGHS: a column for each demand and day.

What is pegged and promised is taken as given, day by day; the rest may be granted on any day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import highspy
import numpy as np

from oracles.reading import PEGGED, PROMISED, Demand, Problem

Firm = Mapping[Demand, Mapping[date, int]]
"""Units of pegged and promised demands granted on each day."""


@dataclass(frozen=True)
class Least:
    """What plans cost at least: with parts of units, and with whole units alone."""

    parts: float
    whole: float


def least_cost(problem: Problem, weight: Mapping[str, float], firm: Firm) -> Least:
    """Return the least weighted unit-days, from the first day of each demand, without the firm."""
    demands = [demand for demand in problem.demands if demand.rank not in {PEGGED, PROMISED}]
    days, end = problem.days, problem.end
    cells = [(i, day) for i, demand in enumerate(demands) for day in days if demand.day <= day]
    cost = [-weight[demands[i].order] * (end - day).days for i, day in cells]
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0)):
        solver.setOptionValue(option, value)
    for i, _ in cells:
        solver.addVar(0.0, float(demands[i].units))
    for column, value in enumerate(cost):
        solver.changeColCost(column, value)
    for i, demand in enumerate(demands):
        _row(solver, [c for c, (j, _) in enumerate(cells) if i == j], demand.units)
    for limit in problem.limits:
        holds = [limit.holds(demand) for demand in demands]
        for day in days:
            used = sum(
                units
                for demand, granted in firm.items()
                if limit.holds(demand)
                for when, units in granted.items()
                if when <= day
            )
            columns = [c for c, (i, when) in enumerate(cells) if holds[i] and when <= day]
            _row(solver, columns, limit.room(day) - used)
    nothing = sum(weight[d.order] * d.units * (end - d.day).days for d in demands)
    parts = nothing + _solved(solver)
    for column in range(len(cells)):
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    return Least(parts, nothing + _solved(solver))


def _row(solver: highspy.Highs, columns: list[int], room: int) -> None:
    if columns:
        index = np.array(columns, np.int32)
        solver.addRow(-highspy.kHighsInf, float(room), len(index), index, np.ones(len(index)))


def _solved(solver: highspy.Highs) -> float:
    if not solver.getNumCol():
        return 0.0
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value)
