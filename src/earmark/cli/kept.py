"""What somebody else kept of a record, and who signed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earmark.cli.keys import note_in
from earmark.errors import UsageError
from earmark.ledger.checkpoints import Key, Note, verify_note
from earmark.ledger.rereading import Finding
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE
from earmark.recording.verifying import Kept
from earmark.stores.signing import check
from earmark.tables.files import kind_of, surroundings


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a checkpoint, as far as that was checked; what is wrong, what is worth knowing."""

    by: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


def kept_in(path: str | None) -> tuple[Note | None, tuple[Kept, ...]]:
    """Return the checkpoint that was kept in a file, or in a folder with its entries."""
    if path is None:
        return None, ()
    place = Path(path)
    if kind_of(place) != "folder":
        note = note_in(path)
        return note, (Kept(note.checkpoint),)
    if not (place / RECORD_FILE).is_file():
        raise UsageError(
            f"{path} holds no {RECORD_FILE}", "name a checkpoint, or what was exported"
        )
    note = note_in(str(place / CHECKPOINT_FILE))
    return note, (Kept(note.checkpoint, lambda: lines_of(place / RECORD_FILE)),)


def signers(note: Note, public: Key | None) -> Signed:
    """Return whether a checkpoint is signed, by the key that is asked for if there is one."""
    names = [signature.key_name for signature in note.signatures]
    if public is None:
        if not names:
            return Signed(remarks=("Nobody signed that checkpoint.",))
        remark = f"Signed in the name of {', '.join(names)}; --public KEY checks by whose key."
        return Signed(remarks=(remark,))
    try:
        verify_note(note, [public], check)
    except ValueError as error:
        found = Finding(None, None, "signature", f"one by {public.text}", str(error))
        return Signed(findings=(found,))
    return Signed(by=(public.name,))


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, without their ends, as they are read."""
    with surroundings(path), path.open("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")
