"""Entries: what the record holds, one after the other, for good.

An entry says what changed in the book (`rows`) and what that means for units (`postings`). Postings
are whole numbers that sum to zero per product and effective day. An entry is never changed; a
correction is another entry.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Any, NamedTuple

from earmark.ledger.canonical import canonical

HELD = ("supplied", "earmarked", "shipped", "received", "active", "retired", "demand")
"""The states of accounts that never fall below zero, on any effective day."""

OUTSIDE = ("supply", "booked", "opened", "swap")
"""The counterparts of the others: what came from outside the book, or is on its way in a swap."""

STATES = (*HELD, *OUTSIDE)

KINDS = ("settings", "row", "move", "drop", "proposal", "approval")
"""What an entry is: settings of the book, a row of a table, one or more moves, the removal of a
row; and what asks for an approval, and gives it. The last two change no book."""

CHANGING = frozenset({"settings", "row", "drop"})
"""Kinds of entries that are nothing without rows; a move may be its postings alone."""


class Account(NamedTuple):
    """Where units are: in what state, whose, of what product, in what place.

    | state | holder | place |
    |---|---|---|
    | supplied | lot | |
    | earmarked, shipped | order | lot (or the transfer that brought them) |
    | received, active | party | site |
    | retired | party | site |
    | demand | order | |
    | supply | lot | |
    | booked | order | |
    | opened | party | site |
    | swap | the first move of the tie | |
    """

    state: str
    holder: str
    product: str
    place: str = ""


class Posting(NamedTuple):
    """Units that an account gains (or, below zero, loses) from an effective day on."""

    account: Account
    quantity: int
    effective: date


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the book as recorded: canonical texts by column, only those that are given.

    `table` is a table of the schema, or `book` for the settings (all of them, by their path with
    points). `drop` removes the row with that key instead; then `cells` holds the key alone.
    """

    table: str
    cells: Mapping[str, str]
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be recorded. `id` is the client's: repeating an entry adds nothing.

    `facts` are what a proposal, an approval or an override says besides, by ASCII keys.
    """

    id: str
    kind: str
    effective: date
    by: str | None = None
    authority: str | None = None
    approvals: tuple[str, ...] = ()
    reason: str | None = None
    evidence: tuple[str, ...] = ()
    corrects: str | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    changes: tuple[Change, ...] = ()
    postings: tuple[Posting, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no store may hold."""
        if not self.id or len(self.id) > 1000:
            raise ValueError("an entry needs an id of 1 to 1000 characters")
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of entry")
        if self.kind in CHANGING and not self.changes:
            raise ValueError(f"an entry of kind {self.kind} needs rows")
        for posting in self.postings:
            if posting.account.state not in STATES:
                raise ValueError(f"{posting.account.state!r} is no state of units")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry on record: `seq` counts from 1; `recorded_at`, UTC to the microsecond, rises."""

    seq: int
    recorded_at: str
    entry: Entry

    @property
    def body(self) -> bytes:
        """Canonical JSON of the whole: what the hash tree is over.

        Raises ValueError for what `canonical` refuses, and for a NUL, which PostgreSQL cannot hold.
        """
        try:
            body = _written(self).encode()
        except (TypeError, ValueError):
            canonical(document_of(self))  # says what is wrong, and where
            raise
        if holds_nul(body):
            raise ValueError(f"entry {self.entry.id!r} holds a NUL character")
        return body


def document_of(recorded: Recorded) -> dict[str, object]:
    """Return an entry on record as JSON values; what is not given is left out."""
    entry = recorded.entry
    document: dict[str, object] = {
        "seq": recorded.seq,
        "recorded_at": recorded.recorded_at,
        "id": entry.id,
        "kind": entry.kind,
        "effective": entry.effective.isoformat(),
    }
    for name in ("by", "authority", "reason", "corrects"):
        if (text := getattr(entry, name)) is not None:
            document[name] = text
    for name in ("approvals", "evidence"):
        if ids := getattr(entry, name):
            document[name] = list(ids)
    if entry.facts:
        document["facts"] = dict(entry.facts)
    if entry.changes:
        document["changes"] = [_change(change) for change in entry.changes]
    if entry.postings:
        document["postings"] = [_posting(posting) for posting in entry.postings]
    return document


def parse_recorded(body: bytes) -> Recorded:
    """Return the entry whose canonical JSON is `body`; ValueError if it is none."""
    try:
        recorded = _recorded(json.loads(body.decode()))
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"this is no entry: {error!r}") from None
    if recorded.body != body:
        raise ValueError("this is no entry in its canonical form, or it holds more than one does")
    return recorded


def _recorded(document: object) -> Recorded:
    """Return the entry that JSON values mean; every value has to be of its type."""
    rest = dict(_table(document))
    seq, recorded_at = _whole(rest.pop("seq")), _text(rest.pop("recorded_at"))
    changes = tuple([_read_change(row) for row in _list(rest.pop("changes", []))])
    postings = tuple([_read_posting(row) for row in _list(rest.pop("postings", []))])
    approvals, evidence = (_texts(_list(rest.pop(name, []))) for name in ("approvals", "evidence"))
    facts = _read_texts(rest.pop("facts", {}))
    effective = date.fromisoformat(_text(rest.pop("effective")))
    texts: dict[str, Any] = {name: _text(value) for name, value in rest.items()}
    entry = Entry(
        **texts,
        effective=effective,
        approvals=approvals,
        facts=facts,
        evidence=evidence,
        changes=changes,
        postings=postings,
    )
    return Recorded(seq, recorded_at, entry)


def _read_change(row: object) -> Change:
    given = _table(row)
    return Change(_text(given["table"]), _read_texts(given["cells"]), "drop" in given)


def _read_posting(row: object) -> Posting:
    *account, quantity, day = _list(row)
    return Posting(Account(*_texts(account)), _whole(quantity), date.fromisoformat(_text(day)))


def _read_texts(value: object) -> Mapping[str, str]:
    given = _table(value)
    _texts(given.values())
    return MappingProxyType(given)


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple([_text(value) for value in values])


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is no text")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError(f"{value!r} is no list")
    return value


def _table(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError(f"{value!r} is no object")
    return value


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

_LARGEST = 2**53 - 1


def holds_nul(body: bytes) -> bool:
    """Tell whether a text in canonical JSON holds a NUL character, which no database takes."""
    return b"\\u0000" in body and _NUL.search(body) is not None


def _written(recorded: Recorded) -> str:
    """Return the text of `canonical(document_of(recorded))`, quicker: the types are known.

    Raises TypeError or ValueError where `canonical` might refuse.
    """
    entry = recorded.entry
    quoted = encode_basestring
    parts: list[str] = []
    if entry.approvals:
        parts.append(f'"approvals":[{",".join(map(quoted, entry.approvals))}]')
    if entry.authority is not None:
        parts.append(f'"authority":{quoted(entry.authority)}')
    if entry.by is not None:
        parts.append(f'"by":{quoted(entry.by)}')
    if entry.changes:
        parts.append(f'"changes":[{",".join(map(_written_change, entry.changes))}]')
    if entry.corrects is not None:
        parts.append(f'"corrects":{quoted(entry.corrects)}')
    parts.append(f'"effective":"{entry.effective.isoformat()}"')
    if entry.evidence:
        parts.append(f'"evidence":[{",".join(map(quoted, entry.evidence))}]')
    if entry.facts:
        parts.append(f'"facts":{_written_texts(entry.facts)}')
    parts.append(f'"id":{quoted(entry.id)},"kind":{quoted(entry.kind)}')
    if entry.postings:
        parts.append(f'"postings":[{",".join(map(_written_posting, entry.postings))}]')
    if entry.reason is not None:
        parts.append(f'"reason":{quoted(entry.reason)}')
    moment, seq = quoted(recorded.recorded_at), _whole(recorded.seq)
    return f'{{{",".join(parts)},"recorded_at":{moment},"seq":{seq}}}'


def _written_change(change: Change) -> str:
    drop = ',"drop":true' if change.drop else ""
    table = encode_basestring(change.table)
    return f'{{"cells":{_written_texts(change.cells)}{drop},"table":{table}}}'


def _written_texts(texts: Mapping[str, str]) -> str:
    quoted = encode_basestring
    items = [f"{quoted(key)}:{quoted(texts[key])}" for key in sorted(texts)]
    if not "".join(texts).isascii():
        raise ValueError("a key is not ASCII")
    return f"{{{','.join(items)}}}"


def _written_posting(posting: Posting) -> str:
    account, quantity, effective = posting
    return f'[{_written_account(account)},{_whole(quantity)},"{effective.isoformat()}"]'


@lru_cache(maxsize=1 << 16)
def _written_account(account: Account) -> str:
    return ",".join(map(encode_basestring, account))


def _whole(number: int) -> int:
    if type(number) is not int or not -_LARGEST <= number <= _LARGEST:
        raise ValueError("no whole number up to 2^53 - 1")
    return number


def _change(change: Change) -> dict[str, object]:
    row: dict[str, object] = {"table": change.table, "cells": dict(change.cells)}
    if change.drop:
        row["drop"] = True
    return row


def _posting(posting: Posting) -> list[object]:
    account = posting.account
    place = [account.state, account.holder, account.product, account.place]
    return [*place, posting.quantity, posting.effective.isoformat()]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an entry: a code of `RESULTS` (or of their family), and words about it."""

    code: str
    id: str
    seq: int | None = None
    """Where it stands on record: now, or since before (`exists`)."""
    message: str = ""

    @property
    def fine(self) -> bool:
        """Whether the entry stands on record."""
        return self.code in ("recorded", "exists")


RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "linked_entry_failed": "another entry of the same chain was refused",
        "exists": "the same entry is on record already; nothing was added",
        "exists_with_different_<field>": "another entry of that id is on record",
        "corrects_unknown": "the entry that it corrects is not on record",
        "corrects_corrected": "the entry that it corrects was corrected before",
        "unbalanced": "its postings of a product on a day do not sum to zero",
        "recorded_at_must_not_regress": "it is dated before the last entry on record",
        "stale": "the record has grown since the entry was made; make it again",
        "below_zero": "an account would fall below zero on some day",
        "recorded": "it is on record",
    }
)
"""What can become of an entry, in order of precedence: the first that applies is told."""


def difference(entry: Entry, other: Entry) -> str | None:
    """Return the first field in which two entries of one id differ, or None.

    Postings follow from the rows and the record at that moment: they are compared only where there
    are no rows.
    """
    for name in ("kind", "effective", "by", "authority", "approvals", "reason", "evidence"):
        if getattr(entry, name) != getattr(other, name):
            return name
    if entry.corrects != other.corrects:
        return "corrects"
    if dict(entry.facts) != dict(other.facts):
        return "facts"
    if column := _different_cell(entry.changes, other.changes):
        return column
    if not entry.changes and entry.postings != other.postings:
        return _different_posting(entry.postings, other.postings)
    return None


def _different_cell(changes: Sequence[Change], others: Sequence[Change]) -> str | None:
    if len(changes) != len(others):
        return "rows"
    for one, other in zip(changes, others, strict=True):
        if (one.table, one.drop) != (other.table, other.drop):
            return "table"
        for column in dict.fromkeys((*one.cells, *other.cells)):
            if one.cells.get(column) != other.cells.get(column):
                return column
    return None


def _different_posting(postings: Sequence[Posting], others: Sequence[Posting]) -> str:
    if len(postings) != len(others):
        return "postings"
    for one, other in zip(postings, others, strict=True):
        if one.account != other.account:
            return "account"
        if one.effective != other.effective:
            return "effective"
    return "quantity"
