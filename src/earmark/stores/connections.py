"""From an address to a connection; the libraries of a database are imported when it is used."""

from earmark.stores.addresses import PostgresAddress, SqliteAddress
from earmark.stores.dialects import Database


def connect(place: SqliteAddress | PostgresAddress, *, create: bool, vfs: str | None) -> Database:
    """Connect to the place of a store; errors are those of `open_store`."""
    if isinstance(place, SqliteAddress):
        from earmark.stores.sqlite import SqliteDatabase

        return SqliteDatabase(place.path, create=create, vfs=vfs)
    from earmark.stores.postgres import PostgresDatabase

    return PostgresDatabase(place, create=create)
