"""The tables of a plan: its parties, and its late orders with their reasons."""

from collections.abc import Sequence

from markupsafe import Markup

from earmark.page.cells import Facts, Grid, Group, Head, day, joined
from earmark.page.content import Page
from earmark.page.readings import MOST_IDS, MOST_ROWS, facts_of, left_out
from earmark.sentences import CAUSE_WORDS, Document

_PARTY = {
    "quantity": "Asked, GPUs",
    "granted": "Granted, GPUs",
    "unserved": "Unserved, GPUs",
    "late_unit_days": "Late, GPU-days",
    "unserved_unit_days": "Unserved, GPU-days",
    "idle_unit_days": "Idle, GPU-days",
}
"""What the table of parties shows, and under which head."""


def planned_parties(page: Page) -> Grid:
    """Return the parties of a plan, those that wait longest first."""
    facts, lines = facts_of(page), page.document["parties"]
    rows = [
        [
            page.name(lines[i]["party"]),
            *(facts.cell(f"/parties/{i}/{name}") for name in _PARTY),
            facts.money(f"/parties/{i}/value"),
        ]
        for i in _latest(lines)
    ]
    heads = (Head("Party"), *(Head(text, numeric=True) for text in (*_PARTY.values(), "Value")))
    note = left_out(len(lines), "parties", page)
    return Grid("By party", heads, [Group(None, rows)], note)


def planned_orders(page: Page) -> Grid:
    """Return the late and the unserved orders of a plan, those that wait longest first."""
    facts, lines = facts_of(page), page.document["orders"]
    late = [i for i in _latest(lines, len(lines)) if _delay(lines[i])]
    heads = (
        Head("Order"),
        Head("Party"),
        Head("Site"),
        Head("Asked, GPUs", numeric=True),
        Head("Granted, GPUs", numeric=True),
        Head("First"),
        Head("Last"),
        Head("Late, GPU-days", numeric=True),
        Head("Unserved, GPU-days", numeric=True),
        Head("Why"),
    )
    rows = [_late_row(page, facts, i) for i in late[:MOST_ROWS]]
    note = left_out(len(late), "late orders", page)
    return Grid("Late and unserved orders, and why", heads, [Group(None, rows)], note)


def _late_row(page: Page, facts: Facts, i: int) -> list[Markup | str]:
    line, place = page.document["orders"][i], f"/orders/{i}"
    whys = [
        joined(
            [
                facts.cell(f"{place}/why/{k}/unit_days", " GPU-days "),
                CAUSE_WORDS[why["cause"]],
                *([f" ({_ids(why['by'])})"] if why["by"] else []),
            ],
            "",
        )
        for k, why in enumerate(line["why"])
    ]
    return [
        line["order"],
        page.name(line["party"]),
        line["site"] or "–",
        facts.cell(f"{place}/quantity"),
        facts.cell(f"{place}/granted"),
        day(line["first"]),
        day(line["last"]),
        facts.cell(f"{place}/late_unit_days"),
        facts.cell(f"{place}/unserved_unit_days"),
        Markup("<br>").join(whys),
    ]


def _delay(line: Document) -> int:
    return int(line["late_unit_days"] + line["unserved_unit_days"])


def _latest(lines: Sequence[Document], most: int = MOST_ROWS) -> list[int]:
    """Return the positions of the lines that wait longest, in GPU-days."""
    return sorted(range(len(lines)), key=lambda i: (-_delay(lines[i]), i))[:most]


def _ids(ids: Sequence[str]) -> str:
    more = len(ids) - MOST_IDS
    return ", ".join(ids[:MOST_IDS]) + (f" and {more:,} more" if more > 0 else "")
