"""Checkpoints: C2SP's texts, read strictly, and signatures that hold or are refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.ledger.checkpoints import (
    Checkpoint,
    Key,
    Note,
    Signature,
    from_base64,
    parse_checkpoint,
    parse_key,
    parse_note,
    sign_note,
    to_base64,
    verify_note,
)
from earmark.ledger.tree import EMPTY_ROOT, leaf_hash

# The example of C2SP's tlog-checkpoint.
PUBLISHED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\N{EM DASH} example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

# Keys of the tests of Go's sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"

TEXT = "log.example\n3\n" + to_base64(leaf_hash(b"")) + "\n"
LINE = Signature("log.example", b"\x00\x01\x02\x03", bytes(64)).text

lines = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=12)
names = lines.map(lambda text: re.sub(r"[\s+]", "_", text))
hashes = st.binary(min_size=32, max_size=32)
checkpoints = st.builds(
    Checkpoint, lines, st.integers(0, 2**64 - 1), hashes, st.lists(lines, max_size=2).map(tuple)
)
signatures = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=70)
)
notes = st.builds(Note, checkpoints, st.lists(signatures, max_size=3).map(tuple))


def stand_in(public):
    """A stand-in for Ed25519 whose signatures anyone can make."""
    return lambda message: (leaf_hash(public + message) * 2)[:64]


def stands_in(public, message, signature):
    return stand_in(public)(message) == signature


def key(name, byte=1):
    return Key(name, bytes([byte]) * 32)


# Texts


def test_the_published_checkpoint_is_read_and_written():
    """Origin, size, root and signature of the example of the standard."""
    note = parse_note(PUBLISHED)
    assert ("example.com/behind-the-sofa", 20852163, ()) == (
        note.checkpoint.origin,
        note.checkpoint.size,
        note.checkpoint.extensions,
    )
    assert "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62" == (
        note.checkpoint.root.hex()
    )
    (signature,) = note.signatures
    assert (64, b"\x03\x3d\xe0\xae") == (len(signature.value), signature.key_id)
    assert PUBLISHED == note.text
    assert PUBLISHED.partition("\n\n")[0] + "\n" == note.checkpoint.text


@given(notes)
def test_what_is_written_is_read_again(note):
    """Signed or not, with extension lines or without."""
    assert note == parse_note(note.text)
    assert note.checkpoint == parse_checkpoint(note.checkpoint.text)


@given(st.text(max_size=60) | st.text("ab01=+/ \n\N{EM DASH}", max_size=60))
def test_any_text_is_read_exactly_or_refused(text):
    """There is no second spelling: what is read is written as it was."""
    try:
        note = parse_note(text)
    except ValueError:
        return
    assert text == note.text


@given(notes, st.data())
def test_a_text_with_a_character_changed_is_another_note_or_none(note, data):
    """Nothing of a note may change without its being seen."""
    text = note.text
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(max_codepoint=300).filter(lambda c: c != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    try:
        read = parse_note(changed)
    except ValueError:
        return
    assert note != read
    assert changed == read.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log.example\n3\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension",
        TEXT + "\n\n" + LINE,
        TEXT + "\n" + LINE[:-1],
        TEXT + "\n" + LINE + "Unexpected line.\n",
        TEXT + "\n" + LINE + "\n",
        TEXT + "\n" + LINE.replace("\N{EM DASH}", "-"),
        TEXT + "\n" + LINE.replace("log.example", "log example"),
        TEXT + "\n" + LINE.replace("log.example", "log\N{NO-BREAK SPACE}example"),
        TEXT + "\n" + LINE.replace("log.example", "log+example"),
        TEXT + "\n" + LINE.replace(" log.example", " "),
        TEXT + "\n" + "\N{EM DASH} log.example\n",
        TEXT + "\n" + "\N{EM DASH} log.example AAECAw==\n",
        TEXT + "\n" + "\N{EM DASH} log.example AAEC\n",
        TEXT + "\n" + LINE * 101,
        TEXT.replace("\n3\n", "\n03\n"),
        TEXT.replace("\n3\n", "\n-3\n"),
        TEXT.replace("\n3\n", "\n+3\n"),
        TEXT.replace("\n3\n", "\n 3\n"),
        TEXT.replace("\n3\n", "\n3 \n"),
        TEXT.replace("\n3\n", "\n1_000\n"),
        TEXT.replace("\n3\n", "\n\N{ARABIC-INDIC DIGIT THREE}\n"),
        TEXT.replace("\n3\n", "\n18446744073709551616\n"),
        TEXT.replace("\n3\n", "\n" + "9" * 5000 + "\n"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("log", "l\tog"),
        TEXT.replace("log", "l\ud83dog"),
        TEXT.replace("log.example", ""),
        TEXT.replace("=", ""),
        TEXT.replace("=", "=="),
        "log.example\n3\nAAAA\n",
        "log.example\n3\n" + to_base64(bytes(33)) + "\n",
        "log.example\n3\n" + to_base64(bytes([255]) * 32).replace("/", "_") + "\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text):
    """Each is nearly a checkpoint, and other readers would not agree on what it says."""
    with pytest.raises(ValueError, match=r"."):
        parse_note(text)


@pytest.mark.parametrize("text", ["QQ=", "QR==", "QQ==\n", " QQ==", "Q Q==", "QQ", "\xe9", "Q-=="])
def test_base64_has_one_spelling(text):
    """Bits that do not count, missing padding and blanks would let one root be written twice."""
    with pytest.raises(ValueError, match="is no base64"):
        from_base64(text)


def test_what_cannot_be_written_cannot_be_made():
    """A checkpoint with two lines for an origin would be read as another one."""
    root = EMPTY_ROOT
    for call in (
        lambda: Checkpoint("log\n7", 0, root),
        lambda: Checkpoint("", 0, root),
        lambda: Checkpoint("log", -1, root),
        lambda: Checkpoint("log", 2**64, root),
        lambda: Checkpoint("log", 0, root[:-1]),
        lambda: Checkpoint("log", 0, root, ("",)),
        lambda: Signature("a b", bytes(4), bytes(64)),
        lambda: Signature("ab", bytes(3), bytes(64)),
        lambda: Signature("ab", bytes(4), b""),
        lambda: Key("a+b", bytes(32)),
        lambda: Key("ab", bytes(31)),
        lambda: Note(Checkpoint("log", 0, root), (Signature("ab", bytes(4), b"s"),) * 101),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()


# Keys


@pytest.mark.parametrize("text", [PETER, ENOCH])
def test_published_keys_have_their_published_ids(text):
    """The id comes from name, type and key; the text is that of other signed-note tools."""
    assert text == parse_key(text).text
    assert text.split("+")[1] == parse_key(text).id.hex()


def test_a_key_that_was_cut_or_changed_is_refused():
    """No part of a key's text, and none with one character changed, is a key."""
    parts = [PETER[i:j] for i in range(len(PETER)) for j in range(i + 1, len(PETER) + 1)]
    others = [PETER[:i] + chr(ord(c) + 1) + PETER[i + 1 :] for i, c in enumerate(PETER)]
    wrong_length = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="
    wrong_kind = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    for text in {*parts, *others, wrong_length, wrong_kind} - {PETER}:
        with pytest.raises(ValueError, match=r"."):
            parse_key(text)


