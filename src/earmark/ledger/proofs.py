"""Proofs as small text files: that an entry is in a ledger, and that a ledger only grew.

A proof ends with the checkpoint that it leads to, signatures and all. An inclusion proof has the
form of C2SP's tlog-proof. For consistency C2SP has no file; the form here is what its tlog-witness
is sent, so that a witness takes the file as it is. docs/proofs.md shows both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.ledger.checkpoints import (
    Checkpoint,
    Note,
    from_base64,
    parse_note,
    parse_number,
    to_base64,
)
from earmark.ledger.tree import Tree, require_hashes, verify_consistency, verify_inclusion

_INCLUSION = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That one entry is number `index`, from 0, of those under a checkpoint.

    `extra` is carried along and proves nothing by itself; Earmark puts the entry there, so that the
    file holds what it speaks of.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what the text form cannot say, or no tree can bear out."""
        if not 0 <= self.index < self.note.checkpoint.size:
            raise ValueError(f"no entry {self.index} among {self.note.checkpoint.size}")
        _require_path(self.hashes)

    @property
    def text(self) -> str:
        """The whole file."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        return _written([_INCLUSION, *extra, f"index {self.index}"], self.hashes, self.note)

    def verify(self, leaf: bytes) -> None:
        """Check that the entry with the hash `leaf` is the one; ValueError where it is not.

        Whether the checkpoint itself is to be believed is for its signatures, or for a copy that
        somebody else kept, to say.
        """
        checkpoint = self.note.checkpoint
        verify_inclusion(self.index, checkpoint.size, leaf, self.hashes, checkpoint.root)


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the first `old` entries under a checkpoint are those of an older one.

    The older checkpoint is not in the file: it has to come from whoever kept it.
    """

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __post_init__(self) -> None:
        """Refuse what the text form cannot say, or no tree can bear out."""
        if not 1 <= self.old <= self.note.checkpoint.size:
            raise ValueError(
                f"nothing can be shown of {self.old} among {self.note.checkpoint.size} entries"
            )
        _require_path(self.hashes)

    @property
    def text(self) -> str:
        """The whole file."""
        return _written([f"old {self.old}"], self.hashes, self.note)

    def verify(self, kept: Checkpoint) -> None:
        """Check that the ledger still begins with what `kept` saw; ValueError where it does not."""
        now = self.note.checkpoint
        if kept.origin != now.origin:
            raise ValueError(f"these are two ledgers: {kept.origin!r} and {now.origin!r}")
        if kept.size != self.old:
            raise ValueError(
                f"the proof starts at {self.old} entries, the checkpoint at {kept.size}"
            )
        verify_consistency(kept.size, now.size, self.hashes, kept.root, now.root)


def prove_inclusion(
    tree: Tree, index: int, note: Note, extra: bytes | None = None
) -> InclusionProof:
    """Return the proof that leaf `index` of `tree` is under the checkpoint of `note`.

    Raises ValueError where there is no such leaf, or the tree does not lead to the checkpoint.
    """
    _require_same(tree, note.checkpoint)
    return InclusionProof(index, tree.inclusion_proof(index, note.checkpoint.size), note, extra)


def prove_consistency(tree: Tree, old: int, note: Note) -> ConsistencyProof:
    """Return the proof that the ledger of `note` begins as it was with `old` entries.

    Raises ValueError where there was no such ledger, or the tree does not lead to the checkpoint.
    """
    _require_same(tree, note.checkpoint)
    return ConsistencyProof(old, tree.consistency_proof(old, note.checkpoint.size), note)


def parse_inclusion_proof(text: str) -> InclusionProof:
    """Return the proof that `text` says, without checking it; ValueError where it is none."""
    (first, *lines), note = _parts(text)
    if first != _INCLUSION:
        raise ValueError(f"an inclusion proof begins with {_INCLUSION}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra "))
    index, hashes = _numbered("index", lines)
    return InclusionProof(index, hashes, note, extra)


def parse_consistency_proof(text: str) -> ConsistencyProof:
    """Return the proof that `text` says, without checking it; ValueError where it is none."""
    lines, note = _parts(text)
    old, hashes = _numbered("old", lines)
    return ConsistencyProof(old, hashes, note)


def _written(head: Sequence[str], hashes: Sequence[bytes], note: Note) -> str:
    return "\n".join([*head, *map(to_base64, hashes), "", note.text])


def _parts(text: str) -> tuple[list[str], Note]:
    """Return the lines above the first empty line, and the checkpoint below it."""
    head, empty_line, below = text.partition("\n\n")
    if not empty_line:
        raise ValueError("a proof has an empty line before its checkpoint")
    return head.split("\n"), parse_note(below)


def _numbered(word: str, lines: Sequence[str]) -> tuple[int, tuple[bytes, ...]]:
    """Return the number after `word` in the first line, and the hashes in the others."""
    if not lines or not lines[0].startswith(f"{word} "):
        raise ValueError(f"this proof lacks its line `{word} NUMBER`")
    return parse_number(lines[0].removeprefix(f"{word} ")), tuple(map(from_base64, lines[1:]))


def _require_path(hashes: Sequence[bytes]) -> None:
    if len(hashes) > _MOST_HASHES:
        raise ValueError(f"a proof has at most {_MOST_HASHES} hashes")
    require_hashes(hashes)


def _require_same(tree: Tree, checkpoint: Checkpoint) -> None:
    if tree.root(checkpoint.size) != checkpoint.root:
        raise ValueError(f"the first {checkpoint.size} leaves do not lead to this checkpoint")
