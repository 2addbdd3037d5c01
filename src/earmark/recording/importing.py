"""A book from files into a record."""

from pathlib import Path

from earmark.book import Book
from earmark.ledger.entries import Result
from earmark.recording.additions import Added, add, require_fit
from earmark.recording.batching import batch_of
from earmark.recording.changes import book_changes, settings_changes
from earmark.recording.limits import require_short_ids
from earmark.recording.restoring import has_record, missing, restore
from earmark.recording.word import Word
from earmark.stores import Store
from earmark.tables import read_book


def import_book(path: str | Path, store: Store, word: Word) -> Added:
    """Record every version of every row of a book, and its settings, or nothing.

    What is on record already stays as it is. The entries of an exported record, if they lie beside
    the tables, come first, as they were. Raises BookError like `read_book`, `restore` and `add`.
    """
    book, warnings = read_book(path)
    require_short_ids(book)
    restored = missing(Path(path), store) if has_record(path) else []
    if not restored and (loaded := _loaded(book, store, word)):
        return Added(loaded, len(loaded), warnings)
    groups = [settings_changes(book), *book_changes(book)]
    if restored:
        # All or nothing: what the tables say besides has to fit before anything is recorded.
        require_fit(store, restored, groups, word)
        restore(store, restored)
    done = add(store, groups, word, book)
    return Added(done.results, done.size, warnings or done.warnings, len(restored))


def _loaded(book: Book, store: Store, word: Word) -> tuple[Result, ...]:
    """Record a book in an empty record, in columns; () where entry by entry is to say why not."""
    if store.head().size:
        return ()
    batch = batch_of(book, word)
    try:
        store.load(batch)
    except ValueError:
        return ()
    return tuple([Result("recorded", name, seq) for seq, name in enumerate(batch.ids, 1)])
