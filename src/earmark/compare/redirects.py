"""A redirect or swap as a change to a book: a line of words becomes moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from earmark.book import Book
from earmark.errors import UsageError
from earmark.findings import nearest

SOURCE = "redirect"
"""How messages name the moves that were made from the line."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Units of one order that go to another, and lots that come back in return.

    Without a lot the earliest pegged lots go first; without a day it is the first day on which
    all that the book knows of the two orders has happened.
    """

    from_order: str
    to_order: str
    quantity: int
    lot: str | None = None
    day: date | None = None
    in_return: tuple[tuple[str, int], ...] = ()


def redirected(book: Book, redirect: Redirect) -> Book:
    """Return the book with the redirect, and what is given in return, as tied moves.

    Raise UsageError for orders and lots that the book does not have. Whether there are as many
    units to redirect is for the checks of the book to say.
    """
    _refuse_unknown(book, redirect)
    day = redirect.day or _day_after_all(book, redirect)
    first = _fresh_id(book, "redirect")
    there = {
        "order": redirect.from_order,
        "to_order": redirect.to_order,
        "quantity": redirect.quantity,
        "lot": redirect.lot,
    }
    back = [
        {
            "order": redirect.to_order,
            "to_order": redirect.from_order,
            "quantity": quantity,
            "lot": lot,
            "in_return_for": first,
        }
        for lot, quantity in redirect.in_return
    ]
    ids = [first] + [_fresh_id(book, f"return-{i}") for i in range(1, len(back) + 1)]
    rows = [
        {"move": move, "kind": "redirect", "date": day, "known": book.start, **row}
        for move, row in zip(ids, [there, *back], strict=True)
    ]
    return _with_moves(book, rows)


def _with_moves(book: Book, rows: Sequence[dict[str, Any]]) -> Book:
    moves = book.moves
    columns = {
        column.name: [row.get(column.name, column.default) for row in rows]
        for column in moves.schema.columns
    }
    added = replace(
        moves,
        columns=columns,
        rows=list(range(1, len(rows) + 1)),
        sources=[SOURCE] * len(rows),
    )
    return book.replace_table(moves.joined(added))


def _refuse_unknown(book: Book, redirect: Redirect) -> None:
    orders, lots = book.orders.positions, book.lots.positions
    asked = [
        ("order", redirect.from_order, orders),
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
    orders = {redirect.from_order, redirect.to_order}
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
