"""An approval into a record: of a proposal, or afterwards of what went through without one."""

from dataclasses import replace
from datetime import date

from earmark.book import Book
from earmark.errors import BookError, Problem, SurroundingsError
from earmark.ledger.approvals import approval_entry
from earmark.ledger.cases import Case, cases
from earmark.ledger.entries import Result
from earmark.ledger.folding import documents, fold
from earmark.ledger.needs import objection
from earmark.recording.additions import dated
from earmark.recording.word import Word
from earmark.report.approval_words import objection_words
from earmark.stores import Store
from earmark.tables.reading import check_raw
from earmark.tables.records import raw_of

_OBJECTIONS = {"by_proposer": "E343", "not_independent": "E344", "unknown_approver": "E345"}
_ATTEMPTS = 100

_SHORTEST = len("proposals/") + 8
"""Signs of the id of a proposal that tell it apart."""


def approve(store: Store, name: str, word: Word, *, until: date | None = None) -> Result:
    """Record the approval of a case: its digest (or how it begins), proposal or entry.

    `word.by` is who approves, on `word.today`. Raises BookError when there is no such case, or when
    who approves proposes it, is not independent of its parties, or is none of the approvers.
    """
    for _ in range(_ATTEMPTS):
        head = store.head()
        size, word = head.size, dated(word, head.recorded_at)
        book = check_raw(raw_of(fold(documents(store.bodies(1, size)))))[0]
        found = cases(store.entries(1, size), book, now=word.today)
        case = _named(found, name)
        _refuse(book, case, word)
        assert case.digest is not None
        assert book.approval is not None
        entry = approval_entry(
            case.digest,
            by=word.by or "",
            on=word.today,
            rules=book.approval,
            proposal=case.proposal,
            until=until,
            authority=word.authority,
            reason=word.reason,
        )
        result = store.append([[entry]], at=size)[0][0]
        if result.code != "stale":
            break
    else:
        raise SurroundingsError(f"{store.address}: others record all the time", "try again later")
    if not result.fine:
        raise BookError([Problem("E431", f"{result.code}: {result.message}", text=result.id)])
    return replace(result, message=f"until {entry.facts['until']}")


def _named(found: tuple[Case, ...], name: str) -> Case:
    digest = name.removeprefix("sha256:")
    named = {
        case.digest: case
        for case in found
        if name in (case.proposal, case.entry, *case.moves)
        or (len(name) >= _SHORTEST and (case.proposal or "").startswith(name))
        or (len(digest) >= 8 and (case.digest or "").startswith(f"sha256:{digest}"))
    }
    if len(named) == 1:
        return next(iter(named.values()))
    message = f"several digests begin with {digest}" if named else "nothing here needs an approval"
    raise BookError([Problem("E348", message, text=name, hint="earmark approvals lists the cases")])


def _refuse(book: Book, case: Case, word: Word) -> None:
    if case.need is None or case.status == "void":
        message = "its digest is not that of its rows" if case.need else "the rules ask for none"
        raise BookError([Problem("E348", message, text=case.proposal)])
    who = (word.by or "").strip()
    if not who:
        raise BookError([Problem("E345", "an approval needs a name", hint="--by WHO")])
    if against := objection(book, case.need, who, word.today):
        others = " or ".join(case.need.could)
        hint = f"ask {others}" if others else None
        code = _OBJECTIONS[against.code]
        raise BookError([Problem(code, objection_words(against), text=who, hint=hint)])
