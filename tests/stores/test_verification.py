"""What verify finds: every edit that somebody makes behind the store's back."""

import random
from pathlib import Path

import apsw
import psycopg
import pytest
from ledger_entries import example

from earmark.errors import UsageError
from earmark.ledger.tree import root_of
from earmark.stores import open_store
from earmark.stores.addresses import parse_address
from earmark.stores.connections import connect
from earmark.stores.migrations import SCHEMA
from earmark.stores.verification import verify


@pytest.fixture
def filled(store):
    """A store with five entries."""
    assert all(result.fine for chain in store.append(example()) for result in chain)
    return store


@pytest.fixture
def edit(filled, address):
    """Edit the tables as their owner can: triggers off, edit, triggers on again."""

    def edited(*statements: str):
        filled.close()
        if address.startswith("sqlite"):
            connection = apsw.Connection(address.removeprefix("sqlite:///"))
            triggers = list(
                connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            )
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, sql in triggers:
                connection.execute(sql)
            connection.close()
        else:
            place = parse_address(address)
            with psycopg.connect(place.conninfo) as connection:
                connection.execute(f'SET search_path TO "earmark_{place.ledger}"'.encode())
                connection.execute("SET session_replication_role TO replica")
                for statement in statements:
                    connection.execute(statement.encode())
        return verify(address)

    return edited


def test_a_sound_store_is_fine(filled, address):
    """Nothing is found in a store that nobody edited; leaves and root are those of the record."""
    told = []
    verification = verify(address, lambda done, count: told.append((done, count)))
    assert () == verification.findings
    assert filled.head().root == verification.root == root_of(verification.leaves)
    assert filled.origin == verification.origin
    assert [(6, 6)] == told


def test_an_empty_store_is_fine(store, address):
    """Nothing is found in a new store either."""
    assert verify(address).fine


def test_an_absent_store_is_wrong_usage(address):
    """There is nothing to verify where there is no store."""
    with pytest.raises(UsageError, match="there is no store"):
        verify(address)


