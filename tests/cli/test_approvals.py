"""`earmark approvals` and `earmark approve`, as a user runs them."""

import shutil
from pathlib import Path

import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark
from raw_books import write_folder

CASE = EXAMPLES / "h100-redirect"
RULES = CASE / "approval.toml"

FILES = {
    "book.toml": 'title = "t"\ncurrency = "USD"\nstart = 2024-01-01\nend = 2030-01-01\n'
    '[approval]\napprovers = ["fund", "Audit committee", "Legal counsel"]\noverride = true\n',
    "parties.csv": "party\nmaker\nnet\nholder\nfund\n",
    "stakes.csv": "holder,held,percent\nholder,maker,20\nholder,net,60\nfund,holder,50\n",
    "lots.csv": "lot,product,date,quantity\nl1,h,2024-02-01,100\n",
    "orders.csv": "order,party,product,quantity,due\no1,maker,h,100,2024-02-01\n"
    "o2,net,h,100,2024-02-01\n",
    "moves.csv": "move,kind,date,quantity,lot,order\ne1,earmark,2024-02-01,100,l1,o1\n",
}


@pytest.fixture
def store(tmp_path):
    """A store of a small book in which one holder has both sides of a redirect."""
    address = f"sqlite:///{tmp_path}/ledger.db"
    code, _, err = run_earmark("import", write_folder(tmp_path / "book", FILES), "--into", address)
    assert 0 == code, err
    return address


def _redirect(store, name="r1", quantity=40, *more):
    return (
        "record", store, "move", f"move={name}", "kind=redirect", "date=2024-03-01",
        f"quantity={quantity}", "lot=l1", "order=o1", "to_order=o2", *more,
    )  # fmt: skip


def _statuses(store):
    return [case["status"] for case in read_json("approvals", store)["cases"]]


def test_the_swap_of_the_case():
    """The example rules say what the swap would have needed, and claim nothing of what was done."""
    code, out, _ = run_earmark("approvals", CASE, "--rules", RULES)
    assert 0 == code
    assert "1 of 1 would have needed an approval" in out
    assert "It would have needed the approval of a committee independent of both parties." in out
    assert "nothing is said of what was or was not done" in out
    document = read_json("approvals", CASE, "--rules", RULES)
    (case,) = document["cases"]
    (pair,) = case["pairs"]
    assert ("earmark.approvals/1", False, "file") == (
        document["format"],
        document["record"],
        document["rules_from"],
    )
    assert ("would_need", ["tesla", "x"], 12000, "2023-12-15") == (
        case["status"],
        case["parties"],
        case["units"],
        case["on"],
    )
    assert [12000, 12000] == [pair["there"]["units"], pair["back"]["units"]]
    assert ["units", "money", "related"] == [reason["rule"] for reason in pair["reasons"]]


def test_the_case_as_known_before_the_report():
    """Before the report nothing is known of the swap, so nothing would have needed an approval."""
    document = read_json("approvals", CASE, "--rules", RULES, "--known", "2024-06-03")
    assert [] == document["cases"]


def test_the_case_taken_into_a_store(tmp_path):
    """A swap that was brought in is told as what it would have needed, not as missing."""
    address = f"sqlite:///{tmp_path}/case.db"
    run_earmark("import", CASE, "--into", address)
    (case,) = read_json("approvals", address, "--rules", RULES)["cases"]
    assert ("would_need", "2023-12-15") == (case["status"], case["on"])


def test_a_book_without_rules():
    """A book without rules says how to lay some over it, and that is no finding."""
    code, out, _ = run_earmark("approvals", CASE)
    assert (0, True) == (code, "--rules" in out)
    assert None is read_json("approvals", CASE)["rules"]


def test_rules_that_name_nobody(tmp_path):
    """Rules that are laid over a book are checked against it."""
    rules = tmp_path / "rules.toml"
    rules.write_text('[approval]\napprovers = ["teslaa"]\n')
    (problem,) = find_problems("approvals", CASE, "--rules", rules)
    assert ("E349", "did you mean tesla?") == (problem["code"], problem["hint"])


