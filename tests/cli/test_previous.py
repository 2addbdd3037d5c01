"""`earmark plan --previous`: an earlier plan in every form, wrong ones, and the exit code."""

import json

import pytest
from command import find_problems, read_json, run_earmark
from raw_books import write_folder

BOOK = {
    "book.toml": 'title = "t"\ncurrency = "USD"\nstart = 2024-01-01\nend = 2024-03-01\n',
    "lots.csv": "lot,product,date,quantity\nl1,gpu,2024-01-01,20\n",
    "orders.csv": "order,party,product,quantity,due,confirm\n"
    "a,x,gpu,20,2024-01-01,gain\nb,y,gpu,20,2024-01-01,\n",
}


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a book of 20 units for 40, and plans of it."""
    write_folder(tmp_path / "book", BOOK)
    made = tmp_path / "plan.json"
    code, out, _ = run_earmark("plan", tmp_path / "book", "--json")
    assert 0 == code
    made.write_text(out)
    for ending in ("csv", "parquet"):
        assert 0 == run_earmark("plan", tmp_path / "book", "-o", tmp_path / f"plan.{ending}")[0]
    return tmp_path


@pytest.mark.parametrize("ending", ["json", "csv", "parquet"])
def test_a_plan_stands_by_an_earlier_one_in_every_form(folder, ending):
    """Half each before: of 12, who is to gain keeps 10; both share the other 2."""
    fewer = BOOK["lots.csv"].replace(",20\n", ",12\n")
    (folder / "book" / "lots.csv").write_text(fewer)
    earlier = folder / f"plan.{ending}"
    found = read_json("plan", folder / "book", "--previous", earlier)
    assert {"a": 11, "b": 1} == {order["order"]: order["granted"] for order in found["orders"]}
    assert [] == found["missed"]


def test_a_promise_that_cannot_be_kept_ends_with_1(folder):
    """8 where 10 were promised: the plan is made, names the order and ends with 1."""
    fewer = BOOK["lots.csv"].replace(",20\n", ",8\n")
    (folder / "book" / "lots.csv").write_text(fewer)
    words = ("plan", folder / "book", "--previous", folder / "plan.csv")
    code, out, _ = run_earmark(*words, "--json")
    missed = json.loads(out)["missed"]
    assert 1 == code
    assert [{"order": "a", "confirm": "gain", "units": 2, "unit_days": 120}] == missed
    code, out, _ = run_earmark(*words)
    assert 1 == code
    assert "a was to gain and does not: 2 GPUs short by the end, 120 GPU-days later." in out


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("p.csv", "lot,order,date,quantity\nl,a,soon,1\n", [("E105", 2, "date")]),
        ("p.csv", "lot,order,date,quantity\nl,a,2024-01-01,few\n", [("E102", 2, "quantity")]),
        ("p.csv", "lot,order\nl,a\n", [("E101", 2, "date"), ("E101", 2, "quantity")]),
        ("p.json", "[]", [("E403", None, None)]),
        ("p.json", "{", [("E403", None, None)]),
        ("p.parquet", "not parquet", [("E403", None, None)]),
    ],
)
def test_a_wrong_earlier_plan_is_named_by_place(folder, name, content, found):
    """Every wrong cell has its code, row and column, in the name of the file."""
    (folder / name).write_text(content)
    problems = find_problems("plan", folder / "book", "--previous", folder / name)
    assert found == [(p["code"], p["row"], p["column"]) for p in problems]
    assert {name} == {p["table"] for p in problems}


@pytest.mark.parametrize("name", ["none.csv", "plan.txt"])
def test_no_such_file_is_wrong_usage(folder, name):
    """A file that is not there, or of another kind, ends with 2."""
    (folder / "plan.txt").write_text("")
    assert 2 == run_earmark("plan", folder / "book", "--previous", folder / name)[0]


@pytest.mark.parametrize("policy", ["value"])
def test_a_priced_policy_does_not_promise_again(folder, policy):
    """It says so, and names an order."""
    code, _, err = run_earmark("plan", folder / "book", "--policy", policy)
    assert 2 == code
    assert "such as a" in err
