"""Plans of least weighted delay: the traps of greedy rules, settings, prices and their proof."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from books import book, policy

from earmark.answer import Answer, Question, answer
from earmark.audit import audit
from earmark.book import Book
from earmark.policy import BUILT_IN, Policy
from earmark.report.prices import prices_document
from earmark.schedule import CAUSES, Plan

VALUE = BUILT_IN["value"]


def day(number: int) -> date:
    return date(2024, 1, number)


def lots(*days: int) -> list[dict[str, Any]]:
    return [{"lot": f"l{d}", "quantity": 1, "date": day(d)} for d in days]


def order(name: str, due: int, weight: Any = None, **cells: Any) -> dict[str, Any]:
    return {"order": name, "quantity": 1, "due": day(due), "weight": weight, **cells}


def said(whole: Book, rule: Policy = VALUE) -> Answer:
    return answer(whole, Question(rule))


def grants(plan: Plan) -> dict[str, int]:
    """Return the day of January on which each order gets its unit."""
    schedule, first = plan.schedule, day(1).toordinal()
    pairs = zip(schedule.order.tolist(), schedule.day.tolist(), strict=True)
    return {schedule.orders[place]: when - first + 1 for place, when in pairs}


def reasons(plan: Plan) -> list[tuple[str, str, int, tuple[str, ...]]]:
    why, orders = plan.reasons, plan.schedule.orders
    columns = (why.order, why.cause, why.unit_days, why.by)
    return [
        (orders[o], CAUSES[c], n, why.holders[b])
        for o, c, n, b in zip(*(column.tolist() for column in columns), strict=True)
    ]


def test_a_unit_is_held_back_for_a_heavy_order_that_is_due_next():
    """Serving who is due first costs 30 here; the least is 4."""
    plan = said(book(lots=lots(1, 5), orders=[order("a", 1, 1), order("b", 2, 10)])).plan
    assert {"a": 5, "b": 2} == grants(plan)
    assert ("priced", "optimal", 0.0) == (plan.engine, plan.status, plan.gap)
    expected = [("a", "reserved", 1, ("b",)), ("a", "share", 3, ("b",))]
    assert expected == reasons(plan)


def test_a_light_order_has_what_a_heavy_one_need_not_wait_for_long():
    """Serving the heaviest first costs 20 here; the least is 3."""
    plan = said(book(lots=lots(1, 11), orders=[order("h", 10, 3), order("l", 1, 2)])).plan
    assert {"h": 11, "l": 1} == grants(plan)


def test_money_and_tiers_are_values_too():
    """The one unit goes by unit price under money, and by ten to one between tiers under tier."""
    rows = [
        order("dear", 1, unit_price="30000", tier=2),
        order("cheap", 1, 9, unit_price="7", tier=1),
    ]
    whole = book(lots=lots(1), orders=rows)
    assert {"dear": 1} == grants(said(whole, policy("own", value="money")).plan)
    assert {"cheap": 1} == grants(said(whole, policy("own", value="tier")).plan)
    assert {"cheap": 1} == grants(said(whole).plan)


def crossing() -> Book:
    """A book in which no plan is best on every day: day 1 a at x; day 2 a at y and b at x."""
    rows = [order("ax", 1, 1, party="a", site="x"), order("ay", 2, 1, party="a", site="y")]
    rows.append(order("bx", 2, 1, party="b", site="x"))
    ready = [{"site": s, "product": "gpu", "date": day(1), "units": 1} for s in "xy"]
    return book(lots=[{"lot": "l", "quantity": 2, "date": day(1)}], orders=rows, readiness=ready)


def test_weights_decide_where_no_plan_is_best_on_every_day():
    """A party's ceiling crosses a shared site: one day alone is given up for many with two."""
    plan = said(crossing(), policy("own", value="weight", ceilings={"a": 1})).plan
    assert {"ay": 2, "bx": 2} == grants(plan)
    assert ("optimal", 0.0) == (plan.status, plan.gap)


