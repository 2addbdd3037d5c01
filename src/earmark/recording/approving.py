"""Entries that need an approval: with it, or refused with the reason and who could give it."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from earmark.book import Book
from earmark.errors import BookError
from earmark.ledger.approvals import judge_approval, proposal_entry
from earmark.ledger.entries import Entry, Recorded, parse_recorded
from earmark.ledger.needs import Need, holds_moves, needs, recorded_within
from earmark.recording.word import Word
from earmark.report.approval_words import refusal
from earmark.stores import Store


def approved(
    store: Store, size: int, books: tuple[Book, Book], entries: Sequence[Entry], word: Word
) -> list[Entry]:
    """Return the entries with the approvals that they rest on, or the override.

    `books` are those before the entries and with them. What either asks for is needed, so that
    rules, stakes or orders which change with the moves do not take them out of the rules. Where the
    word is to propose, those that need an approval come back as proposals. Raises BookError where
    one is needed and none counts.
    """
    judged = _judged_by(*books, entries)
    if not judged:
        return list(entries)
    record = _Approvals(store, size, judged, word, set(books[0].moves.columns["move"]))
    return [record.passed(entry) if holds_moves(entry) else entry for entry in entries]


def _judged_by(before: Book, after: Book, entries: Sequence[Entry]) -> list[Book]:
    """Return the books that have to let the entries pass: facts, and rules to judge them by."""
    books = [after]
    if before.approval != after.approval:
        books.append(replace(after, approval=before.approval))
    if any(change.table != "moves" for entry in entries for change in entry.changes):
        books.append(before)
    return [book for book in books if book.approval is not None]


class _Approvals:
    def __init__(
        self, store: Store, size: int, books: Sequence[Book], word: Word, moved: set[str]
    ) -> None:
        self.word = word
        self.moved = moved
        """The moves on record: what is said of them again corrects or drops them."""
        self.books = [(book, book.as_known(None)) for book in books]
        self.given = _of_kind(store, size, "approval")
        self.proposals = _of_kind(store, size, "proposal")
        rules = [book.approval for book in books if book.approval]
        moves = _with_moves(store, size) if any(one.window for one in rules) else []
        self.earlier = [recorded_within(moves, one, word.today) for one in rules]

    def passed(self, entry: Entry) -> Entry:
        """Return the entry as it may be recorded, or its proposal; it is earlier for the next."""
        passed = entry
        for number, (book, _) in enumerate(self.books):
            need = self._need(number, entry)
            if need is None:
                continue
            if self.word.propose:
                return self._proposal(entry, need)
            passed = self._judged(book, passed, need)
        for earlier in self.earlier:
            earlier.extend(entry.changes)
        return passed

    def _need(self, number: int, entry: Entry) -> Need | None:
        history, facts = self.books[number]
        return needs(
            facts,
            entry.changes,
            entry.postings,
            on=self.word.today,
            proposers=[self.word.by] if self.word.by else [],
            earlier=self.earlier[number],
            history=history,
            again=not self.moved.isdisjoint(_moves(entry)),
        )

    def _judged(self, book: Book, entry: Entry, need: Need) -> Entry:
        # Who proposed it cannot approve it either, whoever records it now.
        asked = {one.entry.by for one in self.proposals if _is_of(one, need)}
        need = replace(need, proposers=tuple(sorted({*need.proposers, *filter(None, asked)})))
        override = self.word.override
        verdict = judge_approval(
            book, need, self._given(entry, need), now=self.word.today, override=override
        )
        if not verdict.passes:
            raise BookError([refusal(need, verdict, book.currency)])
        if verdict.approval is not None:
            return replace(entry, approvals=tuple(sorted({*entry.approvals, verdict.approval})))
        return replace(entry, facts=MappingProxyType({"override": override or ""}))

    def _given(self, entry: Entry, need: Need) -> list[Recorded]:
        """Return the approvals of this, and of what was proposed under the same ids of moves."""
        moves = _moves(entry)
        alike = {one.entry.id for one in self.proposals if moves & _moves(one.entry)}
        return [
            one
            for one in self.given
            if one.entry.facts.get("digest") == need.digest
            or one.entry.facts.get("proposal") in alike
        ]

    def _proposal(self, entry: Entry, need: Need) -> Entry:
        return proposal_entry(
            need,
            by=self.word.by or "",
            changes=entry.changes,
            postings=entry.postings,
            effective=entry.effective,
            authority=entry.authority,
            reason=entry.reason,
            evidence=entry.evidence,
        )


def _moves(entry: Entry) -> set[str]:
    return {change.cells["move"] for change in entry.changes if change.table == "moves"}


def _is_of(proposal: Recorded, need: Need) -> bool:
    return proposal.entry.facts.get("digest") == need.digest


def _with_moves(store: Store, size: int) -> list[Recorded]:
    bodies = (body for body in store.bodies(1, size) if b'"table":"moves"' in body)
    return [one for one in map(parse_recorded, bodies) if holds_moves(one.entry)]


def _of_kind(store: Store, size: int, kind: str) -> list[Recorded]:
    mark = f'"kind":"{kind}"'.encode()
    return [parse_recorded(body) for body in store.bodies(1, size) if mark in body]
