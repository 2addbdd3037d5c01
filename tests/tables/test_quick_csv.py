"""The quick way through CSV: what it reads, the strict way reads the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import Problem
from earmark.tables.csv_files import read_csv
from earmark.tables.quick_csv import LARGE, quick_sheet
from earmark.tables.sheets import Sheet

PLAIN = "lot,product,date,quantity\nl1,H100,2024-02-01,50\nl2,,2024-02-01,8\nl3,B 200, x,50\n"

ODD = (
    ",", ",,", "\n", "\n\n", "\r\n", "\r", '"', '""', "'", "'=1", "=1", " ", "\t", "\xa0", "\u2007",
    "\ufeff", ";", "é", "€", "\u2028", "\x0b", "\x1c", "\x1f", "\x85", "#", "NULL", "null", "\0",
    "", ",\n,", " ,", "\n ,,,\n", "\n\xa0,,,\n",
)  # fmt: skip
"""What is put into a plain file."""


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a plain file with a few things put in, taken out or written otherwise."""
    text = draw(st.sampled_from((PLAIN, PLAIN.strip(), PLAIN.replace("\n", "\r\n"), "lot\na\nb\n")))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 2))
        text = text[:place] + draw(st.sampled_from(ODD)) + text[place + gone :]
    return text.encode(draw(st.sampled_from(("utf-8", "utf-8", "utf-8-sig", "latin-1"))), "ignore")


def _seen(found: Sheet | Problem) -> Any:
    if isinstance(found, Problem):
        return found
    columns = [list(column) for column in found.columns]
    return found.header, found.header_row, columns, list(found.rows), found.source, found.problems


@given(mutated())
@settings(max_examples=400, deadline=None)
def test_both_ways_read_the_same(content: bytes) -> None:
    """Whatever stands in a file, the quick way gives the sheet or the problem of the strict one."""
    strict = read_csv("lots", content, "a reading", large=len(content) + 1)
    assert _seen(strict) == _seen(read_csv("lots", content, "a reading", large=0))


@pytest.mark.parametrize("length", [40_000, 99_990, 101_000, 131_072, 131_073])
def test_long_cells(length: int) -> None:
    """A cell that the strict way refuses is not taken quickly either."""
    content = (PLAIN + "x" * length + ",H100,2024-02-01,5\n").encode()
    strict = read_csv("lots", content, None, large=len(content) + 1)
    assert _seen(strict) == _seen(read_csv("lots", content, None, large=0))


@pytest.mark.parametrize(
    "content",
    [PLAIN, PLAIN.strip(), PLAIN.replace("\n", "\r\n"), "\ufeff" + PLAIN, PLAIN.replace("l1", "é")],
)
def test_what_programs_write_goes_the_quick_way(content: str) -> None:
    """Line ends, a byte-order mark and letters of any language do not stand in its way."""
    sheet = quick_sheet("lots", content.encode(), None)
    assert sheet is not None
    assert ["50", "8", "50"] == list(sheet.columns[3])
    assert ["50", "8"] == list(sheet.columns[3].cells)


@pytest.mark.parametrize("odd", ['"', "'", "\r", "\n,,,", "\n", ",", "\n \n", "x" * 100_000])
def test_anything_else_is_left_to_the_strict_way(odd: str) -> None:
    """Quotes, guards, blank rows and rows of other widths are not judged quickly."""
    assert quick_sheet("lots", (PLAIN + odd).encode(), None) is None


def test_small_files_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a large file is worth loading polars."""
    monkeypatch.setattr("earmark.tables.csv_files.quick_sheet", lambda *_: pytest.fail("asked"))
    assert isinstance(read_csv("lots", PLAIN.encode(), None), Sheet)
    assert len(PLAIN) < LARGE
