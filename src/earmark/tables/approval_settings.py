"""The settings of approvals: `[approval]` in book.toml, or `approval.KEY` in the sheet `book`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.errors import Problem
from earmark.policy import APPROVAL_KINDS, ApprovalRules
from earmark.schema import Column
from earmark.tables.cells import Flaw, setting
from earmark.tables.hints import choice_hint, name_hint
from earmark.tables.toml_files import Path

APPROVAL = "approval"
_UNITS = "a whole number of GPUs"
_DAYS = "a whole number of days"
_MONEY = "an amount of money"

Read = Callable[[Path, Callable[[str], Any], Any], Any]
"""Reads one setting: its path, its parser, and what stands for it otherwise."""


def approval_rules(texts: Mapping[Path, str], read: Read) -> ApprovalRules | None:
    """Return the rules of approvals, or None where a book has none."""
    if not any(path[0] == APPROVAL for path in texts):
        return None
    given = {}
    for key, (parse, default) in _KEYS.items():
        value = read((APPROVAL, key), parse, default)
        if value != default:
            given[key] = value
    declared = {
        path[2]: read(path, _several_parties, ())
        for path in texts
        if path[:2] == (APPROVAL, "declared") and len(path) == 3
    }
    declared = {reason: parties for reason, parties in declared.items() if parties}
    return ApprovalRules(**given, declared=MappingProxyType(declared))


def unknown_of_approval(path: Path, text: str) -> Iterator[Problem]:
    """Find keys of approvals that are not there, and values where a table belongs."""
    key = ".".join(path)
    if len(path) == 1:
        if text.strip():
            message = "expected the keys of approval"
            hint = "write them as approval.units and so on"
            yield Problem("E414", message, "book", None, key, text, hint)
    elif path[1] not in APPROVAL_KEYS:
        hint = name_hint(path[1], APPROVAL_KEYS, "the keys of approval")
        yield Problem("E412", f"approval has no key {path[1]}", "book", None, key, text, hint)
    elif path[1] == "declared":
        if len(path) != 3:
            message = "expected declared.REASON = two parties or more"
            hint = 'such as declared."one chief decision maker" = ["maker", "net"]'
            yield Problem("E414", message, "book", None, key, text, hint)
    elif len(path) != 2:
        yield Problem("E414", f"expected one value for {path[1]}", "book", None, key, text)


def path_of_approval(key: str) -> Path:
    """Return the parts of a key of the sheet `book`; a reason may hold points."""
    return tuple(key.split(".", 2 if key.startswith("approval.declared.") else 1))


def _percent(text: str) -> object:
    what = "a percentage above 0, at most 100"
    value = setting(Column("related", "decimal", what=what, least=0, most=100))(text)
    return Flaw("E414", f"expected {what}") if value == Decimal(0) else value


def _parties(text: str) -> object:
    return setting(Column("approvers", "ids", what="names, ; between"))(text)


def _several_parties(text: str) -> object:
    parties = _parties(text)
    if isinstance(parties, tuple) and len(parties) < 2:
        return Flaw("E414", "expected two parties or more", "; stands between them")
    return parties


def _kinds(text: str) -> object:
    kinds = _parties(text)
    if not isinstance(kinds, tuple):
        return kinds
    for kind in kinds:
        if kind not in APPROVAL_KINDS:
            message = f"expected kinds of moves out of {', '.join(APPROVAL_KINDS)}"
            return Flaw("E414", message, choice_hint(kind, APPROVAL_KINDS))
    return kinds or Flaw("E414", f"expected kinds of moves out of {', '.join(APPROVAL_KINDS)}")


def _whole(what: str, least: int, most: int | None = None) -> Callable[[str], object]:
    return setting(Column("setting", "integer", what=what, least=least, most=most))


_LONGEST = 36_500
"""A hundred years: days that a span may have."""

_RULES = ApprovalRules()
_KEYS: Mapping[str, tuple[Callable[[str], object], object]] = MappingProxyType(
    {
        "units": (_whole(_UNITS, 1), _RULES.units),
        "money": (setting(Column("money", "decimal", what=_MONEY, least=0)), _RULES.money),
        "related": (_percent, _RULES.related),
        "related_units": (_whole(_UNITS, 1), _RULES.related_units),
        "related_money": (
            setting(Column("related_money", "decimal", what=_MONEY, least=0)),
            _RULES.related_money,
        ),
        "approvers": (_parties, _RULES.approvers),
        "days": (_whole(_DAYS, 1, _LONGEST), _RULES.days),
        "override": (setting(Column("override", "yes", what="yes or no")), _RULES.override),
        "kinds": (_kinds, _RULES.kinds),
        "window": (_whole(_DAYS, 0, _LONGEST), _RULES.window),
    }
)

APPROVAL_KEYS: Sequence[str] = (*_KEYS, "declared")
"""The keys of `[approval]`, in the order in which they are told."""
