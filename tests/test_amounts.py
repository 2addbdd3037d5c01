"""Amounts read as a person writes them."""

from decimal import Decimal

from earmark.amounts import days, gpu_days, gpus, listed, money, number


def test_numbers_read_as_a_person_writes_them():
    """Thousands separators, one and many, a true minus sign, whole floats without a point."""
    assert "−1,284,000" == number(-1284000)
    assert "1,234.50" == number(Decimal("1234.50")) == number("1234.50")
    assert ["107", "0.5"] == [number(107.0), number(0.5)]
    assert ["1 GPU", "0 GPUs", "12,000 GPUs"] == [gpus(n) for n in (1, 0, 12000)]
    assert ["1 GPU-day", "2 GPU-days"] == [gpu_days(n) for n in (1, 2)]
    assert ["1 day", "−1 day", "46 days"] == [days(n) for n in (1, -1, 46)]
    assert "USD\N{NO-BREAK SPACE}−500,004,000.00" == money("-500004000.00", "USD")


def test_long_lists_end_in_a_count():
    """Never more names than a sentence bears."""
    assert "a" == listed(["a"])
    assert "a, b and c" == listed("abc")
    assert "a, b and 2 more" == listed("abcd", 2)
