"""What quotas allow by the day, and how far those that may borrow could pass them at most."""

from collections.abc import Iterator, Mapping

import numpy as np

from earmark.audit.facts import Facts
from earmark.book import Book
from earmark.policy import PERCENT, Borrow, Policy, Quota
from earmark.schedule import Ints

Levels = Mapping[str, Ints]
"""(days,) units by party or group."""


def allowed(quota: Quota, book: Book, product: str, facts: Facts, days: Ints) -> Ints:
    """Return (days,) what a number, or a part of all supply that has come, allows."""
    if quota.bottom is None:
        return np.full(len(days), quota.top)
    arrived = np.zeros(len(days), np.int64)
    for lot in book.lots:
        place = facts.supplies.get(lot.lot)
        if place is not None and lot.product == product:
            arrived[days >= facts.supply_day[place]] += lot.quantity
    return arrived * quota.top // quota.bottom


def all_allowed(book: Book, policy: Policy, product: str, facts: Facts, days: Ints) -> Levels:
    """Return what each quota of a policy allows of a product."""
    return {name: allowed(q, book, product, facts, days) for name, q in policy.quotas.items()}


def may_borrow(policy: Policy, name: str) -> bool:
    """Tell whether a party or group may be given more than its quota."""
    return policy.borrow.get(name, Borrow()).rank is not None


def free_parts(policy: Policy, quotas: Levels) -> Levels:
    """Return what each may lend of its quota: all but the protected part."""
    lends = {name: PERCENT - policy.borrow.get(name, Borrow()).protect for name in quotas}
    return {name: quota * lends[name] // PERCENT for name, quota in quotas.items()}


def inside(book: Book, quotas: Levels) -> Iterator[tuple[str, list[str]]]:
    """Yield each group that has parties with quotas, and these."""
    for group in sorted(set(book.group_of.values())):
        if members := [name for name in quotas if book.group_of.get(name) == group]:
            yield group, members


def reaches(book: Book, policy: Policy, quotas: Levels) -> Levels:
    """Return, per holder that may borrow, what it could be given if nobody else used anything."""
    free, common = dict(free_parts(policy, quotas)), {}
    families = list(inside(book, quotas))
    for group, members in families:
        common[group] = np.zeros_like(quotas[members[0]])
        if group in quotas:
            parts = np.sum([quotas[name] for name in members], axis=0)
            common[group] = np.maximum(quotas[group] - parts, 0)
            lent = common[group] + np.sum([free[name] for name in members], axis=0)
            free[group] = np.minimum(free[group], lent)
    tops = [name for name in quotas if name not in book.group_of]
    reach = {
        name: quotas[name] + np.sum([free[top] for top in tops if top != name], axis=0, dtype=int)
        for name in tops
    }
    for group, members in families:
        outside = reach[group] - quotas[group] if may_borrow(policy, group) else 0
        for name in members:
            others = np.sum([free[m] for m in members if m != name], axis=0, dtype=int)
            reach[name] = quotas[name] + common[group] + others + outside
    return {name: level for name, level in reach.items() if may_borrow(policy, name)}


def all_together(book: Book, quotas: Levels, product: str, facts: Facts) -> Ints | None:
    """Return (days,) what all quotas of a product come to, None where some order has none."""
    ordering = {book.group_of.get(party, party) for _, of, party in facts.kinds if of == product}
    tops = [name for name in quotas if name not in book.group_of]
    return np.sum([quotas[name] for name in tops], axis=0) if ordering <= {*tops} else None
