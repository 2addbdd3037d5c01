"""The settings of a book: book.toml, or the sheet `book` of a workbook."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.errors import Problem
from earmark.policy import BUILT_IN, LATER_KEYS, LATER_SHARES, ROUNDS, SHARES, SHIPS, TIERS, Policy
from earmark.schema import Column
from earmark.tables.cells import Cells, Flaw
from earmark.tables.hints import choice_hint, date_hint, name_hint

KEYS = ("title", "currency", "start", "end", "policy", "fiscal")
REQUIRED = ("title", "currency", "start", "end")
POLICY_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"tiers": TIERS, "share": SHARES, "ship": SHIPS, "round": ROUNDS}
)
POLICY_KEYS = ("tiers", "share", "weights", "ceilings", "ship", "round")

_UNKNOWN_START = date(1900, 1, 1)
_UNKNOWN_END = date(9000, 1, 1)
"""Stand in for days that could not be read, so that the other problems are found, too."""

_DAY_NAMES = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTH_DAYS: Mapping[str, int] = MappingProxyType(
    {
        "January": 31, "February": 29, "March": 31, "April": 30, "May": 31, "June": 30,
        "July": 31, "August": 31, "September": 30, "October": 31, "November": 30, "December": 31,
    }
)  # fmt: skip
_YEAR_END = re.compile(
    rf"last ({_DAY_NAMES}) (?:of|in) ({'|'.join(_MONTH_DAYS)})"
    rf"|([0-9]{{1,2}}) ({'|'.join(_MONTH_DAYS)})"
)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a book says about itself besides its tables."""

    title: str
    currency: str
    start: date
    end: date
    policy: str
    fiscal: Mapping[str, str]
    policies: Mapping[str, Policy]


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


def settings_of_cells(
    pairs: Iterable[tuple[str, str]], source: str | None = None
) -> tuple[dict[Path, str], list[Problem]]:
    """Return the texts of a sheet `book` by key, and a problem for each key that comes twice."""
    found: dict[Path, str] = {}
    problems = []
    for key, text in pairs:
        path = _path(key)
        if path in found:
            message = f"the key {key} stands in the sheet book twice"
            problems.append(Problem("E420", message, "book", None, key, text, None, source))
        found[path] = text
    return found, problems


def check_settings(texts: Mapping[Path, str]) -> tuple[Settings, list[Problem]]:
    """Check every setting; what is wrong is replaced, so that the tables can be checked, too."""
    problems = list(_unknown(texts))
    problems += (
        Problem("E413", f"expected a key {key}", "book", None, key, None, f"add {key} = ...")
        for key in REQUIRED
        if not any(path[0] == key and text.strip() for path, text in texts.items())
    )
    read = _Reader(texts, problems)
    start = read(("start",), _as("date", "a date as YYYY-MM-DD"), _UNKNOWN_START)
    end = read(("end",), _as("date", "a date as YYYY-MM-DD"), _UNKNOWN_END)
    if start >= end:
        hint = "the book covers the days from start up to, and without, end"
        text = texts.get(("end",))
        message = f"expected a day after the start, {start}"
        problems.append(Problem("E415", message, "book", None, "end", text, hint))
        end = _UNKNOWN_END
    policies = _policies(texts, read)
    fiscal = {path[1]: read(path, _year_end, "31 December") for path in texts if _is_fiscal(path)}
    settings = Settings(
        title=read(("title",), _as("text", "text"), ""),
        currency=read(("currency",), _as("text", "text"), ""),
        start=start,
        end=end,
        policy=_policy(texts, policies, problems),
        fiscal=MappingProxyType(fiscal),
        policies=MappingProxyType(policies),
    )
    return settings, problems


class _Nested(str):
    """The text of a list or a truth value: no key of a book has one."""

    __slots__ = ()


class _Reader:
    """Reads one setting at a time and keeps what is wrong."""

    def __init__(self, texts: Mapping[Path, str], problems: list[Problem]) -> None:
        self._texts, self._problems = texts, problems

    def __call__(self, path: Path, parse: Callable[[str], Any], otherwise: Any) -> Any:
        text = self._texts.get(path, "")
        if not text.strip():
            return otherwise
        value = parse(text)
        if isinstance(text, _Nested):
            value = Flaw("E414", f"expected one text, number or date for {path[-1]}")
        if not isinstance(value, Flaw):
            return value
        code = value.code if value.code in ("E417", "E108", "E109", "E111") else "E414"
        self._problems.append(
            Problem(code, value.message, "book", None, ".".join(path), text, value.hint)
        )
        return otherwise


def _policies(texts: Mapping[Path, str], read: _Reader) -> dict[str, Policy]:
    names = sorted({path[1] for path in texts if _is_policy(path)})
    return {name: _one_policy(name, texts, read) for name in names}


def _one_policy(name: str, texts: Mapping[Path, str], read: _Reader) -> Policy:
    chosen = {
        key: read(("policy", name, key), _one_of(key, choices), None)
        for key, choices in POLICY_CHOICES.items()
    }
    tiers = chosen["tiers"] or TIERS[0]
    numbers: dict[str, dict[str, Any]] = {"weights": {}, "ceilings": {}}
    parsers = {"weights": _weight, "ceilings": _as("integer", "a whole number of GPUs")}
    for path in texts:
        if _is_policy(path) and path[2] in numbers and len(path) == 4:
            value = read(path, parsers[path[2]], None)
            if value is not None:
                numbers[path[2]][path[3]] = value
    return Policy(
        name=name,
        tiers=tiers,
        # The days of booking are served first come, first served, unless the policy says more.
        share=chosen["share"] or ("first_come" if tiers == "booked" else SHARES[0]),
        weights=MappingProxyType(numbers["weights"]),
        ceilings=MappingProxyType(numbers["ceilings"]),
        ship=chosen["ship"] or SHIPS[0],
        round=chosen["round"] or ROUNDS[0],
    )


