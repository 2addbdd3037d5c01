"""What a bundle holds, beside an answer: the record, its checkpoint, proofs, a list of all files.

A bundle is a folder that `archives` makes one file of. `record_into` and `seal` make it,
`check_seal` and `check_record` verify it; the answer in it is the business of whoever asked.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from earmark.book import Book, Extent
from earmark.ledger.checkpoints import Checkpoint, Note, parse_note
from earmark.ledger.proofs import parse_inclusion_proof, prove_inclusion
from earmark.ledger.rereading import Finding, by_entry, first_difference
from earmark.ledger.tree import Tree, leaf_hash, root_of
from earmark.recording.archives import files_of
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE, export_book
from earmark.recording.proving import altered
from earmark.recording.verifying import Kept, Told, Verified, verify_entries
from earmark.stores import Store
from earmark.stores.signing import SigningKey, sign
from earmark.tables.files import bytes_of, replace_file, surroundings
from earmark.tables.records import extent_at

BOOK, PROOFS = "book", "proofs"
SUMS, SUMS_CHECKPOINT = "SHA256SUMS", "SHA256SUMS.checkpoint"

MOST_PROOFS = 10_000
"""How many moves, the last ones, have a proof of their own. The entries prove all of them."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a bundle's record is: how far it goes, its checkpoint, how many proofs there are."""

    extent: Extent
    note: Note
    proofs: int


def record_into(
    folder: Path, store: Store, recorded: str | None = None, key: SigningKey | None = None
) -> Sealed:
    """Write a record, as of a moment, its checkpoint and proofs of its moves into a folder.

    Raises like `export_book`, and BookError where the entries do not lead to the record's root.
    """
    extent, _ = extent_at(store, recorded)
    tree = Tree.of(map(leaf_hash, store.bodies(1, extent.size)))
    checkpoint = Checkpoint(store.origin, extent.size, bytes.fromhex(extent.root))
    if tree.size != extent.size or tree.root(tree.size) != checkpoint.root:
        raise altered(f"the entries of {store.address} do not lead to the root on record")
    export_book(store, folder / BOOK, str(extent.size))
    lines = list(_lines(folder))
    note = sign(Note(checkpoint), key) if key else Note(checkpoint)
    replace_file(folder / BOOK / CHECKPOINT_FILE, note.text.encode())
    (folder / PROOFS).mkdir()
    numbers = _moves(lines)
    for seq in numbers:
        proof = prove_inclusion(tree, seq - 1, note, lines[seq - 1])
        (folder / _proof_file(seq)).write_text(proof.text, encoding="utf-8")
    return Sealed(extent, note, len(numbers))


def seal(folder: Path, origin: str, key: SigningKey | None = None) -> None:
    """List every file of a bundle with its SHA-256; with a key, sign the list."""
    lines = _sums(folder)
    replace_file(folder / SUMS, b"".join(line + b"\n" for line in lines))
    if key is not None:
        note = sign(Note(_checkpoint_of_sums(origin, lines)), key)
        replace_file(folder / SUMS_CHECKPOINT, note.text.encode())


def check_seal(folder: Path) -> tuple[list[Finding], Note | None]:
    """Return which files of a bundle are not those on its list, and who signed the list."""
    if not (folder / SUMS).is_file():
        return [Finding(None, None, SUMS, "a list of the files", "nothing")], None
    text = bytes_of(folder / SUMS)
    lines = text.removesuffix(b"\n").split(b"\n")
    listed, found = _by_name(lines), _by_name(_sums(folder))
    findings = [
        Finding(None, None, name, listed.get(name, "no such file"), found.get(name, "no such file"))
        for name in sorted({*listed, *found})
        if listed.get(name) != found.get(name)
    ]
    canonical = [f"{digest}  {name}" for name, digest in sorted(listed.items())]
    if text != "".join(f"{line}\n" for line in canonical).encode():
        findings.append(
            Finding(None, None, SUMS, "one line for each file, by name", "another text")
        )
    if not (folder / SUMS_CHECKPOINT).is_file():
        return findings, None
    try:
        note = parse_note(bytes_of(folder / SUMS_CHECKPOINT).decode())
    except ValueError as error:
        return [*findings, Finding(None, None, SUMS_CHECKPOINT, "a checkpoint", str(error))], None
    wanted = _checkpoint_of_sums(note.checkpoint.origin.removesuffix("/bundle"), lines)
    if note.checkpoint != wanted:
        roots = wanted.root.hex(), note.checkpoint.root.hex()
        findings.append(Finding(None, None, SUMS_CHECKPOINT, *roots))
    return findings, note


