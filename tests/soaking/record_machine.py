"""Random moves on a record, on both clocks: what every step must leave true.

After each step the store is compared with a `Twin`, which keeps rows and nothing else, and with
plain sums over all postings that were ever seen. Answers that were given once are asked again.
"""

import random
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from raw_books import csv_text

from earmark.errors import BookError
from earmark.ledger.entries import Account
from earmark.recording import Row, Word, export_book, import_book, record
from earmark.stores import open_store
from earmark.tables import read_book
from soaking.court import Court, coin_entry
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

BASE = [
    *(
        Row("lots", {"lot": lot, "product": product, "date": day, "quantity": units})
        for lot, product, day, units in (
            ("a", "gpu", "2024-01-05", "100"),
            ("b", "gpu", "2024-01-20", "60"),
            ("c", "tpu", "2024-01-10", "50"),
        )
    ),
    *(
        Row(
            "orders",
            {"order": order, "party": party, "product": product, "quantity": units}
            | {"due": "2024-02-01"}
            | ({"site": site} if site else {}),
        )
        for order, party, product, site, units in (
            ("o1", "p", "gpu", "s1", "80"),
            ("o2", "q", "gpu", "s1", "70"),
            ("o3", "p", "gpu", "s2", "50"),
            ("o4", "q", "tpu", "", "40"),
            ("o5", "p", "tpu", "s1", "30"),
        )
    ),
]

_DAYS = [date(2024, 1, 1) + timedelta(days=days) for days in (0, 4, 9, 10, 15, 20, 31, 45, 60)]
_coin_entries = st.builds(
    coin_entry,
    name=st.integers(0, 30),
    postings=st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 9), st.integers(0, 4), st.integers(0, 9)),
        max_size=3,
    ),
    corrects=st.one_of(st.none(), st.none(), st.none(), st.integers(0, 30)),
)
_PLACES = [("p", "gpu", "s1"), ("p", "gpu", "s2"), ("q", "gpu", "s1"), ("q", "tpu", "")]
_PRODUCT = {"a": "gpu", "b": "gpu", "c": "tpu"}
_ORDERS = {"gpu": ("o1", "o2", "o3"), "tpu": ("o4", "o5")}

days = st.sampled_from([day.isoformat() for day in _DAYS])
knowns = st.one_of(st.none(), st.none(), days)
_KINDS = (
    *("earmark", "earmark", "earmark", "ship", "receive", "activate", "release"),
    *("redirect", "redirect", "opening", "transfer", "retire"),
)

Opened = Callable[[], AbstractContextManager[str]]


