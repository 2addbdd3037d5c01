"""A store in a file of SQLite.

The apsw wheel brings its own SQLite, current enough to keep WAL sound with several connections
(before 3.51.3 it was not); Python's own may be older. `synchronous=FULL` syncs each commit.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import apsw

from earmark.errors import SurroundingsError, UsageError
from earmark.stores.dialects import DamageError, Dialect, NoStoreError, Row

_WAIT_MS = 120_000
"""How long a writer waits for the others."""

_ANOTHER = "give the address of another one"

DIALECT = Dialect(
    integer="INTEGER",
    text="TEXT",
    blob="BLOB",
    table=" STRICT",
    keyed_table=" STRICT, WITHOUT ROWID",
    items="json_each(?) AS j",
    empty_blob="x''",
    day="date({day} + 1721424.5)",
    member="json_extract(body, '$.{name}')",
    raw="CAST({column} AS BLOB)",
    refusals=";;".join(
        f"CREATE TRIGGER {{table}}_{change.lower()} BEFORE {change} ON {{table}}"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in ("UPDATE", "DELETE")
    ),
)


_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")
"""Nothing told as recorded is lost; 64 MB of pages, as a large import touches them all over."""


_ROWS = 200
"""How many rows one statement inserts, where there are so many."""


class SqliteDatabase:
    """A connection to one file; `vfs` names another way to the disk, for trials of it."""

    dialect = DIALECT

    def __init__(self, path: str, *, create: bool = False, vfs: str | None = None) -> None:
        """Open the file; UsageError where it is absent, unless it may be created."""
        self.path = path
        if Path(path).is_dir() or not (create or Path(path).exists()):
            raise UsageError(
                f"there is no store sqlite:///{path}",
                "earmark import FOLDER --into ADDRESS makes one",
            )
        with _told(path):
            if not create and _only_readable(path):
                self.connection = apsw.Connection(*_as_it_lies(path), vfs)
                return
            fresh = create and not (Path(path).exists() and Path(path).stat().st_size)
            flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
            self.connection = apsw.Connection(path, flags, vfs)
            self.connection.set_busy_timeout(_WAIT_MS)
            try:
                # The file keeps this; a file that is there already may be somebody else's.
                if fresh:
                    self.connection.execute("PRAGMA journal_mode=WAL")
                for pragma in _PRAGMAS:
                    self.connection.execute(f"PRAGMA {pragma}")
            except BaseException:
                self.connection.close()
                raise

    def query(self, sql: str, *values: object) -> list[Row]:
        """Return the rows that a question is answered with."""
        with _told(self.path):
            return list(self.connection.execute(sql, _bound(values)))

    def run(self, sql: str, *values: object) -> None:
        """Run one statement."""
        with _told(self.path):
            self.connection.execute(sql, _bound(values))

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add rows to a table."""
        self._insert(f"INSERT INTO {table} ({', '.join(columns)})", len(columns), rows)

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add quantities, the last of three columns, to those that the first two name."""
        one, two, quantity = columns
        more = f" ON CONFLICT DO UPDATE SET {quantity} = {quantity} + excluded.{quantity}"
        self._insert(f"INSERT INTO {table} ({one}, {two}, {quantity})", 3, rows, more)

    def _insert(self, into: str, width: int, rows: Iterable[Row], more: str = "") -> None:
        """Insert many rows a statement, as each statement costs more than a row does."""
        place = f"({', '.join('?' * width)})"
        rows = iter(rows)
        last: list[Row] = []

        def whole() -> Iterator[tuple[object, ...]]:
            while len(part := list(islice(rows, _ROWS))) == _ROWS:
                yield tuple(chain.from_iterable(part))
            last.extend(part)

        with _told(self.path):
            places = ", ".join([place] * _ROWS)
            self.connection.executemany(f"{into} VALUES {places}{more}", whole())
            self.connection.executemany(f"{into} VALUES {place}{more}", last)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Begin to write, alone; what was written is kept and synced, or undone on an error."""
        with self._between("BEGIN IMMEDIATE", "COMMIT"):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the store, whatever is written meanwhile."""
        with self._between("BEGIN", "COMMIT"):
            yield

    def prepare(self) -> None:
        """Refuse a file that holds tables of somebody else."""
        if self.query("SELECT 1 FROM sqlite_schema LIMIT 1"):
            raise NoStoreError(f"{self.path} is no store of Earmark", _ANOTHER)

    def has_table(self, name: str) -> bool:
        """Say whether the store has a table."""
        sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?"
        return bool(self.query(sql, name))

    def faults(self) -> list[str]:
        """Return what the database itself finds broken, in words."""
        texts = [str(text) for (text,) in self.query("PRAGMA integrity_check(5)")]
        return [text for text in texts if text != "ok"]

    def guards(self, table: str) -> list[str]:
        """Return the triggers that should refuse changes to a table, and are not as made."""
        sql = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?"
        found = {text for (text,) in self.query(sql, table)}
        wanted = DIALECT.refusals.format(table=table).split(";;")
        return [text.split()[2] for text in wanted if text not in found]

    def copy(self, path: str) -> bool:
        """Copy the whole to a new file while others write."""
        with _told(path):
            target = apsw.Connection(path)
            try:
                with target.backup("main", self.connection, "main") as backup:
                    while not backup.done:
                        backup.step(-1)
            finally:
                target.close()
        return True

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    @contextmanager
    def _between(self, begin: str, end: str) -> Iterator[None]:
        self.run(begin)
        try:
            yield
            self.run(end)
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise


def _only_readable(path: str) -> bool:
    """Tell whether neither file nor folder may be written, as on a medium for auditors."""
    return not os.access(path, os.W_OK) and not os.access(Path(path).absolute().parent, os.W_OK)


def _as_it_lies(path: str) -> tuple[str, int]:
    """Return how to open a file that nobody writes to; SurroundingsError where somebody might."""
    place = Path(path).absolute()
    if Path(f"{place}-wal").exists():
        raise SurroundingsError(
            f"{path} is being written to, and you may only read it",
            "ask for a copy: earmark backup",
        )
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    return f"{place.as_uri()}?immutable=1", flags


def _bound(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(json.dumps(value) if isinstance(value, list) else value for value in values)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say in words why SQLite failed."""
    try:
        yield
    except (apsw.CantOpenError, apsw.PermissionsError, apsw.ReadOnlyError, apsw.AuthError) as error:
        raise SurroundingsError(
            f"{path} cannot be opened or written: {error}",
            "a store needs permission to write its file and its folder",
        ) from error
    except apsw.FullError as error:
        raise SurroundingsError(f"{path}: the disk is full", "make room and try again") from error
    except apsw.BusyError as error:
        raise SurroundingsError(
            f"{path} was in use by others for {_WAIT_MS // 1000} s", "try again later"
        ) from error
    except apsw.NotADBError:
        raise NoStoreError(f"{path} is no store: no database of SQLite", _ANOTHER) from None
    except apsw.Error as error:
        raise DamageError(
            f"{path} is broken, or not as it was made: {error}",
            "earmark verify says what is wrong with it",
        ) from error
