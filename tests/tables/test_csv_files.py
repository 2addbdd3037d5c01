"""CSV as people write it: rows counted as a spreadsheet counts them."""

from pathlib import Path

import pytest
from raw_books import SMALL, book_at, problems_of, small, the_problem

HEADER = "lot,product,date,quantity"
GOOD = "l1,H100,2024-02-01,50"


def _place(path: Path) -> list[tuple[str, int | None, str | None]]:
    return [(problem.code, problem.row, problem.column) for problem in problems_of(path)]


@pytest.mark.parametrize(
    "content",
    [
        SMALL["lots.csv"].encode("utf-8-sig"),
        SMALL["lots.csv"].replace("\n", "\r\n").encode(),
        SMALL["lots.csv"].replace("\n", "\r").encode(),
        SMALL["lots.csv"].strip().encode(),
        (HEADER + ",,\n" + GOOD + ",,\n,,,,,\n").encode(),
        ("\n" + HEADER + "\n\n" + GOOD + "\n \n").encode(),
        b'"lot","product","date","quantity"\n" l1 ","H100","2024-02-01","50"\n',
        b"quantity,date,product,lot\n50,2024-02-01,H100,l1\n",
    ],
)
def test_spellings_of_one_table(content: bytes, tmp_path: Path) -> None:
    """A byte-order mark, line ends, quotes, blank rows and the order of columns change nothing."""
    assert book_at(small(tmp_path / "a")).digest == (
        book_at(small(tmp_path / "b", lots_csv=content)).digest
    )


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    """Blank rows count, and a line break inside quotes does not."""
    text = f'{HEADER},note\n\n"l1",H100,2024-02-01,5,"one\ntwo"\n,,,,\nl2,H100,2024-02-01,x,\n'
    assert [("E102", 5, "quantity")] == _place(small(tmp_path / "b", lots_csv=text))


def test_every_problem_of_every_row_at_once(tmp_path: Path) -> None:
    """No problem hides another, in whatever table or row it stands."""
    rows = ["l1,H100,soon,x,red", "l2,H100,2024-02-01,5,", "l2,H100,2024-02-01,6,"]
    path = small(
        tmp_path / "b",
        lots_csv="\n".join([f"{HEADER},colour", *rows]),
        orders_csv="order,party,product,quantity,due\no1,nobody,H100,1,2024-02-01\n",
        products_csv="product,power_kw\nH100,much\n",
    )
    assert [
        ("E201", 1, "colour"),
        ("E105", 2, "date"),
        ("E102", 2, "quantity"),
        ("E204", 4, "lot"),
        ("E210", 2, "party"),
        ("E104", 2, "power_kw"),
    ] == _place(path)


def test_references_to_a_bad_row_are_known(tmp_path: Path) -> None:
    """A row that could not be read is still there for those that name it."""
    text = "product,power_kw\nH100,much\n"
    assert [("E104", 2, "power_kw")] == _place(small(tmp_path / "b", products_csv=text))


def test_the_offending_text_is_named_as_typed(tmp_path: Path) -> None:
    """Table, row, column and text say where to look, code and hint what to do."""
    text = f'{HEADER}\n"l1",H100,2024-02-01," 12,000 H100"\n'
    problem = the_problem(small(tmp_path / "b", lots_csv=text))
    assert ("lots", 2, "quantity", " 12,000 H100") == (
        problem.table,
        problem.row,
        problem.column,
        problem.text,
    )
    assert "did you mean quantity 12000, product H100?" == problem.hint


@pytest.mark.parametrize(
    ("typed", "meant"), [("quantty", "quantity"), ("Quantity", "quantity"), (" lot", "lot")]
)
def test_unknown_columns_name_the_nearest(typed: str, meant: str, tmp_path: Path) -> None:
    """A column that is nearly right is refused by name, with the right one beside it."""
    path = small(tmp_path / "b", lots_csv=f"{HEADER.replace(meant, typed)}\n{GOOD}\n")
    found = {problem.code: problem for problem in problems_of(path)}
    assert {"E201", "E202"} == set(found)
    assert (typed, f"did you mean {meant}?") == (found["E201"].text, found["E201"].hint)
    assert meant == found["E202"].column


