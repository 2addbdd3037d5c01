"""The second real book: the Hopper market of 2024, through the command line."""

from functools import cache

import pytest
from command import EXAMPLES, read_json, run_earmark

from earmark.calendar import parse_rule, quarter_of
from earmark.tables.reading import read_book

BOOK = EXAMPLES / "hopper-2024"
READINGS = BOOK / "readings"

WAITING = {
    None: (36_738_680, 29_188_680, 29_188_680),
    "half-at-once": (198_160_941, 187_410_941, 187_410_941),
    "supply-low": (151_952_167, 141_202_167, 141_202_167),
    "supply-high": (1_015_265, 1_015_265, 1_015_265),
    "supply-late": (249_641_424, 194_719_110, 194_719_110),
    "owners-estimate": (21_586_725, 21_586_725, 21_586_725),
}
"""Late and unserved unit-days in all under priority, fair and proportional, by reading."""

OTHERS = {
    None: (15_151_955, 6_051_955, 3_389_477),
    "half-at-once": (128_602_383, 104_949_754, 64_077_104),
    "supply-low": (63_237_538, 49_587_538, 31_247_489),
    "supply-high": (0, 0, 0),
    "supply-late": (153_457_962, 70_439_845, 67_003_367),
    "owners-estimate": (0, 0, 0),
}
"""Late unit-days of all other buyers of H100, the same way."""

COUNTED = {
    "amazon": 196_000,
    "bytedance": 230_000,
    "google": 169_000,
    "meta": 224_000,
    "microsoft": 485_000,
    "tencent": 230_000,
}
"""Hopper GPUs of 2024 by the count that the book uses."""

by_reading = pytest.mark.parametrize("reading", WAITING, ids=lambda name: name or "as it is")


@cache
def sides(policy, reading=None):
    """Return the totals and parties of the plan under priority (a) and another policy (b)."""
    laid = ("--reading", READINGS / reading) if reading else ()
    return read_json("compare", BOOK, "--policy", "priority", "--policy", policy, *laid)


def waiting(figures, side):
    """Return late and unserved unit-days of a side."""
    return sum(figures[key][side] for key in ("late_unit_days", "unserved_unit_days"))


def party(document, name):
    """Return one party's figures."""
    return next(row for row in document["parties"] if row["party"] == name)


@by_reading
def test_each_reading_gives_its_own_answer(reading):
    """How long all wait depends on what is assumed of supply and demand, and on the tiers."""
    fair, proportional = sides("fair", reading), sides("proportional", reading)
    totals = [(fair, "a"), (fair, "b"), (proportional, "b")]
    assert WAITING[reading] == tuple(waiting(found["totals"], side) for found, side in totals)
    assert OTHERS[reading] == tuple(
        party(found, "others")["late_unit_days"][side] for found, side in totals
    )


def test_every_reading_of_the_example_is_computed_here():
    """No reading in the folder goes without a worked number."""
    assert {folder.name for folder in READINGS.iterdir()} == {*OTHERS} - {None}
    assert WAITING.keys() == OTHERS.keys()


@by_reading
def test_a_rule_of_sharing_decides_who_waits_and_not_how_much(reading):
    """In one tier, even and proportional shares come to the same wait in all."""
    totals = [sides(policy, reading)["totals"] for policy in ("fair", "proportional")]
    assert waiting(totals[0], "b") == waiting(totals[1], "b")


def test_purchases_are_those_that_were_counted():
    """The quarters of each buyer add up to the published count of the year."""
    asked = {row["party"]: row["quantity"] for row in read_json("plan", BOOK)["parties"]}
    assert COUNTED == {name: asked[name] for name in COUNTED}
    assert 200_000 == sum(asked[name] for name in ("tesla", "tesla-or-xai", "xai"))


def test_all_that_was_made_is_taken_to_have_been_bought():
    """Demand of the year equals the estimate of supply, product by product, in the book itself."""
    book, _ = read_book(BOOK)
    for product in ("h100", "h20"):
        lots, orders = (
            sum(
                q
                for p, q in zip(t.columns["product"], t.columns["quantity"], strict=True)
                if p == product
            )
            for t in (book.lots, book.orders)
        )
        assert lots == orders


def test_each_lot_lies_in_its_fiscal_quarter():
    """A lot's range of days is a quarter of Nvidia's, its day inside; its quantity in its range."""
    book, _ = read_book(BOOK)
    columns = book.lots.columns
    names = ("lot", "date_early", "date", "date_late", "quantity_low", "quantity", "quantity_high")
    for lot, early, day, late, low, units, high in zip(*(columns[n] for n in names), strict=True):
        assert early < day < late
        assert low < units < high
        quarters = {quarter_of(d, parse_rule(book.fiscal["nvidia"])) for d in (early, day, late)}
        assert 1 == len(quarters), lot


def test_units_are_held_back_for_a_better_tier_only():
    """The units of xAI wait for nobody under priority, for the lot of September under fair."""
    figures = party(sides("fair"), "xai")
    assert (0, 25_000 * 32 + 75_000 * 10) == tuple(figures["late_unit_days"].values())
    (late,) = (o for o in read_json("plan", BOOK)["orders"] if o["order"] == "others-q2")
    (reserved,) = (reason for reason in late["why"] if reason["cause"] == "reserved")
    assert (7_550_000, ["xai-memphis-first", "xai-memphis-rest"]) == (
        reserved["unit_days"],
        sorted(reserved["by"]),
    )


@pytest.mark.parametrize("policy", ["priority", "fair", "proportional"])
def test_texas_waits_for_power_under_every_rule(policy):
    """50,000 expected on 2024-10-31 and powered on 2024-11-15: 15 days, whoever comes first."""
    (texas,) = (
        order
        for order in read_json("plan", BOOK, "--policy", policy)["orders"]
        if order["order"] == "tesla-texas"
    )
    assert [{"cause": "site", "unit_days": 750_000, "by": ["texas"]}] == texas["why"]


def test_the_example_checks_clean():
    """Nothing is wrong or even worth a warning."""
    code, out, _ = run_earmark("check", BOOK, "--json")
    assert 0 == code, out
    assert '"W' not in out


def test_the_example_holds_on_every_day_on_which_something_became_known():
    """No row rests on another, or on a source, that was not known by then."""
    book, _ = read_book(BOOK)
    days = {day for table in book.tables.values() for day in table.column("known")}
    assert len(days) >= 8
    for day in sorted(days):
        read_book(BOOK, known=day)


def test_every_row_says_what_it_rests_on():
    """Each row has a basis, each lot and order evidence too, each assumption a note."""
    for folder in (BOOK, *READINGS.iterdir()):
        book, _ = read_book(BOOK, overlays=() if folder == BOOK else (folder,))
        for name, table in book.tables.items():
            if name == "evidence":
                continue
            cells = (table.column(column) for column in ("basis", "evidence", "note"))
            for basis, evidence, note in zip(*cells, strict=True):
                assert basis
                assert evidence or name not in {"lots", "orders", "readiness", "claims"}
                assert note or "assumed" != basis
