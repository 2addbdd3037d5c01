"""The settings of a book as TOML: texts by key, or what is wrong with the file."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from earmark.errors import Problem
from earmark.tables.hints import date_hint

Path = tuple[str, ...]
"""The parts of a key, `('policy', 'board', 'share')`."""


class Nested(str):
    """The text of a list or a truth value, where the key has none."""

    __slots__ = ()


def settings_of_toml(content: bytes, source: str | None = None) -> dict[Path, str] | Problem:
    """Return the texts of a book.toml by key, `('policy', 'board', 'share')`, or why not."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        message = f"book.toml is not UTF-8 (byte position {error.start})"
        return Problem("E402", message, "book", row, hint="save it as UTF-8", source=source)
    if not text.strip():
        hint = "title, currency, start and end are needed"
        return Problem("E401", "book.toml is empty", "book", hint=hint, source=source)
    try:
        document, policy = _loaded(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        return _syntax(text, error, source)
    texts = dict(_flat(document, ()))
    policies = document.get("policy")
    for name, keys in policies.items() if isinstance(policies, dict) else ():
        if isinstance(keys, dict):
            # A policy without keys is one, too: all of them have a default.
            texts.setdefault(("policy", name, "tiers"), "")
    return texts if policy is None else {**texts, ("policy",): policy}


def _flat(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _flat(inner, (*path, key))
    elif path[0] == "approval" or (path[0] == "policy" and path[2:] in _TRUTHS):
        yield path, "" if value == {} else _sheet_text(value)
    elif value != {}:
        yield path, _text(value)
    elif path[0] not in ("policy", "fiscal") or path[2:] not in _MAY_BE_EMPTY:
        yield path, ""


def _sheet_text(value: object) -> str:
    """Return what a sheet would say: `;` between the items of a list, yes or no for the truth."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(x, str) and ";" not in x for x in value):
        return ";".join(value)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return Nested("true" if value else "false")
    if isinstance(value, list):
        return Nested(f"[{', '.join(_text(inner) for inner in value)}]"[:200])
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 40:
        return format(value, "f")
    if isinstance(value, int) and abs(value) >= 10**40:
        return hex(value)[:80]  # Python refuses to write so many digits
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


_MAY_BE_EMPTY = ((), ("weights",), ("ceilings",), ("quotas",), ("borrow",))
"""Tables of a policy, below its name, that say nothing when they are empty."""

_TRUTHS = (("count_promised",),)
"""Keys of a policy, below its name, that are true or false."""

_TOP_POLICY = re.compile(r"(?m)^([ \t]*)(policy|\"policy\"|'policy')(?=[ \t]*=)")
_FIRST_TABLE = re.compile(r"(?m)^[ \t]*\[")


def _loaded(text: str) -> tuple[dict[str, Any], str | None]:
    """Parse TOML in which the name `policy` may also head the tables `[policy.NAME]`.

    TOML itself allows a key to be a text or a table, not both. Where the contract's own spelling
    trips over that, the key at the top is read under another word of the same length, and its text
    is returned apart.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal), None
    except ValueError:
        first = _FIRST_TABLE.search(text)
        end = first.start() if first else len(text)
        match = _TOP_POLICY.search(text, 0, end)
        if match is None:
            raise
        tomllib.loads(text[:end])  # what is wrong before the tables has nothing to do with them
        stand_in = "p" + "_" * (len(match[2]) - 1)
        text = text[: match.start(2)] + stand_in + text[match.end(2) :]
        document = tomllib.loads(text, parse_float=Decimal)
        name = document.pop(stand_in, None)
        if not isinstance(name, str):
            raise
        return document, name


def _syntax(text: str, error: Exception, source: str | None) -> Problem:
    words = str(error) if isinstance(error, ValueError) else "nested too deeply"
    lines = text.split("\n")
    row = len(lines)
    if match := re.search(r" \(at line ([0-9]+), column ([0-9]+)\)$", words):
        row, words = int(match[1]), f"{words[: match.start()]} at column {match[2]}"
    words = words.replace(" (at end of document)", " at the end")
    typed = lines[row - 1].strip()[:80] if row <= len(lines) else None
    message = f"expected TOML: {words[:1].lower()}{words[1:200]}"
    hint = 'texts stand in double quotes: title = "..."'
    if typed and (day := re.search(r"=\s*([0-9]+[-./][0-9]+[-./][0-9]+)", typed)):
        hint = date_hint(day[1]) or "there is no such day; a day is written as 2027-01-31"
    return Problem("E411", message, "book", row, None, typed, hint, source)
