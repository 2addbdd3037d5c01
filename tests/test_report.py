"""Documents: keys in the order of the contract, figures from columns, stable text."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from books import book
from h100 import READINGS, swap_book, with_swap, without_swap
from hypothesis import given, settings
from hypothesis import strategies as st
from schedules import schedule
from small_cases import cases

from earmark.book import Book
from earmark.compare import Comparison, Side, compare
from earmark.compare.ranges import Reading
from earmark.errors import Problem
from earmark.outcome import measure
from earmark.report import (
    comparison_document,
    comparisons_document,
    plan_document,
    problems_document,
    to_json,
)
from earmark.schedule import Plan, Reasons, Schedule

COMPARED = [
    "received_unit_days",
    "active_unit_days",
    "idle_unit_days",
    "late_unit_days",
    "active_unit_days_lost",
    "mean_shift_days",
    "receipts_moved",
    "unserved_unit_days",
]


def plan_of(
    plan: Schedule, *reasons: tuple[int, int, int, int], holders: tuple[tuple[str, ...], ...] = ()
) -> Plan:
    """Return a plan with reasons (order, cause, unit-days, holders)."""
    order, cause, unit_days, by = np.array(reasons, dtype=np.int64).reshape(-1, 4).T
    why = Reasons(order, cause, unit_days, by, holders)
    return Plan("priority", "tiers", "optimal", 0.0, plan, why)


def document(case: Book, plan: Plan) -> dict[str, Any]:
    """Return the document of a plan, as it stands in its text."""
    outcome = measure(case, plan.schedule)
    made = plan_document(
        case, plan, outcome, digest="sha256:00", known=None, as_of=case.start, warnings=()
    )
    read: dict[str, Any] = json.loads(to_json(made))
    assert made == read
    return read


def swap(reading: str) -> Comparison:
    """Return what the reported swap changes under a reading."""
    case = swap_book(READINGS[reading])
    a, b = without_swap(case), with_swap(case)
    return compare(
        Side(case, a, measure(case, a), "sha256:0a", "priority"),
        Side(case, b, measure(case, b), "sha256:0b", "fair"),
    )


def test_a_plan() -> None:
    """A plan is told in the keys of the contract, in its order."""
    case = book(
        end="2024-01-11",
        products=[{"product": "p", "unit_price": "2.50"}],
        readiness=[{"site": "s", "units": 2}],
        orders=[
            {"order": "a", "party": "x", "product": "p", "site": "s", "quantity": 4, "tier": 2},
            {"order": "b", "party": "y", "product": "q", "quantity": 1, "due": "2024-01-03"},
        ],
    )
    grants = schedule(
        case,
        ("l", "a", "2024-01-02", 2, True),
        ("l", "a", "2024-01-02", 1),
        ("m", "a", "2024-01-01", 1),
    )
    plan = plan_of(grants, (0, 0, 3, 1), (0, 5, 18, 0), (1, 1, 8, 2), holders=((), ("z", "y"), ()))
    plain = {
        "format": "earmark.plan/1",
        "book": {"title": "A book", "digest": "sha256:00"},
        "known": None,
        "as_of": "2024-01-01",
        "policy": "priority",
        "engine": "tiers",
        "status": "optimal",
        "gap": 0.0,
        "grants": [
            {"lot": "m", "order": "a", "date": "2024-01-01", "quantity": 1},
            {"lot": "l", "order": "a", "date": "2024-01-02", "quantity": 3},
        ],
        "orders": [
            {
                "order": "a",
                "party": "x",
                "product": "p",
                "site": "s",
                "tier": 2,
                "quantity": 4,
                "granted": 4,
                "unserved": 0,
                "first": "2024-01-01",
                "last": "2024-01-02",
                "late_unit_days": 21,
                "unserved_unit_days": 0,
                "idle_unit_days": 18,
                "why": [
                    {"cause": "site", "unit_days": 3, "by": ["z", "y"]},
                    {"cause": "peg", "unit_days": 18, "by": []},
                ],
            },
            {
                "order": "b",
                "party": "y",
                "product": "q",
                "site": None,
                "tier": 1,
                "quantity": 1,
                "granted": 0,
                "unserved": 1,
                "first": None,
                "last": None,
                "late_unit_days": 0,
                "unserved_unit_days": 8,
                "idle_unit_days": 0,
                "why": [{"cause": "supply", "unit_days": 8, "by": []}],
            },
        ],
        "parties": [
            {
                "party": "x",
                "quantity": 4,
                "granted": 4,
                "unserved": 0,
                "late_unit_days": 21,
                "unserved_unit_days": 0,
                "idle_unit_days": 18,
                "value": "10",
                "unpriced_units": 0,
            },
            {
                "party": "y",
                "quantity": 1,
                "granted": 0,
                "unserved": 1,
                "late_unit_days": 0,
                "unserved_unit_days": 8,
                "idle_unit_days": 0,
                "value": None,
                "unpriced_units": 0,
            },
        ],
        "totals": {
            "quantity": 5,
            "granted": 4,
            "unserved": 1,
            "late_unit_days": 21,
            "unserved_unit_days": 8,
            "idle_unit_days": 18,
            "value": "10",
            "unpriced_units": 0,
        },
        "quotas": [],
        "raised": [],
        "missed": [],
        "warnings": [],
    }
    found = document(case, plan)
    assert plain == found
    assert _keys(plain) == _keys(found)


def _keys(value: Any) -> Any:
    """Return the keys of a document in their order, all the way down."""
    if isinstance(value, Mapping):
        return [(key, _keys(item)) for key, item in value.items()]
    return [_keys(item) for item in value] if isinstance(value, list) else None


def test_a_comparison() -> None:
    """A comparison is told in the keys of the contract, in its order."""
    found = comparison_document(swap("march"), reading="march", as_of=date(2023, 12, 1))
    assert ["format", "a", "b", "reading", "parties", "orders", "totals"] == list(found)[:7]
    assert {"digest": "sha256:0b", "policy": "fair"} == found["b"]
    car = found["parties"][0]
    assert ["party", *COMPARED] == list(car)
    assert COMPARED == list(found["totals"])
    assert (636_000, {"a": 924_000, "b": 276_000}) == (
        car["active_unit_days_lost"],
        car["idle_unit_days"],
    )
    assert {
        "calendar": "calendar",
        "period": "2023-Q4",
        "value": "-500004000",
        "unpriced_units": 0,
    } == car["receipts_moved"][0]
    assert {
        "order": "car",
        "party": "carmaker",
        "shift_days": 107,
        "gained": [{"from": "net", "quantity": 12_000}],
        "lost": [{"to": "net", "quantity": 12_000}],
    } == found["orders"][0]
    assert found == json.loads(to_json(found))


def test_several_comparisons() -> None:
    """Several readings are told one by one, and then as a range per party."""
    found = comparisons_document([Reading(name, swap(name)) for name in READINGS])
    assert ["format", "readings", "range", "range_totals", "warnings"] == list(found)
    assert list(READINGS) == [comparison["reading"] for comparison in found["readings"]]
    car = found["range"]["carmaker"]
    assert [0, 1_284_000] == car["active_unit_days_lost"]
    assert {"a": [0, 2_652_000], "b": [0, 1_368_000]} == car["idle_unit_days"]
    assert [107, 107] == car["mean_shift_days"]
    assert found == json.loads(to_json(found))


def test_problems() -> None:
    """A problem is told with its place, its code and a hint."""
    problem = Problem("E102", "expected a number", "orders", 5, "quantity", "x", "did you mean 1?")
    assert {
        "format": "earmark.problems/1",
        "problems": [
            {
                "table": "orders",
                "row": 5,
                "column": "quantity",
                "text": "x",
                "code": "E102",
                "message": "expected a number",
                "hint": "did you mean 1?",
                "source": None,
            }
        ],
    } == problems_document([problem])


@settings(max_examples=50, deadline=None)
@given(cases())
def test_totals_are_sums(case: tuple[Book, Schedule]) -> None:
    """The totals are the sums over the parties; the parties' over orders, but for running units."""
    found = document(case[0], plan_of(case[1]))
    for name, total in found["totals"].items():
        if name != "value":
            assert total == sum(party[name] for party in found["parties"])
    for name in ("quantity", "granted", "unserved", "late_unit_days", "unserved_unit_days"):
        assert found["totals"][name] == sum(order[name] for order in found["orders"])
    assert found["totals"]["granted"] == sum(grant["quantity"] for grant in found["grants"])


