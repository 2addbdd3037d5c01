"""Facts about a store in a file: the file, its folder and disk, and what SQLite finds in it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import apsw

from earmark.errors import EarmarkError
from earmark.stores.addresses import SqliteAddress
from earmark.stores.health import Fact, failure, record_facts, size_text
from earmark.stores.migrations import FORMAT, PROTECTED, SCHEMA
from earmark.stores.sqlite import SqliteDatabase

_MAGIC = b"SQLite format 3\0"
_LITTLE, _MUCH = 1 << 30, 1 << 30
_MOUNTS = Path("/proc/self/mounts")
_LARGE_LOG = 64 << 20

_NETWORK = re.compile(
    r"9p|afs|beegfs|ceph|cifs|fuse\.(ceph|glusterfs|sshfs)|gfs2|glusterfs|lustre|ncpfs|nfs4?|ocfs2"
    r"|smb[23]|smbfs"
)
_FLEETING = frozenset({"tmpfs", "ramfs"})
_LYING = ("nobarrier", "barrier=0", "data=writeback")
"""Options of mounts under which what was synced may not be on the disk after a power cut."""

_RESTORE = "copy the file away, then restore a backup, or import what was exported"


def file_facts(place: SqliteAddress) -> Iterator[Fact]:
    """Yield what can be said of the file of a store without changing it."""
    path = Path(place.path)
    try:
        found = path.stat()
    except OSError as error:
        mend = "earmark import FOLDER --into ADDRESS makes one"
        yield Fact("file", f"{path}: {_words(error)}", "wrong", mend)
        return
    if not path.is_file():
        yield Fact("file", f"{path} is no file", "wrong", "give the address of a file")
        return
    yield Fact("file", f"{path}, {size_text(found.st_size)}")
    yield from _permissions(path)
    yield from _disk(path, found.st_size)
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        yield Fact("header", _words(error), "wrong", "ask for permission to read it")
        return
    if not header.startswith(_MAGIC) or len(header) < 100:
        what = "this is no file of SQLite, or its beginning is damaged"
        yield Fact("header", what, "wrong", _RESTORE)
        return
    yield from _wal(path, header)
    try:
        with closing(_read_only(path)) as connection:
            yield from _content(connection, found.st_size)
    except apsw.Error as error:
        yield Fact("content", f"it cannot be read: {error}", "wrong", _RESTORE)
        return
    yield from _connection(place)


def _permissions(path: Path) -> Iterator[Fact]:
    lacking = [
        name
        for name, place in (("the file", path), ("its folder", path.absolute().parent))
        if not os.access(place, os.W_OK)
    ]
    if lacking:
        what = f"no permission to write {' and '.join(lacking)}; a store needs both"
        yield Fact("permission", what, "wrong", "ask for it, or copy the store with earmark backup")
    else:
        yield Fact("permission", "file and folder can be written")


def _disk(path: Path, size: int) -> Iterator[Fact]:
    free = shutil.disk_usage(path.absolute().parent).free
    if free < min(_LITTLE, max(size // 4, 16 << 20)):
        yield Fact("free space", size_text(free), "wrong", "make room: appending may fail any time")
    elif free < _LITTLE:
        yield Fact("free space", size_text(free), "remark", "make room before it runs out")
    else:
        yield Fact("free space", size_text(free))
    kind, options = _mount(path)
    if kind is None:
        yield Fact("file system", "not known here", "remark", "see that it is a local disk")
    elif _NETWORK.fullmatch(kind):
        what = f"{kind}, over a network: SQLite's locks and shared memory do not work there"
        yield Fact("file system", what, "wrong", "keep the file on a local disk, or use PostgreSQL")
    elif kind in _FLEETING:
        what = f"{kind}, in memory: it is gone when the machine stops"
        yield Fact("file system", what, "remark", "keep what is to last on a disk")
    elif lying := [option for option in _LYING if option in options]:
        what = f"{kind}, mounted with {', '.join(lying)}: a power cut may lose what was synced"
        yield Fact("file system", what, "remark", "mount it without")
    else:
        yield Fact("file system", f"{kind}, which syncs when asked, as far as can be told")


def _mount(path: Path) -> tuple[str | None, list[str]]:
    """Return kind and options of the file system below a path, where the system tells."""
    try:
        lines = _MOUNTS.read_text(errors="replace").splitlines()
    except OSError:
        return None, []
    place = str(path.resolve())
    best: tuple[str, str | None, str] = ("", None, "")
    for line in lines:
        _, point, kind, options, *_ = line.split(" ")
        point = point.encode().decode("unicode_escape")
        below = point in ("/", place) or place.startswith(f"{point}/")
        if below and len(point) >= len(best[0]):
            best = point, kind, options
    return best[1], best[2].split(",")


def _wal(path: Path, header: bytes) -> Iterator[Fact]:
    modes = {1: "a rollback journal", 2: "WAL"}
    mode = modes.get(header[18], f"unknown ({header[18]})")
    if header[18] == 2:
        yield Fact("journal mode", mode)
    else:
        yield Fact("journal mode", f"{mode}; the next command makes it WAL", "remark")
    log = Path(f"{path}-wal")
    try:
        length = log.stat().st_size
    except OSError:
        return
    if length > _LARGE_LOG:
        what = f"{size_text(length)} not yet in the file"
        mend = "a reader that never ends holds it up; end it, and the next writer clears the log"
        yield Fact("log", what, "remark", mend)
    else:
        yield Fact("log", f"{size_text(length)} not yet in the file; never remove {log.name}")


def _read_only(path: Path) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    name = f"file:{quote(str(path.absolute()))}"
    connection = apsw.Connection(f"{name}?mode=ro", flags)
    try:
        connection.set_busy_timeout(2_000)
        connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchall()
    except (apsw.CantOpenError, apsw.ReadOnlyError):
        # WAL needs a file beside it; where none can be made, what the file holds is read alone.
        connection.close()
        return apsw.Connection(f"{name}?immutable=1", flags)
    except apsw.Error:
        connection.close()
        raise
    return connection


def _content(connection: apsw.Connection, size: int) -> Iterator[Fact]:
    if size <= _MUCH:
        faults = [str(text) for (text,) in connection.execute("PRAGMA quick_check(3)")]
        if faults != ["ok"]:
            what = " ".join("; ".join(faults).split())
            yield Fact("pages", what, "wrong", _RESTORE)
        else:
            yield Fact("pages", "sound, by SQLite's quick check")
    else:
        yield Fact("pages", "not checked, as the file is large", "remark", "earmark verify checks")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    meta = _meta(connection) if "meta" in tables else {}

    def head() -> tuple[object, ...]:
        rows = connection.execute("SELECT size, recorded_at FROM head").fetchall()
        return rows[0] if rows else (0, None)

    yield from record_facts(meta, head)


def _meta(connection: apsw.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT key, value FROM meta").fetchall()
    return {str(key): str(value) for key, value in rows}


def _connection(place: SqliteAddress) -> Iterator[Fact]:
    """Yield how Earmark's own connection is set; it is opened only where that changes nothing."""
    try:
        with closing(_read_only(Path(place.path))) as connection:
            meta = _meta(connection)
    except apsw.Error:
        return
    if meta.get("format") != FORMAT or meta.get("schema") != str(SCHEMA):
        return
    try:
        with closing(SqliteDatabase(place.path)) as database:
            for name, wanted, words in (
                ("synchronous", 2, "FULL: every commit reaches the disk"),
                ("foreign_keys", 1, "on"),
            ):
                ((found,),) = database.query(f"PRAGMA {name}")
                good = found == wanted
                mend = f"this SQLite does not obey PRAGMA {name}: use the apsw wheel"
                yield Fact(name, words, "fine") if good else Fact(name, str(found), "wrong", mend)
            missing = [name for table in PROTECTED for name in database.guards(table)]
    except EarmarkError as error:
        yield failure("connection", error)
        return
    if missing:
        what = f"missing or changed: {', '.join(missing)}"
        yield Fact("triggers", what, "wrong", "earmark verify says whether rows were changed")
    else:
        yield Fact("triggers", "rows of the record cannot be changed by mistake")


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
