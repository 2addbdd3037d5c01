"""Balance assertions: what accounts were said to hold on a day, against what the book comes to."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.book import Book
from earmark.errors import Problem
from earmark.findings import problem_at
from earmark.ledger.entries import Account
from earmark.ledger.journal import Journal, postings_of
from earmark.ledger.postings import Ints

_OF_ORDERS = ("order", "party", "product", "site")
_OF_PEGS = ("lot", *_OF_ORDERS)
_OF_PLACES = ("party", "product", "site")

FILTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "supplied": ("lot", "product"),
        "earmarked": _OF_PEGS,
        "shipped": _OF_PEGS,
        "received": _OF_PLACES,
        "active": _OF_PLACES,
        "retired": _OF_PLACES,
        "demand": _OF_ORDERS,
    }
)
"""Which columns of an assertion may narrow down what accounts of a state are summed up. Party and
site are those of the order where accounts are an order's."""

_ALL = ("lot", "order", "party", "product", "site")


def check_filters(book: Book) -> Iterator[Problem]:
    """Find columns of assertions that their state does not use."""
    table = book.assertions
    for i, state in enumerate(table.columns["state"]):
        for column in _ALL:
            if table.columns[column][i] is not None and column not in FILTERS[state]:
                message = f"units that are {_WORDS.get(state, state)} are not counted by {column}"
                hint = f"{state} goes by {', '.join(FILTERS[state])}"
                yield problem_at(table, i, column, "E336", message, hint)


def check_assertions(book: Book) -> Iterator[Problem]:
    """Find assertions that do not hold. The moves of the book must hold, and all else of it."""
    table = book.assertions
    if not len(table):
        return
    columns = table.columns
    found = _Found(book, postings_of(book))
    for i in sorted(range(len(table)), key=columns["date"].__getitem__):
        state, day, expected = (columns[name][i] for name in ("state", "date", "quantity"))
        filters = {name: cell for name in _ALL if (cell := columns[name][i]) is not None}
        units = found.units(day, state, filters)
        if units != expected:
            what = _in_words(state, filters)
            message = (
                f"expected {expected} {what} on {day}, found {units}: {_apart(units - expected)}"
            )
            hint = "correct the assertion, or the row that is wrong or missing"
            yield problem_at(table, i, "quantity", "E335", message, hint)


class _Found:
    """What accounts hold, asked day after day."""

    def __init__(self, book: Book, journal: Journal) -> None:
        self._of_order = {
            order: (party, site)
            for order, party, site in zip(
                *(book.orders.columns[name] for name in ("order", "party", "site")), strict=True
            )
        }
        self._rank = np.argsort(journal.day, kind="stable")
        self._day = journal.day[self._rank]
        numbers, self._place = np.unique(journal.account, return_inverse=True)
        self._accounts = journal.accounts(numbers)
        self._quantity = journal.quantity
        self._held = np.zeros(len(numbers), np.int64)
        self._seen = 0
        self._columns: dict[str, tuple[Ints, dict[str, tuple[Ints, dict[Any, int]]]]] = {}

    def units(self, day: date, state: str, filters: Mapping[str, Any]) -> int:
        """Return the sum of what accounts hold at the end of a day, no earlier than the last."""
        until = int(np.searchsorted(self._day, day.toordinal(), "right"))
        fresh = self._rank[self._seen : until]
        np.add.at(self._held, self._place[fresh], self._quantity[fresh])
        self._seen = until
        chosen, columns = self._of_state(state)
        matching = np.ones(len(chosen), bool)
        for name, cell in filters.items():
            cells, codes = columns[name]
            matching &= cells == codes.get(cell, -1)
        return int(self._held[chosen[matching]].sum())

    def _of_state(self, state: str) -> tuple[Ints, dict[str, tuple[Ints, dict[Any, int]]]]:
        """Return the accounts of a state and, per filter, a code for each and what codes mean."""
        if state not in self._columns:
            chosen = [i for i, account in enumerate(self._accounts) if account.state == state]
            traits = [self._traits(self._accounts[i]) for i in chosen]
            columns = {}
            for name in FILTERS[state]:
                cells = [trait[name] for trait in traits]
                codes = {cell: code for code, cell in enumerate(dict.fromkeys(cells))}
                coded = np.array([codes[cell] for cell in cells], np.int64)
                columns[name] = coded, codes
            self._columns[state] = np.array(chosen, np.int64), columns
        return self._columns[state]

    def _traits(self, account: Account) -> dict[str, Any]:
        """Return what an account can be found by."""
        if account.state == "supplied":
            return {"lot": account.holder, "product": account.product}
        if account.state in ("received", "active", "retired"):
            return {"party": account.holder, "product": account.product, "site": account.place}
        party, site = self._of_order[account.holder]
        order = {"order": account.holder, "party": party, "product": account.product, "site": site}
        return order if account.state == "demand" else {**order, "lot": account.place}


_WORDS = {"demand": "in demand"}


def _in_words(state: str, filters: Mapping[str, Any]) -> str:
    words = {"lot": "of", "order": "for", "party": "of", "site": "at"}
    parts = [_WORDS.get(state, state), *([filters["product"]] if "product" in filters else ())]
    parts += [f"{word} {filters[name]}" for name, word in words.items() if name in filters]
    return " ".join(parts)


def _apart(units: int) -> str:
    return f"{units} too many" if units > 0 else f"{-units} too few"
