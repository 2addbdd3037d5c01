"""Rules of single orders that contradict each other, or the policy: through the command line."""

import re
from pathlib import Path

import pytest
from command import find_problems, read_json, run_earmark
from raw_books import write_folder

TOML = """title = "Sets"
currency = "USD"
start = 2024-01-01
end = 2024-03-01

[policy.plain]
tiers = "order"

[policy.capped]
ceilings = { maker = 9 }

[policy.rolling]
reserve_days = 7

[policy.weighted]
value = "weight"
"""
LOTS = ["l1,gpu,2024-01-05,10", "l2,rack,2024-01-10,10", "l3,gpu,2024-01-20,10"]
COLUMNS = "order,party,product,quantity,due,min_ship,max_late_days,together"
PLAIN = ["g,maker,gpu,10,2024-01-05,,,hall", "r,maker,rack,10,2024-01-06,,,hall"]
BYSTANDER = "z,other,gpu,1,2024-01-30,,,"


def folder(place, orders=(), moves=(), lots=LOTS, more=None):
    """Write a book with those orders and earmarks of (lot, order, quantity)."""
    rows = [f"m{i},earmark,2024-01-01,{n},{lot},{order}" for i, (lot, order, n) in enumerate(moves)]
    files = {
        "book.toml": TOML,
        "lots.csv": "\n".join(["lot,product,date,quantity", *lots, ""]),
        "orders.csv": "\n".join([COLUMNS, *orders, BYSTANDER, ""]),
        "moves.csv": "\n".join(["move,kind,date,quantity,lot,order", *rows, ""]),
    }
    return write_folder(place / "book", files | (more or {}))


def contradiction(book, *named):
    """Find the one contradiction of sets, which names those orders and not the bystander."""
    problems = find_problems("plan", book, code=3)
    assert {"E502"} == {problem["code"] for problem in problems}
    text = " ".join(f"{problem['message']} {problem['text']}" for problem in problems)
    words = words_of(text)
    assert set(named) <= words, text
    assert "z" not in words, text
    code, out, err = run_earmark("plan", book)
    assert (3, "") == (code, out)
    assert "E502" in err


def words_of(text):
    """Return the words of a text, order ids among them."""
    return set(re.findall(r"\w+", text))


def grants(book, *options):
    """Return who is granted something."""
    return {grant["order"] for grant in read_json("plan", book, *options)["grants"]}


def test_a_set_without_contradiction_is_planned(tmp_path: Path):
    """The set that the other tests spoil comes on the day of its last lot."""
    assert {"g", "r", "z"} == grants(folder(tmp_path, PLAIN))


def test_pegs_of_different_days_contradict_a_set(tmp_path: Path):
    """Units pegged to orders of one set from lots of two days cannot come together."""
    book = folder(tmp_path, PLAIN, [("l1", "g", 2), ("l2", "r", 2)])
    contradiction(book, "g", "r")


def test_pegs_to_one_order_of_a_set_contradict_too(tmp_path: Path):
    """So it is where both lots are pegged to one order of the set."""
    book = folder(tmp_path, PLAIN, [("l1", "g", 2), ("l3", "g", 2)])
    contradiction(book, "g")


def test_pegs_of_one_day_are_no_contradiction(tmp_path: Path):
    """Lots of two days that both wait for one due day come together."""
    orders = [
        row.replace("2024-01-05", "2024-01-20").replace("2024-01-06", "2024-01-20") for row in PLAIN
    ]
    book = folder(tmp_path, orders, [("l1", "g", 2), ("l2", "r", 2)])
    assert {"g", "r", "z"} == grants(book)


def test_days_that_never_meet_contradict_a_set(tmp_path: Path):
    """One order takes no unit after 01-05, the other is not due before 01-12."""
    orders = ["g,maker,gpu,10,2024-01-05,,0,hall", "r,maker,rack,10,2024-01-12,,,hall"]
    contradiction(folder(tmp_path, orders), "g", "r")


def test_lots_that_never_meet_contradict_a_set(tmp_path: Path):
    """The GPUs come in time by themselves, and the racks, but not on one day that both allow."""
    orders = ["g,maker,gpu,10,2024-01-05,,2,hall", "r,maker,rack,10,2024-01-05,,6,hall"]
    contradiction(folder(tmp_path, orders), "g", "r")


def test_a_set_of_three_names_the_two_that_cannot_meet(tmp_path: Path):
    """The smallest set of facts is told: the third order could come with either."""
    orders = [
        "g,maker,gpu,10,2024-01-05,,0,hall",
        "q,maker,gpu,1,2024-01-05,,,hall",
        "r,maker,rack,10,2024-01-12,,,hall",
    ]
    book = folder(tmp_path, orders)
    contradiction(book, "g", "r")
    assert "q" not in words_of(run_earmark("plan", book)[2])


def test_a_shortfall_of_supply_is_no_contradiction(tmp_path: Path):
    """An order that could not come by itself in time leaves its set unserved, with exit code 0."""
    orders = ["g,maker,gpu,10,2024-01-05,,0,hall", "r,maker,rack,11,2024-01-05,,,hall"]
    assert {"z"} == grants(folder(tmp_path, orders))


def test_a_rule_that_supply_cannot_keep_is_no_contradiction(tmp_path: Path):
    """A least shipment that comes too late is a shortfall: nothing is granted, exit code 0."""
    assert {"z"} == grants(folder(tmp_path, ["g,maker,gpu,20,2024-01-05,20,0,"]))


def test_other_sets_are_others(tmp_path: Path):
    """The same days under two words contradict nothing."""
    orders = ["g,maker,gpu,10,2024-01-05,,0,hall", "r,maker,rack,10,2024-01-12,,,other"]
    assert {"g", "r", "z"} == grants(folder(tmp_path, orders))


@pytest.mark.parametrize("policy", ["rolling", "weighted", "value"])
@pytest.mark.parametrize(
    "order",
    [
        "g,maker,gpu,4,2024-01-05,2,,",
        "g,maker,gpu,4,2024-01-05,,0,",
        "g,maker,gpu,4,2024-01-05,,,hall",
    ],
)
def test_some_policies_do_not_plan_orders_with_rules(policy, order, tmp_path: Path):
    """A priced policy, or one that looks few days ahead, is wrong usage for such a book: exit 2."""
    book = folder(tmp_path, [order])
    code, out, err = run_earmark("plan", book, "--policy", policy)
    assert (2, "") == (code, out)
    assert "g" in words_of(err)
    assert 0 == run_earmark("plan", book, "--policy", "plain")[0]


@pytest.mark.parametrize("policy", ["rolling", "weighted"])
def test_orders_that_are_not_planned_do_not_count(policy, tmp_path: Path):
    """A closed order with a rule stops no policy."""
    table = f"{COLUMNS},status\ng,maker,gpu,4,2024-01-05,2,,,closed\n{BYSTANDER},booked\n"
    book = folder(tmp_path, more={"orders.csv": table})
    assert {"z"} == grants(book, "--policy", policy)
