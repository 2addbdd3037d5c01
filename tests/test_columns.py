"""No column is read and ignored: a changed cell changes the result, or is refused by name.

One rich book uses every table. Each column of SCHEMA is changed in turn, in one cell; what it has to
change is the plan, unless it stands in SHOWN: then it has to change the page. A new column is
expected to change the plan until it is listed.
"""

import csv
import json
import re
from functools import cache

import pytest
from command import run_earmark

from earmark.schema import COMMON, LATER_COLUMNS, SCHEMA

SETTINGS = """\
title = "One of everything"
currency = "USD"
start = 2027-01-01
end = 2027-12-01
policy = "board"

[fiscal]
vendor = "last Sunday of January"

[policy.board]
weights = { motors = 2 }
round = "lot"
"""

PLANS = (
    ("--policy", "board"),
    ("--policy", "first_come"),
    ("--policy", "board", "--known", "2027-06-01"),
)

BOOK = {
    "parties": """
        party  | name           | group  | kind     | known | evidence | basis    | note
        maker  | Carmaker       | motors | customer |       | memo     | reported | listed
        vans   | Van works      | motors | customer |       |          |          |
        net    | Social network |        | customer |       |          |          |
        lab    | AI lab         |        | customer |       |          |          |
        vendor | Chip maker     |        | vendor   |       |          |          |
        host   | Landlord       |        | host     |       |          |          |
        """,
    "stakes": """
        holder | held | from       | percent | until      | known      | evidence | basis    | note
        net    | lab  | 2026-01-01 | 25      | 2028-01-01 | 2027-01-01 | memo     | reported | said
        """,
    "products": """
        product | name | lot_size | power_kw | unit_price | bf16_tflops | h100e | known | evidence \
| basis | note
        h100    | H100 | 8        | 1.275    | 30000      | 900         | 1     |       | memo     \
| assumed | list
        b200    | B200 | 1        | 1.8      | 50000      | 2200        | 2.5   |       |          \
|         |
        """,
    "sites": """
        site  | name       | operator | region | known | evidence | basis    | note
        hill  | Hill hall  | host     | north  |       | memo     | reported | old
        river | River hall | maker    | south  |       |          |          |
        """,
    "readiness": """
        site  | product | date       | units | date_early | date_late  | known | evidence | basis \
| note
        hill  | h100    | 2027-01-01 | 160   | 2026-12-01 | 2027-02-01 |       | memo     | reported \
| said
        hill  | h100    | 2027-05-01 | 600   |            |            |       |          | \
|
        river | h100    | 2027-02-01 | 120   |            |            |       |          | \
|
        river | h100    | 2027-06-01 | 320   |            |            |       |          | \
|
        """,
    "lots": """
        lot     | vendor | product | date       | quantity | date_early | date_late  | quantity_low \
| quantity_high | status    | known      | evidence | basis    | note
        january | vendor | h100    | 2027-01-11 | 160      | 2027-01-05 | 2027-01-20 | 80           \
| 200           | committed | 2027-01-01 | memo     | reported | said
        march   | vendor | h100    | 2027-03-08 | 240      |            |            |              \
|               | committed |            |          |          |
        may     | vendor | h100    | 2027-05-10 | 104      |            |            |              \
|               | committed |            |          |          |
        """,
    "orders": """
        order   | party | product | site  | quantity | due        | tier | unit_price | booked     \
| promised | status | known | evidence | basis    | note
        cars    | maker | h100    | hill  | 200      | 2027-01-15 | 2    | 31000      | 2026-12-01 \
| 8        | booked |       | memo     | reported | said
        vans    | vans  | h100    | hill  | 120      | 2027-01-15 | 2    |            | 2026-12-02 \
| 0        | booked |       |          |          |
        feed    | net   | h100    | hill  | 160      | 2027-01-15 | 2    |            | 2026-12-03 \
| 0        | booked |       |          |          |
        run     | lab   | h100    | river | 200      | 2027-03-15 | 1    |            | 2026-12-04 \
| 0        | booked |       |          |          |
        search  | net   | h100    | river | 80       | 2027-02-01 | 1    |            | 2026-12-05 \
| 0        | booked |       |          |          |
        gifts   | lab   | h100    | hill  | 24       | 2027-02-01 | 3    |            | 2026-12-06 \
| 0        | booked |       |          |          |
        """,
    "moves": """
        move  | kind     | date       | quantity | lot     | order  | to_order | party | product \
| site  | to_site | in_return_for | by   | approved_by | reason  | known | evidence | basis    | note
        open  | opening  | 2027-01-01 | 40       |         |        |          | maker | h100    \
| hill  |         |               | desk | board       | running |       | memo     | reported | said
        shift | transfer | 2027-04-01 | 16       |         |        |          | maker | h100    \
| hill  | river   |               |      |             |         |       |          |          |
        hold  | earmark  | 2027-01-02 | 48       | january | feed   |          |       |         \
|       |         |               |      |             |         |       |          |          |
        keep  | earmark  | 2027-01-02 | 24       | may     | gifts  |          |       |         \
|       |         |               |      |             |         |       |          |          |
        lend  | redirect | 2027-01-05 | 16       | january | feed   | gifts    |       |         \
|       |         |               |      |             |         |       |          |          |
        repay | redirect | 2027-01-06 | 16       | may     | gifts  | feed     |       |         \
|       |         | lend          |      |             |         |       |          |          |
        """,
    "claims": """
        claim | speaker | date       | party | metric       | product | site | unit_basis \
| comparator | target | deadline   | calendar | known | evidence | basis    | note
        many  | Chief   | 2027-01-10 | maker | active_units | h100    | hill | units      \
| >=         | 150    | 2027-03-31 | vendor   |       | memo     | reported | said
        """,
    "evidence": """
        evidence | publisher | published  | title | url                     | sha256 | known | basis \
| note
        memo     | Paper     | 2026-12-20 | Memo  | https://example.org/one | %s     |       | reported \
| copy
        page     | Site      | 2026-12-21 | Page  | https://example.org/two |        |       | \
|
        """
    % ("0" * 64),
}

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
    *(("claims", column.name) for column in SCHEMA["claims"].columns),
    *(("evidence", column.name) for column in SCHEMA["evidence"].columns),
    *((table, "name") for table in ("parties", "products", "sites")),
    *((table, column.name) for table in SCHEMA for column in COMMON if column.name != "known"),
    ("stakes", "known"),
}
"""What a plan does not rest on (yet): it stands on the page as it was given."""

