"""The same allocation by solvers of general use: the exact answers, and how long they take.

Seconds are the processor's, which other work on the machine changes little. All models have one
arc per line and week: units of that line granted in that week, none before it is due. Lots, due
days and readiness begin a week; days count from the start of the book.
"""

import math
import time
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from measuring.books import Draw, Ints


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver found, and its seconds with and without building the model."""

    in_use: Ints
    """(tiers, weeks) units in use; the only optimal ones (see `solve_with_highs`)."""
    late_and_unserved_unit_days: int
    solve_seconds: float
    whole_seconds: float
    arcs: int
    finished: bool = True
    """Whether it ended within its limit; if not, nothing but its seconds counts."""


@dataclass(frozen=True, slots=True)
class _Arcs:
    line: Ints
    week: Ints


def _arcs(drawn: Draw, lines: Ints) -> _Arcs:
    weeks = drawn.size.weeks
    first = drawn.due[lines] // 7
    count = weeks - first
    line = np.repeat(np.arange(len(lines)), count)
    offset = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    return _Arcs(line, first[line] + offset)


def solve_with_highs(drawn: Draw, limit: float = math.inf) -> Solved:
    """Solve tier after tier by linear programming, each on what the better ones leave.

    A tier's programme has arcs of that tier's lines alone; the arcs of better tiers stand in its
    capacities. That is exact on nested limits, since which of its optimal plans a better tier took
    changes nothing for the next (contraction of a polymatroid), and it is the smallest exact model:
    all tiers in one, held to the optimum of each before, takes longer. The aim is the most
    unit-days in use. One plan is best on every day at once, so all that reach the aim use the same
    units each day.
    """
    size, began = drawn.size, time.process_time()
    supply, power = _supply(drawn), _power(drawn)
    in_use = np.zeros((size.tiers, size.weeks), np.int64)
    solving, arcs_in_all = 0.0, 0
    for tier in range(1, size.tiers + 1):
        lines = np.flatnonzero(drawn.tier == tier)
        arcs = _arcs(drawn, lines)
        site = drawn.site[lines]
        solver = _tier_model(arcs, drawn.quantity[lines], site, supply, power)
        solver.setOptionValue("time_limit", limit)
        start = time.process_time()
        solver.run()
        solving += time.process_time() - start
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        granted = np.array(solver.getSolution().col_value)[: len(arcs.line)]
        by_week = np.bincount(arcs.week, granted, size.weeks)
        supply -= by_week
        if size.sites:
            cells = site[arcs.line] * size.weeks + arcs.week
            power -= np.bincount(cells, granted, power.size).reshape(power.shape)
        in_use[tier - 1] = np.rint(by_week.cumsum())
        arcs_in_all += len(arcs.line)
    late = _late_and_unserved(drawn, in_use)
    return Solved(in_use, late, solving, time.process_time() - began, arcs_in_all)


def solve_together_with_highs(drawn: Draw, limit: float = math.inf) -> Solved:
    """Solve all tiers in one linear programme, tier after tier, each held to what it reached.

    The textbook's way, which uses nothing of the problem's structure: the lines of all tiers, the
    most unit-days of the first, then of the second with the first held, and so on.
    """
    size, began = drawn.size, time.process_time()
    arcs = _arcs(drawn, np.arange(size.lines))
    solver = _tier_model(arcs, drawn.quantity, drawn.site, _supply(drawn), _power(drawn))
    solver.setOptionValue("time_limit", limit)
    weeks_in_use = (size.weeks - arcs.week).astype(float)
    tier = drawn.tier[arcs.line]
    column = np.arange(len(arcs.line), dtype=np.int32)
    solving, granted = 0.0, np.zeros(len(column))
    for worth in range(1, size.tiers + 1):
        weight = np.where(tier == worth, weeks_in_use, 0)
        solver.clearSolver()  # from scratch, with presolve: faster than from the basis before
        solver.changeColsCost(len(column), column, weight)
        start = time.process_time()
        solver.run()
        solving += time.process_time() - start
        if solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit:
            return _unfinished(drawn, solving, began, arcs)
        granted = np.array(solver.getSolution().col_value)[: len(column)]
        own = np.flatnonzero(tier == worth)
        least = float(np.rint(weight @ granted))
        solver.addRow(least, highspy.kHighsInf, len(own), column[own], weight[own])
    return _solved(drawn, granted, solving, began, arcs)


def solve_weighted_with_highs(drawn: Draw, limit: float = math.inf) -> Solved:
    """Solve one linear programme of all tiers, a unit-day worth `WEIGHT` times that of the next.

    Stocks are carried from week to week. Nothing proves that the weights are steep enough: the
    answer is compared.
    """
    began = time.process_time()
    arcs = _arcs(drawn, np.arange(drawn.size.lines))
    solver = _tier_model(arcs, drawn.quantity, drawn.site, _supply(drawn), _power(drawn))
    column = np.arange(len(arcs.line), dtype=np.int32)
    solver.changeColsCost(len(column), column, _weights(drawn, arcs))
    return _run_once(drawn, solver, arcs, limit, began)


def solve_plainly_with_highs(drawn: Draw, limit: float = math.inf) -> Solved:
    """Solve the programme of `solve_weighted_with_highs` as it is first written down.

    A line gets at most its quantity; for every week, what was granted by then is at most the supply
    that has arrived by then, and at each site at most what can ever after be powered.
    """
    size, began = drawn.size, time.process_time()
    arcs = _arcs(drawn, np.arange(size.lines))
    left = size.weeks - arcs.week
    arc = np.repeat(np.arange(len(left)), left)
    week = arcs.week[arc] + np.arange(len(arc)) - np.repeat(np.cumsum(left) - left, left)
    pools = [_supply(drawn)[None], _power(drawn)]
    levels = np.concatenate(pools).cumsum(axis=1)
    levels = np.minimum.accumulate(levels[:, ::-1], axis=1)[:, ::-1]
    rows, columns = [arcs.line, size.lines + week], [np.arange(len(left)), arc]
    if size.sites:
        rows.append(size.lines + size.weeks * (1 + drawn.site[arcs.line][arc]) + week)
        columns.append(arc)
    model = highspy.HighsLp()
    upper = np.append(drawn.quantity.astype(float), levels.ravel())
    model.num_col_, model.num_row_ = len(left), len(upper)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = _weights(drawn, arcs)
    model.col_lower_ = np.zeros(len(left))
    model.col_upper_ = np.full(len(left), highspy.kHighsInf)
    model.row_lower_ = np.full(len(upper), -highspy.kHighsInf)
    model.row_upper_ = upper
    row, column = np.concatenate(rows), np.concatenate(columns)
    _fill(model, row, column, np.ones(len(row)))
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(model)
    return _run_once(drawn, solver, arcs, limit, began)


WEIGHT = 100.0
"""How many times a unit-day of a tier counts one of the next. With 10 the answers differ."""


def _weights(drawn: Draw, arcs: _Arcs) -> NDArray[np.float64]:
    """Return what a unit granted by an arc is worth: its weeks in use, by its tier."""
    steep = np.power(WEIGHT, drawn.size.tiers - drawn.tier[arcs.line])
    return np.asarray((drawn.size.weeks - arcs.week) * steep, np.float64)


def _run_once(
    drawn: Draw, solver: highspy.Highs, arcs: _Arcs, limit: float, began: float
) -> Solved:
    solver.setOptionValue("time_limit", limit)
    start = time.process_time()
    solver.run()
    solving = time.process_time() - start
    if solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit:
        return _unfinished(drawn, solving, began, arcs)
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    granted = np.array(solver.getSolution().col_value)[: len(arcs.line)]
    return _solved(drawn, granted, solving, began, arcs)


def _solved(
    drawn: Draw, granted: NDArray[np.float64], solving: float, began: float, arcs: _Arcs
) -> Solved:
    size = drawn.size
    cells = (drawn.tier[arcs.line] - 1) * size.weeks + arcs.week
    by_week = np.bincount(cells, granted, size.tiers * size.weeks)
    in_use = np.rint(by_week.reshape(size.tiers, size.weeks).cumsum(axis=1)).astype(np.int64)
    late, whole = _late_and_unserved(drawn, in_use), time.process_time() - began
    return Solved(in_use, late, solving, whole, len(arcs.line))


def _unfinished(drawn: Draw, solving: float, began: float, arcs: _Arcs) -> Solved:
    none = np.zeros((drawn.size.tiers, drawn.size.weeks), np.int64)
    whole = time.process_time() - began
    return Solved(none, 0, solving, whole, len(arcs.line), finished=False)


def _supply(drawn: Draw) -> NDArray[np.float64]:
    """Return (weeks,) what arrives in each week."""
    supply = np.zeros(drawn.size.weeks)
    np.add.at(supply, drawn.lot_day // 7, drawn.lot_quantity)
    return supply


def _power(drawn: Draw) -> NDArray[np.float64]:
    """Return (sites, weeks) what is added to the power of each site in each week."""
    level = np.zeros((drawn.size.sites, drawn.size.weeks))
    for site, day, units in zip(drawn.ready_site, drawn.ready_day, drawn.ready_units, strict=True):
        level[site, day // 7 :] = units
    return np.diff(level, axis=1, prepend=0)


def _tier_model(
    arcs: _Arcs, quantity: Ints, site: Ints, supply: NDArray[np.float64], power: NDArray[np.float64]
) -> highspy.Highs:
    """Return the programme of one tier: grants by line and week, stocks carried from week to week.

    Rows: a line gets at most its quantity; what is free of the supply, and of each site's power, in
    a week is what was free the week before, plus what is added, less what is granted.
    """
    weeks, sites = len(supply), np.unique(site[site >= 0])
    place = np.zeros(len(power), np.int64)
    place[sites] = np.arange(len(sites))
    granted, lines = len(arcs.line), len(quantity)
    pools = 1 + len(sites)
    column = np.arange(granted)
    rows = [arcs.line, lines + arcs.week]
    columns, values = [column, column], [np.ones(granted), np.ones(granted)]
    if len(sites):
        rows.append(lines + weeks * (1 + place[site[arcs.line]]) + arcs.week)
        columns.append(column)
        values.append(np.ones(granted))
    stock = np.arange(pools * weeks)
    later = stock[stock % weeks < weeks - 1]
    rows += [lines + stock, lines + later + 1]
    columns += [granted + stock, granted + later]
    values += [np.ones(len(stock)), -np.ones(len(later))]
    added = np.concatenate([supply, power[sites].ravel()])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = granted + len(stock), lines + len(stock)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.append((weeks - arcs.week).astype(float), np.zeros(len(stock)))
    model.col_lower_ = np.zeros(model.num_col_)
    model.col_upper_ = np.full(model.num_col_, highspy.kHighsInf)
    model.row_lower_ = np.append(np.zeros(lines), added)
    model.row_upper_ = np.append(quantity.astype(float), added)
    _fill(model, np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(model)
    return solver


def _fill(model: highspy.HighsLp, row: Ints, column: Ints, value: NDArray[np.float64]) -> None:
    rank = np.lexsort((row, column))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column[rank], np.arange(model.num_col_ + 1))
    model.a_matrix_.index_ = row[rank].astype(np.int32)
    model.a_matrix_.value_ = value[rank]


def solve_with_flow(drawn: Draw, limit: float = math.inf) -> Solved:
    """Minimise late and unserved unit-days, tiers aside, by OR-Tools' minimum-cost flow.

    Arcs go from the stock of each week to each line that is due, at the days that the unit is late;
    what no lot serves costs the days to the end. A plan that uses most units on every day costs
    least, and none that costs as little can use fewer on any day. It takes no `limit`.
    """
    from ortools.graph.python import min_cost_flow

    assert not drawn.size.sites
    assert limit > 0
    began, weeks = time.process_time(), drawn.size.weeks
    every = np.arange(len(drawn.party))
    arcs = _arcs(drawn, every)
    line, none = weeks + every, weeks + len(every)
    supply = np.bincount(drawn.lot_day // 7, drawn.lot_quantity, weeks).astype(np.int64)
    flow = min_cost_flow.SimpleMinCostFlow()
    tail = np.concatenate([arcs.week, np.full(len(every), none)])
    head = np.concatenate([line[arcs.line], line])
    cost = np.concatenate([7 * arcs.week - drawn.due[arcs.line], drawn.days - drawn.due])
    room = drawn.quantity[np.concatenate([arcs.line, every])]
    flow.add_arcs_with_capacity_and_unit_cost(tail, head, room, cost)
    # Lots from before a line is due serve it on its due day: stock waits from week to week.
    stock = np.arange(weeks - 1)
    total = int(drawn.quantity.sum())
    flow.add_arcs_with_capacity_and_unit_cost(
        stock, stock + 1, np.full(weeks - 1, total), np.zeros(weeks - 1, np.int64)
    )
    # What is left of the supply goes to nobody.
    rest = none + 1
    flow.add_arcs_with_capacity_and_unit_cost(
        [weeks - 1, none], [rest, rest], [total, total], [0, 0]
    )
    sources = np.concatenate([supply, -drawn.quantity, [total, -int(supply.sum())]])
    flow.set_nodes_supplies(np.arange(rest + 1), sources)
    start = time.process_time()
    status = flow.solve()
    solving = time.process_time() - start
    assert status == flow.OPTIMAL, status
    units = flow.flows(np.arange(len(arcs.line)))
    in_use = np.rint(np.bincount(arcs.week, units, weeks).cumsum()).astype(np.int64)
    whole = time.process_time() - began
    return Solved(in_use[None], int(flow.optimal_cost()), solving, whole, flow.num_arcs())


def _late_and_unserved(drawn: Draw, in_use: Ints) -> int:
    """Return the unit-days from due to grant, or to the end, of all units."""
    ordered = int((drawn.quantity * (drawn.days - drawn.due)).sum())
    return ordered - 7 * int(in_use.sum())
