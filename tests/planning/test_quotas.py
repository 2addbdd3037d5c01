"""Quotas: parts of all supply, parts of what better tiers leave, and numbers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from books import book, policy
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from oracles import sequential_lp
from oracles.reading import Limit, problem_of
from planning.random_books import START, Case, crossing_books
from planning.test_oracles import in_use, kinds_found, planned, slow

from earmark.answer import Question, answer
from earmark.errors import ContradictionError
from earmark.policy import Quota
from earmark.schedule import CAUSES

ORDERS = [
    {"order": "y", "party": "high", "quantity": 30, "tier": 1},
    {"order": "x", "party": "low", "quantity": 30, "tier": 2},
]
LOTS = [{"lot": "l1", "quantity": 100}, {"lot": "l2", "quantity": 100, "date": "2024-01-10"}]
QUOTAS = {"high": Quota(60, 100), "low": Quota(40, 100)}


def given_by_day(**rules: Any) -> dict[tuple[str, int], int]:
    """Return the units of each order by day of January."""
    rule = policy("own", quotas=QUOTAS, **rules)
    case = Case(book(end="2024-02-01", orders=ORDERS, lots=LOTS), rule, START)
    plan = planned(case)
    assert ("optimal", set()) == (plan.status, kinds_found(case, plan))
    schedule = plan.schedule
    rows = zip(schedule.order, schedule.day, schedule.quantity, strict=True)
    return {(schedule.orders[o], int(d) - START.toordinal() + 1): int(n) for o, d, n in rows}


def test_a_part_of_the_whole_grows_with_supply():
    """40 % of a lot of 100 is 40: the 30 of the worse tier are there on the first day."""
    assert {("x", 1): 30, ("y", 1): 30} == given_by_day()


def test_a_part_of_what_remains_is_less():
    """40 % of the 70 that the better tier leaves is 28; the next lot brings the other 2."""
    assert {("x", 1): 28, ("x", 10): 2, ("y", 1): 30} == given_by_day(quota_of="remaining")


def test_a_quota_keeps_units_from_who_asks_for_more_and_blames_the_ceiling():
    """Nobody else wants the other half: it stays, and the cause is `ceiling`, by the party."""
    orders = [{"order": "o", "party": "a", "quantity": 10}]
    for of in ("whole", "remaining"):
        rule = policy("own", quotas={"a": Quota(1, 2)}, quota_of=of)
        made = book(end="2024-01-11", orders=orders, lots=[{"lot": "l", "quantity": 10}])
        said = answer(made, Question(rule))
        assert 5 == int(said.outcome.figures.granted[0])
        reasons = said.plan.reasons
        assert [("ceiling", 50, ("a",))] == [
            (CAUSES[cause], int(unit_days), reasons.holders[by])
            for cause, unit_days, by in zip(
                reasons.cause, reasons.unit_days, reasons.by, strict=True
            )
        ]


@settings(slow, max_examples=200)
@given(case=crossing_books(), lots=st.booleans())
def test_plans_under_quotas_of_what_remains_pass_the_audit(case, lots):
    """Ceilings, sites and quotas of what remains together leave no violation; reasons add up."""
    rule = replace(case.policy, quota_of="remaining", round="lot" if lots else "unit")
    case = replace(case, policy=rule)
    try:
        plan = planned(case)
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, plan)


@st.composite
def tiered(draw: Any) -> Case:
    """Draw a book without sites, with tiers and parties or groups under quotas of what remains."""
    day = st.integers(0, 9).map(lambda days: START + timedelta(days=days))
    parties = [{"party": f"p{i}", "group": draw(st.sampled_from(["g", None]))} for i in range(3)]
    orders = [
        {
            "order": f"o{i}",
            "party": f"p{draw(st.integers(0, 2))}",
            "quantity": draw(st.integers(1, 30)),
            "due": draw(day),
            "tier": draw(st.integers(1, 3)),
            "promised": draw(st.sampled_from([0, 0, 1])),
        }
        for i in range(draw(st.integers(1, 7)))
    ]
    lots = [
        {"lot": f"l{i}", "quantity": draw(st.integers(0, 40)), "date": draw(day)} for i in range(3)
    ]
    part = st.tuples(st.integers(0, 4), st.integers(4, 9)).map(lambda pair: Quota(*pair))
    quotas = draw(st.dictionaries(st.sampled_from(["g", "p0", "p1", "p2"]), part))
    rule = policy("own", quotas=quotas, quota_of="remaining")
    made = book(
        start=START, end=START + timedelta(days=12), parties=parties, orders=orders, lots=lots
    )
    return Case(made, rule, START)


@settings(slow, max_examples=250)
@given(case=tiered())
def test_each_tier_has_the_most_that_its_part_of_the_rest_allows(case):
    """Tier by tier linear programs agree, with quotas made of what the tiers before them left."""
    problem = problem_of(case.book, replace(case.policy, quotas={}))
    plan = planned(case)
    totals = in_use(plan, problem)
    supply, days = problem.limits[0], problem.days
    for place, rank in enumerate(problem.ranks[2:], start=2):
        better = [sum(totals[r][t] for r in problem.ranks[:place]) for t in range(len(days))]
        left = [supply.room(day) - used for day, used in zip(days, better, strict=True)]
        rest = dict(zip(days, (min(left[t:]) for t in range(len(days))), strict=True))
        limits = [replace(supply, room=rest.__getitem__)]
        limits += [_limit(case, name, quota, rest) for name, quota in case.policy.quotas.items()]
        own = [demand for demand in problem.demands if demand.rank == rank]
        alone = replace(problem, demands=own, ranks=[rank], limits=limits)
        assert sequential_lp.best_totals(alone).daily[0].tolist() == totals[rank]
    assert set() == kinds_found(case, plan)


def _limit(case: Case, name: str, quota: Quota, rest: dict[Any, int]) -> Limit:
    members = {name} | {p for p, group in case.book.group_of.items() if group == name}
    bottom = quota.bottom or 1
    return Limit(name, lambda d: d.party in members, lambda day: rest[day] * quota.top // bottom)


@pytest.mark.parametrize(
    ("quota", "text"),
    [
        (Quota(500), "500"),
        (Quota(200_000, 1_000_000), "20%"),
        (Quota(3, 4), "3 of 4"),
        (Quota(125_000, 1_000_000), "12.5%"),
    ],
)
def test_quotas_are_said_as_books_write_them(quota, text):
    """A number, a percentage, a ratio."""
    assert text == str(quota)
