"""Parquet: cells of any plain type are the texts of CSV, and what is wrong is told the same way."""

import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command import run_earmark
from raw_books import book_at, problems_of, small, the_problem

from earmark.errors import Problem
from earmark.tables import write_book
from earmark.tables.parquet_files import parquet_bytes

EXAMPLES = Path(__file__).parents[2] / "examples"
BOOKS = sorted(path.parent for path in EXAMPLES.glob("*/book.toml"))

LOTS = {
    "lot": ["l1", "l2"],
    "product": ["H100", "H100"],
    "date": [date(2024, 2, 1), date(2024, 3, 1)],
    "quantity": [50, 8],
}


def _as_parquet(source: Path, target: Path) -> Path:
    """Write a book with its tables as Parquet."""
    write_book(book_at(source), target, parquet=True)
    return target


def _book(folder: Path, lots: dict[str, Any] | pl.DataFrame) -> Path:
    """Write the small book with its lots as Parquet."""
    book = small(folder / "b", lots_csv=None)
    pl.DataFrame(lots, strict=False).write_parquet(book / "lots.parquet")
    return book


def _told(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.row, problem.column, problem.text


@pytest.mark.parametrize("source", BOOKS, ids=lambda path: path.name)
def test_a_book_is_the_same_from_every_format(source: Path, tmp_path: Path) -> None:
    """The digest is the same from CSV, a workbook and Parquet."""
    book = book_at(source)
    write_book(book, tmp_path / "b.xlsx")
    assert book.digest == book_at(tmp_path / "b.xlsx").digest
    assert book.digest == book_at(_as_parquet(source, tmp_path / "p")).digest


def test_a_plan_is_the_same_from_every_format(tmp_path: Path) -> None:
    """The same bytes are printed, whatever the book was read from."""
    source = small(tmp_path / "c")
    write_book(book_at(source), tmp_path / "x.xlsx")
    places = source, tmp_path / "x.xlsx", _as_parquet(source, tmp_path / "p")
    answers = {run_earmark("plan", str(place), "--json") for place in places}
    ((code, printed, _),) = answers
    assert 0 == code
    assert "earmark.plan/1" == json.loads(printed)["format"]


def test_parquet_and_csv_stand_side_by_side(tmp_path: Path) -> None:
    """A folder may hold some tables as CSV and others as Parquet."""
    lots = {**LOTS, "lot": ["l1", "l2"][:1]}
    lots = {name: cells[:1] for name, cells in lots.items()}
    assert book_at(small(tmp_path / "a")).digest == book_at(_book(tmp_path, lots)).digest


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("quantity", [50.0, 8.0]),
        ("quantity", pl.Series([50, 8], dtype=pl.UInt8)),
        ("quantity", [Decimal("50.00"), Decimal("8.00")]),
        ("quantity", ["50", " 8 "]),
        ("date", ["2024-02-01", "2024-03-01"]),
        ("date", [datetime(2024, 2, 1), datetime(2024, 3, 1)]),  # noqa: DTZ001
        ("lot", pl.Series(["l1", "l2"], dtype=pl.Categorical)),
        ("lot", pl.Series(["l1", "l2"], dtype=pl.Enum(["l2", "l1"]))),
        ("quantity_low", pl.Series([None, None], dtype=pl.Null)),
        ("quantity_low", pl.Series([None, None], dtype=pl.Int32)),
        ("note", [None, None]),
    ],
)
def test_types_do_not_matter(name: str, cells: Any, tmp_path: Path) -> None:
    """What a cell says counts, not how it is stored."""
    same = book_at(_book(tmp_path / "a", LOTS)).digest
    assert same == book_at(_book(tmp_path / "b", {**LOTS, name: cells})).digest


@pytest.mark.parametrize(
    ("name", "cells", "told"),
    [
        ("quantity", [50, None], ("E101", 3, "quantity", "")),
        ("quantity", [50.0, 8.5], ("E102", 3, "quantity", "8.5")),
        ("quantity", [50.0, float("nan")], ("E102", 3, "quantity", "NaN")),
        ("quantity", [50, -8], ("E107", 3, "quantity", "-8")),
        ("quantity", [True, True], ("E102", 2, "quantity", "yes")),
        ("date", [date(2024, 2, 1), None], ("E101", 3, "date", "")),
        ("date", [datetime(2024, 2, 1), datetime(2024, 3, 1, 12)],  # noqa: DTZ001
         ("E105", 3, "date", "2024-03-01T12:00:00")),
        ("lot", ["l1", "l1"], ("E204", 3, "lot", "l1")),
        ("lot", ["l1", "l\x002"], ("E109", 3, "lot", "l\x002")),
        ("colour", ["red", "blue"], ("E201", 1, "colour", "colour")),
        ("evidence", [["e1"], ["e2"]], ("E424", 1, "evidence", "List(String)")),
        ("note", [{"a": 1}, None], ("E424", 1, "note", "Struct({'a': Int64})")),
        ("note", [b"x", b"y"], ("E424", 1, "note", "Binary")),
    ],
)  # fmt: skip
def test_faults_are_told_as_in_csv(
    name: str, cells: Any, told: tuple[object, ...], tmp_path: Path
) -> None:
    """Each has table, row, column, text and code; a row is counted as below a header."""
    found = problems_of(_book(tmp_path, {**LOTS, name: cells}))
    assert told == _told(found[0])
    assert {"lots"} == {problem.table for problem in found}
    assert found[0].hint or found[0].code in ("E101", "E102", "E105", "E107", "E109")


