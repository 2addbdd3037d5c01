"""Figures and findings in plain words: what a page, a terminal and a reader see first.

Every function works on the JSON documents of the contract alone, so a sentence cannot say what the
JSON does not. Wording is neutral: it says what is where, not who is right.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from earmark.book import Book

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

_BECAUSE = {
    "site": "because the site has no room for them",
    "supply": "because there is no supply for them",
    "reserved": "because the units are held for orders of a better tier",
    "share": "because the units are shared with other orders of the same tier",
    "ceiling": "because a ceiling of the policy is reached",
    "peg": "because the lot that they are pegged to comes later",
    "rule": "by a rule of the plan",
}


@dataclass(frozen=True, slots=True)
class Sides:
    """How prose speaks of the two sides of a comparison, and of what lies between them."""

    a: str = "in A"
    b: str = "in B"
    change: str = "the change"


@dataclass(frozen=True, slots=True)
class Cure:
    """Something that was tried by planning again, and the unit-days that it saves the order."""

    text: str
    unit_days: int


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


def explain_order(
    document: Document,
    order: str,
    *,
    book: Book | None = None,
    cures: Sequence[Cure] = (),
) -> list[str]:
    """Return, in sentences, when an order is served, why late, by whom, and what would cure it.

    `document` is a plan; KeyError if it does not plan `order`. `book` adds what the document does
    not hold: the due day, and what kind of thing each id is.
    """
    line = _order(document, order)
    grants = [grant for grant in document["grants"] if grant["order"] == order]
    record = book.orders.get(order) if book else None
    due = record.due if record else None
    said = [_ask(line, due), _service(line, grants, due), _delay(line)]
    said += [_reason(line, why, book) for why in line["why"]]
    said += [_idle(line), *(_cure(line, cure) for cure in cures)]
    return [sentence for sentence in said if sentence]


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


def number(value: float | Decimal | str) -> str:
    """Return a number with thousands separators and a true minus sign; money comes as text."""
    amount = Decimal(value) if isinstance(value, str) else value
    if isinstance(amount, float) and amount.is_integer():
        amount = int(amount)
    text = f"{amount:,f}" if isinstance(amount, Decimal) else f"{amount:,}"
    return text.replace("-", "\N{MINUS SIGN}")


def gpus(count: int) -> str:
    """Return '1 GPU' or '12,000 GPUs'."""
    return f"{number(count)} GPU" if abs(count) == 1 else f"{number(count)} GPUs"


def gpu_days(count: int) -> str:
    """Return '1 GPU-day' or '636,000 GPU-days'."""
    return f"{number(count)} GPU-day" if abs(count) == 1 else f"{number(count)} GPU-days"


def days(count: float) -> str:
    """Return '1 day' or '46 days'."""
    return f"{number(count)} day" if abs(count) == 1 else f"{number(count)} days"


def money(amount: Decimal | str, currency: str) -> str:
    """Return an amount with its currency: 'USD 1,284,000.50'."""
    return f"{currency}\N{NO-BREAK SPACE}{number(amount)}"


def listed(items: Iterable[str], most: int = 5) -> str:
    """Return 'a, b and c', or the first `most` and how many more there are."""
    texts = list(items)
    if len(texts) > most:
        return f"{', '.join(texts[:most])} and {len(texts) - most:,} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _plan_finding(document: Document) -> str:
    orders, totals = document["orders"], document["totals"]
    if not orders:
        return "The book has no orders to plan."
    asked = f"{gpus(totals['quantity'])} asked for in {_orders(len(orders))}"
    late, unserved = totals["late_unit_days"], totals["unserved"]
    if not late and not unserved:
        return f"All {asked} can be used on the day they are due."
    wait = f", late by {gpu_days(late)}" if late else ""
    cause = f"the largest cause is {_main_cause(orders)}"
    if not unserved:
        return f"All {asked} are granted{wait} in all; {cause}."
    rest = f"{number(unserved)} {'is' if unserved == 1 else 'are'} not served by the end"
    rest += f": {gpu_days(late + totals['unserved_unit_days'])} in all"
    return f"Of {asked}, {number(totals['granted'])} are granted{wait}, and {rest}; {cause}."


def _main_cause(orders: Sequence[Document]) -> str:
    causes: Counter[str] = Counter()
    for line in orders:
        for why in line["why"]:
            causes[why["cause"]] += why["unit_days"]
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


def _order(document: Document, order: str) -> Document:
    for line in document["orders"]:
        if line["order"] == order:
            return dict(line)
    raise KeyError(order)


def _ask(line: Document, due: date | None) -> str:
    site = f" at {line['site']}" if line["site"] else ""
    day = f", due {due}" if due else ""
    return (
        f"{line['order']} asks for {gpus(line['quantity'])} ({line['product']}) for "
        f"{line['party']}{site}{day}, tier {line['tier']}."
    )


def _service(line: Document, grants: Sequence[Document], due: date | None) -> str:
    per_day: Counter[str] = Counter()
    for grant in grants:
        per_day[grant["date"]] += grant["quantity"]
    if not per_day:
        return "It is granted none before the end of the book."
    parts = [f"{number(count)} on {day}{_wait(day, due)}" for day, count in sorted(per_day.items())]
    rest = line["unserved"]
    end = f"; {number(rest)} are not served before the end of the book" if rest else ""
    return f"It is granted {listed(parts)}{end}."


def _wait(day: str, due: date | None) -> str:
    waited = (date.fromisoformat(day) - due).days if due else 0
    return f" ({days(waited)} late)" if waited > 0 else ""


def _delay(line: Document) -> str:
    late, unserved = line["late_unit_days"], line["unserved_unit_days"]
    if not late and not unserved:
        return "Every unit can be used on the day it is due."
    parts = [f"{gpu_days(late)} late"] if late else []
    parts += [f"{gpu_days(unserved)} unserved, counted to the end"] if unserved else []
    return f"That makes {listed(parts)}."


def _reason(line: Document, why: Document, book: Book | None) -> str:
    whole = line["late_unit_days"] + line["unserved_unit_days"]
    share = f" ({_percent(why['unit_days'], whole)})" if whole else ""
    by = f": {listed(_named(holder, book) for holder in why['by'])}" if why["by"] else ""
    return f"{gpu_days(why['unit_days'])}{share} {_BECAUSE[why['cause']]}{by}."


def _percent(part: int, whole: int) -> str:
    percent = round(100 * part / whole)
    return f"{percent}\N{NO-BREAK SPACE}%" if percent > 0 else "under 1\N{NO-BREAK SPACE}%"


def _named(holder: str, book: Book | None) -> str:
    """Say what kind of thing an id is, where the book knows it."""
    if book is None:
        return holder
    if order := book.orders.get(holder):
        return f"order {holder} of {order.party}"
    if lot := book.lots.get(holder):
        return f"lot {holder} of {lot.date}"
    if move := book.moves.get(holder):
        return f"move {holder} of {move.date}"
    words = {"start": "the start of the book", "as_of": "no grants before the as-of day"}
    site = f"site {holder}" if holder in book.sites.positions else holder
    return words.get(holder, site)


def _idle(line: Document) -> str:
    idle = line["idle_unit_days"]
    return f"Its units stand idle for {gpu_days(idle)}: received, but not powered." if idle else ""


def _cure(line: Document, cure: Cure) -> str:
    before = line["late_unit_days"] + line["unserved_unit_days"]
    if cure.unit_days >= before > 0:
        return f"Cure: {cure.text}; then nothing of it is late."
    return f"Would help: {cure.text}; that saves {gpu_days(cure.unit_days)}."


def _orders(count: int) -> str:
    return f"{number(count)} order{'' if count == 1 else 's'}"
