"""Random moves on a record, on both clocks, as a state machine that hypothesis drives."""

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from earmark.recording import Row
from soaking.drawing import Drawing, base, chains, days, knowns
from soaking.trial import Opened, Trial


class RecordMachine(RuleBasedStateMachine):
    """A record on trial."""

    opened: Opened
    counts: ClassVar[Counter[str]] = Counter()
    """What became of what was tried, over all runs of a class."""
    trial: Trial | None = None

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[list[Row], bool]] = []

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Take in a book of a few lots and orders."""
        type(self).counts["runs"] += 1
        self.trial = Trial(type(self).opened, type(self).counts, seed)
        self.trial.take_in(base())

    def teardown(self) -> None:
        """Ask all again, and let go of the record."""
        if self.trial is not None:
            self.trial.close()

    @rule(data=st.data(), known=knowns, correct=st.booleans())
    def move(self, data: Any, known: str | None, correct: bool) -> None:
        """Record one move, of any kind, on any day, perhaps under an id that is taken."""
        self._say([self._drawing(data).move(known)], correct=correct)

    @rule(data=st.data(), known=knowns, later=st.booleans(), correct=st.booleans())
    def swap(self, data: Any, known: str | None, later: bool, correct: bool) -> None:
        """Record two redirects that are tied, as one entry."""
        self._say(self._drawing(data).swap(known, later=later), correct=correct)

    @rule(data=st.data(), known=knowns, correct=st.booleans())
    def version(self, data: Any, known: str | None, correct: bool) -> None:
        """Record another version of a lot or an order, known earlier or later than others."""
        self._say([self._drawing(data).version(known)], correct=correct)

    @rule(data=st.data(), correct=st.booleans())
    def drop(self, data: Any, correct: bool) -> None:
        """Take a row out, and perhaps say another in its place, in one entry."""
        self._say(self._drawing(data).drop(), correct=correct)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def repeat(self, data: Any) -> None:
        """Say again what was said."""
        rows, correct = data.draw(st.sampled_from(self.said))
        self._say(rows, correct=correct)

    @rule(data=st.data(), count=st.integers(1, 3))
    def take_in(self, data: Any, count: int) -> None:
        """Import a folder that says a few moves besides what it said at first."""
        drawing = self._drawing(data)
        rows = {}
        for _ in range(count):
            row = drawing.move(data.draw(days))
            rows[row.cells["move"], row.cells["known"]] = row
        note(f"{self._trial.now:%d. %H:%M} import {[dict(row.cells) for row in rows.values()]}")
        self._trial.take_in([*base(), *rows.values()])

    @rule(chains=chains, behind=st.one_of(st.none(), st.none(), st.integers(0, 1)))
    def append(self, chains: Any, behind: int | None) -> None:
        """Hand chains to the store itself: sound, unbalanced, overdrawn, stale or repeated ones."""
        self._trial.append(chains, behind)

    @rule(hours=st.integers(-40, 60))
    def wait(self, hours: int) -> None:
        """Let time pass, or set the clock back, as it happens to clocks."""
        self._trial.now += timedelta(hours=hours)

    def _say(self, rows: list[Row], *, correct: bool) -> None:
        words = [("drop " if row.drop else "") + row.table + f" {dict(row.cells)}" for row in rows]
        note(f"{self._trial.now:%d. %H:%M} {'correct' if correct else 'say'} {words}")
        if self._trial.say(rows, correct=correct) == "recorded":
            self.said = [*self.said, (rows, correct)][-5:]

    @property
    def _trial(self) -> Trial:
        assert self.trial is not None
        return self.trial

    def _drawing(self, data: Any) -> Drawing:
        return Drawing(data, self._trial.twin)


def run(opened: Opened, runs: int, steps: int, **options: Any) -> Counter[str]:
    """Run the machine on stores that `opened` gives; return what became of what was tried."""

    class Machine(RecordMachine):
        counts: ClassVar[Counter[str]] = Counter()

    Machine.opened = staticmethod(opened)
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **options,
    )
    run_state_machine_as_test(Machine, settings=chosen)
    return Machine.counts
