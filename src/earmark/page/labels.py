"""The words of a panel, where the lines lie furthest apart; no legend is needed.

Only numbers that also stand in the document are written into a panel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from earmark.amounts import gpu_days
from earmark.page.content import Series
from earmark.page.gaps import HEIGHT, WIDTH, Gap, x_of, y_of
from earmark.sentences import Sides

FONT = 12
"""Height of the words."""

_LINE = 15
_GLYPH, _BOLD = 6.1, 1.3
"""Mean width of a character, and how much wider it is in bold."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words at a place, in pixels of the plot; `role` is the colour."""

    text: str
    x: float
    y: float
    role: str
    weight: str = "normal"
    align: str = "center"


def labels_of(series: Series, sides: Sides, gaps: Sequence[Gap], top: float) -> Iterator[Label]:
    """Yield the words of a panel: on the lines where they lie furthest apart, and on the gap."""
    names = (sides.a, sides.b) if series.active_b else ("due", "usable")
    largest = max(gaps, key=lambda gap: abs(gap.unit_days), default=None)
    if largest is None:
        yield _alone(series, names, top)
    else:
        yield from _apart(series, largest, gaps, names, top)
    if waiting := _waiting(series):
        day, end, units = waiting
        left, right = x_of(series, day), x_of(series, end)
        if right - left > _width("received") + 4 and units > top / 6:
            yield Label("received", (left + right) / 2, y_of(units, top) + FONT + 2, "muted")


def _alone(series: Series, names: tuple[str, str], top: float) -> Label:
    both = "on the day due" if series.active_b is None else "no difference in use"
    units = series.active_a[-1]
    text = both if units else "none in use"
    return Label(text, WIDTH - 2, y_of(units, top) - 6, "ink", align="right")


def _apart(
    series: Series, gap: Gap, gaps: Sequence[Gap], names: tuple[str, str], top: float
) -> Iterator[Label]:
    # Lines rise: above the upper one there is room to the left, below the lower one to the right.
    upper, lower = y_of(max(gap.a, gap.b), top), y_of(min(gap.a, gap.b), top)
    over, under = names if gap.a > gap.b else names[::-1]
    left, right = x_of(series, gap.start), x_of(series, gap.end)
    yield Label(over, max(right - 2, _width(over)), upper - 6, "ink", align="right")
    below = lower + FONT + 4 < HEIGHT
    x = max(min(left + 5, WIDTH - _width(under)), 0)
    yield Label(under, x, lower + (FONT + 3 if below else -6), "ink", align="left")
    room = lower - upper - (0 if below else FONT + 4)
    yield from _on_gap(series, gap, _gap_text(series, gap, gaps), upper + room / 2, room)


def _on_gap(
    series: Series, gap: Gap, text: Sequence[str], middle: float, room: float
) -> Iterator[Label]:
    """Yield what a gap says, in a line or two: inside it or, where nothing is drawn, beside it."""
    left, right = x_of(series, gap.start), x_of(series, gap.end)
    beside = WIDTH - right - 10 if _is_free(series, gap) else 0
    for lines in ([" ".join(text)], text):
        for place, width in (("center", right - left - 6), ("left", beside)):
            if _width(lines) * _BOLD <= width and len(lines) * _LINE - 3 <= room:
                x = (left + right) / 2 if place == "center" else right + 7
                first = middle + FONT / 3 - (len(lines) - 1) * _LINE / 2
                role = "behind-ink" if gap.b < gap.a else "ahead-ink"
                for i, words in enumerate(lines):
                    yield Label(words, x, first + i * _LINE, role, "bold", place)
                return


def _is_free(series: Series, gap: Gap) -> bool:
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


def _gap_text(series: Series, gap: Gap, gaps: Sequence[Gap]) -> list[str]:
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


def _width(text: str | Sequence[str]) -> float:
    lines = [text] if isinstance(text, str) else text
    return max(map(len, lines)) * _GLYPH
