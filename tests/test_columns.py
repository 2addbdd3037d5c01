"""No column is read and ignored: a changed cell changes the result, or is refused by name.

One rich book, cases/books/one-of-everything, uses every table. Each column of SCHEMA is changed in
turn, in one cell; what it has to change is the plan, unless it stands in SHOWN: then it has to
change the page. A new column is expected to change the plan until it is listed.
"""

import csv
import json
from functools import cache
from pathlib import Path

import pytest
from command import run_earmark

from earmark.schema import COMMON, SCHEMA

PLANS = (
    ("--policy", "board"),
    ("--policy", "first_come"),
    ("--policy", "value"),
    ("--policy", "board", "--known", "2027-06-01"),
)

BOOK = Path(__file__).parent / "cases" / "books" / "one-of-everything"

SHOWN = {
    ("parties", "kind"),
    *(("stakes", column) for column in ("holder", "held", "from", "percent", "until")),
    *(("products", column) for column in ("power_kw", "bf16_tflops", "h100e")),
    ("sites", "operator"),
    ("sites", "region"),
    ("readiness", "date_early"),
    ("readiness", "date_late"),
    ("lots", "vendor"),
    *(("lots", c) for c in ("date_early", "date_late", "quantity_low", "quantity_high")),
    *(("moves", column) for column in ("by", "approved_by", "reason")),
    *(("assertions", column.name) for column in SCHEMA["assertions"].columns),
    *(("claims", column.name) for column in SCHEMA["claims"].columns),
    *(("evidence", column.name) for column in SCHEMA["evidence"].columns),
    *((table, "name") for table in ("parties", "products", "sites")),
    *((table, column.name) for table in SCHEMA for column in COMMON if column.name != "known"),
    ("stakes", "known"),
}
"""What a plan does not rest on (yet): it stands on the page as it was given."""

CHANGES = {
    ("parties", "party"): ("lab", "laboratory"),
    ("parties", "group"): ("maker", ""),
    ("stakes", "held"): ("net", "vans"),
    ("stakes", "holder"): ("net", "host"),
    ("products", "lot_size"): ("h100", "1"),
    ("readiness", "site"): ("hill", "river"),
    ("readiness", "units"): ("hill", "80"),
    ("lots", "product"): ("spare", "b200"),
    ("lots", "date"): ("march", "2027-04-05"),
    ("lots", "quantity"): ("january", "120"),
    ("lots", "status"): ("spare", "forecast"),
    ("orders", "party"): ("cars", "lab"),
    ("orders", "product"): ("run", "b200"),
    ("orders", "quantity"): ("cars", "240"),
    ("orders", "site"): ("cars", "river"),
    ("orders", "tier"): ("cars", "1"),
    ("orders", "promised"): ("cars", "80"),
    ("orders", "weight"): ("cars", "50"),
    ("orders", "booked"): ("cars", "2026-12-09"),
    ("orders", "status"): ("run", "closed"),
    ("orders", "min_ship"): ("cars", "200"),
    ("orders", "max_late_days"): ("cars", "0"),
    ("orders", "together"): ("cars", "hall"),
    ("orders", "confirm"): ("cars", "lose"),
    ("orders", "factors"): ("cars", "2"),
    ("orders", "split"): ("cars", "no"),
    ("moves", "move"): ("lend", "loan"),
    ("moves", "kind"): ("more", "retire"),
    ("moves", "date"): ("more", "2027-05-01"),
    ("moves", "quantity"): ("more", "16"),
    ("moves", "lot"): ("last", "may"),
    ("moves", "order"): ("last", "run"),
    ("moves", "to_order"): ("pass", "run"),
    ("moves", "party"): ("more", "vans"),
    ("moves", "product"): ("more", "b200"),
    ("moves", "site"): ("more", "river"),
    ("moves", "to_site"): ("shift", "hill"),
    ("moves", "in_return_for"): ("repay", ""),
    ("moves", "until"): ("try", "2027-05-01"),
    ("moves", "draws"): ("send", ""),
    ("assertions", "state"): ("none", "shipped"),
    ("evidence", "evidence"): ("memo", "letter"),
}
"""The row of that first cell gets that text; other columns change by their kind."""

UNTIED = ("moves", "in_return_for")
"""Without the tie the two redirects do not hold one by one: refused, for their quantities."""

RULES = {("orders", column) for column in ("min_ship", "max_late_days", "together", "confirm")}
RULES |= {("orders", column) for column in ("factors", "split")}
"""Rules of single orders: not in the rich book, as no policy with a value plans such orders."""

COLUMNS = [(table.name, column.name) for table in SCHEMA.values() for column in table.columns]


@pytest.fixture(scope="module")
def tables():
    """Return the rich book: per table, the header and rows of texts."""
    return rich_book()


