"""Approvals as a document: what needs one, why, who could give it, and how each stands."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from earmark.book import Book, canonical_text
from earmark.ledger.cases import Case, Given
from earmark.ledger.flows import Amount
from earmark.ledger.needs import Objection, Pair
from earmark.ledger.relations import Relation, Step
from earmark.policy import ApprovalRules
from earmark.report.approval_words import (
    case_words,
    given_words,
    objection_words,
    reason_words,
    relation_words,
)
from earmark.report.text import Document, day_text, money_text


def approvals_document(
    book: Book,
    found: Sequence[Case],
    *,
    known: date | None,
    as_of: date | None,
    rules_from: str | None,
    record: bool,
) -> Document:
    """Return `earmark.approvals/1`: the rules, and each case with its words.

    `rules_from` is `book`, `file` or None without rules; `record` tells whether the cases are those
    of a record, where approvals stand, or rows of a book, where only what would be needed is said.
    """
    return {
        "format": "earmark.approvals/1",
        "book": {"title": book.title, "digest": book.digest},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "record": record,
        "rules_from": rules_from,
        "rules": None if book.approval is None else _rules(book.approval),
        "cases": [case_row(case, book.currency) for case in found],
    }


def case_row(case: Case, currency: str) -> Document:
    """Return one case as a row of the document."""
    need = case.need
    return {
        "status": case.status,
        "moves": list(case.moves),
        "entry": case.entry,
        "proposal": case.proposal,
        "at": case.at,
        "by": case.by,
        "digest": case.digest,
        "parties": [] if need is None else list(need.sides),
        "units": None if need is None else need.units,
        "value": None if need is None else money_text(need.money),
        "on": None if need is None else day_text(need.on),
        "pairs": [] if need is None else [_pair(pair, currency) for pair in need.pairs],
        "could": [] if need is None else list(need.could),
        "could_not": [] if need is None else [_objection(one) for one in need.could_not],
        "anybody": need is not None and need.anybody,
        "approvals": [_given(given) for given in case.approvals],
        "override": case.override,
        "stated": list(case.stated),
        "words": case_words(case, currency),
    }


def _rules(rules: ApprovalRules) -> Document:
    document = {key: _json(getattr(rules, key)) for key in ApprovalRules.__slots__}
    reasons = rules.declared.items()
    declared = [{"reason": reason, "parties": list(parties)} for reason, parties in reasons]
    return {**document, "declared": declared}


def _json(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return canonical_text(value) if isinstance(value, Decimal) else value


def _pair(pair: Pair, currency: str) -> Document:
    return {
        "a": pair.a,
        "b": pair.b,
        "there": _amount(pair.there),
        "back": _amount(pair.back),
        "earlier_there": _amount(pair.earlier_there),
        "earlier_back": _amount(pair.earlier_back),
        "relation": None if pair.relation is None else _relation(pair.relation),
        "reasons": [
            {
                "rule": reason.rule,
                "threshold": _json(reason.threshold),
                "amount": _json(reason.amount),
                "words": reason_words(reason, currency),
            }
            for reason in pair.reasons
        ],
    }


def _amount(amount: Amount) -> Document:
    value = money_text(amount.money) if amount.units > amount.unpriced else None
    return {"units": amount.units, "value": value, "unpriced_units": amount.unpriced}


def _relation(relation: Relation) -> Document:
    return {
        "kind": relation.kind,
        "percent": canonical_text(relation.percent),
        "holder": relation.holder,
        "hindsight": relation.hindsight,
        "words": relation_words(relation),
        "paths": [[_step(step) for step in path] for path in relation.paths],
    }


def _step(step: Step) -> Document:
    return {
        "holder": step.holder,
        "held": step.held,
        "percent": canonical_text(step.percent),
        "control": step.control,
        "stakes": [
            {"holder": holder, "percent": canonical_text(percent)}
            for holder, percent in step.stakes
        ],
    }


def _objection(one: Objection) -> Document:
    relation = None if one.relation is None else _relation(one.relation)
    words = objection_words(one)
    return {"who": one.who, "code": one.code, "party": one.party, "relation": relation,
            "words": words}  # fmt: skip


def _given(given: Given) -> Document:
    verdict = given.verdict
    return {
        "approval": verdict.approval,
        "at": given.at,
        "by": verdict.by,
        "until": day_text(verdict.until),
        "code": verdict.code,
        "words": given_words(given),
    }


def status_counts(found: Iterable[Case]) -> dict[str, int]:
    """Return how many cases stand how, in the order in which they come."""
    counts: dict[str, int] = {}
    for case in found:
        counts[case.status] = counts.get(case.status, 0) + 1
    return counts
