"""The journal of a book: what each of its lots, orders and moves posts to which accounts.

Columns of numbers inside, as a book may have a million moves; postings where they are asked for.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.ledger.balances import run
from earmark.ledger.entries import Posting
from earmark.ledger.notes import OUTSET, Notes
from earmark.ledger.postings import SORTS, Index, Journal, Row, netted

__all__ = ["OUTSET", "Journal", "Row", "changes", "difference", "postings_of", "shared_out"]


def postings_of(book: Book) -> Journal:
    """Return what the lots, orders and moves of `book`, as known and without problems, post."""
    balances = Notes(book)
    run(balances)
    balances.end_holds(date.max)
    return balances.journal()


def difference(after: Journal, before: Journal) -> dict[Row, tuple[Posting, ...]]:
    """Return what each row has to post to get from one journal to another; rows that differ."""
    joined = _difference(after, before)
    return dict(joined.by_row())


def changes(before: Journal, after: Journal, rows: Sequence[Row]) -> dict[Row, tuple[Posting, ...]]:
    """Return what to post to get from one journal to another, shared out over `rows`.

    Each of `rows` posts its own change; the last of them posts those of all others as well. What
    each posts balances per product and day. Raise ValueError where nothing can be shared out.
    """
    return dict.fromkeys(rows, ()) | dict(shared_out(before, after, rows).by_row())


def shared_out(before: Journal, after: Journal, rows: Sequence[Row]) -> Journal:
    """Return the same as a journal of its own, in columns: for more rows than fit as postings."""
    joined = _difference(after, before)
    number_of = joined.number_of
    own = np.isin(joined.source, [number_of.get(row, -1) for row in rows])
    if own.all():
        return joined
    if not rows:
        raise ValueError("the journal changed, and no row is there to post it")
    there = rows[-1] in number_of
    last = number_of[rows[-1]] if there else len(joined.sources)
    return netted(
        joined.sources if there else [*joined.sources, rows[-1]],
        joined.holders,
        np.where(own, joined.source, last),
        joined.account,
        joined.day,
        joined.quantity,
    )


def _difference(after: Journal, before: Journal) -> Journal:
    """Return one journal less another, numbered as the first and then on."""
    if not len(before):
        return after
    holders, account = [], before.account.copy()
    sorts = np.array(SORTS)[before.account & 15]
    for sort, (ours, theirs) in enumerate(zip(after.holders, before.holders, strict=True)):
        numbers = Index(zip(ours, range(len(ours)), strict=True))
        remap = np.array([numbers[holder] for holder in theirs], np.int64)
        chosen = sorts == sort
        account[chosen] = remap[before.account[chosen] >> 4] << 4 | before.account[chosen] & 15
        holders.append(list(numbers))
    rows = Index(zip(after.sources, range(len(after.sources)), strict=True))
    source = np.array([rows[row] for row in before.sources], np.int64)[before.source]
    return netted(
        list(rows),
        holders,
        np.concatenate([after.source, source]),
        np.concatenate([after.account, account]),
        np.concatenate([after.day, before.day]),
        np.concatenate([after.quantity, -before.quantity]),
    )
