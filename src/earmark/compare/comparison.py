"""What a comparison consists of: two sides, and what changes from a to b."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from earmark.book import Book
from earmark.outcome import Outcome
from earmark.schedule import Schedule

N = TypeVar("N")

CALENDAR = "calendar"
"""The name of the calendar year among the calendars of a book."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a comparison: a book as known, a schedule in it and what that means."""

    book: Book
    schedule: Schedule
    outcome: Outcome
    digest: str
    """Of the book with every version of every row."""
    policy: str


@dataclass(frozen=True, slots=True)
class Pair(Generic[N]):
    """One figure on both sides."""

    a: N
    b: N


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money of units received in one period, b less a; None where no such unit has a price."""

    calendar: str
    period: str
    value: Decimal | None
    unpriced_units: int
    """Units without a price received in the period, b less a."""


@dataclass(frozen=True, slots=True)
class PartyChange:
    """What changes for one party, or (`party` None) for all together."""

    party: str | None
    received_unit_days: Pair[int]
    active_unit_days: Pair[int]
    idle_unit_days: Pair[int]
    late_unit_days: Pair[int]
    unserved_unit_days: Pair[int]
    active_unit_days_lost: int
    mean_shift_days: float | None
    """Mean of the receipt day in b less that in a; whole, or to 6 decimals. None: none in both."""
    receipts_moved: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that came from, or went to, an order (None: nobody)."""

    order: str | None
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What changes for one order."""

    order: str
    party: str
    shift_days: float | None
    gained: tuple[Flow, ...]
    lost: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What b changes against a: per party and per planned order of either side, sorted by id."""

    a: Side
    b: Side
    parties: tuple[PartyChange, ...]
    orders: tuple[OrderChange, ...]
    totals: PartyChange


def calendars_of(a: Book, b: Book) -> Mapping[str, str | None]:
    """Return the rule of each calendar in which receipts are told; None is the calendar year."""
    fiscal = {**a.fiscal, **b.fiscal}
    return {CALENDAR: None, **{name: fiscal[name] for name in sorted(fiscal)}}