def check_record(
    folder: Path, kept: Sequence[Kept], told: Told
) -> tuple[Verified, Note] | list[Finding]:
    """Return what the record in a bundle is found to be; findings alone if it is none at all."""
    try:
        note = parse_note(bytes_of(folder / BOOK / CHECKPOINT_FILE).decode())
    except ValueError as error:
        return [Finding(None, None, f"{BOOK}/{CHECKPOINT_FILE}", "a checkpoint", str(error))]
    return verify_entries(lambda: _lines(folder), note.checkpoint, kept, told), note


def check_proofs(folder: Path, note: Note) -> list[Finding]:
    """Return which proofs of a bundle are missing, too many, or prove something else."""
    lines = list(_lines(folder))
    wanted = {_proof_file(seq): seq for seq in _moves(lines)}
    found = {f"{PROOFS}/{name}" for name in files_of(folder / PROOFS)}
    findings = [
        Finding(wanted.get(name), None, name, *_there(name in wanted))
        for name in sorted(wanted.keys() ^ found)
    ]
    for name, seq in wanted.items():
        if name in found:
            findings += _check_proof(folder / name, name, seq, lines, note)
    return sorted(findings, key=by_entry)


def evidence_document(
    book: Book, files: dict[str, tuple[str, str]] | None = None
) -> dict[str, object]:
    """Return the digests of a book's evidence; `files` has name and digest of those compared."""
    rows = []
    for row in book.evidence:
        name, found = (files or {}).get(row.evidence, (None, None))
        same = None if found is None or row.sha256 is None else found == row.sha256
        rows.append(
            {
                "evidence": row.evidence,
                "sha256": row.sha256,
                "file": name,
                "found": found,
                "same": same,
            }
        )
    rows.sort(key=lambda row: str(row["evidence"]))
    return {"format": "earmark.evidence/1", "compared": files is not None, "evidence": rows}


def evidence_files(folder: Path, book: Book) -> dict[str, tuple[str, str]]:
    """Return name and digest of the file of each piece of evidence that lies in a folder.

    A file is that of a row if it has the digest on record, else if it is called by the row's id.
    """
    with surroundings(folder):
        digests = {name: sha256_of(folder / name) for name in files_of(folder)}
    by_digest = {digest: name for name, digest in digests.items()}
    by_stem = {Path(name).stem: name for name in digests}
    found = {}
    for row in book.evidence:
        name = by_digest.get(row.sha256 or "") or by_stem.get(row.evidence)
        if name is not None:
            found[row.evidence] = name, digests[name]
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = sha256()
    with surroundings(path), path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _lines(folder: Path) -> Iterator[bytes]:
    with (
        surroundings(folder / BOOK / RECORD_FILE),
        (folder / BOOK / RECORD_FILE).open("rb") as file,
    ):
        for line in file:
            yield line.removesuffix(b"\n")


def _moves(lines: Sequence[bytes]) -> list[int]:
    """Return the numbers of the entries of moves, the last `MOST_PROOFS` of them."""
    found = []
    for seq, line in enumerate(lines, 1):
        if b'"kind":"move"' in line and _kind(line) == "move":
            found.append(seq)
    return found[-MOST_PROOFS:]


def _kind(line: bytes) -> object:
    try:
        return json.loads(line)["kind"]
    except (ValueError, KeyError, TypeError):  # altered; what is wrong with it is told elsewhere
        return None


def _proof_file(seq: int) -> str:
    return f"{PROOFS}/{seq}.tlog-proof"


def _there(wanted: bool) -> tuple[str, str]:
    return ("a proof", "none") if wanted else ("none", "a proof")


def _check_proof(
    path: Path, name: str, seq: int, lines: Sequence[bytes], note: Note
) -> list[Finding]:
    try:
        proof = parse_inclusion_proof(bytes_of(path).decode())
        proof.verify(leaf_hash(proof.extra or b""))
    except ValueError as error:
        return [Finding(seq, None, name, "a proof of the entry", str(error))]
    if proof.index != seq - 1:
        return [Finding(seq, None, name, f"a proof of entry {seq}", f"of entry {proof.index + 1}")]
    if proof.note != note:
        return [Finding(seq, None, name, "the checkpoint of the bundle", "another")]
    if found := first_difference([lines[seq - 1]], [proof.extra or b""]):
        return [Finding(seq, found.id, found.what, found.expected, found.found)]
    return []


def _sums(folder: Path) -> list[bytes]:
    """Return the list of files as `sha256sum` writes it, without itself and its checkpoint."""
    names = [name for name in files_of(folder) if name not in (SUMS, SUMS_CHECKPOINT)]
    return [f"{sha256_of(folder / name)}  {name}".encode() for name in names]


def _by_name(lines: Sequence[bytes]) -> dict[str, str]:
    pairs = (line.decode(errors="backslashreplace").partition("  ") for line in lines)
    return {name: digest for digest, _, name in pairs}


def _checkpoint_of_sums(origin: str, lines: Sequence[bytes]) -> Checkpoint:
    return Checkpoint(f"{origin}/bundle", len(lines), root_of(map(leaf_hash, lines)))
