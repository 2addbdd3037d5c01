"""The two examples, through the command line."""

import json
import tomllib
from functools import cache
from pathlib import Path

import pytest
from command import EXAMPLES, PROJECT, read_json, run_earmark, start_earmark

from earmark.tables.reading import read_book

REDIRECT = EXAMPLES / "h100-redirect"
READINGS = REDIRECT / "readings"
WITHOUT = ("compare", REDIRECT, "--without", "swap-december")

THREE = {
    "no-room-before-july": (0, 2_652_000, 1_368_000),
    "room-from-march": (636_000, 924_000, 276_000),
    "room-at-once": (1_284_000, 0, 0),
}
"""Tesla's active unit-days lost to the swap, its idle unit-days without it and with it."""

OTHERS = {
    "room-for-4000-at-once": (124_000, 1_768_000, 608_000),
    "split-3000-9000-no-room-before-july": (0, 2_652_000, 912_000),
    "split-3000-9000-room-at-once": (1_740_000, 0, 0),
    "split-9000-3000-no-room-before-july": (0, 2_652_000, 1_824_000),
    "split-9000-3000-room-at-once": (828_000, 0, 0),
    "dates-15-days-apart-room-at-once": (1_644_000, 0, 0),
    "dates-15-days-closer-room-at-once": (924_000, 0, 0),
    "x-hall-from-march": (0, 2_652_000, 1_368_000),
    "price-25000": (0, 2_652_000, 1_368_000),
    "12000-each-room-at-once": (-2_400_000, 0, 0),
    "12000-each-no-room-before-july": (-2_316_000, 2_652_000, 2_736_000),
}
"""The same for every other reading: splits, days, partial room, the other reading of 12,000."""


@cache
def without_swap(reading):
    """Return the comparison of the world without the swap (a) and with it (b)."""
    return read_json(*WITHOUT, "--reading", READINGS / reading)


def party(comparison, name):
    """Return one party's figures of a comparison."""
    return next(p for p in comparison["parties"] if p["party"] == name)


def figures(comparison):
    """Return what THREE and OTHERS hold, from a comparison."""
    tesla = party(comparison, "tesla")
    idle = tesla["idle_unit_days"]
    return tesla["active_unit_days_lost"], idle["a"], idle["b"]


# The reported swap


@pytest.mark.parametrize(("reading", "expected"), [*THREE.items(), *OTHERS.items()])
def test_each_reading_gives_its_own_answer(reading, expected):
    """Who lost what to the swap depends on what is assumed; the report's two ends and between."""
    assert expected == figures(without_swap(reading))


def test_every_reading_of_the_example_is_computed_here():
    """No reading in the folder goes without a worked number."""
    folders = {folder.name for folder in READINGS.iterdir()}
    assert {*THREE, *OTHERS} == folders


def test_several_readings_are_one_range():
    """Three readings in one command give the three answers and, for each party, low and high."""
    options = [word for name in THREE for word in ("--reading", READINGS / name)]
    document = read_json(*WITHOUT, *options)
    assert "earmark.comparisons/1" == document["format"]
    assert list(THREE.values()) == [figures(comparison) for comparison in document["readings"]]
    assert [0, 1_284_000] == document["range"]["tesla"]["active_unit_days_lost"]
    assert [-1_284_000, -1_284_000] == document["range"]["x"]["active_unit_days_lost"]


@pytest.mark.parametrize("reading", [*THREE, *OTHERS])
@pytest.mark.parametrize("name", ["tesla", "x"])
def test_a_swap_moves_unit_days_and_makes_none(reading, name):
    """Active lost, plus idle without, less idle with, is what was received without less with."""
    figure = party(without_swap(reading), name)
    idle, received = figure["idle_unit_days"], figure["received_unit_days"]
    lost = figure["active_unit_days_lost"]
    assert lost + idle["a"] - idle["b"] == received["a"] - received["b"]


@pytest.mark.parametrize("reading", THREE)
def test_what_one_side_waited_for_the_other_had_earlier(reading):
    """In every reading Tesla has 1,284,000 unit-days less in hand and X as many more."""
    received = {p["party"]: p["received_unit_days"] for p in without_swap(reading)["parties"]}
    assert {"tesla": 1_284_000, "x": -1_284_000} == {
        name: days["a"] - days["b"] for name, days in received.items()
    }


def test_a_process_of_its_own_prints_the_same():
    """`python -m earmark` prints, byte for byte, what these tests read in one process."""
    command = (*WITHOUT, "--reading", READINGS / "room-from-march", "--json")
    assert run_earmark(*command) == start_earmark(*command)


def test_the_swap_is_taken_out_as_a_whole():
    """Leaving out any one of the three tied redirects leaves out all of them."""
    reading = ("--reading", READINGS / "room-at-once")
    expected = without_swap("room-at-once")
    for move in ("swap-january", "swap-june"):
        assert expected == read_json("compare", REDIRECT, "--without", move, *reading)


