"""The store, in SQL: one for all databases, which differ in a few words alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain as joined
from itertools import islice
from typing import Self, TypeVar

from earmark.ledger.batches import Batch
from earmark.ledger.entries import Account, Entry, Recorded, Result, holds_nul, parse_recorded
from earmark.ledger.judging import Level, judge
from earmark.ledger.tree import HASH_BYTES, Frontier, leaf_hash
from earmark.stores.dialects import Database, Row
from earmark.stores.moments import last_moment_of, parsed, rising_moments
from earmark.stores.store import Head

T = TypeVar("T")

_CHUNK = 10_000
"""How many rows go in or out at once."""


_DAY_BITS = 22
"""An account and a day as one number, which is quicker than a pair: no day has more bits."""

_DAY_MASK = (1 << _DAY_BITS) - 1


class SqlStore:
    """A `Store` in a database."""

    def __init__(self, database: Database, address: str, origin: str) -> None:
        """Take over a connection to a store whose tables are there and current."""
        self.database, self.address, self.origin = database, address, origin
        self._numbers: dict[Account, int] = {}
        """The numbers of accounts that are known to stand on record."""

    def head(self) -> Head:
        """Return how far the record goes."""
        recorded_at, frontier = self._state()
        return Head(frontier.size, recorded_at, frontier.root)

    def append(
        self,
        chains: Sequence[Sequence[Entry]],
        *,
        at: int | None = None,
        recorded_at: Sequence[str] | None = None,
    ) -> list[list[Result]]:
        """Record chains of entries in one transaction: of each chain all or nothing.

        Raises ValueError, with nothing recorded, for texts, numbers and moments that no store
        can hold.
        """
        _require_texts(chains)
        count = sum(map(len, chains))
        if recorded_at is not None and len(recorded_at) != count:
            raise ValueError(f"{len(recorded_at)} moments for {count} entries")
        for moment in recorded_at or ():
            parsed(moment)
        with self.database.writing():
            last, frontier = self._state()
            moments = rising_moments(last, count) if recorded_at is None else recorded_at
            verdict = judge(
                chains, _OnRecord(self), size=frontier.size, moments=moments, last=last, at=at
            )
            numbers = self._record(verdict.accepted, frontier) if verdict.accepted else {}
        self._numbers.update(numbers)
        return verdict.results

    def load(self, batch: Batch) -> Head:
        """Record a batch in a record that is empty; return how far it goes then.

        Raises ValueError, with nothing recorded, where the record is not empty, postings do not
        hold, or an entry is nothing that a store can hold.
        """
        if fault := batch.fault():
            raise ValueError(fault)
        with self.database.writing():
            last, frontier = self._state()
            if frontier.size:
                raise ValueError("the record is not empty")
            moments = rising_moments(last, len(batch))
            self._numbered(batch.accounts, fresh=True)
            rows = zip(
                range(1, len(batch) + 1), batch.ids, moments, batch.kinds, batch.effective,
                batch.bodies(moments), strict=True,
            )  # fmt: skip
            while chunk := list(islice(rows, _CHUNK)):
                part = [(*row, None, _plain(body), leaf_hash(body)) for *row, body in chunk]
                self.database.insert("entry", _ENTRY_COLUMNS, part)
                frontier = frontier.extended([row[-1] for row in part])
            columns = (batch.entry + 1, batch.numbers, batch.account + 1, batch.quantity, batch.day)
            self.database.insert(
                "posting", _POSTING_COLUMNS, zip(*(c.tolist() for c in columns), strict=True)
            )
            for table, column, shift in (("by_day", "day", 0), ("by_span", "span", 5)):
                sums = ((account + 1, span, units) for account, span, units in batch.sums(shift))
                self.database.insert(table, ("account", column, "quantity"), sums)
            self._set_head(frontier, moments[-1])
        return Head(frontier.size, moments[-1], frontier.root)

    def restore(self, recorded: Sequence[Recorded]) -> None:
        """Take over entries of another store as they stand there, after those that are here."""
        with self.database.writing():
            _, frontier = self._state()
            if [each.seq for each in recorded[:1]] != [frontier.size + 1]:
                raise ValueError(f"entry {frontier.size + 1} comes next")
            numbers = self._record(recorded, frontier)
        self._numbers.update(numbers)

    def entry(self, id: str) -> Recorded | None:  # noqa: A002 - the word of the ledger
        """Return the entry of that id, or None."""
        rows = self.database.query("SELECT body FROM entry WHERE id = ?", id)
        return parse_recorded(rows[0][0].encode()) if rows else None

    def entries(self, first: int = 1, last: int | None = None) -> Iterator[Recorded]:
        """Yield the entries from `first` to `last` (None: the end), as they stand."""
        return map(parse_recorded, self.bodies(first, last))

    def bodies(self, first: int = 1, last: int | None = None) -> Iterator[bytes]:
        """Yield the canonical JSON of the entries from `first` to `last`."""
        sql = "SELECT seq, body FROM entry WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?"
        last = self.head().size if last is None else last
        while rows := self.database.query(sql, first, last, _CHUNK):
            yield from [body.encode() for _, body in rows]
            first = rows[-1][0] + 1

    def leaves(self, last: int | None = None) -> Iterator[bytes]:
        """Yield the leaf hashes of the first `last` entries (None: of all)."""
        sql = "SELECT seq, leaf FROM entry WHERE seq >= ? AND seq <= ? ORDER BY seq LIMIT ?"
        first, last = 1, self.head().size if last is None else last
        while rows := self.database.query(sql, first, last, _CHUNK):
            yield from [bytes(leaf) for _, leaf in rows]
            first = rows[-1][0] + 1

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of the store."""
        self.close()

    def size_at(self, moment: str) -> int:
        """Return how many entries were recorded at or before a moment (a day, or a time in UTC).

        Raises UsageError where it is neither.
        """
        rows = self.database.query(
            "SELECT seq FROM entry WHERE recorded_at <= ? ORDER BY recorded_at DESC LIMIT 1",
            last_moment_of(moment),
        )
        return rows[0][0] if rows else 0

    def balances(
        self, *, size: int | None = None, as_of: date | None = None
    ) -> Mapping[Account, int]:
        """Return what each account held on the effective day `as_of`, by the first `size` entries.

        None is the end of time, and the whole record. Accounts at zero are left out.
        """
        day = date.max.toordinal() if as_of is None else as_of.toordinal()
        if size is None:
            rows = self.database.query(_HEAD_BALANCES, day, day, day)
        elif size < self.head().size // 2:
            rows = self.database.query(_PAST_BALANCES, size, day)
        else:
            rows = self.database.query(_LATE_PAST_BALANCES, day, day, day, size, day)
        return {Account(*row[:4]): row[4] for row in rows}

    def backup(self, path: str) -> None:
        """Write a consistent copy to a new file of SQLite, while others append.

        Raises UsageError where there is such a file already.
        """
        from earmark.stores.backups import write_backup

        write_backup(self, path)

    def close(self) -> None:
        """Let go of the store."""
        self.database.close()

    def _state(self) -> tuple[str | None, Frontier]:
        ((size, recorded_at, hashes),) = self.database.query(
            "SELECT size, recorded_at, frontier FROM head"
        )
        starts = range(0, len(hashes), HASH_BYTES)
        return recorded_at, Frontier(
            size, tuple(bytes(hashes[at : at + HASH_BYTES]) for at in starts)
        )

    def _record(self, accepted: Sequence[Recorded], frontier: Frontier) -> dict[Account, int]:
        """Write entries that were accepted; return the numbers of the accounts they post to."""
        accounts: dict[Account, int] = {}
        places = [
            accounts.setdefault(posting.account, len(accounts))
            for recorded in accepted
            for posting in recorded.entry.postings
        ]
        numbers = self._numbered(list(accounts), fresh=not frontier.size)
        days: dict[int, int] = {}
        rows = _posting_rows(accepted, [numbers[account] for account in accounts], places, days)
        for start in range(0, len(accepted), _CHUNK):
            part = [_entry_row(recorded) for recorded in accepted[start : start + _CHUNK]]
            self.database.insert("entry", _ENTRY_COLUMNS, part)
            frontier = frontier.extended([row[-1] for row in part])
        self.database.insert("posting", _POSTING_COLUMNS, rows)
        self._add("by_day", "day", days)
        self._add("by_span", "span", _spans(days))
        self._set_head(frontier, accepted[-1].recorded_at)
        return numbers

    def _set_head(self, frontier: Frontier, recorded_at: str) -> None:
        hashes = b"".join(frontier.hashes)
        sql = "UPDATE head SET size = ?, recorded_at = ?, frontier = ?"
        self.database.run(sql, frontier.size, recorded_at, hashes)

    def _add(self, table: str, column: str, sums: Mapping[int, int]) -> None:
        """Add sums to those on record."""
        rows = ((key >> _DAY_BITS, key & _DAY_MASK, sums[key]) for key in sorted(sums))
        self.database.add(table, ("account", column, "quantity"), rows)

    def _numbered(self, accounts: Sequence[Account], *, fresh: bool) -> dict[Account, int]:
        """Return the number of each account; new ones go on record, in a fresh one all."""
        numbers = {} if fresh else self.numbers(accounts)
        new = [account for account in accounts if account not in numbers]
        if new:
            ((count,),) = self.database.query("SELECT COALESCE(MAX(account), 0) FROM account")
            numbers.update(zip(new, range(count + 1, count + len(new) + 1), strict=True))
            rows = [(numbers[a], a.state, a.holder, a.product, a.place) for a in new]
            self.database.insert("account", _ACCOUNT_COLUMNS, rows)
        return numbers

    def numbers(self, accounts: Collection[Account]) -> dict[Account, int]:
        """Return the numbers of those accounts that are on record."""
        known = self._numbers
        numbers = {account: known[account] for account in accounts if account in known}
        keys = [[a.state, a.holder, a.product, a.place] for a in accounts if a not in known]
        for part in _parts(keys):
            for number, *key in self.database.query(
                "SELECT a.account, a.state, a.holder, a.product, a.place"
                f" FROM {self.database.dialect.items} JOIN account a ON a.state = j.value->>0"
                " AND a.holder = j.value->>1 AND a.product = j.value->>2"
                " AND a.place = j.value->>3",
                part,
            ):
                numbers[Account(*key)] = number
        return numbers

    def named(self, column: str, texts: Collection[str], wanted: str) -> Iterator[Row]:
        """Yield what is wanted of the entries whose `column` is among `texts`."""
        sql = (
            f"SELECT {wanted} FROM {self.database.dialect.items}"
            f" JOIN entry e ON e.{column} = j.value->>0"
        )
        for part in _parts([[text] for text in texts]):
            yield from self.database.query(sql, part)


