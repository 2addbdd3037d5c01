"""Checkpoints: the root of a ledger at one size, as a small text that somebody else can keep.

The forms are those of C2SP: tlog-checkpoint for the text, signed-note for the signatures below it.
The mathematics of Ed25519 come in as functions, so that this module needs no cryptography. Texts
are read strictly: what is read and written again is the same, byte for byte, since it is signed.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from earmark.ledger.tree import require_hashes

Sign = Callable[[bytes], bytes]
"""From a message to its Ed25519 signature of 64 bytes."""

Check = Callable[[bytes, bytes, bytes], bool]
"""From a public key, a message and a signature to whether the signature holds."""

_ED25519 = b"\x01"
_SIGNATURE_MARK = "\N{EM DASH} "
_MOST_SIGNATURES = 100
_LARGEST_SIZE = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a ledger was at one size: its name, how many entries it had, and their root.

    `extensions` are further lines, which are signed with the rest and mean nothing here.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what the text form cannot say."""
        if not 0 <= self.size <= _LARGEST_SIZE:
            raise ValueError(f"{self.size} is no size of a ledger")
        require_hashes((self.root,))
        for line in (self.origin, *self.extensions):
            _require_line(line)

    @property
    def text(self) -> str:
        """The lines that a signature covers, the last newline included."""
        lines = [self.origin, str(self.size), to_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a checkpoint: whose key, the 4 bytes of its id, and what it signed."""

    key_name: str
    key_id: bytes
    value: bytes

    def __post_init__(self) -> None:
        """Refuse what the text form cannot say."""
        require_key_name(self.key_name)
        if len(self.key_id) != 4 or not self.value:
            raise ValueError("a signature has 4 bytes of a key's id and at least one of its own")

    @property
    def text(self) -> str:
        """The line, with its newline."""
        return f"{_SIGNATURE_MARK}{self.key_name} {to_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with the signatures below it; without any, it is the checkpoint's text alone."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        """Refuse more signatures than a reader has to take."""
        if len(self.signatures) > _MOST_SIGNATURES:
            raise ValueError(f"a checkpoint has at most {_MOST_SIGNATURES} signatures")

    @property
    def text(self) -> str:
        """The whole file."""
        if not self.signatures:
            return self.checkpoint.text
        return self.checkpoint.text + "\n" + "".join(line.text for line in self.signatures)


@dataclass(frozen=True, slots=True)
class Key:
    """The public half of an Ed25519 key (32 bytes) and its name, such as `example.com/ledger`."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        """Refuse what is no Ed25519 key or cannot stand in a signature's line."""
        require_key_name(self.name)
        if len(self.public) != 32:
            raise ValueError(f"an Ed25519 key has 32 bytes, not {len(self.public)}")

    @property
    def id(self) -> bytes:
        """The 4 bytes that stand for the key in a signature; they find it, and prove nothing."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as other signed-note tools take it: name, id in hex and key, joined by `+`."""
        return f"{self.name}+{self.id.hex()}+{to_base64(_ED25519 + self.public)}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that `text` says; ValueError where it is not exactly one."""
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3:
        raise ValueError("a checkpoint has lines for origin, size and root, each with a newline")
    origin, size, root, *extensions = lines
    return Checkpoint(origin, parse_number(size), from_base64(root), tuple(extensions))


def parse_note(text: str) -> Note:
    """Return the checkpoint and the signatures that `text` says, without checking those.

    A text without an empty line is an unsigned checkpoint. Raises ValueError where `text` is
    neither, down to a signature that could be written in another way.
    """
    signed, empty_line, below = text.rpartition("\n\n")
    if not empty_line:
        return Note(parse_checkpoint(text))
    *lines, rest = below.split("\n")
    if rest or not lines:
        raise ValueError("below the empty line of a checkpoint stand signatures, each on a line")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError(f"a checkpoint has at most {_MOST_SIGNATURES} signatures")
    return Note(parse_checkpoint(signed + "\n"), tuple(map(_parse_signature, lines)))


def parse_key(text: str) -> Key:
    """Return the public key that `text` says; ValueError where it is none or its id is wrong."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a public key is written name+id+key")
    material = from_base64(parts[2])
    if not material.startswith(_ED25519):
        raise ValueError("this is no Ed25519 key")
    key = Key(parts[0], material[1:])
    if parts[1] != key.id.hex():
        raise ValueError(f"the id of this key is {key.id.hex()}, not {parts[1]}")
    return key


def sign_note(note: Note, key: Key, sign: Sign) -> Note:
    """Return `note` with a signature by `key` below the others, instead of an earlier one of it."""
    value = sign(note.checkpoint.text.encode())
    if len(value) != 64:
        raise ValueError(f"an Ed25519 signature has 64 bytes, not {len(value)}")
    others = [
        line for line in note.signatures if (line.key_name, line.key_id) != (key.name, key.id)
    ]
    return replace(note, signatures=(*others, Signature(key.name, key.id, value)))


def verify_note(note: Note, keys: Iterable[Key], check: Check) -> tuple[Key, ...]:
    """Return those of `keys` that signed `note`; signatures by unknown keys count for nothing.

    Raises ValueError where one of `keys` stands below a signature that does not hold, or where none
    of them signed.
    """
    known = {(key.name, key.id): key for key in keys}
    message = note.checkpoint.text.encode()
    signers: dict[Key, None] = {}
    for line in note.signatures:
        key = known.get((line.key_name, line.key_id))
        if key is None:
            continue
        if not check(key.public, message, line.value):
            raise ValueError(f"the signature by {key.name} does not hold for this checkpoint")
        signers[key] = None
    if not signers:
        raise ValueError("no key that is trusted has signed this checkpoint")
    return tuple(signers)


# What lines are made of; proof files are made of the same


def to_base64(data: bytes) -> str:
    """Return `data` in standard base64, with padding."""
    return b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Return what `text` says in base64; ValueError for any other spelling than the standard's."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:  # binascii.Error is one; so is the answer to a text that is not ASCII
        data = b""
    if to_base64(data) != text:
        raise ValueError(f"{_short(text)} is no base64")
    return data


def parse_number(text: str) -> int:
    """Return the whole number that `text` says in plain digits, without leading zeros."""
    if not re.fullmatch("0|[1-9][0-9]{0,19}", text):
        raise ValueError(f"{_short(text)} is no whole number in plain digits")
    return int(text)


def _parse_signature(line: str) -> Signature:
    name, blank, value = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    if not line.startswith(_SIGNATURE_MARK) or not blank:
        raise ValueError(f"{_short(line)} is no line of a signature")
    data = from_base64(value)
    return Signature(name, data[:4], data[4:])


def _require_line(line: str) -> None:
    _require_unicode(line)
    if not line or any(character < " " for character in line):
        raise ValueError(f"{_short(line)} is no line: it is empty or has control characters")


def require_key_name(name: str) -> None:
    _require_line(name)
    if "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"{_short(name)} is no name of a key: it has blanks or a plus")


def _require_unicode(line: str) -> None:
    try:
        line.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{_short(line)} is no line: it holds half a surrogate pair") from None


def _short(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:60] + "...")
