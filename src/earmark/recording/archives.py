"""A folder as one zip file and back: nothing compressed, one way to write each byte.

The same files give the same bytes on every machine and with every version of Python, and a byte
that is not what it must be is found without trusting a reader of zips. Since nothing is compressed,
what a file unpacks to is never larger than the file.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from earmark.errors import UsageError
from earmark.tables.files import replace_file, surroundings

_PIECE = 1 << 20
_MOST = 2**32 - 1
"""The most bytes that a plain zip can hold."""

_VERSION, _UTF8, _STORED, _MIDNIGHT, _FIRST_DAY = 20, 0x800, 0, 0, 0x21
_UNIX, _READABLE = 3 << 8 | 20, 0o100644 << 16

_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_HEADER_BYTES = struct.calcsize(_LOCAL)

_NAME = re.compile(r"[^/\\\x00-\x1f:]{1,80}(/[^/\\\x00-\x1f:]{1,80}){0,9}")


class PackError(Exception):
    """A file is not one that `pack` wrote; the words say how."""


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    crc: int
    offset: int


def pack(folder: Path, path: Path) -> None:
    """Write all files of a folder, by name, as one zip file, whole or not at all.

    Raises UsageError where they are more than a zip file holds, or have odd names.
    """
    replace_file(path, _packed(folder))


def files_of(folder: Path) -> list[str]:
    """Return the names of all files below a folder, with slashes, sorted."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def unpack(path: Path, folder: Path) -> list[str]:
    """Write the files of a zip file that `pack` wrote into an empty folder.

    Returns the names of those whose check sum is wrong. Raises PackError, in words, for any other
    byte than `pack` would write, contents aside.
    """
    members: list[_Member] = []
    damaged = []
    with surroundings(path), path.open("rb") as file:
        while (start := file.read(_HEADER_BYTES))[:4] == _LOCAL_MARK:
            member = _member(start, file.read(_name_bytes(start)), file.tell())
            if members and member.name <= members[-1].name:
                raise PackError(f"{member.name} stands in the wrong place")
            if any(member.name.startswith(f"{other.name}/") for other in members):
                raise PackError(f"{member.name} stands below a file")
            members.append(member)
            if _copy(file, folder / member.name, member) != member.crc:
                damaged.append(member.name)
        rest = start + file.read(_MOST)
    if not members or rest != b"".join(_directory(members)):
        raise PackError("it does not end with the list of its files")
    return damaged


def _packed(folder: Path) -> Iterator[bytes]:
    members: list[_Member] = []
    offset = 0
    for name in files_of(folder):
        try:
            _require_name(name)
        except PackError as error:
            raise UsageError(str(error), "give it a plain name") from None
        place = folder / name
        size, crc = place.stat().st_size, 0
        with place.open("rb") as file:
            while piece := file.read(_PIECE):
                crc = crc32(piece, crc)
        member = _Member(name, size, crc, offset)
        header = _local(member)
        offset += len(header) + size
        if offset > _MOST or len(members) == 65534:
            raise UsageError("this is more than a zip file holds", "name an earlier --recorded")
        members.append(member)
        yield header
        with place.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    yield from _directory(members)


def _local(member: _Member) -> bytes:
    return struct.pack(_LOCAL, _LOCAL_MARK, *_facts(member)) + member.name.encode()


def _facts(member: _Member) -> Sequence[int]:
    """Return what stands about a file in both places."""
    length = len(member.name.encode())
    version = (_VERSION, _UTF8, _STORED, _MIDNIGHT, _FIRST_DAY)
    return (*version, member.crc, member.size, member.size, length, 0)


def _directory(members: Sequence[_Member]) -> Iterator[bytes]:
    length = 0
    for member in members:
        facts = (*_facts(member), 0, 0, 0, _READABLE, member.offset)
        entry = struct.pack(_CENTRAL, _CENTRAL_MARK, _UNIX, *facts) + member.name.encode()
        length += len(entry)
        yield entry
    count, last = len(members), members[-1]
    start = last.offset + len(_local(last)) + last.size
    yield struct.pack(_END, _END_MARK, 0, 0, count, count, length, start, 0)


def _name_bytes(header: bytes) -> int:
    if len(header) < _HEADER_BYTES:
        raise PackError("it is cut off")
    return int(struct.unpack(_LOCAL, header)[-2])


def _member(header: bytes, name: bytes, end: int) -> _Member:
    """Return the file that a header names; PackError where `pack` writes another header."""
    *_, crc, _, size, _, _ = struct.unpack(_LOCAL, header)
    try:
        text = name.decode()
    except UnicodeDecodeError:
        raise PackError("the name of a file in it is no UTF-8") from None
    _require_name(text)
    member = _Member(text, size, crc, end - len(header) - len(name))
    if header + name != _local(member):
        raise PackError(f"{text} is compressed, or marked in a way that bundles are not")
    return member


def _require_name(name: str) -> None:
    """Refuse names that lead out of a folder, or mean different things on different systems."""
    if not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise PackError(f"{name[:100]!r} is no name of a file in a bundle")


def _copy(file: BinaryIO, place: Path, member: _Member) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    left, crc = member.size, 0
    with place.open("xb") as copy:
        while left and (piece := file.read(min(left, _PIECE))):
            copy.write(piece)
            crc, left = crc32(piece, crc), left - len(piece)
    if left:
        raise PackError(f"it is cut off in {member.name}")
    return crc
