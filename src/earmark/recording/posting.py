"""What the entries of a batch post: the difference between the book before and after them."""

from collections.abc import Sequence

from earmark.book import Book
from earmark.ledger.entries import Posting
from earmark.ledger.journal import changes, postings_of

RowKey = tuple[str, tuple[str, ...]]
"""A table and the key of one of its rows."""

_POSTING = ("lots", "orders", "moves")
"""The tables whose rows move units."""


def posted(
    before: Book | None, after: Book, rows: Sequence[Sequence[RowKey]]
) -> list[tuple[Posting, ...]]:
    """Return, per entry with the rows that it holds, what it posts.

    Where a row makes earlier ones post otherwise, the last entry that moves units posts that too.
    """
    journal = postings_of(after.as_known(None))
    moving = [(table, key[0]) for entry in rows for table, key in entry if table in _POSTING]
    if before is None:
        own = dict(journal.by_row())
    else:
        own = changes(postings_of(before.as_known(None)), journal, moving)
    posts: list[tuple[Posting, ...]] = []
    for entry in reversed(rows):
        # Of several versions of a row the last one counts, so it is the one that posts.
        found = (own.pop((table, key[0]), ()) for table, key in entry)
        posts.append(tuple(posting for postings in found for posting in postings))
    return posts[::-1]
