"""Schedules for tests: `schedule(book, ("l1", "o1", "2024-03-01", 8))`, a grant a line."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.schedule import Schedule

Grant = tuple[str, str, date | str, int] | tuple[str, str, date | str, int, bool]


def schedule(book: Book, *grants: Grant, orders: Sequence[str] | None = None) -> Schedule:
    """Return the schedule of those grants: lot, order, day, quantity and whether pegged (no).

    All orders of the book are planned unless `orders` names some.
    """
    planned = tuple(sorted(book.orders.column("order") if orders is None else orders))
    lots = tuple(sorted({grant[0] for grant in grants}))
    rows = sorted(
        (
            planned.index(grant[1]),
            _ordinal(grant[2]),
            lots.index(grant[0]),
            grant[4:] == (True,),
            grant[3],
        )
        for grant in grants
    )
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    order, day, lot, pegged, quantity = columns
    return Schedule(planned, lots, order, lot, day, quantity, pegged.astype(bool))


def _ordinal(day: date | str) -> int:
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()
