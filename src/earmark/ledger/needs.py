"""When moves need an approval, why, and who could give it.

Pure: the day is an argument. Moves that are tied are one case; an approval is bound to the digest
of exactly its rows and postings (docs/approvals.md).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from earmark.book import Book
from earmark.ledger.canonical import canonical
from earmark.ledger.entries import Change, Entry, Posting, Recorded
from earmark.ledger.flows import Amount, Flow, between, flows, posted_flows
from earmark.ledger.folding import BOOK_KINDS
from earmark.ledger.relations import Relation, Relations
from earmark.policy import ApprovalRules

UNSAID = ("known", "by", "approved_by")
"""Cells that say who recorded a row and when: an approval is of what happens to units."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The rule that asks for an approval: its key, its threshold, and what reached it.

    `threshold` is None for a rule of related parties without a threshold: every redirect. `amount`
    is None where a value cannot be told for want of a price; then nothing shows it to be below.
    """

    rule: str
    threshold: int | Decimal | None
    amount: int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two parties between which units go: `there` from a to b, `back` from b to a.

    `earlier_there` and `earlier_back` are what went before within the window, and count, too. `b`
    is None where units go back to their lot.
    """

    a: str
    b: str | None
    there: Amount
    back: Amount
    earlier_there: Amount
    earlier_back: Amount
    relation: Relation | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why somebody cannot give an approval: a code of `VERDICTS`, and the relation if it is one."""

    who: str
    code: str
    party: str | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An approval that is needed: of what, why, and who could give it.

    `pairs` are those that need it; `sides` are all parties of the set, of which the approver has to
    be independent. `could` is empty where the rules name nobody: then anybody may who is
    independent (`anybody`).
    """

    digest: str
    on: date
    sides: tuple[str, ...]
    pairs: tuple[Pair, ...]
    proposers: tuple[str, ...]
    could: tuple[str, ...]
    could_not: tuple[Objection, ...]
    anybody: bool

    @property
    def units(self) -> int:
        """The most units that go one way between two of the parties."""
        return max(max(pair.there.units, pair.back.units) for pair in self.pairs)

    @property
    def money(self) -> Decimal | None:
        """The most value that goes one way between two of the parties; None where none is known."""
        amounts = [amount for pair in self.pairs for amount in (pair.there, pair.back)]
        priced = [amount.money for amount in amounts if amount.units > amount.unpriced]
        return max(priced, default=None)


def digest_of(changes: Iterable[Change], postings: Iterable[Posting]) -> str:
    """Return `sha256:` over exactly these rows and postings, in whatever order they come.

    Who recorded them and when is left out, so that what was proposed and what is recorded are the
    same; another unit, day, lot, order or reason is another digest.
    """
    return digest_of_rows(changes, digest_of_postings(postings))


def digest_of_rows(changes: Iterable[Change], postings: str) -> str:
    """Return the same digest where of the postings their own digest is at hand alone."""
    rows = sorted((_row(change) for change in changes), key=canonical)
    return _sha256({"postings": postings, "rows": rows})


def digest_of_postings(postings: Iterable[Posting]) -> str:
    """Return `sha256:` over postings alone, in whatever order they come."""
    return _sha256(sorted((_place(posting) for posting in postings), key=canonical))


def _sha256(value: object) -> str:
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def needs(
    book: Book,
    changes: Sequence[Change],
    postings: Sequence[Posting] = (),
    *,
    on: date,
    proposers: Iterable[str] = (),
    earlier: Iterable[Change] = (),
    history: Book | None = None,
    hindsight: date | None = None,
    again: bool = False,
) -> Need | None:
    """Return the approval that a set of tied moves needs under the rules of the book, or None.

    `book` is as known, with the rows of the set in force; `history` has all versions of its rows,
    for stakes and groups as they were known `on` the day of the decision. `proposers` are who
    proposes and records it, beside the makers that the rows name. `earlier` are rows that were
    recorded within the window of the rules before (`recorded_within`). Where nothing known on the
    day relates two parties, what was known by `hindsight` is asked, and the relation says so. Rows
    that correct or drop moves say what they do by their postings (`again`).
    """
    rules = book.approval
    if rules is None:
        return None
    found = flows(book, changes, rules.kinds)
    if again:
        told, nothing = between(found), Amount()
        found += [
            flow
            for flow in posted_flows(book, postings)
            if flow.amount.units > told.get((flow.giver, flow.taker), nothing).units
        ]
    if not found:
        return None
    history = history or book
    days = sorted({on, *(flow.day for flow in found)}, key=lambda day: (day != on, day))
    knowns = [on] if hindsight is None or hindsight <= on else [on, hindsight]
    relations = [Relations(history, rules, day, known=known) for known in knowns for day in days]
    pairs = _pairs(found, flows(book, earlier, rules.kinds) if rules.window else [])
    pairs = [_judged(pair, relations, rules, len(days)) for pair in pairs]
    if not any(pair.reasons for pair in pairs):
        return None
    sides = {flow.giver for flow in found} | {flow.taker for flow in found if flow.taker}
    makers = (change.cells.get("by", "") for change in changes)
    names = {name for name in (*proposers, *makers) if name.strip()}
    need = Need(
        digest=digest_of(changes, postings),
        on=on,
        sides=tuple(sorted(sides)),
        pairs=tuple(pair for pair in pairs if pair.reasons),
        proposers=tuple(sorted(names)),
        could=(),
        could_not=(),
        anybody=not rules.approvers,
    )
    asked = {who: objection(history, need, who, on) for who in rules.approvers}
    return replace(
        need,
        could=tuple(who for who, against in asked.items() if against is None),
        could_not=tuple(against for against in asked.values() if against is not None),
    )


