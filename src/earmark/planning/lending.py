"""Quotas that are lent: who holds whose units, and what anybody may still borrow.

Every unit of a quota belongs to its holder. What a group's quota has beyond those of its members
is common to them. A member that is given more than its own quota holds common units first, then
units that its siblings do not use beyond their protected parts, then units that its group borrows
of the group's own siblings. Of several lenders the one that would borrow last lends first. Who
lends what on a day follows from what all are given by that day (`loans`), so nothing is kept of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.paths import from_the_end
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Lending:
    """The quotas of one product under a policy that lends any: a row for each holder."""

    name: tuple[str, ...]
    """(r,) party or group"""
    product: int
    supply: Ints
    """(T,) all that has come of the product."""
    node: Ints
    """(r,) the node that the holder's classes draw on, -1 where it has none."""
    quota: Ints
    """(r, T)"""
    free: Ints
    """(r, T) what may be lent at most: the quota less its protected part."""
    ceiling: Ints
    """(r, T) what the holder may be given whatever it borrows."""
    rank: Ints
    """(r,) who borrows first, 1 before 2; 0 for who does not borrow."""
    parent: Ints
    """(r,) the row of the quota of a party's group, -1 where there is none."""
    inner: tuple[Ints, ...]
    """The rows of the parties of each group, who lends first before the others."""
    top: Ints
    """The rows of groups and of parties without a group, likewise."""
    root: int
    """The node of the product's free supply."""
    complete: bool
    """Whether all that is ordered of the product stands under a quota of `top`."""


@dataclass(frozen=True, slots=True, eq=False)
class Loans:
    """What holders lend and borrow, (r, T) each; of a group's parties among themselves no word."""

    given: Ints
    own: Ints
    """What each may still be given out of its own quota."""
    borrowed: Ints
    """What each holds beyond its own quota."""
    lent: Ints
    """What others hold of it; of a group: others than its parties."""
    left: Ints
    """What each could still lend."""
    common: Ints
    """What a group's quota has beyond those of its parties, and nobody holds."""


def loans(lending: Lending, given: Ints) -> Loans:
    """Return what holders lend and borrow where they are given so much, (r, T)."""
    borrowed = np.maximum(given - lending.quota, 0)
    left = np.minimum(np.maximum(lending.quota - given, 0), lending.free)
    lent, common = np.zeros_like(given), np.zeros_like(given)
    for rows in lending.inner:
        need, group = borrowed[rows].sum(axis=0), int(lending.parent[rows[0]])
        if group >= 0:
            beyond = np.maximum(lending.quota[group] - lending.quota[rows].sum(axis=0), 0)
            common[group] = np.maximum(beyond - need, 0)
            need = np.maximum(need - beyond, 0)
        _lend(lent, left, rows, need)
        if group >= 0:
            borrowed[group] = np.maximum(need - lent[rows].sum(axis=0), 0)
            could = common[group] + left[rows].sum(axis=0)
            left[group] = np.minimum(could, lending.free[group])
    top = lending.top
    _lend(lent, left, top, borrowed[top].sum(axis=0))
    for rows in lending.inner:
        if (group := int(lending.parent[rows[0]])) >= 0:
            need = np.maximum(lent[group] - common[group], 0)
            common[group] = np.maximum(common[group] - lent[group], 0)
            _lend(lent, left, rows, need)
    own = np.maximum(lending.quota - given + borrowed - lent, 0)
    return Loans(given, own, borrowed, lent, left, common)


def _lend(lent: Ints, left: Ints, rows: Ints, need: Ints) -> None:
    """Let rows lend what is needed (T,), the first before the others."""
    before = np.cumsum(left[rows], axis=0) - left[rows]
    part = np.clip(need - before, 0, left[rows])
    lent[rows] += part
    left[rows] -= part


def room_within(lending: Lending, now: Loans, row: int, group: int, *, outside: bool) -> Ints:
    """Return (T,) what a party may be given more: out of its own quota and of what it borrows.

    `row` is that of the party and `group` that of its group's quota, -1 for none. With `outside`
    the group borrows of its siblings, too.
    """
    most = np.minimum.reduce([(lending.ceiling - now.given)[r] for r in (row, group) if r >= 0])
    room = left_within(lending, now, row, group, outside=outside)
    return np.maximum(np.minimum(room, most), 0)


def left_within(lending: Lending, now: Loans, row: int, group: int, *, outside: bool) -> Ints:
    """Return (T,) what `room_within` does where there are no ceilings."""
    room: Ints = now.own[row] if row >= 0 else now.own[group]
    if row >= 0 and not lending.rank[row]:
        return room
    if row >= 0 and row not in lending.top:
        siblings = next(rows for rows in lending.inner if row in rows)
        room = room + now.left[siblings[siblings != row]].sum(axis=0)
        room = room + (now.common[group] if group >= 0 else 0)
    head = group if group >= 0 else row
    if outside and head in lending.top and lending.rank[head]:
        others = lending.top[lending.top != head]
        room = room + now.left[others].sum(axis=0)
    return room


def given_of(lending: Lending, capacity: Ints, slack: Ints) -> Ints:
    """Return (r, T) what holders are given, from what nodes had and have, (N, T)."""
    given: Ints = (capacity - slack)[lending.node]
    given[lending.node < 0] = 0
    return given


def under_loans(lendings: Sequence[Lending], capacity: Ints, slack: Ints) -> Ints:
    """Return (N, T) what nodes have where holders keep to what they have not lent."""
    if not lendings:
        return slack
    cut = slack.copy()
    for lending in lendings:
        now = loans(lending, given_of(lending, capacity, slack))
        room = np.minimum(lending.ceiling - now.given, now.own)
        some = lending.node >= 0
        cut[lending.node[some]] = np.maximum(room[some], 0)
    return cut


def with_borrowing(lendings: Sequence[Lending], capacity: Ints, slack: Ints, used: Ints) -> Ints:
    """Return (N, T) what a stage could be given by nodes, what it borrows among it.

    `slack` is what they had before the stage, `used` what it took.
    """
    cut = under_loans(lendings, capacity, slack)
    for lending in lendings:
        now = loans(lending, given_of(lending, capacity, slack - used))
        for row, node in enumerate(lending.node.tolist()):
            if node >= 0 and lending.rank[row]:
                group = int(lending.parent[row])
                room = room_within(lending, now, row, group, outside=True)
                cut[node] = used[node] + from_the_end(room[None])[0]
    return cut


def without_inner_limits(lendings: Sequence[Lending], capacity: Ints) -> Ints:
    """Return (N, T) capacities that no borrower can pass, whatever the others are given."""
    free = capacity.copy()
    for lending in lendings:
        nobody = loans(lending, np.zeros_like(lending.quota))
        for row, node in enumerate(lending.node.tolist()):
            if node >= 0 and lending.rank[row]:
                group = int(lending.parent[row])
                free[node] = room_within(lending, nobody, row, group, outside=True)
        if lending.complete:
            whole = lending.quota[lending.top].sum(axis=0)
            free[lending.root] = np.minimum(free[lending.root], whole)
    return free
