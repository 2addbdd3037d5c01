"""The tables that show the JSON document: figures, range, parties, orders, money."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from earmark.page.cells import Facts, Grid, Group, Head, day, joined, step
from earmark.page.content import Page
from earmark.sentences import CAUSE_WORDS, Document, comparisons_of, lead_party

MOST_ROWS = 200
"""Rows of orders or parties that one table shows, per reading."""

MOST_IDS = 12
"""Orders named behind one order as cause, gained from or lost to."""


LOST, SHIFT = "active_unit_days_lost", "mean_shift_days"
IDLE_A, IDLE_B = "idle_unit_days/a", "idle_unit_days/b"
"""Figures of a party in a comparison, as steps of a JSON pointer."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number, its unit and what it counts."""

    value: Markup
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One measure over the readings: low and high in percent of the axis, and a dot per reading."""

    label: str
    low: Markup
    high: Markup
    left: float
    right: float
    zero: float
    dots: Sequence[tuple[float, str]]


def facts_of(page: Page) -> Facts:
    """Return the document of a page, ready to be shown."""
    return Facts(page.document, page.book.currency)


def figures(page: Page) -> list[Figure]:
    """Return the four figures under the chart; fewer where there is nothing to count."""
    if not comparisons_of(page.document):
        return _plan_figures(page)
    lead = lead_party(page.document)
    if lead is None:
        return []
    who, sides = page.name(lead), page.sides
    wanted = (
        (f"active GPU-days lost by {who}", "GPU-days", LOST),
        (f"GPU-days received by {who} {sides.a} that stand idle", "GPU-days", IDLE_A),
        (f"GPU-days received by {who} {sides.b} that stand idle", "GPU-days", IDLE_B),
        (f"mean shift of {who}'s receipts (later is positive)", "days", SHIFT),
    )
    shown = ((text, unit, _ends(page, lead, path)) for text, unit, path in wanted)
    return [Figure(_between(*ends), unit, text) for text, unit, ends in shown if ends]


def range_grid(page: Page) -> Grid | None:
    """Return, per reading, what each changed party loses and how much stands idle."""
    if page.document["format"] != "earmark.comparisons/1":
        return None
    facts, sides = facts_of(page), page.sides
    heads = (
        Head("Reading"),
        Head("Active GPU-days lost", numeric=True),
        Head(f"Idle GPU-days {sides.a}", numeric=True),
        Head(f"Idle GPU-days {sides.b}", numeric=True),
    )
    groups = []
    for party in _changed_parties(page)[:MOST_ROWS]:
        rows: list[list[Markup | str]] = []
        for label, place in zip(page.labels, _places(page, party), strict=True):
            if place:
                cells = (facts.cell(f"{place}/{path}") for path in (LOST, IDLE_A, IDLE_B))
                rows.append([label, *cells])
        spans = (_between(*ends) for ends in _stated(page, party))
        rows.append([Markup("<strong>range</strong>"), *spans])
        groups.append(Group(page.name(party), rows))
    return Grid("By reading, in GPU-days", heads, groups)


def bars(page: Page) -> list[Bar]:
    """Return the range of the leading party's figures as bars with a dot per reading."""
    lead = lead_party(page.document)
    if lead is None or page.document["format"] != "earmark.comparisons/1":
        return []
    names = ("active lost", f"idle {page.sides.a}", f"idle {page.sides.b}")
    dots = [_values(page, lead, path) for path in (LOST, IDLE_A, IDLE_B)]
    every = [value for values in dots for _, value in values]
    low, high = min(0, *every), max(0, *every)

    def at(value: int) -> float:
        return round(100 * (value - low) / max(high - low, 1), 2)

    return [
        Bar(
            name,
            *ends,
            left=at(min(value for _, value in values)),
            right=at(max(value for _, value in values)),
            zero=at(0),
            dots=[(at(value), label) for label, value in values],
        )
        for name, values, ends in zip(names, dots, _stated(page, lead), strict=True)
    ]


