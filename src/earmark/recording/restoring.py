"""The entries of an exported record into another store, moments and all."""

from collections.abc import Iterator
from pathlib import Path

from earmark.errors import BookError, Problem
from earmark.ledger.checkpoints import Checkpoint, parse_note
from earmark.ledger.entries import Recorded, parse_recorded
from earmark.ledger.rereading import lacking
from earmark.ledger.tree import leaf_hash, root_of
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE
from earmark.stores import Store
from earmark.tables.files import bytes_of


def has_record(path: str | Path) -> bool:
    """Tell whether a book is a folder with the entries of a record beside its tables."""
    return (Path(path) / RECORD_FILE).is_file()


def restore(folder: Path, store: Store) -> int:
    """Record the entries of an exported record that the store lacks; return how many.

    A store that holds the first of them already gets the rest. Raises BookError when the entries
    do not lead to the checkpoint beside them, when the store holds others, or refuses one.
    """
    lines = bytes_of(folder / RECORD_FILE).splitlines()
    entries = list(_entries(lines))
    checkpoint = _checkpoint(folder)
    if checkpoint.size != len(lines) or root_of(map(leaf_hash, lines)) != checkpoint.root:
        message = f"its entries do not lead to {CHECKPOINT_FILE}"
        raise _refused(message, "export it again; somebody changed one of the two files")
    size = store.head().size
    for seq, (body, line) in enumerate(zip(store.bodies(1), lines, strict=False), 1):
        if body != line:
            raise _refused(
                f"entry {seq} of the store is another", "name an empty store, or take the file out"
            )
    rest = entries[size:]
    if not rest:
        return 0
    moments = [recorded.recorded_at for recorded in rest]
    results = store.append([[one.entry for one in rest]], at=size, recorded_at=moments)[0]
    for result in results:
        if not result.fine and result.code != "linked_entry_failed":
            raise _refused(f"{result.code}: {result.id}: {result.message}", None)
    return len(rest)


def _entries(lines: list[bytes]) -> Iterator[Recorded]:
    for number, line in enumerate(lines, 1):
        try:
            recorded = parse_recorded(line)
        except ValueError as error:
            raise _refused(f"line {number}: {error}", "export the record again") from None
        if recorded.seq != number:
            raise _refused(f"entry {recorded.seq} stands in line {number}", None)
        if lack := lacking(recorded.entry):
            raise _refused(f"line {number}: expected {lack[0]}, found {lack[1]}", None)
        yield recorded


def _checkpoint(folder: Path) -> Checkpoint:
    try:
        return parse_note(bytes_of(folder / CHECKPOINT_FILE).decode()).checkpoint
    except ValueError as error:
        raise _refused(f"{CHECKPOINT_FILE}: {error}", "export the record again") from None


def _refused(message: str, hint: str | None) -> BookError:
    return BookError([Problem("E432", f"{RECORD_FILE}: {message}", hint=hint)])
