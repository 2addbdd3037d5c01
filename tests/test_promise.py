"""What can be promised beside a plan: laws against the planner, and published tables."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from books import book, policy
from hypothesis import given
from hypothesis import strategies as st
from planning.random_books import LENGTH, Case, small_books

from earmark.answer import Answer, Question, answer
from earmark.availability import accumulated, availability, consumed_backward
from earmark.errors import ContradictionError
from earmark.promise import Ask, by_tier, promise


def answered(case: Case) -> Answer:
    """Return the answer to a case, its tiers made those of its orders.

    A policy of one tier, or of booked days, ranks nothing after all the others; a tier does.
    """
    orders = case.book.orders
    rank = {"one": [1] * len(orders), "booked": None, "order": orders.columns["tier"]}
    tiers = rank[case.policy.tiers]
    if tiers is None:
        days = [day.toordinal() if day else 10**6 for day in orders.columns["booked"]]
        places = {day: i + 1 for i, day in enumerate(sorted(set(days)))}
        tiers = [places[day] for day in days]
    made = case.book.replace_table(replace(orders, columns={**orders.columns, "tier": tiers}))
    return answer(made, Question(replace(case.policy, tiers="order"), None, case.as_of))


@st.composite
def asks(draw, case: Case):
    """Draw an ask of a party, product and site that a book may have, or not have yet."""
    orders = case.book.orders.columns
    return Ask(
        draw(st.sampled_from(sorted({*orders["party"], "newcomer"}))),
        (draw(st.sampled_from(sorted({*orders["product"]} or {"gpu"}))),),
        draw(st.sampled_from([None, *sorted({site for site in orders["site"] if site})])),
        draw(st.integers(1, 12)),
        case.book.start + timedelta(days=draw(st.integers(0, LENGTH - 1))),
    )


def _with_order(said: Answer, ask: Ask, **more):
    row = {
        "order": "zz", "party": ask.party, "product": ask.products[0], "site": ask.site,
        "quantity": ask.quantity, "due": ask.due, "known": said.book.start, **more,
    }  # fmt: skip
    return said.book.replace_table(said.book.orders.with_rows([row], "test"))


def _grants(said: Answer, order: str) -> list[tuple[int, int]]:
    schedule = said.plan.schedule
    mine = schedule.order == schedule.orders.index(order)
    days = schedule.day[mine]
    return [(int(day), int(schedule.quantity[mine][days == day].sum())) for day in np.unique(days)]


@given(st.data())
def test_a_promise_is_what_an_order_after_all_others_would_be_granted(data):
    """Available-to-promise is the room that is left, day by day, and no less."""
    case = data.draw(small_books())
    said = answered(case)
    ask = data.draw(asks(case))
    last = max([0, *said.book.orders.columns["tier"]]) + 1
    after = answer(_with_order(said, ask, tier=last), said.question)
    offer = promise(said, ask).capable
    expected = _grants(after, "zz")
    assert expected == [(part.day.toordinal(), part.quantity) for part in offer.parts]
    assert ask.quantity - sum(units for _, units in expected) == offer.unserved


@given(st.data())
def test_a_promise_that_is_kept_moves_no_earlier_grant(data):
    """What is promised for a day is granted by it, and all others keep their days."""
    case = data.draw(small_books())
    said = answered(case)
    ask = data.draw(asks(case))
    units = promise(said, ask).capable.by_due
    if not units:
        return
    kept = _with_order(said, replace(ask, quantity=units), promised=units)
    after = answer(kept, said.question)
    assert units == sum(n for day, n in _grants(after, "zz") if day <= ask.due.toordinal())
    for order in said.plan.schedule.orders:
        assert _grants(said, order) == _grants(after, order)


@given(st.data())
def test_what_is_available_is_never_less_than_what_can_be_run(data):
    """Power only takes away; and all at once comes no sooner than the last part."""
    case = data.draw(small_books())
    try:
        found = promise(answered(case), data.draw(asks(case)))
    except ContradictionError:
        return
    assert found.available.by_due >= found.capable.by_due
    assert found.available.unserved <= found.capable.unserved
    for offer in (found.available, found.capable):
        if offer.at_once:
            assert offer.complete == offer.at_once.day
        if offer.by_due == offer.quantity:
            assert () == offer.limits


def _made(lots, orders, **more):
    """Return the answer to a book of weeks: units that come and are due, by number of the week."""
    monday = book().start
    return answer(
        book(
            lots=[
                {"lot": f"l{i}", "date": monday + timedelta(weeks=week), "quantity": units}
                for i, (week, units) in enumerate(lots)
            ],
            orders=[
                {"order": f"o{i}", "due": monday + timedelta(weeks=week), "quantity": units}
                for i, (week, units) in enumerate(orders)
            ],
            **more,
        ),
        Question(book().policy_named("priority")),
    )


def _rows(said, weeks):
    return list(
        zip(*((w.net, w.discrete, w.cumulative) for w in availability(said)[:weeks]), strict=True)
    )


def _by_week(*units):
    return [(week, n) for week, n in enumerate(units) if n]


def test_oracle_inventory_periods():
    """Oracle's rules of available-to-promise, periods 1 to 8, both tables (published case B1)."""
    said = _made(_by_week(6, 4, 2, 4, 8, 4, 4, 4), _by_week(6, 2, 3, 6, 6, 1, 2, 2))
    net, discrete, cumulative = _rows(said, 8)
    assert (0, 2, -1, -2, 2, 3, 2, 2) == net
    assert (0, 0, 0, -1, 2, 3, 2, 2) == discrete
    assert (0, 0, 0, -1, 2, 5, 7, 9) == cumulative


