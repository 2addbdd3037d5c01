"""Books into stores and back, rows on record, and what is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark
from raw_books import TOML, write_folder

from earmark.codes import RECORD_CODES
from earmark.ledger.checkpoints import Checkpoint, Note
from earmark.ledger.tree import leaf_hash, root_of
from earmark.stores import open_store

BOOKS = sorted(path for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return the address of a store that is not there yet."""
    return f"sqlite:///{tmp_path}/book.db"


@pytest.fixture
def quickstart(address: str) -> str:
    """Return the address of a store that holds the quickstart book."""
    assert 0 == run_earmark("import", EXAMPLES / "quickstart", "--into", address)[0]
    return address


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_store_answers_byte_for_byte_as_the_files_that_went_in(book, command, address):
    """Plan and check print the same document of a folder and of the store that took it in."""
    run_earmark("import", book, "--into", address)
    assert run_earmark(command, book, "--json") == run_earmark(command, address, "--json")


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_importing_again_adds_nothing(book, address):
    """Every entry of a repeated import is on record already."""
    first = read_json("import", book, "--into", address)
    again = read_json("import", book, "--into", address)
    assert {"recorded"} == {row["result"] for row in first["results"]}
    assert {"exists"} == {row["result"] for row in again["results"]}
    assert first["size"] == again["size"] == len(again["results"])


