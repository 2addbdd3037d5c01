"""The settings of a book: book.toml, or the sheet `book` of a workbook."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.calendar import parse_rule
from earmark.errors import Problem
from earmark.policy import (
    BUILT_IN,
    PERCENT,
    QUOTAS_OF,
    ROUNDS,
    SHARES,
    SHIPS,
    TIERS,
    VALUES,
    ApprovalRules,
    Policy,
    Quota,
)
from earmark.schema import Column
from earmark.tables.approval_settings import (
    APPROVAL,
    approval_rules,
    path_of_approval,
    unknown_of_approval,
)
from earmark.tables.borrow_settings import (
    BORROW,
    borrow_path,
    borrowing,
    idle_borrowing,
    unknown_of_borrow,
)
from earmark.tables.cells import Flaw, setting
from earmark.tables.hints import choice_hint, name_hint
from earmark.tables.toml_files import Nested, Path

KEYS = ("title", "currency", "start", "end", "policy", "fiscal", "approval")
REQUIRED = ("title", "currency", "start", "end")
POLICY_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tiers": TIERS,
        "share": SHARES,
        "ship": SHIPS,
        "round": ROUNDS,
        "quota_of": QUOTAS_OF,
        "value": VALUES,
    }
)
POLICY_KEYS = (
    "tiers", "share", "weights", "ceilings", "ship", "round", "value", "count_promised",
    "reserve_days", "quotas", "quota_of", "borrow",
)  # fmt: skip
NAMED = ("weights", "ceilings", "quotas")
"""The keys of a policy under which parties and groups stand."""
PRICED_KEYS = ("value", "ceilings", "ship")
"""The keys that mean anything beside `value`."""

_UNKNOWN_START = date(1900, 1, 1)
_UNKNOWN_END = date(9000, 1, 1)
"""Stand in for days that could not be read, so that the other problems are found, too."""


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
    approval: ApprovalRules | None


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
    problems += _no_window_over_what_remains(policies)
    problems += idle_borrowing(policies)
    problems += _idle_of_priced(texts, policies)
    fiscal = {path[1]: read(path, _year_end, "31 December") for path in texts if _is_fiscal(path)}
    settings = Settings(
        title=read(("title",), _as("text", "text"), ""),
        currency=read(("currency",), _as("text", "text"), ""),
        start=start,
        end=end,
        policy=_policy(texts, policies, problems),
        fiscal=MappingProxyType(fiscal),
        policies=MappingProxyType(policies),
        approval=approval_rules(texts, read),
    )
    return settings, problems


class _Reader:
    """Reads one setting at a time and keeps what is wrong."""

    def __init__(self, texts: Mapping[Path, str], problems: list[Problem]) -> None:
        self._texts, self._problems = texts, problems

    def __call__(self, path: Path, parse: Callable[[str], Any], otherwise: Any) -> Any:
        text = self._texts.get(path, "")
        if not text.strip():
            return otherwise
        value = parse(text)
        if isinstance(text, Nested):
            value = Flaw("E414", f"expected one text, number or date for {path[-1]}")
        if not isinstance(value, Flaw):
            return value
        code = value.code if value.code in ("E108", "E109", "E111") else "E414"
        self._problems.append(
            Problem(code, value.message, "book", None, ".".join(path), text, value.hint)
        )
        return otherwise


def _policies(texts: Mapping[Path, str], read: _Reader) -> dict[str, Policy]:
    names = sorted({path[1] for path in texts if _is_policy(path)})
    return {name: _one_policy(name, texts, read) for name in names}


def _no_window_over_what_remains(policies: Mapping[str, Policy]) -> Iterator[Problem]:
    for policy in policies.values():
        if policy.quota_of == "remaining" and policy.reserve_days is not None:
            message = "quotas of what remains need to know what better tiers take to the end"
            key, days = f"policy.{policy.name}.reserve_days", str(policy.reserve_days)
            hint = 'leave it out, or set quota_of = "whole"'
            yield Problem("E414", message, "book", None, key, days, hint)


def _one_policy(name: str, texts: Mapping[Path, str], read: _Reader) -> Policy:
    chosen = {
        key: read(("policy", name, key), _one_of(choices), None)
        for key, choices in POLICY_CHOICES.items()
    }
    tiers = chosen["tiers"] or TIERS[0]
    numbers: dict[str, dict[str, Any]] = {key: {} for key in NAMED}
    parsers = {
        "weights": _weight,
        "ceilings": _as("integer", "a whole number of GPUs"),
        "quotas": _quota,
    }
    for path in texts:
        if path[:2] == ("policy", name) and len(path) == 4 and path[2] in numbers:
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
        value=chosen["value"],
        count_promised=read(("policy", name, "count_promised"), _truth, otherwise=False),
        reserve_days=read(("policy", name, "reserve_days"), _reserve_days, None),
        quotas=MappingProxyType(numbers["quotas"]),
        quota_of=chosen["quota_of"] or QUOTAS_OF[0],
        borrow=borrowing(name, texts, read),
    )


def _idle_of_priced(texts: Mapping[Path, str], policies: Mapping[str, Policy]) -> Iterator[Problem]:
    """Yield the keys that a policy with a value would not look at."""
    for path, text in texts.items():
        if _is_policy(path) and path[2] in POLICY_KEYS and path[2] not in PRICED_KEYS:
            priced = policies[path[1]].value is not None and path[1:] != ("default",)
            if priced and text.strip():
                key = ".".join(path)
                hint = "leave out this key, or value"
                message = f"a policy with a value has no {path[2]}"
                yield Problem("E414", message, "book", None, key, text, hint)


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
        elif path[0] == APPROVAL:
            yield from unknown_of_approval(path, text)
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
        if path[1] in POLICY_KEYS:
            hint = f"name the policy: policy.NAME.{path[1]}"
        yield Problem("E414", message, "book", None, key, text, hint)
    elif path[2] not in POLICY_KEYS:
        hint = name_hint(path[2], POLICY_KEYS, "the keys of a policy")
        message = f"a policy has no key {path[2]}"
        yield Problem("E412", message, "book", None, key, text, hint)
    elif path[2] == BORROW:
        yield from unknown_of_borrow(path, text)
    elif len(path) != (4 if path[2] in NAMED else 3):
        what = "NAME = number" if path[2] in NAMED else "one value"
        yield Problem("E414", f"expected {what} for {path[2]}", "book", None, key, text)


def _is_policy(path: Path) -> bool:
    return path[0] == "policy" and len(path) > 2


def _is_fiscal(path: Path) -> bool:
    return path[0] == "fiscal" and len(path) == 2


def _as(kind: str, what: str) -> Callable[[str], object]:
    return setting(Column("setting", kind, what=what, least=0))  # type: ignore[arg-type]


def _weight(text: str) -> object:
    what = "a weight above 0"
    value = _as("decimal", what)(text)
    return Flaw("E414", f"expected {what}") if value == Decimal(0) else value


def _quota(text: str) -> object:
    """Return 500, 20% or 3 of 4 as a quota."""
    match = _QUOTA.fullmatch(text.strip())
    if match is None:
        hint = 'write 500, "20%" or "3 of 4"'
        return Flaw("E414", "expected a number of units, a percentage or a ratio", hint)
    number, percent, top, bottom = match.groups()
    if number is not None:
        return Quota(int(number))
    if percent is not None:
        top, bottom = int(Decimal(percent) * PERCENT / 100), PERCENT
    quota = Quota(int(top), int(bottom))
    if not quota.bottom or quota.top > quota.bottom:
        return Flaw("E414", "expected a quota of all at most", "nobody can have more than all")
    return quota


_QUOTA = re.compile(
    r"([0-9]{1,12})|([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%|([0-9]{1,6}) of ([0-9]{1,6})", re.ASCII
)


def _truth(text: str) -> object:
    word = text.strip().lower()
    if word in _TRUTHS:
        return _TRUTHS[word]
    return Flaw("E414", "expected true or false", choice_hint(word, ("true", "false")))


_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


def _reserve_days(text: str) -> object:
    column = Column("reserve_days", "integer", what="a whole number of days", least=0, most=36_500)
    return setting(column)(text)


def _one_of(choices: Sequence[str]) -> Callable[[str], object]:
    def parse(text: str) -> object:
        word = text.strip()
        if word in choices:
            return word
        return Flaw("E414", "expected one of " + ", ".join(choices), choice_hint(word, choices))

    return parse


def _year_end(text: str) -> object:
    try:
        parse_rule(text)
    except ValueError as error:
        return Flaw("E414", str(error))
    return text.strip()


def _path(key: str) -> Path:
    """Return the parts of a key of the sheet `book`; names may hold points."""
    if match := re.fullmatch(r"policy\.(.+?)\.(weights|ceilings|quotas)\.(.+)", key):
        return ("policy", match[1], match[2], match[3])
    if path := borrow_path(key):
        return path
    if match := re.fullmatch(r"policy\.(.+)\.([^.]+)", key):
        return ("policy", match[1], match[2])
    return path_of_approval(key)
