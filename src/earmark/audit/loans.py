"""Quotas that are passed, held against what others may lend: no protected unit is used by another.

On any day, and for each product: what the parties of a group hold beyond their quotas is at most
what the group's quota has beyond theirs, and what they leave of theirs unused beyond its protected
part; for more the group has to borrow. What groups and lone parties borrow is at most what groups
and lone parties leave, and a group leaves no unit that one of its parties protects.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np

from earmark.audit.facts import Facts
from earmark.audit.nodes import levels_of
from earmark.audit.proof import Grants
from earmark.audit.quotas import Levels, all_allowed, free_parts, inside, may_borrow
from earmark.book import Book
from earmark.policy import Policy
from earmark.schedule import Ints


def overdrawn(book: Book, policy: Policy, facts: Facts, grants: Grants) -> Iterator[str]:
    """Yield where and when quotas are passed by more than anybody may lend."""
    if not policy.borrow:
        return
    days = np.unique(np.concatenate([grants.day, facts.supply_day, [facts.start]]))
    days = days[(days >= facts.start) & (days < facts.end)]
    for product in sorted({of for _, of, _ in facts.kinds}):
        quotas = all_allowed(book, policy, product, facts, days)
        held = _held(book, product, days, facts, grants)
        for name, over in _lacking(book, policy, quotas, held):
            if (over > 0).any():
                day = date.fromordinal(int(days[int((over > 0).argmax())]))
                yield f"{product}, {name} on {day}"


def _held(book: Book, product: str, days: Ints, facts: Facts, grants: Grants) -> Levels:
    """Return, per party and group, (days,) the units of the product given by each day."""
    names = [party for _, _, party in facts.kinds]
    names += [book.group_of[party] for party in names if party in book.group_of]
    held = {name: np.zeros(len(days), np.int64) for name in names}
    for code, (_, of, party) in enumerate(facts.kinds):
        if of == product:
            mine = facts.kind[grants.order] == code
            node = np.zeros(int(mine.sum()), np.int64)
            level = levels_of(1, days, node, grants.day[mine], grants.quantity[mine])[0]
            for name in {party, book.group_of.get(party, party)}:
                held[name] += level
    return held


def _lacking(
    book: Book, policy: Policy, quotas: Levels, held: Levels
) -> Iterator[tuple[str, Ints]]:
    """Yield, per group and for all together, (days,) what is used and nobody may lend."""
    spare: dict[str, Ints] = {}
    kept: dict[str, Ints] = {}
    over: dict[str, Ints] = {}
    for name, free in free_parts(policy, quotas).items():
        used = held.get(name, np.zeros_like(free))
        unused = np.maximum(quotas[name] - used, 0)
        spare[name] = np.minimum(unused, free)
        kept[name] = unused - spare[name]
        over[name] = np.maximum(used - quotas[name], 0)
    for group, members in inside(book, quotas):
        lack = np.sum([over[name] - spare[name] for name in members], axis=0)
        if group not in quotas:
            yield group, lack
        else:
            beyond = quotas[group] - np.sum([quotas[name] for name in members], axis=0)
            over[group] = np.maximum(over[group], lack - np.maximum(beyond, 0))
            left = spare[group] + kept[group] - np.sum([kept[name] for name in members], axis=0)
            spare[group] = np.clip(left, 0, spare[group])
    tops = [name for name in quotas if name not in book.group_of]
    yield from ((name, over[name]) for name in tops if not may_borrow(policy, name))
    if tops:
        lack = np.sum([over[name] - spare[name] for name in tops], axis=0)
        yield "groups and parties without one", lack
