"""An order is explained in sentences that hold no figure that the document does not hold."""

from datetime import date

import pytest
from books import book

from earmark.cures import Cure
from earmark.explanation import explain_order

ORDER = {
    "order": "o1",
    "party": "p",
    "product": "H100",
    "site": "texas",
    "tier": 2,
    "quantity": 10,
    "granted": 8,
    "unserved": 2,
    "first": "2024-01-15",
    "last": "2024-01-15",
    "late_unit_days": 248,
    "unserved_unit_days": 752,
    "idle_unit_days": 1,
    "why": [
        {"cause": "site", "unit_days": 995, "by": ["texas", "o2"]},
        {"cause": "rule", "unit_days": 5, "by": ["start"]},
    ],
}
DOCUMENT = {
    "format": "earmark.plan/1",
    "orders": [ORDER],
    "grants": [
        {"lot": "l1", "order": "o1", "date": "2024-01-15", "quantity": 5},
        {"lot": "l2", "order": "o1", "date": "2024-01-15", "quantity": 3},
    ],
}


def test_an_order_is_explained_in_full():
    """Days, units, each cause with its share and those behind it, and what would help."""
    order = {"party": "p", "product": "H100", "quantity": 10, "due": date(2023, 12, 15)}
    known = book(
        orders=[{"order": "o1", **order}, {"order": "o2", **order}], sites=[{"site": "texas"}]
    )
    cures = (Cure("10 more GPUs at texas from 2023-12-15", 1000), Cure("tier 1", 1))
    rest = "2 are not served before the end of the book"
    nbsp, by = "\N{NO-BREAK SPACE}", "site texas and order o2 of p"
    expected = [
        "o1 asks for 10 GPUs (H100) for p at texas, due 2023-12-15, tier 2.",
        f"It is granted 8 on 2024-01-15 (31 days late); {rest}.",
        "That makes 248 GPU-days late and 752 GPU-days unserved, counted to the end.",
        f"995 GPU-days (100{nbsp}%) because the site has no room for them: {by}.",
        f"5 GPU-days (under 1{nbsp}%) by a rule of the plan: the start of the book.",
        "Its units stand idle for 1 GPU-day: received, but not powered.",
        "Cure: 10 more GPUs at texas from 2023-12-15; then nothing of it is late.",
        "Would help: tier 1; that saves 1 GPU-day.",
    ]
    assert expected == explain_order(DOCUMENT, "o1", book=known, cures=cures)


def test_an_order_on_time_and_one_that_gets_nothing_are_explained():
    """No reasons where there is no lateness; no days where nothing is granted."""
    fine = {**ORDER, "unserved": 0, "late_unit_days": 0, "unserved_unit_days": 0, "why": []}
    fine |= {"idle_unit_days": 0, "site": None}
    said = explain_order({**DOCUMENT, "orders": [fine]}, "o1")
    assert "Every unit can be used on the day it is due." == said[-1]
    assert 3 == len(said)
    said = explain_order({**DOCUMENT, "grants": []}, "o1")
    assert "It is granted none before the end of the book." == said[1]


def test_an_order_that_is_not_planned_has_no_explanation():
    """The caller names what is there instead."""
    with pytest.raises(KeyError):
        explain_order(DOCUMENT, "o9")


def test_room_kept_for_its_own_pegged_units_blames_nobody_else():
    """No better tier is named where an order waits for what is pegged to itself."""
    own = {**ORDER, "why": [{"cause": "reserved", "unit_days": 1000, "by": ["o1"]}]}
    said = explain_order({**DOCUMENT, "orders": [own]}, "o1")
    assert "because room is kept for its own pegged units." in said[3]
