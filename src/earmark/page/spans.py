"""What is read first under the chart: the four figures, and the range over the readings."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from earmark.page.cells import Grid, Group, Head, step
from earmark.page.content import Page
from earmark.page.readings import IDLE_A, IDLE_B, LOST, MOST_ROWS, SHIFT, facts_of, places, readings
from earmark.sentences import comparisons_of, lead_party


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
        for label, place in zip(page.labels, places(page, party), strict=True):
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


def _values(page: Page, party: str, path: str) -> list[tuple[str, int]]:
    """Return a figure of a party with the name of each reading that knows the party."""
    found = zip(page.labels, places(page, party), strict=True)
    return [(label, facts_of(page).at(f"{place}/{path}")) for label, place in found if place]


def _ends(page: Page, party: str, path: str) -> tuple[Markup, Markup] | None:
    """Return the least and the most of a figure as the JSON states them, or None."""
    facts = facts_of(page)
    if page.document["format"] == "earmark.comparison/1":
        place = f"{places(page, party)[0]}/{path}"
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
    for _, _, comparison in readings(page):
        for line in comparison["parties"]:
            for name in ("active", "received", "idle"):
                pair = line[f"{name}_unit_days"]
                largest = max(size.get(line["party"], 0), abs(pair["a"] - pair["b"]))
                size[line["party"]] = largest
    lead = lead_party(page.document)
    changed = [party for party, largest in size.items() if largest]
    return sorted(changed, key=lambda party: (party != lead, -size[party], party))