def _policy(
    texts: Mapping[Path, str], policies: Mapping[str, Policy], problems: list[Problem]
) -> str:
    given = {
        path: texts[path].strip()
        for path in (("policy",), ("policy", "default"))
        if texts.get(path, "").strip()
    }
    if len(set(given.values())) > 1:
        message = "policy and policy.default name two policies"
        text = given["policy",]
        problems.append(Problem("E420", message, "book", None, "policy", text, "keep one"))
    names = (*policies, *(name for name in BUILT_IN if name not in policies))
    for path, name in given.items():
        if name not in names:
            hint = name_hint(name, names, "the policies")
            message = f"there is no policy {name}"
            key = ".".join(path)
            problems.append(Problem("E416", message, "book", None, key, name, hint))
    return next((name for name in given.values() if name in names), "priority")


def _unknown(texts: Mapping[Path, str]) -> Iterator[Problem]:
    for path, text in texts.items():
        key = ".".join(path)
        if path[0] not in KEYS:
            hint = name_hint(path[0], KEYS, "the keys")
            yield Problem("E412", f"there is no key {key}", "book", None, key, text, hint)
        elif path[0] == "policy" and len(path) > 1:
            yield from _unknown_of_policy(path, text)
        elif path[0] == "fiscal" and len(path) != 2:
            message = f"expected {key}.NAME, the rule of a fiscal year"
            hint = 'such as fiscal.maker = "31 December"'
            yield Problem("E414", message, "book", None, key, text, hint)
        elif path[0] != "fiscal" and path != ("policy",) and len(path) != 1:
            yield Problem("E414", f"expected one value for {path[0]}", "book", None, key, text)


def _unknown_of_policy(path: Path, text: str) -> Iterator[Problem]:
    key = ".".join(path)
    if path == ("policy", "default"):
        return
    if len(path) == 2:
        hint = f"write its keys as policy.{path[1]}.share and so on"
        message = f"expected the keys of the policy {path[1]}"
        if path[1] in (*POLICY_KEYS, *LATER_KEYS):
            hint = f"name the policy: policy.NAME.{path[1]}"
        yield Problem("E414", message, "book", None, key, text, hint)
    elif path[2] in LATER_KEYS:
        message = f"the key {path[2]} of a policy is not built yet"
        yield Problem("E417", message, "book", None, key, text, "leave it out")
    elif path[2] not in POLICY_KEYS:
        hint = name_hint(path[2], POLICY_KEYS, "the keys of a policy")
        message = f"a policy has no key {path[2]}"
        yield Problem("E412", message, "book", None, key, text, hint)
    elif len(path) != (4 if path[2] in ("weights", "ceilings") else 3):
        what = "NAME = number" if path[2] in ("weights", "ceilings") else "one value"
        yield Problem("E414", f"expected {what} for {path[2]}", "book", None, key, text)


def _is_policy(path: Path) -> bool:
    return path[0] == "policy" and len(path) > 2


def _is_fiscal(path: Path) -> bool:
    return path[0] == "fiscal" and len(path) == 2


def _as(kind: str, what: str) -> Callable[[str], object]:
    """Return the parser of such a cell: settings follow the rules of cells."""
    column = Column("setting", kind, what=what, least=0)  # type: ignore[arg-type]
    return lambda text: Cells("book", column, None, ())[text]


def _weight(text: str) -> object:
    what = "a weight above 0"
    value = _as("decimal", what)(text)
    return Flaw("E414", f"expected {what}") if value == Decimal(0) else value


def _one_of(key: str, choices: Sequence[str]) -> Callable[[str], object]:
    def parse(text: str) -> object:
        word = text.strip()
        if word in choices:
            return word
        if key == "share" and word in LATER_SHARES:
            hint = "use one of " + ", ".join(choices)
            return Flaw("E417", f"the share {word} is not built yet", hint)
        return Flaw("E414", "expected one of " + ", ".join(choices), choice_hint(word, choices))

    return parse


def _year_end(text: str) -> object:
    match = _YEAR_END.fullmatch(text.strip())
    if match and (match[3] is None or 1 <= int(match[3]) <= _MONTH_DAYS[match[4]]):
        return text.strip()
    return Flaw("E414", 'expected a year end such as "last Sunday of January" or "31 December"')


def _path(key: str) -> Path:
    """Return the parts of a key of the sheet `book`; names may hold points."""
    if match := re.fullmatch(r"policy\.(.+?)\.(weights|ceilings)\.(.+)", key):
        return ("policy", match[1], match[2], match[3])
    if match := re.fullmatch(r"policy\.(.+)\.([^.]+)", key):
        return ("policy", match[1], match[2])
    return tuple(key.split(".", 1))


def _flat(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _flat(inner, (*path, key))
    elif value != {}:
        yield path, _text(value)
    elif path[0] not in ("policy", "fiscal") or path[2:] not in _MAY_BE_EMPTY:
        yield path, ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return _Nested("true" if value else "false")
    if isinstance(value, list):
        return _Nested(f"[{', '.join(_text(inner) for inner in value)}]"[:200])
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < 40:
        return format(value, "f")
    if isinstance(value, int) and abs(value) >= 10**40:
        return hex(value)[:80]  # Python refuses to write so many digits
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


_MAY_BE_EMPTY = ((), ("weights",), ("ceilings",))
"""Tables of a policy, below its name, that say nothing when they are empty."""

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
