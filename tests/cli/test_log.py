"""The log and the accounts as a user asks for them, of files and of stores."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark

CASE, QUICKSTART = EXAMPLES / "h100-redirect", EXAMPLES / "quickstart"

MEMO = {"swap-december", "swap-january", "swap-june"}
EMAIL = {"bookings-below-call", "bookings-below-post"}


@pytest.fixture(params=["files", "store"])
def place(request, tmp_path):
    """Return what makes of a folder a book to ask: the folder itself, or a store that took it."""

    def made(folder: Path) -> str:
        if request.param == "files":
            return str(folder)
        return into_store(folder, tmp_path)

    return made


def into_store(folder: Path, tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path}/{folder.name}.db"
    assert 0 == run_earmark("import", folder, "--into", address)[0]
    return address


def events(*words: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_json("log", *map(str, words))["events"]
    return found


def by_id(*words: object) -> dict[str, dict[str, Any]]:
    return {event["id"]: event for event in events(*words)}


# The case


@pytest.mark.parametrize(
    "words", [[], ["--all"], ["--party", "tesla"], ["--order", "tesla-december"]], ids=str
)
def test_the_memo_and_the_email_are_not_known_before_the_report(place, words):
    """As known on 2024-06-03 neither is there; as known a day later, each on its effective day."""
    book = place(CASE)
    before = read_json("log", book, "--known", "2024-06-03", *words)
    named = {event["id"] for event in before["events"]}
    cited = {name for event in before["events"] for name in event["evidence"]}
    assert set() == (MEMO | EMAIL | {"E02"}) & (named | cited)
    assert "E02" not in {row["evidence"] for row in before["evidence"]}
    if "--all" not in words:  # the price of a product rests on the report now, beside what it was
        assert "memo" not in run_earmark("log", book, "--known", "2024-06-03", *words)[1]
    assert before["known_since"] > 0
    after = by_id(book, "--known", "2024-06-04", *words)
    assert {"2023-12-15"} == {after[name]["effective"] for name in MEMO}
    assert {"2024-04-29"} == {after[name]["effective"] for name in EMAIL}
    assert {"2024-06-04"} == {after[name]["known"] for name in MEMO | EMAIL}
    assert {("E02",)} == {tuple(after[name]["evidence"]) for name in MEMO | EMAIL}


def test_events_come_by_effective_day(place):
    """Whenever they became known."""
    found = events(place(CASE), "--all")
    days = [event["effective"] for event in found]
    assert sorted(days) == days
    assert days != [event["known"] for event in found]


def test_an_event_says_who_why_and_on_what(place):
    """The row's own words, and the documents that it cites."""
    book = place(CASE)
    document = read_json("log", book, "--move", "swap-december")
    (event,) = (event for event in document["events"] if event["id"] == "swap-december")
    assert ("nvidia", "reported", ["E02"]) == (event["by"], event["basis"], event["evidence"])
    assert "Elon Musk is reported to have asked" in event["reason"]
    (source,) = document["evidence"]
    assert ("E02", "Investing.com on CNBC", "2024-06-04") == (
        source["evidence"], source["publisher"], source["published"]
    )  # fmt: skip
    assert (
        "12,000 GPUs of december redirected from tesla-december to x-january-june"
        == (event["what"])
    )


def test_then_and_now_stand_side_by_side(place):
    """An order whose site became known later shows both; what did not change says nothing."""
    book = place(CASE)
    found = by_id(book, "--party", "xai", "--known", "2024-06-30")
    now = found["xai-year-end"]["now"]
    assert ("2024-09-28", {"site": (None, "memphis")}) == (
        now["known"],
        {
            one["column"]: (one["before"], one["after"])
            for one in now["changes"]
            if one["column"] == "site"
        },
    )
    assert found["xai-year-end"]["counts"]
    assert found["xai"]["now"] is None
    code, out, _ = run_earmark("log", book, "--party", "xai", "--known", "2024-06-30")
    assert (0, True, True) == (code, "what is known now" in out, "memphis" in out)


