"""A book from files into a record."""

from dataclasses import dataclass
from pathlib import Path

from earmark.book import Book
from earmark.errors import Problem
from earmark.ledger.entries import Result
from earmark.recording.additions import Added, add, require_fit
from earmark.recording.batching import batch_of
from earmark.recording.changes import book_changes, settings_changes
from earmark.recording.limits import require_short_ids
from earmark.recording.restoring import Exported, has_record, read_record, restore
from earmark.recording.word import Word
from earmark.stores import Store
from earmark.tables import read_book


@dataclass(frozen=True, slots=True)
class Import:
    """A book that was read to be recorded, and the entries of a record that lie beside it."""

    book: Book
    warnings: tuple[Problem, ...]
    exported: Exported | None

    @property
    def origin(self) -> str | None:
        """The name of the record that is restored, if one is."""
        return None if self.exported is None else self.exported.origin


def read_import(path: str | Path, word: Word) -> Import:
    """Read what is to be recorded. Raises BookError like `read_book` and `read_record`."""
    book, warnings = read_book(path)
    require_short_ids(book)
    exported = read_record(Path(path), word.today) if has_record(path) else None
    return Import(book, warnings, exported)


def import_book(path: str | Path, store: Store, word: Word) -> Added:
    """Read and record a book: `read_import`, then `take_in`."""
    return take_in(read_import(path, word), store, word)


def take_in(read: Import, store: Store, word: Word) -> Added:
    """Record every version of every row of a book, and its settings, or nothing.

    What is on record already stays as it is. The entries of an exported record, if they lie beside
    the tables, come first, as they were. Raises BookError like `restore` and `add`.
    """
    if read.exported is None and (loaded := _loaded(read.book, store, word)):
        return Added(loaded, len(loaded), read.warnings)
    groups = [settings_changes(read.book), *book_changes(read.book)]
    restored = 0
    if read.exported is not None:
        # All or nothing: what the tables say besides has to fit before anything is recorded.
        require_fit(read.exported.entries, groups, word)
        restored = restore(read.exported, store)
    done = add(store, groups, word, read.book)
    return Added(done.results, done.size, read.warnings or done.warnings, restored)


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
