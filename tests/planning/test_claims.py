"""The rules of division: laws of each, and whole plans against the rules' own definitions."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from books import book, policy
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import sequential_lp
from oracles.division import divide, levels
from oracles.party_shares import could_have_more
from oracles.reading import problem_of
from planning.random_books import START, Case, small_books
from planning.test_oracles import UNITS, in_use, kinds_found, planned, shared_sites, slow

from earmark.planning.claims import RULES
from earmark.planning.levels import fill

every_rule = pytest.mark.parametrize("rule", RULES)
claimants = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from([0.5, 1.0, 2.0, 3.0])), min_size=1, max_size=6
)


def award(rule: str, claims: Any, weights: Any, pool: float) -> np.ndarray:
    """Divide one pool by a rule."""
    claim, weight = np.array(claims, float), np.array(weights, float)
    segment = np.zeros(len(claim), np.int64)
    return fill(0 * claim, claim, RULES[rule](claim, weight), segment, np.array([float(pool)]))


@every_rule
@given(who=claimants, pool=st.integers(0, 2000))
def test_rules_divide_as_their_definitions_say(rule, who, pool):
    """Each award is what its rule's own formula gives at the one level that uses the pool up."""
    claims, weights = zip(*who, strict=True)
    expected = divide(rule, claims, weights, [0] * len(who), claims, pool)
    assert np.allclose(expected, award(rule, claims, weights, pool), atol=1e-5)


@every_rule
@given(who=claimants, pool=st.integers(0, 2000))
def test_all_is_used_and_nobody_gets_more_than_the_claim(rule, who, pool):
    """The pool is used up unless all claims are met, and no claim is passed."""
    claims, weights = zip(*who, strict=True)
    got = award(rule, claims, weights, pool)
    assert np.isclose(min(pool, sum(claims)), got.sum())
    assert (got >= 0).all()
    assert (got <= np.array(claims) + 1e-9).all()


@every_rule
@given(who=claimants, pool=st.integers(0, 2000))
def test_equals_get_equal(rule, who, pool):
    """Two with the same claim and weight get the same."""
    claims, weights = zip(*who, who[0], strict=True)
    got = award(rule, claims, weights, pool)
    assert np.isclose(got[0], got[-1])


@every_rule
@given(who=claimants, pool=st.integers(0, 2000), more=st.integers(0, 500))
def test_a_larger_pool_hurts_nobody(rule, who, pool, more):
    """Nobody gets less of more."""
    claims, weights = zip(*who, strict=True)
    small, large = (award(rule, claims, weights, units) for units in (pool, pool + more))
    assert (large >= small - 1e-5).all()


@every_rule
@given(who=claimants, pool=st.integers(0, 2000))
def test_who_leaves_with_its_award_changes_nothing(rule, who, pool):
    """Without one claimant and what it got, the others get what they got before."""
    claims, weights = zip(*who, strict=True)
    got = award(rule, claims, weights, min(pool, sum(claims)))
    rest = award(rule, claims[1:], weights[1:], got[1:].sum())
    assert np.allclose(got[1:], rest, atol=1e-4)


@every_rule
@given(claims=st.lists(st.integers(0, 400), min_size=2, max_size=6), pool=st.integers(0, 2000))
def test_who_claims_more_gets_no_less_and_lacks_no_less(rule, claims, pool):
    """Without weights awards and losses rise with claims."""
    rank = sorted(claims)
    got = award(rule, rank, [1] * len(rank), min(pool, sum(rank)))
    assert (np.diff(got) >= -1e-5).all()
    assert (np.diff(np.array(rank) - got) >= -1e-5).all()


@pytest.mark.parametrize(
    ("rule", "dual"),
    [("max_min", "equal_losses"), ("proportional", "proportional"), ("talmud", "talmud")],
)
@given(claims=st.lists(st.integers(0, 400), min_size=1, max_size=6), pool=st.integers(0, 2000))
def test_what_is_lacking_is_divided_by_the_dual_rule(rule, dual, claims, pool):
    """Equal awards of what there is are equal losses of what there is not; two rules are both.

    (Aumann and Maschler 1985.)
    """
    pool = min(pool, sum(claims))
    ones = [1] * len(claims)
    lacking = award(dual, claims, ones, sum(claims) - pool)
    assert np.allclose(np.array(claims) - lacking, award(rule, claims, ones, pool), atol=1e-4)


