"""Ed25519 for checkpoints: the one place that uses a library of cryptography.

`ledger.checkpoints` says what is signed and what a signature must look like; this module hands it
the mathematics. A signing key is written as other signed-note tools write it,
`PRIVATE+KEY+name+id+key`, and is a secret.
"""

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from earmark.ledger.checkpoints import (
    Key,
    Note,
    from_base64,
    require_key_name,
    sign_note,
    to_base64,
)

_PREFIX = "PRIVATE+KEY+"
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The secret half of an Ed25519 key: its seed of 32 bytes, which no message may show."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no Ed25519 key or cannot stand in a signature's line."""
        require_key_name(self.name)
        if len(self.seed) != 32:
            raise ValueError(f"an Ed25519 signing key has 32 bytes, not {len(self.seed)}")

    @property
    def public(self) -> Key:
        """The half that those who check are given."""
        return Key(self.name, self._private().public_key().public_bytes_raw())

    @property
    def text(self) -> str:
        """The whole key as text, to be kept secret."""
        key = self.public
        return f"{_PREFIX}{key.name}+{key.id.hex()}+{to_base64(_ED25519 + self.seed)}"

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`, 64 bytes."""
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def new_signing_key(name: str) -> SigningKey:
    """Make a key that nobody has; ValueError where `name` cannot stand in a signature's line."""
    return SigningKey(name, Ed25519PrivateKey.generate().private_bytes_raw())


def parse_signing_key(text: str) -> SigningKey:
    """Return the key that `text` says.

    Raises ValueError where it is none, without repeating any of it: it may be a damaged secret.
    """
    parts = text.removeprefix(_PREFIX).split("+", 2)
    if not text.startswith(_PREFIX) or len(parts) != 3:
        raise ValueError(f"a signing key is written {_PREFIX}name+id+key")
    try:
        material = from_base64(parts[2])
        key = SigningKey(parts[0], material[1:])
    except ValueError:
        raise ValueError("this is no signing key: its text is damaged") from None
    if material[:1] != _ED25519:
        raise ValueError("this is no Ed25519 key")
    if parts[1] != key.public.id.hex():
        raise ValueError("this is no signing key: its id is not that of its name and key")
    return key


def sign(note: Note, key: SigningKey) -> Note:
    """Return `note` with the signature of `key` below it."""
    return sign_note(note, key.public, key.sign)


def check(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is that of `message` by the key with the 32 bytes `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):  # ValueError: these 32 bytes are no point of the curve
        return False
    return True
