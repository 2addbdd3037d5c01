"""What holders of quotas may borrow and lend: `[policy.NAME.borrow]` in book.toml.

[policy.board.borrow]
east = { rank = 1, protect = "30%" }
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.errors import Problem
from earmark.policy import PERCENT, Borrow, Policy
from earmark.schema import Column
from earmark.tables.cells import Flaw, setting
from earmark.tables.hints import name_hint
from earmark.tables.toml_files import Path

BORROW = "borrow"
BORROW_KEYS = ("rank", "protect")

Read = Callable[[Path, Callable[[str], Any], Any], Any]
"""Reads one setting: its path, its parser, and what stands for it otherwise."""


def borrowing(name: str, texts: Mapping[Path, str], read: Read) -> Mapping[str, Borrow]:
    """Return what each party or group of a policy may borrow and lend."""
    under = ("policy", name, BORROW)
    holders = dict.fromkeys(path[3] for path in texts if path[:3] == under and len(path) == 5)
    return MappingProxyType(
        {
            holder: Borrow(
                rank=read((*under, holder, "rank"), _rank, None),
                protect=read((*under, holder, "protect"), _protect, PERCENT),
            )
            for holder in holders
        }
    )


def unknown_of_borrow(path: Path, text: str) -> Iterator[Problem]:
    """Find keys of what is borrowed that are not there, and values where a table belongs."""
    key = ".".join(path)
    if len(path) != 5:
        message = "expected NAME = { rank = 1, protect = a percentage } for borrow"
        hint = f'such as {path[3] if len(path) > 3 else "maker"} = {{ rank = 1, protect = "30%" }}'
        yield Problem("E414", message, "book", None, key, text, hint)
    elif path[4] not in BORROW_KEYS:
        hint = name_hint(path[4], BORROW_KEYS, "the keys of borrow")
        yield Problem("E412", f"borrow has no key {path[4]}", "book", None, key, text, hint)


def idle_borrowing(policies: Mapping[str, Policy]) -> Iterator[Problem]:
    """Find what no plan could borrow: without a quota, or of parts that are not known ahead."""
    for policy in policies.values():
        for holder in policy.borrow:
            if holder not in policy.quotas:
                message = f"{holder} has no quota to borrow on or to lend of"
                hint = "give it a quota, or take it out of borrow"
                yield _problem(policy, holder, message, hint)
        if policy.borrow and policy.quota_of == "remaining":
            message = "quotas of what remains are not lent: they are known tier by tier alone"
            hint = 'leave it out, or set quota_of = "whole"'
            yield _problem(policy, "", message, hint)
        if policy.borrow and policy.reserve_days is not None:
            message = "what is lent is decided to the end, and not over reserve_days"
            yield _problem(policy, "", message, "leave out this key, or reserve_days")


def _problem(policy: Policy, holder: str, message: str, hint: str) -> Problem:
    key = f"policy.{policy.name}.{BORROW}" + (f".{holder}" if holder else "")
    return Problem("E414", message, "book", None, key, None, hint)


def borrow_path(key: str) -> Path | None:
    """Return the parts of a key of the sheet `book`, None for any other; names may hold points."""
    match = re.fullmatch(r"policy\.(.+?)\.borrow\.(.+)\.([^.]+)", key)
    return ("policy", match[1], BORROW, match[2], match[3]) if match else None


def _rank(text: str) -> object:
    column = Column("rank", "integer", what="a rank: 1 borrows first", least=1, most=1_000)
    return setting(column)(text)


def _protect(text: str) -> object:
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%", text.strip(), re.ASCII)
    part = int(Decimal(match[1]) * PERCENT / 100) if match else PERCENT + 1
    if part > PERCENT:
        return Flaw("E414", "expected a percentage, 100% at most", 'write "30%"')
    return part
