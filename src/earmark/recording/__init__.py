"""Taking rows into a record: judged like a book from files, posted, appended or refused whole."""

from earmark.recording.additions import Added, add
from earmark.recording.exporting import export_book
from earmark.recording.importing import import_book, read_import, take_in
from earmark.recording.rows import Row, record
from earmark.recording.word import Word

__all__ = [
    "Added",
    "Row",
    "Word",
    "add",
    "export_book",
    "import_book",
    "read_import",
    "record",
    "take_in",
]
