"""Units in use per tier and day by linear programming: one tier after another, HiGHS each time.

A tier is worth everything against the tiers below it. For each, the units in use are maximised
over all days at once; `Totals.daily` holds what each day alone could reach, which is the same
where no two limits cross.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from oracles.reading import Problem


@dataclass(frozen=True)
class Totals:
    """Units in use per rank and day, in the order of `Problem.ranks` and `Problem.days`."""

    together: np.ndarray
    """The best sum over days, weighted by their lengths: (ranks, days)."""
    daily: np.ndarray
    """The best of each day for itself, better ranks as in `together`: (ranks, days)."""


def best_totals(problem: Problem) -> Totals:
    """Return the lexicographic optimum of `problem`, rank by rank."""
    days, demands = len(problem.days), len(problem.demands)
    together = np.zeros((len(problem.ranks), days), np.int64)
    daily = together.copy()
    if not demands:
        return Totals(together, daily)
    solver = _model(problem)
    columns = np.arange(demands * days, dtype=np.int32)
    for place, rank in enumerate(problem.ranks):
        own = np.array([demand.rank == rank for demand in problem.demands])
        if not own.any():
            continue
        weights = np.outer(own, problem.lengths()).ravel().astype(float)
        held = _solved(solver, columns, weights).reshape(demands, days)[own].sum(axis=0)
        together[place] = np.rint(held)
        assert np.allclose(together[place], held, atol=1e-6)
        for day in range(days):
            weights = np.outer(own, np.arange(days) == day).ravel().astype(float)
            daily[place, day] = round(float(weights @ _solved(solver, columns, weights)))
        for day in range(days):
            index = (np.flatnonzero(own) * days + day).astype(np.int32)
            least = float(together[place, day])
            solver.addRow(least, least, len(index), index, np.ones(len(index)))
    return Totals(together, daily)


def _model(problem: Problem) -> highspy.Highs:
    """Return a solver with a column for each demand and day: units granted so far."""
    days, demands = len(problem.days), len(problem.demands)
    rows: list[tuple[float, float, list[int], list[float]]] = []
    upper = [
        float(demand.units) if demand.day <= day else 0.0
        for demand in problem.demands
        for day in problem.days
    ]
    rows += [
        (0.0, highspy.kHighsInf, [i * days + t, i * days + t - 1], [1.0, -1.0])
        for i in range(demands)
        for t in range(1, days)
    ]
    for limit in problem.limits:
        held = [i for i, demand in enumerate(problem.demands) if limit.holds(demand)]
        for t, day in enumerate(problem.days if held else []):
            index = [i * days + t for i in held]
            rows.append((-highspy.kHighsInf, float(limit.room(day)), index, [1.0] * len(held)))
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("presolve", "off"),
        ("solver", "simplex"),
    ):
        solver.setOptionValue(option, value)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = demands * days, len(rows)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = np.zeros(demands * days)
    program.col_lower_ = np.zeros(demands * days)
    program.col_upper_ = np.array(upper)
    program.row_lower_ = np.array([row[0] for row in rows])
    program.row_upper_ = np.array([row[1] for row in rows])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in rows)])
    program.a_matrix_.index_ = np.array([i for row in rows for i in row[2]], np.int32)
    program.a_matrix_.value_ = np.array([v for row in rows for v in row[3]])
    solver.passModel(program)
    return solver


def _solved(solver: highspy.Highs, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    solver.changeColsCost(len(columns), columns, weights)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.array(solver.getSolution().col_value)


def best_unit_days(problem: Problem) -> list[float]:
    """Return the most unit-days of each rank, better ranks first; fractions of units allowed."""
    days, demands = len(problem.days), len(problem.demands)
    if not demands:
        return [0.0] * len(problem.ranks)
    solver = _model(problem)
    columns = np.arange(demands * days, dtype=np.int32)
    best = []
    for rank in problem.ranks:
        own = np.array([demand.rank == rank for demand in problem.demands])
        weights = np.outer(own, problem.lengths()).ravel().astype(float)
        best.append(float(weights @ _solved(solver, columns, weights)))
        index = np.flatnonzero(weights).astype(np.int32)
        solver.addRow(best[-1] - 1e-6, highspy.kHighsInf, len(index), index, weights[index])
    return best
