"""Where ledgers are kept."""

from earmark.stores.addresses import is_address, parse_address
from earmark.stores.connections import connect
from earmark.stores.migrations import create as create_tables
from earmark.stores.migrations import migrate
from earmark.stores.sql import SqlStore
from earmark.stores.store import Head, Store

__all__ = ["Head", "Store", "is_address", "open_store"]


def open_store(
    address: str, *, create: bool = False, origin: str | None = None, vfs: str | None = None
) -> Store:
    """Open the store at an address; with `create`, make it where there is none.

    `origin` names a record that is made for good; a name is made up if it is None.

    Raises UsageError for an address that is none, a store that is absent, or one that is not ours
    or of a later version; SurroundingsError where it is out of reach or not permitted.
    """
    place = parse_address(address)
    database = connect(place, create=create, vfs=vfs)
    try:
        if create:
            create_tables(database, origin=origin)
        return SqlStore(database, place.text, migrate(database, place.text))
    except BaseException:
        database.close()
        raise