CHANGES = {
    ("parties", "party"): ("lab", "laboratory"),
    ("parties", "group"): ("motors", ""),
    ("stakes", "held"): ("lab", "vans"),
    ("stakes", "holder"): ("net", "host"),
    ("products", "product"): ("h100", "h200"),
    ("products", "lot_size"): ("8", "1"),
    ("sites", "site"): ("hill", "mountain"),
    ("sites", "operator"): ("host", "net"),
    ("readiness", "site"): ("hill", "river"),
    ("readiness", "units"): ("160", "80"),
    ("lots", "quantity"): ("160", "120"),
    ("lots", "status"): ("committed", "forecast"),
    ("lots", "quantity_low"): ("80", "88"),
    ("lots", "quantity_high"): ("200", "208"),
    ("orders", "party"): ("maker", "lab"),
    ("orders", "quantity"): ("200", "240"),
    ("orders", "site"): ("hill", "river"),
    ("orders", "tier"): ("2", "1"),
    ("orders", "promised"): ("8", "80"),
    ("orders", "booked"): ("2026-12-01", "2026-12-09"),
    ("orders", "status"): ("booked", "closed"),
    ("moves", "kind"): ("opening", "retire"),
    ("moves", "date"): ("2027-01-01", "2027-05-01"),
    ("moves", "quantity"): ("40", "48"),
    ("moves", "party"): ("maker", "vans"),
    ("moves", "to_site"): ("river", "hill"),
    ("moves", "in_return_for"): ("lend", ""),
    ("moves", "lot"): ("january", "march"),
    ("moves", "to_order"): ("gifts", "run"),
    ("evidence", "evidence"): ("memo", "letter"),
}
"""One cell that holds the first text gets the second; other columns change by their kind."""