def parties_grid(page: Page) -> Grid:
    """Return the table of parties: of a plan, or side a, side b and change per reading."""
    facts = facts_of(page)
    if not comparisons_of(page.document):
        return _plan_parties(page, facts)
    heads = [Head("Party")]
    for text in ("Received", "Active", "Idle", "Late"):
        heads += [Head(f"{text} {side}", numeric=True) for side in (page.sides.a, page.sides.b)]
    heads += [Head("Active lost", numeric=True), Head("Mean shift, days", numeric=True)]
    groups = []
    for label, root, comparison in _readings(page):
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
    most = max(len(c["parties"]) for _, _, c in _readings(page))
    return Grid("Parties, in GPU-days", heads, groups, _left_out(most, "parties", page))


def orders_grid(page: Page) -> Grid:
    """Return late orders with their reasons, or orders that a comparison moves."""
    facts = facts_of(page)
    if not comparisons_of(page.document):
        return _plan_orders(page, facts)
    heads = (
        Head("Order"),
        Head("Party"),
        Head("Shift, days", numeric=True),
        Head("Gained, GPUs"),
        Head("Lost, GPUs"),
    )
    groups, most = [], 0
    for label, root, comparison in _distinct(page, lambda c: c["orders"]):
        moved = [
            i
            for i, line in enumerate(comparison["orders"])
            if line["gained"] or line["lost"] or line["shift_days"]
        ]
        most = max(most, len(moved))
        rows = [_moved_row(page, facts, f"{root}/orders/{i}") for i in moved[:MOST_ROWS]]
        groups.append(Group(label, rows))
    return Grid("Orders that move", heads, groups, _left_out(most, "orders", page))


def money_grids(page: Page) -> list[Grid]:
    """Return the money of receipts that move, a table per calendar, a column per party."""
    facts = facts_of(page)
    moved: dict[str, dict[str | None, dict[str, dict[str, str]]]] = {}
    receipts = _distinct(page, lambda c: [line["receipts_moved"] for line in c["parties"]])
    for label, root, comparison in receipts:
        for i, line in enumerate(comparison["parties"]):
            for k, receipt in enumerate(line["receipts_moved"]):
                periods = moved.setdefault(receipt["calendar"], {}).setdefault(label, {})
                place = f"{root}/parties/{i}/receipts_moved/{k}"
                periods.setdefault(receipt["period"], {})[line["party"]] = place
    return [_money_grid(page, facts, calendar, groups) for calendar, groups in moved.items()]


def _plan_figures(page: Page) -> list[Figure]:
    facts, totals = facts_of(page), page.document["totals"]
    granted = Markup("{} <small>of {}</small>").format(
        facts.cell("/totals/granted"), facts.cell("/totals/quantity")
    )
    shown = [
        Figure(granted, "GPUs", "granted of those asked for"),
        Figure(facts.cell("/totals/late_unit_days"), "GPU-days", "late: due, and not yet usable"),
        Figure(facts.cell("/totals/unserved"), "GPUs", "not served by the end of the book"),
    ]
    if totals["idle_unit_days"] or totals["value"] is None:
        idle = facts.cell("/totals/idle_unit_days")
        return [*shown, Figure(idle, "GPU-days", "idle: received, not powered")]
    return [*shown, Figure(facts.money("/totals/value"), "", "value of the granted GPUs")]


def _plan_parties(page: Page, facts: Facts) -> Grid:
    names = ("quantity", "granted", "unserved", "late", "unserved_unit_days", "idle_unit_days")
    texts = (
        "Asked, GPUs",
        "Granted, GPUs",
        "Unserved, GPUs",
        "Late, GPU-days",
        "Unserved, GPU-days",
        "Idle, GPU-days",
        "Value",
    )
    keys = ["late_unit_days" if name == "late" else name for name in names]
    lines = page.document["parties"]
    rows = [
        [
            page.name(lines[i]["party"]),
            *(facts.cell(f"/parties/{i}/{key}") for key in keys),
            facts.money(f"/parties/{i}/value"),
        ]
        for i in _latest(lines)
    ]
    heads = (Head("Party"), *(Head(text, numeric=True) for text in texts))
    note = _left_out(len(lines), "parties", page)
    return Grid("By party", heads, [Group(None, rows)], note)


