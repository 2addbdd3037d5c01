"""Tables in narrow terminals."""

import io
import re

import pytest
from command import EXAMPLES, run_earmark
from rich.console import Console
from rich.table import Table

from earmark.cli.width import print_table


def printed(width: int) -> list[str]:
    """Return a table of an id, large numbers and prose as it is printed in `width`."""
    table = Table(title="A reading")
    table.add_column("order", overflow="fold")
    for head in ("active without the swap", "lost"):
        table.add_column(head, justify="right", overflow="fold")
    table.add_column("why", overflow="fold")
    table.add_row("maker-training", "12,345,678", "−1,284,000", "share 2,800 of another order")
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    print_table(console, table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [200, 90, 80, 70, 60, 50, 20])
def test_ids_and_numbers_never_break(width: int) -> None:
    """However narrow: rather a table that is too wide than a digit that is missing."""
    row = next(line for line in printed(width) if "maker-training" in line)
    assert ["12,345,678", "−1,284,000"] == re.findall(r"−?[0-9]+,[0-9,]+", row)[:2]


@pytest.mark.parametrize("width", [90, 80, 70, 60])
def test_a_table_keeps_to_the_width(width: int) -> None:
    """Heads break between words, and frames go, before a line is too long."""
    lines = printed(width)
    assert max(map(len, lines)) <= width
    assert {"active", "without", "swap"} <= set(re.findall("[a-z]+", " ".join(lines)))


def test_a_title_ends_where_it_ends() -> None:
    """No blanks are put behind the name of a reading."""
    assert "A reading" == printed(80)[0]


@pytest.mark.parametrize("columns", ["", "0", "wide", "-5"])
def test_odd_widths_are_passed_over(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A COLUMNS that is no width is as good as none."""
    monkeypatch.setenv("COLUMNS", columns)
    code, out, _ = run_earmark("plan", EXAMPLES / "quickstart")
    assert (0, True) == (code, "│ 18,000,000 │" in out)


def test_nothing_that_changes_is_no_table() -> None:
    """Where no party's figures differ, the sentence is all there is to say."""
    book = EXAMPLES / "quickstart"
    code, out, _ = run_earmark("compare", book, book)
    assert (0, 1) == (code, len(out.splitlines()))


def test_causes_beyond_the_second_are_counted(tmp_path) -> None:
    """The column why adds up to the days late, also where it names only the two largest causes."""
    run_earmark("init", tmp_path / "b", "--sample")
    for name, row in (
        ("sites", "lake,Lake hall,west"),
        ("readiness", "lake,h100,2027-05-15,96,"),
        ("orders", "late,net,h100,lake,64,2027-03-01,2,2026-12-01"),
        ("moves", "hold-late,earmark,2027-01-05,40,march,late,"),
    ):
        with (tmp_path / "b" / f"{name}.csv").open("a") as file:
            file.write(row + "\n")
    _, out, _ = run_earmark("plan", tmp_path / "b")
    assert "other 280" in " ".join(out.replace("│", " ").split())
