"""What every store does, in SQLite and in PostgreSQL alike."""

from datetime import date
from itertools import pairwise

import pytest
from ledger_entries import LOT, SUPPLY, move, order

from earmark.errors import SurroundingsError, UsageError
from earmark.ledger.entries import Account, Change, Entry, Posting, parse_recorded
from earmark.ledger.tree import EMPTY_ROOT, leaf_hash, root_of
from earmark.stores import Store, open_store

WORLD = Account("supply", "world", "coins")


def codes(results):
    return [[result.code for result in chain] for chain in results]


def record(store: Store, *entries: Entry, **options):
    results = store.append([entries], **options)
    assert all(result.fine for chain in results for result in chain), results
    return results


def test_a_new_store_is_empty(store):
    """A record begins with no entries, no moment and the root of the empty tree."""
    head = store.head()
    assert (head.size, head.recorded_at, head.root) == (0, None, EMPTY_ROOT)
    assert list(store.entries()) == []
    assert dict(store.balances()) == {}


def test_what_was_recorded_is_read_again(store, address):
    """Entries come back as they were recorded, whole, in their order, also by another reader."""
    entry = Entry(
        id="orders/ö 1",
        kind="row",
        effective=date(2024, 2, 29),
        by="sales",
        authority="memo 7",
        approvals=("a1", "a2"),
        reason='a "reason"\nin two lines \\ with \x7f and \x01',
        evidence=("e1",),
        facts={"override": "yes"},
        changes=(
            Change("orders", {"order": "o1", "quantity": "5"}),
            Change("moves", {"move": "m"}, drop=True),
        ),
    )
    record(store, entry)
    record(store, move("a", SUPPLY, LOT, 5, "2024-01-01"))
    other = open_store(address)
    first, second = other.entries()
    assert entry == first.entry
    assert (1, 2) == (first.seq, second.seq)
    assert first == other.entry("orders/ö 1")
    assert other.entry("nothing") is None
    assert [second.body] == list(other.bodies(2))
    assert [first.body] == list(other.bodies(1, 1))
    assert root_of([leaf_hash(first.body), leaf_hash(second.body)]) == other.head().root
    assert second.recorded_at == other.head().recorded_at
    assert store.origin == other.origin
    other.close()


def test_balances_on_effective_days(store):
    """C1: a balance on a day is the sum of what is effective by then, whatever the order."""
    user1, user2 = (Account("received", name, "coins") for name in ("user1", "user2"))
    bank = Account("received", "bank", "coins")
    moves = (
        (8, WORLD, user1, 100),
        (9, WORLD, user2, 125),
        (10, user1, user2, 75),
        (11, WORLD, user1, 175),
        (12, user2, bank, 50),
        (13, user2, user1, 100),
        (14, user1, bank, 150),
    )
    record(
        store,
        *[move(f"m{day}", a, b, n, f"2024-01-{day:02}") for day, a, b, n in reversed(moves)],
    )
    assert {user1: 150, user2: 50, bank: 200, WORLD: -400} == dict(store.balances())
    assert {user1: 25, user2: 200, WORLD: -225} == dict(store.balances(as_of=date(2024, 1, 10)))
    noon = store.balances(as_of=date(2024, 1, 12))
    assert (200, 150) == (noon[user1], noon[user2])


def test_a_bad_count_and_its_correction(store):
    """C2: a correction changes what is known from then on; the error stays on record."""
    stock = Account("received", "shop", "crystals", "shelf")
    source = Account("opened", "shop", "crystals", "shelf")
    steps = (
        ("2013-01-01", 100),
        ("2013-02-01", 150),
        ("2014-02-28", -200),
        ("2014-04-01", 9949),
        ("2014-05-15", -9899),
    )
    for number, (day, units) in enumerate(steps, start=1):
        corrects = "t4" if number == 5 else None
        entry = move(f"t{number}", source, stock, units, day, corrects)
        record(store, entry, recorded_at=[f"{day}T12:00:00.000000Z"])
    known = [store.balances(size=store.size_at(day))[stock] for day, _ in steps]
    assert [100, 250, 50, 9999, 100] == known
    assert 9999 == store.balances(size=store.size_at("2014-05-14"))[stock]
    assert ["t4"] == [r.entry.corrects for r in store.entries() if r.entry.corrects]


