"""A disk that forgets: what a power cut leaves of the files that SQLite writes.

`Disk` is a VFS that writes through to the ordinary one and keeps a log of what was asked of it.
`image` says what of it a cut at some point of the log leaves, after the promises of POSIX alone:

- what a file held when it was last synced is there;
- of what was written to it since, any part may be: sector by sector, truncations one by one;
- that a file was made or deleted is certain once its folder was synced. SQLite does so where it
  first syncs a new journal or WAL, and where it deletes with that flag.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
"""Bytes that a disk writes wholly or not at all."""

_DURABLE_WHEN_SYNCED = (
    apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_SUPER_JOURNAL | apsw.SQLITE_OPEN_WAL
)
"""Kinds of files whose folder SQLite syncs when it first syncs a new one."""


@dataclass(frozen=True, slots=True)
class Event:
    """What was asked of the disk; `file` numbers files as they were made, a name may have several.

    `kind` is open (a new file), write, truncate, sync, delete, or folder (a sync of it).
    """

    kind: str
    name: str
    file: int
    data: bytes = b""
    at: int = 0


class Disk(apsw.VFS):
    """A VFS that notes what is written; `log` grows for as long as it is registered."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "")
        self.name = name
        self.log: list[Event] = []
        self.files: dict[str, int] = {}
        self._count = 0

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - SQLite's word
        text = name.filename() if isinstance(name, apsw.URIFilename) else name
        new = text is not None and not Path(text).exists()
        file = _File(self, name, text, flags, new=new)
        if new:
            self._count += 1
            self.files[text] = self._count
            self.note("open", text)
        return file

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's words
        super().xDelete(name, syncdir)
        self.note("delete", name)
        del self.files[name]
        if syncdir:
            self.note("folder", name)

    def note(self, kind: str, name: str, data: bytes = b"", at: int = 0) -> None:
        self.log.append(Event(kind, name, self.files.get(name, 0), data, at))


class _File(apsw.VFSFile):
    def __init__(
        self, disk: Disk, name: Any, text: str | None, flags: list[int], *, new: bool
    ) -> None:
        super().__init__("", name, flags)
        self._disk, self._name = disk, text
        self._folder_waits = new and bool(flags[0] & _DURABLE_WHEN_SYNCED)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._note("write", bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._note("truncate", at=newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._note("sync")
        if self._folder_waits:
            self._folder_waits = False
            self._note("folder")

    def _note(self, kind: str, data: bytes = b"", at: int = 0) -> None:
        if self._name is not None:  # a temporary file needs to outlive nothing
            self._disk.note(kind, self._name, data, at)


@dataclass(slots=True)
class _Contents:
    """A file: what is certain of it, and what was asked since."""

    certain: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)

    def sync(self) -> None:
        for event in self.since:
            _apply(self.certain, event)
        self.since = []

    def left(self, chance: random.Random, kept: float) -> bytes:
        """Return what a cut leaves; each sector since is kept with that probability."""
        left = bytearray(self.certain)
        for event in self.since:
            for part in _sectors(event):
                if chance.random() < kept:
                    _apply(left, part)
                elif part.kind == "write" and chance.random() < kept:
                    _extend(left, part.at + len(part.data))  # its length alone reached the disk
        return bytes(left)


def image(log: Sequence[Event], chance: random.Random, folder: Path) -> None:
    """Write to `folder` what is left of the files of `log` if power is cut after its last event."""
    files: dict[int, _Contents] = {}
    names: dict[str, int | None] = {}
    unsure: list[tuple[str, int | None]] = []
    for event in log:
        if event.kind == "open":
            files[event.file] = _Contents()
            unsure.append((event.name, event.file))
        elif event.kind == "delete":
            unsure.append((event.name, None))
        elif event.kind == "folder":
            names.update(unsure)
            unsure = []
        elif event.kind == "sync":
            files[event.file].sync()
        else:
            files[event.file].since.append(event)
    kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
    names.update(change for change in unsure if chance.random() < kept)
    for name, file in names.items():
        if file is not None:
            (folder / Path(name).name).write_bytes(files[file].left(chance, kept))


def _sectors(event: Event) -> Iterator[Event]:
    """Yield an event sector by sector."""
    if event.kind != "write":
        yield event
        return
    start, end = event.at, event.at + len(event.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = event.data[start - event.at : stop - event.at]
        yield Event("write", event.name, event.file, data, start)
        start = stop


def _apply(contents: bytearray, event: Event) -> None:
    if event.kind == "truncate":
        del contents[event.at :]
        _extend(contents, event.at)
    else:
        _extend(contents, event.at)
        contents[event.at : event.at + len(event.data)] = event.data


def _extend(contents: bytearray, size: int) -> None:
    contents.extend(bytes(max(0, size - len(contents))))
