"""Rows that are added to a record: judged with all that is on record, posted and appended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from earmark.book import Book
from earmark.errors import BookError, Problem, SurroundingsError
from earmark.ledger.entries import Change, Entry, Result
from earmark.ledger.folding import Folded, documents, fold, key_of
from earmark.ledger.naming import SETTINGS_ID, next_id, row_id
from earmark.recording.approving import approved
from earmark.recording.changes import effective_day
from earmark.recording.posting import posted
from earmark.recording.standing import Standing, Standings
from earmark.recording.word import Word
from earmark.stores import Head, Store
from earmark.tables.reading import check_raw
from earmark.tables.records import raw_of

_ATTEMPTS = 100
"""How often rows are judged anew because others recorded something in between."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of each entry, the record's size after it, and warnings about the book."""

    results: tuple[Result, ...]
    size: int
    warnings: tuple[Problem, ...]
    restored: int = 0
    """Entries of another record that were taken over as they were."""


def add(
    store: Store, groups: Sequence[Sequence[Change]], word: Word, book: Book | None = None
) -> Added:
    """Record groups of rows, an entry each, in one transaction; what is on record stays as it is.

    `book` is what the groups come to, checked, if the record is empty and it is known already.
    Raises BookError when a row is on record otherwise, when the book would not hold, or when the
    store refuses an entry; then nothing was recorded.
    """
    for _ in range(_ATTEMPTS):
        head = store.head()
        size, word = head.size, _dated(word, head)
        folded = fold(documents(store.bodies(1, size)))
        entries, exist = _entries(folded, groups, word)
        if not entries:
            return Added(tuple(exist), size, ())
        after, warnings = _after(folded, entries, size, word, book)
        ready = _with_postings(folded, entries, size, after)
        if size:
            # What a book brings along when it is taken in first has happened; it is listed.
            ready = approved(store, size, after, ready, word)
        results = store.append([ready], at=size)[0]
        if all(result.fine for result in results):
            return Added((*exist, *results), size + len(ready), warnings)
        if not any(result.code == "stale" for result in results):
            raise BookError(_refusals(results))
    raise SurroundingsError(f"{store.address}: others record all the time", "try again later")


def _dated(word: Word, head: Head) -> Word:
    """Return the word as of the day on which it will be recorded: clocks may go back, moments not."""
    last = date.fromisoformat(head.recorded_at[:10]) if head.recorded_at else word.today
    return replace(word, today=max(word.today, last))


def _entries(
    folded: Folded, groups: Sequence[Sequence[Change]], word: Word
) -> tuple[list[Entry], list[Result]]:
    """Return the entries that are new, without postings, and results for those on record."""
    standings = Standings(folded, word.today)
    entries: list[Entry] = []
    exist: list[Result] = []
    problems: list[Problem] = []
    for group in groups:
        found = standings.of(group)
        differing = [standing for standing in found if standing.column]
        if all(standing.same for standing in found):
            exist.append(Result("exists", found[0].id or "", found[0].seq))
        elif absent := [standing for standing in differing if standing.id is None]:
            problems += map(_not_there, absent)
        elif differing and not word.correct:
            problems += (standing.problem for standing in differing)
        else:
            entries.append(_entry(group, found[0], word))
    if problems:
        raise BookError(problems)
    return entries, exist


def _not_there(standing: Standing) -> Problem:
    table, cells = standing.change.table, standing.change.cells
    key = ", ".join(cells.values())
    return Problem("E290", f"the record has no {key} to drop", table, None, "drop", key)


def _entry(group: Sequence[Change], standing: Standing, word: Word) -> Entry:
    """Return the entry of rows that stand as `standing` says, which are new or to be corrected."""
    first = group[0]
    if first.table == "book":
        name, kind = SETTINGS_ID, "settings"
    else:
        name, kind = row_id(first.table, first.cells), "move" if first.table == "moves" else "row"
    if first.drop:
        name, kind = f"drop/{standing.before}", "drop"
    elif before := standing.id or standing.before:
        name = next_id(before)
    evidence = [name for change in group for name in change.cells.get("evidence", "").split(";")]
    known = date.fromisoformat(first.cells.get("known", word.today.isoformat()))
    return Entry(
        id=name,
        kind=kind,
        effective=effective_day(first, known),
        by=word.by,
        authority=word.authority,
        reason=word.reason,
        evidence=tuple(dict.fromkeys(filter(None, evidence))),
        corrects=standing.before if first.drop else standing.id,
        changes=tuple(group),
    )


def _after(
    folded: Folded, entries: Sequence[Entry], size: int, word: Word, book: Book | None
) -> tuple[Book, tuple[Problem, ...]]:
    """Return the book with the entries, and its warnings; BookError where it would not hold."""
    if book is not None and not size:
        return book, ()
    try:
        return check_raw(raw_of(fold(_as_if_recorded(entries, size, word), folded)))
    except BookError as error:
        # Of moves that contend for units an earlier one may be named as well; it held before.
        new = [problem for problem in error.problems if (problem.row or 0) > size]
        raise BookError(new or error.problems) from None


def _with_postings(folded: Folded, entries: Sequence[Entry], size: int, after: Book) -> list[Entry]:
    before = check_raw(raw_of(folded))[0] if size else None
    rows = [
        [(change.table, key_of(change.table, change.cells)) for change in entry.changes]
        if entry.kind != "settings"
        else []
        for entry in entries
    ]
    postings = posted(before, after, rows)
    return [replace(entry, postings=own) for entry, own in zip(entries, postings, strict=True)]


def _as_if_recorded(
    entries: Sequence[Entry], size: int, word: Word
) -> Iterator[Mapping[str, object]]:
    """Yield entries as documents of a record, as far as the book follows from them."""
    for seq, entry in enumerate(entries, size + 1):
        yield {
            "kind": entry.kind,
            "seq": seq,
            "id": entry.id,
            "recorded_at": word.today.isoformat(),
            "changes": [
                {"table": change.table, "cells": change.cells}
                | ({"drop": True} if change.drop else {})
                for change in entry.changes
            ],
        }


def _refusals(results: Sequence[Result]) -> list[Problem]:
    return [
        Problem("E431", f"{result.code}: {result.message}", text=result.id)
        for result in results
        if result.code != "linked_entry_failed" and not result.fine
    ]
