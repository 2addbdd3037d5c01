"""A workbook says the same as a folder of CSV: same rows, same digest, same problems."""

import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_books import (
    SETTINGS,
    SMALL,
    book_at,
    problems_of,
    small,
    the_problem,
    write_cells,
    write_workbook,
)

from earmark.errors import Problem
from earmark.tables.texts import text_of

HEADER = ["lot", "product", "date", "quantity"]
Row = list[str]


def _of_small() -> dict[str, list[Row]]:
    return {
        name.removesuffix(".csv"): [line.split(",") for line in text.splitlines()]
        for name, text in SMALL.items()
        if name.endswith(".csv")
    }


def _native(
    path: Path, rows: Sequence[Sequence[object]], **sheets: Sequence[Sequence[str]]
) -> Path:
    """Write a workbook whose table of lots has true dates, numbers, truth values and formulas."""
    write_workbook(path.with_suffix(".tmp"), {})
    with xlsxwriter.Workbook(path, {"in_memory": True}) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        clock = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        lots = workbook.add_worksheet("lots")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, tuple):
                    lots.write_formula(row, column, *cell)
                elif isinstance(cell, date):
                    lots.write_datetime(
                        row, column, cell, clock if isinstance(cell, datetime) else day
                    )
                else:
                    lots.write(row, column, cell)
        for name, texts in {"book": [*SETTINGS.items()], **sheets}.items():
            sheet = workbook.add_worksheet(name)
            for row, line in enumerate(texts):
                for column, text in enumerate(line):
                    sheet.write_string(row, column, text)
        workbook.add_chartsheet("a picture")
        workbook.add_worksheet("Sheet9")
    return path


def test_the_small_book_in_both_formats(tmp_path: Path) -> None:
    """One book has one digest."""
    workbook = write_workbook(tmp_path / "b.xlsx", _of_small())
    assert book_at(small(tmp_path / "b")).digest == book_at(workbook).digest


def test_cells_of_a_spreadsheet_are_what_they_show(tmp_path: Path) -> None:
    """True dates, numbers and results of formulas are read like their texts in CSV."""
    rows: list[list[object]] = [
        [*HEADER, "evidence"],
        ["l1", "H100", date(2024, 2, 1), 50, 7],
        ["l2", "H100", datetime.fromisoformat("2024-02-02"), ("=5+5", None, 10), True],
        [3.0, "H100", "2024-02-03", "12000.0", "0.1"],
        ["l4", 0.5, ("=DATE(2024,1,1)", None, "2024-02-04"), ("=0.1*3*10", None, 3.0), 1e15],
    ]
    texts = [
        [*HEADER, "evidence"],
        ["l1", "H100", "2024-02-01", "50", "7"],
        ["l2", "H100", "2024-02-02", "10", "yes"],
        ["3", "H100", "2024-02-03", "12000", "0.1"],
        ["l4", "0.5", "2024-02-04", "3", "1000000000000000"],
    ]
    folder = write_cells(tmp_path / "b", {"lots": texts})
    assert book_at(folder).digest == book_at(_native(tmp_path / "b.xlsx", rows)).digest


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12000.0, "12000"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (-5.0, "-5"),
        (True, "yes"),
        (False, "no"),
        (datetime.fromisoformat("2024-01-02"), "2024-01-02"),
        (datetime.fromisoformat("2024-01-02T12:00"), "2024-01-02T12:00:00"),
        (date(2024, 1, 2), "2024-01-02"),
        (time(12, 30), "12:30:00"),
        (7, "7"),
    ],
)
def test_texts_of_cells(cell: object, text: str) -> None:
    """Every kind of cell has one text."""
    assert text == text_of(cell)


def test_cells_that_show_an_error_are_found(tmp_path: Path) -> None:
    """An error in a formula is named with its text, even at the edge of the sheet."""
    rows: list[list[object]] = [
        [*HEADER, "note"],
        ["l1", "H100", date(2024, 2, 1), ("=1/0", None, "#DIV/0!"), ""],
        ["l2", "H100", date(2024, 2, 1), 5, ("=A1", None, "#REF!")],
        [("=NA()", None, "#N/A")],
    ]
    found = problems_of(_native(tmp_path / "b.xlsx", rows))
    assert [
        ("E108", 2, "quantity", "#DIV/0!"),
        ("E108", 3, "note", "#REF!"),
        ("E108", 4, "lot", "#N/A"),
    ] == [
        (problem.code, problem.row, problem.column, problem.text)
        for problem in found
        if problem.code == "E108"
    ]


def test_a_date_that_lost_its_format_is_told(tmp_path: Path) -> None:
    """A day number in a date column is not taken for a day, but the day is named."""
    problem = the_problem(_native(tmp_path / "b.xlsx", [HEADER, ["l1", "H100", 45458, 5]]))
    assert ("E105", "45458") == (problem.code, problem.text)
    assert problem.hint is not None
    assert "2024-06-15" in problem.hint


