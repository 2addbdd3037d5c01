"""A record out of its store: the book for every reader, the entries for another store."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from earmark.book import Extent
from earmark.ledger.checkpoints import Checkpoint, Note
from earmark.ledger.folding import documents, fold
from earmark.stores import Store
from earmark.tables import write_book
from earmark.tables.reading import check_raw
from earmark.tables.records import extent_at, raw_of

RECORD_FILE = "record.jsonl"
"""Every entry of the record, in order, each the canonical JSON that its leaf is the hash of."""

CHECKPOINT_FILE = "record.checkpoint"
"""What the entries come to: their number and root."""


def export_book(
    store: Store, path: str | Path, recorded: str | None = None, *, parquet: bool = False
) -> Extent:
    """Write a record as a new folder, or its book alone as an .xlsx workbook.

    The tables of the folder are the book, every version of every row; beside them stand the
    entries, corrections and moments included, so that `import_book` restores the record itself.
    Raises BookError when nothing is on record, UsageError when the folder holds files already.
    """
    extent, _ = extent_at(store, recorded)
    book, _ = check_raw(raw_of(fold(documents(store.bodies(1, extent.size)))))
    note = Note(Checkpoint(store.origin, extent.size, bytes.fromhex(extent.root)))
    files: dict[str, bytes | Iterable[bytes]] = {
        RECORD_FILE: _lines(store, extent.size),
        CHECKPOINT_FILE: note.text.encode(),
    }
    write_book(book, path, files, parquet=parquet)
    return extent


def _lines(store: Store, size: int) -> Iterator[bytes]:
    return (body + b"\n" for body in store.bodies(1, size))
