"""The engine against the oracles, and its laws, on random books read through the real readers."""

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from books import book, policy, table
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from oracles import brute_force, sequential_lp
from oracles.party_shares import leximin
from oracles.reading import PEGGED, PROMISED, Problem, problem_of
from planning.random_books import START, Case, crossing_books, small_books

from earmark.answer import Question, answer
from earmark.audit import audit
from earmark.book import Book, Table
from earmark.errors import ContradictionError
from earmark.outcome import measure
from earmark.planning import make_plan
from earmark.schedule import Plan
from earmark.tables import read_book, write_book

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module")
def folder():
    """Where the books of this module are written."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


_written = Counter[str]()


def through_the_readers(case: Case, folder: Path) -> Book:
    """Write the book of `case` to a new place, read it back, and return it as known to all."""
    _written["books"] += 1
    ending = ".xlsx" if _written["books"] % 4 else ""
    place = folder / f"book{_written['books']}{ending}"
    write_book(case.book, place)
    read, _ = read_book(place)
    assert case.book.digest == read.digest
    return read.as_known(None)


def planned(case: Case) -> Plan:
    return make_plan(case.book, case.policy, as_of=case.as_of)


def kinds_found(case: Case, plan: Plan) -> set[str]:
    figures = measure(case.book, plan.schedule, policy=case.policy).figures
    found = audit(case.book, case.policy, plan, figures, as_of=case.as_of, include=())
    return {violation.kind for violation in found}


def in_use(plan: Plan, problem: Problem) -> dict[tuple[object, ...], list[int]]:
    """Return the units in use per rank on each day of `problem`, from the grants of `plan`.

    Promised units of an order count before its others.
    """
    totals = {rank: [0] * len(problem.days) for rank in problem.ranks}
    promised = Counter[str]()
    ranks: dict[str, tuple[object, ...]] = {}
    for demand in problem.demands:
        if demand.rank == PROMISED:
            promised[demand.order] += demand.units
        elif demand.rank != PEGGED:
            ranks[demand.order] = demand.rank
    schedule = plan.schedule
    for place, day, quantity, pegged in zip(
        schedule.order, schedule.day, schedule.quantity, schedule.pegged, strict=True
    ):
        order = schedule.orders[place]
        first = 0 if pegged else min(promised[order], int(quantity))
        promised[order] -= first
        parts: list[tuple[tuple[object, ...], int]] = [(PEGGED, int(quantity))]
        if not pegged:
            parts = [(PROMISED, first)]
            if quantity > first:
                parts.append((ranks[order], int(quantity) - first))
        for rank, units in parts:
            for i, other in enumerate(problem.days):
                totals[rank][i] += units * (other.toordinal() >= day)
    return totals


@settings(slow, max_examples=2200)
@given(case=small_books())
def test_each_tier_has_as_much_in_use_on_each_day_as_linear_programs_reach(case, folder):
    """Tier by tier and day by day, the engine's totals are those of sequential programs."""
    case = replace(case, book=through_the_readers(case, folder))
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    best = sequential_lp.best_totals(problem)
    assert best.together.tolist() == best.daily.tolist(), "one plan is best on every day"
    plan = planned(case)
    totals = in_use(plan, problem)
    assert best.together.tolist() == [totals[rank] for rank in problem.ranks]
    assert ("optimal", 0.0) == (plan.status, plan.gap)
    assert set() == kinds_found(case, plan)


@settings(slow, max_examples=200)
@given(case=small_books(most_orders=3, most_units=3))
def test_no_whole_plan_of_a_tiny_book_has_more_in_use(case):
    """Of all whole plans, the engine's is the best in each tier and on each day."""
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    assume(brute_force.size(problem) <= 20_000)
    totals = in_use(planned(case), problem)
    assert brute_force.best_totals(problem) == [tuple(totals[rank]) for rank in problem.ranks]


