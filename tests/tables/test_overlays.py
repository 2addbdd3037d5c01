"""Overlays replace, add and remove whole keys of a book."""

from datetime import date
from pathlib import Path

import pytest
from raw_books import SMALL, book_at, problems_of, small, the_problem, write_folder, write_workbook

from earmark.errors import BookError
from earmark.tables import lay, read_book, read_overlay

HEADER = "lot,product,date,quantity"


def _lots(path: Path, *overlays: Path) -> dict[str, int]:
    lots = book_at(path, *overlays).as_known(None).lots
    return dict(zip(lots.column("lot"), lots.column("quantity"), strict=True))


def test_rows_replace_and_add(tmp_path: Path) -> None:
    """A row of an overlay takes the place of all versions of its key, or comes in addition."""
    versions = f"{HEADER},known\nl1,H100,2024-02-01,50,\nl1,H100,2024-02-01,60,2024-06-01\n"
    path = small(tmp_path / "b", lots_csv=versions)
    overlay = write_folder(
        tmp_path / "o", {"lots.csv": f"{HEADER}\nl1,H100,2024-02-01,7\nl2,H100,2024-02-01,8\n"}
    )
    assert {"l1": 60} == _lots(path)
    assert {"l1": 7, "l2": 8} == _lots(path, overlay)


def test_rows_are_known_from_the_start_of_the_book(tmp_path: Path) -> None:
    """A row that does not say when it became known was known on the book's first day."""
    overlay = write_folder(tmp_path / "o", {"lots.csv": f"{HEADER}\nl1,H100,2024-02-01,7\n"})
    assert [None] == read_overlay(overlay).tables["lots"].column("known")
    laid = book_at(small(tmp_path / "b"), overlay)
    assert [date(2024, 1, 1)] == laid.lots.column("known")


def test_drop_needs_only_the_key(tmp_path: Path) -> None:
    """A row with drop = yes removes its key and is not looked at further."""
    overlay = write_folder(
        tmp_path / "o",
        {
            "orders.csv": "order,quantity,drop\no2,all of it,yes\n",
            "readiness.csv": "site,date,drop\naustin,2024-03-01,yes\n",
        },
    )
    book = book_at(small(tmp_path / "b"), overlay)
    assert (["o1"], 0) == (book.orders.column("order"), len(book.readiness))


def test_drop_beside_other_rows(tmp_path: Path) -> None:
    """One table may drop some keys and give others; drop = no gives."""
    text = f"{HEADER},drop\nl1,,,,yes\nl2,H100,2024-02-01,8,no\nl3,H100,2024-02-01,9,\n"
    overlay = write_folder(tmp_path / "o", {"lots.csv": text})
    assert {"l2": 8, "l3": 9} == _lots(small(tmp_path / "b"), overlay)


def test_overlays_are_laid_in_order(tmp_path: Path) -> None:
    """Of two overlays that give one key, the later counts."""
    first, second = (
        write_folder(tmp_path / name, {"lots.csv": f"{HEADER}\nl1,H100,2024-02-01,{quantity}\n"})
        for name, quantity in (("o1", 7), ("o2", 8))
    )
    path = small(tmp_path / "b")
    assert ({"l1": 8}, {"l1": 7}) == (_lots(path, first, second), _lots(path, second, first))


def test_the_label_is_the_title_or_the_name(tmp_path: Path) -> None:
    """Rows keep the label of the overlay they stand in, for messages."""
    lots = {"lots.csv": SMALL["lots.csv"]}
    named = write_folder(tmp_path / "late hall", lots)
    titled = write_folder(tmp_path / "o", {**lots, "book.toml": 'title = "A later hall"\n'})
    book = write_workbook(tmp_path / "hall.xlsx", {"lots": [("lot",)]}, {"title": "In a sheet"})
    assert "late hall" == read_overlay(named).label
    assert "A later hall" == read_overlay(titled).label
    with pytest.raises(BookError) as raised:
        read_overlay(book)
    assert {"In a sheet"} == {problem.source for problem in raised.value.problems}
    assert ["A later hall"] == book_at(small(tmp_path / "b"), titled).lots.sources


def test_problems_name_the_overlay(tmp_path: Path) -> None:
    """A bad cell of an overlay is told from one of the book."""
    overlay = write_folder(tmp_path / "o", {"lots.csv": f"{HEADER}\nl1,H100,2024-02-01,x\n"})
    path = small(tmp_path / "b", sites_csv="site\na\x07b\naustin\n")
    assert [(None, "E109"), ("o", "E102")] == [
        (problem.source, problem.code) for problem in problems_of(path, overlay)
    ]


@pytest.mark.parametrize(
    ("name", "text", "code", "row"),
    [
        ("lots.csv", "lot,drop\nl1,yes\nl9,yes\n", "E290", 3),
        ("lots.csv", f"{HEADER},drop\nl1,,,,yes\nl1,H100,2024-02-01,1,\n", "E291", 3),
        ("lots.csv", "lot,drop\nl1,x\n", "E112", 2),
        ("lots.csv", f"{HEADER}\nl1,H200,2024-02-01,1\n", "E210", 2),
        (
            "lots.csv",
            f"{HEADER},known\nl1,H100,2024-02-01,1,\nl1,H100,2024-02-01,2,2024-01-01\n",
            "E204",
            3,
        ),
        ("book.toml", 'title = "T"\nstart = "2024-01-01"\n', "E412", None),
    ],
)
def test_wrong_overlays(name: str, text: str, code: str, row: int | None, tmp_path: Path) -> None:
    """An overlay is checked as a book is, and as laid on the book."""
    overlay = write_folder(tmp_path / "o", {name: text})
    found = problems_of(small(tmp_path / "b"), overlay)
    assert (code, row, "T" if name == "book.toml" else "o") in [
        (problem.code, problem.row, problem.source) for problem in found
    ]


def test_a_book_has_no_drop(tmp_path: Path) -> None:
    """Rows of a book are deleted, not dropped."""
    problem = the_problem(small(tmp_path / "b", lots_csv=f"{HEADER},drop\n"))
    assert ("E201", "drop") == (problem.code, problem.column)


def test_dropping_a_row_that_could_not_be_read_is_fine(tmp_path: Path) -> None:
    """An overlay that drops a bad row adds no problem of its own."""
    path = small(tmp_path / "b", lots_csv=f"{HEADER}\nl1,H100,2024-02-01,x\n")
    overlay = write_folder(tmp_path / "o", {"lots.csv": "lot,drop\nl1,yes\n"})
    assert "E102" == the_problem(path, overlay).code


def test_laying_by_hand_is_what_reading_does(tmp_path: Path) -> None:
    """`lay` and `read_book(overlays=...)` give one book."""
    path = small(tmp_path / "b")
    overlay = write_folder(tmp_path / "o", {"lots.csv": f"{HEADER}\nl1,H100,2024-02-01,7\n"})
    book, _ = read_book(path)
    laid = lay(book, read_overlay(overlay))
    assert book.digest != laid.digest
    assert book_at(path, overlay).digest == laid.digest
    missing = write_folder(tmp_path / "m", {"lots.csv": "lot,drop\nl9,yes\n"})
    with pytest.raises(BookError):
        lay(book, read_overlay(missing))


def test_a_reading_may_change_nothing(tmp_path: Path) -> None:
    """An overlay with a title alone is a reading in which all is as booked."""
    overlay = write_folder(tmp_path / "o", {"book.toml": 'title = "As booked"\n'})
    path = small(tmp_path / "b")
    assert book_at(path).digest == book_at(path, overlay).digest
