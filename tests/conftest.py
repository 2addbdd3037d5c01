"""What all tests share: laws are tried on the same examples in every run, however long they take.

To look further than CI does: `python3 x.py test --hypothesis-profile=search`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres import ledger_of, running_server

from earmark.stores import Store, open_store

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a database on a real PostgreSQL, one server per process of tests."""
    with running_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that is not there yet, in each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
    else:
        with ledger_of(request.getfixturevalue("postgres")) as ledger:
            yield ledger


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """A new store, in each kind of database."""
    store = open_store(address, create=True)
    yield store
    store.close()
