"""One problem at one cell of a table, and the nearest name to a mistyped one."""

import re
import string
import unicodedata
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from earmark.book import Table, canonical_text
from earmark.errors import Problem


def problem_at(
    table: Table[Any], i: int, column: str, code: str, message: str, hint: str | None = None
) -> Problem:
    """Return the problem `code` at one cell of the i-th row of `table`."""
    return Problem(
        code,
        message,
        table=table.name,
        row=table.rows[i],
        column=column,
        text=canonical_text(table.columns[column][i]),
        hint=hint,
        source=table.sources[i],
    )


def nearest(text: str, names: Collection[str], *, cutoff: float = 0.7) -> str | None:
    """Return the one of `names` that `text` was most likely meant to be, or None.

    Case, blanks, dashes and underscores do not count; `cutoff` is how alike the rest must be, from
    0 to 1. A large collection is only asked for names one keystroke away: each of them takes no
    longer to find, however many names there are.
    """
    if len(names) > _MANY:
        return min((name for name in _one_keystroke_away(text) if name in names), default=None)
    plain: dict[str, str] = {}
    for name in sorted(names):
        plain.setdefault(_plain(name), name)
    matches = get_close_matches(_plain(text), plain, n=1, cutoff=cutoff)
    return plain[matches[0]] if matches else None


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-]+", "_", unicodedata.normalize("NFKC", text).strip().lower())


_MANY = 1_000

_KEYS = string.ascii_letters + string.digits + "-_./"


def _one_keystroke_away(text: str) -> Iterator[str]:
    yield from (text.lower(), text.upper())
    for i in range(len(text) + 1):
        head, tail = text[:i], text[i:]
        yield from (head + key + tail for key in _KEYS)
        if tail:
            yield head + tail[1:]
            yield from (head + key + tail[1:] for key in _KEYS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
