"""`earmark doctor`: what is wrong with a store is said in words, with a mend."""

import json
from pathlib import Path
from typing import Any

import apsw
import pytest
from command import EXAMPLES, read_json, run_earmark

from earmark.stores import health, open_store, sqlite_health
from earmark.stores.migrations import SCHEMA


@pytest.fixture
def recorded(address: str) -> str:
    """Return the address of a store with a book in it, in each kind of database."""
    assert 0 == run_earmark("import", EXAMPLES / "quickstart", "--into", address)[0]
    return address


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the file of a store with a book in it."""
    path = tmp_path / "book.db"
    assert 0 == run_earmark("import", EXAMPLES / "quickstart", "--into", f"sqlite:///{path}")[0]
    return path


def there(address: str | Path, code: int) -> dict[str, Any]:
    """Return what is said of a store, by name, if the command ends with `code`."""
    name = f"sqlite:///{address}" if isinstance(address, Path) else address
    ended, out, err = run_earmark("doctor", name, "--json")
    assert code == ended, out + err
    document = json.loads(out)
    assert document["fine"] is (code == 0)
    return {fact["name"]: fact for fact in document["there"]}


def wrong(facts: dict[str, Any]) -> set[str]:
    """Return the names of what is wrong; each has a mend."""
    found = {name for name, fact in facts.items() if fact["state"] == "wrong"}
    assert all(facts[name]["mend"] for name in found)
    return found


def test_without_a_store_it_says_what_is_in_use():
    """Versions, SQLite and why that one, the clock; remarks are no failure."""
    document = read_json("doctor")
    names = {fact["name"]: fact["value"] for fact in document["here"]}
    assert apsw.sqlite_lib_version() in names["SQLite"]
    assert {"Earmark", "Python", "libraries", "SQLite", "clock", "psycopg"} <= set(names)
    assert (None, True, []) == (document["store"], document["fine"], document["there"])


def test_a_store_that_is_well_is_said_to_be(recorded):
    """With its size, version and last moment; nothing in it changes."""
    with open_store(recorded) as store:
        before = store.head()
    facts = there(recorded, 0)
    assert str(SCHEMA) == facts["schema"]["value"]
    assert before.recorded_at in facts["record"]["value"]
    code, out, _ = run_earmark("doctor", recorded)
    assert (0, "The store is fine here.") == (code, out.splitlines()[-1])
    with open_store(recorded) as store:
        assert before == store.head()


def test_looking_changes_no_byte(path):
    """The file of a store is as it was."""
    before = path.read_bytes()
    there(path, 0)
    assert before == path.read_bytes()


def test_what_is_not_there_or_no_store_is_said_to_be(tmp_path):
    """An absent file, a folder, a text, a database of others, an address that is none."""
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").touch()
    other = apsw.Connection(str(tmp_path / "other.db"))
    other.execute("CREATE TABLE meta (key, value); INSERT INTO meta VALUES ('a', 'b')")
    other.close()
    before = (tmp_path / "other.db").read_bytes()
    for name, what in (
        ("nothing.db", "file"), (".", "file"), ("text", "header"), ("empty", "header"),
        ("other.db", "store"),
    ):  # fmt: skip
        assert {what} == wrong(there(tmp_path / name, 1)), name
    assert before == (tmp_path / "other.db").read_bytes()
    assert {"address"} == wrong(there("sqlite://x", 1))
    assert {"address"} == wrong(there("postgresql://h/d?ledger=A+B", 1))


def test_a_damaged_store_is_said_to_be(path):
    """Wherever the damage is, doctor ends in words."""
    whole = path.read_bytes()
    for start in (0, 16, 60, 100, 4096, len(whole) // 2, len(whole) - 4096):
        path.write_bytes(whole[:start] + b"\xff" * 600 + whole[start + 600 :])
        code, out, err = run_earmark("doctor", f"sqlite:///{path}")
        assert "Traceback" not in out + err
        assert code in (0, 1)
        assert start not in (0, 100, 4096) or code == 1, start
    path.write_bytes(whole[: len(whole) // 2])
    assert wrong(there(path, 1)) & {"pages", "content"}


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        (f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE key = 'schema'", {"schema"}),
        ("UPDATE meta SET value = 'x' WHERE key = 'schema'", {"schema"}),
        ("UPDATE meta SET value = '' WHERE key = 'origin'", {"origin"}),
        ("UPDATE meta SET value = 'other' WHERE key = 'format'", {"store"}),
        ("DELETE FROM meta", {"store"}),
        ("DROP TABLE meta", {"store"}),
        ("DROP TABLE head", {"content"}),
        ("UPDATE head SET recorded_at = '2999-01-01T00:00:00.000000Z'", {"clock and record"}),
        ("UPDATE head SET recorded_at = 'soon'", {"last moment"}),
        ("DROP TRIGGER entry_update", {"triggers"}),
    ],
)
def test_what_is_wrong_with_a_store_is_named(sql, names, path):
    """Too new, without its name, ahead of the clock, without its triggers."""
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()
    assert names == wrong(there(path, 1))


def test_an_older_store_is_remarked_on_and_left_as_it_is(path):
    """The next command brings it to today's version; doctor does not."""
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    connection.close()
    assert "remark" == there(path, 0)["schema"]["state"]
    assert "remark" == there(path, 0)["schema"]["state"]


