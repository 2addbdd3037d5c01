"""What a page is made of: the JSON document, the book behind it, and units over time."""

from dataclasses import dataclass, field
from datetime import date

from earmark.book import Book
from earmark.errors import Problem
from earmark.sentences import Document, Sides, comparisons_of


@dataclass(frozen=True, slots=True)
class Series:
    """One party's cumulative units as steps: `x[i]` units from `days[i]` to the next day or `end`.

    Side b is None for a plan alone, which may give `due` (units asked for by then) instead.
    """

    party: str
    days: tuple[date, ...]
    end: date
    received_a: tuple[int, ...]
    active_a: tuple[int, ...]
    received_b: tuple[int, ...] | None = None
    active_b: tuple[int, ...] | None = None
    due: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the facts: its name, units over time, and the book with its rows laid over."""

    label: str | None
    series: tuple[Series, ...]
    book: Book | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a page shows.

    `book` is as known; `document` a plan, a comparison or several in the form of the contract;
    `readings` has one entry per comparison, or one for a plan; `command` makes the page again.
    """

    book: Book
    document: Document
    readings: tuple[Reading, ...]
    command: str
    sides: Sides = field(default_factory=Sides)
    problems: tuple[Problem, ...] = ()
    """Warnings that came with the book."""

    @property
    def names(self) -> dict[str, str]:
        """The name of each party that has one."""
        return {party.party: party.name for party in self.book.parties if party.name}

    def name(self, party: str) -> str:
        """Return a party's name, else its id."""
        record = self.book.parties.get(party)
        return (record.name if record else None) or party

    @property
    def under_readings(self) -> bool:
        """Whether the page rests on readings that have names, or on several."""
        return len(self.readings) > 1 or any(
            comparison.get("reading") for comparison in comparisons_of(self.document)
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The name of each comparison's reading."""
        spoken = [reading.label for reading in self.readings]
        written = [comparison.get("reading") for comparison in comparisons_of(self.document)]
        return tuple(
            str(a or b or "as booked") for a, b in zip(spoken, written or spoken, strict=True)
        )
