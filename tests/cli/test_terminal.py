"""What the terminal shows of a plan is what the JSON says."""

import pytest
from command import EXAMPLES, read_json, run_earmark

from earmark.amounts import number

QUICKSTART = EXAMPLES / "quickstart"
FIGURES = (
    "quantity",
    "granted",
    "unserved",
    "late_unit_days",
    "unserved_unit_days",
    "idle_unit_days",
)


@pytest.fixture(name="lines")
def _lines(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    code, out, _ = run_earmark("plan", QUICKSTART)
    assert 0 == code
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in out.splitlines()]


def test_parties_have_the_figures_of_the_document(lines):
    """A row for each party and one for all, late and unserved unit-days apart."""
    document = read_json("plan", QUICKSTART)
    for row in (*document["parties"], {"party": "all", **document["totals"]}):
        expected = [row["party"], *(number(row[name]) for name in FIGURES), number(row["value"])]
        assert expected in lines


def test_late_orders_have_the_figures_of_the_document(lines):
    """Orders that wait are shown with what they were granted, late and unserved unit-days."""
    for row in read_json("plan", QUICKSTART)["orders"]:
        names = ("granted", "quantity", "late_unit_days", "unserved_unit_days")
        expected = [row["order"], row["party"], *(number(row[name]) for name in names)]
        assert row["why"]
        assert expected in [line[:6] for line in lines]
