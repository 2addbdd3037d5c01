"""`reserve_days`: plans that hold units back for better tiers only so many days ahead."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from books import book, policy
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from oracles import sequential_lp
from oracles.reading import PEGGED, PROMISED, Demand, Problem, problem_of
from planning.random_books import LENGTH, START, Case, crossing_books, small_books
from planning.test_oracles import _columns, in_use, kinds_found, planned, slow

from earmark.errors import ContradictionError
from earmark.schedule import CAUSES


def looking(case: Case, days: int | None) -> Case:
    """Return the case under a policy that looks so many days ahead."""
    return replace(case, policy=replace(case.policy, name="own", reserve_days=days))


@settings(slow, max_examples=100)
@given(case=small_books(), more=st.integers(0, 50))
def test_who_looks_to_the_end_plans_as_without_a_limit(case, more):
    """With `reserve_days` of the whole book the plan is the same, down to the reasons."""
    assert _columns(planned(looking(case, None))) == _columns(planned(looking(case, LENGTH + more)))


HELD = {
    "end": "2024-02-01",
    "lots": [{"lot": "l1", "quantity": 2}, {"lot": "l2", "quantity": 1, "date": "2024-01-20"}],
}


@pytest.mark.parametrize(("days", "low"), [(0, 2), (8, 2), (9, 1), (31, 1), (None, 1)])
def test_worse_tiers_take_what_better_ones_need_only_later(days, low):
    """2 units; the better order needs 1 in nine days: looking less far, the worse one has both."""
    orders = [
        {"order": "high", "party": "a", "due": "2024-01-10", "tier": 1},
        {"order": "low", "party": "b", "quantity": 2, "tier": 2},
    ]
    case = looking(Case(book(**HELD, orders=orders), policy("own"), START), days)
    plan = planned(case)
    first = plan.schedule.day == START.toordinal()
    assert low == int(plan.schedule.quantity[first & (plan.schedule.order == 1)].sum())
    assert ("optimal" if days in (31, None) else "feasible") == plan.status
    assert (low == 2) == (plan.gap > 0)
    assert set() == kinds_found(case, plan)
    blamed = {CAUSES[cause] for cause in plan.reasons.cause[plan.reasons.order == 0]}
    assert (set() if low == 1 else {"rule"}) == blamed


def test_promised_units_hold_however_far_they_are_needed():
    """A promise for the tenth day is kept from the first, without looking ahead at all."""
    orders = [
        {"order": "high", "party": "a", "due": "2024-01-10", "tier": 1, "promised": 1},
        {"order": "low", "party": "b", "quantity": 2, "tier": 2},
    ]
    case = looking(Case(book(**HELD, orders=orders), policy("own"), START), 0)
    schedule = planned(case).schedule
    days = [day - START.toordinal() for day in schedule.day.tolist()]
    assert [(0, 9), (1, 0), (1, 19)] == list(zip(schedule.order.tolist(), days, strict=True))


@settings(slow, max_examples=120)
@given(case=small_books(), ahead=st.integers(0, 25))
def test_each_day_is_served_as_far_as_it_looks_ahead(case, ahead):
    """Each day's grants are those of sequential programs over its window, all held units fixed."""
    case = looking(case, ahead)
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    plan = planned(case)
    totals, held = in_use(plan, problem), _held(case, problem, plan)
    assert set() == kinds_found(case, plan)
    for place, day in enumerate(problem.days):
        window = _window(problem, place, day + timedelta(days=ahead), held)
        best = dict(zip(window.ranks, sequential_lp.best_totals(window).daily, strict=True))
        for rank in problem.ranks[2:]:
            before = totals[rank][place - 1] if place else 0
            assert before + int(best[rank][0]) == totals[rank][place], (day, rank)


def _held(case: Case, problem: Problem, plan: Any) -> list[dict[Demand, int]]:
    """Return, per day, what the plan has granted of each demand of a tier by the day before."""
    schedule, held = plan.schedule, []
    for day in problem.days:
        free = dict.fromkeys(schedule.orders, 0)
        for place, when, units, pegged in zip(
            schedule.order, schedule.day, schedule.quantity, schedule.pegged, strict=True
        ):
            if not pegged and when < day.toordinal():
                free[schedule.orders[place]] += int(units)
        so_far = {}
        for demand in sorted(problem.demands, key=lambda d: d.rank != PROMISED):
            if demand.rank != PEGGED:
                so_far[demand] = min(free[demand.order], demand.units)
                free[demand.order] -= so_far[demand]
        held.append({d: n for d, n in so_far.items() if d.rank != PROMISED})
    return held


def _window(problem: Problem, place: int, last: Any, held: list[dict[Demand, int]]) -> Problem:
    """Return the problem of one day: held units first and for good, tiers up to `last`."""
    today = problem.days[place]
    demands = [d for d in problem.demands if d.rank in (PEGGED, PROMISED)]
    for demand, units in held[place].items():
        if units:
            demands.append(replace(demand, rank=("held",), day=today, units=units))
        if units < demand.units and demand.day <= last:
            rest = demand.units - units
            demands.append(replace(demand, day=max(demand.day, today), units=rest))
    ranks = [PEGGED, PROMISED, ("held",), *problem.ranks[2:]]
    return Problem(demands, ranks, problem.limits, problem.days[place:], problem.end)


@settings(slow, max_examples=150)
@given(
    case=st.one_of(crossing_books(), crossing_books(round_="lot")),
    ahead=st.integers(0, 25),
)
def test_plans_that_look_ahead_pass_the_audit(case, ahead):
    """Ceilings, shared power, whole lots: supply, power and ceilings hold, reasons add up."""
    case = looking(case, ahead)
    try:
        plan = planned(case)
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, plan)