def objection(book: Book, need: Need, who: str, on: date) -> Objection | None:
    """Return why `who` could not approve on that day, by the stakes known on it, or None.

    Who is called like a party is that party. A person or body that is no party has no stakes on
    record, so nothing on record speaks against them.
    """
    rules = book.approval or ApprovalRules()
    party = _party(book, who)
    if party in {_party(book, name) for name in need.proposers}:
        return Objection(who, "by_proposer")
    named = {_party(book, name) for name in rules.approvers}
    if named and party not in named:
        return Objection(who, "unknown_approver")
    for side in need.sides:
        if side == party:
            return Objection(who, "not_independent", side)
    relation = Relations(book, rules, on).independent(party, need.sides)
    if relation is None:
        return None
    side = relation.b if relation.a == party else relation.a
    return Objection(who, "not_independent", side, relation)


def recorded_within(entries: Iterable[Recorded], rules: ApprovalRules, on: date) -> list[Change]:
    """Return the rows of the moves that were recorded within the window before, and on, a day.

    Days are counted by when they were recorded, which nobody can choose, not by the days of moves.
    """
    first = on - timedelta(days=max(rules.window - 1, 0))
    return [
        change
        for recorded in entries
        if rules.window and holds_moves(recorded.entry) and first <= recorded_on(recorded) <= on
        for change in recorded.entry.changes
    ]


def holds_moves(entry: Entry) -> bool:
    """Return whether an entry says or drops a move, whatever else it holds and is called."""
    return entry.kind in BOOK_KINDS and any(change.table == "moves" for change in entry.changes)


def recorded_on(recorded: Recorded) -> date:
    """Return the day, in UTC, on which an entry was recorded."""
    return date.fromisoformat(recorded.recorded_at[:10])


def _row(change: Change) -> dict[str, object]:
    cells = {name: text for name, text in change.cells.items() if text and name not in UNSAID}
    return {"table": change.table, "cells": cells, "drop": change.drop}


def _place(posting: Posting) -> list[object]:
    account = posting.account
    place = [account.state, account.holder, account.product, account.place]
    return [*place, posting.quantity, posting.effective.isoformat()]


def _pairs(found: list[Flow], before: list[Flow]) -> list[Pair]:
    now, earlier, nothing = between(found), between(before), Amount()
    pairs: dict[tuple[str, str | None], Pair] = {}
    for giver, taker in now:
        a, b = (giver, taker) if taker is None else (min(giver, taker), max(giver, taker))
        pairs[a, b] = Pair(
            a=a,
            b=b,
            there=now.get((a, b), nothing),
            back=nothing if b is None else now.get((b, a), nothing),
            earlier_there=earlier.get((a, b), nothing),
            earlier_back=nothing if b is None else earlier.get((b, a), nothing),
            relation=None,
            reasons=(),
        )
    return [pairs[key] for key in sorted(pairs, key=lambda key: (key[0], key[1] or ""))]


def _judged(pair: Pair, relations: Sequence[Relations], rules: ApprovalRules, known: int) -> Pair:
    """Return the pair with its relation, by the first of those that know one, and the reasons.

    The first `known` of `relations` are as known on the day, the others with hindsight.
    """
    relation = None
    for number, of_day in enumerate(relations):
        if pair.b is not None and (relation := of_day.between(pair.a, pair.b)):
            relation = replace(relation, hindsight=number >= known)
            break
    ways = [
        now + before
        for now, before in ((pair.there, pair.earlier_there), (pair.back, pair.earlier_back))
        if now.units
    ]
    reasons = _reached(ways, "units", rules.units, "money", rules.money)
    if relation is not None:
        units, money = rules.related_units, rules.related_money
        reasons += _reached(ways, "related_units", units, "related_money", money)
        if units is None and money is None:
            reasons.append(Reason("related", None, max(way.units for way in ways)))
    return replace(pair, relation=relation, reasons=tuple(reasons))


def _reached(
    ways: Sequence[Amount],
    units_rule: str,
    units: int | None,
    money_rule: str,
    money: Decimal | None,
) -> list[Reason]:
    """Return the thresholds that the larger of two ways reaches; what has no price reaches all."""
    reasons = []
    most = max(way.units for way in ways)
    if units is not None and most >= units:
        reasons.append(Reason(units_rule, units, most))
    if money is not None:
        value = max(way.money for way in ways)
        if value >= money:
            reasons.append(Reason(money_rule, money, value))
        elif any(way.unpriced for way in ways):
            reasons.append(Reason(money_rule, money, None))
    return reasons


def _party(book: Book, who: str) -> str:
    """Return the party of that id or name, else the name itself without odd blanks or capitals."""
    if who in book.parties.positions:
        return who
    plain = _plain(who)
    columns = book.parties.columns
    for party, name in zip(columns["party"], columns["name"], strict=True):
        if plain in (_plain(party), _plain(name or "")):
            return str(party)
    return plain


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
