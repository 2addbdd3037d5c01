"""Every code of cells, tables and files is explained, and something produces it."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from raw_books import SETTINGS, TOML, problems_of, small, write_folder, write_workbook

from earmark.codes import (
    APPROVAL_CODES,
    CELL_CODES,
    CODES,
    FILE_CODES,
    PLAN_CODES,
    RULE_CODES,
    TABLE_CODES,
)
from earmark.codes.records import RECORD_CODES
from earmark.tables import packages

ORDERS = "order,party,product,quantity,due"


def _orders(row: str, header: str = ORDERS) -> Callable[[Path], tuple[Path, ...]]:
    return lambda folder: (small(folder / "b", orders_csv=f"{header}\n{row}\n"),)


def _toml(text: str) -> Callable[[Path], tuple[Path, ...]]:
    return lambda folder: (small(folder / "b", book_toml=text),)


def _file(name: str, content: str | bytes) -> Callable[[Path], tuple[Path, ...]]:
    def write(folder: Path) -> tuple[Path, ...]:
        book = small(folder / "b")
        (book / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return (book,)

    return write


def _lone(name: str, content: bytes) -> Callable[[Path], tuple[Path, ...]]:
    def write(folder: Path) -> tuple[Path, ...]:
        (folder / name).write_bytes(content)
        return (folder / name,)

    return write


def _overlay(**files: str) -> Callable[[Path], tuple[Path, ...]]:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return lambda folder: (small(folder / "b"), write_folder(folder / "o", named))


def _far_out(folder: Path) -> tuple[Path, ...]:
    path = folder / "b.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("lots").write_string(1_048_575, 16_383, "far")
    return (path,)


def _nested(folder: Path) -> tuple[Path, ...]:
    book = small(folder / "b")
    pl.DataFrame({"claim": ["c1"], "evidence": [["e1"]]}).write_parquet(book / "claims.parquet")
    return (book,)


def _twice_in_sheet(folder: Path) -> tuple[Path, ...]:
    settings = {**SETTINGS, "title ": "Another"}
    return (write_workbook(folder / "b.xlsx", {}, settings),)


CASES: dict[str, Callable[[Path], tuple[Path, ...]]] = {
    "E101": _orders("o1,maker,H100,5,"),
    "E102": _orders('o1,maker,H100,"12,000 H100",2024-02-01'),
    "E103": _orders("o1,maker,H100,5,2024-02-01,first", ORDERS + ",tier"),
    "E104": _orders("o1,maker,H100,5,2024-02-01,$5", ORDERS + ",unit_price"),
    "E105": _orders("o1,maker,H100,5,06/15/2024"),
    "E106": _orders("o1,maker,H100,5,2024-02-01,Booked", ORDERS + ",status"),
    "E107": _orders("o1,maker,H100,-5,2024-02-01"),
    "E108": _orders("o1,maker,H100,#REF!,2024-02-01"),
    "E109": _orders("o\x1f1,maker,H100,5,2024-02-01"),
    "E110": _orders("o1,maker;net,H100,5,2024-02-01"),
    "E111": _orders("o1,maker,H100,5,2024-02-01," + 40_000 * "x", ORDERS + ",note"),
    "E112": _overlay(orders_csv="order,drop\no1,y\n"),
    "E113": _orders("o1,maker,H200;H100;H200,5,2024-02-01"),
    "E114": _orders("o1,maker,H200;H100,5,2024-02-01,1;0", ORDERS + ",factors"),
    "E201": _orders("o1,maker,H100,5,2024-02-01,x", ORDERS + ",Due"),
    "E202": _orders("o1,maker,H100,5", "order,party,product,quantity"),
    "E203": _orders("o1,maker,H100,5,2024-02-01,2024-02-01", ORDERS + ",due"),
    "E204": _orders("o1,maker,H100,5,2024-02-01\no1,maker,H100,6,2024-02-01"),
    "E205": _orders("o1,maker,H100,12,000,2024-02-01"),
    "E206": _file("order.csv", "order\n"),
    "E207": _file("tenancies.csv", "site\n"),
    "E290": _overlay(orders_csv="order,drop\no9,yes\n"),
    "E291": _overlay(orders_csv=f"{ORDERS},drop\no1,,,,,yes\no1,maker,H100,5,2024-02-01,\n"),
    "E401": _file("lots.csv", b""),
    "E402": _file("lots.csv", "lot,product,date,quantity\nl\xe9,H100,,\n".encode("latin-1")),
    "E403": _file("lots.csv", b"lot,product\nl1\0,H100\n"),
    "E404": _file("lots.csv", 'lot,product,date,quantity\n"l1,H100,2024-02-01,5\n'),
    "E405": _file("lots.csv", "lot;product;date;quantity\nl1;H100;2024-02-01;5\n"),
    "E406": _lone("b.xlsx", b"PK\x03\x04 and then nothing"),
    "E407": _lone("b.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
    "E408": _far_out,
    "E409": _lone("b.txt", b"no book"),
    "E410": lambda folder: (small(folder / "b", book_toml=None),),
    "E411": _toml(TOML.replace('"A book"', "A book")),
    "E412": _toml("titel = 1\n" + TOML),
    "E413": _toml(TOML.replace("currency", "#")),
    "E414": _toml(TOML + '[policy.p]\ntiers = "all"\n'),
    "E415": _toml(TOML.replace("2025-01-01", "2024-01-01")),
    "E416": _toml('policy = "fairest"\n' + TOML),
    "E418": _lone("b.sqlite", b"SQLite format 3"),
    "E419": _file("lots.xlsx", b"PK"),
    "E420": _twice_in_sheet,
    "E421": lambda folder: (small(folder / "b"), write_folder(folder / "o", {})),
    "E423": _file("claims.parquet", b"PAR1 and then nothing"),
    "E424": _nested,
}


@pytest.mark.parametrize("code", [*CELL_CODES, *TABLE_CODES, *FILE_CODES])
def test_every_code_is_produced(code: str, tmp_path: Path) -> None:
    """Each code of the catalogue names a fault that a book can have; no code is idle."""
    found = problems_of(*CASES[code](tmp_path))
    assert code in {problem.code for problem in found}
    assert {problem.code for problem in found} <= set(CODES)


def test_every_code_is_explained_once() -> None:
    """No two parts of the catalogue claim one code, and each entry says something."""
    parts = (
        PLAN_CODES,
        CELL_CODES,
        TABLE_CODES,
        RULE_CODES,
        APPROVAL_CODES,
        RECORD_CODES,
        FILE_CODES,
    )
    assert sum(map(len, parts)) == len(CODES)
    for code, entry in CODES.items():
        assert code == entry.code
        assert entry.title
        assert len(entry.explanation) > 40


def test_the_code_of_gpus_is_fixed() -> None:
    """E102 means what the contract says it means."""
    assert "Expected a whole number of GPUs" == CODES["E102"].title


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The size that a part unpacks to is counted, not believed."""
    path = write_workbook(tmp_path / "b.xlsx", {})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        archive.writestr("xl/media/x.bin", bytes(5000))
        true = archive.getinfo("xl/media/x.bin").file_size.to_bytes(4, "little")
    raw = file.getvalue()
    place = raw.rindex(b"PK\x01\x02")
    path.write_bytes(raw[:place] + raw[place:].replace(true, (50).to_bytes(4, "little"), 1))
    (problem,) = problems_of(path)
    assert "E406" == problem.code


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What all parts unpack to is bounded, whichever part it is in."""
    path = write_workbook(tmp_path / "b.xlsx", {})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(3 * 2**20))
    monkeypatch.setattr(packages, "LARGEST_BYTES", 2**21)
    (problem,) = problems_of(path)
    assert "E408" == problem.code
