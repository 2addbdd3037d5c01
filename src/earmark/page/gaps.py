"""Where two lines of a panel lie apart, and where that is on the plot."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from earmark.page.content import Series

WIDTH, HEIGHT = 320, 165
"""Of a plot, in the chart's own pixels."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which the second line lies off the first."""

    start: date
    end: date
    a: int
    b: int

    @property
    def unit_days(self) -> int:
        """What the second line has more than the first; less than zero where it is behind."""
        return (self.end - self.start).days * (self.b - self.a)


def gaps_of(series: Series) -> Iterator[Gap]:
    """Yield the days on which the lines are apart, one gap per pair of levels."""
    first, second = series.active_a, series.active_b
    if second is None:
        first, second = series.due or series.active_a, series.active_a
    ends = [*series.days[1:], series.end]
    gap: Gap | None = None
    for start, end, a, b in zip(series.days, ends, first, second, strict=True):
        if gap and (gap.a, gap.b) == (a, b):
            gap = replace(gap, end=end)
            continue
        if gap and gap.a != gap.b:
            yield gap
        gap = Gap(start, end, a, b)
    if gap and gap.a != gap.b:
        yield gap


def x_of(series: Series, day: date) -> float:
    """Return where a day is, from the left."""
    whole = (series.end - series.days[0]).days
    return WIDTH * (day - series.days[0]).days / max(whole, 1)


def y_of(units: int, top: float) -> float:
    """Return where a number of units is, from above; `top` is the end of the axis."""
    return HEIGHT * (1 - units / top)