@settings(slow, max_examples=200)
@given(case=crossing_books(ship="usable"))
def test_plans_under_crossing_limits_pass_the_audit(case):
    """Ceilings and power that products share leave no violation."""
    _passes(case)


@settings(slow, max_examples=100)
@given(case=crossing_books(ship="due"))
def test_plans_shipped_when_due_pass_the_audit(case):
    """Where units are delivered when due, waiting for power counts among the reasons."""
    try:
        said = answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, said.plan)


@settings(slow, max_examples=200)
@given(case=crossing_books(round_="lot"))
def test_plans_in_whole_lots_pass_the_audit(case):
    """Where whole lots are given, totals and reasons hold too."""
    _passes(case)


def _passes(case: Case) -> None:
    """Answer the case, which audits the plan with its waits for power among the reasons."""
    try:
        said = answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, said.plan)


@settings(slow, max_examples=300)
@given(case=crossing_books())
def test_the_gap_covers_what_linear_programs_find_beyond_the_plan(case):
    """No tier has more unit-days than its program while the tiers before it have theirs.

    A plan that says `optimal` reaches all of them; another one misses at most the gap it names.
    """
    try:
        plan = planned(case)
    except ContradictionError:
        reject()
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    best = sequential_lp.best_unit_days(problem)
    lengths = np.array(problem.lengths())
    totals = in_use(plan, problem)
    held = [int(np.array(totals[rank]) @ lengths) for rank in problem.ranks]
    if plan.status == "optimal":
        assert pytest.approx(best, abs=1e-3) == held
    assert sum(best) - sum(held) <= plan.gap * sum(best) + 1e-3


UNITS = 1000
"""Quantities of the books with shares: whole units matter little in them."""


@st.composite
def shared_sites(draw: Any) -> Case:
    """Draw a book of one tier whose parties share sites, or have them to themselves."""
    parties, sites = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    days = sorted(draw(st.sets(st.integers(0, 9), min_size=1, max_size=3)))
    dates = [START + timedelta(days=day) for day in days]
    quantity = st.integers(1, 4 * UNITS)
    names = [f"p{i}" for i in range(parties)]
    places = [*(f"s{i}" for i in range(sites)), None]
    orders = [
        {
            "order": f"o{i}",
            "party": draw(st.sampled_from(names)),
            "site": draw(st.sampled_from(places)),
            "quantity": draw(quantity),
            "due": draw(st.sampled_from(dates)),
        }
        for i in range(draw(st.integers(2, 8)))
    ]
    if draw(st.booleans()):
        for order in orders:
            order["site"] = f"s{order['party']}"
        places = [f"s{name}" for name in names]
    ready = [
        {"site": site, "date": day, "units": draw(quantity), "product": "gpu"}
        for site in places
        if site and draw(st.booleans())
        for day in dates[: draw(st.integers(1, 3))]
    ]
    lots = [
        {"lot": f"l{i}", "quantity": draw(quantity), "date": day, "product": "gpu"}
        for i, day in enumerate(dates)
    ]
    weights = st.sampled_from(["0.5", "1", "2", "3"])
    rule = policy("own", tiers="one", weights={name: Decimal(draw(weights)) for name in names})
    whole = book(
        start=START, end=START + timedelta(days=12), orders=orders, lots=lots, readiness=ready
    )
    return Case(whole, rule, START)


