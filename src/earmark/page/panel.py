"""One panel of the chart: a party under a reading, cumulative units as steps, as Vega-Lite.

The lines and what lies between them are labelled where they lie. Only numbers that also stand in
the document are written into a panel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from earmark.page.colours import Theme
from earmark.page.content import Series
from earmark.sentences import Sides, gpu_days

Spec = dict[str, Any]

WIDTH, HEIGHT = 320, 165
"""Of the plot itself, in the chart's own pixels."""

_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000)

MOST_STEPS = 1000
"""Steps that one line shows; finer ones are below a pixel."""

_FONT, _LINE = 12, 15
_GLYPH, _BOLD = 6.1, 1.3
"""Mean width of a character at that size, and how much wider it is in bold."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing: what it shows, and the scales that it shares with its neighbours."""

    series: Series
    sides: Sides
    title: str
    highest: int
    """Most units of the party in any reading."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Days on which the second line lies off the first."""

    start: date
    end: date
    a: int
    b: int

    @property
    def unit_days(self) -> int:
        return (self.end - self.start).days * (self.b - self.a)


def peak(series: Series) -> int:
    """Return the most units on any line of `series`."""
    lines = (series.received_a, series.received_b, series.due, series.active_a, series.active_b)
    return max((max(line) for line in lines if line), default=0)


def panel_spec(panel: Panel, theme: Theme) -> Spec:
    """Return a panel as a Vega-Lite layer chart of fixed size."""
    series = _thinned(panel.series)
    top = max(panel.highest, 1) * 1.22
    gaps = list(_gaps(series))
    layers = [_shade(gaps, theme)] if gaps else []
    layers += list(_lines(series, theme))
    layers += [_word(label, theme) for label in _labels(series, panel.sides, gaps, top)]
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


def _gaps(series: Series) -> Iterator[_Gap]:
    """Yield the days on which the lines are apart, one gap per pair of levels."""
    first, second = series.active_a, series.active_b
    if second is None:
        first, second = series.due or series.active_a, series.active_a
    ends = [*series.days[1:], series.end]
    gap: _Gap | None = None
    for start, end, a, b in zip(series.days, ends, first, second, strict=True):
        if gap and (gap.a, gap.b) == (a, b):
            gap = replace(gap, end=end)
            continue
        if gap and gap.a != gap.b:
            yield gap
        gap = _Gap(start, end, a, b)
    if gap and gap.a != gap.b:
        yield gap


def _shade(gaps: Sequence[_Gap], theme: Theme) -> Spec:
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


@dataclass(frozen=True, slots=True)
class _Label:
    """Words at a place, in pixels of the plot; `role` is the colour."""

    text: str
    x: float
    y: float
    role: str
    weight: str = "normal"
    align: str = "center"


def _word(label: _Label, theme: Theme) -> Spec:
    mark = {"type": "text", "text": label.text, "align": label.align, "baseline": "alphabetic"}
    look = {"color": theme[label.role], "fontSize": _FONT, "fontWeight": label.weight}
    place = {"x": {"value": round(label.x, 1)}, "y": {"value": round(label.y, 1)}}
    return {"data": {"values": [{}]}, "mark": {**mark, **look}, "encoding": place}


def _labels(series: Series, sides: Sides, gaps: Sequence[_Gap], top: float) -> Iterator[_Label]:
    """Yield the words of a panel: on the lines where they lie furthest apart, and on the gap."""
    names = (sides.a, sides.b) if series.active_b else ("due", "usable")
    largest = max(gaps, key=lambda gap: abs(gap.unit_days), default=None)
    if largest is None:
        yield _alone(series, names, top)
    else:
        yield from _apart(series, largest, gaps, names, top)
    if waiting := _waiting(series):
        day, end, units = waiting
        left, right = _x(series, day), _x(series, end)
        if right - left > _width("received") + 4 and units > top / 6:
            yield _Label("received", (left + right) / 2, _y(units, top) + _FONT + 2, "muted")