@pytest.mark.parametrize("end", ["2025-01-01", "2026-03-01"])
def test_the_answer_does_not_hang_on_where_the_book_ends(tmp_path, end):
    """All that the swap moved had arrived and had power long before the end."""
    settings = (REDIRECT / "book.toml").read_text(encoding="utf-8")
    assert settings.count("end = 2025-02-01") == 1
    (tmp_path / "book.toml").write_text(
        settings.replace("end = 2025-02-01", f"end = {end}"), encoding="utf-8"
    )
    for table in REDIRECT.glob("*.csv"):
        (tmp_path / table.name).write_bytes(table.read_bytes())
    for name, expected in THREE.items():
        options = ("--without", "swap-december", "--reading", READINGS / name)
        assert expected == figures(read_json("compare", tmp_path, *options))


def test_the_memo_is_hidden_before_the_day_of_the_report():
    """As known on 2024-06-03 there is no swap, and no order, lot or e-mail of the memo either."""
    code, before, err = run_earmark("plan", REDIRECT, "--known", "2024-06-03", "--json")
    assert 0 == code, err
    after = read_json("plan", REDIRECT, "--known", "2024-06-04")
    assert ("2024-06-03", "2024-06-04") == (json.loads(before)["known"], after["known"])
    for word in ("december", "january", "june", "tesla-december", "x-january-june"):
        assert f'"{word}"' not in before
    received = {(g["lot"], g["order"]): g["quantity"] for g in after["grants"]}
    assert received == {
        ("december", "x-january-june"): 12_000,
        ("january", "tesla-december"): 6_000,
        ("june", "tesla-december"): 6_000,
    }


def test_the_page_of_the_day_before_does_not_know_the_memo(tmp_path):
    """A report as known on 2024-06-03 names neither the memo's moves nor its source."""
    page = tmp_path / "page.html"
    code, _, err = run_earmark("report", REDIRECT, "--known", "2024-06-03", "-o", page)
    assert 0 == code, err
    for word in ("swap-december", "bookings-below-call", "investing.com"):
        assert word not in page.read_text(encoding="utf-8")


def test_the_example_checks_clean():
    """Nothing is wrong or even worth a warning in the case book."""
    code, out, _ = run_earmark("check", REDIRECT, "--json")
    assert 0 == code, out
    assert '"W' not in out


def test_the_example_holds_on_every_day_on_which_something_became_known():
    """No row rests on another, or on a source, that was not known by then."""
    book, _ = read_book(REDIRECT)
    days = {day for table in book.tables.values() for day in table.column("known")}
    assert len(days) > 25
    for day in sorted(days):
        read_book(REDIRECT, known=day)


def test_the_example_takes_no_side():
    """The words are redirect and swap, and every row says what it rests on.

    Addresses are as their publishers made them.
    """
    own = [
        (path, line)
        for path in REDIRECT.rglob("*")
        if path.suffix in {".csv", ".toml", ".md"}
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    for path, line in own:
        words = " ".join(w for w in line.replace(",", " ").split() if "://" not in w).lower()
        for word in ("divert", "steal", "stole", "grab", "loot"):
            assert word not in words, path


# The quickstart


def test_the_policies_of_the_quickstart_differ():
    """Of 600 units for 760 wanted, who is served depends on the policy."""
    book = EXAMPLES / "quickstart"
    granted = {
        policy: {
            p["party"]: p["granted"] for p in read_json("plan", book, "--policy", policy)["parties"]
        }
        for policy in ("priority", "board", "fair", "first_come")
    }
    late = {
        policy: read_json("plan", book, "--policy", policy)["totals"]["late_unit_days"]
        for policy in granted
    }
    assert {600} == {sum(shares.values()) for shares in granted.values()}
    assert len({json.dumps([granted[policy], late[policy]]) for policy in granted}) >= 3


def test_the_quickstart_shows_scarcity_and_a_site_that_is_not_ready():
    """160 units are not served at all, and some wait for River hall."""
    document = read_json("plan", EXAMPLES / "quickstart")
    causes = {reason["cause"] for order in document["orders"] for reason in order["why"]}
    assert 160 == document["totals"]["unserved"]
    assert {"site", "supply"} <= causes


def test_an_earmark_of_the_quickstart_can_be_redirected():
    """40 of the 80 held units go to the carmaker, and the comparison says from whom."""
    options = ("--from", "net-feed", "--to", "maker-training", "--quantity", "40")
    comparison = read_json("redirect", EXAMPLES / "quickstart", *options)
    feed = next(order for order in comparison["orders"] if order["order"] == "net-feed")
    assert 40 == sum(lost["quantity"] for lost in feed["lost"] if lost["to"] == "maker-training")


def test_the_sample_of_init_is_the_quickstart():
    """`earmark init DIR --sample` copies what examples/quickstart shows."""
    sample = PROJECT / "src" / "earmark" / "starter" / "sample"
    example = EXAMPLES / "quickstart"
    assert files(sample) == {n: b for n, b in files(example).items() if n != "README.md"}


@pytest.mark.parametrize("option", [(), ("--sample",)], ids=["empty", "sample"])
def test_a_new_book_plans_at_once(tmp_path, option):
    """What `earmark init` writes checks clean and plans."""
    book = tmp_path / "mine"
    assert 0 == run_earmark("init", book, *option)[0]
    assert read_json("plan", book)["grants"]


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder: name to content."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_reading_says_what_it_assumes():
    """A reading's title stands on the page, so it has one, and nothing else is set by it."""
    for folder in READINGS.iterdir():
        settings = tomllib.loads((folder / "book.toml").read_text(encoding="utf-8"))
        assert ["title"] == list(settings), folder.name