def test_a_server_out_of_reach_is_said_to_be_without_its_password():
    """Neither in words nor in JSON."""
    address = "postgresql://somebody:hunter2@127.0.0.1:1/db"
    for more in ((), ("--json",)):
        code, out, err = run_earmark("doctor", address, *more)
        assert 1 == code
        assert "out of reach" in out
        assert "hunter2" not in out + err


def test_a_ledger_that_is_not_on_the_server_is_said_not_to_be(postgres):
    """Nothing is made by looking."""
    name = f"{postgres}{'&' if '?' in postgres else '?'}ledger=none-such"
    assert {"connection"} == wrong(there(name, 1))
    assert {"connection"} == wrong(there(name, 1))


def test_an_old_sqlite_is_said_to_be_unsound(monkeypatch):
    """Before 3.51.3 WAL can be damaged by two connections; the mend is named."""
    monkeypatch.setattr(health.apsw, "sqlite_lib_version", lambda: "3.51.2")
    (fact,) = health.sqlite_facts()
    assert ("wrong", "pip install --upgrade apsw") == (fact.state, fact.mend)


@pytest.mark.parametrize(
    ("mounts", "state"),
    [
        ("/dev/a / ext4 rw 0 0\nserver:/x {folder} nfs4 rw 0 0\n", "wrong"),
        ("/dev/a / ext4 rw 0 0\ntmpfs {folder} tmpfs rw 0 0\n", "remark"),
        ("/dev/a / ext4 rw,nobarrier 0 0\n", "remark"),
        ("/dev/a / ext4 rw,relatime 0 0\nserver:/x {folder}x nfs rw 0 0\n", "fine"),
        ("", "remark"),
    ],
)
def test_file_systems_that_do_not_keep_a_store_are_named(mounts, state, path, monkeypatch):
    """A network's, one in memory, one that does not sync; the nearest mount counts."""
    table = path.parent / "mounts"
    table.write_text(mounts.format(folder=path.parent))
    monkeypatch.setattr(sqlite_health, "_MOUNTS", table)
    assert state == there(path, int(state == "wrong"))["file system"]["state"]


@pytest.mark.parametrize(("free", "state"), [(1 << 20, "wrong"), (1 << 29, "remark")])
def test_a_disk_that_fills_up_is_named(free, state, path, monkeypatch):
    """Before appending fails."""
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(sqlite_health.shutil, "disk_usage", lambda _: usage)
    assert state == there(path, int(state == "wrong"))["free space"]["state"]
