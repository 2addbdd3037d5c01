"""Priced plans against programmes written from the specification, on random books."""

import importlib.util
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from oracles import brute_force
from oracles.least_cost import least_cost
from oracles.reading import PEGGED, PROMISED, Demand, Problem, problem_of
from planning.random_books import Case
from pricing.priced_books import priced_books

from earmark.answer import Question, answer
from earmark.errors import ContradictionError
from earmark.schedule import Schedule

NO_ORTOOLS = importlib.util.find_spec("ortools") is None

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def weights_of(case: Case) -> dict[str, float]:
    """Return what a unit-day of each order costs, in the policy's words."""
    tiers = sorted({order.tier for order in case.book.orders if order.status == "booked"})
    price = {product.product: product.unit_price for product in case.book.products}
    return {
        order.order: {
            "weight": float(1 if order.weight is None else order.weight),
            "money": float(
                order.unit_price if order.unit_price is not None else price[order.product] or 0
            ),
            "tier": 10.0 ** sum(tier > order.tier for tier in tiers),
        }[str(case.policy.value)]
        for order in case.book.orders
    }


def parted(
    schedule: Schedule, problem: Problem
) -> tuple[dict[Demand, dict[date, int]], list[tuple[Demand, date, int]]]:
    """Return the firm units by demand and day, and the grants of the rest."""
    firm: dict[Demand, dict[date, int]] = defaultdict(Counter)
    rest = []
    pegged = {(d.order, d.source): d for d in problem.demands if d.rank == PEGGED}
    promised = {d.order: d for d in problem.demands if d.rank == PROMISED}
    others = {d.order: d for d in problem.demands if d.rank not in {PEGGED, PROMISED}}
    open_ = {order: demand.units for order, demand in promised.items()}
    columns = (schedule.order, schedule.lot, schedule.day, schedule.quantity, schedule.pegged)
    for place, lot, ordinal, quantity, peg in zip(*(c.tolist() for c in columns), strict=True):
        order, day = schedule.orders[place], date.fromordinal(ordinal)
        if peg:
            firm[pegged[order, schedule.lots[lot]]][day] += quantity
            continue
        first = min(open_.get(order, 0), quantity)
        if first:
            open_[order] -= first
            firm[promised[order]][day] += first
        if quantity > first:
            rest.append((others[order], day, quantity - first))
    return firm, rest


def compared(case: Case) -> dict[str, Any]:
    """Return what the plan of the case costs beside what the programmes find."""
    try:
        said = answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    weight = weights_of(case)
    firm, rest = parted(said.plan.schedule, problem)
    demands = [d for d in problem.demands if d.rank not in {PEGGED, PROMISED}]
    late = sum(weight[d.order] * d.units * (problem.end - d.day).days for d in demands)
    cost = late - sum(weight[d.order] * n * (problem.end - day).days for d, day, n in rest)
    due = {order.order: order.due for order in case.book.orders}
    before = sum(weight[d.order] * d.units * (d.day - due[d.order]).days for d in demands)
    least = least_cost(problem, weight, firm)
    return {"plan": said.plan, "cost": cost, "whole": cost + before, "least": least}


@settings(slow, max_examples=150)
@given(case=priced_books(sites=False, ceilings=False))
def test_no_plan_costs_less_where_supply_alone_is_short(case):
    """Without sites and ceilings the plan costs what the programme says, and is optimal."""
    found = compared(case)
    assert pytest.approx(found["least"].whole, rel=1e-9, abs=1e-6) == found["cost"]
    assert ("optimal", 0.0) == (found["plan"].status, found["plan"].gap)


@settings(slow, max_examples=300)
@given(case=priced_books())
def test_the_gap_covers_what_any_plan_could_save(case):
    """No whole plan costs less than the plan less its gap; an optimal plan costs the least."""
    found = compared(case)
    spare = 1e-6 * max(1.0, found["whole"])
    assert found["least"].whole - spare <= found["cost"]
    assert found["cost"] - found["least"].whole <= found["plan"].gap * found["whole"] + spare
    if found["plan"].status == "optimal":
        assert pytest.approx(found["least"].whole, rel=1e-6, abs=1e-6) == found["cost"]


@settings(slow, max_examples=100)
@given(case=priced_books(firm=False, most_orders=3, units=3))
def test_no_whole_plan_of_a_tiny_book_costs_less(case):
    """Of all whole plans, the engine's costs the least."""
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    assume(brute_force.size(problem) <= 20_000)
    found = compared(case)
    least = brute_force.least_cost(problem, weights_of(case))
    assert found["cost"] - least <= found["plan"].gap * found["whole"] + 1e-6 * max(1.0, least)
    assert least <= found["cost"] + 1e-6 * max(1.0, least)


@pytest.mark.skipif(NO_ORTOOLS, reason="OR-Tools is not installed: `x.py bench` installs it")
@settings(slow, max_examples=100)
@given(case=priced_books(sites=False, ceilings=False, firm=False))
def test_the_plan_costs_what_a_minimum_cost_flow_does(case):
    """With supply alone, it is the flow with one arc for each demand and day."""
    found = compared(case)
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    least = least_flow(problem, weights_of(case))
    assert pytest.approx(least, rel=1e-9, abs=1e-6) == found["cost"]


def least_flow(problem: Problem, weight: dict[str, float]) -> float:
    """Return the least weighted unit-days by OR-Tools; weights are whole eighths."""
    from ortools.graph.python import min_cost_flow

    flow = min_cost_flow.SimpleMinCostFlow()
    end, days, demands = problem.end, problem.days, problem.demands
    nobody, nodes = len(demands), len(demands) + 1
    total = sum(demand.units for demand in demands)
    for limit in problem.limits:
        drawing = [i for i, demand in enumerate(demands) if limit.holds(demand)]
        arrived = 0
        for t, day in enumerate(days):
            stock = nodes + t
            flow.set_node_supply(stock, limit.room(day) - arrived)
            arrived = limit.room(day)
            for i in drawing:
                if demands[i].day <= day:
                    late = round(8 * weight[demands[i].order]) * (day - demands[i].day).days
                    flow.add_arc_with_capacity_and_unit_cost(stock, i, demands[i].units, late)
            if t + 1 < len(days):
                flow.add_arc_with_capacity_and_unit_cost(stock, stock + 1, arrived, 0)
        nodes += len(days)
    for i, demand in enumerate(demands):
        flow.set_node_supply(i, -demand.units)
        unserved = round(8 * weight[demand.order]) * (end - demand.day).days
        flow.add_arc_with_capacity_and_unit_cost(nobody, i, demand.units, unserved)
    flow.set_node_supply(nobody, total)
    assert flow.OPTIMAL == flow.solve_max_flow_with_min_cost()
    return flow.optimal_cost() / 8