def test_as_of_a_day_shows_what_is_effective_by_then(place):
    """The other clock: known later, and effective before."""
    found = by_id(place(CASE), "--as-of", "2023-12-15")
    assert MEMO < set(found)
    assert "2023-12-15" == max(event["effective"] for event in found.values())


def test_a_store_and_its_files_tell_the_same(tmp_path):
    """But for the entries that the store has."""
    store = into_store(CASE, tmp_path)
    for words in ([], ["--all"], ["--known", "2024-06-04", "--party", "tesla"], ["--lot", "june"]):
        assert _facts(events(CASE, *words)) == _facts(events(store, *words))


def _facts(found: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    names = ("effective", "known", "table", "id", "what", "cells", "counts", "changes")
    facts = [tuple(str(event[name]) for name in names) for event in found if event["id"] != "book"]
    return sorted(facts)


# Mistakes and their corrections


def count_book(folder: Path, counts: list[tuple[str, int]]) -> Path:
    """Write a book of one lot, counted again and again: known on the day of each count."""
    folder.mkdir()
    (folder / "book.toml").write_text(
        'title = "Counted"\ncurrency = "USD"\nstart = 2013-01-01\nend = 2015-01-01\n'
    )
    rows = [f"crystals,gpu,{day},{units},{day}" for day, units in counts]
    lines = ["lot,product,date,quantity,known", *rows]
    (folder / "lots.csv").write_text("\n".join(lines) + "\n")
    (folder / "orders.csv").write_text("order,party,product,quantity,due\n")
    return folder


COUNTS = [
    ("2013-01-01", 100),
    ("2013-02-01", 250),
    ("2014-02-28", 50),
    ("2014-04-01", 9999),
    ("2014-05-15", 100),
]


def test_a_count_in_error_stays_visible(place, tmp_path):
    """Each day known has its own count; the wrong one stays, and says what corrected it (C2)."""
    book = place(count_book(tmp_path / "counted", COUNTS))
    for (day, units), (following, _) in zip(COUNTS, [*COUNTS[1:], ("2014-12-31", 0)], strict=True):
        for known in (day, _day_before(following)):
            document = read_json("accounts", book, "--known", known, "--state", "supplied")
            assert [units] == [row["units"] for row in document["accounts"]]
            shown = events(book, "--lot", "crystals", "--known", known)
            (counting,) = (event for event in shown if event["counts"])
            assert str(units) == counting["cells"]["quantity"]
    for known in ("2014-04-01", "2014-05-14", "2014-05-15"):
        shown = events(book, "--lot", "crystals", "--known", known)
        (wrong,) = (event for event in shown if event["cells"]["quantity"] == "9999")
        by = wrong["corrected_by"]
        assert ("replaced", "2014-05-15") == (by["how"], by["known"])
        if wrong["entry"]:
            assert by["seq"] == wrong["entry"]["seq"] + 1
        assert (known < "2014-05-15") == wrong["counts"] == (wrong["now"] is not None)


def _day_before(day: str) -> str:
    from datetime import date, timedelta

    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def test_a_correction_on_record_names_what_it_corrects(tmp_path):
    """Both entries are in the log; before the correction was recorded, nothing says it."""
    store = into_store(count_book(tmp_path / "counted", COUNTS[:4]), tmp_path)
    size = read_json("log", store)["record"]["size"]
    row = ("lot", "lot=crystals", "product=gpu", "date=2014-04-01", "known=2014-04-01")
    words = ("--correct", "--by", "auditor", "--reason", "a digit too many")
    assert 0 == run_earmark("record", store, *row, "quantity=99", *words)[0]
    found = events(store, "--lot", "crystals")
    wrong, right = (event for event in found if event["known"] == "2014-04-01")
    assert ("corrected", size + 1) == (wrong["corrected_by"]["how"], wrong["corrected_by"]["seq"])
    assert wrong["entry"]["id"] == right["entry"]["corrects"]
    assert ("auditor", "a digit too many") == (right["entry"]["by"], right["reason"])
    assert [{"column": "quantity", "before": "9999", "after": "99"}] == right["changes"]
    assert (False, True) == (wrong["counts"], right["counts"])
    earlier = events(store, "--lot", "crystals", "--recorded", size)
    (before,) = (event for event in earlier if event["known"] == "2014-04-01")
    assert (None, True) == (before["corrected_by"], before["counts"])
    assert "corrects lots/crystals@2014-04-01" in run_earmark("log", store, "--lot", "crystals")[1]


def test_a_move_that_was_dropped_stays_in_the_log(tmp_path):
    """With the entry that took it out; accounts are without it."""
    store = into_store(QUICKSTART, tmp_path)
    assert 0 == run_earmark("record", store, "move", "move=hold-feed", "drop=yes")[0]
    found = events(store, "--move", "hold-feed")
    moves = sorted((e for e in found if e["table"] == "moves"), key=lambda e: bool(e["drop"]))
    there, taken = moves
    assert ("dropped", taken["entry"]["seq"]) == (
        there["corrected_by"]["how"], there["corrected_by"]["seq"]
    )  # fmt: skip
    assert taken["what"].startswith("taken out of the record: 80 GPUs")
    assert [] == read_json("accounts", store, "--state", "earmarked")["accounts"]


# Accounts


def test_a_change_that_is_dated_ahead(place, tmp_path):
    """What is known by a day and effective by another is where it was then (C3)."""
    folder = tmp_path / "ahead"
    folder.mkdir()
    (folder / "book.toml").write_text(
        'title = "Ahead"\ncurrency = "USD"\nstart = 2019-01-01\nend = 2026-01-01\n'
    )
    (folder / "lots.csv").write_text("lot,product,date,quantity\n")
    (folder / "orders.csv").write_text("order,party,product,quantity,due\n")
    (folder / "moves.csv").write_text(
        "move,kind,date,quantity,party,product,site,to_site,known\n"
        "m1,opening,2019-11-18,1,crown,gpu,london,,2019-11-18\n"
        "m2,transfer,2025-09-01,1,crown,gpu,london,bank,2025-08-13\n"
    )
    book = place(folder)
    for known, as_of, where in (
        ("2025-08-12", "2025-12-01", "london"),
        ("2025-08-20", "2025-08-20", "london"),
        ("2025-08-20", "2025-12-01", "bank"),
    ):
        document = read_json("accounts", book, "--known", known, "--as-of", as_of,
                             "--state", "active")  # fmt: skip
        assert [(where, 1)] == [(row["place"], row["units"]) for row in document["accounts"]]


@pytest.mark.parametrize("folder", [QUICKSTART, CASE], ids=lambda path: path.name)
@pytest.mark.parametrize("as_of", [None, "2023-12-10", "2027-01-31"])
def test_sums_of_a_store_are_what_its_moves_come_to(folder, as_of, tmp_path):
    """Postings summed by the store, the same moves followed, and those of the files agree."""
    store = into_store(folder, tmp_path)
    clock = ["--as-of", as_of] if as_of else []
    summed = read_json("accounts", store, *clock)
    followed = read_json("accounts", store, "--known", "2099-01-01", *clock)
    files = read_json("accounts", folder, *clock)
    for name in ("accounts", "totals"):
        assert summed[name] == followed[name] == files[name]
    assert {"W608"} == {warning["code"] for warning in followed["warnings"]}


def test_sums_agree_after_corrections_and_drops_at_every_size(tmp_path):
    """Whatever was recorded, the store's sums are those of the book as it stood."""
    store = into_store(QUICKSTART, tmp_path)
    first = read_json("log", store)["record"]["size"]
    move = ("move", "kind=earmark", "lot=march", "order=lab-run", "date=2027-03-08")
    for words in (
        ("move=m1", "quantity=8"),
        ("move=m1", "quantity=16", "--correct"),
        ("move=m2", "quantity=24"),
    ):
        assert 0 == run_earmark("record", store, *move, *words)[0]
    assert 0 == run_earmark("record", store, "move", "move=hold-feed", "drop=yes")[0]
    for size in range(first, first + 5):
        words = ("accounts", store, "--recorded", str(size))
        followed = read_json(*words, "--known", "2999-01-01")
        assert read_json(*words)["accounts"] == followed["accounts"]


def test_accounts_are_chosen_by_what_they_are_of(place):
    """By order, lot, party, product and state; a party's are those of its orders and sites too."""
    book = place(CASE)

    def chosen(*words: str) -> list[tuple[str, str, int]]:
        rows = read_json("accounts", book, *words)["accounts"]
        return [(row["state"], row["place"] or row["holder"], row["units"]) for row in rows]

    pegs = [("earmarked", "january", 6000), ("earmarked", "june", 6000)]
    assert pegs == chosen("--order", "tesla-december")
    assert [("earmarked", "june", 6000), ("supply", "june", -6000)] == chosen("--lot", "june")
    assert pegs == chosen("--party", "tesla", "--state", "earmarked")
    assert chosen() == chosen("--product", "h100")
    assert {"supply"} == {state for state, _, _ in chosen("--party", "nvidia")}


def test_the_title_is_that_of_the_last_settings(tmp_path):
    """Also where a store sums its postings and the book is not read."""
    store = into_store(QUICKSTART, tmp_path)
    other = tmp_path / "other"
    shutil.copytree(QUICKSTART, other)
    text = (other / "book.toml").read_text()
    (other / "book.toml").write_text(text.replace('title = "', 'title = "New: ', 1))
    code, _, err = run_earmark("import", other, "--into", store, "--correct")
    assert 0 == code, err
    title = read_json("check", store)["book"]["title"]
    assert title.startswith("New: ")
    assert title == read_json("accounts", store)["book"]["title"]
    assert [False, True] == [e["counts"] for e in events(store, "--all") if e["table"] == "book"]


# Words


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("log", "--order", "tesla-decembr"), "did you mean tesla-december?"),
        (("log", "--lot", "jun"), "did you mean june?"),
        (("log", "--party", "tesl"), "did you mean tesla?"),
        (("log", "--move", "swap-janury"), "did you mean swap-january?"),
        (("log", "--site", "texs"), "did you mean texas?"),
        (("accounts", "--order", "tesla-decembr"), "did you mean tesla-december?"),
        (("accounts", "--lot", "jun"), "did you mean june?"),
        (("accounts", "--party", "tesl"), "did you mean tesla?"),
        (("accounts", "--product", "h10"), "did you mean h100?"),
    ],
    ids=" ".join,
)
def test_an_unknown_id_is_wrong_usage(place, words, hint):
    """The nearest known one is named, also where it became known after the day asked."""
    command, option, text = words
    (problem,) = find_problems(command, place(CASE), option, text, code=2)
    assert hint == problem["hint"]
    assert f"has no {option[2:]} {text}" in problem["message"]


