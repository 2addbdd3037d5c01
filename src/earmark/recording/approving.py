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
    store: Store, size: int, book: Book, entries: Sequence[Entry], word: Word
) -> list[Entry]:
    """Return the entries with the approvals that they rest on, or the override.

    `book` is the book with the entries. Where the word is to propose, those that need an approval
    come back as proposals. Raises BookError where one is needed and none counts.
    """
    if book.approval is None:
        return list(entries)
    record = _Approvals(store, size, book, word)
    return [record.passed(entry) if holds_moves(entry) else entry for entry in entries]


class _Approvals:
    def __init__(self, store: Store, size: int, book: Book, word: Word) -> None:
        self.book, self.now, self.word = book, book.as_known(None), word
        self.given = _of_kind(store, size, "approval")
        self.proposals = _of_kind(store, size, "proposal")
        rules = book.approval
        moves = _with_moves(store, size) if rules and rules.window else []
        self.earlier = recorded_within(moves, rules, word.today) if rules else []

    def passed(self, entry: Entry) -> Entry:
        need = needs(
            self.now,
            entry.changes,
            entry.postings,
            on=self.word.today,
            proposers=[self.word.by] if self.word.by else [],
            earlier=self.earlier,
            history=self.book,
        )
        if need is None:
            return entry
        if self.word.propose:
            return self._proposal(entry, need)
        # Who proposed it cannot approve it either, whoever records it now.
        asked = {one.entry.by for one in self.proposals if _is_of(one, need)}
        need = replace(need, proposers=tuple(sorted({*need.proposers, *filter(None, asked)})))
        override = self.word.override
        verdict = judge_approval(
            self.book, need, self._given(entry, need), now=self.word.today, override=override
        )
        if not verdict.passes:
            raise BookError([refusal(need, verdict, self.book.currency)])
        if verdict.approval is not None:
            return replace(entry, approvals=(verdict.approval,))
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
