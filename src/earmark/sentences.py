"""Figures and findings in plain words: what a page, a terminal and a reader see first.

Every function works on the JSON documents of the contract alone, so a sentence cannot say what the
JSON does not. Wording is neutral: it says what is where, not who is right.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earmark.amounts import gpu_days, gpus, number

Document = Mapping[str, Any]

CAUSE_WORDS: Mapping[str, str] = {
    "site": "no room at the site",
    "supply": "no supply",
    "reserved": "held for a better tier",
    "share": "shared within the tier",
    "ceiling": "at a ceiling of the policy",
    "peg": "waiting for the pegged lot",
    "rule": "by a rule",
}
"""Why a unit is late, in the words of a table."""


@dataclass(frozen=True, slots=True)
class Sides:
    """How prose speaks of the two sides of a comparison, and of what lies between them."""

    a: str = "in A"
    b: str = "in B"
    change: str = "the change"


def finding(
    document: Document,
    *,
    sides: Sides | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Return the one sentence that a page opens with; several readings give a range.

    `document` is a plan, a comparison or several comparisons in the form of the contract; `names`
    are the names of parties by id, where they have one.
    """
    sides, names = sides or Sides(), names or {}
    if document["format"] == "earmark.plan/1":
        return _plan_finding(document)
    if document["format"] == "earmark.comparison/1":
        return _comparison_finding(document, sides, names)
    return _range_finding(document, sides, names)


def lead_party(document: Document) -> str | None:
    """Return the party that a finding speaks of; None where nothing changes for anyone.

    Who loses most active GPU-days over all readings; else who receives less; else who changes most.
    """
    sizes: dict[str, tuple[int, ...]] = {}
    for comparison in comparisons_of(document):
        for line in comparison["parties"]:
            size = _change(line)
            before = sizes.get(line["party"], (0, 0, 0))
            sizes[line["party"]] = tuple(map(sum, zip(before, size, strict=True)))
    lead = min(sizes, key=lambda party: ([-size for size in sizes[party]], party), default=None)
    return lead if lead is not None and any(sizes[lead]) else None


def losses_by_party(document: Document) -> dict[str, list[int]]:
    """Return, per party, the active unit-days lost in each reading, in order."""
    losses: dict[str, list[int]] = {}
    for comparison in comparisons_of(document):
        for line in comparison["parties"]:
            losses.setdefault(line["party"], []).append(line["active_unit_days_lost"])
    return losses


def comparisons_of(document: Document) -> Sequence[Document]:
    """Return the comparisons that a document holds: one per reading, none for a plan."""
    if document["format"] == "earmark.comparisons/1":
        return list(document["readings"])
    return [document] if document["format"] == "earmark.comparison/1" else []


def _plan_finding(document: Document) -> str:
    count, causes = _orders_and_causes(document)
    totals = document["totals"]
    if not count:
        return "The book has no orders to plan."
    asked = f"{gpus(totals['quantity'])} asked for in {_orders(count)}"
    late, unserved = totals["late_unit_days"], totals["unserved"]
    if not late and not unserved:
        return f"All {asked} can be used on the day they are due."
    wait = f", late by {gpu_days(late)}" if late else ""
    cause = f"the largest cause is {_main_cause(causes)}"
    if not unserved:
        return f"All {asked} are granted{wait} in all; {cause}."
    rest = f"{number(unserved)} {'is' if unserved == 1 else 'are'} not served by the end"
    rest += f": {gpu_days(late + totals['unserved_unit_days'])} in all"
    return f"Of {asked}, {number(totals['granted'])} are granted{wait}, and {rest}; {cause}."


def _orders_and_causes(document: Document) -> tuple[int, Mapping[str, int]]:
    """Return how many orders there are, and the unit-days of each cause."""
    if "causes" in document:  # a summary, which has no rows of orders
        return document["counts"]["orders"], document["causes"]
    causes: Counter[str] = Counter()
    for line in document["orders"]:
        for why in line["why"]:
            causes[why["cause"]] += why["unit_days"]
    return len(document["orders"]), causes


