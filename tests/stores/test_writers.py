"""Several processes that append and read at once."""

from itertools import pairwise

import pytest
from ledger_entries import LOT, SUPPLY, move
from soaking.writers import write_and_read_at_once

from earmark.stores import open_store
from earmark.stores.verification import verify

WRITERS, APPENDS = 4, 500


def test_writers_at_once_leave_one_sound_record(store, address):
    """4 processes by 500 appends, a tenth repeated: no gap, no duplicate, strict order, verified.

    A reader at work all the while sees only whole prefixes and is never turned away.
    """
    store.append([[move("in", SUPPLY, LOT, 100_000, "2024-01-01")]])
    written, sizes = write_and_read_at_once(address, WRITERS, APPENDS)
    assert sizes
    assert sizes == sorted(sizes)
    recorded = list(store.entries(2))
    assert list(range(2, WRITERS * APPENDS + 2)) == [each.seq for each in recorded]
    assert all(one.recorded_at < other.recorded_at for one, other in pairwise(recorded))
    told = {id_: seq for answers in written for id_, seq in answers}
    assert told == {each.entry.id: each.seq for each in recorded}
    assert 100_000 - WRITERS * APPENDS == store.balances()[LOT]
    assert () == verify(address).findings


def test_a_known_moment_is_stable(store, address):
    """C10: what was recorded by the last moment on record does not change while others write."""
    other = open_store(address)
    with other.database.writing():
        size = store.head().size
        before = dict(store.balances(size=size))
    other.append([[move("a", SUPPLY, LOT, 12_000, "2024-01-01")]])
    store.append([[move("b", SUPPLY, LOT, 5, "2024-01-01")]])
    assert before == dict(store.balances(size=size)) == {}
    moment = store.head().recorded_at
    answer = dict(store.balances(size=store.size_at(moment)))
    other.append([[move("c", SUPPLY, LOT, 7, "2024-01-01")]])
    assert {SUPPLY: -12_005, LOT: 12_005} == answer
    assert answer == dict(store.balances(size=store.size_at(moment)))
    other.close()


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_a_reader_goes_on_while_a_writer_holds_the_lock(store, address):
    """Readers are not kept waiting by a writer, and see what was recorded before it."""
    store.append([[move("a", SUPPLY, LOT, 1, "2024-01-01")]])
    other = open_store(address)
    with other.database.writing():
        other.database.run("UPDATE head SET recorded_at = recorded_at")
        assert 1 == store.head().size
        assert {SUPPLY: -1, LOT: 1} == dict(store.balances())
    other.close()
