"""Facts about a store in PostgreSQL: its server, how safely that writes, the ledger in it."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from earmark.errors import EarmarkError
from earmark.stores.addresses import PostgresAddress
from earmark.stores.health import Fact, failure, record_facts, size_text
from earmark.stores.migrations import PROTECTED
from earmark.stores.postgres import PostgresDatabase

_SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
_MORE = {"synchronous_commit": ("on", "remote_apply", "remote_write")}


def server_facts(place: PostgresAddress) -> Iterator[Fact]:
    """Yield what can be said of a server and of the ledger on it; nothing is changed."""
    try:
        with closing(PostgresDatabase(place)) as database:
            yield from _server(database)
            yield from _ledger(database)
    except EarmarkError as error:
        yield failure("connection", error)


def _server(database: PostgresDatabase) -> Iterator[Fact]:
    def show(name: str) -> Any:
        return database.query(f"SHOW {name}")[0][0]

    start = time.perf_counter()
    version = show("server_version")
    took = (time.perf_counter() - start) * 1000
    yield Fact("server", f"PostgreSQL {version}, which answers in {took:.1f} ms")
    for name, wanted in _SAFE.items():
        found = show(name)
        if found in _MORE.get(name, (wanted,)):
            yield Fact(name, found)
        else:
            mend = f"set {name} = {wanted} in postgresql.conf"
            what = f"{found}: a power cut may lose or tear what was recorded"
            yield Fact(name, what, "wrong", mend)
    if show("data_checksums") == "on":
        yield Fact("data_checksums", "on")
    else:
        mend = "pg_checksums --enable, with the server stopped"
        yield Fact("data_checksums", "off: a bad disk goes unnoticed", "remark", mend)
    ((theirs,),) = database.query("SELECT extract(epoch FROM clock_timestamp())::float8")
    apart = theirs - time.time()
    if abs(apart) > 2:
        what = f"the server's is {apart:+.1f} s from ours; entries are dated by whoever records"
        yield Fact("clocks", what, "remark", "set both clocks from one time service")
    else:
        yield Fact("clocks", "the server's and ours agree")


def _ledger(database: PostgresDatabase) -> Iterator[Fact]:
    rows = database.query("SELECT key, value FROM meta")
    ((size,),) = database.query(
        "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind = 'r'",
        database.schema,
    )
    yield Fact("ledger", f"{database.address.ledger}, {size_text(size)}")

    def head() -> tuple[object, ...]:
        rows = database.query("SELECT size, recorded_at FROM head")
        return rows[0] if rows else (0, None)

    yield from record_facts({str(key): str(value) for key, value in rows}, head)
    ((writes,),) = database.query("SELECT has_table_privilege('entry', 'INSERT')")
    if not writes:
        yield Fact("permission", "this user may read alone", "remark", "ask the owner to write")
    missing = [name for table in PROTECTED for name in database.guards(table)]
    if missing:
        what = f"missing or changed: {', '.join(missing)}"
        yield Fact("triggers", what, "wrong", "earmark verify says whether rows were changed")
    else:
        yield Fact("triggers", "rows of the record cannot be changed by mistake")
