"""Books for the priced engine, and the same least cost by HiGHS on a compressed model."""

import time
from dataclasses import dataclass

import highspy
import numpy as np

from measuring.books import SERVER, Draw, Ints, Size


def draw_weighted(size: Size) -> Draw:
    """Draw a book of one product whose sites all bind: lots and steps by chance, twelve weights.

    Each site has room for 5 % more than is ordered there, in 4 to 13 steps that begin late; lots
    are lumpy; orders are lognormal in size and due in any week.
    """
    chance = np.random.default_rng(size.seed)
    weeks, lines = size.weeks, size.lines
    site = chance.integers(0, size.sites, lines)
    weight = np.array([1, 4, 16, 64])[chance.integers(0, 4, lines)] * (site % 3 + 1)
    quantity = SERVER * np.maximum(1, np.rint(chance.lognormal(3, 1.2, lines)).astype(np.int64))
    due = 7 * chance.integers(0, weeks, lines)
    lots = (chance.dirichlet(np.full(weeks, 0.6)) * quantity.sum() * size.fill).astype(np.int64)
    power = np.zeros((size.sites, weeks))
    for place, ordered in enumerate(np.bincount(site, quantity, size.sites)):
        steps = int(chance.integers(4, 14))
        first = int(chance.integers(0, max(1, weeks * 2 // 5)))
        at = chance.integers(first, max(first + 1, weeks - 10), steps)
        np.add.at(power[place], at, np.floor(chance.dirichlet(np.ones(steps)) * ordered * 1.05))
    step_site, week = np.nonzero(power)
    levels = power.cumsum(axis=1).astype(np.int64)[step_site, week]
    party = site * size.parties // size.sites
    ones = np.ones(lines, np.int64)
    return Draw(
        size, party, site, ones, quantity, due, 7 * np.arange(weeks), lots, step_site, 7 * week,
        levels, weight=weight,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cheapest:
    """What HiGHS found: the least weighted delay, and its seconds with and without the model."""

    cost: float
    solve_seconds: float
    whole_seconds: float
    columns: int


def least_with_highs(drawn: Draw) -> Cheapest:
    """Minimise weighted delay by linear programming on classes: alike in site and weight.

    Per class and week a column for what is granted and one for what waits; per site and for the
    supply, a column for the room that waits for the next week.
    """
    began, weeks = time.perf_counter(), drawn.size.weeks
    assert drawn.weight is not None
    key = drawn.site * (int(drawn.weight.max()) + 1) + drawn.weight
    kinds, member = np.unique(key, return_inverse=True)
    classes = len(kinds)
    wanted = np.zeros((classes, weeks))
    np.add.at(wanted, (member.reshape(-1), drawn.due // 7), drawn.quantity)
    site = kinds // (int(drawn.weight.max()) + 1)
    weight = kinds % (int(drawn.weight.max()) + 1)
    level = np.zeros((drawn.size.sites + 1, weeks))
    for place, day, units in zip(drawn.ready_site, drawn.ready_day, drawn.ready_units, strict=True):
        level[place, day // 7 :] = units
    np.add.at(level[-1], drawn.lot_day // 7, drawn.lot_quantity)
    level[-1] = level[-1].cumsum()
    room = np.diff(level, axis=1, prepend=0)
    model = _model(wanted, room, site, weight)
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    start = time.perf_counter()
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    cost = float(solver.getInfo().objective_function_value)
    end = time.perf_counter()
    return Cheapest(cost, end - start, end - began, model.num_col_)


def _model(
    wanted: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    room: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    site: Ints,
    weight: Ints,
) -> highspy.HighsLp:
    classes, weeks = wanted.shape
    granted = np.arange(classes * weeks).reshape(classes, weeks)
    waits = granted + granted.size
    kept = 2 * granted.size + np.arange(room.size).reshape(room.shape)
    pool = granted.size + np.arange(room.size).reshape(room.shape)
    parts = [
        (granted, granted, 1.0), (granted, waits, 1.0), (granted[:, 1:], waits[:, :-1], -1.0),
        (pool, kept, 1.0), (pool[:, 1:], kept[:, :-1], -1.0),
        (pool[site], granted, 1.0), (np.tile(pool[-1], (classes, 1)), granted, 1.0),
    ]  # fmt: skip
    row = np.concatenate([rows.ravel() for rows, _, _ in parts])
    column = np.concatenate([columns.ravel() for _, columns, _ in parts])
    value = np.concatenate([np.full(rows.size, cell) for rows, _, cell in parts])
    rank = np.lexsort((row, column))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * granted.size + room.size, granted.size + room.size
    cost = np.zeros(model.num_col_)
    cost[waits] = 7.0 * weight[:, None]
    model.col_cost_ = cost
    model.col_lower_ = np.zeros(model.num_col_)
    model.col_upper_ = np.full(model.num_col_, highspy.kHighsInf)
    model.row_lower_ = np.concatenate([wanted.ravel(), room.ravel()])
    model.row_upper_ = model.row_lower_
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column[rank], np.arange(model.num_col_ + 1))
    model.a_matrix_.index_ = row[rank].astype(np.int32)
    model.a_matrix_.value_ = value[rank]
    return model
