"""Addresses of stores, and what opening one refuses."""

import pytest

from earmark.errors import EarmarkError, SurroundingsError, UsageError
from earmark.stores import is_address, open_store
from earmark.stores.addresses import PostgresAddress, SqliteAddress, parse_address

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///store.db", "store.db"),
        ("sqlite:////var/lib/store.db", "/var/lib/store.db"),
        ("sqlite:///C:/store.db", "C:/store.db"),
        ("sqlite:///with ? and #.db", "with ? and #.db"),
    ],
)
def test_files_are_relative_with_three_slashes(text, path):
    """Three slashes come before a relative path, a fourth one begins an absolute one."""
    assert SqliteAddress(path) == parse_address(text)
    assert text == parse_address(text).text
    assert is_address(text)


@pytest.mark.parametrize(
    ("text", "ledger", "shown"),
    [
        ("postgresql://h/db", "main", "postgresql://h/db"),
        ("postgres://u@h:5433/db?ledger=emea", "emea", "postgresql://u@h:5433/db?ledger=emea"),
        (f"postgresql://u:{SECRET}@h/db", "main", "postgresql://u@h/db"),
        (
            f"postgresql:///db?user=u&password={SECRET}&host=/run/pg",
            "main",
            "postgresql:///db?user=u&host=/run/pg",
        ),
    ],
)
def test_servers_hold_ledgers_by_name(text, ledger, shown):
    """`ledger` names one of several; the address as it is shown has no password."""
    address = parse_address(text)
    assert isinstance(address, PostgresAddress)
    assert (ledger, shown) == (address.ledger, address.text)
    assert "ledger" not in address.conninfo
    assert SECRET not in repr(address)
    assert (SECRET in text) == (SECRET in address.conninfo)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "book",
        "store.db",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://store.db",
        "sqlite:///:memory:",
        "sqlite:///a\0b",
        "mysql://h/db",
        "postgresql://h/db?ledger=",
        "postgresql://h/db?ledger=A",
        'postgresql://h/db?ledger="; DROP',
        "postgresql://h/db?ledger=a&ledger=b",
        "postgresql://[h/db",
        f"postgresql://u:{SECRET}@h/db?ledger",
        f"postgresql://u:{SECRET}@h:port/db",
        f"postgresql://u:{SECRET}%00@h/db",
        f"postgresql://u:{SECRET}@h/db?color=red",
    ],
)
def test_other_addresses_are_wrong_usage(text):
    """What is no address is refused with a hint, and without a password."""
    with pytest.raises(UsageError) as caught:
        open_store(text)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


def test_a_server_out_of_reach_is_told_without_a_password():
    """A server that does not answer is a failure of the surroundings."""
    with pytest.raises(SurroundingsError) as caught:
        open_store(f"postgresql://u:{SECRET}@127.0.0.1:1/db?connect_timeout=2")
    assert SECRET not in f"{caught.value} {caught.value.hint}"
    assert "127.0.0.1:1" in caught.value.message


def test_an_absent_store_is_wrong_usage(address):
    """A store is made only when asked to; the hint says how."""
    with pytest.raises(UsageError, match="there is no store") as caught:
        open_store(address)
    assert "earmark import" in caught.value.hint
    made = open_store(address, create=True)
    again = open_store(address, create=True)
    assert made.origin == again.origin
    assert made.origin.startswith("earmark/")
    made.close()
    again.close()


def test_a_later_schema_is_refused(store, address):
    """A store that a later version wrote is not touched."""
    store.database.run("UPDATE meta SET value = '999' WHERE key = 'schema'")
    with pytest.raises(UsageError, match="schema 999") as caught:
        open_store(address)
    assert "newer version" in caught.value.hint


@pytest.mark.parametrize("path", ["", "absent/store.db"])
def test_a_folder_is_no_store(tmp_path, path):
    """A folder cannot be a store, and a file cannot be made in a folder that is not there."""
    with pytest.raises(EarmarkError):
        open_store(f"sqlite:///{tmp_path}/{path}", create=True)
