"""Proof files: C2SP's forms, written, read again and checked against the tree."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.merkle import CONSISTENCIES, INCLUSIONS, INPUTS, LEAVES, ROOTS

from earmark.ledger.checkpoints import (
    Checkpoint,
    Note,
    Signature,
    parse_key,
    parse_note,
    to_base64,
    verify_note,
)
from earmark.ledger.proofs import (
    ConsistencyProof,
    InclusionProof,
    parse_consistency_proof,
    parse_inclusion_proof,
    prove_consistency,
    prove_inclusion,
)
from earmark.ledger.tree import Tree, leaf_hash
from earmark.stores.signing import check

TREE = Tree.of(LEAVES)
ORIGIN = "log.example"

# The example of C2SP's tlog-witness, with one of its signatures.
PUBLISHED = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\N{EM DASH} example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


def note(size, *, signed=True):
    line = Signature(ORIGIN, b"\x01\x02\x03\x04", bytes(64))
    return Note(Checkpoint(ORIGIN, size, ROOTS[size]), (line,) if signed else ())


inclusions = st.integers(1, 8).flatmap(
    lambda size: st.builds(
        prove_inclusion,
        st.just(TREE),
        st.integers(0, size - 1),
        st.sampled_from([note(size), note(size, signed=False)]),
        st.none() | st.binary(max_size=9),
    )
)
consistencies = st.integers(1, 8).flatmap(
    lambda size: st.builds(
        prove_consistency,
        st.just(TREE),
        st.integers(1, size),
        st.sampled_from([note(size), note(size, signed=False)]),
    )
)


def test_an_inclusion_file_looks_as_the_standard_says():
    """The form of tlog-proof: a first line, the entry, its index, the path and the checkpoint."""
    proof = prove_inclusion(TREE, 5, note(8), INPUTS[5])
    path = "".join(to_base64(part) + "\n" for part in INCLUSIONS[5, 8])
    assert f"c2sp.org/tlog-proof@v1\nextra QEFCQw==\nindex 5\n{path}\n{note(8).text}" == proof.text


def test_a_consistency_file_looks_as_a_witness_expects():
    """The form that tlog-witness is sent: the old size, the path and the checkpoint."""
    path = "".join(to_base64(part) + "\n" for part in CONSISTENCIES[6, 8])
    assert f"old 6\n{path}\n{note(8).text}" == prove_consistency(TREE, 6, note(8)).text


def test_the_published_consistency_proof_is_read_and_written():
    """The example of the standard, of a log that is not ours."""
    proof = parse_consistency_proof(PUBLISHED)
    assert (20852014, 4) == (proof.old, len(proof.hashes))
    assert parse_note(PUBLISHED.partition("\n\n")[2]) == proof.note
    assert PUBLISHED == proof.text


@given(inclusions)
def test_an_inclusion_proof_is_read_as_it_was_written_and_holds(proof):
    """With the entry or without, signed or not; and it holds for its own leaf alone."""
    read = parse_inclusion_proof(proof.text)
    assert proof == read
    read.verify(LEAVES[proof.index])
    with pytest.raises(ValueError, match="does not hold for leaf"):
        read.verify(LEAVES[proof.index - 1] if proof.index else bytes(32))


@given(consistencies)
def test_a_consistency_proof_is_read_as_it_was_written_and_holds(proof):
    """Against the older checkpoint that somebody kept, and against no other root."""
    read = parse_consistency_proof(proof.text)
    assert proof == read
    read.verify(Checkpoint(ORIGIN, proof.old, ROOTS[proof.old]))
    with pytest.raises(ValueError, match="does not hold for"):
        read.verify(Checkpoint(ORIGIN, proof.old, ROOTS[0]))
    with pytest.raises(ValueError, match="these are two ledgers"):
        read.verify(Checkpoint("other.example", proof.old, ROOTS[proof.old]))
    with pytest.raises(ValueError, match="the proof starts at"):
        read.verify(Checkpoint(ORIGIN, proof.old + 1, ROOTS[proof.old]))


@given(inclusions | consistencies, st.data())
def test_a_file_with_a_character_changed_is_refused_or_tells_of_it(proof, data):
    """It is no proof, or it does not hold, or what changed is outside what is proven."""
    text = proof.text
    place = data.draw(st.integers(0, text.rindex(to_base64(proof.note.checkpoint.root)) + 43))
    other = data.draw(st.sampled_from("0189ABab+/=- \n").filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    try:
        if isinstance(proof, InclusionProof):
            read = parse_inclusion_proof(changed)
            read.verify(LEAVES[proof.index])
        else:
            read = parse_consistency_proof(changed)
            read.verify(Checkpoint(ORIGIN, proof.old, ROOTS[proof.old]))
    except ValueError:
        return
    assert changed == read.text
    assert (proof.hashes, proof.note.checkpoint.root) == (read.hashes, read.note.checkpoint.root)


@pytest.mark.parametrize(
    "change",
    [
        ("c2sp.org/tlog-proof@v1\n", ""),
        ("@v1", "@v2"),
        ("@v1\n", "@v1\n\n"),
        ("index 5\n", ""),
        ("index 5", "index 05"),
        ("index 5", "index five"),
        ("index 5", "index -5"),
        ("index 5", "index 8"),
        ("index 5", "Index 5"),
        ("extra QEFCQw==", "extra QEFCQw="),
        ("extra QEFCQw==", "extra QEFCQw==\nextra QEFCQw=="),
        ("extra QEFCQw==\nindex 5", "index 5\nextra QEFCQw=="),
        (to_base64(INCLUSIONS[5, 8][0]), to_base64(INCLUSIONS[5, 8][0]) + "="),
        (to_base64(INCLUSIONS[5, 8][0]), "QEFCQw=="),
        (to_base64(INCLUSIONS[5, 8][0]) + "\n", (to_base64(bytes(32)) + "\n") * 65),
        ("\n\nlog.example", "\nlog.example"),
        ("\n", "\r\n"),
    ],
)
def test_a_malformed_inclusion_proof_is_refused(change):
    """Each is nearly a proof."""
    text = prove_inclusion(TREE, 5, note(8), INPUTS[5]).text
    assert text != text.replace(*change)
    with pytest.raises(ValueError, match=r"."):
        parse_inclusion_proof(text.replace(*change))


@pytest.mark.parametrize(
    "change",
    [
        ("old 6\n", ""),
        ("old 6", "old 0"),
        ("old 6", "old 9"),
        ("old 6", "old  6"),
        ("old 6", "old 6 "),
        ("old 6", "new 6"),
        ("\n\nlog.example", "\nlog.example"),
        ("\n\nlog.example", "\n\n\nlog.example"),
    ],
)
def test_a_malformed_consistency_proof_is_refused(change):
    """Each is nearly a proof; `old 0` would show nothing."""
    text = prove_consistency(TREE, 6, note(8)).text
    assert text != text.replace(*change)
    with pytest.raises(ValueError, match=r"."):
        parse_consistency_proof(text.replace(*change))


def test_no_proof_is_written_for_a_checkpoint_of_other_leaves():
    """A proof that cannot hold does not leave the house."""
    other = Note(Checkpoint(ORIGIN, 8, ROOTS[7]))
    for prove in (
        lambda: prove_inclusion(TREE, 5, other),
        lambda: prove_consistency(TREE, 6, other),
        lambda: prove_inclusion(TREE, 5, Note(Checkpoint(ORIGIN, 9, ROOTS[8]))),
    ):
        with pytest.raises(ValueError, match=r"do not lead to this checkpoint|there is no tree"):
            prove()


def test_a_proof_of_nothing_cannot_be_made():
    """Neither of an entry outside the ledger nor from an empty ledger on."""
    with pytest.raises(ValueError, match="no entry 8 among 8"):
        InclusionProof(8, (), note(8))
    with pytest.raises(ValueError, match="nothing can be shown of 0 among 8"):
        ConsistencyProof(0, (), note(8))
    with pytest.raises(ValueError, match="nothing can be shown"):
        prove_consistency(TREE, 0, note(8))


def test_the_examples_of_the_document_hold():
    """What docs/proofs.md shows can be checked with nothing but what stands there."""
    text = (Path(__file__).parents[2] / "docs/proofs.md").read_text()
    blocks = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    kept, inclusion, consistency = (
        parse_note(blocks[0]),
        parse_inclusion_proof(blocks[2]),
        parse_consistency_proof(blocks[3]),
    )
    key = parse_key(blocks[1].strip())
    for signed in (kept, inclusion.note, consistency.note):
        assert (key,) == verify_note(signed, [key], check)
    assert inclusion.extra.decode() in text
    inclusion.verify(leaf_hash(inclusion.extra))
    consistency.verify(kept.checkpoint)
