"""The verdicts on a store, an exported folder and files of proofs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from earmark.cli.kept import Signed, kept_in, lines_of, signers
from earmark.cli.keys import note_in
from earmark.cli.verdicts import Verdict
from earmark.errors import BookError, UsageError
from earmark.ledger.checkpoints import Key, Note, parse_note
from earmark.ledger.entries import parse_recorded
from earmark.ledger.proofs import (
    ConsistencyProof,
    InclusionProof,
    parse_consistency_proof,
    parse_inclusion_proof,
)
from earmark.ledger.rereading import Finding
from earmark.ledger.tree import leaf_hash
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE
from earmark.recording.verifying import Told, Verified, verify_entries, verify_store
from earmark.tables import read_book
from earmark.tables.files import bytes_of

ALONE = (
    "This shows that the record fits itself. Who can write to it can write a new root, too: whether"
    " it was changed shows against a checkpoint that somebody else kept (--checkpoint)."
)
SINCE = (
    "This shows that the record begins as it was when that checkpoint was made: as good as the hand"
    " that the checkpoint comes from. It does not show that an entry is true."
)


def of_store(name: str, address: str, kept: str | None, public: Key | None) -> Verdict:
    """Return the verdict on a store, against what somebody kept of it."""
    if public is not None and kept is None:
        raise UsageError("a store is not signed", "name a signed checkpoint with --checkpoint")
    note, copies = kept_in(kept)
    signed = signers(note, public) if note else Signed()
    with counting(name) as told:
        verified = verify_store(address, copies, told)
    return of_record("store", name, verified, note, signed)


def of_folder(folder: Path, kept: str | None, public: Key | None) -> Verdict:
    """Return the verdict on what `earmark export` wrote."""
    if not (folder / RECORD_FILE).is_file():
        raise UsageError(f"{folder} holds no {RECORD_FILE}", "earmark export writes one")
    try:
        own = parse_note(bytes_of(folder / CHECKPOINT_FILE).decode())
    except ValueError as error:
        found = Finding(None, None, CHECKPOINT_FILE, "a checkpoint", str(error))
        return Verdict(kind="folder", name=str(folder), findings=[found])
    note, copies = kept_in(kept)
    signed = signers(note or own, public)
    with counting(str(folder)) as told:
        verified = verify_entries(
            lambda: lines_of(folder / RECORD_FILE), own.checkpoint, copies, told
        )
    other = other_book(folder, verified.book.digest) if verified.book else ()
    return of_record("folder", str(folder), verified, note, signed, other)


def of_record(
    kind: str,
    name: str,
    verified: Verified,
    note: Note | None,
    signed: Signed,
    findings: tuple[Finding, ...] = (),
) -> Verdict:
    """Return the verdict on entries, kept or not, with what else was found of them."""
    checkpoint = verified.checkpoint
    holds = []
    if checkpoint is not None and not checkpoint.size:
        holds = ["The record is empty: it holds no entry that could be wrong."]
    elif checkpoint is not None:
        last = f"{checkpoint.size:,} entries, the last of {verified.recorded_at}"
        holds = [
            f"{last}, lead to the root {checkpoint.root.hex()}.",
            "The book that they come to has no problems; its moves come to the postings on record.",
        ]
    if note is not None:
        size = note.checkpoint.size
        holds.append(f"The record begins with the {size:,} entries that the checkpoint saw.")
    holds += [f"That checkpoint is signed by {name}." for name in signed.by]
    return Verdict(
        kind=kind,
        name=name,
        checkpoint=checkpoint,
        recorded_at=verified.recorded_at,
        signed=signed.by,
        findings=(*signed.findings, *verified.findings, *findings),
        holds=tuple(holds),
        remarks=signed.remarks,
        proves=ALONE if note is None else SINCE,
    )


def of_text(path: Path, kept: str | None, public: Key | None) -> Verdict:
    """Return the verdict on a proof or a checkpoint."""
    problems = []
    try:
        text = bytes_of(path).decode()
    except UnicodeDecodeError as error:
        text, problems = "", [str(error)]
    for first, parse in (
        ("c2sp.org/tlog-proof", parse_inclusion_proof),
        ("old ", parse_consistency_proof),
        ("", parse_note),
    ):
        if text.startswith(first) and not problems:
            try:
                return _of_parsed(str(path), parse(text), kept, public)
            except ValueError as error:
                problems.append(str(error))
    found = Finding(None, None, "text", "a proof or a checkpoint", problems[0])
    return Verdict(kind="file", name=str(path), findings=[found])


def _of_parsed(
    name: str, found: InclusionProof | ConsistencyProof | Note, kept: str | None, public: Key | None
) -> Verdict:
    if isinstance(found, InclusionProof):
        return _of_inclusion(name, found, kept, public)
    if isinstance(found, ConsistencyProof):
        return _of_consistency(name, found, kept, public)
    signed = signers(found, public)
    return Verdict(
        kind="checkpoint",
        name=name,
        checkpoint=found.checkpoint,
        signed=signed.by,
        findings=signed.findings,
        holds=(f"A checkpoint of {found.checkpoint.size:,} entries of {found.checkpoint.origin}.",),
        remarks=signed.remarks,
        proves="A checkpoint is what a record is held against: earmark verify STORE --checkpoint.",
    )


def _of_inclusion(
    name: str, proof: InclusionProof, kept: str | None, public: Key | None
) -> Verdict:
    note = proof.note if kept is None else note_in(kept)
    signed = signers(note, public)
    findings = list(signed.findings)
    size, root = proof.note.checkpoint.size, proof.note.checkpoint.root
    if note.checkpoint.size != size:
        raise UsageError(
            f"the proof is of {size} entries, {kept} of {note.checkpoint.size}",
            "a proof of an entry holds against a checkpoint of the same size alone",
        )
    if note.checkpoint.text != proof.note.checkpoint.text:
        expected = f"{note.checkpoint.origin} {note.checkpoint.root.hex()}"
        found = f"{proof.note.checkpoint.origin} {root.hex()}"
        findings.append(Finding(None, None, "checkpoint", expected, found))
    entry, seq = None, proof.index + 1
    if proof.extra is None:
        findings.append(Finding(None, None, "extra", "the entry itself", "nothing"))
    else:
        try:
            proof.verify(leaf_hash(proof.extra))
            entry = parse_recorded(proof.extra)
        except ValueError as error:
            findings.append(Finding(seq, None, "proof", "a path to the root", str(error)))
        else:
            if entry.seq != seq:
                findings.append(Finding(seq, entry.entry.id, "seq", str(seq), str(entry.seq)))
    return Verdict(
        kind="inclusion",
        name=name,
        checkpoint=proof.note.checkpoint,
        recorded_at=None if entry is None else entry.recorded_at,
        signed=signed.by,
        findings=findings,
        holds=(f"Entry {seq} is one of the {size:,} that the checkpoint saw.",),
        remarks=signed.remarks,
        proves="This shows that the entry was on record when the checkpoint was made, and not that"
        " it is true. It is as good as the hand that the checkpoint comes from.",
        entry=entry,
    )


def _of_consistency(
    name: str, proof: ConsistencyProof, kept: str | None, public: Key | None
) -> Verdict:
    if kept is None:
        raise UsageError(
            "this proof leads from an older checkpoint, which is not in it",
            "name it with --checkpoint, from whoever kept it",
        )
    note, now = note_in(kept), proof.note.checkpoint
    signed = signers(proof.note, public)
    findings = list(signed.findings)
    if public is not None:  # else whoever hands over the proof could make up what was kept, too
        findings += [
            replace(found, what="signature of the older checkpoint")
            for found in signers(note, public).findings
        ]
    try:
        proof.verify(note.checkpoint)
    except ValueError as error:
        findings.append(Finding(None, None, "proof", "a path from root to root", str(error)))
    return Verdict(
        kind="consistency",
        name=name,
        checkpoint=now,
        signed=signed.by,
        findings=findings,
        holds=(f"The {now.size:,} entries of the new one begin with the {proof.old:,} of {kept}.",),
        remarks=signed.remarks,
        proves="This shows that the record only grew between the two checkpoints, and not that an"
        " entry is true.",
    )


def other_book(folder: Path, digest: str) -> tuple[Finding, ...]:
    """Return what is wrong with the tables beside the entries."""
    try:
        book, _ = read_book(folder)
    except BookError as error:
        return tuple(
            Finding(
                None, None, f"{p.table or 'book'} row {p.row}", "a book without problems", p.message
            )
            for p in error.problems
        )
    if book.digest == digest:
        return ()
    return (Finding(None, None, "tables beside the entries", digest, book.digest),)


@contextmanager
def counting(name: str) -> Iterator[Told]:
    """Show on a terminal how many entries have been read."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"Reading {name} …") as status:
        yield lambda seq: status.update(f"Reading {name}: {seq:,} entries …")
