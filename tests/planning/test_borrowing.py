"""Quotas that are lent: what owners keep, what borrowers get, and how far the plan may be off."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

from books import book, policy
from hypothesis import assume, event, given, reject, settings
from oracles import lending
from planning.lending_books import GROUPS, lending_books
from planning.random_books import START, Case
from planning.test_oracles import kinds_found, planned, slow

from earmark.errors import ContradictionError
from earmark.policy import PERCENT, Borrow, Quota
from earmark.schedule import Plan


@settings(slow, max_examples=200)
@given(case=lending_books())
def test_plans_with_borrowing_pass_the_audit(case):
    """No protected unit is used by another, no limit is passed, and reasons add up."""
    try:
        plan = planned(case)
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, plan)


def levels(case: Case, plan: Plan) -> dict[str, list[int]]:
    """Return what each order is given by the end of each day of the book."""
    span = (case.book.end - case.book.start).days
    given: dict[str, list[int]] = defaultdict(lambda: [0] * span)
    schedule = plan.schedule
    for place, day, units in zip(schedule.order, schedule.day, schedule.quantity, strict=True):
        for at in range(int(day) - case.book.start.toordinal(), span):
            given[schedule.orders[place]][at] += int(units)
    return given


@settings(slow, max_examples=150)
@given(case=lending_books())
def test_what_is_lent_costs_nobody_of_the_best_tier_anything(case):
    """Each order of the best tier has on every day as much as without borrowing, or more."""
    try:
        with_, without = planned(case), planned(replace(case, policy=replace(case.policy, borrow={})))
    except ContradictionError:
        reject()
    first = min(order.tier for order in case.book.orders)
    after, before = levels(case, with_), levels(case, without)
    for order in case.book.orders:
        if order.tier == first and not order.promised:
            pairs = zip(after[order.order], before[order.order], strict=True)
            assert all(a >= b for a, b in pairs), order.order


@settings(slow, max_examples=100)
@given(case=lending_books())
def test_who_protects_all_lends_nothing(case):
    """Where nobody lends and groups hold no more than their parties, plans are as without."""
    quotas = {name: q for name, q in case.policy.quotas.items() if name not in "gh"}
    all_ = {name: replace(rule, protect=PERCENT) for name, rule in case.policy.borrow.items()}
    rule = replace(case.policy, quotas=quotas, borrow={n: b for n, b in all_.items() if n in quotas})
    try:
        with_ = planned(replace(case, policy=rule))
        without = planned(replace(case, policy=replace(rule, borrow={})))
    except ContradictionError:
        reject()
    assert levels(case, without) == levels(case, with_)


@settings(slow, max_examples=150)
@given(case=lending_books(most=3, units=3, days=4, plain=True))
def test_no_whole_plan_is_better_than_the_gap_says(case):
    """Every unit has an owner who lends it, and no other such plan has more unit-days in use."""
    plan = planned(case)
    days = [(day - START).days for day in lending.days_of(case.book)]
    given = levels(case, plan)
    ours = {o.order: tuple(given[o.order][day] for day in days) for o in case.book.orders}
    every = list(lending.plans(case.book, case.policy))
    assert ours in every
    most = max(lending.unit_days(case.book, one) for one in every)
    has = lending.unit_days(case.book, ours)
    event("optimal" if most == has else "feasible")
    event("lends" if has > 0 and plan.gap > 0 else "no gap")
    assert most - has <= plan.gap * most + 1e-9
    assert plan.status != "optimal" or most == has
