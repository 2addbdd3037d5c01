"""Promises made again: what an order that stands by an earlier promise keeps of it.

The earlier promise of an order is what a previous plan granted it, or, where none is named, what
is earmarked for it and not shipped yet. `confirm` says how the order stands to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

import numpy as np

from earmark.book import Book
from earmark.coded import coded, codes_of, constant
from earmark.ledger.balances import follow
from earmark.ranking import places_of
from earmark.schedule import Ints, Missed, Schedule
from earmark.schema import CONFIRMS

WIN, GAIN, IMPROVE, REDISTRIBUTE, FILL, LOSE = range(len(CONFIRMS))


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """Earlier grants of the orders to plan, in columns sorted by order and day."""

    order: Ints
    """By position among the planned orders."""
    day: Ints
    units: Ints


NOTHING = Before(*(np.zeros(0, np.int64) for _ in range(3)))


def confirms(book: Book) -> bool:
    """Tell whether an order stands by an earlier promise in any way."""
    return any(book.orders.column("confirm").cells)


def reopened(book: Book, previous: Schedule | None) -> tuple[Book, Schedule | None]:
    """Return a book (as known) to promise again, and its earlier promises.

    Where no plan is named, what is earmarked for orders with a word in `confirm` and not shipped is
    released, and counts as promised for the day on which its lot comes.
    """
    if previous is not None or not confirms(book):
        return book, previous
    table = book.orders
    words = dict(zip(table.column("order"), table.column("confirm"), strict=True))
    days = dict(zip(book.lots.column("lot"), book.lots.column("date"), strict=True))
    due = dict(zip(table.column("order"), table.column("due"), strict=True))
    pegs = [
        (order, lot, units)
        for (lot, order), units in sorted(follow(book).earmarked.items())
        if units > 0 and words.get(order)
    ]
    names = tuple(sorted({order for order, _, _ in pegs}))
    lots = tuple(sorted({lot for _, lot, _ in pegs}))
    first = book.start
    rows = sorted(
        (names.index(o), max(days[lot], due[o], first).toordinal(), lots.index(lot), units)
        for o, lot, units in pegs
    )
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    promised = Schedule(
        names, lots, columns[0], columns[2], columns[1], columns[3], np.zeros(len(rows), np.bool_)
    )
    last = max([*book.moves.column("date").cells, book.end - timedelta(days=1)])
    released = [
        {
            "move": f"promised again: {lot}, {order}",
            "kind": "release",
            "date": last,
            "quantity": units,
            "lot": lot,
            "order": order,
            "known": book.start,
        }
        for order, lot, units in pegs
    ]
    moves = book.moves.with_rows(released, "promises made again")
    return replace(book, tables=MappingProxyType({**book.tables, "moves": moves})), promised


def before_of(ids: tuple[str, ...], previous: Schedule | None) -> Before:
    """Return the earlier grants of orders that are planned still."""
    if previous is None:
        return NOTHING
    order = places_of(previous.orders, ids)[previous.order]
    some = np.flatnonzero(order >= 0)
    rank = some[np.lexsort((previous.day[some], order[some]))]
    return Before(order[rank], previous.day[rank], previous.quantity[rank])


def confirm_codes(words: Sequence[str | None]) -> Ints:
    """Return each order's word by position in CONFIRMS; none is `redistribute`."""
    column = coded(words)
    codes = codes_of(column.cells, CONFIRMS)
    codes[codes < 0] = REDISTRIBUTE
    return codes[column.codes]


def beyond(before: Before, firm: Ints, most: Ints) -> Before:
    """Return earlier grants beyond the first `firm` units of each order, `most` at the most."""
    whole = np.cumsum(before.units)
    starts = np.searchsorted(before.order, before.order)
    so_far = whole - np.append(0, whole)[starts]
    inside = np.clip(so_far - firm[before.order], 0, most[before.order])
    fresh = starts == np.arange(len(starts))
    units = np.diff(inside, prepend=0)
    units[fresh] = inside[fresh]
    some = units > 0
    return Before(before.order[some], before.day[some], units[some])


def unconfirmed(book: Book) -> Book:
    """Return a book in which no order stands by an earlier promise."""
    columns = {**book.orders.columns, "confirm": constant(None, len(book.orders))}
    return book.replace_table(replace(book.orders, columns=columns))


def missed_promises(
    book: Book, schedule: Schedule, previous: Schedule | None, first: int
) -> tuple[Missed, ...]:
    """Return the planned orders that had to win, gain or improve, and do not; by id.

    Days promised before the `first` new day (an ordinal), or before the due day, count as that.
    """
    orders, end = book.orders, book.end.toordinal()
    words = dict(zip(orders.column("order"), orders.column("confirm"), strict=True))
    some = [order for order in schedule.orders if words[order] in ("win", "gain", "improve")]
    given_of = _grants_of(schedule)
    promised_of = _grants_of(previous) if previous is not None else {}
    found = []
    for order in some:
        row, word = orders.positions[order], words[order]
        due = max(first, orders.column("due")[row].toordinal())
        wanted = promised_of.get(order, NO_GRANTS)
        if word == "win":
            wanted = np.array([due]), np.array([orders.column("quantity")[row]])
        asked = _steps(np.maximum(wanted[0], due), wanted[1], first, end)
        given = _steps(*given_of.get(order, NO_GRANTS), first, end)
        short = max(0, int(asked[-1] - given[-1]))
        days = int(np.maximum(asked - given, 0).sum()) if word != "improve" else 0
        if short or days:
            found.append(Missed(order, word, short, days))
    return tuple(found)


NO_GRANTS = np.zeros(0, np.int64), np.zeros(0, np.int64)


def _grants_of(schedule: Schedule) -> dict[str, tuple[Ints, Ints]]:
    """Return days and units of the grants of each order that has any; grants are sorted."""
    starts = np.flatnonzero(np.diff(schedule.order, prepend=-1))
    days, units = np.split(schedule.day, starts[1:]), np.split(schedule.quantity, starts[1:])
    names = [schedule.orders[place] for place in schedule.order[starts].tolist()]
    return dict(zip(names, zip(days, units, strict=True), strict=False))


def _steps(day: Ints, units: Ints, first: int, end: int) -> Ints:
    """Return the cumulative units by the end of each day of [first, end)."""
    steps = np.zeros(end - first, np.int64)
    inside = day < end
    np.add.at(steps, np.maximum(day[inside] - first, 0), units[inside])
    return steps.cumsum()
