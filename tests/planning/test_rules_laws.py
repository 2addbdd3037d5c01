"""Laws of orders with rules: who takes what in which turn, and what rules never change."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from books import book, policy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.order_rules import Bunch, best_choice, best_prefixes
from planning.random_books import Case
from planning.ruled_books import ruled_books
from planning.ruled_plans import Ruled, planned, ruled

from earmark.model import Order
from earmark.outcome import measure
from earmark.schedule import Plan

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
RULES = ("min_ship", "max_late_days", "together")


def with_orders(case: Case, change: Callable[[Order], dict[str, Any]]) -> Case:
    """Return the case with cells of its orders changed."""
    rows = case.book.orders
    columns = {name: list(column) for name, column in rows.columns.items()}
    for i, order in enumerate(rows.records):
        for name, cell in change(order).items():
            columns[name][i] = cell
    return replace(case, book=case.book.replace_table(replace(rows, columns=columns)))


def without_rules(case: Case, orders: Collection[str]) -> Case:
    """Return the case without the rules of some orders; their least quantities stay."""

    def change(order: Order) -> dict[str, Any]:
        if order.order not in orders:
            return {}
        quantity = max(order.quantity, order.min_ship or 0)
        return dict.fromkeys(RULES, None) | {"quantity": quantity}

    return with_orders(case, change)


def in_one_tier(case: Case) -> Case:
    """Return the case with every set in the worst tier of its orders, and tiers by order."""
    worst: dict[str, int] = {}
    for order in case.book.orders:
        if order.together:
            worst[order.together] = max(worst.get(order.together, 1), order.tier)
    case = with_orders(case, lambda o: {"tier": worst.get(o.together or "", o.tier)})
    share = "max_min" if case.policy.share == "first_come" else case.policy.share
    return replace(case, policy=replace(case.policy, tiers="order", share=share))


def given_to(it: Ruled) -> dict[str, Counter[date]]:
    """Return the units of each order by day."""
    schedule, given = it.said.schedule, {name: Counter() for name in it.said.schedule.orders}
    for place, day, n in zip(schedule.order, schedule.day, schedule.quantity, strict=True):
        given[schedule.orders[place]][date.fromordinal(int(day))] += int(n)
    return given


@settings(slow, max_examples=50)
@given(case=ruled_books(ships=("usable", "due")), data=st.data())
def test_a_least_shipment_of_one_unit_changes_nothing(case, data):
    """Each unit is a shipment of one: all is granted as without."""
    case = without_rules(case, {order.order for order in case.book.orders})
    least = st.sampled_from([None, 1])
    other = with_orders(case, lambda _: {"min_ship": data.draw(least)})
    assert given_to(ruled(case)) == given_to(ruled(other))


@settings(slow, max_examples=50)
@given(case=ruled_books(ships=("usable", "due")), data=st.data())
def test_rules_that_never_bind_cost_nothing(case, data):
    """Where limits nest and orders may be any days late, no tier has less in use than without."""
    case = without_rules(case, {order.order for order in case.book.orders})
    late = st.sampled_from([None, 10_000])
    other = with_orders(case, lambda _: {"max_late_days": data.draw(late)})
    assert ruled(case).held() == ruled(other).held()


@settings(slow, max_examples=60)
@given(case=ruled_books(ships=("usable", "due")), tier=st.integers(1, 2))
def test_rules_in_worse_tiers_change_nothing_in_better_ones(case, tier):
    """What better tiers are granted, and when, is the same if worse tiers have no rules."""
    case = in_one_tier(case)
    worse = {order.order for order in case.book.orders if order.tier > tier}
    before, after = given_to(ruled(case)), given_to(ruled(without_rules(case, worse)))
    better = set(before) - worse
    assert {o: before[o] for o in better} == {o: after[o] for o in better}


@settings(slow, max_examples=80)
@given(case=ruled_books(most_orders=1, most_units=7))
def test_an_order_alone_is_shipped_as_well_as_its_rules_allow(case):
    """Most units, then fewest unit-days late, of all its shipments under any course of room."""
    _takes_its_best(ruled(in_one_tier(case)))


@settings(slow, max_examples=120)
@given(case=ruled_books(crossing=True))
def test_each_order_takes_the_best_of_the_room_left(case):
    """In the turn of due, booked and id: of what better tiers, others and those before leave.

    What the other orders of the tier hold is what they are granted where it has no rules.
    """
    _takes_its_best(ruled(in_one_tier(case)))


def _takes_its_best(it: Ruled) -> None:
    for rank in it.problem.ranks:
        own = [bunch for bunch in it.bunches if bunch.rank == rank and bunch.ruled]
        if not own:
            continue
        names = {d.order for bunch in it.bunches if bunch.rank == rank for d in bunch.demands}
        plain = ruled(without_rules(it.case, names))
        by_name = {(d.order, d.rank[0], d.source): c for d, c in plain.courses.items()}
        ruled_demands = {demand for bunch in own for demand in bunch.demands}
        taken = {}
        for demand, course in it.courses.items():
            if it.problem.ranks.index(demand.rank) < it.problem.ranks.index(rank):
                taken[demand] = course
            elif demand.rank == rank and demand not in ruled_demands:
                taken[demand] = by_name[demand.order, demand.rank[0], demand.source]
        for bunch in sorted(own, key=lambda bunch: _turn(bunch, it)):
            units = sum(it.courses[demand][-1] for demand in bunch.demands)
            lengths = it.problem.lengths()
            worth = sum(
                n * days
                for demand in bunch.demands
                for n, days in zip(it.courses[demand], lengths, strict=True)
            )
            best = best_choice(bunch, it.problem, taken)
            assert best == (units, worth), [demand.order for demand in bunch.demands]
            taken |= {demand: it.courses[demand] for demand in bunch.demands}


def _turn(bunch: Bunch, it: Ruled) -> tuple[date, date, str]:
    orders = [it.orders[demand.order] for demand in bunch.demands]
    return min((order.due, order.booked or date.max, order.order) for order in orders)


@settings(slow, max_examples=100)
@given(case=ruled_books(ships=("usable", "due")))
def test_other_orders_get_all_that_is_left(case):
    """Where limits nest, no plan gives the others more beside what orders with rules have taken."""
    it = ruled(case)
    fixed = [
        replace(bunch, choices=(tuple(it.courses[demand] for demand in bunch.demands),))
        if bunch.ruled
        else bunch
        for bunch in it.bunches
    ]
    best = best_prefixes(it.problem, fixed, it.sizes, it.held())
    assume(best is not None)
    assert best == it.held()


@settings(slow, max_examples=60)
@given(case=ruled_books(ships=("usable", "due")), tier=st.integers(1, 3))
def test_a_tier_without_rules_has_no_less_in_use(case, tier):
    """Where limits nest, dropping the rules of a tier never lowers its unit-days in use."""
    case = in_one_tier(case)
    it = ruled(case)
    own = {order.order for order in case.book.orders if order.tier == tier}
    other = ruled(without_rules(case, own))
    place = it.problem.ranks.index(("tier", tier)) if ("tier", tier) in it.problem.ranks else -1
    assume(place >= 0)
    assert it.held()[:place] == other.held()[:place]
    assert it.held()[place] <= other.held()[place]


@settings(slow, max_examples=60)
@given(case=ruled_books(crossing=True, rounds=("unit", "lot"), ships=("usable", "due")))
def test_reasons_of_orders_with_rules_add_up(case):
    """The causes of each order add up to its late and unserved unit-days, per order."""
    it = ruled(case)
    plan = it.said.plan
    figures = measure(it.said.book, plan.schedule, policy=case.policy).figures
    told = np.zeros(len(plan.schedule.orders), np.int64)
    np.add.at(told, plan.reasons.order, plan.reasons.unit_days)
    assert (figures.late_unit_days + figures.unserved_unit_days).tolist() == told.tolist()


@settings(slow, max_examples=60)
@given(case=ruled_books(crossing=True, rounds=("unit", "lot")), data=st.data())
def test_the_order_of_rows_never_matters(case, data):
    """The same rows in another order give the same plan, down to the reasons."""
    book = case.book
    for rows in case.book.tables.values():
        places = data.draw(st.permutations(range(len(rows))))
        book = book.replace_table(rows.take(places))
    assert _columns(ruled(case).said.plan) == _columns(ruled(replace(case, book=book)).said.plan)


def _columns(plan: Plan) -> list[Any]:
    parts: list[Any] = [plan.status, plan.gap]
    for part in (plan.schedule, plan.reasons):
        for name in part.__slots__:
            cells = getattr(part, name)
            parts.append(cells.tolist() if isinstance(cells, np.ndarray) else cells)
    return parts


def test_two_last_days_after_the_end_are_no_rules():
    """One unit for three orders of a party: who may be any days late is planned as without a rule.

    Without rules o2 has the unit, as classes go; with a last day far after the end, o1 took it.
    """
    orders = [
        {"order": "o0", "site": "s1"},
        {"order": "o1", "site": "s1", "max_late_days": 10_000},
        {"order": "o2", "max_late_days": 10_000},
    ]
    whole = book(lots=[{"lot": "l0"}], orders=orders)
    case = Case(whole, policy("own"), whole.start)
    plain = without_rules(case, {"o1", "o2"})
    assert given_to(planned(plain)) == given_to(planned(case))
