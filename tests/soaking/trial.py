"""A record on trial beside its twin, under a clock of its own; every step is checked at once.

The store is compared with a `Twin`, which keeps rows and nothing else, and with plain sums over all
postings that were ever seen. Answers that were given once are asked again, and must stay.
"""

import random
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from raw_books import csv_text

from earmark.errors import BookError
from earmark.ledger.entries import Account, Entry, parse_recorded
from earmark.recording import Row, Word, export_book, import_book, record
from earmark.recording.exporting import RECORD_FILE
from earmark.stores import open_store
from earmark.stores.moments import parsed
from earmark.stores.verification import verify
from earmark.tables import read_book
from soaking.court import Court
from soaking.cuts import memory
from soaking.soundness import (
    Posted,
    balances,
    below_zero,
    faults_of,
    postings_of_bodies,
    sums_by_day,
)
from soaking.twin import SETTINGS, Twin

DAYS = [date(2024, 1, 1) + timedelta(days=days) for days in (0, 4, 9, 10, 15, 20, 31, 45, 60)]

Opened = Callable[[], AbstractContextManager[str]]
"""Gives the address of a new store, for as long as it is needed."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all in UTC


class Trial:
    """A new record and its twin; `counts` notes what becomes of what is tried."""

    def __init__(self, opened: Opened, counts: Counter[str], seed: int) -> None:
        self.counts, self.chance = counts, random.Random(seed)
        begun_before_its_book, self.takes_chains = self.chance.choices((True, False), k=2)
        self.now = _EPOCH + timedelta(days=19_711 if begun_before_its_book else 19_754, hours=12)
        self.twin, self.court = Twin(), Court()
        self.bodies: list[bytes] = []
        self.postings: list[Posted] = []
        self.answers: list[tuple[tuple[Any, ...], Any]] = []
        self.files = 0
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="earmark-soak-", dir=memory()))
            stack.callback(shutil.rmtree, self.folder)
            clock = SimpleNamespace(
                time_ns=lambda: round((self.now - _EPOCH).total_seconds()) * 10**9
            )
            stack.enter_context(mock.patch("earmark.stores.moments.time", clock))
            self.address = stack.enter_context(opened())
            self.store: Any = stack.enter_context(open_store(self.address, create=True))
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Ask all again, verify, and restore the record elsewhere; then let go of it."""
        with self._stack:
            for question, answer in self.answers:
                assert answer == self._answer(question)
            assert [] == faults_of(self.store)
            assert () == verify(self.address).findings
            export_book(self.store, self.folder / "out")
            with open_store(f"sqlite:///{self.folder}/other.db", create=True) as other:
                self._restore(other)
                assert self.store.head() == other.head()

    def _restore(self, other: Any) -> None:
        """Restore what was exported: by an import, or as a backup does.

        The chains of coins are in no book; an import would refuse them.
        """
        if self.court.entries:
            lines = (self.folder / "out" / RECORD_FILE).read_bytes().splitlines()
            assert self.bodies == lines
            other.restore([parse_recorded(line) for line in lines])
        else:
            self.now = max(self.now, parsed(self.store.head().recorded_at))
            done = import_book(self.folder / "out", other, self._word(correct=False))
            assert len(self.bodies) == done.restored

    # What is tried

    def say(self, rows: Sequence[Row], *, correct: bool) -> str:
        """Record rows as one entry; return what became of it: as the twin says."""
        expected = self.twin.told(rows, self._today(), correct=correct)
        try:
            (result,) = record(self.store, rows, self._word(correct=correct)).results
        except BookError as error:
            problems = [(problem.code, problem.message) for problem in error.problems]
        else:
            problems = []
        what = expected if isinstance(expected, str) else "recorded"
        assert what == ("refused" if problems else result.code), problems
        if isinstance(expected, Twin):
            self.twin = expected
        self._agree(int(what == "recorded"), what)
        return what

    def take_in(self, rows: Sequence[Row]) -> None:
        """Import a folder of rows; it is taken in whole, or not at all."""
        folder = self._written(rows)
        expected = self.twin.taken_in(rows, self._today()) if _holds(folder) else None
        try:
            import_book(folder, self.store, self._word(correct=False))
        except BookError as error:
            problems = [(problem.code, problem.message) for problem in error.problems]
        else:
            problems = []
        assert (expected is None) == bool(problems), problems
        if expected is None:
            self._agree(0, "import refused")
        else:
            new = len(set(expected.said) - set(self.twin.said))
            self.twin = expected
            self._agree(new if self.bodies else new + 1, "imported")

    def append(self, chains: Sequence[Sequence[Entry]], behind: int | None) -> None:
        """Hand chains to the store itself, made for a record of so many entries less, or any.

        Only some records take them: chains of coins are of no book.
        """
        if not self.takes_chains:
            return
        at = None if behind is None else len(self.bodies) - behind
        results = self.store.append(chains, at=at)
        new = self.court.judge(chains, results, stale=bool(behind))
        self.counts.update(f"  {result.code}" for chain in results for result in chain)
        self._agree(new, "chains appended" if new else "chains refused")

    # What must be true after each step

    def _agree(self, new: int, what: str) -> None:
        self.counts[what] += 1
        bodies = list(self.store.bodies())
        assert self.bodies == bodies[: len(self.bodies)], "what was on record has changed"
        assert len(self.bodies) + new == len(bodies)
        self.bodies = bodies
        self.postings = postings_of_bodies(bodies)
        assert not any(sums_by_day(self.postings).values())
        assert [] == below_zero(self.postings)
        assert balances(self.postings) == self.store.balances()
        self._agree_with_twin()
        self._ask()

    def _agree_with_twin(self) -> None:
        timeline: dict[tuple[Account, date], int] = defaultdict(int)
        for _, account, units, day in self.postings:
            if account.product != "coin":
                timeline[account, day] += units
        assert self.twin.timeline == {key: units for key, units in timeline.items() if units}
        held = {
            (account.state, account.holder): units
            for account, units in self.twin.held.items()
            if account.state in ("supplied", "demand")
        }
        assert self.twin.free() == held

    def _ask(self) -> None:
        size = self.chance.randint(1, len(self.bodies))
        as_of = self.chance.choice((None, date.min, *DAYS))
        answer = self._put(("balances", size, as_of))
        assert balances(self.postings, size, as_of) == answer
        assert self.twin.book is not None
        assert self.twin.book.digest == self._put(("book", str(len(self.bodies)), None))
        self._put(("book", str(size), self.chance.choice(DAYS)))
        for question, answer in self.chance.choices(self.answers, k=2):
            assert answer == self._answer(question)

    def _put(self, question: tuple[Any, ...]) -> Any:
        answer = self._answer(question)
        self.answers.append((question, answer))
        return answer

    def _answer(self, question: tuple[Any, ...]) -> Any:
        what, size, day = question
        if what == "balances":
            return dict(self.store.balances(size=size, as_of=day))
        try:
            book, _ = read_book(self.address, recorded=size, known=day)
        except BookError as error:
            return [(problem.code, problem.message, problem.row) for problem in error.problems]
        return book.as_known(day).digest if day else book.digest

    # Odds and ends

    def _word(self, *, correct: bool) -> Word:
        return Word(today=self.now.date(), by="soak", correct=correct)

    def _today(self) -> date:
        """Return the day on which what is recorded next becomes known, whatever the clock says."""
        last = self.store.head().recorded_at
        on = date.fromisoformat(last[:10]) if last else date.min
        return max(self.now.date(), on, date.fromisoformat(SETTINGS["start"]))

    def _written(self, rows: Sequence[Row]) -> Path:
        self.files += 1
        folder = self.folder / f"book{self.files}"
        folder.mkdir()
        toml = "".join(f'{key} = "{text}"\n' for key, text in SETTINGS.items())
        (folder / "book.toml").write_text(toml)
        for table in dict.fromkeys(row.table for row in rows):
            cells = [row.cells for row in rows if row.table == table]
            names = list(dict.fromkeys(name for row in cells for name in row))
            lines = [names, *([row.get(name, "") for name in names] for row in cells)]
            (folder / f"{table}.csv").write_text(csv_text(lines))
        return folder


def _holds(folder: Path) -> bool:
    try:
        read_book(folder)
    except BookError:
        return False
    return True


@contextmanager
def sqlite_in_memory() -> Iterator[str]:
    """Yield the address of a SQLite store in a folder that is kept in memory, if there is one."""
    with tempfile.TemporaryDirectory(prefix="earmark-soak-", dir=memory()) as folder:
        yield f"sqlite:///{folder}/store.db"
