"""From an address to a connection; the libraries of a database are imported when it is used."""

from earmark.errors import SurroundingsError
from earmark.stores.addresses import PostgresAddress, SqliteAddress
from earmark.stores.dialects import Database


def connect(place: SqliteAddress | PostgresAddress, *, create: bool, vfs: str | None) -> Database:
    """Connect to the place of a store; errors are those of `open_store`."""
    if isinstance(place, SqliteAddress):
        from earmark.stores.sqlite import SqliteDatabase

        return SqliteDatabase(place.path, create=create, vfs=vfs)
    try:
        from earmark.stores.postgres import PostgresDatabase
    except ImportError as missing:
        raise SurroundingsError(
            "a store in PostgreSQL needs psycopg", "pip install 'earmark[postgres]'"
        ) from missing
    return PostgresDatabase(place, create=create)