def test_text_has_a_row_a_line() -> None:
    """The text of a document shows each row on a line of its own, whatever ids look like."""
    odd = '}, {"order": "é'
    case = book(orders=[{"order": "a"}, {"order": odd}, {"order": "b"}])
    text = to_json(document(case, plan_of(schedule(case))))
    rows = [line for line in text.splitlines() if line.startswith('  {"order"')]
    assert ["a", "b", odd] == [json.loads(line.rstrip(","))["order"] for line in rows]
    assert text.isascii()
    assert text.endswith("}\n")


JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), JSON | st.lists(st.dictionaries(st.text(), JSON, min_size=1))))
def test_text_says_the_document(made: dict[str, Any]) -> None:
    """Whatever a document holds, reading its text gives it back, its keys in order."""
    read = json.loads(to_json(made))
    assert made == read
    assert _keys(made) == _keys(read)


def test_totals_are_sums_over_the_parties_shown():
    """A party that only runs units is not in a plan, and neither are its idle units."""
    case = book(
        orders=[{"order": "o1", "party": "a", "quantity": 2}],
        readiness=[{"site": "x", "date": "2024-01-01", "units": 1}],
        moves=[{"kind": "opening", "party": "b", "product": "gpu", "site": "x", "quantity": 3}],
    )
    made = document(case, plan_of(schedule(case)))
    assert ["a"] == [line["party"] for line in made["parties"]]
    for name in ("quantity", "granted", "unserved", "late_unit_days", "idle_unit_days"):
        assert made["totals"][name] == sum(line[name] for line in made["parties"])
