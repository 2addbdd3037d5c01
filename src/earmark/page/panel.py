"""One panel of the chart: a party under a reading, cumulative units as steps, as Vega-Lite."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from earmark.page.colours import Theme
from earmark.page.content import Series
from earmark.page.gaps import HEIGHT, WIDTH, Gap, gaps_of
from earmark.page.labels import FONT, Label, labels_of
from earmark.sentences import Sides

Spec = dict[str, Any]

MOST_STEPS = 1000
"""Steps that one line shows; finer ones are below a pixel."""

_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)
"""Steps between the days that an axis names."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing: what it shows, and the scales that it shares with its neighbours."""

    series: Series
    sides: Sides
    title: str
    highest: int
    """Most units of the party in any reading."""


def peak(series: Series) -> int:
    """Return the most units on any line of `series`."""
    lines = (series.received_a, series.received_b, series.due, series.active_a, series.active_b)
    return max((max(line) for line in lines if line), default=0)


def panel_spec(panel: Panel, theme: Theme) -> Spec:
    """Return a panel as a Vega-Lite layer chart of fixed size."""
    series = _thinned(panel.series)
    top = max(panel.highest, 1) * 1.22
    gaps = list(gaps_of(series))
    layers = [_shade(gaps, theme)] if gaps else []
    layers += list(_lines(series, theme))
    layers += [_word(label, theme) for label in labels_of(series, panel.sides, gaps, top)]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "view": {"stroke": None},
        "encoding": {"x": _days_axis(series), "y": _units_axis(top)},
        "layer": layers,
    }


def axis_days(start: date, end: date) -> list[date]:
    """Return at most six days to name on an axis: firsts of months, else days evenly apart."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months < 3:
        step = max(1, -(-(end - start).days // 4))
        return [date.fromordinal(day) for day in range(start.toordinal(), end.toordinal(), step)]
    step = next((s for s in _MONTHS if months // s <= 4), _MONTHS[-1])
    firsts = (divmod(start.year * 12 + start.month - 1 + i, 12) for i in range(months + 1))
    days = [date(year, month + 1, 1) for year, month in firsts if (year * 12 + month) % step == 0]
    return [day for day in days if start <= day < end]


def _thinned(series: Series) -> Series:
    step = -(-len(series.days) // MOST_STEPS)
    if step <= 1:
        return series
    names = ("days", "received_a", "active_a", "received_b", "active_b", "due")
    lines = {name: getattr(series, name) for name in names}
    return replace(series, **{name: line[::step] for name, line in lines.items() if line})


def _shade(gaps: Sequence[Gap], theme: Theme) -> Spec:
    """Return a rectangle per gap: an area between two step lines would be drawn slanted."""
    rows = [
        {
            "from": gap.start.isoformat(),
            "to": gap.end.isoformat(),
            "low": min(gap.a, gap.b),
            "high": max(gap.a, gap.b),
            "side": "behind" if gap.b < gap.a else "ahead",
        }
        for gap in gaps
    ]
    colour = {
        "field": "side",
        "type": "nominal",
        "legend": None,
        "scale": {
            "domain": ["behind", "ahead"],
            "range": [theme["behind-fill"], theme["ahead-fill"]],
        },
    }
    encoding = {
        "x": {"field": "from", "type": "temporal"},
        "x2": {"field": "to"},
        "y": {"field": "low", "type": "quantitative"},
        "y2": {"field": "high"},
        "color": colour,
    }
    return {"data": {"values": rows}, "mark": {"type": "rect"}, "encoding": encoding}


def _lines(series: Series, theme: Theme) -> Iterator[Spec]:
    """Yield the lines, thin ones (received, due) below thick ones (active)."""
    thin = {"stroke": theme["muted"], "strokeWidth": 1.2}
    dashes = {"strokeDash": [5, 4]}
    if series.due:
        yield _line(series, series.due, {**thin, "strokeDash": [2, 3]})
    if series.received_a != series.active_a:
        yield _line(series, series.received_a, thin)
    if series.received_b and series.received_b != series.active_b:
        yield _line(series, series.received_b, {**thin, **dashes})
    thick = {"stroke": theme["ink"], "strokeWidth": 2.2}
    yield _line(series, series.active_a, thick)
    if series.active_b:
        # On top of the solid line a dashed one shows only if the ground shines through.
        yield _line(series, series.active_b, {**thick, **dashes})


def _line(series: Series, units: Sequence[int], style: Mapping[str, Any]) -> Spec:
    levels = _bends(series.days, units)
    values = [{"day": day.isoformat(), "units": level} for day, level in levels]
    values.append({"day": series.end.isoformat(), "units": levels[-1][1]})
    return {
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeJoin": "round", **style},
    }


def _bends(days: Sequence[date], units: Sequence[int]) -> list[tuple[date, int]]:
    """Return the first level and every later one that is another than that before it."""
    levels = list(zip(days, units, strict=True))
    return levels[:1] + [after for before, after in pairwise(levels) if before[1] != after[1]]


def _days_axis(series: Series) -> Spec:
    start, end = series.days[0], series.end
    format_ = "%-d %b" if (end - start).days < 75 else "%b %Y"
    values = [day.isoformat() for day in axis_days(start, end)]
    domain = [start.isoformat(), end.isoformat()]
    axis = {"values": values, "format": format_, "title": None, "grid": False, "labelFlush": True}
    return {
        "field": "day",
        "type": "temporal",
        "axis": axis,
        "scale": {"type": "utc", "domain": domain, "nice": False},
    }


def _units_axis(top: float) -> Spec:
    axis = {"title": None, "tickCount": 3, "format": ",.0f", "tickMinStep": 1, "ticks": False}
    scale = {"domain": [0, top], "nice": False}
    return {"field": "units", "type": "quantitative", "axis": axis, "scale": scale}


def _word(label: Label, theme: Theme) -> Spec:
    mark = {"type": "text", "text": label.text, "align": label.align, "baseline": "alphabetic"}
    look = {"color": theme[label.role], "fontSize": FONT, "fontWeight": label.weight}
    place = {"x": {"value": round(label.x, 1)}, "y": {"value": round(label.y, 1)}}
    return {"data": {"values": [{}]}, "mark": {**mark, **look}, "encoding": place}