class _OnRecord:
    """What is on record, for judging."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def recorded(self, ids: Collection[str]) -> Mapping[str, Recorded]:
        rows = self.store.named("id", ids, "e.id, e.body")
        return {id_: parse_recorded(body.encode()) for id_, body in rows}

    def corrected(self, ids: Collection[str]) -> Collection[str]:
        return [row[0] for row in self.store.named("corrects", ids, "e.corrects")]

    def levels(self, since: Mapping[Account, date]) -> Mapping[Account, Level]:
        numbers = self.store.numbers(since)
        accounts = {number: account for account, number in numbers.items()}
        levels = {account: Level() for account in numbers}
        keys = [[number, since[a].toordinal()] for a, number in numbers.items()]
        sql = _LEVELS.format(items=self.store.database.dialect.items)
        for part in _parts(keys):
            for number, day, quantity in self.store.database.query(sql, part, part, part):
                level = levels[accounts[number]]
                if day is None:
                    level.before += quantity
                else:
                    level.changes[date.fromordinal(day)] = quantity
        return levels


_ENTRY_COLUMNS = ("seq", "id", "recorded_at", "kind", "effective", "corrects", "body", "leaf")
_POSTING_COLUMNS = ("seq", "n", "account", "quantity", "effective")
_ACCOUNT_COLUMNS = ("account", "state", "holder", "product", "place")

_NUMBER, _DAY = "CAST(j.value->>0 AS BIGINT)", "CAST(j.value->>1 AS BIGINT)"

_LEVELS = f"""
SELECT d.account, d.day, d.quantity
    FROM {{items}} JOIN by_day d ON d.account = {_NUMBER} AND d.day >= {_DAY}