def _main_cause(causes: Mapping[str, int]) -> str:
    if not causes:
        return "not known"
    cause, unit_days = max(causes.items(), key=lambda item: (item[1], item[0]))
    return f"{CAUSE_WORDS[cause]} ({gpu_days(unit_days)})"


def _comparison_finding(document: Document, sides: Sides, names: Mapping[str, str]) -> str:
    lead, reading = lead_party(document), document.get("reading")
    under = f"Under the reading {reading}, " if reading else ""
    if lead is None:
        nobody = "no party" if under else "No party"
        return f"{under}{nobody} receives or runs a GPU on another day through {sides.change}."
    line = _party(document, lead)
    change = _loses(line["active_unit_days_lost"], sides)
    return f"{under}{names.get(lead, lead)} {change}; {_idle_words(line, sides)}."


def _range_finding(document: Document, sides: Sides, names: Mapping[str, str]) -> str:
    readings = comparisons_of(document)
    under = f"Under the {len(readings)} readings shown"
    lead = lead_party(document)
    if lead is None:
        return f"{under}, no party receives or runs a GPU on another day through {sides.change}."
    lines = [_party(comparison, lead) for comparison in readings]
    low = min(lines, key=lambda line: line["active_unit_days_lost"])
    high = max(lines, key=lambda line: line["active_unit_days_lost"])
    least, most = low["active_unit_days_lost"], high["active_unit_days_lost"]
    who = names.get(lead, lead)
    if least == most:
        change = f"{_loses(least, sides)} in each of them"
        return f"{under}, {who} {change}; {_idle_words(low, sides)}."
    span = f"{under}, {who} {_span(least, most)} {sides.change}"
    at_low, at_high = _idle_words(low, sides), _idle_words(high, sides)
    if at_low == at_high:
        return f"{span}; at both ends {at_low}."
    said = (_signed(count, mixed=least < 0 < most) for count in (least, most))
    return f"{span}: {next(said)} where {at_low}, and {next(said)} where {at_high}."


def _loses(lost: int, sides: Sides) -> str:
    if lost < 0:
        return f"gains {_active(-lost)} through {sides.change}"
    return f"loses {_active(lost) if lost else 'no active GPU-days'} to {sides.change}"


def _span(least: int, most: int) -> str:
    """Say a range of losses, where a loss below zero is a gain."""
    if least >= 0:
        return f"loses between {number(least)} and {_active(most)} to"
    if most <= 0:
        return f"gains between {number(-most)} and {_active(-least)} through"
    return f"gains up to {number(-least)} or loses up to {_active(most)} through"


def _signed(lost: int, *, mixed: bool) -> str:
    return number(abs(lost)) + ((" gained" if lost < 0 else " lost") if mixed else "")


def _active(count: int) -> str:
    return f"{number(count)} active GPU-day{'' if count == 1 else 's'}"


def _idle_words(line: Document, sides: Sides) -> str:
    """Say how long a party's units wait for power; what changes is 'it' by now."""
    side_a, side_b = (side.replace(sides.change, "it") for side in (sides.a, sides.b))
    a, b = line["idle_unit_days"]["a"], line["idle_unit_days"]["b"]
    if a == b == 0:
        return "none of its GPUs stand idle"
    if a == b:
        return f"its GPUs stand idle for {gpu_days(a)} either way"
    return f"its GPUs stand idle for {gpu_days(a)} {side_a} and {number(b)} {side_b}"


def _change(line: Document) -> tuple[int, int, int]:
    """Return active GPU-days lost, received ones lost, and the largest change of any kind."""
    received, idle = line["received_unit_days"], line["idle_unit_days"]
    lost, less = line["active_unit_days_lost"], received["a"] - received["b"]
    return max(lost, 0), max(less, 0), max(abs(lost), abs(less), abs(idle["a"] - idle["b"]))


def _party(document: Document, party: str) -> Document:
    """Return a party's line; a party that a reading does not know changes nothing in it."""
    nothing = {"a": 0, "b": 0}
    blank = {"party": party, "active_unit_days_lost": 0, "idle_unit_days": nothing}
    return next((line for line in document["parties"] if line["party"] == party), blank)


def _orders(count: int) -> str:
    return f"{number(count)} order{'' if count == 1 else 's'}"
