"""What a database is to the store: a connection that hands on SQL, and the words of its dialect.

Statements are written once, with `?` for values. Many values go in as one JSON list, so that a
question about thousands of entries is one question.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from earmark.errors import SurroundingsError, UsageError

Row = tuple[Any, ...]


class NoStoreError(UsageError):
    """There is something, but it is no store."""


class DamageError(SurroundingsError):
    """The database cannot be read: it is broken, or not as it was made."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The words in which two databases differ."""

    integer: str
    text: str
    blob: str
    table: str
    """What stands after a table."""
    keyed_table: str
    """What stands after a table that is kept by its key."""
    items: str
    """A table `j` of the items of a JSON list that is given as a value."""
    empty_blob: str
    day: str
    """A day number, `{day}`, as a date."""
    member: str
    """A member `{name}` of the column body, as text."""
    raw: str
    """The bytes of a text column `{column}`, also where they are no text."""
    refusals: str
    """Triggers that refuse to change the rows of `{table}`; statements end in `;;`."""


class Database(Protocol):
    """A connection to a store. All methods raise SurroundingsError where it fails."""

    dialect: Dialect

    def query(self, sql: str, *values: object) -> list[Row]:
        """Return the rows that a question is answered with."""
        ...

    def run(self, sql: str, *values: object) -> None:
        """Run one statement."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add rows to a table."""
        ...

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add quantities, the last of three columns, to those that the first two name."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Begin to write, alone; what was written is kept and synced, or undone on an error."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Read one state of the store, whatever is written meanwhile."""
        ...

    def prepare(self) -> None:
        """Make what holds the tables of a new store."""
        ...

    def has_table(self, name: str) -> bool:
        """Say whether the store has a table."""
        ...

    def faults(self) -> list[str]:
        """Return what the database itself finds broken, in words."""
        ...

    def guards(self, table: str) -> list[str]:
        """Return the triggers that should refuse changes to a table, and are not as made."""
        ...

    def copy(self, path: str) -> bool:
        """Copy the whole to a new file while others write; False if that is not its way."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...
