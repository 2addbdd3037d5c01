"""Whether an approval on record counts for a set of moves, and the entries that ask and give.

Pure: the day and what is on record are arguments (docs/approvals.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from earmark.book import Book, canonical_text
from earmark.ledger.entries import Change, Entry, Posting, Recorded
from earmark.ledger.naming import escaped
from earmark.ledger.needs import (
    Need,
    Objection,
    digest_of,
    digest_of_postings,
    digest_of_rows,
    objection,
    recorded_on,
)
from earmark.policy import ApprovalRules

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "not_needed": "the rules ask for no approval of this",
        "given": "an approval of exactly this is on record and counts",
        "ratified": "it was approved only after it was recorded",
        "overridden": "it went through without an approval, for the reason given",
        "by_proposer": "it was approved by who proposes it",
        "not_independent": "it was approved by somebody who is not independent of both sides",
        "unknown_approver": "it was approved by somebody whom the rules do not name",
        "expired": "it was approved, and the approval has expired",
        "other_digest": "what was approved is not exactly this",
        "none": "no approval of it is on record",
        "override_not_allowed": "the rules allow no override",
        "override_without_reason": "an override needs a reason",
    }
)
"""How a set of moves stands towards its approval, in words."""

PASSING = ("not_needed", "given", "overridden")
"""The verdicts with which a set of moves may be recorded."""

_PRECEDENCE = (
    "given", "expired", "by_proposer", "not_independent", "unknown_approver", "other_digest",
)  # fmt: skip
"""Of several approvals the one that comes nearest decides: the first of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a set of moves stands: a code of `VERDICTS`, and the approval on record that decides."""

    code: str
    approval: str | None = None
    by: str | None = None
    until: date | None = None
    """The first day on which the approval no longer counts."""
    objection: Objection | None = None
    reason: str | None = None
    """The reason of an override."""

    @property
    def passes(self) -> bool:
        """Whether what it is about may be recorded."""
        return self.code in PASSING


def judge_approval(
    book: Book,
    need: Need,
    approvals: Iterable[Recorded],
    *,
    now: date,
    override: str | None = None,
) -> Verdict:
    """Return how a set stands towards the approvals on record (entries of kind approval).

    `book` has all versions of its rows. The approver has to be independent both on the day of the
    approval and `now`, as known on each. An override is looked at only where no approval counts.
    """
    rules = book.approval or ApprovalRules()
    found = [standing(book, need, recorded, now=now) for recorded in approvals]
    best = min(found, key=lambda verdict: _PRECEDENCE.index(verdict.code), default=None)
    if best is not None and best.passes:
        return best
    if override is None:
        return best or Verdict(code="none")
    if not rules.override:
        return Verdict(code="override_not_allowed")
    if not override.strip():
        return Verdict(code="override_without_reason")
    return Verdict(code="overridden", reason=override)


def proposal_entry(
    need: Need,
    *,
    by: str,
    changes: Sequence[Change],
    postings: Sequence[Posting],
    effective: date,
    authority: str | None = None,
    reason: str | None = None,
    evidence: tuple[str, ...] = (),
) -> Entry:
    """Return the entry that asks for an approval; the same content has the same id.

    It changes no book and posts nothing; the digest of the postings is among its facts, so that
    anybody can tell whether the digest is that of the rows (`is_whole`).
    """
    assert need.digest == digest_of(changes, postings), "a need is of exactly what is proposed"
    facts = {
        "digest": need.digest,
        "postings": digest_of_postings(postings),
        "units": str(need.units),
    }
    if need.money is not None:
        facts["money"] = canonical_text(need.money)
    return Entry(
        id=f"proposals/{_hex(need.digest)}",
        kind="proposal",
        effective=effective,
        by=by,
        authority=authority,
        reason=reason,
        evidence=evidence,
        facts=MappingProxyType(facts),
        changes=tuple(changes),
    )


def is_whole(proposal: Entry) -> bool:
    """Tell whether the digest of a proposal is that of its rows, so that what is shown is meant."""
    postings = proposal.facts.get("postings", "")
    return proposal.facts.get("digest") == digest_of_rows(proposal.changes, postings)


def approval_entry(
    digest: str,
    *,
    by: str,
    on: date,
    rules: ApprovalRules,
    proposal: str | None = None,
    until: date | None = None,
    authority: str | None = None,
    reason: str | None = None,
    evidence: tuple[str, ...] = (),
) -> Entry:
    """Return the entry that approves a digest until, and without, a day.

    It lasts at most the days of the rules. Approver, digest and last day make the id, so that a
    repeat on the same day adds nothing. Raises ValueError if it would have expired on its first
    day, or `digest` is none.
    """
    last = on + timedelta(days=rules.days)
    until = last if until is None else min(until, last)
    if until <= on:
        raise ValueError(f"an approval of {on} cannot end on {until}")
    by = " ".join(by.split())
    facts = {"digest": digest, "until": until.isoformat()}
    if proposal is not None:
        facts["proposal"] = proposal
    return Entry(
        id=f"approvals/{_hex(digest)}/{escaped(by)}@{until}",
        kind="approval",
        effective=on,
        by=by,
        authority=authority,
        reason=reason,
        evidence=evidence,
        facts=MappingProxyType(facts),
    )


def standing(book: Book, need: Need, approval: Recorded, *, now: date) -> Verdict:
    """Return how one approval stands by itself on the day `now`."""
    rules = book.approval or ApprovalRules()
    entry, until = approval.entry, valid_until(approval, rules)
    who, against = entry.by or "", None
    if entry.facts.get("digest") != need.digest:
        code = "other_digest"
    elif not who.strip():
        code = "unknown_approver"
    else:
        days = dict.fromkeys((recorded_on(approval), now))
        found = (objection(book, need, who, day) for day in days)
        against = next((one for one in found if one is not None), None)
        code = against.code if against else "given" if now < until else "expired"
    return Verdict(code=code, approval=entry.id, by=entry.by, until=until, objection=against)


def valid_until(approval: Recorded, rules: ApprovalRules) -> date:
    """Return the first day on which an approval no longer counts; its own day if it says none."""
    given = recorded_on(approval)
    try:
        until = date.fromisoformat(approval.entry.facts.get("until", ""))
    except ValueError:
        return given
    return min(until, given + timedelta(days=rules.days))


def _hex(digest: str) -> str:
    kind, _, digits = digest.partition(":")
    if kind != "sha256" or len(digits) != 64 or set(digits) - set("0123456789abcdef"):
        raise ValueError(f"{digest!r} is no digest: it is written as sha256: and 64 digits")
    return digits
