"""Orders with several products or sites, read and solved from the meanings alone.

Each option of an order is a demand of its own here; a `Pick` ties those of which an order takes
units. `best_prefixes` finds the most unit-days in whole numbers with HiGHS, with one variable per
option and day; `bunches` lists all whole plans of each pick for `order_rules.best_prefixes`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product as every

import highspy
import numpy as np

from earmark.book import Book
from earmark.model import Order
from earmark.policy import Policy
from oracles.order_rules import Bunch, Course
from oracles.reading import (
    PEGGED,
    PROMISED,
    Demand,
    Problem,
    limits_of,
    pegged_units,
    steps_of,
)

Rank = tuple[object, ...]


@dataclass(frozen=True)
class Pick:
    """Units of one order and rank, from any of some demands: one per option."""

    order: str
    rank: Rank
    units: int
    """In units of the order."""
    demands: tuple[Demand, ...]
    factors: tuple[int, ...]
    one_site: bool


def read(book: Book, policy: Policy, as_of: date) -> tuple[Problem, list[Pick]]:
    """Read `book`, as known, under `policy`: all demands, and what ties them."""
    first_new = max(book.start, as_of)
    lots = {lot.lot: lot for lot in book.lots if lot.date < book.end}
    pegs = Counter((unit.lot, unit.order) for unit in pegged_units(book))
    picks = []
    for order in sorted(book.orders, key=lambda order: order.order):
        factor = factors_of(order)
        own = [(lots[lot], n) for (lot, name), n in sorted(pegs.items()) if name == order.order]
        picks += [
            _pick(order, PEGGED, max(lot.date, order.due, book.start), n, lot.product, lot.lot)
            for lot, n in own
        ]
        pegged = sum(n * factor[lot.product] for lot, n in own)
        promised = max(0, order.promised - pegged)
        day = max(order.due, first_new)
        tier: object = {"order": order.tier, "one": 1, "booked": order.booked or date.max}[
            policy.tiers
        ]
        inner = (order.booked or date.max,) if policy.share == "first_come" else ()
        picks.append(_pick(order, PROMISED, day, promised))
        rest = order.quantity - pegged - promised
        picks.append(_pick(order, ("tier", tier, *inner), day, rest))
    picks = [pick for pick in picks if pick.units and pick.demands[0].day < book.end]
    demands = [demand for pick in picks for demand in pick.demands]
    tiers = sorted({pick.rank for pick in picks} - {PEGGED, PROMISED})
    limits = limits_of(book, policy, lots, pegs)
    days = steps_of(book, first_new, demands, lots)
    return Problem(demands, [PEGGED, PROMISED, *tiers], limits, days, book.end), picks


def factors_of(order: Order) -> dict[str, int]:
    """Return what a unit of each product counts for."""
    names = order.product.split(";")
    given = order.factors.split(";") if order.factors else ["1"] * len(names)
    return dict(zip(names, map(int, given), strict=True))


def _pick(
    order: Order,
    rank: Rank,
    day: date,
    units: int,
    product: str | None = None,
    source: str | None = None,
) -> Pick:
    """Tie all options of an order; pegged units are of one `product`, counted as its units."""
    factor = factors_of(order) if product is None else {product: 1}
    pairs = list(every(factor, order.site.split(";") if order.site else [None]))
    demands = tuple(
        Demand(order.order, order.party, name, site, rank, day, units // factor[name], source)
        for name, site in pairs
    )
    factors = tuple(factor[name] for name, _ in pairs)
    return Pick(order.order, rank, units, demands, factors, order.split == "no")


def bunches(problem: Problem, picks: Sequence[Pick]) -> list[Bunch]:
    """Return every way in which each pick can be served; factors must be 1."""
    return [Bunch(p.rank, p.demands, tuple(_ways(problem, p)), ruled=False) for p in picks]


def _ways(problem: Problem, pick: Pick) -> Iterator[tuple[Course, ...]]:
    days = len(problem.days)
    first = sum(day < pick.demands[0].day for day in problem.days)
    for units in _splits(pick.units, len(pick.demands)):
        sites = {d.site for d, n in zip(pick.demands, units, strict=True) if n}
        if pick.one_site and len(sites) > 1:
            continue
        yield from every(*(_courses(n, first, days) for n in units))


def _splits(units: int, count: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to take at most so many units from so many options."""
    if not count:
        yield ()
        return
    for n in range(units + 1):
        yield from ((n, *rest) for rest in _splits(units - n, count - 1))


def _courses(units: int, first: int, days: int) -> list[Course]:
    """Return the courses that grant exactly so many units by the last day."""
    if not units:
        return [(0,) * days]

    def grown(course: Course) -> Iterator[Course]:
        if len(course) == days - 1:
            yield (*course, units)
            return
        low = course[-1] if course else 0
        high = units if len(course) >= first else 0
        for level in range(low, high + 1):
            yield from grown((*course, level))

    return list(grown(())) if first < days else []


