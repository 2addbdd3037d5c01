"""A store checked against itself: everything is computed again from the bodies of its entries.

This shows what was edited by hand, and what a disk broke. Who edits the bodies and computes all the
rest again leaves nothing to find here: for that, compare with a checkpoint that somebody else kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from earmark.errors import EarmarkError
from earmark.ledger.entries import HELD, Account, Recorded, parse_recorded
from earmark.ledger.rereading import unbalanced
from earmark.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash
from earmark.ledger.wording import in_words
from earmark.stores.addresses import parse_address
from earmark.stores.connections import connect
from earmark.stores.dialects import DamageError, Database, NoStoreError, Row
from earmark.stores.migrations import FORMAT, PROTECTED, SCHEMA

_CHUNK = 5_000

Progress = Callable[[int, int], None]
"""Told how many entries were checked, and of how many."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place at which something differs, and in how many places after it."""

    seq: int | None
    """The entry; None where it concerns no single one."""
    what: str
    expected: str
    found: str
    more: int = 0

    @property
    def text(self) -> str:
        """The finding as a sentence."""
        place = f"entry {self.seq}, {self.what}" if self.seq else self.what
        more = f" (and {self.more} more of this kind)" if self.more else ""
        return f"{place}: expected {self.expected}, found {self.found}{more}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, and what was found wrong: nothing, if all is well."""

    address: str
    origin: str
    leaves: Sequence[bytes]
    """The hashes of all entries that can be read, computed from their bodies."""
    root: bytes
    recorded_at: str | None
    """The moment of the last of them; None where there is none."""
    findings: tuple[Finding, ...]
    """By entry, the first first; those that concern no single entry come last."""

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(address: str, progress: Progress | None = None) -> Verification:
    """Check the store at an address against its own entries; it is only read.

    Raises UsageError where there is no store, SurroundingsError where it is out of reach; what is
    broken inside is a finding.
    """
    place = parse_address(address)
    try:
        database = connect(place, create=False, vfs=None)
    except (DamageError, NoStoreError) as error:
        finding = Finding(None, "database", "a store that can be read", error.message)
        return Verification(place.text, "", (), EMPTY_ROOT, None, (finding,))
    try:
        check = _Check(database, progress)
        check.run()
    finally:
        database.close()
    return Verification(
        place.text,
        check.origin,
        check.leaves,
        check.frontier.root,
        check.last or None,
        check.sorted_findings(),
    )