@given(
    claims=st.lists(st.integers(1, 400), min_size=2, max_size=6),
    pool=st.integers(0, 2000),
    more=st.integers(1, 400),
)
def test_asking_for_more_pays_in_proportion_and_not_under_max_min(claims, pool, more):
    """Who is short gains by a larger ask under proportional, and nothing under max-min."""
    pool = min(pool, sum(claims) - 1)
    ones, larger = [1] * len(claims), [claims[0] + more, *claims[1:]]
    before, after = (award("max_min", asked, ones, pool) for asked in (claims, larger))
    if before[0] < claims[0] - 1e-6:
        assert np.isclose(before[0], after[0])
    before, after = (award("proportional", asked, ones, pool) for asked in (claims, larger))
    assert after[0] > before[0] or pool == 0


@st.composite
def lone_pools(draw: Any) -> Case:
    """Draw a book of one tier without sites: orders of parties, some in a weighed group."""
    parties = [f"p{i}" for i in range(draw(st.integers(2, 5)))]
    dates = [
        START + timedelta(days=d) for d in sorted(draw(st.sets(st.integers(0, 9), min_size=1)))
    ]
    orders = [
        {
            "order": f"o{i}",
            "party": draw(st.sampled_from(parties)),
            "quantity": draw(st.integers(1, 60)),
            "due": draw(st.sampled_from(dates)),
        }
        for i in range(draw(st.integers(2, 8)))
    ]
    lots = [
        {"lot": f"l{i}", "quantity": draw(st.integers(0, 60)), "date": day}
        for i, day in enumerate(dates)
    ]
    weights = {p: Decimal(draw(st.sampled_from(["0.5", "1", "2", "3"]))) for p in parties}
    rule = policy("own", tiers="one", share=draw(st.sampled_from([*RULES])), weights=weights)
    whole = book(start=START, end=START + timedelta(days=12), orders=orders, lots=lots)
    return Case(whole, rule, START)


@settings(slow, max_examples=400)
@given(case=lone_pools())
def test_no_party_is_a_whole_unit_from_its_share_on_any_day(case):
    """Day by day each party has, less than a unit away, what the rule gives it, given yesterday."""
    problem = problem_of(case.book, case.policy)
    parties = sorted({demand.party for demand in problem.demands})
    weights = [float(case.policy.weights[party]) for party in parties]
    held = [0.0] * len(parties)
    for day in problem.days:
        claims = [
            sum(d.units for d in problem.demands if d.party == party and d.day <= day)
            for party in parties
        ]
        pool = problem.limits[0].room(day)
        held = divide(case.policy.share, claims, weights, held, claims, pool)
        got = granted_by(case, day)
        assert all(abs(got[p] - share) < 1 + 1e-6 for p, share in zip(parties, held, strict=True))


def granted_by(case: Case, day: Any) -> Counter[str]:
    """Return the units that each party was granted up to a day."""
    schedule, got = planned(case).schedule, Counter[str]()
    party = {order.order: order.party for order in case.book.orders}
    for place, when, units in zip(schedule.order, schedule.day, schedule.quantity, strict=True):
        got[party[schedule.orders[place]]] += int(units) * (when <= day.toordinal())
    return got


@settings(slow, max_examples=250)
@given(case=small_books(), rule=st.sampled_from([*RULES]), counted=st.booleans())
def test_no_rule_changes_the_total_of_a_tier_on_any_day(case, rule, counted):
    """Whatever the rule, each tier has as much in use on each day as linear programs reach."""
    own = replace(case.policy, name="own", share=rule, count_promised=counted)
    case = replace(case, policy=own)
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    best = sequential_lp.best_totals(problem)
    plan = planned(case)
    totals = in_use(plan, problem)
    assert best.daily.tolist() == [totals[rank] for rank in problem.ranks]
    assert "optimal" == plan.status
    assert set() == kinds_found(case, plan)


@settings(slow, max_examples=300)
@given(case=shared_sites(), rule=st.sampled_from([*RULES]))
def test_with_shared_sites_nobody_is_worse_served_for_the_sake_of_a_better_served(case, rule):
    """No party could have more on a day at the cost of parties that the rule serves better.

    How well a party is served is its level under the rule. `by` leaves room for whole units.
    """
    case = replace(case, policy=replace(case.policy, share=rule))
    problem, by = problem_of(case.book, case.policy), UNITS / 40
    schedule = planned(case).schedule
    orders = {order.order: order for order in case.book.orders}
    parties = sorted({demand.party for demand in problem.demands})
    weights = {party: float(case.policy.weights[party]) for party in parties}
    held = Counter[tuple[str, str]]()
    for number, day in enumerate(problem.days):
        demand = Counter[tuple[str, str]]()
        for part in problem.demands:
            demand[part.party, part.site or ""] += part.units * (part.day <= day)
        root, sites = 0, {}
        for limit in problem.limits:
            kind, *_ = limit.name.split()
            if kind == "supply":
                root = limit.room(day)
            else:
                later = problem.days[number:]
                sites[limit.name.split()[2]] = min(limit.room(after) for after in later)
        before, held = held, Counter()
        for place, granted, units in zip(
            schedule.order, schedule.day, schedule.quantity, strict=True
        ):
            order = orders[schedule.orders[place]]
            held[order.party, order.site or ""] += int(units) * (granted <= day.toordinal())
        totals = {p: float(sum(n for (q, _), n in held.items() if q == p)) for p in parties}
        claims = {p: float(sum(n for (q, _), n in demand.items() if q == p)) for p in parties}

        def level(party: str, total: float, claims: Any = claims, totals: Any = totals) -> float:
            return levels(rule, claims, weights, {**totals, party: total})[party]

        flow = (before, demand, sites, root)
        for party in parties:
            assert not could_have_more(party, by, totals, flow, level), (party, day)


