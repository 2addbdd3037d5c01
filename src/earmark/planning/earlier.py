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
from earmark.coded import codes_of
from earmark.ledger.balances import follow
from earmark.ranking import places_of
from earmark.schedule import Ints, Schedule
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
    codes = codes_of(words, CONFIRMS)
    return np.where(codes < 0, REDISTRIBUTE, codes)


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