def test_jd_edwards_cumulative():
    """JD Edwards: on hand 80, receipts 60 in periods 3 and 6 (published case B7)."""
    said = _made([(0, 80), (2, 60), (5, 60)], _by_week(30, 25, 30, 10, 0, 35, 0, 0))
    _, discrete, cumulative = _rows(said, 8)
    assert (25, 0, 20, 0, 0, 25, 0, 0) == discrete
    assert (25, 25, 45, 45, 45, 70, 70, 70) == cumulative


@pytest.mark.parametrize(
    ("lots", "orders", "expected"),
    [
        ((130, 0, 200, 0, 150, 0), (75, 50, 116, 73, 45, 23), (5, 0, 11, 0, 82, 0)),
        ((300, 0, 200, 0, 200, 0), (75, 125, 75, 135, 45, 53), (90, 0, 0, 0, 102, 0)),
    ],
)
def test_textbook_discrete(lots, orders, expected):
    """A master schedule with look-ahead (published case D3, both parts)."""
    _, discrete, _ = _rows(_made(_by_week(*lots), _by_week(*orders)), 6)
    assert expected == discrete


@given(st.lists(st.integers(-9, 9), max_size=8))
def test_backward_consumption_loses_no_unit(net):
    """What is taken is lacking no more; a period lacks only what nobody before it has."""
    left = consumed_backward(net)
    assert sum(net) == sum(left)
    seen = 0
    for before, after in zip(net, left, strict=True):
        assert after <= max(before, 0)
        assert not (after < 0 < seen)
        seen = max(seen, after)
    assert len(net) == len(accumulated(left))


def test_a_substitute_fills_what_the_first_product_lacks():
    """SAP's substitution: 1,000 asked of P1, 905 there, 95 of P2 (published case C2)."""
    lots = [
        {"lot": "l1", "product": "p1", "quantity": 905},
        {"lot": "l2", "product": "p2", "quantity": 400},
    ]
    said = answer(book(lots=lots, orders=[{"quantity": 1, "product": "p0"}]), _priority())
    found = promise(said, Ask("a", ("p1", "p2"), None, 1000, said.book.start))
    assert [("p1", 905), ("p2", 95)] == [(p.product, p.quantity) for p in found.capable.parts]
    lots = [{**lots[0], "quantity": 6}, {**lots[1], "quantity": 2}]
    said = answer(book(lots=lots, orders=[{"quantity": 1, "product": "p0"}]), _priority())
    found = promise(said, Ask("a", ("p1", "p2"), None, 10, said.book.start))
    assert 2 == found.capable.unserved


def test_a_far_commitment_keeps_stock():
    """SAP note 547118: stock 100, all of it promised for ten months on: free today 0 (C7)."""
    said = answer(
        book(
            lots=[{"lot": "l1", "quantity": 100}],
            orders=[{"order": "o", "due": "2024-11-01", "quantity": 100}],
        ),
        _priority(),
    )
    assert 0 == promise(said, Ask("b", ("gpu",), None, 100, said.book.start)).capable.by_due
    assert {0} == {week.promisable for week in availability(said)}


def test_each_tier_says_what_it_costs_others():
    """An order of the best tier takes units that worse ones would have had, and says how many."""
    said = answer(
        book(
            lots=[
                {"lot": "l1", "quantity": 10},
                {"lot": "l2", "quantity": 10, "date": "2024-01-11"},
            ],
            orders=[{"order": "o", "quantity": 10, "tier": 2, "due": "2024-01-01"}],
        ),
        _priority(),
    )
    first, second = by_tier(said, Ask("b", ("gpu",), None, 10, said.book.start))
    assert (1, 10, 100) == (first.tier, first.by_due, first.others_unit_days)
    assert (2, 5, 50) == (second.tier, second.by_due, second.others_unit_days)


def test_lots_stay_whole():
    """Under a policy that rounds to lots a part is whole lots, the last part excepted."""
    rules = policy("own", round="lot")
    made = book(
        products=[{"product": "gpu", "lot_size": 8}],
        lots=[{"lot": "l1", "quantity": 20}, {"lot": "l2", "quantity": 20, "date": "2024-02-01"}],
        orders=[],
        policies={"own": rules},
    )
    said = answer(made, Question(rules))
    offer = promise(said, Ask("a", ("gpu",), None, 30, said.book.start)).capable
    assert [16, 14] == [part.quantity for part in offer.parts]


def _priority():
    rules = book().policy_named("priority")
    assert rules is not None
    return Question(rules)
