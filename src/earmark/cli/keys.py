"""Keys from the command line: a secret one to sign with, public ones to check with."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from earmark.errors import UsageError
from earmark.ledger.checkpoints import Key, Note, parse_key, parse_note
from earmark.stores.signing import SigningKey, parse_signing_key
from earmark.tables.files import bytes_of, surroundings

F = TypeVar("F", bound=Callable[..., Any])


def signs(command: F) -> F:
    """Give a command the option that names a key to sign with."""
    option = click.option("--key", metavar="FILE", help="Sign with this key of `earmark key`.")
    return option(command)


def signing_key(path: str | None) -> SigningKey | None:
    """Return the key in a file, or None where none is named; the words show none of it."""
    if path is None:
        return None
    text = text_of(path)
    try:
        key = parse_signing_key(text.removesuffix("\n"))
    except ValueError as error:
        raise UsageError(f"{path}: {error}", "earmark key NAME -o FILE makes one") from None
    if os.name == "posix" and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
        click.echo(f"Others than you can read {path}: chmod 600 keeps it a secret.", err=True)
    return key


def public_key(said: str) -> Key:
    """Return the public key that is said, in words or as the name of a file that holds it."""
    text = said if said.count("+") >= 2 and not Path(said).is_file() else text_of(said)
    try:
        return parse_key(text.removesuffix("\n"))
    except ValueError as error:
        if text.startswith("PRIVATE+KEY+"):
            raise UsageError(
                f"{said} is a signing key, and a secret", "name its public half"
            ) from None
        hint = "earmark key prints it: name+id+key"
        raise UsageError(f"this is no public key: {error}", hint) from None


def write_secret(path: str, text: str) -> None:
    """Write a new file that its owner alone can read; UsageError where there is one already."""
    place = Path(path)
    with surroundings(place):
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            hint = "a key is never overwritten: name another file"
            raise UsageError(f"{path} exists already", hint) from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            # The umask may have taken away more, or the file system have given more.
            os.fchmod(handle, 0o600)
            file.write(text)
            file.flush()
            os.fsync(handle)


def note_in(path: str) -> Note:
    """Return the checkpoint in a file."""
    try:
        return parse_note(text_of(path))
    except ValueError as error:
        hint = "earmark checkpoint STORE -o FILE writes one"
        raise UsageError(f"{path} is no checkpoint: {error}", hint) from None


def text_of(path: str) -> str:
    """Return the text of a small file."""
    try:
        return bytes_of(Path(path)).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no text", "name another file") from None