@settings(slow, max_examples=300)
@given(case=shared_sites())
def test_shares_are_max_min_with_memory(case):
    """On each day each party has, within a unit, its weighted max-min share of that day.

    What its classes held the day before stays. From the second day on, the whole units of the
    days before add a unit of tolerance each.
    """
    problem = problem_of(case.book, case.policy)
    schedule = planned(case).schedule
    orders = {order.order: order for order in case.book.orders}
    weights = {name: float(weight) for name, weight in case.policy.weights.items()}
    held = Counter[tuple[str, str]]()
    for number, day in enumerate(problem.days):
        demand = Counter[tuple[str, str]]()
        for part in problem.demands:
            demand[part.party, part.site or ""] += part.units * (part.day <= day)
        root, sites = 0, {}
        for limit in problem.limits:
            room = min(limit.room(later) for later in problem.days[number:])
            kind, *_ = limit.name.split()
            if kind == "supply":
                root = limit.room(day)
            else:
                sites[limit.name.split()[2]] = room
        shares = leximin(held, demand, sites, root, weights)
        held = Counter()
        for place, granted, units in zip(
            schedule.order, schedule.day, schedule.quantity, strict=True
        ):
            order = orders[schedule.orders[place]]
            held[order.party, order.site or ""] += int(units) * (granted <= day.toordinal())
        for party, share in shares.items():
            has = sum(units for (name, _), units in held.items() if name == party)
            assert abs(has - share) <= 1 + number + 1e-6


def totals_of(case: Case, days: list[Any]) -> list[list[int]]:
    """Return the units in use per rank on `days`, best rank first."""
    problem = problem_of(case.book, case.policy, as_of=case.as_of)
    whole = replace(problem, days=days)
    totals = in_use(planned(case), whole)
    return [totals[rank] for rank in problem.ranks]


def days_of(*cases: Case) -> list[Any]:
    problems = [problem_of(case.book, case.policy, as_of=case.as_of) for case in cases]
    return sorted({day for problem in problems for day in problem.days})


def changed(rows: Table[Any], row: int, **cells: Any) -> Table[Any]:
    """Return the table with some cells of one row changed."""
    columns = {
        name: [cells[name] if i == row and name in cells else c for i, c in enumerate(column)]
        for name, column in rows.columns.items()
    }
    return replace(rows, columns=columns)


def with_table(case: Case, rows: Table[Any]) -> Case:
    return replace(case, book=case.book.replace_table(rows))


@settings(slow, max_examples=200)
@given(case=small_books(), row=st.integers(0, 3), more=st.integers(0, 4), days=st.integers(0, 15))
def test_more_or_earlier_supply_never_lowers_any_total(case, row, more, days):
    """No tier has fewer units in use on any day when a lot grows or comes sooner."""
    lots = case.book.lots
    row %= len(lots)
    lot = lots.records[row]
    better = changed(lots, row, quantity=lot.quantity + more, date=lot.date - timedelta(days=days))
    other = with_table(case, better)
    when = days_of(case, other)
    for a, b in zip(totals_of(case, when), totals_of(other, when), strict=True):
        assert all(x <= y for x, y in zip(a, b, strict=True))


@settings(slow, max_examples=200)
@given(case=small_books(), row=st.integers(0, 9), more=st.integers(0, 4), days=st.integers(0, 15))
def test_more_or_earlier_readiness_never_lowers_the_best_total(case, row, more, days):
    """The best tier loses nothing when a site can power more."""
    ready = case.book.readiness
    assume(len(ready))
    row %= len(ready)
    one = ready.records[row]
    limits = zip(ready.columns["site"], ready.columns["product"], strict=True)
    own = [i for i, key in enumerate(limits) if key == (one.site, one.product)]
    assume(own[0] == row and one.units <= min(ready.columns["units"][i] for i in own))
    better = changed(ready, row, date=one.date - timedelta(days=days))
    for i in own:
        better = changed(better, i, units=ready.columns["units"][i] + more)
    other = with_table(case, better)
    when = days_of(case, other)
    for a, b in zip(totals_of(case, when), totals_of(other, when), strict=True):
        if any(a) or any(b):
            assert all(x <= y for x, y in zip(a, b, strict=True))
            return


