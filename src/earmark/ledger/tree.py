"""A Merkle tree over the entries of a ledger: one hash that stands for all of them, in their order.

The tree, its proofs and their checks are those of RFC 9162, section 2.1, with SHA-256; a proof is
checked by other code than makes it. A leaf is here always the hash of an entry, never the entry.

Only the hashes of leaves are kept for good. Nodes are made from them when proofs are wanted: n
hashes for any number of proofs, about a second and 64 MB for a million leaves. Stored nodes would
save that second and be one more thing that a store could hold wrongly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256

HASH_BYTES = 32

EMPTY_ROOT = sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of an entry; the leading byte keeps it from being read as a node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """As much of a tree as adding leaves needs; `Frontier()` is that of the empty tree."""

    size: int = 0
    """How many leaves the tree has."""
    hashes: tuple[bytes, ...] = ()
    """The roots of the whole subtrees, widest first: one for each bit that is set in `size`."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a frontier, such as one that was read wrongly."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError(f"{len(self.hashes)} hashes are no frontier of {self.size} leaves")
        require_hashes(self.hashes)

    def appended(self, leaf: bytes) -> "Frontier":
        """Return the frontier of the tree with one more leaf."""
        return self.extended((leaf,))

    def extended(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier of the tree with more leaves: two hashes a leaf at most on average.

        Raises ValueError for a leaf that is no hash.
        """
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            _require_hash(leaf)
            node, pairs = leaf, size
            while pairs & 1:
                node = node_hash(hashes.pop(), node)
                pairs >>= 1
            hashes.append(node)
            size += 1
        return Frontier(size, tuple(hashes))

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return _joined(self.hashes)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over `leaves`."""
    return Frontier().extended(leaves).root


@dataclass(frozen=True, slots=True)
class Tree:
    """All whole subtrees over the leaves of a ledger: for any number of proofs and past roots."""

    size: int
    """How many leaves there are."""
    levels: tuple[bytes, ...] = field(repr=False)
    """Per height h, the roots of the whole subtrees of 2^h leaves, end to end."""

    @classmethod
    def of(cls, leaf_hashes: Iterable[bytes]) -> "Tree":
        """Build the tree over `leaf_hashes`; ValueError where one is no hash."""
        leaves = list(leaf_hashes)
        require_hashes(leaves)
        levels = [b"".join(leaves)]
        while len(levels[-1]) >= 2 * HASH_BYTES:
            levels.append(_next_level(levels[-1]))
        return cls(len(leaves), tuple(levels))

    def frontier(self, size: int) -> Frontier:
        """Return the frontier of the first `size` leaves."""
        if not 0 <= size <= self.size:
            raise ValueError(f"there is no tree of {size} leaves among {self.size}")
        return Frontier(size, self._whole_subtrees(0, size))

    def root(self, size: int) -> bytes:
        """Return the root that the tree had when it had `size` leaves."""
        return self.frontier(size).root

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the hashes that lead from leaf `index` to the root of the first `size` leaves.

        Raises ValueError where there is no such leaf or no such tree. RFC 9162, 2.1.3.1.
        """
        if not 0 <= index < size <= self.size:
            raise ValueError(f"no leaf {index} in {size} leaves of {self.size}")
        path, start, end = [], 0, size
        while end - start > 1:
            middle = _middle(start, end)
            if index < middle:
                path.append(self._between(middle, end))
                end = middle
            else:
                path.append(self._between(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the hashes that show the first `old` leaves to be the start of the first `new`.

        Raises ValueError where there is no such tree, and for an empty old one: everything begins
        with nothing, so that a proof of it would prove nothing. RFC 9162, 2.1.4.1.
        """
        _require_order(old, new)
        if new > self.size:
            raise ValueError(f"there is no tree of {new} leaves among {self.size}")
        path, start, end = [], 0, new
        while end != old:
            middle = _middle(start, end)
            if old <= middle:
                path.append(self._between(middle, end))
                end = middle
            else:
                path.append(self._between(start, middle))
                start = middle
        if start:  # otherwise the subtree is the old tree, whose root the checker has
            path.append(self._between(start, end))
        return tuple(reversed(path))

    def _between(self, start: int, end: int) -> bytes:
        return _joined(self._whole_subtrees(start, end))

    def _whole_subtrees(self, start: int, end: int) -> tuple[bytes, ...]:
        """Return the roots of the whole subtrees that make up leaves `start` to `end`.

        `start` is a multiple of the width of the first of them, as all splits of the tree are.
        """
        found = []
        for height in reversed(range((end - start).bit_length())):
            if (end - start) >> height & 1:
                place = (start >> height) * HASH_BYTES
                found.append(self.levels[height][place : place + HASH_BYTES])
                start += 1 << height
        return tuple(found)


def inclusion_proof(index: int, size: int, leaf_hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return one proof as `Tree.inclusion_proof` does; for several, build the tree once."""
    return Tree.of(leaf_hashes[: max(size, 0)]).inclusion_proof(index, size)


def consistency_proof(old: int, new: int, leaf_hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return one proof as `Tree.consistency_proof` does; for several, build the tree once."""
    return Tree.of(leaf_hashes[: max(new, 0)]).consistency_proof(old, new)


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` is number `index`, from 0, of the `size` leaves under `root`.

    Raises ValueError, and says why, where the proof does not show that. RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size} leaves")
    require_hashes((leaf, root, *proof))
    place, last, node = index, size - 1, leaf
    for other in proof:
        if last == 0:
            raise ValueError("the proof is longer than the tree is high")
        if place & 1 or place == last:
            node = node_hash(other, node)
            while place and not place & 1:  # levels at which the node has no neighbour
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, other)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is shorter than the tree is high")
    _require_root(node, root, f"leaf {index} of {size}")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the `old` leaves under `old_root` are the first of the `new` under `new_root`.

    Raises ValueError, and says why, where the proof does not show that; also for an empty old
    tree, of which nothing can be shown. RFC 9162, 2.1.4.2.
    """
    _require_order(old, new)
    require_hashes((old_root, new_root, *proof))
    if old == new:
        if proof:
            raise ValueError("between trees of one size the proof is empty")
        return _require_root(new_root, old_root, f"the first {old} leaves")
    # A whole subtree is the first hash of its own path, and is left out of the proof.
    whole = old & (old - 1) == 0
    path = [old_root, *proof] if whole else list(proof)
    if len(path) == (1 if whole else 0):
        raise ValueError("the proof is empty")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for other in path[1:]:
        if last == 0:
            raise ValueError("the proof is longer than the tree is high")
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is shorter than the tree is high")
    _require_root(before, old_root, f"the first {old} leaves")
    return _require_root(after, new_root, f"all {new} leaves")


def require_hashes(hashes: Iterable[bytes]) -> None:
    """Raise ValueError where one of `hashes` has not the length of a hash."""
    for value in hashes:
        _require_hash(value)


def _require_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes, not {len(value)}")


def _require_order(old: int, new: int) -> None:
    if old < 1:
        raise ValueError("nothing can be shown of an empty old tree; the old size is at least 1")
    if old > new:
        raise ValueError(f"the old size {old} is above the new size {new}")


def _require_root(found: bytes, root: bytes, what: str) -> None:
    if found != root:
        raise ValueError(f"the proof does not hold for {what}: {found.hex()} is not {root.hex()}")


def _middle(start: int, end: int) -> int:
    """Return where leaves `start` to `end` split: after the widest subtree that is not all."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _joined(subtrees: tuple[bytes, ...]) -> bytes:
    """Return the root over whole subtrees, widest first."""
    if not subtrees:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(subtrees))


def _next_level(level: bytes) -> bytes:
    """Return the hashes of all pairs of `level`; a last one without a neighbour is left out."""
    pair = 2 * HASH_BYTES
    starts = range(0, len(level) // pair * pair, pair)
    return b"".join([sha256(b"\x01" + level[at : at + pair]).digest() for at in starts])
