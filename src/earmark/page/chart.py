"""The chart: small multiples of units over time, a row per party, a column per reading."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from earmark.page.colours import PLACEHOLDERS, THEMES, Theme, follow_page
from earmark.page.content import Page, Series
from earmark.page.panel import Panel, Spec, panel_spec, peak
from earmark.sentences import comparisons_of, lead_party, losses_by_party

MOST_PARTIES, MOST_READINGS = 4, 9
"""What one page draws; the tables hold the rest."""


def chart_parties(page: Page) -> tuple[str, ...]:
    """Return the parties to draw: those that change or, in a plan, all; most changed first."""
    drawn = [series.party for reading in page.readings[:1] for series in reading.series]
    if comparisons_of(page.document):
        losses = losses_by_party(page.document)
        lead = lead_party(page.document)
        size = {party: max(map(abs, lost)) for party, lost in losses.items()}
        changed = {s.party for reading in page.readings for s in reading.series if _changes(s)}
        drawn = [party for party in drawn if party in changed]
        return tuple(sorted(drawn, key=lambda p: (p != lead, -size.get(p, 0), p)))
    late = {
        line["party"]: (-line["late_unit_days"] - line["unserved_unit_days"], -line["quantity"])
        for line in page.document["parties"]
    }
    return tuple(sorted((p for p in drawn if p in late), key=lambda p: (*late[p], p)))


def panels(page: Page) -> tuple[tuple[Panel, ...], ...]:
    """Return the rows of the chart: per party a panel for each reading."""
    return tuple(_row(page, party) for party in chart_parties(page)[:MOST_PARTIES])


def page_svg(panel: Panel, name: str) -> str:
    """Return a panel as SVG in the colours of the page around it; `name` makes ids its own."""
    svg = follow_page(_svg(_whole(panel_spec(panel, PLACEHOLDERS), PLACEHOLDERS)))
    return _renumbered(_bare(svg), name)


def chart_svg(page: Page, theme: str = "light") -> str:
    """Return the whole chart as an SVG file in a fixed theme."""
    return _renumbered(_svg(_grid(page, THEMES[theme])), "chart")


def chart_png(page: Page, theme: str = "light", *, scale: float = 2) -> bytes:
    """Return the whole chart as a PNG file in a fixed theme, `scale` pixels per pixel."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_grid(page, THEMES[theme]), scale=scale)
    return png


def _row(page: Page, party: str) -> tuple[Panel, ...]:
    chosen: list[tuple[str, Series]] = []
    for label, reading in zip(page.labels, page.readings, strict=True):
        chosen += [(label, series) for series in reading.series if series.party == party]
    highest = max(peak(series) for _, series in chosen)
    return tuple(
        Panel(series, page.sides, label if page.under_readings else "", highest)
        for label, series in chosen[:MOST_READINGS]
    )


def _changes(series: Series) -> bool:
    return (series.received_a, series.active_a) != (series.received_b, series.active_b)


def _whole(spec: Spec, theme: Theme) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "padding": {"left": 2, "top": 4, "right": 8, "bottom": 2},
        "config": _config(theme),
        **spec,
    }


def _grid(page: Page, theme: Theme) -> Spec:
    rows = [
        {
            "hconcat": [_titled(panel, theme) for panel in row],
            "title": {"text": page.name(row[0].series.party), "anchor": "start", "fontSize": 15},
        }
        for row in panels(page)
    ]
    return {**_whole({"vconcat": rows}, theme), "background": theme["ground"], "padding": 16}


def _titled(panel: Panel, theme: Theme) -> Spec:
    title = {"text": panel.title, "anchor": "start", "fontWeight": "normal"}
    return {**panel_spec(panel, theme), "title": title}


def _config(theme: Theme) -> Mapping[str, Any]:
    label = {"labelColor": theme["muted"], "labelFontSize": 12, "labelPadding": 6}
    line = {"domainColor": theme["muted"], "tickColor": theme["muted"], "gridColor": theme["rule"]}
    return {
        "aria": False,
        "font": "system-ui, sans-serif",
        "axis": {**label, **line},
        "axisY": {"domain": False},
        "title": {"color": theme["ink"], "fontSize": 13},
        "concat": {"spacing": 18},
    }


def _svg(spec: Spec) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def _bare(svg: str) -> str:
    """Take from a drawing what the page gives it: size, font and what a screen reader hears."""
    svg = re.sub(r' (?:role|aria-[a-z]+|pointer-events|font-family|xmlns:xlink)="[^"]*"', "", svg)
    svg = re.sub(r'<path class="(?:background|foreground)"[^>]*/>', "", svg)
    return re.sub(r' width="[\d.]+" height="[\d.]+"', ' focusable="false"', svg, count=1)


def _renumbered(svg: str, name: str) -> str:
    """Number the ids of a drawing from 0: the converter counts them through the whole process."""
    ids: Sequence[str] = re.findall(r' id="([^"]+)"', svg)
    for place, old in enumerate(ids):
        svg = svg.replace(f'id="{old}"', f'id="{name}-{place}"')
        svg = svg.replace(f"url(#{old})", f"url(#{name}-{place})")
    return svg
