"""The tree: published vectors, agreement with the text of RFC 9162, and proofs that cannot lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.merkle import (
    CONSISTENCIES,
    INCLUSIONS,
    INPUTS,
    LEAVES,
    ROOTS,
    plain_consistency,
    plain_inclusion,
    plain_root,
)

from earmark.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

MOST = 64
MANY = [leaf_hash(bytes([i])) for i in range(MOST + 1)]
TREE = Tree.of(MANY)

hashes = st.binary(min_size=32, max_size=32)


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# Published vectors


def test_published_hashes_of_leaves_and_nodes():
    """A leaf begins with 00, a node with 01."""
    assert (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" == leaf_hash(b"").hex()
    )
    assert (
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
        == leaf_hash(b"L123456").hex()
    )
    assert (
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
        == node_hash(b"N123", b"N456").hex()
    )


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    """The root of every size from 0 to 8, as a whole, leaf by leaf and out of a larger tree."""
    assert len(INPUTS) == len(ROOTS) - 1
    assert ROOTS[size] == root_of(LEAVES[:size])
    assert ROOTS[size] == Tree.of(LEAVES).root(size)
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier = frontier.appended(leaf)
    assert (size, ROOTS[size]) == (frontier.size, frontier.root)


@pytest.mark.parametrize(("index", "size"), INCLUSIONS)
def test_published_inclusion_proofs(index, size):
    """They are made as published, and hold."""
    proof = INCLUSIONS[index, size]
    assert proof == inclusion_proof(index, size, LEAVES)
    verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCIES)
def test_published_consistency_proofs(old, new):
    """They are made as published, and hold."""
    proof = CONSISTENCIES[old, new]
    assert proof == consistency_proof(old, new, LEAVES)
    verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])


# Laws


@given(st.lists(hashes, max_size=40), st.data())
def test_a_frontier_has_the_root_of_all_its_leaves(leaves, data):
    """However the leaves came in batches, and as the standard defines the root."""
    cut = data.draw(st.integers(0, len(leaves)))
    frontier = Frontier().extended(leaves[:cut]).extended(leaves[cut:])
    assert plain_root(leaves) == frontier.root == Tree.of(leaves).root(len(leaves))
    assert frontier == Tree.of(leaves).frontier(len(leaves))


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_leaf_of_every_tree_is_shown(size):
    """Each proof is that of the standard's text, holds, and holds for no other place or leaf."""
    root = TREE.root(size)
    for index in range(size):
        proof = TREE.inclusion_proof(index, size)
        assert plain_inclusion(index, MANY[:size]) == proof
        verify_inclusion(index, size, MANY[index], proof, root)
        with pytest.raises(ValueError, match=r"."):
            verify_inclusion(index, size, MANY[index + 1], proof, root)
        with pytest.raises(ValueError, match=r"."):
            verify_inclusion((index + 1) % (size + 1), size, MANY[index], proof, root)


@pytest.mark.parametrize("new", range(1, MOST + 1))
def test_every_tree_begins_with_every_smaller_one(new):
    """Each proof is that of the standard's text, holds, and holds for no other old tree."""
    for old in range(1, new + 1):
        proof = TREE.consistency_proof(old, new)
        assert plain_consistency(old, MANY[:new]) == proof
        verify_consistency(old, new, proof, TREE.root(old), TREE.root(new))
        with pytest.raises(ValueError, match=r"."):
            verify_consistency(old, new, proof, TREE.root(old - 1), TREE.root(new))
        with pytest.raises(ValueError, match=r"."):
            verify_consistency(old, new, proof, TREE.root(old), TREE.root(new + 1 - 2 * (new > 1)))


@given(st.data())
def test_a_flipped_bit_in_an_inclusion_proof_is_found(data):
    """Whether it is in the leaf, the root or any hash of the path."""
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    parts = [MANY[index], TREE.root(size), *TREE.inclusion_proof(index, size)]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))
    leaf, root, *proof = parts
    with pytest.raises(ValueError, match="does not hold for leaf"):
        verify_inclusion(index, size, leaf, proof, root)


@given(st.data())
def test_a_flipped_bit_in_a_consistency_proof_is_found(data):
    """Whether it is in either root or any hash of the path."""
    new = data.draw(st.integers(1, MOST))
    old = data.draw(st.integers(1, new))
    parts = [TREE.root(old), TREE.root(new), *TREE.consistency_proof(old, new)]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))
    old_root, new_root, *proof = parts
    with pytest.raises(ValueError, match="does not hold for"):
        verify_consistency(old, new, proof, old_root, new_root)


