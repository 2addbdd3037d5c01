"""The tables of a store, version by version: a new store runs through all of them.

Version 1 had the log and an index over its postings. Version 2 has sums by day and by span of 32
days instead, so that balances and limits are read from thousands of rows, not from millions.
"""

from collections.abc import Callable, Sequence
from secrets import token_hex

from earmark.errors import UsageError
from earmark.stores.dialects import Database, Dialect, NoStoreError

FORMAT = "earmark-ledger"

PROTECTED = ("entry", "posting", "account")
"""Tables that are only ever added to."""


def version_1(words: Dialect) -> list[str]:
    """Return what makes the tables of the log."""
    integer, text, blob = words.integer, words.text, words.blob
    members = ", ".join(
        f'{words.member.format(name=name)} AS "{name}"'
        for name in ("by", "authority", "approvals", "reason", "evidence")
    )
    return [
        f"CREATE TABLE meta (key {text} PRIMARY KEY, value {text} NOT NULL){words.table}",
        f"""CREATE TABLE head (
            one {integer} PRIMARY KEY CHECK (one = 1),
            size {integer} NOT NULL,
            recorded_at {text},
            frontier {blob} NOT NULL
        ){words.table}""",
        f"""CREATE TABLE entry (
            seq {integer} PRIMARY KEY,
            id {text} NOT NULL UNIQUE,
            recorded_at {text} NOT NULL UNIQUE,
            kind {text} NOT NULL,
            effective {integer} NOT NULL,
            corrects {text},
            body {text} NOT NULL,
            leaf {blob} NOT NULL
        ){words.table}""",
        "CREATE UNIQUE INDEX entry_corrects ON entry (corrects) WHERE corrects IS NOT NULL",
        f"""CREATE TABLE account (
            account {integer} PRIMARY KEY,
            state {text} NOT NULL,
            holder {text} NOT NULL,
            product {text} NOT NULL,
            place {text} NOT NULL,
            UNIQUE (holder, state, product, place)
        ){words.table}""",
        f"""CREATE TABLE posting (
            seq {integer} NOT NULL REFERENCES entry,
            n {integer} NOT NULL,
            account {integer} NOT NULL REFERENCES account,
            quantity {integer} NOT NULL,
            effective {integer} NOT NULL,
            PRIMARY KEY (seq, n)
        ){words.keyed_table}""",
        "CREATE INDEX posting_account ON posting (account, effective, quantity)",
        f"INSERT INTO head VALUES (1, 0, NULL, {words.empty_blob})",
        *[
            statement
            for table in PROTECTED
            for statement in words.refusals.format(table=table).split(";;")
        ],
        f"""CREATE VIEW entries AS
            SELECT seq, recorded_at, id, kind, {words.day.format(day="effective")} AS effective,
                {members}, corrects
            FROM entry""",
        f"""CREATE VIEW postings AS
            SELECT p.seq, e.recorded_at, e.id, a.state, a.holder, a.product, a.place, p.quantity,
                {words.day.format(day="p.effective")} AS effective
            FROM posting p
            JOIN entry e ON e.seq = p.seq
            JOIN account a ON a.account = p.account""",
    ]


def version_2(words: Dialect) -> list[str]:
    """Return what replaces the index over postings by sums."""
    return [
        *[
            f"""CREATE TABLE {table} (
                account {words.integer} NOT NULL,
                {part} {words.integer} NOT NULL,
                quantity {words.integer} NOT NULL,
                PRIMARY KEY (account, {part})
            ){words.keyed_table}"""
            for table, part in (("by_day", "day"), ("by_span", "span"))
        ],
        """INSERT INTO by_day
            SELECT account, effective, SUM(quantity) FROM posting GROUP BY account, effective""",
        """INSERT INTO by_span
            SELECT account, day >> 5, SUM(quantity) FROM by_day GROUP BY account, day >> 5""",
        "DROP INDEX posting_account",
    ]


VERSIONS: Sequence[Callable[[Dialect], list[str]]] = (version_1, version_2)
"""What leads from each version to the next."""

SCHEMA = len(VERSIONS)
"""The version that this program reads and writes."""


def create(database: Database, *, origin: str | None = None, schema: int = SCHEMA) -> None:
    """Make the tables where there are none yet; `origin` is made up if it is not given."""
    with database.writing():
        if database.has_table("meta"):
            return
        database.prepare()
        for version in VERSIONS[:schema]:
            for statement in version(database.dialect):
                database.run(statement)
        values = {
            "format": FORMAT,
            "schema": str(schema),
            "origin": origin or f"earmark/{token_hex(8)}",
        }
        database.insert("meta", ("key", "value"), list(values.items()))


def migrate(database: Database, address: str) -> str:
    """Bring a store to the version of this program, and return its origin.

    Raises UsageError, with the store as it was, if it is none of ours or is of a later version.
    """
    meta = _meta(database, address)
    if int(meta["schema"]) < SCHEMA:
        with database.writing():
            for version in VERSIONS[int(_meta(database, address)["schema"]) :]:
                for statement in version(database.dialect):
                    database.run(statement)
            database.run("UPDATE meta SET value = ? WHERE key = 'schema'", str(SCHEMA))
    return meta["origin"]


def _meta(database: Database, address: str) -> dict[str, str]:
    meta: dict[str, str] = {}
    if database.has_table("meta"):
        meta = dict(database.query("SELECT * FROM meta"))
    if meta.get("format") != FORMAT or not meta.get("schema", "").isdecimal():
        raise NoStoreError(f"{address} is no store of Earmark", "give the address of another one")
    if int(meta["schema"]) > SCHEMA:
        raise UsageError(
            f"{address} has schema {meta['schema']}; this version of Earmark knows up to {SCHEMA}",
            "install the newer version of Earmark that wrote it",
        )
    return {"origin": "", **meta}