def best_prefixes(problem: Problem, picks: Sequence[Pick], held: Sequence[int]) -> list[int]:
    """Return the most unit-days in use up to each rank that a whole plan has, in order units.

    Only plans count that have no fewer than `held` up to each rank before.
    """
    days, demands = len(problem.days), problem.demands
    at = {id(demand): i * days for i, demand in enumerate(demands)}
    solver, inf = highspy.Highs(), highspy.kHighsInf
    for option, value in (("output_flag", False), ("threads", 1)):
        solver.setOptionValue(option, value)
    weight = np.zeros(len(demands) * days)
    lengths = problem.lengths()
    for demand in demands:
        for t, day in enumerate(problem.days):
            most = demand.units if demand.day <= day else 0
            solver.addVar(0, most)
            column = at[id(demand)] + t
            solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
            if t:
                solver.addRow(0, inf, 2, np.array([column - 1, column], np.int32), [-1.0, 1.0])
    for limit in problem.limits:
        under = [demand for demand in demands if limit.holds(demand)]
        for t, day in enumerate(problem.days if under else []):
            index = np.array([at[id(demand)] + t for demand in under], np.int32)
            solver.addRow(-inf, limit.room(day), len(index), index, np.ones(len(index)))
    sites: dict[tuple[str, str | None], int] = {}
    for pick in picks:
        last = np.array([at[id(demand)] + days - 1 for demand in pick.demands], np.int32)
        factors = np.array(pick.factors, float)
        solver.addRow(-inf, pick.units, len(last), last, factors)
        for demand, factor in zip(pick.demands, pick.factors, strict=True):
            place = at[id(demand)]
            weight[place : place + days] = factor * np.array(lengths)
        if pick.one_site:
            _at_one_site(solver, pick, last, sites)
    best = []
    for i in range(len(problem.ranks)):
        own = [demand.rank in problem.ranks[: i + 1] for demand in demands]
        cost = np.zeros(solver.getNumCol())
        cost[: len(weight)] = np.repeat(own, days) * weight
        columns = np.arange(len(cost), dtype=np.int32)
        solver.changeColsCost(len(cost), columns, cost)
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        solver.run()
        assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        best.append(round(solver.getInfo().objective_function_value))
        some = np.flatnonzero(cost).astype(np.int32)
        solver.addRow(held[i], inf, len(some), some, cost[some])
    return best


def _at_one_site(solver, pick: Pick, last, sites: dict[tuple[str, str | None], int]) -> None:
    """Let an order take units at one of its sites alone, in all of its ranks."""
    names = list(dict.fromkeys(demand.site for demand in pick.demands))
    if (pick.order, names[0]) not in sites:
        for name in names:
            sites[pick.order, name] = solver.getNumCol()
            solver.addVar(0, 1)
            solver.changeColIntegrality(sites[pick.order, name], highspy.HighsVarType.kInteger)
        index = np.array([sites[pick.order, name] for name in names], np.int32)
        solver.addRow(1, 1, len(index), index, np.ones(len(index)))
    for demand, column in zip(pick.demands, last.tolist(), strict=True):
        index = np.array([column, sites[pick.order, demand.site]], np.int32)
        solver.addRow(-highspy.kHighsInf, 0, 2, index, [1.0, -float(pick.units)])


def held_prefixes(problem: Problem, picks: Sequence[Pick], grants: Sequence[object]) -> list[int]:
    """Return the unit-days in use up to each rank of (order, product, day, units, pegged) grants.

    Of what is not pegged the promised units of an order are those granted first, whole ones alone.
    """
    counts = {
        (pick.order, demand.product): factor
        for pick in picks
        for demand, factor in zip(pick.demands, pick.factors, strict=True)
        if pick.rank != PEGGED
    }
    left = {(pick.order, pick.rank): pick.units for pick in picks if pick.rank != PEGGED}
    found = dict.fromkeys(problem.ranks, 0)
    for order, product, day, granted, pegged in sorted(grants, key=lambda grant: grant[2]):
        units = granted
        span = (problem.end - day).days
        if pegged:
            found[PEGGED] += units * span
            continue
        factor = counts[order, product]
        for rank in problem.ranks[1:]:
            taken = min(units, left.get((order, rank), 0) // factor)
            if taken:
                left[order, rank] -= taken * factor
                units -= taken
                found[rank] += taken * factor * span
        assert not units, "more is granted than is asked for"
    totals, whole = [], 0
    for rank in problem.ranks:
        whole += found[rank]
        totals.append(whole)
    return totals