class _Check:
    """One walk over a store; keeps the first finding of each kind."""

    def __init__(self, database: Database, progress: Progress | None) -> None:
        self.database, self.progress = database, progress
        self.findings: dict[str, Finding] = {}
        self.origin, self.schema = "", SCHEMA
        self.leaves: list[bytes] = []
        self.frontier = Frontier()
        self.next, self.last = 1, ""
        self.ids: dict[str, int] = {}
        self.corrected: set[str] = set()
        self.numbers: dict[Account, int] = {}
        self.sums: dict[tuple[int, int], int] = {}

    def run(self) -> None:
        with self._surviving("database"), self.database.reading():
            with self._surviving("file", savepoint=True):
                for fault in self.database.faults():
                    self._differs(None, "file", "a sound file", fault)
            for what, step in (
                ("meta", self._check_meta),
                ("triggers", self._check_guards),
                ("entry", self._check_entries),
                ("account", self._check_accounts),
                ("by_day", self._check_sums),
                ("head", self._check_head),
            ):
                with self._surviving(f"table {what}", savepoint=True):
                    step()
        self._check_levels()

    def sorted_findings(self) -> tuple[Finding, ...]:
        return tuple(
            sorted(self.findings.values(), key=lambda each: (each.seq is None, each.seq or 0))
        )

    def _check_meta(self) -> None:
        meta: dict[str, str] = dict(self.database.query("SELECT key, value FROM meta"))
        self.origin = meta.get("origin", "")
        self._compare(None, "meta, format", FORMAT, meta.get("format"))
        if not self.origin:
            self._differs(None, "meta, origin", "a name", "none")
        schema = meta.get("schema", "")
        if schema.isdecimal() and 1 <= int(schema) <= SCHEMA:
            self.schema = int(schema)
        else:
            self._differs(None, "meta, schema", f"1 to {SCHEMA}", schema or "none")

    def _check_guards(self) -> None:
        for table in PROTECTED:
            for name in self.database.guards(table):
                self._differs(None, "triggers", f"{name}, which refuses changes", "none like it")

    def _check_entries(self) -> None:
        ((count,),) = self.database.query("SELECT COUNT(*) FROM entry")
        raw = self.database.dialect.raw
        texts = ", ".join(
            raw.format(column=name) for name in ("id", "recorded_at", "kind", "corrects", "body")
        )
        sql = (
            f"SELECT seq, effective, leaf, {texts} FROM entry"
            f" WHERE seq > ? ORDER BY seq LIMIT {_CHUNK}"
        )
        done, start = 0, -(2**62)
        while rows := self.database.query(sql, start):
            wanted: list[Row] = []
            for row in rows:
                self._check_entry(row, wanted)
            self._check_postings(start, rows[-1][0], wanted)
            start, done = rows[-1][0], done + len(rows)
            if self.progress is not None:
                self.progress(done, count)
        self._check_postings(start, 2**62, [])

    def _check_entry(self, row: Row, wanted: list[Row]) -> None:
        seq, effective, leaf, *texts = row
        id_, recorded_at, kind, corrects = (_text(value) for value in texts[:4])
        if seq != self.next:
            self._differs(min(seq, self.next), "seq", f"entry {self.next}", f"entry {seq}")
        self.next = seq + 1
        body = bytes(texts[4])
        hashed = leaf_hash(body)
        self.leaves.append(hashed)
        self.frontier = self.frontier.appended(hashed)
        self._compare(seq, "leaf", hashed.hex(), bytes(leaf).hex())
        try:
            recorded = parse_recorded(body)
        except ValueError as error:
            self._differs(seq, "body", "an entry in its canonical form", str(error)[:200])
            return
        entry = recorded.entry
        for what, expected, found in (
            ("seq in its body", seq, recorded.seq),
            ("id", entry.id, id_),
            ("recorded_at", recorded.recorded_at, recorded_at),
            ("kind", entry.kind, kind),
            ("effective", entry.effective.toordinal(), effective),
            ("corrects", entry.corrects, corrects),
        ):
            if expected != found:
                self._differs(seq, what, expected, found)
        self._check_place(seq, recorded)
        for n, posting in enumerate(entry.postings, start=1):
            number = self.numbers.setdefault(posting.account, len(self.numbers) + 1)
            day = posting.effective.toordinal()
            key = number, day
            self.sums[key] = self.sums.get(key, 0) + posting.quantity
            wanted.append((seq, n, number, posting.quantity, day))

    def _check_place(self, seq: int, recorded: Recorded) -> None:
        """Check an entry against those before it."""
        entry = recorded.entry
        if recorded.recorded_at <= self.last:
            self._differs(seq, "order", f"a moment after {self.last}", recorded.recorded_at)
        self.last = max(self.last, recorded.recorded_at)
        if found := unbalanced(entry.postings):
            product, day, units = found
            self._differs(seq, "balance", f"0 {product} in sum on {day}", f"{units:+d}")
        if entry.corrects is not None:
            if entry.corrects not in self.ids:
                self._differs(seq, "corrects", "an entry before it", entry.corrects)
            elif entry.corrects in self.corrected:
                self._differs(seq, "corrects", "one correction", f"a second of {entry.corrects}")
            self.corrected.add(entry.corrects)
        if first := self.ids.get(entry.id):
            self._differs(seq, "id", "an id of its own", f"that of entry {first}")
        self.ids.setdefault(entry.id, seq)

    def _check_postings(self, after: int, last: int, wanted: list[Row]) -> None:
        """Check the rows of the entries after `after` to `last`."""
        found = self.database.query(
            "SELECT seq, n, account, quantity, effective FROM posting"
            " WHERE seq > ? AND seq <= ? ORDER BY seq, n",
            after,
            last,
        )
        if wanted != found:
            missing, surplus = set(wanted) - set(found), set(found) - set(wanted)
            seq = min(row[0] for row in missing | surplus)
            self._differs(
                seq,
                "postings",
                _listed(row[1:] for row in wanted if row[0] == seq),
                _listed(row[1:] for row in found if row[0] == seq),
            )

    def _check_accounts(self) -> None:
        wanted = [
            (number, a.state, a.holder, a.product, a.place) for a, number in self.numbers.items()
        ]
        texts = ", ".join(
            self.database.dialect.raw.format(column=name)
            for name in ("state", "holder", "product", "place")
        )
        rows = self.database.query(f"SELECT account, {texts} FROM account ORDER BY account")
        self._compare_rows("account", wanted, [(row[0], *map(_text, row[1:])) for row in rows])

    def _check_sums(self) -> None:
        if self.schema < 2:
            return
        spans: dict[tuple[int, int], int] = {}
        for (number, day), quantity in self.sums.items():
            spans[number, day >> 5] = spans.get((number, day >> 5), 0) + quantity
        for table, part, sums in (("by_day", "day", self.sums), ("by_span", "span", spans)):
            wanted = [(*key, quantity) for key, quantity in sorted(sums.items())]
            sql = f"SELECT account, {part}, quantity FROM {table} ORDER BY account, {part}"
            self._compare_rows(table, wanted, self.database.query(sql))

    def _check_head(self) -> None:
        rows = self.database.query("SELECT size, recorded_at, frontier FROM head")
        if len(rows) != 1:
            self._differs(None, "head", "one row", f"{len(rows)} rows")
            return
        size, recorded_at, hashes = rows[0]
        self._compare(None, "head, size", self.frontier.size, size)
        self._compare(None, "head, recorded_at", self.last or None, recorded_at)
        expected = b"".join(self.frontier.hashes).hex()
        self._compare(None, "head, frontier", expected, bytes(hashes).hex())

    def _check_levels(self) -> None:
        """Check that nothing is below zero on any day."""
        accounts = {number: account for account, number in self.numbers.items()}
        level, current = 0, 0
        for (number, day), quantity in sorted(self.sums.items()):
            level = quantity if number != current else level + quantity
            current = number
            if level < 0 and accounts[number].state in HELD:
                where = f"{in_words(accounts[number])} on {date.fromordinal(day)}"
                self._differs(None, "level", "nothing below zero", f"{level} {where}")

    def _compare_rows(self, what: str, wanted: list[Row], found: list[Row]) -> None:
        if wanted != found:
            missing, surplus = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
            self._differs(None, f"table {what}", _listed(missing[:3]), _listed(surplus[:3]))

    def _compare(self, seq: int | None, what: str, expected: object, found: object) -> None:
        if expected != found:
            self._differs(seq, what, expected, found)

    def _differs(self, seq: int | None, what: str, expected: object, found: object) -> None:
        if first := self.findings.get(what):
            self.findings[what] = replace(first, more=first.more + 1)
        else:
            self.findings[what] = Finding(seq, what, _shown(expected), _shown(found))

    @contextmanager
    def _surviving(self, what: str, *, savepoint: bool = False) -> Iterator[None]:
        """Turn what cannot be read into a finding, so that the rest is checked."""
        if savepoint:  # PostgreSQL answers nothing more after an error, except from before it
            self.database.run("SAVEPOINT step")
        try:
            yield
        except (EarmarkError, ValueError, TypeError) as error:
            message = getattr(error, "message", str(error))
            self._differs(None, what, "what can be read", message)
            if savepoint:
                self.database.run("ROLLBACK TO SAVEPOINT step")


def _text(value: bytes | None) -> str | None:
    """Return a text as it was read, legible also where it is none."""
    return None if value is None else bytes(value).decode(errors="backslashreplace")


def _shown(value: object) -> str:
    return "none" if value is None or value == "" else str(value)


def _listed(rows: Iterable[Row]) -> str:
    return "; ".join(", ".join(map(str, row)) for row in rows) or "none"
