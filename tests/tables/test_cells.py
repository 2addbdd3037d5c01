"""What a cell may hold, and what is said when it holds something else."""

from datetime import date
from decimal import Decimal

import pytest

from earmark.schema import SCHEMA
from earmark.tables.cells import Cells, Flaw


def _cell(place: str, text: str, products: tuple[str, ...] = ()) -> object:
    table, _, name = place.partition(".")
    column = SCHEMA[table].column(name)
    return Cells(table, column, column.default, products)[text]


SMALLEST = "count the order in the smallest unit, so that each factor is a whole number"


@pytest.mark.parametrize(
    ("place", "text", "value"),
    [
        ("orders.quantity", " 12000 ", 12000),
        ("orders.quantity", "12000.0", 12000),
        ("orders.quantity", "007", 7),
        ("orders.quantity", "1000000000000", 10**12),
        ("orders.promised", "", 0),
        ("orders.tier", "\xa0", 1),
        ("orders.due", "2024-02-29", date(2024, 2, 29)),
        ("orders.site", "", None),
        ("orders.weight", "1.0", Decimal("1.0")),
        ("orders.evidence", "e1; e2;;e1", ("e1", "e2")),
        ("orders.evidence", "", ()),
        ("orders.note", "one\r\ntwo", "one\ntwo"),
        ("orders.unit_price", "27500.50", Decimal("27500.50")),
        ("orders.status", "quoted", "quoted"),
        ("orders.order", " größe 1 ", "größe 1"),
        ("stakes.percent", "100", Decimal(100)),
    ],
)
def test_good_cells(place: str, text: str, value: object) -> None:
    """Blanks around a cell do not count, and an empty one takes the default of its column."""
    assert value == _cell(place, text)


@pytest.mark.parametrize(
    ("place", "text", "code", "hint"),
    [
        ("orders.quantity", "12,000 H100", "E102", "did you mean quantity 12000, product H100?"),
        ("orders.quantity", "12,000", "E102", "did you mean 12000?"),
        ("orders.quantity", "12 000 GPUs", "E102", "did you mean 12000?"),
        ("orders.quantity", "1.5k", "E102", "did you mean 1500?"),
        ("orders.quantity", "3e3", "E102", "did you mean 3000?"),
        ("orders.quantity", "12.000", "E102", "did you mean 12 or 12000?"),
        ("orders.quantity", "１２", "E102", "did you mean 12?"),
        ("orders.quantity", "12.5", "E102", None),
        ("orders.quantity", "many", "E102", None),
        ("orders.quantity", "nan", "E102", None),
        ("orders.quantity", "", "E101", None),
        ("orders.quantity", "-1", "E107", None),
        ("orders.quantity", "1000000000001", "E107", None),
        ("orders.quantity", 5000 * "9", "E107", None),
        ("moves.quantity", "0", "E107", None),
        ("products.lot_size", "eight", "E102", None),
        ("orders.tier", "1st", "E103", "did you mean 1?"),
        ("orders.tier", "0", "E107", None),
        ("orders.tier", "2027-03-15", "E103", None),
        ("orders.quantity", "160-200", "E102", None),
        ("orders.unit_price", "$27,500", "E104", "did you mean 27500?"),
        ("orders.unit_price", "27.500,50 EUR", "E104", "did you mean 27500.5?"),
        ("orders.unit_price", "nan", "E104", None),
        ("orders.unit_price", "1e400", "E104", None),
        ("stakes.percent", "101", "E107", None),
        ("orders.due", "06/15/2024", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "15.06.2024", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "June 15, 2024", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "15 Jun 2024", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "15-Jun-24", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "2024-6-5", "E105", "did you mean 2024-06-05?"),
        ("orders.due", "20240615", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "2024-06-15 12:30:00", "E105", "did you mean 2024-06-15?"),
        ("orders.due", "03/04/2024", "E105", "did you mean 2024-03-04 or 2024-04-03?"),
        ("orders.due", "45458", "E105", "as the day number of a spreadsheet this is 2024-06-15"),
        ("orders.due", "2024-02-30", "E105", None),
        ("orders.due", "soon", "E105", None),
        ("orders.status", "Booked", "E106", "did you mean booked?"),
        ("orders.status", "canceled", "E106", "did you mean cancelled?"),
        ("orders.status", "zzz", "E106", None),
        ("orders.site", "#N/A", "E108", "mend the formula, or empty the cell"),
        ("orders.site", "aus\ntin", "E109", "type the cell again"),
        ("orders.site", "aus\u200btin", "E109", "type the cell again"),
        ("orders.note", "a\x00b", "E109", "type the cell again"),
        ("orders.note", "\x1f", "E109", "type the cell again"),
        ("orders.evidence", "e1;e\x072", "E109", "type the cell again"),
        ("orders.weight", "0", "E107", None),
        ("orders.confirm", "by mail", "E106", None),
        ("orders.product", "H200;H100;H200", "E113", "name each once, best first"),
        ("orders.site", "austin;", "E113", "take out one ;"),
        ("orders.site", "austin;mem\u200bphis", "E109", "type the cell again"),
        ("orders.factors", "1;0.5", "E114", SMALLEST),
        ("orders.factors", "-1", "E114", SMALLEST),
        ("orders.split", "maybe", "E106", "did you mean yes?"),
        ("moves.product", "H200;H100", "E110", None),
    ],
)
def test_bad_cells(place: str, text: str, code: str, hint: str | None) -> None:
    """Each kind of fault has its code, and a hint where the meaning can be guessed."""
    flaw = _cell(place, text)
    assert isinstance(flaw, Flaw)
    assert (code, hint) == (flaw.code, flaw.hint)


def test_the_message_of_gpus_is_fixed() -> None:
    """The message of E102 is the contract's own."""
    flaw = _cell("orders.quantity", "x")
    assert Flaw("E102", "expected a whole number of GPUs") == flaw


@pytest.mark.parametrize("text", ["0", "-1"])
def test_a_bound_is_told_once(text: str) -> None:
    """What a tier must be names its bound already."""
    assert Flaw("E107", "expected a whole number, 1 or more") == _cell("orders.tier", text)


def test_hints_name_a_product_of_the_book() -> None:
    """What stands beside a number is read as the nearest product that the book has."""
    flaw = _cell("orders.quantity", "8 h100", ("B200", "H100-SXM"))
    assert isinstance(flaw, Flaw)
    assert "did you mean quantity 8, product H100-SXM?" == flaw.hint


@pytest.mark.parametrize("odd", ["a;b", "x\x1fy", "\x1f", " a", "#REF!", "é\u200b", 40_000 * "x"])
def test_a_column_of_plain_texts_is_its_own_values(odd: str) -> None:
    """Texts that are taken all at once are what they would be one by one."""
    column = SCHEMA["orders"].column("party")
    cells = Cells("orders", column, None, ())
    for texts in (["maker", "net"], ["maker", "net", odd], [odd, "net"], [odd], ["", "net"]):
        if cells.plain(texts):
            assert texts == [cells[text] for text in texts]
    assert cells.plain(["maker", "net"])
    assert not cells.plain(["maker", odd])