@pytest.fixture(scope="module")
def unchanged(tables, tmp_path_factory):
    """Return the folder of the rich book as it is, its results and its page."""
    folder = tmp_path_factory.mktemp("unchanged")
    write(tables, folder)
    return folder, results(folder), page(folder)


def test_the_rich_book_uses_every_table_and_column(tables):
    """What is to be changed is there: no column without a cell, but for rules of orders."""
    assert set(SCHEMA) == set(tables)
    given = {
        (name, column)
        for name, rows in tables.items()
        for i, column in enumerate(rows[0])
        if column == "known" or any(row[i] for row in rows[1:])
    }
    assert set(COLUMNS) - RULES == given
    assert set(COLUMNS) >= SHOWN | set(CHANGES)


def test_the_rich_book_is_fine(unchanged, tables, tmp_path):
    """Unchanged, it checks clean, and the same book elsewhere gives the same results."""
    folder, planned, shown = unchanged
    write(tables, tmp_path)
    assert 0 == run_earmark("check", folder)[0]
    assert [0] * len(PLANS) == [code for code, _ in planned]
    assert planned == results(tmp_path)
    assert shown == page(tmp_path)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t}.{c}" for t, c in COLUMNS])
def test_no_column_is_read_and_ignored(table, column, tables, unchanged, tmp_path):
    """A changed cell changes the plan (or, where SHOWN says so, the page), or is refused."""
    write({**tables, table: changed(tables[table], table, column)}, tmp_path)
    code, out, _ = run_earmark("check", tmp_path, "--json")
    _, planned, shown = unchanged
    if code:
        named = {(p["table"], p["column"]) for p in json.loads(out)["problems"]}
        assert 1 == code
        named |= {UNTIED} if named == {("moves", "quantity")} else set()
        assert (table, column) in named or refers_to(table, column, named), named
    elif (table, column) in SHOWN:
        assert page(tmp_path) != shown, "the page does not show it"
    else:
        now = results(tmp_path)
        assert now[:2] != planned[:2] if (table, column) in RULES else now != planned


def refers_to(table, column, named):
    """Tell whether each named column refers to `table`, whose key was renamed, or is its own."""
    own = SCHEMA[table].key == (column,)
    return own and all(SCHEMA[t].column(c).refers_to == table for t, c in named if c)


def changed(rows, table, column):
    """Return the table with one cell of `column` changed, adding the column if need be."""
    head, *body = [list(row) for row in rows]
    if column not in head:
        head.append(column)
        body = [[*row, ""] for row in body]
    place = head.index(column)
    key, new = CHANGES.get((table, column)) or guess(table, column, head, body)
    row = next(row for row in body if row[0] == key)
    assert row[place] != new
    row[place] = new
    return [head, *body]


def guess(table, column, head, body):
    """Return a row's first cell and another valid text for `column`, by the column's kind."""
    place = head.index(column)
    if column == "known":
        return body[0][0], "2027-09-01"
    key, old = next((row[0], row[place]) for row in body if row[place])
    schema = SCHEMA[table].column(column)
    others = {
        "text": lambda: "1" * 64 if column == "sha256" else old + " indeed",
        "id": lambda: next((t for t in keys(schema.refers_to) if t not in (old, "")), old + "x"),
        "ids": lambda: "page",
        "integer": lambda: str(int(old) + 1),
        "decimal": lambda: old + "1" if "." in old else old + ".5",
        "date": lambda: old[:-2] + f"{int(old[-2:]) % 28 + 1:02d}",
        "choice": lambda: next(c for c in schema.choices if c != old),
    }
    return key, others[schema.kind]()


def keys(table):
    """Return the keys of a table of the rich book."""
    return [row[0] for row in rich_book()[table][1:]] if table else []


@cache
def rich_book():
    """Return the rich book as texts: {table: [header, row, ...]}."""
    return {path.stem: read(path) for path in sorted(BOOK.glob("*.csv"))}


def read(path):
    """Return header and rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def write(tables, folder):
    """Write the book as CSV files."""
    folder.mkdir(exist_ok=True)
    (folder / "book.toml").write_bytes((BOOK / "book.toml").read_bytes())
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def results(folder):
    """Return what the plans of a book print, without the digest."""
    found = []
    for options in PLANS:
        code, out, _ = run_earmark("plan", folder, *options, "--json")
        document = json.loads(out)
        document.get("book", {}).pop("digest", None)
        found.append((code, document))
    return found


def page(folder):
    """Return the page of a book, without its digest and the place of the book."""
    target = folder / "page.html"
    code, out, err = run_earmark("report", folder, "-o", target)
    assert 0 == code, out + err
    _, printed, _ = run_earmark("plan", folder, "--json")
    digest = json.loads(printed)["book"]["digest"].removeprefix("sha256:")
    text = target.read_text(encoding="utf-8").replace(str(folder), "").replace(digest, "")
    for length in range(40, 6, -1):  # also where it is cut short
        text = text.replace(digest[:length], "")
    return text