def test_a_change_dated_ahead(store):
    """C3: what is recorded now and effective later counts from its effective day on."""
    london, bank = (Account("received", name, "bikes", "dock") for name in ("London", "Bank"))
    record(
        store,
        move("in", Account("opened", "world", "bikes"), london, 1, "2019-11-18"),
        recorded_at=["2019-11-18T00:00:00.000000Z"],
    )
    record(
        store,
        move("move", london, bank, 1, "2025-09-01"),
        recorded_at=["2025-08-13T00:00:00.000000Z"],
    )

    def held(known, as_of):
        balances = store.balances(size=store.size_at(known), as_of=date.fromisoformat(as_of))
        return {account.holder for account, units in balances.items() if units > 0}

    assert {"London"} == held("2025-08-12", "2025-12-01")
    assert {"London"} == held("2025-08-20", "2025-08-20")
    assert {"Bank"} == held("2025-08-20", "2025-12-01")


@pytest.mark.parametrize(("last", "fine"), [(21, True), (19, False)])
def test_a_chain_is_taken_whole_or_not_at_all(store, last, fine):
    """C6: 100 units pooled from three accounts, or a refusal that changes nothing."""
    sources = [Account("earmarked", f"o{n}", "H100", "l1") for n in (1, 2, 3)]
    for account, units in zip(sources, (40, 40, last), strict=True):
        record(store, move(f"in {account.holder}", SUPPLY, account, units, "2024-01-01"))
    before, balances = store.head(), dict(store.balances())
    chain = [
        move(f"take {account.holder}", account, order("o6"), units, "2024-01-02")
        for account, units in zip(sources, (40, 40, 20), strict=True)
    ]
    results = store.append([chain])
    if fine:
        assert [["recorded"] * 3] == codes(results)
        held = store.balances()
        assert (100, 1) == (held[order("o6")], held[sources[2]])
        return
    assert [["linked_entry_failed", "linked_entry_failed", "below_zero"]] == codes(results)
    assert results[0][2].message.startswith("1 short on 2024-01-02: ")
    assert before == store.head()
    assert balances == dict(store.balances())
    assert [None] * 3 == [store.entry(entry.id) for entry in chain]


def test_repeats_add_nothing(store):
    """C9: the same entry again answers `exists`, another one of its id says what differs."""
    record(store, move("in", SUPPLY, LOT, 9, "2024-01-01"))
    entry = move("a", LOT, order("o1"), 5, "2024-01-02")
    record(store, entry)
    head = store.head()
    ((again,),) = store.append([[entry]])
    assert ("exists", 2) == (again.code, again.seq)
    others = {
        "quantity": move("a", LOT, order("o1"), 4, "2024-01-02"),
        "effective": move("a", LOT, order("o1"), 5, "2024-01-03"),
        "account": move("a", LOT, order("o2"), 5, "2024-01-02"),
        "reason": move("a", LOT, order("o1"), 5, "2024-01-02", reason="another"),
    }
    for field, other in others.items():
        ((result,),) = store.append([[other]])
        assert (f"exists_with_different_{field}", 2) == (result.code, result.seq)
    assert head == store.head()


def test_repeats_among_new_entries(store):
    """Repeats inside one call count once; a chain of old and new entries adds the new ones."""
    first, second = (move(f"m{n}", SUPPLY, LOT, n, "2024-01-01") for n in (1, 2))
    third = move("m3", LOT, order("o1"), 3, "2024-01-01")
    results = store.append([[first], [first, second, second], [first, third]])
    assert [
        ["recorded"],
        ["exists", "recorded", "exists"],
        ["exists", "recorded"],
    ] == codes(results)
    assert [[1], [1, 2, 2], [1, 3]] == [[result.seq for result in chain] for chain in results]
    assert {SUPPLY: -3, order("o1"): 3} == dict(store.balances())


