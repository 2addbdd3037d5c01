"""Rows that are added to a record: judged with all that is on record, posted and appended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from earmark.book import Book
from earmark.errors import BookError, Problem, SurroundingsError
from earmark.ledger.entries import Change, Recorded, Result
from earmark.ledger.folding import Folded, documents, fold
from earmark.recording.approving import approved
from earmark.recording.drafts import Draft, as_if_recorded, drafts_of
from earmark.recording.posting import posted
from earmark.recording.word import Word
from earmark.stores import Store
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
        size, word = head.size, dated(word, head.recorded_at)
        folded = fold(documents(store.bodies(1, size)))
        drafts, exist = drafts_of(folded, groups, word, partial(_on_record, store))
        exist = [result if result.seq else _found(store, result) for result in exist]
        if not drafts:
            return Added(tuple(exist), size, ())
        after, warnings = _after(folded, drafts, size, word, book)
        before = check_raw(raw_of(folded), judged=False)[0] if size else None
        postings = posted(before, after, [draft.rows for draft in drafts])
        ready = [draft.entry(own, word) for draft, own in zip(drafts, postings, strict=True)]
        if before is not None:
            # What a book brings along when it is taken in first has happened; it is listed.
            ready = approved(store, size, (before, after), ready, word)
        results = store.append([ready], at=size)[0]
        if all(result.fine for result in results):
            return Added((*exist, *results), size + len(ready), warnings)
        if not any(result.code == "stale" for result in results):
            raise BookError(_refusals(results))
    raise SurroundingsError(f"{store.address}: others record all the time", "try again later")


def require_fit(
    restored: Sequence[Recorded], groups: Sequence[Sequence[Change]], word: Word
) -> None:
    """Raise BookError, as `add` would, where groups do not fit a record that is being restored."""
    if not restored:
        return
    folded = fold(documents(one.body for one in restored))
    ids = {one.entry.id for one in restored}
    word = dated(word, restored[-1].recorded_at)
    drafts, _ = drafts_of(folded, groups, word, ids.__contains__)
    if drafts:
        _after(folded, drafts, len(restored), word, None)


def _on_record(store: Store, name: str) -> bool:
    return store.entry(name) is not None


def _found(store: Store, result: Result) -> Result:
    recorded = store.entry(result.id)
    return replace(result, seq=None if recorded is None else recorded.seq)


def dated(word: Word, moment: str | None) -> Word:
    """Return the word as of the day of recording: clocks may go back, moments on record do not."""
    last = date.fromisoformat(moment[:10]) if moment else word.today
    return replace(word, today=max(word.today, last))


def _after(
    folded: Folded, drafts: Sequence[Draft], size: int, word: Word, book: Book | None
) -> tuple[Book, tuple[Problem, ...]]:
    """Return the book with the entries, and its warnings; BookError where it would not hold."""
    if book is not None and not size:
        return book, ()
    try:
        return check_raw(raw_of(fold(as_if_recorded(drafts, size, word), folded)))
    except BookError as error:
        # Of rows that contend for units an earlier one may be named; before, it held.
        new = [problem for problem in error.problems if (problem.row or 0) > size]
        raise BookError(new or [_broken(problem, size) for problem in error.problems]) from None


def _broken(problem: Problem, size: int) -> Problem:
    """Return the problem of a row on record as one of the entry that brings it about."""
    message = f"with this, {problem.table} entry {problem.row} no longer holds: {problem.message}"
    return replace(problem, row=size + 1, column=None, text=None, message=message)


def _refusals(results: Sequence[Result]) -> list[Problem]:
    return [
        Problem("E431", f"{result.code}: {result.message}", text=result.id)
        for result in results
        if result.code != "linked_entry_failed" and not result.fine
    ]
