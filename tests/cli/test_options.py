"""Orders with several products or sites through the command line: files, stores, pages, words."""

import csv
import json
from pathlib import Path

import pytest
from command import find_problems, read_json, run_earmark
from raw_books import write_folder

FILES = {
    "book.toml": 'title = "t"\ncurrency = "USD"\nstart = 2027-01-01\nend = 2027-07-01\n',
    "lots.csv": "lot,product,date,quantity\nl1,h100,2027-02-01,30\nl2,b200,2027-03-01,30\n",
    "products.csv": "product,unit_price\nh100,3\nb200,5\n",
    "readiness.csv": "site,product,date,units\nhill,,2027-01-01,25\nriver,,2027-02-15,20\n",
    "orders.csv": (
        "order,party,product,site,quantity,due,factors,split\n"
        "o1,a,h100;b200,hill;river,40,2027-02-01,1;2,\n"
        "o2,b,b200,river,5,2027-02-01,,\n"
    ),
    "moves.csv": "move,kind,date,quantity,lot,order\nm1,earmark,2027-01-05,4,l2,o1\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "book", FILES)


def test_a_plan_shows_one_row_per_order_and_its_parts(folder):
    """Grants say of what and where; parts add up to their order, in GPUs and in units of it."""
    document = read_json("plan", folder)
    one, two = document["orders"]
    assert ("o1", "h100;b200", "hill;river") == (one["order"], one["product"], one["site"])
    assert "parts" not in two
    assert 40 == sum(part["quantity"] * part["counts_for"] for part in one["parts"])
    assert one["granted"] == sum(
        grant["quantity"] for grant in document["grants"] if grant["order"] == "o1"
    )
    assert {"product", "site"} <= set(document["grants"][0])
    assert one["late_unit_days"] + one["unserved_unit_days"] == sum(
        why["unit_days"] for why in one["why"]
    )
    prices = {"h100": 3, "b200": 5}
    value = sum(part["granted"] * prices[part["product"]] for part in one["parts"])
    assert str(value) == document["parties"][0]["value"]


def test_grants_are_written_with_product_and_site(folder, tmp_path):
    """A file of grants has the same rows as the document."""
    grants = read_json("plan", folder)["grants"]
    assert 0 == run_earmark("plan", folder, "-o", tmp_path / "g.csv")[0]
    rows = list(csv.DictReader((tmp_path / "g.csv").read_text().splitlines()))
    assert ["lot", "order", "date", "quantity", "product", "site"] == list(rows[0])
    for row, grant in zip(rows, grants, strict=True):
        assert (row["lot"], row["order"], int(row["quantity"])) == (
            grant["lot"],
            grant["order"],
            grant["quantity"],
        )
        assert "product" not in grant or row["product"] == grant["product"]


def test_every_face_knows_the_order_alone(folder, tmp_path):
    """Terminal, page and explanation never name a part; the explanation says what it takes."""
    page = tmp_path / "page.html"
    for arguments in (["plan"], ["explain"], ["report"]):
        words = {"explain": ["o1"], "report": ["-o", page]}.get(arguments[0], [])
        code, out, err = run_earmark(arguments[0], folder, *words)
        assert 0 == code, err
        assert "o1;" not in out
    assert "o1;2" not in page.read_text()
    told = read_json("explain", folder, "o1")["sentences"]
    assert any("h100 or b200" in sentence and "hill or river" in sentence for sentence in told)
    assert any("It is planned as" in sentence for sentence in told)


def test_other_commands_take_the_book(folder):
    """Comparisons, promises, redirects and rules side by side count the order once."""
    compared = read_json("compare", folder, "--policy", "priority", "--policy", "fair")
    assert ["o1", "o2"] == [row["order"] for row in compared["orders"]]
    ask = ("--party", "b", "--product", "h100;b200", "--quantity", 3, "--due", "2027-03-01")
    assert read_json("promise", folder, *map(str, ask), "--tiers")["tiers"]
    assert read_json("promise", folder, "--table")["weeks"]
    line = ("--from", "o1", "--to", "o2", "--quantity", "2")
    change = read_json("redirect", folder, *line)
    assert ["o1", "o2"] == [row["order"] for row in change["orders"]]
    assert read_json("plan", folder, "--compare-rules")["rules"]


def test_a_store_gives_the_same_plan(folder, tmp_path):
    """What is imported is verified, and planned and exported as it was."""
    store = f"sqlite:///{tmp_path}/s.db"
    assert 0 == run_earmark("import", folder, "--into", store)[0]
    assert 0 == run_earmark("verify", store)[0]
    assert read_json("plan", folder) == read_json("plan", store)
    accounts = read_json("accounts", store)["accounts"]
    held = {(a["state"], a["product"]): a["units"] for a in accounts if a["holder"] == "o1"}
    assert 4 == held["earmarked", "b200"]
    assert 40 - 2 * 4 == held["demand", "h100;b200"]
    for ending in ("parquet", "csv"):
        out = tmp_path / ending
        code, _, err = run_earmark("export", store, out, "--format", ending)
        assert 0 == code, err
        assert read_json("plan", folder) == read_json("plan", out)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("o1,a,h100;h300,hill,4,2027-02-01,,", "E210", "product"),
        ("o1,a,h100,hill;rover,4,2027-02-01,,", "E210", "site"),
        ("o1,a,h100;h100,hill,4,2027-02-01,,", "E113", "product"),
        ("o1,a,h100;b200,hill,4,2027-02-01,1,", "E350", "factors"),
        ("o1,a,h100;b200,hill,4,2027-02-01,0;1,", "E114", "factors"),
        ("o1,a,h100;b200,hill,4,2027-02-01,-2;1,", "E114", "factors"),
        ("o1,a,h100;b200,hill,4,2027-02-01,2;2,", "E351", "factors"),
        ("o1,a,h100;b200,hill,4,2027-02-01,,no", "E352", "split"),
    ],
)
def test_bad_options_are_named(folder, row, code, column):
    """Table, row, column, text, code and hint; nothing is planned."""
    (folder / "moves.csv").unlink()
    (folder / "sites.csv").write_text("site\nhill\nriver\n")
    head = FILES["orders.csv"].splitlines()[0]
    (folder / "orders.csv").write_text(f"{head}\n{row}\n")
    (problem,) = find_problems("plan", folder)
    assert ("orders", 2, column, code) == tuple(
        problem[key] for key in ("table", "row", "column", "code")
    )
    assert problem["text"]
    assert problem["hint"]


def test_policies_that_do_not_plan_options_say_so(folder):
    """Exit code 2, and the order by name."""
    code, out, _ = run_earmark("plan", folder, "--policy", "value", "--json")
    assert 2 == code
    assert "o1" in json.loads(out)["problems"][0]["message"]