@pytest.mark.parametrize(
    "postings",
    [
        [(SUPPLY, -5, 1), (LOT, 4, 1)],
        [(SUPPLY, -5, 1), (LOT, 5, 2)],
        [(SUPPLY, -5, 1), (Account("supplied", "l1", "B200"), 5, 1)],
    ],
    ids=["in sum", "by day", "by product"],
)
def test_unbalanced_entries_are_refused(store, postings):
    """C9: postings sum to zero for each product on each effective day, not only overall."""
    entry = Entry(
        id="x",
        kind="move",
        effective=date(2024, 1, 1),
        postings=tuple(Posting(a, units, date(2024, 1, day)) for a, units, day in postings),
    )
    assert [["linked_entry_failed", "unbalanced"]] == codes(
        store.append([[move("fine", SUPPLY, LOT, 1, "2024-01-01"), entry]])
    )
    assert 0 == store.head().size


def test_moments_do_not_fall(store):
    """C9: an entry dated at or before the last one on record is refused."""
    first, second = (move(f"m{n}", SUPPLY, LOT, 1, "2024-01-01") for n in (1, 2))
    moment = "2024-06-01T00:00:00.000000Z"
    record(store, first, recorded_at=[moment])
    for earlier in (moment, "2024-05-31T23:59:59.999999Z"):
        ((result,),) = store.append([[second]], recorded_at=[earlier])
        assert "recorded_at_must_not_regress" == result.code
    assert 1 == store.head().size


def test_moments_are_written_in_one_way(store):
    """A moment that is given is UTC to the microsecond, so that moments sort as texts."""
    entry = move("a", SUPPLY, LOT, 1, "2024-01-01")
    for wrong in ("2024-06-01", "2024-06-01T00:00:00Z", "2024-06-01T00:00:00.000000+00:00", "now"):
        with pytest.raises(ValueError, match=r"moment|isoformat"):
            store.append([[entry]], recorded_at=[wrong])
    with pytest.raises(ValueError, match="0 moments for 1"):
        store.append([[entry]], recorded_at=[])
    assert 0 == store.head().size


def test_moments_rise_whatever_the_clock_says(store):
    """The store dates entries after the last one, also if that one is in the future."""
    record(
        store,
        move("m1", SUPPLY, LOT, 1, "2024-01-01"),
        recorded_at=["2999-12-31T23:59:59.999999Z"],
    )
    record(store, *[move(f"m{n}", SUPPLY, LOT, 1, "2024-01-01") for n in (2, 3)])
    assert ["3000-01-01T00:00:00.000000Z", "3000-01-01T00:00:00.000001Z"] == [
        recorded.recorded_at for recorded in store.entries(2)
    ]


def test_an_overdraft_is_found_on_later_days(store):
    """A backdated move is refused for the day on which units would be short, not for today."""
    record(store, move("in1", SUPPLY, LOT, 1000, "2024-01-01"))
    record(store, move("out", LOT, order("o1"), 900, "2024-02-01"))
    record(store, move("in2", SUPPLY, LOT, 5000, "2024-03-01"))
    head = store.head()
    ((result,),) = store.append([[move("x", LOT, order("o2"), 200, "2024-01-15")]])
    assert "below_zero" == result.code
    assert result.message.startswith("100 short on 2024-02-01: ")
    assert "lot l1" in result.message
    assert head == store.head()
    record(store, move("x", LOT, order("o2"), 100, "2024-01-15"))
    assert 5000 == store.balances()[LOT]


def test_chains_are_judged_one_after_the_other(store):
    """Each chain finds what those before it left; a refused one leaves nothing behind."""
    results = store.append(
        [
            [move("in", SUPPLY, LOT, 10, "2024-01-01")],
            [move("a", LOT, order("o1"), 7, "2024-01-02")],
            [move("b", LOT, order("o2"), 4, "2024-01-02")],
            [move("c", LOT, order("o3"), 3, "2024-01-02")],
            [move("d", LOT, order("o4"), 1, "2024-01-01")],
        ]
    )
    assert [["recorded"], ["recorded"], ["below_zero"], ["recorded"], ["below_zero"]] == codes(
        results
    )
    assert {SUPPLY: -10, order("o1"): 7, order("o3"): 3} == dict(store.balances())