def test_a_column_like_no_other_names_the_nearest_too(tmp_path: Path) -> None:
    """The nearest column is named even where none is near."""
    problem = the_problem(small(tmp_path / "b", lots_csv=f"{HEADER},zzz\n{GOOD},1\n"))
    assert problem.hint is not None
    assert problem.hint.startswith("the nearest is ")


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    """A table without rows is there; a table without a file is not."""
    book = book_at(small(tmp_path / "b", lots_csv=HEADER, readiness_csv=None))
    assert (True, 0, False) == (book.has("lots"), len(book.lots), book.has("readiness"))


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "E401", None),
        (b" \n\n", "E401", None),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "E402", 1),
        (f'{HEADER}\n"a\nb",H100,2024-02-01,5\nl\xfc,,,\n'.encode("latin-1"), "E402", 3),
        (f"{HEADER}\n\nl1\0,H100,2024-02-01,5\n".encode(), "E403", 3),
        (f'{HEADER}\n{GOOD}\n"l2,H100,2024-02-01,5\n'.encode(), "E404", 3),
        (f'{HEADER}\n{GOOD}\n"l2"x,H100,2024-02-01,5\n'.encode(), "E404", 3),
        (f'{HEADER}\n"{200_000 * "x"}\n'.encode(), "E404", 2),
        (HEADER.replace(",", "\t").encode(), "E405", 1),
        (b"PK\x03\x04" + bytes(50), "E405", None),
        (f"{HEADER}\n{GOOD},extra\n".encode(), "E205", 2),
        (f"{HEADER},,note\n{GOOD},extra,x\n".encode(), "E205", 2),
    ],
)
def test_files_that_are_no_csv(content: bytes, code: str, row: int | None, tmp_path: Path) -> None:
    """A file that cannot be read says where it breaks."""
    problem = the_problem(small(tmp_path / "b", lots_csv=content))
    assert ("lots", code, row) == (problem.table, problem.code, problem.row)


def test_a_wrong_byte_is_shown_in_its_line(tmp_path: Path) -> None:
    """What is shown of the place stays on one line."""
    content = f"{HEADER}\r\n".encode() + b"l\xfc,,,\r\nl2,,,\r\n"
    assert "l\xfc,,," == the_problem(small(tmp_path / "b", lots_csv=content)).text


def test_bytes_are_counted_from_the_start_of_the_file(tmp_path: Path) -> None:
    """The position of a wrong byte includes a byte-order mark."""
    content = b"\xef\xbb\xbf" + HEADER.encode() + b"\n\xe9"
    problem = the_problem(small(tmp_path / "b", lots_csv=content))
    assert f"position {content.index(0xE9)}" in problem.message


def test_duplicates_name_both_rows(tmp_path: Path) -> None:
    """Two rows with one key and one `known` are told apart by their numbers."""
    rows = f"{HEADER},known\n{GOOD},\n{GOOD},2024-05-01\n{GOOD},2024-01-01\n"
    problem = the_problem(small(tmp_path / "b", lots_csv=rows))
    assert ("E204", 4, "l1") == (problem.code, problem.row, problem.text)
    assert problem.message.startswith("row 2 ")


def test_the_guard_of_formulas_is_no_part_of_a_text(tmp_path: Path) -> None:
    """A quote before = + - @ keeps a spreadsheet from running the text, and is taken away."""
    text = f"{HEADER},note\n{GOOD},'=1+1\nl2,H100,2024-02-01,5,''-x\nl3,H100,2024-02-01,5,'x\n"
    book = book_at(small(tmp_path / "b", lots_csv=text))
    assert ["=1+1", "'-x", "'x"] == book.lots.column("note")


def test_a_table_without_its_key_names_no_products(tmp_path: Path) -> None:
    """Where the ids of products cannot be read, hints do without them."""
    path = small(
        tmp_path / "b",
        products_csv="name\nH100 SXM\n",
        lots_csv=f'{HEADER}\nl1,H100,2024-02-01,"8 H100"\n',
    )
    assert [("E102", 2, "quantity"), ("E202", 1, "product")] == _place(path)
