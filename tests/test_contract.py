"""The documents, word for word as they were promised: formats, keys and their order."""

import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark

CASE, QUICKSTART = EXAMPLES / "h100-redirect", EXAMPLES / "quickstart"
FIGURES = ("late_unit_days", "unserved_unit_days", "idle_unit_days")


def _first(keys, row):
    """Return as many keys of a row as were promised; additions stand behind them."""
    return list(row)[: len(keys)]


def test_the_plan_has_its_promised_form():
    """A plan is earmark.plan/1 with the promised keys, in their order."""
    plan = read_json("plan", QUICKSTART)
    top = [
        "format",
        "book",
        "known",
        "as_of",
        "policy",
        "engine",
        "status",
        "gap",
        "grants",
        "orders",
        "parties",
        "totals",
    ]
    order = [
        "order",
        "party",
        "product",
        "site",
        "tier",
        "quantity",
        "granted",
        "unserved",
        "first",
        "last",
    ]
    party = ["party", "quantity", "granted", "unserved", *FIGURES, "value"]
    assert top == _first(top, plan)
    assert ("earmark.plan/1", "tiers") == (plan["format"], plan["engine"])
    assert ["title", "digest"] == list(plan["book"])
    assert ["lot", "order", "date", "quantity"] == list(plan["grants"][0])
    assert [*order, *FIGURES, "why"] == list(plan["orders"][0])
    assert ["cause", "unit_days", "by"] == list(plan["orders"][0]["why"][0])
    assert party == _first(party, plan["parties"][0])
    assert [*party[1:], "unpriced_units"] == list(plan["totals"])


def test_the_comparison_has_its_promised_form():
    """A comparison is earmark.comparison/1 with the promised keys, in their order."""
    comparison = read_json("compare", CASE, "--without", "swap-december")
    party = [
        "party",
        "received_unit_days",
        "active_unit_days",
        "idle_unit_days",
        "late_unit_days",
        "active_unit_days_lost",
        "mean_shift_days",
        "receipts_moved",
    ]
    assert "earmark.comparison/1" == comparison["format"]
    assert {"format", "a", "b", "reading", "parties", "orders", "totals"} <= set(comparison)
    assert {"digest", "policy"} <= set(comparison["a"])
    assert set(party) <= set(comparison["parties"][0])
    assert ["calendar", "period", "value"] == _first(
        range(3), comparison["parties"][0]["receipts_moved"][0]
    )
    assert {"order", "party", "shift_days", "gained", "lost"} <= set(comparison["orders"][0])
    lost = [flow for order in comparison["orders"] for flow in order["lost"]]
    gained = [flow for order in comparison["orders"] for flow in order["gained"]]
    assert all(["to", "quantity"] == list(flow) for flow in lost)
    assert all(["from", "quantity"] == list(flow) for flow in gained)


def test_several_readings_have_their_promised_form():
    """Several readings are earmark.comparisons/1: comparisons and a range by party."""
    readings = [CASE / "readings" / name for name in ("no-room-before-july", "room-at-once")]
    options = [word for reading in readings for word in ("--reading", reading)]
    document = read_json("compare", CASE, "--without", "swap-december", *options)
    assert "earmark.comparisons/1" == document["format"]
    assert ["earmark.comparison/1"] * 2 == [one["format"] for one in document["readings"]]
    assert [0, 1284000] == document["range"]["tesla"]["active_unit_days_lost"]


def test_problems_have_their_promised_form(tmp_path):
    """Problems are earmark.problems/1 with the promised keys."""
    assert 0 == run_earmark("init", tmp_path / "b")[0]
    orders = tmp_path / "b" / "orders.csv"
    orders.write_text("order,party,product,quantity,due\no1,a,h100,many,2026-01-01\n")
    (problem, *_) = find_problems("plan", tmp_path / "b")
    promised = {"table", "row", "column", "text", "code", "message", "hint"}
    assert promised <= set(problem)
    assert ("orders", 2, "quantity", "many", "E102") == tuple(
        problem[key] for key in ("table", "row", "column", "text", "code")
    )
    assert "expected a whole number of GPUs" == problem["message"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["plan", "nowhere"], 2),
        (["plan"], 2),
        (["frobnicate"], 2),
        (["plan", QUICKSTART, "--policy", "none"], 2),
        (["plan", QUICKSTART, "-o", "grants.doc"], 2),
        (["explain", "E999"], 2),
        (["explain", QUICKSTART, "no-such-order"], 2),
        (["compare", QUICKSTART], 2),
        (["compare", QUICKSTART, "--without", "no-such-move"], 2),
    ],
)
def test_calls_end_with_their_promised_code(words, code):
    """Wrong usage, and a path or name that does not exist, end with 2."""
    assert code == run_earmark(*words)[0]


def test_a_plan_is_the_same_bytes_every_time():
    """The same book gives the same bytes, run after run."""
    assert run_earmark("plan", CASE, "--json") == run_earmark("plan", CASE, "--json")
