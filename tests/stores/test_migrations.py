"""Stores of earlier versions: opened, they are brought to this one."""

from pathlib import Path

import apsw
import pytest
from ledger_entries import LOT, SUPPLY, example, move

from earmark.errors import SurroundingsError, UsageError
from earmark.stores import open_store
from earmark.stores.addresses import parse_address
from earmark.stores.connections import connect
from earmark.stores.migrations import SCHEMA, create
from earmark.stores.verification import verify

VERSION_1 = Path(__file__).with_name("version-1.sql")
"""A file of SQLite as version 1 wrote it, as text; it is never renewed."""

LOG = {
    "entry": ("seq", "id", "recorded_at", "kind", "effective", "corrects", "body", "leaf"),
    "account": ("account", "state", "holder", "product", "place"),
    "posting": ("seq", "n", "account", "quantity", "effective"),
}


@pytest.fixture
def first(address, tmp_path):
    """The record of a store of version 1 at the address: its origin, head and balances."""
    current = open_store(f"sqlite:///{tmp_path}/current.db", create=True)
    current.append(example())
    database = connect(parse_address(address), create=True, vfs=None)
    create(database, origin=current.origin, schema=1)
    with database.writing():
        for table, columns in LOG.items():
            rows = current.database.query(f"SELECT {', '.join(columns)} FROM {table}")
            database.insert(table, columns, rows)
        ((size, moment, frontier),) = current.database.query(
            "SELECT size, recorded_at, frontier FROM head"
        )
        database.run(
            "UPDATE head SET size = ?, recorded_at = ?, frontier = ?", size, moment, frontier
        )
    database.close()
    yield current.origin, current.head(), dict(current.balances())
    current.close()


def test_a_store_of_version_1_is_brought_forward(first, address):
    """Opened, it has the tables of today; its name, entries and balances are what they were."""
    assert verify(address).fine
    store = open_store(address)
    assert first == (store.origin, store.head(), dict(store.balances()))
    assert str(SCHEMA) == dict(store.database.query("SELECT key, value FROM meta"))["schema"]
    assert not store.append([[move("x", LOT, SUPPLY, 9999, "2024-01-01")]])[0][0].fine
    store.append([[move("x", LOT, SUPPLY, 9, "2024-01-01")]])
    store.close()
    assert () == verify(address).findings


def test_a_migration_that_fails_changes_nothing(first, address, monkeypatch):
    """A store is brought forward whole or not at all."""
    database = connect(parse_address(address), create=False, vfs=None)
    database.run("CREATE TABLE by_span (x INTEGER)")  # is in the way
    with pytest.raises(SurroundingsError):
        open_store(address)
    assert not database.has_table("by_day")
    assert "1" == dict(database.query("SELECT key, value FROM meta"))["schema"]
    database.run("DROP TABLE by_span")
    database.close()
    open_store(address).close()


def test_a_file_of_version_1_is_brought_forward(tmp_path):
    """A file that version 1 wrote years ago opens, verifies and takes more entries."""
    path = tmp_path / "old.db"
    connection = apsw.Connection(str(path))
    connection.execute(VERSION_1.read_text())
    connection.close()
    address = f"sqlite:///{path}"
    store = open_store(address)
    assert "earmark/00112233aabbccdd" == store.origin
    assert (
        "4206c9bc51146100e6dee18331304ce9d69ec16827b08a53ed79800a737f1ddb"
        == store.head().root.hex()
    )
    assert 6 == store.head().size
    assert store.append([[move("more", SUPPLY, LOT, 1, "2024-01-01")]])[0][0].fine
    store.close()
    assert () == verify(address).findings


def test_what_is_no_version_is_refused(store, address):
    """A store whose version cannot be read is none of ours."""
    store.database.run("UPDATE meta SET value = 'two' WHERE key = 'schema'")
    with pytest.raises(UsageError, match="no store"):
        open_store(address)
