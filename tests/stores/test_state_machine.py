"""The laws of the record under random moves, on both clocks and in both stores."""

from collections import Counter

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from postgres import ledger_of
from soaking.record_machine import RecordMachine, sqlite_in_memory

SQLITE_RUNS, POSTGRES_RUNS, STEPS = 140, 60, 30


def test_the_laws_hold_in_sqlite():
    """Whatever is tried, the record in SQLite is what its twin says, and its past stays."""

    class Machine(RecordMachine):
        opened = staticmethod(sqlite_in_memory)
        counts = Counter()

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=SQLITE_RUNS, stateful_step_count=STEPS)
    )
    print(Machine.counts)


def test_the_laws_hold_in_postgresql(postgres):
    """Whatever is tried, the record in PostgreSQL is what its twin says, and its past stays."""

    class Machine(RecordMachine):
        opened = staticmethod(lambda: ledger_of(postgres))
        counts = Counter()

    run_state_machine_as_test(
        Machine, settings=settings(max_examples=POSTGRES_RUNS, stateful_step_count=STEPS)
    )
    print(Machine.counts)