def test_pegged_and_promised_units_go_before_any_value():
    """A light order keeps what is pegged, and another what is promised, to it."""
    rows = [order("p", 1, "0.1"), order("q", 1, "0.1", promised=1), order("h", 1, 100)]
    moves = [{"move": "m", "kind": "earmark", "lot": "l1", "order": "p", "quantity": 1}]
    plan = said(book(lots=lots(1, 2), orders=rows, moves=moves)).plan
    assert {"p": 1, "q": 2} == grants(plan)


def test_prices_say_what_a_unit_more_saves_at_most():
    """With a second unit on day 1 the order saves its four days at weight 3, as the price says."""
    whole = book(lots=lots(1, 5), orders=[order("a", 1, 3), order("b", 1, 3)])
    plan = said(whole).plan
    assert plan.prices is not None
    document = prices_document(whole, plan.prices, "weight")
    assert 12.0 == document["products"][0]["weeks"][0]["unit"]
    assert "weight" == document["measure"]


def test_a_week_earlier_is_worth_what_planning_it_again_saves():
    """Four units that wait for power from day 10 save seven days each if it comes on day 3."""
    row = order("a", 1, 2, site="x", quantity=4)
    ready = [{"site": "x", "product": "gpu", "date": day(10), "units": 4}]
    whole = book(lots=[{"lot": "l", "quantity": 4, "date": day(1)}], orders=[row], readiness=ready)
    plan = said(whole).plan
    assert plan.prices is not None
    limits = prices_document(whole, plan.prices, "weight")["limits"]
    assert [("power", "x gpu", 56.0)] == [(r["kind"], r["name"], r["week_earlier"]) for r in limits]


def kinds(whole: Book, plan: Plan) -> set[str]:
    found = audit(whole.as_known(None), VALUE, plan, None, as_of=whole.start, include=())
    return {violation.kind for violation in found}


def test_the_audit_finds_prices_that_prove_less_than_the_plan_says():
    """Prices too low, far too high, below 0 or missing do not prove an optimal plan."""
    whole = book(lots=lots(1, 5), orders=[order("a", 1, 1), order("b", 2, 10)])
    plan = said(whole).plan
    prices = plan.prices
    assert prices is not None
    assert set() == kinds(whole, plan)
    for wrong in (prices.held * 0.5, prices.held * 0, prices.held * 30):
        assert {"gap_too_small"} == kinds(whole, replace(plan, prices=replace(prices, held=wrong)))
    negative = replace(prices, held=prices.held - 1)
    assert {"wrong_prices"} == kinds(whole, replace(plan, prices=negative))
    assert {"wrong_prices"} == kinds(whole, replace(plan, prices=None))


def test_the_audit_finds_a_plan_that_costs_more_than_it_says():
    """The plan that serves who is due first costs 30, not 4: no prices make it optimal."""
    whole = book(lots=lots(1, 5), orders=[order("a", 1, 1), order("b", 2, 10)])
    plan = said(whole).plan
    days = plan.schedule.day.copy()
    days[:] = np.where(plan.schedule.order == 0, day(1).toordinal(), day(5).toordinal())
    lot = np.where(plan.schedule.order == 0, 0, 1)
    worse = replace(plan, schedule=replace(plan.schedule, day=days, lot=lot))
    assert "gap_too_small" in kinds(whole, worse)


@pytest.mark.parametrize("weights", [("0.000000000000001", "3"), ("9999999999999", "1")])
def test_weights_of_any_size_are_counted_in_64_bits(weights):
    """The heavier order has the one unit, however far apart the weights are."""
    rows = [order("light", 1, min(weights, key=float)), order("heavy", 1, max(weights, key=float))]
    plan = said(book(lots=lots(1), orders=rows)).plan
    assert {"heavy": 1} == grants(plan)
