"""Quotas that are lent: what owners keep, what borrowers get, and how far the plan may be off."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from books import book, policy
from hypothesis import event, given, reject, settings
from oracles import lending
from planning.lending_books import lending_books
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
        with_, without = (
            planned(case),
            planned(replace(case, policy=replace(case.policy, borrow={}))),
        )
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
    rule = replace(
        case.policy, quotas=quotas, borrow={n: b for n, b in all_.items() if n in quotas}
    )
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


SHARED = [{"party": "a", "group": "g"}, {"party": "b", "group": "g"}, {"party": "c"}]
TENTHS = {"g": Quota(6, 10), "a": Quota(3, 10), "b": Quota(2, 10), "c": Quota(4, 10)}


def at_the_end(
    borrow: dict[str, Borrow], *orders: tuple[str, int], weights: Any = None, **rules: Any
) -> dict[str, int]:
    """Return what each party has of 100 units; orders are due on the first day, in their order."""
    rows = [
        {"order": f"{i} {party}", "party": party, "quantity": units}
        for i, (party, units) in enumerate(orders)
    ]
    rule = policy("own", quotas=TENTHS, borrow=borrow, weights=weights or {}, **rules)
    made = book(
        end="2024-01-11",
        parties=SHARED,
        products=[{"product": "gpu", "lot_size": 8}],
        orders=rows,
        lots=[{"lot": "l", "quantity": 100}],
    )
    case = Case(made, rule, START)
    plan = planned(case)
    assert set() == kinds_found(case, plan)
    given: dict[str, int] = defaultdict(int)
    for place, units in zip(plan.schedule.order, plan.schedule.quantity, strict=True):
        given[plan.schedule.orders[place][-1]] += int(units)
    return given


def test_the_parent_lends_what_its_parties_quotas_leave_of_its_own():
    """30 of a's own, and the 10 that g has beyond the quotas of a and b."""
    assert {"a": 40, "b": 5} == at_the_end({"a": Borrow(1)}, ("a", 90), ("b", 5))


def test_siblings_lend_what_they_leave_beyond_what_they_protect():
    """B leaves 15 of 20: all of them where it protects nothing, 10 where it protects half."""
    for protect, units in ((0, 15), (PERCENT // 2, 10), (PERCENT, 0)):
        borrow = {"a": Borrow(1), "b": Borrow(protect=protect)}
        assert {"a": 40 + units, "b": 5} == at_the_end(borrow, ("a", 90), ("b", 5))


def test_a_group_borrows_for_its_parties_what_its_siblings_leave():
    """C leaves 30 of 40 and protects half: 20 more for a, through g; without a rank of g none."""
    lends = {"a": Borrow(1), "c": Borrow(protect=PERCENT // 2)}
    orders = ("a", 90), ("b", 20), ("c", 10)
    assert {"a": 40, "b": 20, "c": 10} == at_the_end(lends, *orders)
    assert {"a": 60, "b": 20, "c": 10} == at_the_end({**lends, "g": Borrow(2)}, *orders)


def test_a_group_lends_no_unit_that_one_of_its_parties_protects():
    """G lends all it leaves, but b's unused 20 are protected: c gets 10, what nobody in g owns."""
    borrow = {"c": Borrow(1), "g": Borrow(protect=0), "a": Borrow(protect=0)}
    assert {"a": 30, "c": 50} == at_the_end(borrow, ("a", 30), ("c", 90))
    assert {"a": 5, "c": 75} == at_the_end(borrow, ("a", 5), ("c", 90))


def test_the_better_rank_borrows_first_and_equal_ranks_evenly_by_weight():
    """10 units of g for a and b, who both want more than their own."""
    both = ("a", 60), ("b", 60)
    for ranks, has in (((1, 2), (40, 20)), ((2, 1), (30, 30)), ((1, 1), (35, 25))):
        borrow = dict(zip("ab", map(Borrow, ranks), strict=True))
        assert dict(zip("ab", has, strict=True)) == at_the_end(borrow, *both)
    even = {"a": Borrow(1), "b": Borrow(1)}
    assert {"a": 38, "b": 22} == at_the_end(even, *both, weights={"a": 4})


def test_borrowed_units_come_in_whole_lots_too():
    """3 lots of 8 fit into a's own 30; with the 10 of its group there is room for 5."""
    assert {"a": 40} == at_the_end({"a": Borrow(1)}, ("a", 90), round="lot")


def test_a_passed_protection_is_found():
    """A plan under quotas that are lent is held against others under which they are not."""
    lots = [{"lot": "l", "quantity": 100}]
    orders = [{"order": "o", "party": "a", "quantity": 100}]
    made = book(end="2024-01-11", parties=SHARED, orders=orders, lots=lots)
    lent = {"a": Borrow(1), "b": Borrow(protect=0), "g": Borrow(1), "c": Borrow(protect=0)}
    case = Case(made, policy("own", quotas=TENTHS, borrow=lent), START)
    plan = planned(case)
    assert 100 == int(plan.schedule.quantity.sum())
    for name in "bc":
        kept = {**lent, name: Borrow(protect=PERCENT // 2)}
        other = replace(case, policy=replace(case.policy, borrow=kept))
        assert "quota_overdrawn" in kinds_found(other, plan)
    for name in "ag":
        none = {**lent, name: Borrow()}
        other = replace(case, policy=replace(case.policy, borrow=none))
        assert {"quota_overdrawn", "ceiling_exceeded"} & kinds_found(other, plan)


def test_an_owner_finds_on_a_later_day_what_its_tier_needs():
    """B needs its 20 from the sixth day on: until then they lie idle, and the gap says so."""
    orders = [
        {"order": "o", "party": "a", "quantity": 90},
        {"order": "p", "party": "b", "quantity": 20, "due": "2024-01-06"},
    ]
    lots = [{"lot": "l", "quantity": 100}]
    made = book(end="2024-01-11", parties=SHARED, orders=orders, lots=lots)
    lent = {"a": Borrow(1), "b": Borrow(protect=0)}
    case = Case(made, policy("own", quotas=TENTHS, borrow=lent), START)
    plan = planned(case)
    assert [40] * 10 == levels(case, plan)["o"]
    assert [0] * 5 + [20] * 5 == levels(case, plan)["p"]
    # The bound: a with 60, b's among them, on every day.
    assert ("feasible", (600 - 500) / 600) == (plan.status, plan.gap)