def test_a_chain_may_take_before_it_gives(store):
    """A chain is judged as a whole: what one entry lacks another of it may bring."""
    chain = [
        move("take", LOT, order("o1"), 5, "2024-01-01"),
        move("give", SUPPLY, LOT, 5, "2024-01-01"),
    ]
    record(store, *chain)
    late = [
        move("take2", LOT, order("o1"), 5, "2024-01-01"),
        move("give2", SUPPLY, LOT, 5, "2024-01-02"),
    ]
    assert [["below_zero", "linked_entry_failed"]] == codes(store.append([late]))


def test_corrections_name_what_they_correct_once(store):
    """A correction needs an entry on record, or of its chain, that nothing corrected before."""
    record(store, move("a", SUPPLY, LOT, 1, "2024-01-01"))
    back = move("b", LOT, SUPPLY, 1, "2024-01-01", corrects="a")
    assert [["corrects_unknown"]] == codes(
        store.append([[move("c", SUPPLY, LOT, 1, "2024-01-01", corrects="z")]])
    )
    again = move("c", SUPPLY, LOT, 1, "2024-01-01", corrects="a")
    assert [["recorded"], ["corrects_corrected"]] == codes(store.append([[back], [again]]))
    assert [["corrects_corrected"]] == codes(store.append([[again]]))
    record(store, move("d", SUPPLY, LOT, 1, "2024-01-01", corrects="b"))


def test_entries_for_another_state_are_stale(store):
    """With `at`, entries are recorded only on the record that they were made for."""
    first, second, third = (move(f"m{n}", SUPPLY, LOT, 1, "2024-01-01") for n in (1, 2, 3))
    record(store, first, at=0)
    assert [["stale"]] == codes(store.append([[second]], at=0))
    assert [["exists"]] == codes(store.append([[first]], at=0))
    assert [["recorded"], ["recorded"]] == codes(store.append([[second], [third]], at=1))


def test_past_answers_do_not_change(store):
    """Balances of the first entries are what they were, however many were recorded since."""
    answers = []
    for number in range(1, 30):
        day = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
        record(store, move(f"in{number}", SUPPLY, LOT, number, day))
        record(store, move(f"out{number}", LOT, order(f"o{number % 5}"), number, day))
        answers.append(dict(store.balances(as_of=date(2024, 6, 15))))
    sizes = range(2, 60, 2)
    assert answers == [dict(store.balances(size=size, as_of=date(2024, 6, 15))) for size in sizes]


def test_moments_are_days_or_times(store):
    """The size at a moment counts what was recorded at or before it: a day counts to its end."""
    moments = ["2024-06-01T00:00:00.000000Z", "2024-06-01T23:59:59.999999Z"]
    moments.append("2024-06-02T00:00:00.000000Z")
    entries = [move(f"m{n}", SUPPLY, LOT, 1, "2024-01-01") for n in (1, 2, 3)]
    record(store, *entries, recorded_at=moments)
    asked = ("2024-05-31", "2024-06-01", "2024-06-02", "2024-06-01T00:00:00Z", moments[1])
    assert [0, 2, 3, 1, 2] == [store.size_at(moment) for moment in asked]
    assert 2 == store.size_at("2024-06-02T01:59:59.999999+02:00")
    for wrong in ("yesterday", "2024-13-01", "9999-12-32"):
        with pytest.raises(UsageError):
            store.size_at(wrong)
    assert 3 == store.size_at("9999-12-31")


def test_rows_cannot_be_changed(store):
    """C9: entries, postings and accounts can only be added to."""
    record(store, move("a", SUPPLY, LOT, 1, "2024-01-01"))
    for table, column in (("entry", "kind"), ("posting", "quantity"), ("account", "holder")):
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(Exception, match=f"{table} is append-only"):
                store.database.run(change)