def test_missing_columns_and_blank_rows(tmp_path: Path) -> None:
    """A column that is needed is missed; a row without a cell is no row, but counts."""
    del (lots := dict(LOTS))["quantity"]
    assert "E202" == the_problem(_book(tmp_path / "a", lots)).code
    blank = {name: [cells[0], None, cells[1]] for name, cells in LOTS.items()}
    assert (
        book_at(_book(tmp_path / "b", LOTS)).digest == book_at(_book(tmp_path / "c", blank)).digest
    )
    assert [2, 4] == list(book_at(tmp_path / "c" / "b").lots.rows)


def test_empty_tables_and_empty_names(tmp_path: Path) -> None:
    """Columns without rows are an empty table, no columns none; a nameless cell is too many."""
    schema = {"lot": pl.String, "product": pl.Null, "date": pl.Date, "quantity": pl.Int64}
    assert 0 == len(book_at(_book(tmp_path / "a", pl.DataFrame(schema=schema))).lots)
    nameless = the_problem(_book(tmp_path / "c", {**LOTS, " ": [None, "odd"]}))
    assert ("E205", 3, None, "odd") == _told(nameless)
    assert "E401" == the_problem(_book(tmp_path / "d", {" ": ["x"]})).code


@pytest.mark.parametrize("cut", [0, 1, 4, 11, 12, 100, -9, -4, -1])
def test_a_file_that_was_cut_off_is_named(cut: int, tmp_path: Path) -> None:
    """Zero bytes are an empty file; any other part of a file is a damaged one."""
    book = _book(tmp_path, LOTS)
    content = (book / "lots.parquet").read_bytes()
    (book / "lots.parquet").write_bytes(content[:cut])
    problem = the_problem(book)
    assert (("E401" if cut == 0 else "E423"), "lots") == (problem.code, problem.table)
    assert problem.hint


def test_damaged_bytes_are_named_or_read(tmp_path: Path) -> None:
    """Whatever is changed inside a file, the answer is a book or problems."""
    book = _book(tmp_path, LOTS)
    content = (book / "lots.parquet").read_bytes()
    for place in range(0, len(content), 7):
        broken = bytearray(content)
        broken[place] ^= 0xFF
        (book / "lots.parquet").write_bytes(bytes(broken))
        problems_of(book)


def test_a_table_in_two_formats_is_an_error(tmp_path: Path) -> None:
    """Which of two files counts cannot be told, even if one of them is no table."""
    book = small(tmp_path / "b")
    (book / "lots.parquet").write_bytes(b"")
    assert ["E419"] == [problem.code for problem in problems_of(book)]
    other = _book(tmp_path / "o", LOTS)
    (other / "lots.xlsx").write_bytes(b"PK")
    problem = the_problem(other)
    assert ("E419", "keep lots.parquet or lots.xlsx") == (problem.code, problem.hint)
    assert "E206" == the_problem(_named(tmp_path / "n", "lotz.parquet")).code


def _named(folder: Path, name: str) -> Path:
    book = small(folder)
    (book / name).write_bytes(b"")
    return book


def test_an_overlay_of_parquet(tmp_path: Path) -> None:
    """Overlays are read from Parquet as books are, with the column drop."""
    overlay = tmp_path / "more"
    overlay.mkdir()
    lots = {**LOTS, "quantity": [70, 8], "drop": [False, False]}
    pl.DataFrame(lots).write_parquet(overlay / "lots.parquet")
    pl.DataFrame({"order": ["o2"], "drop": ["yes"]}).write_parquet(overlay / "orders.parquet")
    book = book_at(small(tmp_path / "b"), overlay)
    assert [70, 8] == list(book.lots.columns["quantity"])
    assert ["o1"] == list(book.orders.columns["order"])


def test_tables_are_written_with_their_types(tmp_path: Path) -> None:
    """Days, whole numbers and decimals are such; columns that hold nothing are left out."""
    book = book_at(small(tmp_path / "b"))
    schema = pl.read_parquet(io.BytesIO(parquet_bytes(book.products))).schema
    assert pl.Int64 == schema["lot_size"]
    assert pl.Decimal(38, 1) == schema["power_kw"]
    assert pl.Date == schema["known"]
    assert "h100e" not in schema
    assert parquet_bytes(book.products) == parquet_bytes(book.products)


def test_a_record_is_exported_as_parquet(tmp_path: Path) -> None:
    """`earmark export --format parquet` writes a book of the same digest, for a folder alone."""
    source, store = small(tmp_path / "b"), f"sqlite:///{tmp_path / 'book.db'}"
    assert 0 == run_earmark("import", source, "--into", store)[0]
    assert 0 == run_earmark("export", store, tmp_path / "out", "--format", "parquet")[0]
    assert (tmp_path / "out" / "orders.parquet").exists()
    assert not list((tmp_path / "out").glob("*.csv"))
    assert book_at(source).digest == book_at(tmp_path / "out").digest
    assert 2 == run_earmark("export", store, tmp_path / "out.xlsx", "--format", "parquet")[0]
