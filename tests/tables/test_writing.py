"""Files are written whole or not at all, and read back as they were."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import python_calamine
from raw_books import TOML, book_at, small

from earmark.errors import SurroundingsError, UsageError
from earmark.tables import column_files, read_book, write_book, write_grants
from earmark.tables.csv_files import csv_bytes

GRANTS: dict[str, list[object]] = {
    "lot": ["l1", "=1+1"],
    "order": ["o1", "@o"],
    "date": [date(2024, 2, 1), date(2024, 2, 2)],
    "quantity": [5, 6],
}

RICH = {
    "book_toml": TOML
    + '[fiscal]\n"x.ai" = "31 December"\n[policy.default]\ntiers = "booked"\n'
    + '[policy.b]\nweights = { maker = 0.1 }\nceilings = { cars = 5 }\nround = "lot"\n'
    + "count_promised = true\nreserve_days = 7\n"
    + 'quotas = { maker = 5, cars = "12.5%", net = "1 of 3" }\n'
    + '[policy.rest]\nquotas = { net = "20%" }\nquota_of = "remaining"\nshare = "talmud"\n'
    + '[policy.lent]\nquotas = { net = "20%", maker = 5 }\n'
    + '[policy.lent.borrow]\nnet = { rank = 2, protect = "12.5%" }\n'
    + 'maker = { protect = "0%" }\n',
    "products_csv": "product,unit_price,h100e\nH100,27500.50,0.123456789012345\nB200,,\n",
    "orders_csv": (
        "order,party,product,quantity,due,known,note,evidence\n"
        'o1,maker,H100,5,1899-02-01,,"=1+1\nand ""more""",\n'
        "o1,maker,H100,6,2024-02-01,2024-03-01,'-x,\n"
        "007,net,B200,1000000000000,2024-02-01,,1e5,\n"
    ),
    "evidence_csv": "evidence,title\n",
}


@pytest.mark.parametrize("name", ["again", "again.xlsx"])
def test_books_read_back_as_they_were(name: str, tmp_path: Path) -> None:
    """A book keeps its digest through either format: texts, versions, days before 1900, prices."""
    book = book_at(small(tmp_path / "b", **RICH))
    write_book(book, tmp_path / name)
    again = book_at(tmp_path / name)
    assert book.digest == again.digest
    assert set(book.tables) == set(again.tables)
    assert '=1+1\nand "more"' == again.orders.column("note")[0]


def test_a_workbook_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Nothing in a workbook tells when it was written."""
    book = book_at(small(tmp_path / "b"))
    for name in ("1.xlsx", "2.xlsx"):
        write_book(book, tmp_path / name)
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    """A book is written to a new folder only, so that none of its tables stays behind."""
    path = small(tmp_path / "b")
    book, _ = read_book(path)
    with pytest.raises(UsageError):
        write_book(book, path)


def test_grants_as_csv(tmp_path: Path) -> None:
    """A text that a spreadsheet would run is guarded by a quote."""
    write_grants(tmp_path / "g.csv", GRANTS)
    assert (
        "lot,order,date,quantity\nl1,o1,2024-02-01,5\n'=1+1,'@o,2024-02-02,6\n"
        == (tmp_path / "g.csv").read_text()
    )


def test_grants_as_parquet(tmp_path: Path) -> None:
    """In Parquet texts are texts as they are, days are days and units are whole numbers."""
    write_grants(tmp_path / "g.parquet", GRANTS)
    assert GRANTS == pl.read_parquet(tmp_path / "g.parquet").to_dict(as_series=False)


def test_long_files_are_what_short_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many rows are written another way: byte for byte the same, quotes and guards included."""
    cells = ["a", 'say "b"', "c,d", "e\nf", "=1", "", " g", "-2"]
    columns = {"lot": cells, "order": cells[::-1], "quantity": list(range(8))}
    write_grants(tmp_path / "short.csv", columns)
    monkeypatch.setattr(column_files, "_SHORT", 1)
    write_grants(tmp_path / "long.csv", columns)
    expected = csv_bytes(
        list(columns), [map(str, row) for row in zip(*columns.values(), strict=True)]
    )
    assert expected == (tmp_path / "short.csv").read_bytes()
    assert expected == (tmp_path / "long.csv").read_bytes()


def test_grants_as_a_workbook(tmp_path: Path) -> None:
    """In a workbook such a text is a text, dates are dates and units are numbers."""
    write_grants(tmp_path / "g.XLSX", GRANTS)
    rows = python_calamine.load_workbook(tmp_path / "g.XLSX").get_sheet_by_index(0).to_python()
    assert [
        ["lot", "order", "date", "quantity"],
        ["l1", "o1", date(2024, 2, 1), 5],
        ["=1+1", "@o", date(2024, 2, 2), 6],
    ] == rows


def test_numbers_that_a_spreadsheet_would_round_are_texts(tmp_path: Path) -> None:
    """Money keeps all its digits."""
    amount = Decimal("123456789012345678.25")
    write_grants(tmp_path / "g.xlsx", {"value": [amount, None]})
    rows = python_calamine.load_workbook(tmp_path / "g.xlsx").get_sheet_by_index(0).to_python()
    assert [["value"], [str(amount)]] == rows


@pytest.mark.parametrize("name", ["g.txt", "g", "missing/g.csv", "."])
def test_names_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    """Another ending, or a folder that is not there, is wrong usage."""
    with pytest.raises(UsageError):
        write_grants(tmp_path / name, GRANTS)
    assert [] == list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the new content cannot be written, the old one stays and nothing lies beside it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "g.csv").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SurroundingsError, match="no space left"):
        write_grants(tmp_path / "g.csv", GRANTS)
    assert ["g.csv"] == [path.name for path in tmp_path.iterdir()]
    assert "old" == (tmp_path / "g.csv").read_text()


def test_a_full_device_is_told(tmp_path: Path) -> None:
    """A link to a device is written through, not replaced."""
    if not Path("/dev/full").exists():
        pytest.skip("no such device here")
    (tmp_path / "g.csv").symlink_to("/dev/full")
    with pytest.raises(SurroundingsError):
        write_grants(tmp_path / "g.csv", GRANTS)
    assert Path("/dev/full").is_char_device()


def test_links_and_rights_stay(tmp_path: Path) -> None:
    """A file that is replaced keeps its rights, and a link to it stays a link."""
    (tmp_path / "true.csv").write_text("old")
    (tmp_path / "true.csv").chmod(0o640)
    (tmp_path / "g.csv").symlink_to(tmp_path / "true.csv")
    write_grants(tmp_path / "g.csv", GRANTS)
    assert (tmp_path / "g.csv").is_symlink()
    assert 0o640 == (tmp_path / "true.csv").stat().st_mode & 0o777
    assert (tmp_path / "true.csv").read_text().startswith("lot,")


def test_no_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses to read or write is the environment's fault, not the book's."""
    path = small(tmp_path / "b")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SurroundingsError) as raised:
        read_book(path)
    assert 4 == raised.value.exit_code


@pytest.mark.parametrize("name", ["missing", "missing.xlsx", "b/book.toml/x", 300 * "x", "a\0b"])
def test_paths_that_do_not_exist(name: str, tmp_path: Path) -> None:
    """A path that is not there is wrong usage, for books and overlays."""
    path = small(tmp_path / "b")
    with pytest.raises(UsageError):
        read_book(tmp_path / name)
    with pytest.raises(UsageError):
        read_book(path, overlays=[tmp_path / name])
