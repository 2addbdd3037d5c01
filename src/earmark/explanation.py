"""Why an order is late and what would cure it, in sentences, from the plan's document alone.

The book, where it is given, adds what the document does not hold: the due day, and what kind of
thing each id is.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from earmark.amounts import days, gpu_days, gpus, listed, number
from earmark.book import Book
from earmark.cures import Cure
from earmark.sentences import Document

_BECAUSE = {
    "site": "because the site has no room for them",
    "supply": "because there is no supply for them",
    "reserved": "because the units are held for orders of a better tier",
    "share": "because the units are shared with other orders of the same tier",
    "ceiling": "because a ceiling of the policy is reached",
    "peg": "because the lot that they are pegged to comes later",
    "rule": "by a rule of the plan",
}


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
    said = [_ask(line, due), _service(line, grants, due), _taken(line), _delay(line)]
    said += [_reason(line, why, book) for why in line["why"]]
    said += [_idle(line), *(_cure(line, cure) for cure in cures)]
    return [sentence for sentence in said if sentence]


def _order(document: Document, order: str) -> Document:
    for line in document["orders"]:
        if line["order"] == order:
            return dict(line)
    raise KeyError(order)


def _ask(line: Document, due: date | None) -> str:
    site = f" at {_either(line['site'])}" if line["site"] else ""
    day = f", due {due}" if due else ""
    return (
        f"{line['order']} asks for {gpus(line['quantity'])} ({_either(line['product'])}) for "
        f"{line['party']}{site}{day}, tier {line['tier']}."
    )


def _either(ids: str) -> str:
    """Say ids of which any will do."""
    return " or ".join(ids.split(";"))


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


def _taken(line: Document) -> str:
    """Say which of its products and sites an order with several takes."""
    parts = [part for part in line.get("parts", ()) if part["quantity"]]
    if not parts:
        return ""
    said = []
    for part in parts:
        site = f" at {part['site']}" if part["site"] else ""
        counts = f" (each for {part['counts_for']})" if part["counts_for"] > 1 else ""
        said.append(f"{number(part['quantity'])} of {part['product']}{site}{counts}")
    return f"It is planned as {listed(said)}."


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
    if why["cause"] == "reserved" and why["by"] == [line["order"]]:
        return f"{gpu_days(why['unit_days'])}{share} because room is kept for its own pegged units."
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
