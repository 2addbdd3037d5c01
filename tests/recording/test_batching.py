"""A first import in columns says what one entry by entry would."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from command import EXAMPLES
from hypothesis import given
from hypothesis import strategies as st
from planning.random_books import small_books
from test_positions import _made as made
from test_positions import moves_of

from earmark.book import Book
from earmark.checks import check_book
from earmark.ledger.canonical import canonical
from earmark.ledger.entries import Recorded, document_of
from earmark.ledger.folding import fold
from earmark.recording import Word, add, import_book
from earmark.recording.batching import batch_of
from earmark.recording.changes import book_changes, settings_changes
from earmark.recording.drafts import drafts_of
from earmark.recording.posting import posted
from earmark.stores import open_store
from earmark.stores.verification import verify
from earmark.tables import read_book

WORD = Word(today=date(2026, 1, 1), by='who "it" is', authority="höchste", reason="why")


@pytest.mark.parametrize("name", ["quickstart", "h100-redirect"])
def test_examples_come_to_the_same_bytes(name):
    """Versions, ties, evidence and settings of the examples: byte for byte the same entries."""
    _compare(read_book(EXAMPLES / name)[0])


@pytest.mark.parametrize("name", ["quickstart", "h100-redirect"])
def test_a_store_loaded_in_columns_is_the_store_made_entry_by_entry(name, store, tmp_path):
    """On both databases: verify finds nothing, and every balance is that of the slow way."""
    book = read_book(EXAMPLES / name)[0]
    import_book(EXAMPLES / name, store, WORD)
    assert [] == list(verify(store.address).findings)
    with open_store(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        add(other, [settings_changes(book), *book_changes(book)], WORD, book)
        for size in (None, 5, other.head().size):
            assert other.balances(size=size) == store.balances(size=size)
        for day in (date(2023, 12, 31), date(2027, 1, 20)):
            assert other.balances(as_of=day) == store.balances(as_of=day)


@given(small_books(), st.integers(1, 3))
def test_random_books_come_to_the_same_bytes(case, versions):
    """Moves of all kinds, and several versions of rows: byte for byte the same entries."""
    book = case.book
    for i in range(1, versions):
        orders = book.orders.as_known(None)
        later = [day + timedelta(days=i) for day in orders.columns["known"]]
        again = replace(orders, columns={**orders.columns, "known": later})
        book = book.replace_table(book.orders.joined(again))
    if not [problem for problem in check_book(book.as_known(None)) if problem.code[0] == "E"]:
        _compare(book)


@given(moves_of())
def test_moves_of_all_kinds_come_to_the_same_bytes(moves):
    """Ships, redirects, transfers and ties over several days post the same in columns."""
    book = made(moves)
    if not check_book(book):
        _compare(book)


def _compare(book: Book) -> None:
    batch = batch_of(book, WORD)
    moments = [f"2026-01-01T00:00:00.{i:06d}Z" for i in range(len(batch))]
    assert _one_by_one(book, moments) == list(batch.bodies(moments))
    assert batch.fault() is None


def _one_by_one(book: Book, moments: list[str]) -> list[bytes]:
    groups = [settings_changes(book), *book_changes(book)]
    drafts, _ = drafts_of(fold([]), groups, WORD, lambda name: False)
    postings = posted(None, book, [draft.rows for draft in drafts])
    entries = [draft.entry(own, WORD) for draft, own in zip(drafts, postings, strict=True)]
    numbered = zip(itertools.count(1), moments, entries, strict=False)
    return [canonical(document_of(Recorded(*each))) for each in numbered]