def test_sheets_of_other_names(tmp_path: Path) -> None:
    """A sheet that is no table is refused by name, as a CSV file is."""
    found = problems_of(
        write_workbook(
            tmp_path / "b.xlsx",
            {"Orders": [["order"]], "programmes": [["programme"]], "lots": [["lot"]]},
        )
    )
    assert [("E206", "Orders"), ("E202", "lots"), ("E207", "programmes")] == list(
        dict.fromkeys((problem.code, problem.table) for problem in found)
    )


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([], "E401"),
        ([("title", "T", "more")], "E205"),
        ([("key", "value"), ("title", "T"), ("title", "T")], "E420"),
    ],
)
def test_wrong_sheets_book(pairs: Sequence[Sequence[str]], code: str, tmp_path: Path) -> None:
    """The sheet `book` holds keys and values and nothing else."""
    path = write_workbook(tmp_path / "b.xlsx", {"book": pairs}, None)
    assert code in {problem.code for problem in problems_of(path)}


def test_a_workbook_needs_a_sheet_book(tmp_path: Path) -> None:
    """Without settings there is no book."""
    path = write_workbook(tmp_path / "b.xlsx", {"lots": [HEADER]}, None)
    assert "E410" == the_problem(path).code


def _changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("part", "old", "new", "code"),
    [
        ("xl/workbook.xml", b"<workbook", b"<!DOCTYPE x [<!ENTITY a 'b'>]><workbook", "E406"),
        ("xl/workbook.xml", b"</sheets>", b"", "E406"),
        ("xl/workbook.xml", b"<workbook", b"\0<workbook", "E406"),
        ("xl/_rels/workbook.xml.rels", b"worksheets/sheet1", b"worksheets/sheet7", "E406"),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"</sheetDatum>", "E406"),
        ("xl/worksheets/sheet1.xml", b'r="A2"', b'r="XFD2"', None),
        (
            "xl/worksheets/sheet1.xml",
            b'<row r="2" spans="1:4"><c r="A2"',
            b'<row r="1048576"><c r="XFD1048576"',
            "E408",
        ),
    ],
)
def test_damaged_parts(part: str, old: bytes, new: bytes, code: str | None, tmp_path: Path) -> None:
    """Damage inside the archive is told, and a stray cell far out does not fill the memory."""
    rows = [HEADER, ["l1", "H100", "2024-02-01", "5"]]
    path = write_workbook(tmp_path / "b.xlsx", {"lots": rows})
    found = problems_of(_changed(path, part, old, new))
    assert found
    if code is not None:
        assert [code] == [problem.code for problem in found]


ODD_TEXTS = (
    "", " ", "x", "-5", "5.5", "12,000 H100", "06/15/2024", "2024-02-30", "2024-02-01", "A;B",
    "#DIV/0!", "yes", "booked", "Booked", "a\nb", "\u200bx", "007", "1e3", "größe", "\xa0", "H100",
)  # fmt: skip


def _mutate(tables: dict[str, list[Row]], chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 6)):
        rows = tables[chance.choice(sorted(tables))]
        row = chance.randrange(len(rows))
        match chance.randrange(5):
            case 0:
                rows.insert(row, list(chance.choice(rows)))
            case 1:
                rows[row].append(chance.choice(ODD_TEXTS))
            case 2:
                rows.insert(row, [])
            case _ if rows[row]:
                rows[row][chance.randrange(len(rows[row]))] = chance.choice(ODD_TEXTS)


def _places(problems: Sequence[Problem]) -> list[tuple[object, ...]]:
    return [
        (problem.table, problem.row, problem.column, problem.text, problem.code, problem.message)
        for problem in problems
    ]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150)
def test_both_formats_agree(seed: int) -> None:
    """Whatever stands in the cells, both formats give the same digest or the same problems."""
    tables = _of_small()
    _mutate(tables, random.Random(seed))
    with TemporaryDirectory() as name:
        folder = write_cells(Path(name) / "b", tables)
        workbook = write_workbook(Path(name) / "b.xlsx", tables)
        problems = problems_of(folder)
        assert _places(problems) == _places(problems_of(workbook))
        if not problems:
            assert book_at(folder).digest == book_at(workbook).digest


IDS = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters=";#'"), min_size=1, max_size=8
)


@given(data=st.data())
@settings(max_examples=60)
def test_random_books_agree(data: st.DataObject) -> None:
    """A book of any ids, notes and numbers has one digest in both formats."""
    ids = data.draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    notes = st.text(st.characters(exclude_categories=["C"], exclude_characters="#'"), max_size=9)
    rows = [
        [
            name,
            "H100",
            data.draw(st.dates(date(1000, 1, 1), date(2024, 12, 30))).isoformat(),
            str(data.draw(st.integers(0, 10**12))),
            data.draw(notes),
        ]
        for name in ids
    ]
    tables = {"lots": [[*HEADER, "note"], *rows]}
    with TemporaryDirectory() as name:
        folder = write_cells(Path(name) / "b", tables)
        workbook = write_workbook(Path(name) / "b.xlsx", tables)
        assert _places(problems_of(folder)) == _places(problems_of(workbook))
        if not problems_of(folder):
            assert book_at(folder).digest == book_at(workbook).digest
