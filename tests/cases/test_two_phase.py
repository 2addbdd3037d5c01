"""Earmarks drawn in part, released and ended: TigerBeetle's two-phase transfers, as a book.

src/state_machine_tests.zig:1332 at 52ad553f ("create/lookup 2-phase transfers"). A pending transfer
is an earmark, its timeout the day `until`; posting it is a ship that draws it, voiding it (or
posting 0 of it) a release. Its balances stand in the book as assertions. What is posted at once is
shipped a day before: on the day of the earmarks it would draw on them.
"""

import csv
from pathlib import Path

import pytest
from command import find_problems, run_earmark

BOOK = Path(__file__).parent / "books" / "two-phase"

OTHERWISE = [
    ("void-t3", {"quantity": "14"}, "E328", "1 fewer than the earmark has on 2024-01-03"),
    ("post-t5", {"quantity": "8"}, "E328", "1 more than the earmark has on 2024-01-03"),
    ("again", {"draws": "t3"}, "E326", "void-t3 has drawn t3 before"),
    ("again", {"draws": "t2"}, "E326", "post-t2 has drawn t2 before"),
    ("again", {"draws": "t4"}, "E327", "t4 ended on 2024-01-02"),
    ("again", {"draws": "t1"}, "E324", "t1 is no earmark, but a move of kind ship"),
    ("again", {"draws": "t9"}, "E210", "moves has no t9"),
]
"""What else was tried, as another cell of a move or as one more ship, and how it is refused."""


def test_balances_are_the_published_ones():
    """Pending 54 and posted 15 before; pending 0 and posted 36 when all are resolved."""
    assert 0 == run_earmark("check", BOOK)[0]


@pytest.mark.parametrize(("move", "cells", "code", "message"), OTHERWISE)
def test_what_cannot_be_drawn_is_refused_by_name(move, cells, code, message, tmp_path):
    """With another amount, twice, too late, or from what is no earmark."""
    for path in BOOK.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (BOOK / "moves.csv").open(newline="") as file:
        rows = {row["move"]: row for row in csv.DictReader(file)}
    ship = rows["post-t2"] | {"move": "again", "quantity": "1", "date": "2024-01-04"}
    rows[move] = rows.get(move, ship) | cells
    with (tmp_path / "moves.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(ship))
        writer.writeheader()
        writer.writerows(rows.values())
    (problem,) = find_problems("check", tmp_path)
    column = "quantity" if "quantity" in cells else "draws"
    assert (code, message, column) == tuple(problem[c] for c in ("code", "message", "column"))


def test_an_assertion_says_what_was_expected_found_and_apart(tmp_path):
    """The message of a balance that is not as asserted."""
    for path in BOOK.iterdir():
        text = path.read_text()
        text = text.replace(
            "pending,2024-01-01,earmarked,a1,a2,54", "p,2024-01-01,earmarked,a1,,60"
        )
        (tmp_path / path.name).write_text(text)
    (problem,) = find_problems("check", tmp_path)
    expected = "expected 60 earmarked of a1 on 2024-01-01, found 54: 6 too few"
    assert ("E335", expected) == (problem["code"], problem["message"])
