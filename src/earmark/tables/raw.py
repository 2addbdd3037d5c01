"""Everything that a folder or workbook holds, as text, before anything in it is checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from earmark.errors import Problem
from earmark.schema import LATER_TABLES, SCHEMA
from earmark.tables.hints import name_hint
from earmark.tables.sheets import Sheet

SETTINGS = "book"
"""The name of book.toml, and of the sheet in its place, in messages."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A book or overlay as text.

    `settings` is None when there are none; `unread` tells that a table is there but could not be
    turned into rows.
    """

    settings: Mapping[tuple[str, ...], str] | None
    sheets: Mapping[str, Sheet]
    problems: tuple[Problem, ...]
    unread: bool


def not_a_table(name: str, what: str, source: str | None) -> Problem | None:
    """Return why a file or sheet called `name` is no table of a book; None if it is one."""
    if name in SCHEMA:
        return None
    if name in LATER_TABLES:
        message = f"the table {name} is not built yet"
        return Problem("E207", message, name, hint=f"take the {what} {name} out", source=source)
    hint = name_hint(name, tuple(SCHEMA), "the tables")
    message = f"there is no table {name!r}"
    return Problem("E206", message, name, text=name, hint=hint, source=source)