def test_an_export_restores_the_record_itself(quickstart, tmp_path):
    """Corrections, moments and order come back: the restored record has the same root."""
    _move(quickstart, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    _move(quickstart, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=16",
          "--correct")  # fmt: skip
    assert 0 == run_earmark("export", quickstart, tmp_path / "out")[0]
    other = f"sqlite:///{tmp_path}/other.db"
    done = read_json("import", tmp_path / "out", "--into", other)
    assert (_head(quickstart).size, _head(quickstart)) == (done["restored"], _head(other))
    assert run_earmark("plan", quickstart, "--json") == run_earmark("plan", other, "--json")
    assert run_earmark("plan", tmp_path / "out", "--json") == run_earmark("plan", other, "--json")


def test_a_changed_export_is_not_restored(quickstart, tmp_path):
    """An entry that does not lead to the checkpoint is refused, and nothing is recorded."""
    run_earmark("export", quickstart, tmp_path / "out")
    lines = (tmp_path / "out/record.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "out/record.jsonl").write_text("".join(lines[:-1]))
    other = f"sqlite:///{tmp_path}/other.db"
    [problem] = find_problems("import", tmp_path / "out", "--into", other)
    assert "E432" == problem["code"]
    assert not (tmp_path / "other.db").exists()


def test_what_is_refused_leaves_the_record_as_it_was(quickstart):
    """Unknown, contradicting, overdrawn and malformed rows are named, and nothing is added."""
    _move(quickstart, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    before = _head(quickstart)
    for cells, code in (
        (("move=m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=9"), "E430"),
        (("move=m2", "kind=earmark", "lot=mrach", "order=lab-run", "quantity=8"), "E210"),
        (("move=m2", "kind=earmark", "lot=march", "order=lab-run", "quantity=8GPUs"), "E102"),
        (("move=m2", "kind=earmark", "lot=march", "order=lab-run", "quantity=90000"), "E321"),
        (("move=m2", "kidn=earmark"), "E201"),
    ):
        date = "date=2027-03-05"
        problems = find_problems("record", quickstart, "move", date, *cells)
        assert code in {problem["code"] for problem in problems}
        assert before == _head(quickstart)


def test_a_row_is_corrected_only_on_request_and_both_stay(quickstart):
    """The correction names what it corrects; the book as recorded before has the old row."""
    _move(quickstart, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    size = _head(quickstart).size
    _move(quickstart, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=16",
          "--correct")  # fmt: skip
    with open_store(quickstart) as store:
        entry = next(store.entries(size + 1)).entry
    assert ("moves/m-new#2", "moves/m-new") == (entry.id, entry.corrects)
    assert _pegged(quickstart, "--recorded", str(size)) + 8 == _pegged(quickstart)


def test_a_dropped_row_is_gone_from_the_book_and_stays_on_record(quickstart):
    """drop=yes takes a row out; dropped again adds nothing; recorded again, it is back."""
    cells = ("kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    before = _pegged(quickstart)
    _move(quickstart, "m-new", *cells)
    for _ in range(2):
        assert 0 == run_earmark("record", quickstart, "move", "move=m-new", "drop=yes")[0]
        assert before == _pegged(quickstart)
    _move(quickstart, "m-new", *cells)
    assert before + 8 == _pegged(quickstart)
    [problem] = find_problems("record", quickstart, "move", "move=nothing", "drop=yes")
    assert "E290" == problem["code"]


def test_rows_with_a_plus_between_are_one_entry(quickstart):
    """A swap is recorded whole or not at all."""
    size = _head(quickstart).size
    one = ("move", "move=a", "kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    two = ("move", "move=b", "kind=earmark", "lot=march", "order=lab-run", "quantity=90000")
    date = "date=2027-03-05"
    find_problems("record", quickstart, *one, date, "+", *two, date)
    assert size == _head(quickstart).size
    good = (*two[:-1], "quantity=16")
    assert 0 == run_earmark("record", quickstart, *one, date, "+", *good, date)[0]
    assert size + 1 == _head(quickstart).size


def test_a_moment_after_the_last_entry_is_answered_as_of_it_and_says_so(quickstart):
    """--recorded and --known beyond the record warn; a folder has no record to ask."""
    last = read_json("check", quickstart)
    for words in (("--recorded", "2999-01-01"), ("--known", "2999-01-01"), ("--recorded", "9999")):
        document = read_json("check", quickstart, *words)
        assert [*last["warnings"], "W608"] == [
            *(warning for warning in document["warnings"] if warning["code"] != "W608"),
            *(warning["code"] for warning in document["warnings"] if warning["code"] == "W608"),
        ]
        assert last["book"] == document["book"]
    find_problems("check", EXAMPLES / "quickstart", "--recorded", "3", code=2)


def test_a_redirect_is_recorded_once_however_often_it_is_said(quickstart):
    """The same line has the same id; the store holds its moves as one entry."""
    size = _head(quickstart).size
    book = read_json("plan", quickstart)
    pegs = _moves(quickstart)
    peg = next(move for move in pegs if move["kind"] == "earmark")
    other = next(row["order"] for row in book["orders"] if row["order"] != peg["order"])
    line = ("redirect", quickstart, "--from", peg["order"], "--to", other, "--quantity", "8",
            "--record", "--by", "planner")  # fmt: skip
    first, again = read_json(*line), read_json(*line)
    assert ["recorded"] == [row["result"] for row in first["recorded"]["results"]]
    assert ["exists"] == [row["result"] for row in again["recorded"]["results"]]
    assert size + 1 == _head(quickstart).size


def test_a_redirect_pools_units_or_takes_none(tmp_path, address):
    """Published case: exactly 100 from orders with 40, 40 and 21 takes 40, 40, 20; of 99 none."""
    for units, code in ((21, 0), (19, 1)):
        orders = {"a1": 40, "a2": 40, "a3": units, "a6": 100}
        files = {
            "book.toml": TOML,
            "products.csv": "product\nh100\n",
            "lots.csv": "lot,product,date,quantity\nl,h100,2024-01-01,200\n",
            "orders.csv": "order,party,product,quantity,due\n"
            + "".join(f"{name},a,h100,{number},2024-01-01\n" for name, number in orders.items()),
            "moves.csv": "move,kind,date,quantity,lot,order\n"
            + "".join(
                f"m-{name},earmark,2024-01-01,{number},l,{name}\n"
                for name, number in list(orders.items())[:3]
            ),
        }
        folder = write_folder(tmp_path / str(units), files)
        store = f"{address}{units}"
        run_earmark("import", folder, "--into", store)
        before = _head(store)
        line = ("redirect", store, "--from", "a1,a2,a3", "--to", "a6", "--quantity", "100")
        assert code == run_earmark(*line, "--record")[0]
        taken = [move["quantity"] for move in _moves(store) if move["kind"] == "redirect"]
        assert taken == (["40", "40", "20"] if code == 0 else [])
        assert (before == _head(store)) is bool(code)


def _move(address: str, move: str, *words: str) -> None:
    done = run_earmark("record", address, "move", f"move={move}", "date=2027-03-05", *words)
    assert 0 == done[0], done


def _head(address):
    with open_store(address) as store:
        return store.head()


def _moves(address: str) -> list[dict[str, str]]:
    return [row for row in _rows(address) if "move" in row]


def _rows(address: str) -> list[dict[str, str]]:
    with open_store(address) as store:
        return [
            dict(change.cells) for recorded in store.entries() for change in recorded.entry.changes
        ]


def _pegged(address: str, *words: str) -> int:
    """Return the units that are pegged to an order in all, as the accounts have them."""
    size = int(words[1]) if words else None
    with open_store(address) as store:
        balances = store.balances(size=size)
    return sum(units for account, units in balances.items() if account.state == "earmarked")


def test_every_code_of_records_is_produced(quickstart, tmp_path, address):
    """Each code of a record is explained, and something here produces it."""
    empty = f"sqlite:///{tmp_path}/empty.db"
    with open_store(empty, create=True):
        pass
    first = next(row["known"] for row in _rows(quickstart) if row.get("party") == "maker")
    found = {
        *codes_of("check", empty),
        *codes_of("record", quickstart, "party", "party=maker", "name=Another", f"known={first}"),
        *codes_of("record", quickstart, "move", "move=hold-feed", "kind=ship", "drop=yes"),
    }
    assert {"E422"} <= found <= set(RECORD_CODES)


def codes_of(*words: str | Path) -> list[str]:
    """Return the codes that a command which must not succeed names."""
    return [problem["code"] for problem in find_problems(*words)]


def test_a_restored_record_keeps_its_name(quickstart, tmp_path):
    """A checkpoint that was kept of the first record holds for the one restored from an export."""
    kept = tmp_path / "kept"
    run_earmark("checkpoint", quickstart, "-o", kept)
    run_earmark("export", quickstart, tmp_path / "out")
    other = f"sqlite:///{tmp_path}/other.db"
    run_earmark("import", tmp_path / "out", "--into", other)
    assert 0 == run_earmark("verify", other, "--checkpoint", kept)[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"recorded_at":"2', b'"recorded_at":"9'),
        (b'"quantity":"80"', b'"quantity":"81"'),
    ],
)
def test_entries_that_do_not_hold_are_not_restored(quickstart, tmp_path, old, new):
    """Dated ahead or with other units: refused, though the checkpoint fits."""
    run_earmark("export", quickstart, tmp_path / "out")
    lines = (tmp_path / "out/record.jsonl").read_bytes().splitlines()
    place = max(i for i, line in enumerate(lines) if old in line)
    lines[place] = lines[place].replace(old, new)
    note = Note(Checkpoint("forged", len(lines), root_of(map(leaf_hash, lines))))
    (tmp_path / "out/record.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (tmp_path / "out/record.checkpoint").write_text(note.text)
    other = tmp_path / "other.db"
    assert ["E432"] == codes_of("import", tmp_path / "out", "--into", f"sqlite:///{other}")
    assert not other.exists()


def test_a_record_that_lives_takes_no_entries_of_another(quickstart, tmp_path):
    """What is added to a record is judged as it is added, not taken over from a file."""
    run_earmark("export", quickstart, tmp_path / "before")
    longer = f"sqlite:///{tmp_path}/longer.db"
    run_earmark("import", tmp_path / "before", "--into", longer)
    _move(longer, "m-new", "kind=earmark", "lot=march", "order=lab-run", "quantity=8")
    run_earmark("export", longer, tmp_path / "after")
    head = _head(quickstart)
    assert ["E432"] == codes_of("import", tmp_path / "after", "--into", quickstart)
    assert head == _head(quickstart)


def test_a_refused_import_leaves_no_store_behind(tmp_path, address):
    """A book with mistakes is refused before a store is made."""
    folder = write_folder(tmp_path / "bad", {"book.toml": TOML, "lots.csv": "lot,product\nl,h\n"})
    assert 1 == run_earmark("import", folder, "--into", address)[0]
    assert not (tmp_path / "book.db").exists()


def test_another_programs_file_is_left_as_it_is(tmp_path):
    """A database that is no store is refused, and not a byte of it changes."""
    place = tmp_path / "other.db"
    with closing(sqlite3.connect(place)) as database:
        database.execute("CREATE TABLE notes (text)")
        database.commit()
    before = place.read_bytes()
    for words in (("log", f"sqlite:///{place}"), ("import", EXAMPLES / "quickstart", "--into",
                                                  f"sqlite:///{place}")):  # fmt: skip
        assert 0 != run_earmark(*words)[0]
        assert before == place.read_bytes()


def test_news_in_a_book_that_is_still_to_start_counts(quickstart):
    """What does not say when it became known is known from the start of the book at least."""
    cells = ("order", "order=maker-cars", "party=maker", "product=h100", "due=2027-03-01")
    [problem] = find_problems("record", quickstart, *cells, "quantity=100")
    assert "E430" == problem["code"]
    assert 0 == run_earmark("record", quickstart, *cells, "quantity=100", "--correct")[0]
    quantities = {row["order"]: row["quantity"] for row in read_json("plan", quickstart)["orders"]}
    assert 100 == quantities["maker-cars"]


def test_one_entry_says_a_row_once(quickstart):
    """Two rows of one key in one entry are refused, as in a file."""
    row = ("move", "move=e1", "kind=earmark", "date=2027-03-08", "lot=march", "order=lab-run")
    problems = codes_of("record", quickstart, *row, "quantity=1", "+", *row, "quantity=5")
    assert ["E204"] == problems


def test_an_overdraft_is_told_of_the_row_that_brings_it(quickstart):
    """Also where, in the order of the day, an entry on record is the one that falls short."""
    row = ("kind=earmark", "date=2027-03-08", "lot=march", "order=lab-run")
    _move(quickstart, "x", *row[:1], *row[2:], "quantity=1")
    size = _head(quickstart).size
    problems = find_problems("record", quickstart, "move", "move=a", *row, "quantity=1000")
    assert {size + 1} == {problem["row"] for problem in problems}
