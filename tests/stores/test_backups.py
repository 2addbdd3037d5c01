"""Copies of a store."""

from pathlib import Path

import pytest
from ledger_entries import LOT, SUPPLY, example, move
from soaking.writers import PROCESSES, append_one_by_one

from earmark.errors import SurroundingsError, UsageError
from earmark.stores import open_store
from earmark.stores.verification import verify


def test_a_backup_is_the_same_record(store, tmp_path):
    """The copy has the name, entries and root of the store, and can be gone on with."""
    store.append(example())
    path = tmp_path / "backup.db"
    store.backup(str(path))
    assert ["backup.db"] == [each.name for each in tmp_path.glob("*backup*")]
    assert verify(f"sqlite:///{path}").fine
    copy = open_store(f"sqlite:///{path}")
    assert (store.origin, store.head()) == (copy.origin, copy.head())
    assert list(store.bodies()) == list(copy.bodies())
    assert dict(store.balances()) == dict(copy.balances())
    more = move("more", SUPPLY, LOT, 1, "2024-01-01")
    assert copy.append([[more]])[0][0].fine
    assert store.head().size + 1 == copy.head().size
    copy.close()


def test_an_empty_store_has_a_backup(store, tmp_path):
    """A store without entries is copied like any other."""
    store.backup(str(tmp_path / "backup.db"))
    assert verify(f"sqlite:///{tmp_path}/backup.db").fine


def test_a_backup_replaces_nothing(store, tmp_path):
    """A file that is there is left as it is; so is what cannot be written."""
    path = tmp_path / "backup.db"
    path.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        store.backup(str(path))
    assert "mine" == path.read_text()
    with pytest.raises(SurroundingsError):
        store.backup(str(tmp_path / "absent" / "backup.db"))
    assert [] == list(tmp_path.glob(".*part*"))


def test_backups_while_others_write(store, address, tmp_path):
    """Each copy made while a process appends is sound, and a beginning of the record."""
    store.append(example())
    writer = PROCESSES.Process(target=append_one_by_one, args=(address, 200))
    writer.start()
    paths = [tmp_path / f"backup{n}.db" for n in range(8)]
    for path in paths:
        store.backup(str(path))
    writer.join()
    assert 0 == writer.exitcode
    bodies = list(store.bodies())
    assert 206 == len(bodies)
    for path in paths:
        assert verify(f"sqlite:///{path}").fine
        copy = open_store(f"sqlite:///{path}")
        assert bodies[: copy.head().size] == list(copy.bodies())
        copy.close()


def test_the_files_of_a_closed_store_are_one(store, address, tmp_path):
    """A SQLite store that was closed is one file: nothing is left beside it."""
    store.append(example())
    store.close()
    if address.startswith("sqlite"):
        assert ["store.db"] == [each.name for each in Path(tmp_path).iterdir()]
