"""The laws of the record under random moves, on both clocks and in both stores."""

from hypothesis import settings
from postgres import ledger_of
from soaking.record_machine import run
from soaking.trial import sqlite_in_memory

RUNS = {"sqlite": 160, "postgresql": 40}
STEPS = 30


def test_the_laws_hold_in_sqlite():
    """Whatever is tried, the record in SQLite is what its twin says, and its past stays."""
    counts = run(sqlite_in_memory, _at_least(RUNS["sqlite"]), STEPS)
    assert RUNS["sqlite"] <= counts["runs"]
    assert min(counts[what] for what in _SEEN) > 10


def test_the_laws_hold_in_postgresql(postgres):
    """Whatever is tried, the record in PostgreSQL is what its twin says, and its past stays."""
    counts = run(lambda: ledger_of(postgres), _at_least(RUNS["postgresql"]), STEPS)
    assert RUNS["postgresql"] <= counts["runs"]
    assert min(counts[what] for what in _SEEN) > 0


_SEEN = (
    *("recorded", "exists", "refused", "imported", "import refused"),
    *("chains appended", "chains refused", "  below_zero", "  unbalanced"),
)
"""What has to become of some of what is tried, or the trial says little."""


def _at_least(runs):
    """Return so many runs, or those of a profile that looks further."""
    chosen = settings.default.max_examples
    return chosen if chosen > 100 else runs
