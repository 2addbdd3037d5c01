"""A redirect or swap as a change to a book: a line of words becomes moves."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from earmark.book import Book
from earmark.errors import UsageError
from earmark.findings import nearest
from earmark.ledger.positions import positions

SOURCE = "redirect"
"""How messages name the moves that were made from the line."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Units of one order, or pooled from several, that go to another; and what comes in return.

    Without a lot the earliest pegged lots go first; without a day it is the first day on which
    all that the book knows of the orders has happened. Of several orders the first gives as much
    as is pegged to it, then the next. `move` is the id of the first move, a fresh one if None.
    """

    from_orders: tuple[str, ...]
    to_order: str
    quantity: int
    lot: str | None = None
    day: date | None = None
    in_return: tuple[tuple[str, int], ...] = ()
    move: str | None = None


def redirected(book: Book, redirect: Redirect) -> Book:
    """Return the book with the redirect, and what is given in return, as tied moves.

    Raise UsageError for orders and lots that the book does not have. Whether there are as many
    units to redirect is for the checks of the book to say.
    """
    rows = [{"known": book.start, **row} for row in redirect_rows(book, redirect)]
    return book.replace_table(book.moves.with_rows(rows, SOURCE))


def redirect_rows(book: Book, redirect: Redirect) -> list[dict[str, Any]]:
    """Return the moves of a redirect, typed cells by column. Raises as `redirected` does."""
    _refuse_unknown(book, redirect)
    day = redirect.day or _day_after_all(book, redirect)
    there: list[dict[str, Any]] = [
        {"order": order, "to_order": redirect.to_order, "quantity": units, "lot": redirect.lot}
        for order, units in _pooled(book, redirect)
    ]
    first = redirect.move or _fresh_id(book, "redirect")
    back = [
        {
            "order": redirect.to_order,
            "to_order": redirect.from_orders[0],
            "quantity": quantity,
            "lot": lot,
            "in_return_for": first,
        }
        for lot, quantity in redirect.in_return
    ]
    return [
        {"move": move, "kind": "redirect", "date": day, **row}
        for move, row in zip(_ids(book, redirect, first, len(there)), [*there, *back], strict=True)
    ]


def _ids(book: Book, redirect: Redirect, first: str, givers: int) -> list[str]:
    """Return ids of the moves: those that follow the first are named after a move that is."""
    more = [f"{first}-{i}" for i in range(2, givers + 1)]
    stem = f"{redirect.move}-return" if redirect.move else "return"
    returns = [f"{stem}-{i}" for i in range(1, len(redirect.in_return) + 1)]
    fresh = redirect.move is None
    return [first, *(_fresh_id(book, name) if fresh else name for name in (*more, *returns))]


def _pooled(book: Book, redirect: Redirect) -> list[tuple[str, int]]:
    """Return who gives how much; what nobody has is asked of the last, for the checks to refuse."""
    if len(redirect.from_orders) == 1:
        return [(redirect.from_orders[0], redirect.quantity)]
    pegged = dict.fromkeys(redirect.from_orders, 0)
    for (lot, order), units in positions(book.as_known(None)).pegs.items():
        if order in pegged and redirect.lot in (None, lot):
            pegged[order] += units
    missing = redirect.quantity
    given: dict[str, int] = {}
    for order, units in pegged.items():
        given[order] = min(units, missing)
        missing -= given[order]
    given[redirect.from_orders[-1]] += missing
    return [(order, units) for order, units in given.items() if units]


def _refuse_unknown(book: Book, redirect: Redirect) -> None:
    orders, lots = book.orders.positions, book.lots.positions
    asked = [
        *(("order", order, orders) for order in redirect.from_orders),
        ("order", redirect.to_order, orders),
        *(("lot", lot, lots) for lot in (redirect.lot, *(lot for lot, _ in redirect.in_return))),
    ]
    for what, name, there in asked:
        if name is not None and name not in there:
            near = nearest(name, there)
            raise UsageError(
                f"the book has no {what} {name}", f"did you mean {near}?" if near else None
            )


def _day_after_all(book: Book, redirect: Redirect) -> date:
    """Return the last day of a move of either order, or the start of the book."""
    orders = {*redirect.from_orders, redirect.to_order}
    cells = zip(*(book.moves.column(c) for c in ("order", "to_order", "date")), strict=True)
    last: date = book.start
    for order, to_order, day in cells:
        if orders & {order, to_order}:
            last = max(last, day)
    return last


def _fresh_id(book: Book, name: str) -> str:
    taken, number = book.moves.positions, 1
    while (free := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return free