def test_from_proposal_to_record(store):
    """A redirect is refused, proposed, approved by somebody independent, and recorded."""
    (problem,) = find_problems(*_redirect(store, "r1", 40, "--by", "vendor"))
    assert "E340" == problem["code"]
    assert "Audit committee or Legal counsel" in problem["hint"]
    assert [] == _statuses(store)
    code, _, err = run_earmark(*_redirect(store, "r1", 40, "--by", "vendor", "--propose"))
    assert 0 == code, err
    assert ["open"] == _statuses(store)
    name = read_json("approvals", store)["cases"][0]["proposal"]
    for who, why in (("vendor", "E343"), ("fund", "E344"), ("Some body", "E345")):
        (problem,) = find_problems("approve", store, name, "--by", who)
        assert why == problem["code"]
    approved = read_json("approve", store, name, "--by", "Audit committee")
    assert "recorded" == approved["result"]
    assert "exists" == read_json("approve", store, name, "--by", "Audit committee")["result"]
    assert ["given"] == _statuses(store)
    (problem,) = find_problems(*_redirect(store, "r1", 41, "--by", "vendor"))
    assert "E342" == problem["code"]
    code, _, err = run_earmark(*_redirect(store, "r1", 40, "--by", "vendor"))
    assert 0 == code, err
    (case,) = read_json("approvals", store)["cases"]
    assert ("given", "moves/r1", name) == (case["status"], case["entry"], case["proposal"])
    assert [approved["id"]] == [one["approval"] for one in case["approvals"]]


def test_who_proposed_cannot_approve_for_another_to_record(store):
    """The proposer's approval does not count, whoever records the redirect."""
    run_earmark(*_redirect(store, "r1", 40, "--by", "Legal counsel", "--propose"))
    name = read_json("approvals", store)["cases"][0]["proposal"]
    (problem,) = find_problems("approve", store, name, "--by", "legal  COUNSEL")
    assert "E343" == problem["code"]


def test_a_redirect_that_comes_with_other_rows(store):
    """A redirect needs its approval whatever row is said, or dropped, before it."""
    _, _, move, *cells = _redirect(store)
    code, _, err = run_earmark("record", store, "party", "party=old")
    assert 0 == code, err
    for first in (("party", "party=zzz"), ("party", "party=old", "drop=yes")):
        (problem,) = find_problems("record", store, *first, "+", move, *cells)
        assert "E340" == problem["code"]
    code, _, err = run_earmark(
        "record", store, "party", "party=zzz", "+", move, *cells, "--override", "urgent"
    )
    assert 0 == code, err
    assert ["overridden"] == _statuses(store)


def test_units_that_change_hands_by_a_correction(store):
    """An earmark that is corrected to another party's order, or dropped for it, is a redirect."""
    earmark = ("kind=earmark", "date=2024-02-01", "quantity=100", "lot=l1", "order=o2")
    ways = (
        ("move", "move=e1", *earmark, "--correct"),
        ("move", "move=e1", "drop=yes", "+", "move", "move=e2", *earmark),
    )
    for way in ways:
        (problem,) = find_problems("record", store, *way)
        assert "E340" == problem["code"]
    code, _, err = run_earmark("record", store, *ways[0], "--override", "a slip")
    assert 0 == code, err
    assert ["overridden"] == _statuses(store)


def _changed(tmp_path, files):
    return write_folder(tmp_path / "changed", FILES | files)


MOVED = FILES["moves.csv"].replace("order\n", "order,to_order\n").replace("o1\n", "o1,\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"book.toml": FILES["book.toml"].split("[approval]")[0]},
        {"book.toml": FILES["book.toml"].replace("[approval]", "[approval]\nrelated_units=90")},
        {"stakes.csv": "holder,held,percent\nholder,maker,1\nholder,net,60\nfund,holder,50\n"},
    ],
)
def test_rules_and_stakes_that_change_in_the_same_import(store, tmp_path, changed):
    """What needs an approval before an import needs it, whatever else the import changes."""
    moves = {"moves.csv": MOVED + "r1,redirect,2024-03-01,40,l1,o1,o2\n"}
    book = _changed(tmp_path, changed | moves)
    (problem,) = find_problems("import", book, "--into", store, "--correct")
    assert "E340" == problem["code"]