@pytest.mark.parametrize("command", ["log", "accounts"])
def test_files_have_no_record(command):
    """--recorded asks for a store."""
    (problem,) = find_problems(command, QUICKSTART, "--recorded", "2024-01-01", code=2)
    assert "no record" in problem["message"]


def test_an_order_that_was_not_known_yet_is_an_empty_log(place):
    """It is no mistake to ask what was known of it then: nothing, and so much since."""
    code, out, _ = run_earmark("log", place(CASE), "--order", "tesla-december", "--known",
                               "2024-04-01")  # fmt: skip
    assert 0 == code
    assert "0 rows" in out
    assert "became known after 2024-04-01." in out


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize(
    "words",
    [
        ("log",),
        ("log", "--all", "--known", "2024-06-30"),
        ("log", "--order", "tesla-december"),
        ("accounts",),
        ("accounts", "--party", "tesla"),
    ],
    ids=" ".join,
)
def test_tables_fit_the_terminal(place, columns, words, monkeypatch):
    """No line of a table is wider than the terminal, at 80 columns and at 120."""
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = run_earmark(words[0], place(CASE), *words[1:])
    assert 0 == code, err
    tables = [line for line in out.splitlines() if line.startswith(("│", "┃", "┏", "20", "──"))]
    assert tables
    assert max(map(len, tables)) <= int(columns)
