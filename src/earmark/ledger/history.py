"""History: every version of every row as an event, with what it gave way to.

Two clocks run apart: `effective`, when something is true, and `known`, when it was learned. A
record has a third, the moment of recording, which tells what corrects what.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from earmark.book import Book, Table, canonical_text
from earmark.ledger.entries import Change, Recorded
from earmark.ledger.folding import BOOK_KINDS, Key, Version, key_of, known_by_default
from earmark.schema import SCHEMA

EFFECTIVE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stakes": ("from",),
        "readiness": ("date",),
        "lots": ("date",),
        "orders": ("booked", "due"),
        "claims": ("date",),
        "moves": ("date",),
        "assertions": ("date",),
        "evidence": ("published",),
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One column in which two versions of a row differ; '' where a version does not give it."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Successor:
    """What a version of a row gave way to, and where that stands on record.

    | how | meaning |
    |---|---|
    | replaced | from the day `known` on another version counts |
    | corrected | the record was wrong: on no day does this version count any more |
    | dropped | the record was wrong: on no day is the row there any more |
    """

    how: Literal["replaced", "corrected", "dropped"]
    known: date
    entry: Recorded | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One version of one row; or its removal; or an entry that asks for or gives an approval.

    `table` is a table of the schema, `book` for settings, `proposal` or `approval`. `cells` are
    canonical texts, those that are given.
    """

    table: str
    key: Key
    effective: date
    known: date
    cells: Mapping[str, str]
    number: int
    """The row of a file as a spreadsheet counts it, or the number of an entry."""
    entry: Recorded | None = None
    """The entry that holds it; None for a book from files."""
    drop: bool = False
    """Whether this takes the row out; then `cells` hold what is taken out."""
    successor: Successor | None = None
    before: Mapping[str, str] | None = None
    """The cells of the version that this one replaces or corrects; None if it is the first."""

    @property
    def row(self) -> tuple[str, Key]:
        """The table and key that all versions of one row share."""
        return self.table, self.key

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Where this differs from the version before; nothing where there is none."""
        return () if self.before is None or self.drop else differences(self.before, self.cells)

    def counts_on(self, day: date | None) -> bool:
        """Tell whether the row says this as known on a day that is not before it (None: now)."""
        if self.successor is None:
            return not self.drop
        return self.successor.how == "replaced" and day is not None and day < self.successor.known


@dataclass(frozen=True, slots=True)
class History:
    """All events by effective day, then by the day known, then as recorded."""

    events: Sequence[Event]
    latest: Mapping[tuple[str, Key], Event]
    """The version of each row that counts now; rows that were dropped have none."""

    def since(self, event: Event, day: date | None) -> Event | None:
        """Return what the row of an event says now, if that is another version than on `day`."""
        now = self.latest.get(event.row)
        return now if now is not event and event.counts_on(day) else None


def history_of_book(book: Book) -> History:
    """Return the history of a book from files: every version of every row."""
    return _history([_event(*row) for table in book.tables.values() for row in _rows(table)])


def history_of_record(entries: Iterable[Recorded]) -> History:
    """Return the history on record, with the versions that were corrected or dropped."""
    return _history(list(_recorded_events(entries)))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return where two versions of a row differ; when each became known is no difference."""
    names = [name for name in dict.fromkeys((*after, *before)) if name != "known"]
    return tuple(
        Difference(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name) != after.get(name)
    )


def effective_day(table: str, cells: Mapping[str, str], known: date) -> date:
    """Return the day from which a row is true; the day it became known where it says none."""
    for name in EFFECTIVE.get(table, ()):
        if (day := _day(cells.get(name, ""))) is not None:
            return day
    return known


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


# Events as they stand in a book or a record, not linked yet


