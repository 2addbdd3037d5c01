"""Whether what a store tells is sound: from its entries alone, by code of its own."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from earmark.ledger.entries import Account
from earmark.stores import Store

HELD = {"supplied", "earmarked", "shipped", "received", "active", "retired", "demand"}

Posted = tuple[int, Account, int, date]
"""The number of an entry, an account, units and the effective day."""


def faults_of(store: Store) -> list[str]:
    """Return what is wrong with a store; nothing where all of it agrees."""
    head, bodies = store.head(), list(store.bodies())
    documents = [json.loads(body) for body in bodies]
    moments = [document["recorded_at"] for document in documents]
    ids = [document["id"] for document in documents]
    leaves = [hashlib.sha256(b"\0" + body).digest() for body in bodies]
    postings = list(postings_of_bodies(bodies))
    checks = {
        "size": head.size == len(bodies),
        "seq": [document["seq"] for document in documents] == list(range(1, len(bodies) + 1)),
        "moments rise": all(a < b for a, b in pairwise(moments)),
        "last moment": head.recorded_at == (moments[-1] if moments else None),
        "ids": len(set(ids)) == len(ids),
        "leaves": list(store.leaves()) == leaves,
        "root": head.root == _root(leaves),
        "zero sums": not any(sums_by_day(postings).values()),
        "never below zero": not below_zero(postings),
        "balances": dict(store.balances()) == balances(postings),
        "entries": all(
            (recorded := store.entry(id_)) is not None and recorded.body == body
            for id_, body in zip(ids[-20:], bodies[-20:], strict=True)
        ),
    }
    return [name for name, holds in checks.items() if not holds]


def postings_of_bodies(bodies: Sequence[bytes]) -> list[Posted]:
    """Return all postings of entries, one after the other."""
    return [
        (document["seq"], Account(*row[:4]), row[4], date.fromisoformat(row[5]))
        for document in map(json.loads, bodies)
        for row in document.get("postings", ())
    ]


def balances(
    postings: Sequence[Posted], size: int | None = None, as_of: date | None = None
) -> dict[Account, int]:
    """Return what accounts hold on a day by the first `size` entries: one sum over all postings."""
    sums: dict[Account, int] = defaultdict(int)
    for seq, account, units, day in postings:
        if (size is None or seq <= size) and (as_of is None or day <= as_of):
            sums[account] += units
    return {account: units for account, units in sums.items() if units}


def sums_by_day(postings: Sequence[Posted]) -> dict[tuple[int, str, date], int]:
    """Return the sum of what each entry posts of a product on a day; all have to be 0."""
    sums: dict[tuple[int, str, date], int] = defaultdict(int)
    for seq, account, units, day in postings:
        sums[seq, account.product, day] += units
    return sums


def below_zero(postings: Sequence[Posted], size: int | None = None) -> list[tuple[Account, date]]:
    """Return each account that must not fall below zero, and the days on which it does."""
    timelines: dict[Account, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for seq, account, units, day in postings:
        if account.state in HELD and (size is None or seq <= size):
            timelines[account][day] += units
    found = []
    for account, changes in timelines.items():
        level = 0
        for day in sorted(changes):
            level += changes[day]
            if level < 0:
                found.append((account, day))
    return found


def _root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of RFC 9162, as its text says it: split at the largest power of two."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()
