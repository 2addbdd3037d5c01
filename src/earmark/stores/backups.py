"""Copies of a store, made while others append to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import SurroundingsError, UsageError
from earmark.stores.migrations import create
from earmark.stores.sqlite import SqliteDatabase

if TYPE_CHECKING:
    from earmark.stores.sql import SqlStore

_CHUNK = 10_000


def write_backup(store: "SqlStore", path: str) -> None:
    """Write a store, as it is at one moment, to a new file of SQLite.

    Raises UsageError where the file is there already, SurroundingsError where it cannot be written.
    """
    with _new_file(Path(path)) as part:
        if not store.database.copy(str(part)):
            _copy_entries(store, part)


def _copy_entries(store: "SqlStore", part: Path) -> None:
    """Write the entries of another kind of database as they stand there, under the same name."""
    database = SqliteDatabase(str(part), create=True)
    try:
        create(database, origin=store.origin)
        copy = type(store)(database, str(part), store.origin)
        with store.database.reading():
            head, entries = store.head(), store.entries()
            while recorded := list(islice(entries, _CHUNK)):
                copy.restore(recorded)
        if copy.head() != head:
            raise SurroundingsError(
                f"the copy of {store.address} is not what the store says it is",
                "earmark verify says what is wrong with the store",
            )
    finally:
        database.close()


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Yield where to write a file that appears whole or not at all, and replaces no other."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    if path.exists() or path.is_symlink():
        raise _there_already(path)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, it fails where there is a file by now
        _sync_folder(path.parent)
    except FileExistsError:
        raise _there_already(path) from None
    except OSError as error:
        raise SurroundingsError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{part}{ending}").unlink()


def _there_already(path: Path) -> UsageError:
    return UsageError(f"{path} is there already", "give the name of a new file")


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some systems cannot, and need not
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