def _event(
    table: str, cells: Mapping[str, str], known: date, number: int, entry: Recorded | None = None
) -> Event:
    if schema := SCHEMA.get(table):
        # A record holds its cells by name; a row says them in the order of its columns.
        names = (column.name for column in schema.columns)
        cells = {name: cells[name] for name in names if name in cells}
    return Event(
        table=table,
        key=key_of(table, cells) if schema else (table,),
        effective=effective_day(table, cells, known),
        known=known,
        cells=cells,
        number=number,
        entry=entry,
    )


def _rows(table: Table[Any]) -> Iterator[tuple[str, Mapping[str, str], date, int]]:
    """Yield the rows of a table as texts, with the day known and the number of each."""
    names = [column.name for column in table.schema.columns]
    columns = [[canonical_text(cell) for cell in table.columns[name]] for name in names]
    known = table.columns["known"]
    for i, row in enumerate(zip(*columns, strict=True)):
        cells = {name: text for name, text in zip(names, row, strict=True) if text}
        yield table.name, cells, known[i], table.rows[i]


def _recorded_events(entries: Iterable[Recorded]) -> Iterator[Event]:
    settings: Version | None = None
    for recorded in entries:
        entry = recorded.entry
        on = date.fromisoformat(known_by_default(recorded.recorded_at, settings))
        if entry.kind == "settings":
            cells = {change.cells["key"]: change.cells["value"] for change in entry.changes}
            settings = Version(recorded.seq, entry.id, cells, stated=False)
            yield _event("book", cells, on, recorded.seq, recorded)
        elif entry.kind in BOOK_KINDS:
            for change in entry.changes:
                yield _change_event(change, recorded, on)
        else:
            yield Event(
                table=entry.kind,
                key=(entry.id,),
                effective=entry.effective,
                known=on,
                cells=entry.facts,
                number=recorded.seq,
                entry=recorded,
            )


def _change_event(change: Change, recorded: Recorded, on: date) -> Event:
    cells = change.cells
    known = _day(cells.get("known", "")) or on
    if not change.drop:
        cells = {**cells, "known": known.isoformat()}
    event = _event(change.table, cells, known, recorded.seq, recorded)
    return replace(event, drop=True) if change.drop else event


# Linking versions


def _history(events: list[Event]) -> History:
    """Link the versions of each row; `events` come as they were recorded."""
    rows: dict[tuple[str, Key], list[int]] = defaultdict(list)
    for i, event in enumerate(events):
        rows[event.row].append(i)
    latest: dict[tuple[str, Key], Event] = {}
    for row, places in rows.items():
        if len(places) > 1:
            _link(events, places)
        for i in places:
            if events[i].counts_on(None):
                latest[row] = events[i]
    order = {name: i for i, name in enumerate(SCHEMA)}
    events.sort(key=lambda e: (e.effective, e.known, order.get(e.table, -1), e.number, e.key))
    return History(events, MappingProxyType(latest))


def _link(events: list[Event], places: Sequence[int]) -> None:
    """Let each version of one row know its successor and the version before it."""
    live: dict[date | None, int] = {}
    for i in places:
        event = events[i]
        if event.drop:
            for gone in live.values():
                _gives_way(events, gone, i, "dropped")
                event = replace(event, effective=events[gone].effective, cells=events[gone].cells)
            events[i] = event
            live.clear()
            continue
        # As in `folding.fold`: of a row and a day known the last counts, of settings the very last.
        version = None if event.table == "book" else event.known
        if version in live:
            wrong = live[version]
            _gives_way(events, wrong, i, "corrected")
            events[i] = replace(event, before=events[wrong].cells)
        live[version] = i
    for earlier, later in pairwise(sorted(live.values(), key=lambda i: events[i].known)):
        _gives_way(events, earlier, later, "replaced")
        if events[later].before is None:
            events[later] = replace(events[later], before=events[earlier].cells)


def _gives_way(
    events: list[Event], i: int, to: int, how: Literal["replaced", "corrected", "dropped"]
) -> None:
    events[i] = replace(events[i], successor=Successor(how, events[to].known, events[to].entry))