@settings(slow, max_examples=200)
@given(case=small_books(), due=st.integers(-9, 39), quantity=st.integers(1, 9))
def test_a_new_order_changes_nothing_in_better_tiers(case, due, quantity):
    """An order of the last tier leaves every other total of the tiers before it as it was."""
    case = replace(case, policy=replace(case.policy, tiers="order", share="max_min"))
    first = case.book.orders.records[0]
    new = {
        "order": "zz",
        "party": first.party,
        "product": first.product,
        "site": first.site,
        "due": START + timedelta(days=due),
        "quantity": quantity,
        "tier": 9,
    }
    other = with_table(case, case.book.orders.joined(table("orders", [new], start=START)))
    when = days_of(case, other)
    assert totals_of(case, when) == totals_of(other, when)[:-1]


@settings(slow, max_examples=200)
@given(case=small_books(), data=st.data())
def test_the_order_of_rows_never_matters(case, data):
    """The same rows in another order give the same plan, down to the reasons."""
    shuffled = case
    for rows in case.book.tables.values():
        places = data.draw(st.permutations(range(len(rows))))
        shuffled = with_table(shuffled, rows.take(places))
    assert _columns(planned(case)) == _columns(planned(shuffled))


def _columns(plan: Plan) -> list[Any]:
    parts: list[Any] = [plan.status, plan.gap]
    for part in (plan.schedule, plan.reasons):
        for name in part.__slots__:
            cells = getattr(part, name)
            parts.append(cells.tolist() if isinstance(cells, np.ndarray) else cells)
    return parts


@settings(slow, max_examples=200)
@given(case=small_books(), row=st.integers(0, 5), data=st.data())
def test_splitting_an_order_changes_no_total(case, row, data):
    """Two orders that make up one, alike but for their size, have the same totals."""
    orders = case.book.orders
    row %= len(orders)
    whole = orders.records[row]
    pegged = {*case.book.moves.columns["order"], *case.book.moves.columns["to_order"]}
    assume(whole.order not in pegged and whole.quantity > 1 and whole.status == "booked")
    part = data.draw(st.integers(1, whole.quantity - 1))
    promised = min(part, whole.promised)
    rest = whole.quantity - part
    smaller = changed(orders, row, quantity=part, promised=promised)
    added = changed(
        orders.take([row]), 0, order="zz", quantity=rest, promised=whole.promised - promised
    )
    other = with_table(case, smaller.joined(added))
    when = days_of(case, other)
    assert totals_of(case, when) == totals_of(other, when)


def test_reasons_of_broken_lots_add_up():
    """Two broken lots, a whole order and half a lot of supply: every unit-day has its cause."""
    whole = book(
        end="2024-02-10",
        products=[{"product": "gpu", "lot_size": 2}],
        readiness=[{"site": "s1", "product": "gpu", "date": "2024-01-01", "units": 4}],
        lots=[
            {"lot": "l1", "date": "2024-01-01", "quantity": 1},
            {"lot": "l2", "date": "2024-01-02", "quantity": 4},
        ],
        orders=[
            {"order": "o0", "party": "p1", "site": "s1", "due": "2024-01-03"},
            {"order": "o1", "party": "p1", "quantity": 6, "due": "2024-01-03"},
            {"order": "o2", "party": "p2", "site": "s1", "quantity": 6, "due": "2024-01-03"},
            {"order": "o4", "party": "p1", "site": "s1", "due": "2024-01-01"},
        ],
    )
    rules = policy("own", tiers="one", round="lot")
    case = Case(whole, rules, START + timedelta(days=1))
    assert set() == kinds_found(case, planned(case))


@settings(slow, max_examples=150)
@given(case=small_books())
def test_reasons_add_up(case):
    """The causes of each order add up to its late and unserved unit-days, per order."""
    plan = planned(case)
    figures = measure(case.book, plan.schedule, policy=case.policy).figures
    told = np.zeros(len(plan.schedule.orders), np.int64)
    np.add.at(told, plan.reasons.order, plan.reasons.unit_days)
    assert (figures.late_unit_days + figures.unserved_unit_days).tolist() == told.tolist()
