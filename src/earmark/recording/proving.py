"""Checkpoints of a record, and proofs about it."""

from collections.abc import Iterable

from earmark.errors import BookError, Problem, UsageError
from earmark.ledger.checkpoints import Checkpoint, Note
from earmark.ledger.proofs import (
    ConsistencyProof,
    InclusionProof,
    prove_consistency,
    prove_inclusion,
)
from earmark.ledger.tree import Tree, leaf_hash
from earmark.stores import Store
from earmark.stores.signing import SigningKey, sign


def checkpoint_of(store: Store, key: SigningKey | None = None) -> Note:
    """Return the checkpoint of a record as it stands, signed where a key is given.

    The root is computed from the entries again. Raises BookError where the record says another:
    nobody should sign that.
    """
    note, _ = _checkpoint(store, key)
    return note


def prove_entry(store: Store, entry: str, key: SigningKey | None = None) -> InclusionProof:
    """Return the proof that an entry, named by id or number, is on record; the entry is in it.

    Raises UsageError where there is no such entry, and BookError like `checkpoint_of`.
    """
    note, tree = _checkpoint(store, key)
    seq = _number(store, entry, note.checkpoint.size)
    (body,) = store.bodies(seq, seq)
    proof = prove_inclusion(tree, seq - 1, note, body)
    proof.verify(leaf_hash(body))
    return proof


def prove_since(store: Store, kept: Checkpoint, key: SigningKey | None = None) -> ConsistencyProof:
    """Return the proof that a record still begins as it was when `kept` was made.

    Raises BookError where it does not, or like `checkpoint_of`.
    """
    note, tree = _checkpoint(store, key)
    try:
        proof = prove_consistency(tree, kept.size, note)
        proof.verify(kept)
    except ValueError as error:
        raise altered(f"the record does not begin as the checkpoint says: {error}") from None
    return proof


def altered(message: str) -> BookError:
    """Return the error of a record that is not what it says, or what others kept of it."""
    return BookError([Problem("E433", message, hint="earmark verify says what differs")])


def tree_of(bodies: Iterable[bytes]) -> Tree:
    """Return the tree over entries."""
    return Tree.of(map(leaf_hash, bodies))


def _checkpoint(store: Store, key: SigningKey | None) -> tuple[Note, Tree]:
    head = store.head()
    tree = tree_of(store.bodies(1, head.size))
    if tree.size != head.size or tree.root(tree.size) != head.root:
        raise altered(f"the entries of {store.address} do not lead to the root on record")
    note = Note(Checkpoint(store.origin, head.size, head.root))
    return (sign(note, key) if key else note), tree


def _number(store: Store, entry: str, size: int) -> int:
    if entry.isdecimal():
        if 1 <= int(entry) <= size:
            return int(entry)
        raise UsageError(f"there is no entry {entry}", f"there are entries 1 to {size}")
    found = store.entry(entry)
    if found is None:
        raise UsageError(f"there is no entry {entry[:100]!r}", "earmark log names the entries")
    return found.seq
