"""Ids of entries: the same for the same row, so that repeating a record adds nothing."""

from collections.abc import Mapping

from earmark.ledger.folding import key_of

_ESCAPES = str.maketrans({"%": "%25", "/": "%2F", "@": "%40", "#": "%23"})

SETTINGS_ID = "book"
"""The id of the first settings of a book."""


def row_id(table: str, cells: Mapping[str, str]) -> str:
    """Return the id of a row: `moves/m7`, with `@` and the day where it says when it was known."""
    parts = [table, *map(escaped, key_of(table, cells))]
    known = cells.get("known")
    return "/".join(parts) + (f"@{known}" if known else "")


def escaped(part: str) -> str:
    """Return a part of an id with % / @ # spelled as in an address."""
    return part.translate(_ESCAPES)


def next_id(name: str) -> str:
    """Return the id of the entry that corrects the entry called `name`: `#2`, then `#3`."""
    base, sign, number = name.rpartition("#")
    return f"{base}#{int(number) + 1}" if sign else f"{name}#2"
