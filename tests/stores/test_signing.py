"""Signing: Ed25519 as other signed-note tools do it, byte for byte."""

import pytest

from earmark.ledger.checkpoints import (
    Checkpoint,
    Note,
    Signature,
    parse_key,
    parse_note,
    verify_note,
)
from earmark.ledger.tree import EMPTY_ROOT
from earmark.stores.signing import SigningKey, check, new_signing_key, parse_signing_key, sign

# Keys and signatures of the tests of Go's sumdb/note.
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
MESSAGE = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
)
SIGNED_BY_PETER = (
    "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqf"
    "qdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNED_BY_ENOCH = (
    "\N{EM DASH} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oO"
    "TGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = Note(Checkpoint("log.example", 0, EMPTY_ROOT))


def test_a_published_key_signs_as_published():
    """The same secret key gives the same public key and the same line."""
    key = parse_signing_key(SECRET)
    assert (SECRET, PETER) == (key.text, key.public.text)
    assert SIGNED_BY_PETER == Signature(key.name, key.public.id, key.sign(MESSAGE)).text


@pytest.mark.parametrize(
    ("text", "line"), [(PETER, SIGNED_BY_PETER), (ENOCH, SIGNED_BY_ENOCH)], ids=["peter", "enoch"]
)
def test_published_signatures_hold(text, line):
    """And hold for no other message."""
    key = parse_key(text)
    (signature,) = parse_note(NOTE.text + "\n" + line).signatures
    assert (key.name, key.id) == (signature.key_name, signature.key_id)
    assert check(key.public, MESSAGE, signature.value)
    assert not check(key.public, MESSAGE + b"\n", signature.value)


def test_a_checkpoint_is_signed_and_verified():
    """By a key that was made a moment ago, and read again from its text."""
    key = parse_signing_key(new_signing_key("log.example").text)
    note = parse_note(sign(NOTE, key).text)
    assert (key.public,) == verify_note(note, [key.public], check)
    other = new_signing_key("log.example").public
    with pytest.raises(ValueError, match="no key that is trusted"):
        verify_note(note, [other], check)


def test_every_flipped_bit_of_a_signature_is_found():
    """Of the signature and of the text that it covers."""
    key = parse_signing_key(SECRET)
    message = NOTE.checkpoint.text.encode()
    value = key.sign(message)
    for bit in range(0, 8 * len(value), 3):
        assert not check(key.public.public, message, flipped(value, bit))
    for bit in range(8 * len(message)):
        assert not check(key.public.public, flipped(message, bit), value)


def test_what_is_no_signature_or_no_key_does_not_hold():
    """Instead of ending in an error of the library."""
    public = parse_key(PETER).public
    assert not check(public, MESSAGE, b"")
    assert not check(public, MESSAGE, bytes(65))
    assert not check(bytes([255]) * 32, MESSAGE, bytes(64))
    assert not check(b"", MESSAGE, bytes(64))


def test_a_damaged_signing_key_is_refused_without_being_repeated():
    """No message shows a part of a secret, though it is one that does not work."""
    secret = SECRET.rsplit("+", 1)[1]
    texts = [SECRET[:i] + chr(ord(c) + 1) + SECRET[i + 1 :] for i, c in enumerate(SECRET)]
    for text in [*texts, SECRET[:-1], SECRET[1:], SECRET + "\n", "", PETER]:
        with pytest.raises(ValueError, match=r"signing key|no Ed25519 key") as caught:
            parse_signing_key(text)
        assert secret[:8] not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_signing_key_does_not_show_its_secret():
    """In a traceback or a log a key is its name."""
    assert "SigningKey(name='log.example')" == repr(SigningKey("log.example", bytes(32)))


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
