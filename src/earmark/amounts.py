"""Amounts in words: numbers as people read them, with what they count."""

from collections.abc import Iterable
from decimal import Decimal


def number(value: float | Decimal | str) -> str:
    """Return a number with thousands separators and a true minus sign; money comes as text."""
    amount = Decimal(value) if isinstance(value, str) else value
    if isinstance(amount, float) and amount.is_integer():
        amount = int(amount)
    text = f"{amount:,f}" if isinstance(amount, Decimal) else f"{amount:,}"
    return text.replace("-", "\N{MINUS SIGN}")


def gpus(count: int) -> str:
    """Return '1 GPU' or '12,000 GPUs'."""
    return f"{number(count)} GPU" if abs(count) == 1 else f"{number(count)} GPUs"


def gpu_days(count: int) -> str:
    """Return '1 GPU-day' or '636,000 GPU-days'."""
    return f"{number(count)} GPU-day" if abs(count) == 1 else f"{number(count)} GPU-days"


def days(count: float) -> str:
    """Return '1 day' or '46 days'."""
    return f"{number(count)} day" if abs(count) == 1 else f"{number(count)} days"


def money(amount: Decimal | str, currency: str) -> str:
    """Return an amount with its currency: 'USD 1,284,000.50'."""
    return f"{currency}\N{NO-BREAK SPACE}{number(amount)}"


def listed(items: Iterable[str], most: int = 5) -> str:
    """Return 'a, b and c', or the first `most` and how many more there are."""
    texts = list(items)
    if len(texts) > most:
        return f"{', '.join(texts[:most])} and {len(texts) - most:,} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
