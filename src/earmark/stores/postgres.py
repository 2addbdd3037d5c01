"""A store in PostgreSQL: each ledger a schema of its own, with one advisory lock for its writers.

Sequence and moments are assigned under the lock, so that READ COMMITTED is enough: what a reader
sees of one ledger is always all entries up to some number.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice

import psycopg

from earmark.errors import SurroundingsError, UsageError
from earmark.stores.addresses import PostgresAddress
from earmark.stores.dialects import DamageError, Dialect, Row

_FEW = 100
"""Up to so many rows are inserted one by one; more are copied."""

_TEXT = 'text COLLATE "C"'

DIALECT = Dialect(
    integer="bigint",
    text=_TEXT,
    blob="bytea",
    table="",
    keyed_table="",
    items="jsonb_array_elements(?::jsonb) AS j(value)",
    empty_blob="''::bytea",
    day="date '0001-01-01' + ({day} - 1)::integer",
    member="body::jsonb->>'{name}'",
    raw="convert_to({column}, 'UTF8')",
    refusals="""
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
        ;;CREATE TRIGGER {table}_update BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        ;;CREATE TRIGGER {table}_delete BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        ;;CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class PostgresDatabase:
    """A connection to one ledger of a database."""

    dialect = DIALECT

    def __init__(self, address: PostgresAddress, *, create: bool = False) -> None:
        """Connect; UsageError where there is no such ledger, unless it may be created."""
        self.address, self.schema = address, f"earmark_{address.ledger}"
        try:
            self.connection = psycopg.connect(
                address.conninfo, autocommit=True, client_encoding="UTF8"
            )
        except psycopg.ProgrammingError:  # its words may hold parts of a password
            raise UsageError(f"{address.text} cannot be read as an address") from None
        except psycopg.Error as error:
            raise SurroundingsError(
                f"{address.text} is out of reach: {_first_line(error)}",
                "is the server up, and may this user use that database?",
            ) from None
        try:
            self._settle(create=create)
        except BaseException:
            self.connection.close()
            raise

    def query(self, sql: str, *values: object) -> list[Row]:
        """Return the rows that a question is answered with."""
        with self._told():
            return self._execute(sql, values).fetchall()

    def run(self, sql: str, *values: object) -> None:
        """Run one statement."""
        with self._told():
            self._execute(sql, values)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add rows to a table."""
        names = ", ".join(columns)
        rest = iter(rows)
        few = list(islice(rest, _FEW))
        with self._told(), self.connection.cursor() as cursor:
            if len(few) < _FEW:
                places = ", ".join(["%s"] * len(columns))
                cursor.executemany(_sql(f"INSERT INTO {table} ({names}) VALUES ({places})"), few)
                return
            with cursor.copy(_sql(f"COPY {table} ({names}) FROM STDIN")) as copy:
                for row in chain(few, rest):
                    copy.write_row(row)

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add quantities, the last of three columns, to those that the first two name."""
        one, two, quantity = columns
        with self._told():
            self.connection.execute(
                _sql(
                    f"INSERT INTO {table} ({one}, {two}, {quantity})"
                    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
                    f" ON CONFLICT ({one}, {two})"
                    f" DO UPDATE SET {quantity} = {table}.{quantity} + excluded.{quantity}"
                ),
                [list(column) for column in zip(*rows, strict=True)] or [[], [], []],
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Begin to write, alone; what was written is kept and synced, or undone on an error."""
        with self._between("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"):
            self.run("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", self.schema)
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the store, whatever is written meanwhile."""
        with self._between("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            yield

    def prepare(self) -> None:
        """Make the schema that holds the tables."""
        self.run(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')

    def has_table(self, name: str) -> bool:
        """Say whether the store has a table."""
        sql = "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?"
        return bool(self.query(sql, self.schema, name))

    def faults(self) -> list[str]:
        """Return nothing: pages are for the checksums of the server to check."""
        return []

    def guards(self, table: str) -> list[str]:
        """Return the triggers that should refuse changes to a table, and are not as made."""
        rows = self.query(
            "SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = to_regclass(?) AND t.tgenabled IN ('O', 'A')"
            " AND p.prosrc = ?",
            f'"{self.schema}".{table}',
            DIALECT.refusals.split("$$")[1],
        )
        found = {_plain(text).replace(f"{self.schema}.", "") for (text,) in rows}
        wanted = DIALECT.refusals.format(table=table).split(";;")[1:]
        return [text.split()[2] for text in wanted if _plain(text) not in found]

    def copy(self, path: str) -> bool:
        """Decline: a file of SQLite is filled entry by entry."""
        return False

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def _settle(self, *, create: bool) -> None:
        self.run(f'SET search_path TO "{self.schema}"')
        self.run("SET synchronous_commit TO on")
        self.run("SET lock_timeout TO '120s'")  # as long as SQLite waits for other writers
        if self.query("SHOW server_encoding") != [("UTF8",)]:
            raise SurroundingsError(
                f"{self.address.text} does not keep texts as UTF-8",
                "make the database with ENCODING 'UTF8'",
            )
        if not create and self.query("SELECT to_regnamespace(?)", f'"{self.schema}"') == [(None,)]:
            raise UsageError(
                f"there is no store {self.address.text}",
                "earmark import FOLDER --into ADDRESS makes one",
            )

    def _execute(self, sql: str, values: Sequence[object]) -> "psycopg.Cursor[Row]":
        bound = [json.dumps(value) if isinstance(value, list) else value for value in values]
        return self.connection.execute(
            _sql(sql.replace("?", "%s") if bound else sql), bound or None
        )

    @contextmanager
    def _between(self, begin: str) -> Iterator[None]:
        self.run(begin)
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if not self.connection.closed:
                self.connection.rollback()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in words why PostgreSQL failed."""
        try:
            yield
        except psycopg.DataError as error:
            raise ValueError(f"PostgreSQL cannot hold this: {_first_line(error)}") from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise SurroundingsError(
                f"{self.address.text}: {_first_line(error)}", "ask its owner for the permission"
            ) from error
        except psycopg.OperationalError as error:
            raise SurroundingsError(
                f"{self.address.text} failed: {_first_line(error)}",
                "try again when it is in reach; what was recorded before is kept",
            ) from error
        except psycopg.Error as error:
            raise DamageError(
                f"{self.address.text} is not as it was made: {_first_line(error)}",
                "earmark verify says what is wrong with it",
            ) from error


def _sql(text: str) -> bytes:
    """Return a statement of our own as psycopg takes it."""
    return text.encode()


def _plain(statement: str) -> str:
    """Return a statement in one line, without quotes around names."""
    return " ".join(statement.replace('"', "").split())


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