REFUSED = {("orders", column) for column in LATER_COLUMNS}
REFUSED_TEXTS = {
    "weight": "2",
    "min_ship": "8",
    "max_late_days": "5",
    "together": "rack",
    "confirm": "full",
}

COLUMNS = [(table.name, column.name) for table in SCHEMA.values() for column in table.columns]


@pytest.fixture(scope="module")
def tables():
    """Return the rich book: per table, the header and rows of texts."""
    return {name: parse(text) for name, text in BOOK.items()}


def test_the_rich_book_uses_every_table_and_column(tables):
    """What is to be changed is there: no column without a cell, but for those refused."""
    assert set(SCHEMA) == set(tables)
    given = {
        (name, column)
        for name, rows in tables.items()
        for i, column in enumerate(rows[0])
        if column == "known" or any(row[i] for row in rows[1:])
    }
    assert set(COLUMNS) - REFUSED == given
    assert set(COLUMNS) >= SHOWN | set(CHANGES) | REFUSED


def test_the_rich_book_is_fine(tables, tmp_path):
    """Unchanged, it checks clean, and the same book gives the same results again."""
    write(tables, tmp_path / "a")
    write(tables, tmp_path / "b")
    assert 0 == run_earmark("check", tmp_path / "a")[0]
    assert results(tmp_path / "a") == results(tmp_path / "b")
    assert page(tmp_path / "a") == page(tmp_path / "b")


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t}.{c}" for t, c in COLUMNS])
def test_no_column_is_read_and_ignored(table, column, tables, tmp_path_factory):
    """A changed cell changes the plan (or, where SHOWN says so, the page), or is refused."""
    folder = tmp_path_factory.mktemp("changed")
    write({**tables, table: changed(tables[table], table, column)}, folder)
    code, out, _ = run_earmark("check", folder, "--json")
    if code:
        named = {(p["table"], p["column"]) for p in json.loads(out)["problems"]}
        assert 1 == code
        assert (table, column) in named or refers_to(table, column, named), named
    elif (table, column) in SHOWN:
        assert page(folder) != page(unchanged(tmp_path_factory)), "the page does not show it"
    else:
        assert results(folder) != results(unchanged(tmp_path_factory)), "the plan ignores it"
    assert ((table, column) in REFUSED) <= bool(code), "not built, and not refused"


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
    old, new = CHANGES.get((table, column)) or guess(table, column, [r[place] for r in body])
    row = next(row for row in body if row[place] == old)
    row[place] = new
    return [head, *body]


def guess(table, column, texts):
    """Return a cell that is given and another valid text for it, by the column's kind."""
    if (table, column) in REFUSED:
        return "", REFUSED_TEXTS[column]
    if column == "known":
        return texts[0], "2027-09-01"
    old = next(text for text in texts if text)
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
    return old, others[schema.kind]()


def keys(table):
    """Return the keys of a table of the rich book."""
    return [row[0] for row in parse(BOOK[table])[1:]] if table else []


def parse(text):
    """Return header and rows of a table drawn with bars."""
    lines = text.strip().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def write(tables, folder):
    """Write the book as CSV files."""
    folder.mkdir(exist_ok=True)
    (folder / "book.toml").write_text(SETTINGS, encoding="utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


def results(folder):
    """Return what the plans of a book print, without the digest."""
    found = []
    for options in PLANS:
        code, out, err = run_earmark("plan", folder, *options, "--json")
        document = json.loads(out)
        document.get("book", {}).pop("digest", None)
        found.append((code, document))
    return found


def page(folder):
    """Return the page of a book, without its digest."""
    target = folder / "page.html"
    code, out, err = run_earmark("report", folder, "-o", target)
    assert 0 == code, out + err
    text = target.read_text(encoding="utf-8")
    return re.sub(r"(?:sha256:)?\b[0-9a-f]{8,64}\b(?!\.)", "digest", text)


@cache
def unchanged(factory):
    """Return a folder with the rich book as it is."""
    folder = factory.mktemp("unchanged")
    write({name: parse(text) for name, text in BOOK.items()}, folder)
    return folder
