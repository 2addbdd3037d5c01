"""Bytes from and to the disk: what goes wrong there, and files replaced whole or not at all."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.errors import SurroundingsError, UsageError

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


@contextmanager
def surroundings(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses about `path` into an error of the contract."""
    try:
        yield
    except OSError as error:
        if error.errno in _ABSENT:
            raise UsageError(f"{path} does not exist") from error
        raise SurroundingsError(
            f"{path}: {(error.strerror or str(error)).lower()}", _remedy(error)
        ) from error
    except ValueError as error:  # a NUL byte or a lone surrogate in the path itself
        raise UsageError(f"{str(path)!r} is no path") from error


def kind_of(path: Path) -> str:
    """Tell whether `path` is a 'folder', a 'file' or something 'other'; UsageError if absent."""
    with surroundings(path):
        mode = os.stat(path).st_mode  # noqa: PTH116 - Path.stat answers differently across versions
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def bytes_of(path: Path) -> bytes:
    """Return the content of a file."""
    with surroundings(path):
        return path.read_bytes()


def replace_file(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file, in one piece or many, whole or not at all: beside its place, then moved there.

    A link stays a link, and a device is written to as it is. Raises UsageError where there is no
    such folder, SurroundingsError without permission or room.
    """
    with surroundings(path.parent):
        folder = os.stat(path.parent)  # noqa: PTH116
    if not stat.S_ISDIR(folder.st_mode):
        raise UsageError(f"{path.parent} is no folder")
    if path.exists() and kind_of(path) == "folder":
        raise UsageError(f"{path} is a folder", "name a file")
    with surroundings(path):
        place = path.resolve()
        if place.exists() and not place.is_file():
            place.write_bytes(b"".join(_pieces(content)))
            return
        _replace(place, _pieces(content))


def _pieces(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content


def _replace(place: Path, pieces: Iterable[bytes]) -> None:
    beside = place.with_name(f".{place.name[:100]}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            if not os.access(place, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            beside.chmod(stat.S_IMODE(place.stat().st_mode))
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _remedy(error: OSError) -> str | None:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "ask for permission, or name another place"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room, or name another place"
    return None