EDITS = {
    "entry id": ("UPDATE entry SET id = 'other' WHERE seq = 3", 3, "id"),
    "entry recorded_at": (
        "UPDATE entry SET recorded_at = '2024-01-01T00:00:00.000000Z' WHERE seq = 3",
        3,
        "recorded_at",
    ),
    "entry kind": ("UPDATE entry SET kind = 'row' WHERE seq = 3", 3, "kind"),
    "entry effective": ("UPDATE entry SET effective = effective + 1 WHERE seq = 3", 3, "effective"),
    "entry corrects": ("UPDATE entry SET corrects = NULL WHERE seq = 5", 5, "corrects"),
    "entry body": (
        "UPDATE entry SET body = replace(body, 'some length', 'my liking') WHERE seq = 3",
        3,
        "leaf",
    ),
    "entry body spelling": (
        "UPDATE entry SET body = replace(body, ',', ', ') WHERE seq = 3",
        3,
        "body",
    ),
    "entry leaf": ("UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = 1)", 2, "leaf"),
    "entry seq": ("UPDATE entry SET seq = 60 WHERE seq = 6", 6, "seq"),
    "entry deleted": ("DELETE FROM entry WHERE seq = 3", 3, "seq"),
    "entry last deleted": ("DELETE FROM entry WHERE seq = 6", None, "head, size"),
    "posting quantity": ("UPDATE posting SET quantity = 8 WHERE seq = 3 AND n = 2", 3, "postings"),
    "posting account": ("UPDATE posting SET account = 1 WHERE seq = 3 AND n = 2", 3, "postings"),
    "posting effective": ("UPDATE posting SET effective = 1 WHERE seq = 3", 3, "postings"),
    "posting seq": ("UPDATE posting SET seq = 99 WHERE seq = 3 AND n = 2", 3, "postings"),
    "posting n": ("UPDATE posting SET n = 3 WHERE seq = 3 AND n = 2", 3, "postings"),
    "posting deleted": ("DELETE FROM posting WHERE seq = 3", 3, "postings"),
    "posting added": ("INSERT INTO posting VALUES (3, 3, 1, 0, 5)", 3, "postings"),
    "posting without entry": ("INSERT INTO posting VALUES (99, 1, 1, 5, 5)", 99, "postings"),
    "account state": ("UPDATE account SET state = 'swap' WHERE account = 2", None, "table account"),
    "account holder": ("UPDATE account SET holder = 'x' WHERE account = 2", None, "table account"),
    "account product": (
        "UPDATE account SET product = 'x' WHERE account = 2",
        None,
        "table account",
    ),
    "account place": ("UPDATE account SET place = 'x' WHERE account = 2", None, "table account"),
    "account number": ("UPDATE account SET account = 9 WHERE account = 2", None, "table account"),
    "account deleted": ("DELETE FROM account WHERE account = 2", None, "table account"),
    "account added": (
        "INSERT INTO account VALUES (9, 'a', 'b', 'c', 'd')",
        None,
        "table account",
    ),
    "by_day quantity": (
        "UPDATE by_day SET quantity = quantity + 1 WHERE account = 2",
        None,
        "table by_day",
    ),
    "by_day day": ("UPDATE by_day SET day = day + 4000 WHERE account = 4", None, "table by_day"),
    "by_day account": ("UPDATE by_day SET account = 9 WHERE account = 2", None, "table by_day"),
    "by_span quantity": ("UPDATE by_span SET quantity = 0", None, "table by_span"),
    "by_span span": (
        "UPDATE by_span SET span = span + 4000 WHERE account = 4",
        None,
        "table by_span",
    ),
    "by_span account": ("UPDATE by_span SET account = 9 WHERE account = 2", None, "table by_span"),
    "by_span deleted": ("DELETE FROM by_span", None, "table by_span"),
    "head size": ("UPDATE head SET size = 5", None, "head, size"),
    "head recorded_at": ("UPDATE head SET recorded_at = NULL", None, "head, recorded_at"),
    "head frontier": (
        "UPDATE head SET frontier = (SELECT leaf FROM entry WHERE seq = 1)",
        None,
        "head, frontier",
    ),
    "head deleted": ("DELETE FROM head", None, "head"),
    "meta format": ("UPDATE meta SET value = 'x' WHERE key = 'format'", None, "meta, format"),
    "meta schema": ("UPDATE meta SET value = '999' WHERE key = 'schema'", None, "meta, schema"),
    "meta origin": ("DELETE FROM meta WHERE key = 'origin'", None, "meta, origin"),
    "no meta": ("DROP TABLE meta", None, "table meta"),
    "no head": ("DROP TABLE head", None, "table head"),
    "no by_day": ("DROP TABLE by_day", None, "table by_day"),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_is_found(edit, name):
    """An edit of any column of any table is found, at its entry and under its name."""
    statement, seq, what = EDITS[name]
    verification = edit(statement)
    assert not verification.fine
    found = {finding.what: finding for finding in verification.findings}
    assert what in found, [finding.text for finding in verification.findings]
    assert seq == found[what].seq
    assert seq in (None, verification.findings[0].seq)
    assert all(finding.text for finding in verification.findings)


@pytest.mark.parametrize("table", ["entry", "posting", "account"])
def test_a_missing_table_is_a_finding(address, filled, table):
    """A table that is gone is told in words."""
    filled.database.run("PRAGMA foreign_keys=OFF") if "sqlite" in address else None
    drop = f"DROP TABLE {table}" if "sqlite" in address else f"DROP TABLE {table} CASCADE"
    filled.database.run("DROP VIEW entries" if table == "entry" else "DROP VIEW postings")
    if table == "entry":
        filled.database.run("DROP VIEW postings")
    filled.database.run(drop)
    texts = [finding.text for finding in verify(address).findings]
    assert any(table in text for text in texts), texts


def test_entries_in_another_order_are_found(edit):
    """Two entries that changed places are found, the first of them first."""
    swap = [
        f"UPDATE {table} SET seq = {new} WHERE seq = {old}"
        for table in ("entry", "posting")
        for old, new in ((3, 99), (4, 3), (99, 4))
    ]
    verification = edit(*swap)
    assert 3 == verification.findings[0].seq


def test_a_changed_quantity_is_found_even_with_all_that_follows_from_it(edit):
    """A body that was edited with its leaf, its postings and its sums is found at the root."""
    verification = edit(
        "UPDATE entry SET body = replace(body, '-7,', '-6,') WHERE seq = 3",
        "UPDATE entry SET body = replace(body, ',7,', ',6,') WHERE seq = 3",
        "UPDATE posting SET quantity = quantity * 6 / 7 WHERE seq = 3",
    )
    assert {"leaf", "head, frontier"} <= {finding.what for finding in verification.findings}


def test_units_below_zero_are_found(edit):
    """A level below zero that got past the store is found, with the account in words."""
    verification = edit(
        "UPDATE entry SET body = replace(body, '1000', '100') WHERE seq = 1",
        "UPDATE posting SET quantity = quantity / 10 WHERE seq = 1",
    )
    (level,) = [finding for finding in verification.findings if finding.what == "level"]
    assert "-12 units of H100 that lot l1 has left on 2024-03-05" == level.found


@pytest.mark.parametrize("table", ["entry", "posting", "account"])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_missing_or_idle_trigger_is_found(filled, address, table, change):
    """A trigger that is gone, or does nothing, is found by its name."""
    trigger = f"{table}_{change}"
    if address.startswith("sqlite"):
        filled.database.run(f"DROP TRIGGER {trigger}")
        if change == "update":
            filled.database.run(
                f"CREATE TRIGGER {trigger} BEFORE UPDATE ON {table} BEGIN SELECT 1; END"
            )
    elif change == "update":
        filled.database.run(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    else:
        filled.database.run(f"DROP TRIGGER {trigger} ON {table}")
    (finding,) = verify(address).findings
    assert finding.text.startswith(f"triggers: expected {trigger},")


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
class TestFiles:
    """What happens to the file itself."""

    def _path(self, filled, address):
        filled.close()
        return Path(address.removeprefix("sqlite:///"))

    def test_broken_bytes_are_found(self, filled, address, tmp_path):
        """A flipped bit is found, or it changed nothing that the store holds."""
        whole = self._path(filled, address)
        expected = (verify(address).root, _rows(address))
        chance = random.Random(7)
        data = whole.read_bytes()
        missed = 0
        for _ in range(300):
            flipped = bytearray(data)
            flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            (tmp_path / "flipped.db").write_bytes(flipped)
            verification = verify(f"sqlite:///{tmp_path}/flipped.db")
            if verification.fine:
                missed += 1
                assert expected == (verification.root, _rows(f"sqlite:///{tmp_path}/flipped.db"))
        assert missed < 300

    def test_bytes_of_every_text_are_found(self, filled, address, tmp_path):
        """A bit flipped in a body, wherever it lies in the file, is found at its entry."""
        path = self._path(filled, address)
        data = path.read_bytes()
        place = data.index(b"some length")
        (tmp_path / "flipped.db").write_bytes(data[:place] + b"S" + data[place + 1 :])
        first = verify(f"sqlite:///{tmp_path}/flipped.db").findings[0]
        assert (3, "leaf") == (first.seq, first.what)

    def test_text_that_is_none_is_found(self, filled, address, tmp_path):
        """Bytes that are no UTF-8 are a finding, not a failure."""
        path = self._path(filled, address)
        data = path.read_bytes()
        for text in (b"some length", b"supplied", b"move", b"earmark-ledger"):
            place = data.rindex(text)
            (tmp_path / "flipped.db").write_bytes(data[:place] + b"\xff" + data[place + 1 :])
            assert not verify(f"sqlite:///{tmp_path}/flipped.db").fine

    @pytest.mark.parametrize("share", [0, 0.01, 0.2, 0.5, 0.9, 0.99])
    def test_a_truncated_file_is_found(self, filled, address, share):
        """A file that lost its end is told in words; so is an empty one."""
        path = self._path(filled, address)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        verification = verify(address)
        assert not verification.fine
        assert all(finding.text for finding in verification.findings)

    def test_another_file_is_found(self, filled, address):
        """A file that is no database is told in words; opening it is wrong usage."""
        path = self._path(filled, address)
        path.write_text("order,quantity\n" * 100)
        assert "database" == verify(address).findings[0].what
        with pytest.raises(UsageError, match="no store"):
            open_store(address)

    def test_another_database_is_found(self, filled, address):
        """A database of something else is told in words; opening it is wrong usage."""
        path = self._path(filled, address)
        path.unlink()
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE orders (id)")
        connection.close()
        assert not verify(address).fine
        with pytest.raises(UsageError, match="no store"):
            open_store(address)


def test_verifying_changes_nothing(filled, address, tmp_path):
    """Verify reads only: the record is what it was, and appending goes on."""
    head = filled.head()
    verify(address)
    assert head == filled.head()
    assert str(SCHEMA) == dict(filled.database.query("SELECT * FROM meta"))["schema"]


def _rows(address):
    database = connect(parse_address(address), create=False, vfs=None)
    try:
        return [
            database.query(f"SELECT * FROM {table} ORDER BY 1, 2")
            for table in ("entry", "account", "posting", "by_day", "by_span")
        ]
    finally:
        database.close()