# Signatures; the real mathematics are tested where they come in (tests/stores/test_signing.py)


@given(checkpoints, names)
def test_a_signed_checkpoint_verifies(checkpoint, name):
    """The signature covers the text, the last newline included, and signing twice is once."""
    signer = key(name)
    note = sign_note(Note(checkpoint), signer, stand_in(signer.public))
    assert note == sign_note(note, signer, stand_in(signer.public))
    assert (signer,) == verify_note(parse_note(note.text), [signer], stands_in)


def test_signatures_of_strangers_count_for_nothing():
    """Not even with the name or the id, but not both, of a key that is trusted."""
    ours, same_name = key("log.example"), key("log.example", 2)
    stranger = Signature("log.example", same_name.id, bytes(64))
    same_id = Signature("other.example", ours.id, bytes(64))
    note = Note(parse_checkpoint(TEXT), (stranger, same_id))
    with pytest.raises(ValueError, match="no key that is trusted has signed"):
        verify_note(note, [ours], stands_in)
    signed = sign_note(note, ours, stand_in(ours.public))
    assert (ours,) == verify_note(signed, [key("unused.example"), ours], stands_in)


def test_one_false_signature_by_a_trusted_key_refuses_the_note():
    """Though another key has signed it rightly, or the same key on another line."""
    ours, second = key("log.example"), key("second.example", 2)
    note = sign_note(Note(parse_checkpoint(TEXT)), ours, stand_in(ours.public))
    for false in (
        Signature(second.name, second.id, bytes(64)),
        Signature(ours.name, ours.id, bytes(64)),
    ):
        with pytest.raises(ValueError, match="does not hold for this checkpoint"):
            verify_note(Note(note.checkpoint, (*note.signatures, false)), [ours, second], stands_in)


def test_an_unsigned_checkpoint_is_trusted_by_nobody():
    """It can be compared with a copy, but not verified."""
    with pytest.raises(ValueError, match="no key that is trusted has signed"):
        verify_note(parse_note(TEXT), [key("log.example")], stands_in)


def test_a_signer_must_give_a_signature():
    """What is no Ed25519 signature is not written under a checkpoint."""
    with pytest.raises(ValueError, match="has 64 bytes, not 3"):
        sign_note(Note(parse_checkpoint(TEXT)), key("log.example"), lambda message: b"abc")
