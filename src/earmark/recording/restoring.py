"""The entries of an exported record into another store, moments and all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from earmark.errors import BookError, Problem
from earmark.ledger.checkpoints import Checkpoint, parse_note
from earmark.ledger.entries import Recorded, parse_recorded
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE
from earmark.recording.verifying import verify_entries
from earmark.stores import Store
from earmark.tables.files import bytes_of


def has_record(path: str | Path) -> bool:
    """Tell whether a book is a folder with the entries of a record beside its tables."""
    return (Path(path) / RECORD_FILE).is_file()


@dataclass(frozen=True, slots=True)
class Exported:
    """The entries of an exported record, read again: they hold, and lead to their checkpoint."""

    origin: str
    lines: Sequence[bytes]
    entries: Sequence[Recorded]


def read_record(folder: Path, today: date) -> Exported:
    """Return the entries beside the tables of an exported folder.

    Raises BookError when they do not lead to the checkpoint beside them, when anything is wrong
    with one of them or with the book that they come to, or when the last is dated after `today`.
    """
    lines = bytes_of(folder / RECORD_FILE).splitlines()
    checkpoint = _checkpoint(folder)
    verified = verify_entries(lambda: lines, checkpoint)
    if verified.findings:
        first = verified.findings[0]
        where = "the whole" if first.entry is None else f"entry {first.entry}"
        message = f"{where}, {first.what}: expected {first.expected}, found {first.found}"
        raise _refused(message, "export it again; somebody changed it")
    entries = [parse_recorded(line) for line in lines]
    # A day of grace, as clocks differ: what is dated far ahead would hold up all that follows.
    if entries and entries[-1].recorded_at[:10] > (today + timedelta(days=1)).isoformat():
        message = f"entry {len(entries)} is dated {entries[-1].recorded_at}, after today"
        raise _refused(message, "set the clock of this machine, or ask where the record comes from")
    return Exported(checkpoint.origin, lines, entries)


def restore(exported: Exported, store: Store) -> int:
    """Record exported entries in an empty record, as they were; return how many.

    A record that holds them all already stays as it is. Raises BookError when it holds others, or
    fewer: what is added to a record that lives is judged as it is added.
    """
    size = store.head().size
    bodies = store.bodies(1)
    for seq, (body, line) in enumerate(zip(bodies, exported.lines, strict=False), 1):
        if body != line:
            raise _refused(f"entry {seq} of the store is another", _ELSEWHERE)
    if size and size < len(exported.lines):
        raise _refused(f"the store has {size} of its {len(exported.lines)} entries", _ELSEWHERE)
    if size or not exported.entries:
        return 0
    moments = [recorded.recorded_at for recorded in exported.entries]
    chain = [recorded.entry for recorded in exported.entries]
    results = store.append([chain], at=0, recorded_at=moments)[0]
    for result in results:
        if not result.fine and result.code != "linked_entry_failed":
            raise _refused(f"{result.code}: {result.id}: {result.message}", None)
    return len(results)


_ELSEWHERE = "name a store that is empty or absent, or take the file out"


def _checkpoint(folder: Path) -> Checkpoint:
    try:
        return parse_note(bytes_of(folder / CHECKPOINT_FILE).decode()).checkpoint
    except ValueError as error:
        raise _refused(f"{CHECKPOINT_FILE}: {error}", "export the record again") from None


def _refused(message: str, hint: str | None) -> BookError:
    return BookError([Problem("E432", f"{RECORD_FILE}: {message}", hint=hint)])
