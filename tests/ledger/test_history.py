"""The history against the fold and the book: what counts on each day, and what gave way to what."""

from datetime import date, timedelta

from books import book
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.ledger.concerning import Concern, concerning, ids_of
from earmark.ledger.entries import Change, Entry, Recorded, document_of
from earmark.ledger.folding import fold
from earmark.ledger.history import differences, history_of_book, history_of_record

START = date(2024, 1, 1)
DAYS = [START + timedelta(days=i) for i in range(12)]
STATED, RECORDED = DAYS[:9], DAYS[6:]
"""Days that rows say they were known on, and days of recording: some may be both."""


@st.composite
def records(draw) -> list[Recorded]:
    """Return entries about few rows: new ones, later versions, corrections and drops."""
    entries = []
    for seq in range(1, draw(st.integers(1, 14)) + 1):
        lot = draw(st.sampled_from("ab"))
        drop = draw(st.integers(0, 9)) == 0
        cells = {"lot": lot}
        if not drop:
            cells |= {"quantity": str(draw(st.integers(1, 9))), "date": "2024-05-01"}
            if draw(st.booleans()):
                cells["known"] = draw(st.sampled_from(STATED)).isoformat()
        day = RECORDED[min(seq // 3, len(RECORDED) - 1)]
        change = Change("lots", cells, drop)
        entry = Entry(id=f"e{seq}", kind="row", effective=START, changes=(change,))
        entries.append(Recorded(seq, f"{day}T00:00:00.{seq:06d}Z", entry))
    return entries


@settings(max_examples=400)
@given(records())
def test_what_counts_is_what_the_fold_says(entries):
    """On each day known, the events that count are the rows of the folded book as known then."""
    history = history_of_record(entries)
    versions = fold(map(document_of, entries)).rows.get("lots", {})
    for day in (*DAYS, None):
        known: dict[str, dict[str, str]] = {}
        for (key, _), version in sorted(versions.items(), key=lambda one: one[1].cells["known"]):
            if day is None or version.cells["known"] <= day.isoformat():
                known[key[0]] = dict(version.cells)
        counted = [
            event
            for event in history.events
            if (day is None or event.known <= day) and event.counts_on(day)
        ]
        assert known == {event.key[0]: dict(event.cells) for event in counted}
        assert len(known) == len(counted)


@settings(max_examples=200)
@given(records())
def test_nothing_is_left_out_and_only_the_last_has_no_successor(entries):
    """Every entry is an event, whatever became of it; a row's version that counts now is one."""
    history = history_of_record(entries)
    assert [entry.seq for entry in entries] == sorted(event.number for event in history.events)
    open_ended = [e.row for e in history.events if e.successor is None and not e.drop]
    assert set(history.latest) == set(open_ended)
    assert len(history.latest) == len(open_ended)


def test_a_book_from_files_has_the_same_history_as_its_rows():
    """Each version but the last is replaced from the day on which the next became known."""
    lots = [
        {"lot": "l", "quantity": quantity, "date": "2024-05-01", "known": day}
        for quantity, day in ((300, "2024-03-01"), (100, "2024-01-01"), (200, "2024-02-01"))
    ]
    history = history_of_book(book(lots=lots))
    assert [("100", None), ("200", "100"), ("300", "200")] == [
        (event.cells["quantity"], event.before and event.before["quantity"])
        for event in history.events
    ]
    ends = [event.successor and event.successor.known.isoformat() for event in history.events]
    assert ["2024-02-01", "2024-03-01", None] == ends
    assert [3, 4, 2] == [event.number for event in history.events]  # rows of the file
    first = history.events[0]
    assert history.since(first, date(2024, 1, 31)) is history.latest[first.row]
    assert history.since(first, date(2024, 2, 1)) is None


def test_a_drop_stands_beside_what_it_takes_out():
    """The removal of a row has the effective day and the cells of the row."""
    row = Change("lots", {"lot": "l", "date": "2024-05-01", "quantity": "8"})
    gone = Change("lots", {"lot": "l"}, drop=True)
    entries = [
        Recorded(1, "2024-01-01T00:00:00.000000Z", _entry("lots/l", "row", row)),
        Recorded(2, "2024-01-02T00:00:00.000000Z", _entry("drop/lots/l", "drop", gone)),
    ]
    there, taken = history_of_record(entries).events
    assert (date(2024, 5, 1), "8", True) == (taken.effective, taken.cells["quantity"], taken.drop)
    assert there.successor is not None
    assert ("dropped", entries[1]) == (there.successor.how, there.successor.entry)
    assert (False, False) == (there.counts_on(None), there.counts_on(date(2024, 1, 1)))


def test_when_a_version_became_known_is_no_difference():
    """Two versions differ in what they say, not in when it was learned."""
    before = {"lot": "l", "quantity": "8", "known": "2024-01-01"}
    after = {"lot": "l", "quantity": "9", "known": "2024-02-01", "note": "more"}
    found = [(one.column, one.before, one.after) for one in differences(before, after)]
    assert [("quantity", "8", "9"), ("note", "", "more")] == found
    assert () == differences(before, {**before, "known": "2024-02-01"})


MOVES = [
    {"move": "e1", "kind": "earmark", "lot": "l1", "order": "o1", "quantity": 4},
    {"move": "e2", "kind": "earmark", "lot": "l2", "order": "o2", "quantity": 4},
    {"move": "r1", "kind": "redirect", "order": "o1", "to_order": "o3", "quantity": 4},
    {"move": "r2", "kind": "redirect", "order": "o3", "to_order": "o4", "quantity": 4,
     "in_return_for": "e2"},
    {"move": "p", "kind": "opening", "party": "b", "product": "gpu", "site": "s", "quantity": 1},
]  # fmt: skip
BOOK = book(
    parties=[{"party": "a"}, {"party": "b"}],
    sites=[{"site": "s"}, {"site": "t"}],
    readiness=[{"site": "s", "units": 9}, {"site": "t", "units": 9}],
    lots=[{"lot": "l1", "quantity": 9}, {"lot": "l2", "quantity": 9}],
    orders=[
        {"order": "o1", "site": "t", "quantity": 9},
        {"order": "o2", "party": "b", "quantity": 9},
        {"order": "o3", "quantity": 9},
        {"order": "o4", "party": "b", "quantity": 9, "evidence": "E1"},
    ],
    moves=MOVES,
    claims=[{"claim": "c", "party": "b", "metric": "units", "target": 1, "evidence": "E2"}],
    evidence=[{"evidence": "E1"}, {"evidence": "E2"}, {"evidence": "E3"}],
)
EVENTS = history_of_book(BOOK).events


def test_without_a_name_it_is_what_happens():
    """Moves and claims; with everything, every row."""
    assert {"e1", "e2", "r1", "r2", "p", "c"} == _named(Concern())
    assert len(EVENTS) == len(concerning(EVENTS, Concern(), everything=True))


def test_an_order_brings_its_moves_lots_and_site():
    """And the evidence of what is shown, but not that of other rows."""
    assert {"o1", "e1", "r1", "l1", "t"} == _named(Concern(order="o1"))
    assert {"o4", "r2", "e2", "l2", "c", "E1", "E2"} == _named(Concern(order="o4"))


def test_a_lot_is_followed_through_redirects_without_a_lot():
    """Units of it may have gone on with a redirect that takes from any lot of the order."""
    assert {"l1", "e1", "r1", "r2", "e2"} == _named(Concern(lot="l1"))


def test_a_move_brings_those_tied_to_it():
    """With what they name."""
    assert {"e2", "r2", "l2", "o2", "o3", "o4", "E1"} == _named(Concern(move="r2"))


def test_a_party_and_a_site():
    """A party has its orders' moves and what it runs; a site what stands at it."""
    assert {"b", "o2", "o4", "e2", "r2", "p", "c", "E1", "E2"} == _named(Concern(party="b"))
    assert {"s", "p"} == _named(Concern(site="s"))


def test_several_names_narrow_to_what_concerns_each():
    """Evidence is that of what is left."""
    assert {"o4", "e2", "r2", "c", "E1", "E2"} == _named(Concern(party="b", order="o4"))
    assert {"p"} == _named(Concern(party="b", site="s"))


def test_ids_are_found_where_there_is_no_table():
    """A book without a table of sites still names some."""
    events = history_of_book(book(orders=[{"order": "o", "party": "x", "site": "y"}])).events
    assert ({"x"}, {"y"}) == (ids_of(events, "party"), ids_of(events, "site"))


def _named(concern: Concern) -> set[str]:
    return {event.key[0] for event in concerning(EVENTS, concern, everything=False)}


def _entry(name: str, kind: str, *changes: Change) -> Entry:
    return Entry(id=name, kind=kind, effective=START, changes=changes)
