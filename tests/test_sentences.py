"""earmark.sentences: what is said is what the document holds."""

import pytest
from page_examples import SIDES, empty, plan, readings, single, unchanged

from earmark.amounts import number
from earmark.sentences import finding, lead_party

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


def test_one_reading_is_named():
    """What holds under one reading alone is never said as if it held at large."""
    document = {**compared(p=(4, 0, 0)), "reading": "room from March"}
    assert finding(document).startswith("Under the reading room from March, p loses 4 active")
    document = {**compared(), "reading": "room from March"}
    assert finding(document).startswith("Under the reading room from March, no party receives")
