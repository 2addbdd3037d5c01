"""What the moves of a book come to: pegs, units transferred to orders, and what runs where.

One pass over the days serves both `positions` (what is so) and `judge_moves` (what cannot be so).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from earmark.book import Book
from earmark.errors import Problem
from earmark.ledger.balances import Place, follow


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units that a transfer brings to an order: like a lot of its own that is pegged to it."""

    move: str
    order: str
    product: str
    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class Running:
    """A change of what a party runs of a product at a site: opened or moved in, less moved out."""

    party: str
    product: str
    site: str | None
    day: date
    units: int


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the units of a book stand after all of its moves."""

    pegs: Mapping[tuple[str, str], int]
    """Units pegged, by (lot, order), sorted; none that is 0."""
    arrivals: tuple[Arrival, ...]
    """Sorted by day, then move."""
    running: tuple[Running, ...]
    """Sorted by day, party, product, site; one entry for each, none that is 0. Units that came
    with an order are not counted in, but taken out where they are retired or transferred."""


def positions(book: Book) -> Positions:
    """Return what the moves of `book`, as known and without problems, come to."""
    balances = follow(book)
    pegs = dict(balances.earmarked)
    for pair, stages in balances.advanced.items():
        pegs[pair] = pegs.get(pair, 0) + sum(stages)
    changes = sorted(balances.changes.items(), key=lambda change: _sortable(*change[0]))
    return Positions(
        MappingProxyType({pair: pegs[pair] for pair in sorted(pegs) if pegs[pair] > 0}),
        tuple(_arrival(book, i) for i in balances.arrivals),
        tuple(Running(*place, day, units) for (place, day), units in changes if units),
    )


def judge_moves(book: Book) -> list[Problem]:
    """Return each balance that the moves of `book`, as known, break, at the row that broke it.

    The references of the moves must be sound: each lot and order that they name is there.
    """
    return follow(book).problems


def _arrival(book: Book, i: int) -> Arrival:
    names = ("move", "to_order", "product", "date", "quantity")
    return Arrival(*(book.moves.columns[name][i] for name in names))


def _sortable(place: Place, day: date) -> tuple[date, str, str, str]:
    party, product, site = place
    return day, party, product, site or ""