UNION ALL
SELECT s.account, NULL, CAST(SUM(s.quantity) AS BIGINT)
    FROM {{items}} JOIN by_span s ON s.account = {_NUMBER} AND s.span < {_DAY} >> 5
    GROUP BY s.account
UNION ALL
SELECT d.account, NULL, CAST(SUM(d.quantity) AS BIGINT)
    FROM {{items}} JOIN by_day d ON d.account = {_NUMBER}
        AND d.day >= ({_DAY} >> 5) << 5 AND d.day < {_DAY}
    GROUP BY d.account
"""

# One short search per account: a scan of all days takes ten times as long.
_HEAD_SUMS = """
SELECT a.account, COALESCE((
    SELECT SUM(s.quantity) FROM by_span s
    WHERE s.account = a.account AND s.span < CAST(? AS BIGINT) >> 5
), 0) + COALESCE((
    SELECT SUM(d.quantity) FROM by_day d
    WHERE d.account = a.account AND d.day >= (CAST(? AS BIGINT) >> 5) << 5 AND d.day <= ?
), 0) AS quantity
FROM account a
"""

_PAST_SUMS = "SELECT account, {sign}quantity FROM posting WHERE seq {side} ? AND effective <= ?"

_WITH_ACCOUNTS = """
SELECT a.state, a.holder, a.product, a.place, CAST(s.quantity AS BIGINT)
FROM ({sums}) AS s
JOIN account a ON a.account = s.account
WHERE s.quantity <> 0
"""

_ADDED = "SELECT account, SUM(quantity) AS quantity FROM ({sums}) AS parts GROUP BY account"

_HEAD_BALANCES = _WITH_ACCOUNTS.format(sums=_HEAD_SUMS)

_PAST_BALANCES = _WITH_ACCOUNTS.format(
    sums=_ADDED.format(sums=_PAST_SUMS.format(sign="", side="<="))
)

_LATE_PAST_BALANCES = _WITH_ACCOUNTS.format(
    sums=_ADDED.format(sums=f"{_HEAD_SUMS} UNION ALL {_PAST_SUMS.format(sign='-', side='>')}")
)
"""What stands today, less what came later: quicker for the later half of a record."""


def _entry_row(recorded: Recorded) -> Row:
    entry, body = recorded.entry, recorded.body
    return (
        recorded.seq,
        entry.id,
        recorded.recorded_at,
        entry.kind,
        entry.effective.toordinal(),
        entry.corrects,
        body.decode(),
        leaf_hash(body),
    )


def _posting_rows(
    accepted: Sequence[Recorded],
    numbers: Sequence[int],
    places: Sequence[int],
    days: dict[int, int],
) -> Iterator[Row]:
    """Yield the rows of all postings, and add them up in `days` on the way.

    `places` says for each posting which of `numbers` its account has.
    """
    place = iter(places)
    for recorded in accepted:
        seq = recorded.seq
        for n, posting in enumerate(recorded.entry.postings, start=1):
            number, day = numbers[next(place)], posting.effective.toordinal()
            key = number << _DAY_BITS | day
            days[key] = days.get(key, 0) + posting.quantity
            yield seq, n, number, posting.quantity, day


def _spans(days: Mapping[int, int]) -> dict[int, int]:
    spans: dict[int, int] = {}
    for key, quantity in days.items():
        span = key >> _DAY_BITS << _DAY_BITS | (key & _DAY_MASK) >> 5
        spans[span] = spans.get(span, 0) + quantity
    return spans


def _plain(body: bytes) -> str:
    """Return the text of a body; ValueError where a store cannot hold it."""
    if holds_nul(body):
        raise ValueError("a text holds a NUL character")
    return body.decode()


def _require_texts(chains: Sequence[Sequence[Entry]]) -> None:
    """Raise ValueError where entries are named by what is no text to every database."""
    for entry in joined.from_iterable(chains):
        for text in (entry.id, entry.corrects or ""):
            if not text.isascii():
                text.encode()
            if "\0" in text:
                raise ValueError(f"{text!a} holds a NUL character")


def _parts(items: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _CHUNK):
        yield list(items[start : start + _CHUNK])
