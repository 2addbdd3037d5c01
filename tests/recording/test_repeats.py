"""Rows that are said again: corrected apart, dropped and said anew, under clocks that go back."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from earmark.ledger.entries import Change
from earmark.recording import Row, Word, record
from earmark.recording.additions import add
from earmark.stores import open_store

SETTINGS = {"title": "A book", "currency": "USD", "start": "2024-01-01", "end": "2025-01-01"}
LOT = {"lot": "l1", "product": "gpu", "date": "2024-01-05", "quantity": "100"}
ORDERS = [
    {"order": order, "party": "p", "product": "gpu", "quantity": "50", "due": "2024-01-05"}
    for order in ("o1", "o2")
]
EARMARK = {"kind": "earmark", "date": "2024-01-10", "lot": "l1", "order": "o1"}


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


class Record:
    """A record of one lot and two orders, and the clock by which it is kept."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.now = datetime(2024, 2, 1, 12)  # noqa: DTZ001 - in UTC
        clock.time_ns = lambda: round((self.now - _EPOCH).total_seconds()) * 10**9
        rows = [("lots", LOT), *(("orders", order) for order in ORDERS)]
        changes = [[Change(table, {**cells, "known": "2024-01-01"})] for table, cells in rows]
        settings = [Change("book", {"key": key, "value": text}) for key, text in SETTINGS.items()]
        add(store, [settings, *changes], self.word)

    @property
    def word(self):
        return Word(today=self.now.date())

    def say(self, *moves, drop=False, correct=False):
        """Record moves as one entry; return what became of it."""
        rows = [Row("moves", move, drop) for move in moves]
        word = Word(today=self.now.date(), correct=correct)
        (result,) = record(self.store, rows, word).results
        return result.code, result.id

    def corrects(self):
        """Return which entry corrects which."""
        entries = [recorded.entry for recorded in self.store.entries()]
        return {entry.id: entry.corrects for entry in entries if entry.corrects}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    clock = SimpleNamespace()
    monkeypatch.setattr("earmark.stores.moments.time", clock)
    with open_store(f"sqlite:///{tmp_path}/book.db", create=True) as store:
        yield Record(store, clock)


def move(name, quantity, **cells):
    return {"move": name, **EARMARK, "quantity": str(quantity), **cells}


def test_rows_of_one_entry_are_corrected_apart(kept):
    """Each row of an entry can be corrected and dropped by itself: the last one is corrected."""
    kept.say(move("m1", 5), move("m2", 5))
    assert ("recorded", "moves/m2#2") == kept.say(move("m2", 6), correct=True)
    assert ("recorded", "moves/m1#2") == kept.say(move("m1", 7), correct=True)
    assert ("recorded", "drop/moves/m2#2") == kept.say({"move": "m2"}, drop=True)
    assert ("recorded", "drop/moves/m1#2") == kept.say({"move": "m1"}, drop=True)
    assert {
        "moves/m2#2": "moves/m1",
        "moves/m1#2": "moves/m2#2",
        "drop/moves/m2#2": "moves/m1#2",
        "drop/moves/m1#2": "drop/moves/m2#2",
    } == kept.corrects()


def test_rows_of_one_entry_are_dropped_apart(kept):
    """Rows of one entry, each dropped by an entry of its own, are both gone."""
    kept.say(move("m1", 5), move("m2", 5))
    assert ("recorded", "drop/moves/m1") == kept.say({"move": "m2"}, drop=True)
    assert ("recorded", "drop/moves/m1#2") == kept.say({"move": "m1"}, drop=True)


def test_what_was_dropped_can_be_said_again_on_a_later_day(kept):
    """It is on record anew; the entry that held it before does not pass for it."""
    kept.say(move("m1", 5))
    kept.say({"move": "m1"}, drop=True)
    kept.now += timedelta(days=1)
    assert ("recorded", "moves/m1#2") == kept.say(move("m1", 5))
    assert ("exists", "moves/m1#2") == kept.say(move("m1", 5))


def test_what_stands_is_not_recorded_again_with_what_is_new(kept):
    """Of several rows those that are on record stay as they are, and only the others are added."""
    kept.say(move("m1", 5))
    assert ("recorded", "moves/m2") == kept.say(move("m1", 5), move("m2", 6))
    assert {} == kept.corrects()
    (entry,) = (one.entry for one in kept.store.entries(6))
    assert ["m2"] == [change.cells["move"] for change in entry.changes]


def test_rows_are_judged_as_of_the_day_on_which_they_are_recorded(kept):
    """Where the clock went back, that is the day of the last entry, not the clock's."""
    kept.now += timedelta(days=2)
    kept.say(move("m1", 5))
    kept.now -= timedelta(days=2)
    # Known on the clock's day, it is another version, and not what is said now.
    kept.say(move("m2", 5, known="2024-02-01"))
    assert ("recorded", "moves/m2") == kept.say(move("m2", 6))
    assert "2024-02-03" == kept.store.head().recorded_at[:10]