def _alone(series: Series, names: tuple[str, str], top: float) -> _Label:
    both = "on the day due" if series.active_b is None else "no difference in use"
    units = series.active_a[-1]
    text = both if units else "none in use"
    return _Label(text, WIDTH - 2, _y(units, top) - 6, "ink", align="right")


def _apart(
    series: Series, gap: _Gap, gaps: Sequence[_Gap], names: tuple[str, str], top: float
) -> Iterator[_Label]:
    # Lines rise: above the upper one there is room to the left, below the lower one to the right.
    upper, lower = _y(max(gap.a, gap.b), top), _y(min(gap.a, gap.b), top)
    over, under = names if gap.a > gap.b else names[::-1]
    left, right = _x(series, gap.start), _x(series, gap.end)
    yield _Label(over, max(right - 2, _width(over)), upper - 6, "ink", align="right")
    below = lower + _FONT + 4 < HEIGHT
    x = max(min(left + 5, WIDTH - _width(under)), 0)
    yield _Label(under, x, lower + (_FONT + 3 if below else -6), "ink", align="left")
    room = lower - upper - (0 if below else _FONT + 4)
    yield from _on_gap(series, gap, _gap_text(series, gap, gaps), upper + room / 2, room)


def _on_gap(
    series: Series, gap: _Gap, text: Sequence[str], middle: float, room: float
) -> Iterator[_Label]:
    """Yield what a gap says, in a line or two: inside it or, where nothing is drawn, beside it."""
    left, right = _x(series, gap.start), _x(series, gap.end)
    beside = WIDTH - right - 10 if _is_free(series, gap) else 0
    for lines in ([" ".join(text)], text):
        for place, width in (("center", right - left - 6), ("left", beside)):
            if _width(lines) * _BOLD <= width and len(lines) * _LINE - 3 <= room:
                x = (left + right) / 2 if place == "center" else right + 7
                first = middle + _FONT / 3 - (len(lines) - 1) * _LINE / 2
                role = "behind-ink" if gap.b < gap.a else "ahead-ink"
                for i, words in enumerate(lines):
                    yield _Label(words, x, first + i * _LINE, role, "bold", place)
                return


def _is_free(series: Series, gap: _Gap) -> bool:
    """Tell whether nothing is drawn after a gap between its levels."""
    lines = (series.active_a, series.active_b, series.received_a, series.received_b, series.due)
    low, high = sorted((gap.a, gap.b))
    later = [
        units
        for line in lines
        for day, units in zip(series.days, line or (), strict=bool(line))
        if day >= gap.end
    ]
    return all(units <= low or units >= high for units in later)


def _gap_text(series: Series, gap: _Gap, gaps: Sequence[_Gap]) -> list[str]:
    """Say the whole area where all of it lies on one side, as only then the document has it."""
    side = "late" if series.active_b is None else ("behind" if gap.b < gap.a else "ahead")
    whole = sum(other.unit_days for other in gaps)
    if series.active_b is None or abs(whole) != sum(abs(other.unit_days) for other in gaps):
        return [side]
    count, unit = gpu_days(abs(whole)).split(" ")
    return [count, f"{unit} {side}"]


def _waiting(series: Series) -> tuple[date, date, int] | None:
    """Return the longest stretch on which units are received and not in use, and their level."""
    best: tuple[date, date, int] | None = None
    sides = [(series.received_a, series.active_a)]
    if series.received_b is not None and series.active_b is not None:
        sides.append((series.received_b, series.active_b))
    ends = [*series.days[1:], series.end]
    for received, active in sides:
        for start, end, has, runs in zip(series.days, ends, received, active, strict=True):
            if has > runs and (best is None or end - start > best[1] - best[0]):
                best = start, end, has
    return best


def _x(series: Series, day: date) -> float:
    whole = (series.end - series.days[0]).days
    return WIDTH * (day - series.days[0]).days / max(whole, 1)


def _y(units: int, top: float) -> float:
    return HEIGHT * (1 - units / top)


def _width(text: str | Sequence[str]) -> float:
    lines = [text] if isinstance(text, str) else text
    return max(map(len, lines)) * _GLYPH
