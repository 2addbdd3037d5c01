"""The two sides of a comparison, and what either is warned of."""

from command import read_json
from raw_books import small, write_folder

LATE_LOT = "lot,product,date,quantity\nlate,H100,2026-01-01,5\n"


def test_warnings_of_both_sides_are_told(tmp_path):
    """A lot after the end is left out of side b with a warning, though side a has none."""
    book = small(tmp_path / "book")
    overlay = write_folder(tmp_path / "later", {"lots.csv": LATE_LOT})
    document = read_json("compare", book, "--with", overlay)
    assert ["W601"] == [warning["code"] for warning in document["warnings"]]


def test_warnings_of_every_reading_are_told_once(tmp_path):
    """What the first reading is warned of is not lost with the second."""
    book = small(tmp_path / "book")
    late = write_folder(tmp_path / "late", {"lots.csv": LATE_LOT})
    plain = write_folder(tmp_path / "plain", {"lots.csv": LATE_LOT.replace("2026", "2024")})
    sides = ("--policy", "fair", "--policy", "priority")
    document = read_json("compare", book, *sides, "--reading", late, "--reading", plain)
    assert ["W601"] == [warning["code"] for warning in document["warnings"]]
