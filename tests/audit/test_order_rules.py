"""The audit finds plans that break the rules of single orders, whoever made them."""

from dataclasses import replace

import pytest
from books import book, policy
from schedules import schedule

from earmark.answer import Question, answer
from earmark.audit import audit

ORDERS = [
    {"order": "a", "quantity": 6, "due": "2024-01-05", "min_ship": 3},
    {"order": "b", "quantity": 6, "due": "2024-01-05", "max_late_days": 10},
    {"order": "c", "quantity": 2, "due": "2024-01-05", "together": "hall"},
    {"order": "d", "quantity": 3, "due": "2024-01-06", "together": "hall", "site": "yard"},
    {"order": "e", "quantity": 5, "due": "2024-01-05", "min_ship": 2, "promised": 1},
    {"order": "f", "quantity": 5, "due": "2024-01-05", "max_late_days": 10},
    {"order": "g", "quantity": 1, "due": "2024-01-05", "min_ship": 3},
]
LOTS = [
    {"lot": "l1", "date": "2024-01-02", "quantity": 40},
    {"lot": "l2", "date": "2024-01-02", "quantity": 4},
]
MOVES = [{"move": "m1", "kind": "earmark", "lot": "l2", "order": "f", "quantity": 2}]
RULES = policy("rules")
DAY, NEXT = "2024-01-05", "2024-01-06"
VALID = {
    "a": [(DAY, 6)],
    "b": [(DAY, 6)],
    "c": [(NEXT, 2)],
    "d": [(NEXT, 3)],
    "e": [(DAY, 5)],
    "f": [(DAY, 3)],
    "g": [(DAY, 3)],
}


def kinds(**changed):
    """Return what the audit finds in the valid plan with other shipments of some orders.

    That units come late is found in any of them; only what breaks a rule is told.
    """
    whole = book(orders=ORDERS, lots=LOTS, moves=MOVES)
    said = answer(whole, Question(RULES))
    shipments = VALID | changed
    rows = [("l1", o, day, n, False) for o, days in shipments.items() for day, n in days]
    rows.append(("l2", "f", DAY, 2, True))
    plan = replace(said.plan, schedule=schedule(said.book, *rows))
    found = audit(said.book, RULES, plan, None, as_of=said.as_of, include=())
    words = {"total_short", "total_exceeded", "reasons_do_not_add_up", "wrong_status"}
    return {
        (v.kind, *v.message.removeprefix("orders ").split(", "))
        for v in found
        if v.kind not in words
    }


def test_the_valid_plan_has_nothing():
    """The plan that the others spoil is the engine's own, and the audit finds nothing in it."""
    whole = book(orders=ORDERS, lots=LOTS, moves=MOVES)
    given = {}
    said = answer(whole, Question(RULES)).schedule
    for place, day, n, own in zip(said.order, said.day, said.quantity, said.pegged, strict=True):
        if not own:
            given.setdefault(said.orders[place], []).append((day, n))
    assert {o: [n for _, n in days] for o, days in VALID.items()} == {
        o: [n for _, n in days] for o, days in given.items()
    }
    assert set() == kinds()


LATE = "2024-01-15"
"""Ten days after the due day of most orders."""
OVER = "2024-01-16"

PLANTED = {
    "a part below the least": ("a", {"a": [(DAY, 4), (LATE, 2)]}),
    "a first part below the least": ("a", {"a": [(DAY, 1), (LATE, 5)]}),
    "too few in all": ("a", {"a": [(DAY, 2)]}),
    "a least part beside a promised unit": ("e", {"e": [(DAY, 2), (LATE, 3)]}),
    "a part of an order below its least": ("g", {"g": [(DAY, 2), (LATE, 1)]}),
    "all units a day too late": ("b", {"b": [(OVER, 6)]}),
    "one unit a day too late": ("b", {"b": [(DAY, 5), (OVER, 1)]}),
    "too late beside pegged units": ("f", {"f": [(DAY, 2), (OVER, 1)]}),
    "a set on two days": ("c d", {"c": [(DAY, 2)]}),
    "a set in parts": ("c d", {"d": [(NEXT, 2), (LATE, 1)]}),
    "a part of a set": ("c d", {"c": [(NEXT, 1)]}),
    "half of a set": ("c d", {"c": []}),
}
"""What a plan does, the orders of which one must be named, and their shipments."""


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_violation_is_found(name):
    """A plan that breaks a rule in one place has a violation that names the order or its set."""
    orders, changed = PLANTED[name]
    found = kinds(**changed)
    assert found
    assert all(set(names) <= set(orders.split()) for _, *names in found), found


@pytest.mark.parametrize(
    "changed",
    [
        {"a": [(DAY, 3), (LATE, 3)]},
        {"a": [(DAY, 3)]},
        {"a": [("2024-06-01", 6)]},
        {"b": [(LATE, 6)]},
        {"b": [(DAY, 1), (NEXT, 1), (LATE, 1)]},
        {"c": [(LATE, 2)], "d": [(LATE, 3)]},
        {"c": [], "d": []},
        {"e": [(DAY, 3), (LATE, 2)]},
        {"e": [(DAY, 1), (LATE, 4)]},
        {"e": [(DAY, 1)]},
        {"f": [(LATE, 3)]},
    ],
    ids=str,
)
def test_what_the_rules_allow_is_no_violation(changed):
    """Late or short, yet no rule is broken: bounds are allowed, and pegs are not bound."""
    assert set() == kinds(**changed)


def test_each_rule_has_its_own_word():
    """A least shipment, a last day and a set are told apart."""
    words = [
        {kind for kind, *_ in kinds(**PLANTED[n][1])}
        for n in ("too few in all", "all units a day too late", "half of a set")
    ]
    assert [1, 1, 1] == [len(one) for one in words]
    assert 3 == len(set.union(*words))
