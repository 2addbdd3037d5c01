"""Documents as text, and the texts of their cells."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from earmark.book import canonical_text

Document = dict[str, Any]
"""A JSON object."""


def to_json(document: Mapping[str, Any]) -> str:
    """Return a document as text: the same for the same content, a row a line, ending in a newline.

    Rows are the items of a list, and of an object that holds objects alone. The text is ASCII, so
    that it does not depend on where it is printed.
    """
    return _laid_out(document, "") + "\n"


def _laid_out(document: Mapping[str, Any], margin: str) -> str:
    inner = margin + " "
    lines = [f"{inner}{_encode(key)}: {_value(value, inner)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def _value(value: Any, margin: str) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict) and value[0]:
        if all(isinstance(item, dict) and "format" in item for item in value):
            inner = margin + " "
            texts = [inner + _laid_out(document, inner) for document in value]
            return "[\n" + ",\n".join(texts) + f"\n{margin}]"
        return f"[\n{margin} {_rows(value, margin)}\n{margin}]"
    if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
        texts = [f"{margin} {_encode(key)}: {_encode(item)}" for key, item in value.items()]
        return "{\n" + ",\n".join(texts) + f"\n{margin}}}"
    return _encode(value)


def _rows(rows: list[Document], margin: str) -> str:
    """Encode all rows in one go, many times as fast as one by one, and break the line between.

    Quotes inside a text are escaped, so what is looked for can only stand between two objects.
    """
    first = f"{{{_encode(next(iter(rows[0])))}: "
    return _encode(rows)[1:-1].replace(f"}}, {first}", f"}},\n{margin} {first}")


_encode = json.JSONEncoder(allow_nan=False).encode


def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def ordinal_text(day: int) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def money_text(amount: Decimal | None) -> str | None:
    return None if amount is None else canonical_text(amount)
