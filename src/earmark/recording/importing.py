"""A book from files into a record."""

from pathlib import Path

from earmark.recording.additions import Added, add
from earmark.recording.changes import book_changes, settings_changes
from earmark.recording.restoring import has_record, restore
from earmark.recording.word import Word
from earmark.stores import Store
from earmark.tables import read_book


def import_book(path: str | Path, store: Store, word: Word) -> Added:
    """Record every version of every row of a book, and its settings, or nothing.

    What is on record already stays as it is. The entries of an exported record, if they lie beside
    the tables, come first, as they were. Raises BookError like `read_book`, `restore` and `add`.
    """
    book, warnings = read_book(path)
    restored = restore(Path(path), store) if has_record(path) else 0
    done = add(store, [settings_changes(book), *book_changes(book)], word, book)
    return Added(done.results, done.size, warnings or done.warnings, restored)
