"""earmark.sentences: what is said is what the document holds."""

from datetime import date
from decimal import Decimal

import pytest
from page_examples import SIDES, book, empty, plan, readings, single, unchanged

from earmark.sentences import (
    Cure,
    days,
    explain_order,
    finding,
    gpu_days,
    gpus,
    lead_party,
    listed,
    money,
    number,
)

NAMES = {"tesla": "Tesla"}


def compared(**lost: tuple[int, int, int]) -> dict[str, object]:
    """A comparison of parties by what they lose and by their idle GPU-days in a and in b."""
    parties = [
        {
            "party": party,
            "active_unit_days_lost": loss,
            "received_unit_days": {"a": loss + a, "b": b},
            "idle_unit_days": {"a": a, "b": b},
        }
        for party, (loss, a, b) in lost.items()
    ]
    return {"format": "earmark.comparison/1", "parties": parties, "orders": []}


def several(*comparisons: dict[str, object]) -> dict[str, object]:
    return {"format": "earmark.comparisons/1", "readings": comparisons, "range": {}}


def test_several_readings_give_a_range_and_never_one_verdict():
    """The worked example: both ends, each with the idle time that goes with it."""
    expected = (
        "Under the 3 readings shown, Tesla loses between 0 and 1,284,000 active GPU-days to the "
        "redirect: 0 where its GPUs stand idle for 2,652,000 GPU-days without it and 1,368,000 "
        "with it, and 1,284,000 where none of its GPUs stand idle."
    )
    assert expected == finding(readings().document, sides=SIDES, names=NAMES)


def test_one_comparison_says_what_is_lost_and_what_is_idle():
    """Both sides of the idle time are named in the words of the comparison."""
    expected = (
        "Tesla loses 636,000 active GPU-days to the redirect; its GPUs stand idle for 924,000 "
        "GPU-days without it and 276,000 with it."
    )
    assert expected == finding(single().document, sides=SIDES, names=NAMES)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (compared(p=(-3, 0, 0)), "p gains 3 active GPU-days through the change; none of"),
        (compared(p=(1, 5, 5)), "p loses 1 active GPU-day to the change; its GPUs stand idle"),
        (compared(p=(0, 0, 0)), "No party receives or runs a GPU on another day through the"),
        (compared(), "No party receives or runs a GPU on another day through the change."),
        (several(compared(p=(-3, 0, 0)), compared(p=(-5, 0, 0))), "p gains between 3 and 5 act"),
        (several(compared(p=(-3, 0, 0)), compared(p=(5, 0, 0))), "p gains up to 3 or loses up"),
        (several(compared(p=(4, 0, 0)), compared(p=(4, 0, 0))), "p loses 4 active GPU-days to"),
        (several(compared(p=(-4, 0, 0)), compared(p=(-4, 0, 0))), "p gains 4 active GPU-days th"),
        (several(compared(p=(4, 0, 0)), compared()), "p loses between 0 and 4 active GPU-days"),
        (several(compared(), compared()), "no party receives or runs a GPU on another day"),
    ],
)
def test_gains_losses_and_nothing_are_each_said_plainly(document, expected):
    """Signs become words; a party that a reading lacks changes nothing in it."""
    assert expected in finding(document)


def test_who_loses_leads():
    """Active days lost come before days less in hand, and those before gains."""
    assert "b" == lead_party(compared(a=(1, 0, 0), b=(9, 0, 0), c=(-9, 0, 0)))
    assert "a" == lead_party(compared(a=(1, 0, 0), c=(-9, 0, 0)))
    assert "p" == lead_party(compared(o=(0, 0, 0), p=(0, 5, 2)))
    assert "p" == lead_party(compared(n=(-9, 0, 0), p=(0, 9, 0)))
    assert "n" == lead_party(compared(n=(-9, 0, 0), p=(0, 0, 0)))
    assert lead_party(unchanged().document) is None
    assert lead_party(plan().document) is None


def test_a_plan_says_what_is_asked_granted_and_late():
    """Whatever the numbers, they are those of the totals."""
    document = plan().document
    totals = document["totals"]
    sentence = finding(document)
    for name in ("quantity", "granted", "unserved", "late_unit_days"):
        assert number(totals[name]) in sentence
    assert "The book has no orders to plan." == finding(empty().document)


def test_a_plan_without_lateness_says_so():
    """Nothing late: one sentence without causes."""
    document = plan(orders=1, parties=1).document
    line = {**document["orders"][0], "late_unit_days": 0, "unserved": 0, "why": []}
    fine = {**document, "orders": [line]}
    assert "can be used on the day they are due." in finding(fine)


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


def test_numbers_read_as_a_person_writes_them():
    """Thousands separators, one and many, a true minus sign, whole floats without a point."""
    assert "−1,284,000" == number(-1284000)
    assert "1,234.50" == number(Decimal("1234.50")) == number("1234.50")
    assert ["107", "0.5"] == [number(107.0), number(0.5)]
    assert ["1 GPU", "0 GPUs", "12,000 GPUs"] == [gpus(n) for n in (1, 0, 12000)]
    assert ["1 GPU-day", "2 GPU-days"] == [gpu_days(n) for n in (1, 2)]
    assert ["1 day", "−1 day", "46 days"] == [days(n) for n in (1, -1, 46)]
    assert "USD\N{NO-BREAK SPACE}−500,004,000.00" == money("-500004000.00", "USD")


def test_long_lists_end_in_a_count():
    """Never more names than a sentence bears."""
    assert "a" == listed(["a"])
    assert "a, b and c" == listed("abc")
    assert "a, b and 2 more" == listed("abcd", 2)


def test_one_reading_is_named():
    """What holds under one reading alone is never said as if it held at large."""
    document = {**compared(p=(4, 0, 0)), "reading": "room from March"}
    assert finding(document).startswith("Under the reading room from March, p loses 4 active")
    document = {**compared(), "reading": "room from March"}
    assert finding(document).startswith("Under the reading room from March, no party receives")