def _plan_orders(page: Page, facts: Facts) -> Grid:
    lines = page.document["orders"]
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
    note = _left_out(len(late), "late orders", page)
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


def _readings(page: Page) -> Iterator[tuple[str | None, str, Document]]:
    """Yield each comparison with its reading's name and its pointer."""
    several = page.document["format"] == "earmark.comparisons/1"
    found = comparisons_of(page.document)
    for i, (label, comparison) in enumerate(zip(page.labels, found, strict=bool(found))):
        yield (label, f"/readings/{i}", comparison) if several else (None, "", comparison)


def _distinct(
    page: Page, part: Callable[[Document], object]
) -> Iterator[tuple[str | None, str, Document]]:
    """Yield, of readings that agree in a part of their comparison, the first for all of them."""
    found = list(_readings(page))
    while found:
        label, root, comparison = found[0]
        same = [other for other in found if part(other[2]) == part(comparison)]
        if len(same) == len(page.readings) > 1:
            label = "in every reading"
        elif len(same) > 1:
            label = "; ".join(str(other[0]) for other in same)
        yield label, root, comparison
        found = [other for other in found if other not in same]


def _places(page: Page, party: str) -> list[str | None]:
    """Return, per reading, the pointer to a party's line."""
    places: list[str | None] = []
    for _, root, comparison in _readings(page):
        ids = [line["party"] for line in comparison["parties"]]
        places.append(f"{root}/parties/{ids.index(party)}" if party in ids else None)
    return places


def _values(page: Page, party: str, path: str) -> list[tuple[str, int]]:
    """Return a figure of a party with the name of each reading that knows the party."""
    places = zip(page.labels, _places(page, party), strict=True)
    return [(label, facts_of(page).at(f"{place}/{path}")) for label, place in places if place]


def _ends(page: Page, party: str, path: str) -> tuple[Markup, Markup] | None:
    """Return the least and the most of a figure as the JSON states them, or None."""
    facts = facts_of(page)
    if page.document["format"] == "earmark.comparison/1":
        place = f"{_places(page, party)[0]}/{path}"
        low, high = place, place
    else:
        place = f"/range/{step(party)}/{path}"
        low, high = f"{place}/0", f"{place}/1"
    return None if facts.at(place) is None else (facts.cell(low), facts.cell(high))


def _stated(page: Page, party: str) -> list[tuple[Markup, Markup]]:
    ends = (_ends(page, party, path) for path in (LOST, IDLE_A, IDLE_B))
    return [pair for pair in ends if pair]


def _between(low: Markup, high: Markup) -> Markup:
    same = low.striptags() == high.striptags()
    return low if same else Markup("{} <small>to</small> {}").format(low, high)


def _changed_parties(page: Page) -> list[str]:
    """Return the parties whose active, received or idle time differs in any reading."""
    size: dict[str, int] = {}
    for _, _, comparison in _readings(page):
        for line in comparison["parties"]:
            for name in ("active", "received", "idle"):
                pair = line[f"{name}_unit_days"]
                largest = max(size.get(line["party"], 0), abs(pair["a"] - pair["b"]))
                size[line["party"]] = largest
    lead = lead_party(page.document)
    changed = [party for party, largest in size.items() if largest]
    return sorted(changed, key=lambda party: (party != lead, -size[party], party))


def _delay(line: Document) -> int:
    return int(line["late_unit_days"] + line["unserved_unit_days"])


def _latest(lines: Sequence[Document], most: int = MOST_ROWS) -> list[int]:
    """Return the positions of the lines that wait longest, in GPU-days."""
    return sorted(range(len(lines)), key=lambda i: (-_delay(lines[i]), i))[:most]


def _left_out(count: int, what: str, page: Page) -> str:
    if count <= MOST_ROWS:
        return ""
    more = "earmark plan BOOK -o FILE" if not comparisons_of(page.document) else "--json"
    return f"{count - MOST_ROWS:,} more {what} are left out here; {more} gives all of them."


def _ids(ids: Sequence[str]) -> str:
    more = len(ids) - MOST_IDS
    return ", ".join(ids[:MOST_IDS]) + (f" and {more:,} more" if more > 0 else "")


def _whom(order: str | None) -> str:
    return order or "no one"
