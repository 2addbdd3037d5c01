"""The documents of a history, and of the balances by account."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from earmark.book import Book, Extent
from earmark.errors import Problem
from earmark.ledger.entries import STATES, Account, Recorded
from earmark.ledger.history import Difference, Event, History, Successor, differences
from earmark.report.events import event_in_words
from earmark.report.problems import problem_row
from earmark.report.text import Document, day_text


def log_document(
    book: Book,
    history: History,
    events: Sequence[Event],
    *,
    known: date | None,
    as_of: date | None,
    concern: Mapping[str, str],
    since: int,
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.log/1` of the chosen `events`; `since` of the same were learned later."""
    return {
        "format": "earmark.log/1",
        "book": {"title": book.title, "digest": book.digest},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "record": record_row(book.extent),
        "concern": {name: concern.get(name) for name in _CONCERN},
        "events": [_event_row(event, history, known) for event in events],
        "evidence": _cited(history, events, known),
        "known_since": since,
        "warnings": [problem_row(warning) for warning in warnings],
    }


def accounts_document(
    title: str,
    extent: Extent | None,
    balances: Mapping[Account, int],
    *,
    known: date | None,
    as_of: date | None,
    filters: Mapping[str, str | None],
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.accounts/1`: units by account, none at zero, and their sums by state."""
    order = {state: i for i, state in enumerate(STATES)}
    accounts = sorted(balances, key=lambda a: (order[a.state], a.holder, a.product, a.place))
    sums: dict[tuple[str, str], int] = {}
    for account in accounts:
        key = account.state, account.product
        sums[key] = sums.get(key, 0) + balances[account]
    return {
        "format": "earmark.accounts/1",
        "book": {"title": title},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "record": record_row(extent),
        "filters": dict(filters),
        "accounts": [
            {
                "state": account.state,
                "holder": account.holder,
                "product": account.product,
                "place": account.place or None,
                "units": balances[account],
            }
            for account in accounts
        ],
        "totals": [
            {"state": state, "product": product, "units": units}
            for (state, product), units in sums.items()
        ],
        "warnings": [problem_row(warning) for warning in warnings],
    }


def record_row(extent: Extent | None) -> Document | None:
    """Return how far a record was read; None for a book from files."""
    if extent is None:
        return None
    return {
        "store": extent.address,
        "size": extent.size,
        "recorded_at": extent.recorded_at,
        "root": extent.root,
    }


_CONCERN = ("order", "lot", "party", "move", "site")


def _event_row(event: Event, history: History, known: date | None) -> Document:
    cells, entry = event.cells, event.entry.entry if event.entry else None
    return {
        "effective": event.effective.isoformat(),
        "known": event.known.isoformat(),
        "table": event.table,
        "id": "/".join(filter(None, event.key)),
        "drop": event.drop,
        "what": event_in_words(event.table, cells, drop=event.drop),
        "cells": dict(cells),
        "by": cells.get("by") or (entry.by if entry else None),
        "approved_by": cells.get("approved_by"),
        "authority": entry.authority if entry else None,
        "approvals": list(entry.approvals) if entry else [],
        "reason": cells.get("reason") or (entry.reason if entry else None),
        "evidence": [name for name in cells.get("evidence", "").split(";") if name],
        "basis": cells.get("basis"),
        "note": cells.get("note"),
        "row": event.number if entry is None else None,
        "entry": _entry_row(event.entry),
        "counts": event.counts_on(known),
        "changes": _changes(event.differences),
        "corrected_by": _successor_row(event.successor),
        "now": _now(event, history.since(event, known)),
    }


def _entry_row(recorded: Recorded | None) -> Document | None:
    if recorded is None:
        return None
    return {
        "seq": recorded.seq,
        "id": recorded.entry.id,
        "recorded_at": recorded.recorded_at,
        "by": recorded.entry.by,
        "reason": recorded.entry.reason,
        "corrects": recorded.entry.corrects,
        "facts": dict(recorded.entry.facts),
    }


def _successor_row(successor: Successor | None) -> Document | None:
    if successor is None:
        return None
    return {
        "how": successor.how,
        "known": successor.known.isoformat(),
        "seq": successor.entry.seq if successor.entry else None,
        "id": successor.entry.entry.id if successor.entry else None,
    }


def _now(event: Event, now: Event | None) -> Document | None:
    if now is None:
        return None
    return {
        "known": now.known.isoformat(),
        "seq": now.entry.seq if now.entry else None,
        "what": event_in_words(now.table, now.cells),
        "changes": _changes(differences(event.cells, now.cells)),
    }


def _changes(found: Iterable[Difference]) -> list[Document]:
    return [
        {"column": one.column, "before": one.before or None, "after": one.after or None}
        for one in found
    ]


def _cited(history: History, events: Iterable[Event], known: date | None) -> list[Document]:
    """Return the documents that events cite, as they counted on a day."""
    cited = {name for event in events for name in event.cells.get("evidence", "").split(";")}
    rows = {
        event.key[0]: event.cells
        for event in history.events
        if event.table == "evidence"
        and event.key[0] in cited
        and event.known <= (known or _ALWAYS)
        and event.counts_on(known)
    }
    columns = ("evidence", "publisher", "title", "published", "url")
    return [{name: rows[row].get(name) for name in columns} for row in sorted(rows)]


_ALWAYS = date.max