def test_auditors_read_postings_in_words(store):
    """The views show days as days and accounts in words."""
    entry = move("a", SUPPLY, LOT, 7, "2024-02-29", reason="why not")
    record(store, entry)
    rows = store.database.query(
        "SELECT seq, id, state, holder, quantity, effective FROM postings ORDER BY quantity"
    )
    assert [
        (1, "a", "supply", "l1", -7, "2024-02-29"),
        (1, "a", "supplied", "l1", 7, "2024-02-29"),
    ] == [(*row[:5], str(row[5])) for row in rows]
    ((day, reason),) = store.database.query("SELECT effective, reason FROM entries")
    assert ("2024-02-29", "why not") == (str(day), reason)
    outset = Posting(LOT, 0, date.min)
    record(store, Entry(id="b", kind="move", effective=date.min, postings=(outset,)))
    ((day,),) = store.database.query("SELECT effective FROM postings WHERE seq = 2")
    assert "0001-01-01" == str(day)


@pytest.mark.parametrize("text", ["half \ud800", "nul \0"], ids=["surrogate", "nul"])
def test_what_cannot_be_written_is_refused_whole(store, text):
    """A text that no database holds alike is refused, and nothing of its call is recorded."""
    fine = move("a", SUPPLY, LOT, 1, "2024-01-01")
    account = Account("supplied", text, "H100")
    for entry in (
        move("b", SUPPLY, LOT, 1, "2024-01-01", reason=text),
        move(text, SUPPLY, LOT, 1, "2024-01-01"),
        move("c", SUPPLY, account, 1, "2024-01-01"),
        move("d", SUPPLY, LOT, 1, "2024-01-01", corrects=text),
    ):
        with pytest.raises(ValueError, match=r"surrogate|NUL|cannot hold"):
            store.append([[fine], [entry]])
    assert 0 == store.head().size
    record(store, fine)


def test_long_chains_ask_little(store):
    """Thousands of entries are judged with a number of questions that does not grow with them."""
    record(store, move("in", SUPPLY, LOT, 10_000, "2024-01-01"))
    asked = []
    query = store.database.query
    store.database.query = lambda sql, *values: asked.append(sql) or query(sql, *values)
    counts = []
    for count in (10, 5000):
        start = len(asked)
        record(
            store,
            *[
                move(f"{count}-{n}", LOT, order(f"o{n % 50}"), 1, "2024-01-02")
                for n in range(count)
            ],
        )
        counts.append(len(asked) - start)
    assert counts[0] == counts[1]
    del store.database.query


def test_bodies_are_numbered_and_dated_in_order(store):
    """Entries are numbered without gaps, and their moments rise."""
    for start in range(0, 30, 3):
        record(store, *[move(f"m{start + n}", SUPPLY, LOT, 1, "2024-01-01") for n in range(3)])
    recorded = [parse_recorded(body) for body in store.bodies()]
    assert list(range(1, 31)) == [each.seq for each in recorded]
    assert all(one.recorded_at < other.recorded_at for one, other in pairwise(recorded))


def test_a_store_that_may_only_be_read_is_read(tmp_path, monkeypatch):
    """Who may write neither the file nor its folder reads the record, and cannot add to it."""
    address = f"sqlite:///{tmp_path}/book.db"
    with open_store(address, create=True) as store:
        store.append([[move("e1", SUPPLY, LOT, 8, "0001-01-01")]])
        head = store.head()
    monkeypatch.setattr("earmark.stores.sqlite._only_readable", lambda path: True)
    with open_store(address) as store:
        assert head == store.head()
        with pytest.raises(SurroundingsError):
            store.append([[move("e2", SUPPLY, LOT, 8, "0001-01-01")]])
    (tmp_path / "book.db-wal").touch()
    with pytest.raises(SurroundingsError, match="being written to"):
        open_store(address)
