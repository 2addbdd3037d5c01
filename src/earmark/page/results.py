"""The tables of a comparison: parties, orders that move, money by quarter; those of a plan."""

import re

from markupsafe import Markup

from earmark.page.cells import Facts, Grid, Group, Head, joined
from earmark.page.content import Page
from earmark.page.planned import planned_orders, planned_parties
from earmark.page.readings import (
    LOST,
    MOST_IDS,
    MOST_ROWS,
    SHIFT,
    distinct,
    facts_of,
    left_out,
    readings,
)
from earmark.sentences import comparisons_of


def parties_grid(page: Page) -> Grid:
    """Return the table of parties: of a plan, or side a, side b and change per reading."""
    if not comparisons_of(page.document):
        return planned_parties(page)
    facts = facts_of(page)
    heads = [Head("Party")]
    for text in ("Received", "Active", "Idle", "Late"):
        heads += [Head(f"{text} {side}", numeric=True) for side in (page.sides.a, page.sides.b)]
    heads += [Head("Active lost", numeric=True), Head("Mean shift, days", numeric=True)]
    groups = []
    for label, root, comparison in readings(page):
        rows = []
        for i, line in enumerate(comparison["parties"][:MOST_ROWS]):
            place = f"{root}/parties/{i}"
            cells = [
                facts.cell(f"{place}/{name}_unit_days/{side}")
                for name in ("received", "active", "idle", "late")
                for side in ("a", "b")
            ]
            ends = [facts.cell(f"{place}/{path}") for path in (LOST, SHIFT)]
            rows.append([page.name(line["party"]), *cells, *ends])
        groups.append(Group(label, rows))
    most = max(len(c["parties"]) for _, _, c in readings(page))
    return Grid("Parties, in GPU-days", heads, groups, left_out(most, "parties", page))


def orders_grid(page: Page) -> Grid:
    """Return late orders with their reasons, or orders that a comparison moves."""
    if not comparisons_of(page.document):
        return planned_orders(page)
    facts = facts_of(page)
    heads = (
        Head("Order"),
        Head("Party"),
        Head("Shift, days", numeric=True),
        Head("Gained, GPUs"),
        Head("Lost, GPUs"),
    )
    groups, most = [], 0
    for label, root, comparison in distinct(page, lambda c: c["orders"]):
        moved = [
            i
            for i, line in enumerate(comparison["orders"])
            if line["gained"] or line["lost"] or line["shift_days"]
        ]
        most = max(most, len(moved))
        rows = [_moved_row(page, facts, f"{root}/orders/{i}") for i in moved[:MOST_ROWS]]
        groups.append(Group(label, rows))
    return Grid("Orders that move", heads, groups, left_out(most, "orders", page))


def money_grids(page: Page) -> list[Grid]:
    """Return the money of receipts that move, a table per calendar, a column per party."""
    facts = facts_of(page)
    moved: dict[str, dict[str | None, dict[str, dict[str, str]]]] = {}
    receipts = distinct(page, lambda c: [line["receipts_moved"] for line in c["parties"]])
    for label, root, comparison in receipts:
        for i, line in enumerate(comparison["parties"]):
            for k, receipt in enumerate(line["receipts_moved"]):
                periods = moved.setdefault(receipt["calendar"], {}).setdefault(label, {})
                place = f"{root}/parties/{i}/receipts_moved/{k}"
                periods.setdefault(receipt["period"], {})[line["party"]] = place
    return [_money_grid(page, facts, calendar, groups) for calendar, groups in moved.items()]


def _moved_row(page: Page, facts: Facts, place: str) -> list[Markup | str]:
    line = facts.at(place)

    def units(side: str, word: str) -> Markup:
        parts = [
            joined([facts.cell(f"{place}/{side}/{k}/quantity"), f" {word} {_whom(part[word])}"], "")
            for k, part in enumerate(line[side][:MOST_IDS])
        ]
        more = len(line[side]) - MOST_IDS
        return joined([*parts, *([f"{more:,} more"] if more > 0 else [])]) or Markup("–")

    return [
        line["order"],
        page.name(line["party"]),
        facts.cell(f"{place}/shift_days"),
        units("gained", "from"),
        units("lost", "to"),
    ]


def _money_grid(
    page: Page,
    facts: Facts,
    calendar: str,
    groups: dict[str | None, dict[str, dict[str, str]]],
) -> Grid:
    parties = sorted({p for periods in groups.values() for row in periods.values() for p in row})
    shown = parties[:12]
    note = f"{len(parties) - 12:,} more parties are in the JSON." if len(parties) > 12 else ""
    heads = (Head("Quarter"), *(Head(page.name(party), numeric=True) for party in shown))
    return Grid(
        f"Value of receipts by quarter, {page.sides.b} less {page.sides.a} ({calendar})",
        heads,
        [
            Group(
                label,
                [
                    [period, *(_receipt(facts, row[p]) if p in row else "–" for p in shown)]
                    for period, row in sorted(periods.items(), key=_in_time)
                ],
            )
            for label, periods in groups.items()
        ],
        note,
    )


def _receipt(facts: Facts, place: str) -> Markup:
    """Return the money of a receipt, or how many of its GPUs have no price."""
    if facts.at(f"{place}/value") is None and "unpriced_units" in facts.at(place):
        return facts.cell(f"{place}/unpriced_units", " GPUs without a price")
    return facts.money(f"{place}/value")


def _in_time(entry: tuple[str, object]) -> list[int]:
    """Return year and quarter of '2024-Q1' or 'Q1 FY2025'."""
    return sorted(map(int, re.findall(r"\d+", entry[0])), reverse=True)


def _whom(order: str | None) -> str:
    return order or "no one"