def test_a_change_of_the_rules_is_listed(store, tmp_path):
    """Milder rules, and none, are recorded, and the list of approvals says who changed them."""
    milder = {"book.toml": FILES["book.toml"].replace("[approval]", "[approval]\nunits=90")}
    for number, files in enumerate((milder, {"book.toml": FILES["book.toml"].split("[app")[0]})):
        book = write_folder(tmp_path / f"book{number}", FILES | files)
        code, _, err = run_earmark("import", book, "--into", store, "--correct", "--by", "clerk")
        assert 0 == code, err
        out = run_earmark("approvals", store)[1]
        assert number + 1 == out.count("The rules were changed in entry "), out
    assert "by clerk" in out


def test_a_window_within_one_import(tmp_path):
    """A redirect that is split within one import is added up as if it came day by day."""
    address = f"sqlite:///{tmp_path}/window.db"
    rules = "[approval]\nrelated_units = 50\nwindow = 10\n"
    files = FILES | {"book.toml": FILES["book.toml"].split("[approval]")[0] + rules}
    run_earmark("import", write_folder(tmp_path / "book", files), "--into", address)
    rows = [f"r{i},redirect,2024-03-01,20,l1,o1,o2\n" for i in range(1, 4)]
    two = write_folder(tmp_path / "two", files | {"moves.csv": MOVED + "".join(rows[:2])})
    three = write_folder(tmp_path / "three", files | {"moves.csv": MOVED + "".join(rows)})
    (problem,) = find_problems("import", three, "--into", address)
    assert "E340" == problem["code"]
    assert 0 == run_earmark("import", two, "--into", address)[0]


def test_an_override_stays_listed(store):
    """An override goes through with its reason, and stays one when it is approved afterwards."""
    code, _, err = run_earmark(*_redirect(store, "r2", 1, "--by", "vendor", "--override", "urgent"))
    assert 0 == code, err
    assert ["overridden"] == _statuses(store)
    read_json("approve", store, "moves/r2", "--by", "Audit committee")
    (case,) = read_json("approvals", store)["cases"]
    assert ("overridden", "urgent", "ratified") == (
        case["status"], case["override"], case["approvals"][0]["code"],
    )  # fmt: skip


def test_nothing_to_approve(store):
    """A name that is no proposal, and a day that has passed, are refused."""
    assert "E348" == find_problems("approve", store, "r9", "--by", "fund")[0]["code"]
    assert 2 == run_earmark("approve", store, "r9", "--by", "x", "--until", "2024-01-01")[0]


def test_the_example_keeps_its_digest(tmp_path):
    """A file of rules beside a book is no part of it."""
    copy = Path(shutil.copytree(CASE, tmp_path / "case"))
    (copy / "approval.toml").unlink()
    assert read_json("check", CASE)["book"] == read_json("check", copy)["book"]


def test_what_is_effective_by_a_day():
    """`--as-of` leaves out what takes effect later, also of what is counted."""
    for day, count in (("2023-12-14", 0), ("2023-12-15", 1)):
        document = read_json("approvals", CASE, "--rules", RULES, "--as-of", day)
        assert (day, count) == (document["as_of"], len(document["cases"]))
        _, out, _ = run_earmark("approvals", CASE, "--rules", RULES, "--as-of", day)
        assert f"{count} of {count} would have needed an approval" in out


def test_check_judges_what_is_dated_by_a_day(tmp_path):
    """A release that no longer holds is no problem as of the day before."""
    moves = FILES["moves.csv"] + "r1,release,2024-03-01,200,l1,o1\n"
    book = write_folder(tmp_path / "book", {**FILES, "moves.csv": moves})
    code, _, _ = run_earmark("check", book)
    assert 1 == code
    assert "2024-02-29" == read_json("check", book, "--as-of", "2024-02-29")["as_of"]
    code, _, _ = run_earmark("check", book, "--as-of", "2024-03-01")
    assert 1 == code
