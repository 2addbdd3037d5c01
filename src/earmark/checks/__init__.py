"""What must hold between the cells of a book: references, days, quantities, stakes, moves.

Each check finds all problems of its kind, whatever the other checks find. Columns are looked at as
a whole; single rows only where something is wrong.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.book import Book, Table, canonical_text
from earmark.checks.assertions import check_assertions, check_filters
from earmark.checks.moves import check_moves
from earmark.checks.options import check_options
from earmark.checks.readiness import check_coverage, check_running
from earmark.checks.references import Declared, check_names, check_references
from earmark.coded import NEVER, Coded, Ints
from earmark.errors import Problem
from earmark.findings import problem_at
from earmark.ledger.positions import judge_moves
from earmark.model import Stake


def check_book(
    book: Book, declared: Declared = MappingProxyType({}), ever: Book | None = None
) -> list[Problem]:
    """Return the problems of `book` as known: errors (codes E...) and warnings (codes W...).

    `declared` has, per table, the ids of rows that are there but are not in `book`, because some of
    their cells could not be read. Whether moves hold as a sum is judged only when their own
    columns, and the tables of lots and orders, are free of errors; assertions and what runs, when
    the whole book is. `ever` is the book with all versions of its rows, whose parties its settings
    may name.
    """
    problems = [
        *check_references(book, declared),
        *check_names(book, declared, ever or book),
        *_check_sequences(book),
        *_check_end(book),
        *_check_stakes(book.stakes),
        *check_options(book),
        *check_moves(book),
        *check_filters(book),
        *check_coverage(book),
    ]
    wrong = {problem.table for problem in problems if problem.code.startswith("E")}
    if wrong.union(table for table in declared if declared[table]).isdisjoint(_BALANCED):
        problems += judge_moves(book)
    if not any(problem.code.startswith("E") for problem in problems) and not any(declared.values()):
        problems += check_running(book)
        problems += check_assertions(book)
    return problems


_BALANCED = ("lots", "orders", "moves")
"""The tables on which the balances of moves rest."""

_SEQUENCES = (
    ("readiness", "date_early", "date", "E311"),
    ("readiness", "date", "date_late", "E311"),
    ("lots", "date_early", "date", "E311"),
    ("lots", "date", "date_late", "E311"),
    ("lots", "quantity_low", "quantity", "E312"),
    ("lots", "quantity", "quantity_high", "E312"),
    ("orders", "promised", "quantity", "E313"),
    ("orders", "booked", "due", "W605"),
    ("claims", "date", "deadline", "W606"),
)
"""Per table two columns of which the first must not exceed the second, and the code if it does."""


def _check_sequences(book: Book) -> Iterator[Problem]:
    for name, low, high, code in _SEQUENCES:
        table = book.table(name)
        named = low if high in ("date", "quantity", "due") else high
        first, second = table.column(low), table.column(high)
        for i in np.flatnonzero(_numbers(first) > _numbers(second, none=NEVER)).tolist():
            word = "after" if isinstance(first[i], date) else "more than"
            message = f"{low} {first[i]} is {word} {high} {second[i]}"
            yield problem_at(table, i, named, code, message)


def _numbers(column: Coded, none: int = -NEVER) -> Ints:
    """Return whole numbers, and days as ordinals, in an array; `none` where there is none."""
    cells = (cell.toordinal() if isinstance(cell, date) else cell for cell in column.cells)
    return np.fromiter((none if cell is None else cell for cell in cells), np.int64)[column.codes]


_ENDS = (
    ("orders", "due", "E310", "not before {end}, the end of the book", "move the end, or the day"),
    ("lots", "date", "W601", "left out: not before {end}, the end of the book", None),
    (
        "moves",
        "date",
        "W604",
        "not before {end}, the end of the book",
        "its pegs count all the same; what runs does not change inside the book",
    ),
)
"""Per table the column whose days belong before the end, and code, message and hint if not."""


def _check_end(book: Book) -> Iterator[Problem]:
    """Find days at or after the end of the book."""
    for name, column, code, message, hint in _ENDS:
        table = book.table(name)
        late = table.column(column).where(lambda day: day >= book.end)
        for i in np.flatnonzero(late).tolist():
            yield problem_at(table, i, column, code, message.format(end=book.end), hint)


def _check_stakes(stakes: Table[Stake]) -> Iterator[Problem]:
    columns = stakes.columns
    spans: dict[str, list[tuple[date, str, date, Decimal, int]]] = {}
    for i, (holder, held, start, until, percent) in enumerate(
        zip(
            *(columns[name] for name in ("holder", "held", "from", "until", "percent")), strict=True
        )
    ):
        first, end = start or date.min, until or date.max
        if first >= end:
            message = f"from {start} is not before until {until}"
            yield problem_at(stakes, i, "until", "E314", message)
        else:
            spans.setdefault(held, []).append((first, holder, end, percent, i))
        if holder == held:
            message = f"{holder} cannot hold a stake in itself"
            yield problem_at(stakes, i, "held", "E315", message)
    for held, rows in spans.items():
        yield from _check_whole(stakes, held, sorted(rows))


def _check_whole(stakes: Table[Any], held: str, rows: list[Any]) -> Iterator[Problem]:
    """Find the stakes that bring what is held of one company over 100 %, earliest first."""
    running: list[tuple[date, Decimal]] = []
    total = Decimal(0)
    for first, _, end, percent, i in rows:
        while running and running[0][0] <= first:
            total -= heappop(running)[1]
        heappush(running, (end, percent))
        total += percent
        if total > 100:
            day = "from the first day" if first == date.min else f"on {first}"
            message = f"{canonical_text(total)} % of {held} are held {day}"
            hint = "give the day on which an earlier stake ends (until)"
            yield problem_at(stakes, i, "percent", "E316", message, hint)