class RecordMachine(RuleBasedStateMachine):
    """A record and its twin; `opened` gives the address of a new store."""

    opened: Opened
    counts: Counter[str] = Counter()
    """What became of what was tried, over all runs of a class."""

    def __init__(self) -> None:
        super().__init__()
        self.story = type(self).story = []
        self.undo: list[Callable[[], Any]] = []
        self.folder = Path(tempfile.mkdtemp(prefix="earmark-soak-", dir=memory()))
        self.undo.append(lambda: shutil.rmtree(self.folder))
        self.now = datetime(2024, 2, 1, 12)
        self._patch()
        lease = type(self).opened()
        self.address = lease.__enter__()
        self.undo.append(lambda: lease.__exit__(None, None, None))
        self.store: Any = open_store(self.address, create=True)
        self.undo.append(self.store.close)
        self.twin = Twin()
        self.bodies: list[bytes] = []
        self.postings: list[Posted] = []
        self.answers: list[tuple[tuple[Any, ...], Any]] = []
        self.groups: list[tuple[list[Row], bool]] = []
        self.court = Court()
        self.files = self.names = 0

    def teardown(self) -> None:
        """Ask all again, verify, and restore the record elsewhere; then let go of it."""
        try:
            if self.bodies:
                self._finish()
        finally:
            for step in reversed(self.undo):
                step()

    # What is tried

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Take in a book of a few lots and orders, all known from its start."""
        self.chance = random.Random(seed)
        self._import([Row(row.table, {**row.cells, "known": SETTINGS["start"]}) for row in BASE])

    @rule(data=st.data(), known=knowns, correct=st.booleans())
    def move(self, data: Any, known: str | None, correct: bool) -> None:
        """Record one move, of any kind, on any day, perhaps under an id that is taken."""
        self._record([self._move(data, known)], correct=correct)

    @rule(data=st.data(), known=knowns, later=st.booleans())
    def swap(self, data: Any, known: str | None, later: bool) -> None:
        """Record two redirects that are tied, as one entry; they may lie days apart."""
        product = data.draw(st.sampled_from(("gpu", "tpu")))
        one, other = data.draw(st.permutations(_ORDERS[product]))[:2]
        pegs = [
            peg for order in (one, other) for peg in self._pegs("redirect") if peg[1] == order
        ] or [("a" if product == "gpu" else "c", one, 1)]
        day, first = max(data.draw(days), data.draw(days)), self._id(data)
        lot, order, units = data.draw(st.sampled_from(pegs))
        rows = []
        for name, tie in ((first, ""), (self._id(data), first)):
            to_order = other if order == one else one
            cells = {"move": name, "kind": "redirect", "date": day, "quantity": str(units)}
            cells |= {"order": order, "to_order": to_order, "in_return_for": tie}
            cells |= {"lot": lot} if data.draw(st.booleans()) else {}
            rows.append(Row("moves", _given({**cells, "known": known or ""})))
            day, order = data.draw(days) if later else day, to_order
            back = [peg for peg in pegs if peg[1] == order] or [(lot, order, units)]
            lot = data.draw(st.sampled_from(back))[0]
        if rows[0].cells["move"] != rows[1].cells["move"]:
            self._record(rows, correct=data.draw(st.booleans()))

    @rule(data=st.data(), known=knowns, correct=st.booleans())
    def version(self, data: Any, known: str | None, correct: bool) -> None:
        """Record another version of a lot or an order, known earlier or later than others."""
        row = data.draw(st.sampled_from(BASE))
        change = {"quantity": str(int(row.cells["quantity"]) + data.draw(st.integers(-20, 40)))}
        if row.table == "lots":
            change["date"] = data.draw(days)
        self._record([Row(row.table, _given({**row.cells, **change, "known": known or ""}))],
                     correct=correct)  # fmt: skip

    @precondition(lambda self: self._moves())
    @rule(data=st.data())
    def drop(self, data: Any) -> None:
        """Take a row out, and perhaps say another in its place, in one entry."""
        taken = sorted({row["move"] for row in self._moves()})
        name = "m99" if data.draw(st.integers(0, 9)) == 0 else data.draw(st.sampled_from(taken))
        rows = [Row("moves", {"move": name}, drop=True)]
        if data.draw(st.integers(0, 9)) == 0:
            lot = data.draw(st.sampled_from(("a", "b", "c")))
            rows = [Row("lots", {"lot": lot}, drop=True)]
        elif data.draw(st.booleans()):
            rows.append(self._move(data, None))
            rows = rows if data.draw(st.booleans()) else rows[::-1]
        self._record(rows, correct=data.draw(st.booleans()))

    @precondition(lambda self: self.groups)
    @rule(data=st.data())
    def repeat(self, data: Any) -> None:
        """Say again what was said."""
        rows, correct = data.draw(st.sampled_from(self.groups))
        self._record(rows, correct=correct)

    @rule(data=st.data(), count=st.integers(1, 3))
    def take_in(self, data: Any, count: int) -> None:
        """Import a folder that says a few moves besides what it said at first."""
        rows = {}
        for _ in range(count):
            row = self._move(data, data.draw(days))
            rows[row.cells["move"], row.cells["known"]] = row
        self._import([*self._base(), *rows.values()])

    @rule(data=st.data(), late=st.integers(-1, 6))
    def coins(self, data: Any, late: int) -> None:
        """Hand chains of postings to the store itself: sound, unbalanced, overdrawn, repeated."""
        chains = data.draw(st.lists(st.lists(_coin_entries, min_size=1, max_size=3), max_size=3))
        at = None if late > 0 else len(self.bodies) + late
        results = self.store.append(chains, at=at)
        new = self.court.judge(chains, results, stale=late < 0)
        self._agree(new, "coins" if new else "coins refused")
        type(self).counts.update("coin " + result.code for chain in results for result in chain)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    @rule(hours=st.integers(1, 60))
    def turn_back(self, hours: int) -> None:
        """Set the clock back, as it happens to clocks."""
        self.now -= timedelta(hours=hours)

    # How it is tried

    def _record(self, rows: list[Row], *, correct: bool) -> None:
        after = self.twin.told(rows, self._recording_day(), correct=correct)
        self.story.append(
            (
                self.now.isoformat(),
                correct,
                [
                    (
                        ("DROP " if r.drop else "")
                        + r.table
                        + " "
                        + " ".join(f"{k}={v}" for k, v in r.cells.items())
                    )
                    for r in rows
                ],
                after if isinstance(after, str) else "recorded",
            )
        )
        try:
            done = record(self.store, rows, self._word(correct=correct))
        except BookError as error:
            assert "refused" == after, [problem.message for problem in error.problems]
            self._agree(0, "refused")
            type(self).counts[
                " ".join(
                    sorted(
                        {
                            f"{p.code} {p.message[:25] if p.code == 'E430' else ''} {rows[0].table} {rows[0].drop}"
                            for p in error.problems
                        }
                    )
                )
            ] += 1
            return
        assert "refused" != after, done
        (result,) = done.results
        if after == "exists":
            assert "exists" == result.code
            self._agree(0, "exists")
            return
        assert isinstance(after, Twin)
        assert "recorded" == result.code
        self.twin = after
        self.groups = [*self.groups, (rows, correct)][-5:]
        self._agree(1, "recorded")

    def _import(self, rows: Sequence[Row]) -> None:
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
        after, new = self._imported(folder, rows)
        self.story.append(
            (
                self.now.isoformat(),
                "import",
                [" ".join(f"{k}={v}" for k, v in r.cells.items()) for r in rows[8:]],
                new if after else "refused",
            )
        )
        try:
            done = import_book(folder, self.store, self._word(correct=False))
        except BookError as error:
            assert after is None, [problem.message for problem in error.problems]
            self._agree(0, "import refused")
            return
        assert after is not None, done
        self.twin = after
        self._agree(new + (not self.bodies), "imported")

    def _imported(self, folder: Path, rows: Sequence[Row]) -> tuple[Twin | None, int]:
        """Return what an import should come to, and how many of its rows are new."""
        try:
            read_book(folder)
        except BookError:
            return None, 0
        after, new = self.twin, 0
        for row in rows:
            standing = self.twin._standing(row, self._recording_day())
            if standing == "differs":
                return None, 0
            if standing == "new":
                after = after._with(row, self._recording_day())
                new += 1
        return (None if after.book is None else after), new

    def _move(self, data: Any, known: str | None) -> Row:
        """Return a move by chance: mostly one that there are units for."""
        pegged = any(account.state in ("earmarked", "shipped") for account in self.twin.held)
        kind = data.draw(st.sampled_from(_KINDS if pegged else ("earmark", "opening")))
        # What gives units is mostly early and what takes them late, or most would be refused.
        two = data.draw(days), data.draw(days)
        day = min(two) if kind in ("earmark", "opening") else max(two)
        cells = {"move": self._id(data), "kind": kind, "date": day}
        room = 60
        if kind in ("opening", "transfer", "retire"):
            party, product, site = data.draw(st.sampled_from(_PLACES))
            cells |= {"party": party, "product": product, "site": site}
            if kind == "transfer" and data.draw(st.booleans()):
                cells["to_order"] = data.draw(st.sampled_from(_ORDERS[product]))
            elif kind == "transfer":
                cells["to_site"] = data.draw(st.sampled_from(("s1", "s2", "s3")))
            if kind != "opening":
                room = self.twin.held.get(Account("active", party, product, site), 1)
        else:
            lot, order, room = data.draw(st.sampled_from(self._pegs(kind)))
            cells |= {"lot": lot, "order": order}
            if kind == "redirect":
                cells["to_order"] = data.draw(st.sampled_from(_ORDERS[_PRODUCT[lot]]))
                if data.draw(st.integers(0, 2)) == 0:
                    del cells["lot"]
        if kind == "earmark" and data.draw(st.integers(0, 3)) == 0:
            cells["until"] = data.draw(days)
        if kind in ("ship", "receive", "activate", "release"):
            drawn = [row for row in self._moves() if row["kind"] == "earmark"]
            drawn = [row for row in drawn if (row["lot"], row["order"]) == (lot, order)]
            if drawn and data.draw(st.integers(0, 2)) == 0:
                cells["draws"] = data.draw(st.sampled_from(drawn))["move"]
        most = max(1, room) + (20 if data.draw(st.integers(0, 9)) == 0 else 0)
        cells["quantity"] = str(data.draw(st.integers(1, most)))
        return Row("moves", _given({**cells, "known": known or ""}))

    def _pegs(self, kind: str) -> list[tuple[str, str, int]]:
        """Return lots and orders that a move of a kind could be of, and for how many units."""
        held = self.twin.held
        pegs = [
            (account.place, account.holder, units)
            for account, units in sorted(held.items())
            if account.state in ("earmarked", "shipped") and account.place in _PRODUCT
        ]
        if kind != "earmark" and pegs:
            return pegs
        free = {(a.state, a.holder): units for a, units in held.items()}
        return [
            (lot, order, min(free.get(("supplied", lot), 0), free.get(("demand", order), 0)))
            for lot, product in _PRODUCT.items()
            for order in _ORDERS[product]
        ]

    def _moves(self) -> list[dict[str, str]]:
        found = [one for one in self.twin.said if one.table == "moves"]
        return [{**one.cells, "move": one.key[0]} for one in found]

    def _id(self, data: Any) -> str:
        """Return an id that is new; now and then one that is taken."""
        taken = sorted({row["move"] for row in self._moves()})
        if taken and data.draw(st.integers(0, 5)) == 0:
            return str(data.draw(st.sampled_from(taken)))
        self.names += 1
        return f"m{self.names}"

    # What must be true after each step

    def _agree(self, new: int, what: str) -> None:
        type(self).counts[what] += 1
        bodies = list(self.store.bodies())
        assert self.bodies == bodies[: len(self.bodies)], "what was on record has changed"
        assert len(self.bodies) + new == len(bodies)
        self.bodies = bodies
        self.postings = postings_of_bodies(bodies)
        assert not any(sums_by_day(self.postings).values())
        assert [] == below_zero(self.postings)
        assert balances(self.postings) == self.store.balances()
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
        self._ask()

    def _ask(self) -> None:
        size = self.chance.randint(1, len(self.bodies))
        as_of = self.chance.choice((None, date.min, *_DAYS))
        question = ("balances", size, as_of)
        answer = self._answer(question)
        assert balances(self.postings, size, as_of) == answer
        self.answers.append((question, answer))
        known = self.chance.choice((None, *_DAYS))
        question = ("book", str(len(self.bodies)), known)
        answer = self._answer(question)
        if known is None:
            assert self.twin.book is not None
            assert self.twin.book.digest == answer
        self.answers.append((question, answer))
        for question, answer in self.chance.choices(self.answers, k=2):
            assert answer == self._answer(question)

    def _answer(self, question: tuple[Any, ...]) -> Any:
        what, size, day = question
        if what == "balances":
            return dict(self.store.balances(size=size, as_of=day))
        try:
            book, _ = read_book(self.address, recorded=size, known=day)
        except BookError as error:
            return [(problem.code, problem.message, problem.row) for problem in error.problems]
        return book.as_known(day).digest if day else book.digest

    def _finish(self) -> None:
        for question, answer in self.answers:
            assert answer == self._answer(question)
        assert [] == faults_of(self.store)
        export_book(self.store, self.folder / "out")
        with open_store(f"sqlite:///{self.folder}/other.db", create=True) as other:
            done = import_book(self.folder / "out", other, self._word(correct=False))
            assert len(self.bodies) == done.restored
            assert self.store.head() == other.head()

    # Odds and ends

    def _word(self, *, correct: bool) -> Word:
        return Word(today=self.now.date(), by="soak", correct=correct)

    def _recording_day(self) -> date:
        """Return the day on which the next entry will be recorded, whatever the clock says."""
        last = self.store.head().recorded_at
        return max(self.now.date(), date.fromisoformat(last[:10]) if last else date.min)

    def _base(self) -> list[Row]:
        return [Row(row.table, {**row.cells, "known": SETTINGS["start"]}) for row in BASE]

    def _patch(self) -> None:
        epoch = datetime(1970, 1, 1)
        clock = SimpleNamespace(
            time_ns=lambda: (self.now - epoch) // timedelta(microseconds=1) * 1000
        )
        patch = mock.patch("earmark.stores.moments.time", clock)
        patch.start()
        self.undo.append(patch.stop)


def _given(cells: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in cells.items() if text}


@contextmanager
def sqlite_in_memory() -> Iterator[str]:
    """Yield the address of a SQLite store in a folder that is kept in memory, if there is one."""
    with tempfile.TemporaryDirectory(prefix="earmark-soak-", dir=memory()) as folder:
        yield f"sqlite:///{folder}/store.db"
