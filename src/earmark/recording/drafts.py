"""Entries before it is known what they post: which rows are new, and what they will be called."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from earmark.errors import BookError, Problem
from earmark.ledger.entries import Change, Entry, Posting, Result
from earmark.ledger.folding import Folded, key_of
from earmark.ledger.history import effective_day
from earmark.ledger.naming import SETTINGS_ID, next_id, row_id
from earmark.recording.posting import RowKey
from earmark.recording.standing import Standing, Standings
from earmark.recording.word import Word


class Draft(NamedTuple):
    """An entry that is new, or corrects another, before it is known what it posts."""

    id: str
    kind: str
    corrects: str | None
    changes: Sequence[Change]

    @property
    def rows(self) -> list[RowKey]:
        """The tables and keys of its rows."""
        if self.kind == "settings":
            return []
        return [(change.table, key_of(change.table, change.cells)) for change in self.changes]

    def entry(self, postings: tuple[Posting, ...], word: Word) -> Entry:
        """Return the entry, as it is to be recorded."""
        first = self.changes[0].cells
        cited = [
            change.cells["evidence"]
            for change in self.changes
            if "evidence" in change.cells and change.table != "evidence"
        ]
        evidence = dict.fromkeys(name for ids in cited for name in ids.split(";"))
        known = date.fromisoformat(first["known"]) if "known" in first else word.today
        return Entry(
            id=self.id,
            kind=self.kind,
            effective=effective_day(self.changes[0].table, first, known),
            by=word.by,
            authority=word.authority,
            reason=word.reason,
            evidence=tuple(evidence),
            corrects=self.corrects,
            changes=tuple(self.changes),
            postings=postings,
        )


def drafts_of(
    folded: Folded, groups: Sequence[Sequence[Change]], word: Word, taken: Callable[[str], bool]
) -> tuple[list[Draft], list[Result]]:
    """Return what is new among groups of rows, and results for what is on record.

    `taken` tells whether an entry of that id is on record. Raises BookError where something else is
    on record than a row says, unless the word is to correct it.
    """
    standings = Standings(folded, word.today)
    named: set[str] = set()
    drafts: list[Draft] = []
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
            draft = _draft(group, found, folded, lambda name: name in named or taken(name))
            named.add(draft.id)
            drafts.append(draft)
    if problems:
        raise BookError(problems)
    return drafts, exist


def as_if_recorded(
    drafts: Sequence[Draft], size: int, word: Word
) -> Iterator[Mapping[str, object]]:
    """Yield drafts as documents of a record of `size`, as far as the book follows from them."""
    for seq, draft in enumerate(drafts, size + 1):
        yield {
            "kind": draft.kind,
            "seq": seq,
            "id": draft.id,
            "recorded_at": word.today.isoformat(),
            "changes": [
                {"table": change.table, "cells": change.cells}
                | ({"drop": True} if change.drop else {})
                for change in draft.changes
            ],
        }


def _draft(
    group: Sequence[Change],
    found: Sequence[Standing],
    folded: Folded,
    taken: Callable[[str], bool],
) -> Draft:
    """Return the draft of rows that stand as `found` says; those on record so are left out.

    Unless some are dropped: then it matters what is said before that, and after.
    """
    if group[0].table != "book" and not any(change.drop for change in group):
        found = [standing for standing in found if not standing.same]
        group = [standing.change for standing in found]
    first, standing = group[0], found[0]
    corrects = standing.before if first.drop else _corrected(found)
    if first.drop:
        name, kind = standing.id or f"drop/{standing.before}", "drop"
    elif first.table == "book":
        name, kind = SETTINGS_ID, "settings"
    else:
        name, kind = row_id(first.table, first.cells), "row"
        name = next_id(name) if standing.id or standing.before else name
    if any(change.table == "moves" and not change.drop for change in group):
        kind = "move"  # Whatever else is said with it: what moves units is to be found as such.
    while standing.met and taken(name):
        name = next_id(name)
    return Draft(name, kind, folded.last(corrects) if corrects else None, group)


def _corrected(found: Sequence[Standing]) -> str | None:
    return next((standing.id for standing in found if standing.id and standing.column), None)


def _not_there(standing: Standing) -> Problem:
    table, cells = standing.change.table, standing.change.cells
    key = ", ".join(cells.values())
    return Problem("E290", f"the record has no {key} to drop", table, None, "drop", key)