def shares_of(rule: str, orders: list[dict[str, Any]], units: int, **rules: Any) -> Counter[str]:
    """Return what each party is granted of one lot on the first day; `parties` give groups."""
    parties = rules.pop("parties", [])
    moves = rules.pop("moves", [])
    whole = book(
        end="2024-02-01",
        parties=parties or [{"party": order["party"]} for order in orders],
        lots=[{"lot": "l", "quantity": units}],
        orders=[{"order": f"o{i}", **order} for i, order in enumerate(orders)],
        moves=moves,
    )
    case = Case(whole, policy("own", tiers="one", share=rule, **rules), START)
    return granted_by(case, START)


@pytest.mark.parametrize(
    ("rule", "apart", "counted"),
    [
        ("max_min", (70, 20), (50, 40)),
        ("proportional", (70, 20), (60, 30)),
        ("equal_losses", (70, 20), (70, 20)),
        ("talmud", (70, 20), (65, 25)),
    ],
)
def test_what_is_promised_counts_where_the_policy_says_so(rule, apart, counted):
    """100 asked, 50 of them promised (10 pegged), against 50 of another; 90 units in all.

    Apart, the 40 that are left are shared by equal claims of 50; counted, the 90 by claims of 100
    and 50, and nobody gives back what was promised.
    """
    orders = [{"party": "a", "quantity": 100, "promised": 50}, {"party": "b", "quantity": 50}]
    moves = [{"kind": "earmark", "lot": "l", "order": "o0", "quantity": 10}]
    for told, expected in ((False, apart), (True, counted)):
        got = shares_of(rule, orders, 90, moves=moves, count_promised=told)
        assert expected == (got["a"], got["b"]), told


def test_promises_above_the_share_are_kept_and_nothing_is_added():
    """Who was promised more than its share keeps that; the others share the rest."""
    orders = [
        {"party": "a", "quantity": 100, "promised": 60},
        {"party": "b", "quantity": 50},
        {"party": "c", "quantity": 50},
    ]
    got = shares_of("max_min", orders, 90, count_promised=True)
    assert {"a": 60, "b": 15, "c": 15} == got


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("max_min", {"a": 15, "b": 15, "c": 30}),
        ("proportional", {"a": 10, "b": 30, "c": 20}),
        ("equal_losses", {"b": 60}),
        ("talmud", {"a": 15, "b": 15, "c": 30}),
    ],
)
def test_a_weighed_group_claims_what_its_parties_claim(rule, expected):
    """Group g of a (30) and b (90) against c (60) on 60: g claims 120, then a and b share."""
    parties = [{"party": p, "group": g} for p, g in (("a", "g"), ("b", "g"), ("c", None))]
    orders = [{"party": p, "quantity": n} for p, n in (("a", 30), ("b", 90), ("c", 60))]
    weights = {"g": Decimal(1)}
    assert expected == dict(shares_of(rule, orders, 60, parties=parties, weights=weights))


@pytest.mark.parametrize(
    ("rule", "few", "many"),
    [
        ("max_min", (30, 15), (50, 25)),
        ("proportional", (30, 15), (50, 25)),
        ("equal_losses", (35, 10), (45, 30)),
        ("talmud", (30, 15), (45, 30)),
    ],
)
def test_what_a_weight_means(rule, few, many):
    """Claims of 60 each, weights 2 and 1: twice as much of a gain, half as much of a loss."""
    orders = [{"party": "a", "quantity": 60}, {"party": "b", "quantity": 60}]
    for units, expected in ((45, few), (75, many)):
        got = shares_of(rule, orders, units, weights={"a": Decimal(2)})
        assert expected == (got["a"], got["b"])
