"""Everything that an outcome looks at, on the days on which anything changes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from earmark.book import Book
from earmark.errors import UsageError
from earmark.ledger.positions import Running, positions
from earmark.outcome.lines import OrderLines, order_lines
from earmark.schedule import Ints, Schedule


@dataclass(frozen=True, slots=True, eq=False)
class RunningRows:
    """Running units, a row for each party, product and site (positions in the lines; -1: none).

    The rows are sorted; where not even running units have power, they get it in this order.
    `units` is the level on each day, `(rows, days)`: negative where units that came with an order
    were retired or moved out.
    """

    party: Ints
    product: Ints
    site: Ints
    units: Ints


@dataclass(frozen=True, eq=False)
class Timeline:
    """A schedule and the running units of a book over `days`, ordinals from its start on.

    `end` is the ordinal of the book's end, which is none of the days.
    """

    lines: OrderLines
    schedule: Schedule
    running: RunningRows
    days: Ints
    end: int

    @cached_property
    def grant_days(self) -> Ints:
        """Per grant, the position of its day in `days`."""
        first, last = int(self.days[0]), int(self.days[-1])
        return np.searchsorted(self.days, np.arange(first, last + 1))[self.schedule.day - first]

    @cached_property
    def widths(self) -> Ints:
        """Days from each of `days` to the next or to the end."""
        return np.diff(self.days, append=self.end)


def timeline_of(book: Book, schedule: Schedule, rows: Ints | None = None) -> Timeline:
    """Return the timeline of `schedule` in `book`, as known; `rows` are those of its orders.

    Raises UsageError where units times days are too large to count.
    """
    running = positions(book).running
    lines = order_lines(
        book,
        schedule.orders,
        rows,
        parties=(change.party for change in running),
        products=(change.product for change in running),
        sites=(change.site for change in running if change.site is not None),
    )
    _refuse_overflow(book, lines, running)
    days = _event_days(book, schedule, running)
    runs = _running_rows(lines, running, days)
    return Timeline(lines, schedule, runs, days, book.end.toordinal())


def _refuse_overflow(book: Book, lines: OrderLines, running: tuple[Running, ...]) -> None:
    """Refuse what 64 bits cannot count."""
    units = float(lines.quantity.sum(dtype=np.float64)) + sum(abs(r.units) for r in running)
    start = book.start.toordinal()
    days = book.end.toordinal() - min(start, int(lines.due.min(initial=start)))
    if units * days >= 2.0**62:
        raise UsageError(
            f"{units:.3g} units over {days} days are too many to count",
            "check the quantities and the due days of the orders",
        )


def _event_days(book: Book, schedule: Schedule, running: tuple[Running, ...]) -> Ints:
    """Return the days of the book on which units or power change, from its start on."""
    start, end = book.start.toordinal(), book.end.toordinal()
    inside = (schedule.day >= start) & (schedule.day < end)
    assert inside.all(), "grants lie within the days of the book"
    changes = [day.toordinal() for day in book.readiness.column("date")]
    changes += [change.day.toordinal() for change in running]
    granted = start + np.flatnonzero(np.bincount(schedule.day - start, minlength=1))
    days = np.unique(np.concatenate((np.array([start, *changes], dtype=np.int64), granted)))
    return days[(days >= start) & (days < end)]


def _running_rows(lines: OrderLines, running: tuple[Running, ...], days: Ints) -> RunningRows:
    parties, products, sites = (
        {name: position for position, name in enumerate(names)}
        for names in (lines.parties, lines.products, lines.sites)
    )
    at = [
        (
            parties[change.party],
            products[change.product],
            -1 if change.site is None else sites[change.site],
        )
        for change in running
    ]
    places = {place: row for row, place in enumerate(sorted(set(at)))}
    # What changes after the last of the days falls into a column that is cut off.
    units = np.zeros((len(places), len(days) + 1), dtype=np.int64)
    for place, change in zip(at, running, strict=True):
        units[places[place], np.searchsorted(days, change.day.toordinal())] += change.units
    party, product, site_of = np.array(list(places), dtype=np.int64).reshape(-1, 3).T
    return RunningRows(party, product, site_of, np.cumsum(units, axis=1)[:, :-1])