@given(st.data())
def test_a_proof_with_a_hash_more_or_less_is_refused(data):
    """A path has one length for its place."""
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    root, extra = TREE.root(new), MANY[0]
    inclusion = TREE.inclusion_proof(old, new)
    consistency = TREE.consistency_proof(old, new)
    for proof in (inclusion[:-1], inclusion[1:], (*inclusion, extra), (extra, *inclusion)):
        with pytest.raises(ValueError, match=r"than the tree is high|does not hold"):
            verify_inclusion(old, new, MANY[old], proof, root)
    for proof in (consistency[:-1], consistency[1:], (*consistency, extra), (extra, *consistency)):
        with pytest.raises(ValueError, match=r"than the tree is high|does not hold|is empty"):
            verify_consistency(old, new, proof, TREE.root(old), root)


@pytest.mark.parametrize("claimed", [2, 4, 16, 64])
def test_a_path_is_not_taken_for_one_in_a_tree_of_another_height(claimed):
    """Hashes that lead to the root are not enough: their number has to fit the claimed size."""
    root = TREE.root(8)
    reason = "the proof is longer" if claimed < 8 else "the proof is shorter"
    with pytest.raises(ValueError, match=reason):
        verify_inclusion(0, claimed, MANY[0], TREE.inclusion_proof(0, 8), root)
    with pytest.raises(ValueError, match=reason):
        verify_consistency(1, claimed, TREE.consistency_proof(1, 8), TREE.root(1), root)


@given(st.lists(hashes, min_size=2, max_size=30, unique=True), st.data())
def test_a_ledger_that_was_changed_has_no_proof(leaves, data):
    """An earlier leaf replaced, dropped or put elsewhere: no proof leads from the kept root."""
    old = data.draw(st.integers(1, len(leaves)))
    place = data.draw(st.integers(0, old - 1))
    changed = list(leaves)
    moved = changed.pop(place)
    if data.draw(st.booleans()):
        changed.insert(place, leaf_hash(moved))
    else:
        changed.append(moved)
    if changed[:old] == leaves[:old] or len(changed) < old:
        return
    tree = Tree.of(changed)
    with pytest.raises(ValueError, match="does not hold for"):
        verify_consistency(
            old,
            len(changed),
            tree.consistency_proof(old, len(changed)),
            root_of(leaves[:old]),
            tree.root(len(changed)),
        )


# Refusals


def test_nothing_is_shown_of_an_empty_tree():
    """From size 0 on is an error, both ways, and not an empty proof."""
    with pytest.raises(ValueError, match="nothing can be shown of an empty old tree"):
        consistency_proof(0, 3, MANY)
    with pytest.raises(ValueError, match="nothing can be shown of an empty old tree"):
        verify_consistency(0, 3, (), EMPTY_ROOT, TREE.root(3))


def test_a_tree_is_consistent_with_itself_alone():
    """Between equal sizes the proof is empty and the roots are the same."""
    assert () == consistency_proof(5, 5, MANY)
    with pytest.raises(ValueError, match="between trees of one size the proof is empty"):
        verify_consistency(5, 5, MANY[:1], TREE.root(5), TREE.root(5))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, -1), (1, 99)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index, size):
    """Neither outside the tree nor in a tree that is larger than the leaves given."""
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, MANY)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_leaf_outside_a_tree_is_verified(index, size):
    """Not even with a proof that would do for another place."""
    with pytest.raises(ValueError, match="there is no leaf"):
        verify_inclusion(index, size, MANY[0], (), MANY[0])


@pytest.mark.parametrize(("old", "new"), [(4, 3), (3, 99), (1, -1)])
def test_there_is_no_proof_between_trees_that_are_not_there(old, new):
    """The old one is not above the new, and the new one not above the leaves."""
    with pytest.raises(ValueError, match=r"is above the new size|there is no tree"):
        consistency_proof(old, new, MANY)


def test_sizes_that_never_were_have_no_root():
    """A root of more leaves than there are would be a guess."""
    for size in (-1, 9):
        with pytest.raises(ValueError, match="there is no tree"):
            Tree.of(LEAVES).root(size)


def test_an_entry_is_not_taken_for_its_hash():
    """What has not 32 bytes is refused wherever a hash is expected."""
    for call in (
        lambda: Frontier().appended(b"entry"),
        lambda: root_of([b""]),
        lambda: Tree.of([b"entry"]),
        lambda: verify_inclusion(0, 1, b"entry", (), MANY[0]),
        lambda: verify_consistency(1, 2, (b"",), MANY[0], MANY[1]),
        lambda: Frontier(1, (b"entry",)),
    ):
        with pytest.raises(ValueError, match="a hash has 32 bytes"):
            call()


@pytest.mark.parametrize("size", [-1, 0, 2, 3])
def test_a_frontier_has_a_hash_for_each_whole_subtree(size):
    """One that a store has lost part of is not gone on with; 1, 2 and 4 leaves have one hash."""
    hashes_given = (MANY[0],) if size != 2 else ()
    with pytest.raises(ValueError, match="are no frontier of"):
        Frontier(size, hashes_given)
