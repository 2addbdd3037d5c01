"""The limits that the audit holds a plan against, and the most that a tree of them can give.

A node is one limit over the planned orders: the power of a site for a product, the power of a
site for all products, a ceiling of a party or of a group, or the free supply of a product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from earmark.audit.columns import codes, integers, ordinals
from earmark.audit.facts import Facts, running_units
from earmark.audit.quotas import all_allowed, all_together, allowed, may_borrow, reaches
from earmark.book import Book
from earmark.policy import Policy
from earmark.schedule import Bools, Ints

OWN, JOINT, PARTY, GROUP, ROOT = range(5)
"""Columns of `Nodes.of`: the kinds of limits that an order can stand under."""

UNLIMITED = 2**60

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Limits over the planned orders on every day on which anything changes."""

    days: Ints
    room: Ints
    """Units that may be granted in each node, cumulative, never below 0: (nodes, days)."""
    kind: tuple[str, ...]
    name: tuple[str, ...]
    of: Ints
    """The node of each kind of order, or later of each class, per kind of limit, -1 for none:
    (kinds of orders, 5)."""
    remaining: tuple[tuple[int, int, int, int], ...] = ()
    """Nodes that may give a tier top / bottom of what a supply node can still give: (node, supply
    node, top, bottom)."""


def nodes_of(book: Book, policy: Policy, facts: Facts, days: Ints) -> Nodes:
    """Build every limit that `book` and `policy` set on the planned orders of `facts`."""
    columns = _columns(book, list(facts.kinds))
    keys, power = _keys(book, policy, columns)
    place = {key: i for i, key in enumerate(keys)}
    of = np.stack([codes(column, place) for column in columns], axis=1)
    events: list[tuple[Ints, Ints, Ints]] = []
    limits = np.zeros(len(keys), np.int64)
    for key, i in place.items():
        if key[0] in {"party", "group"}:
            limits[i] = policy.ceilings.get(key[1], UNLIMITED)
    for key, rows in power.items():
        if key in place:
            rows.sort()
            levels = integers([units for _, units in rows])
            node = np.full(len(rows), place[key])
            events.append((node, integers([day for day, _ in rows]), np.diff(levels, prepend=0)))
    running = running_units(book)
    where = list(zip(running.site, running.product, running.party, strict=True))
    for column in _columns(book, where)[:ROOT]:
        node = codes(column, place)
        events.append((node, running.day, -running.change))
    roots = codes([("supply", product) for product in facts.supply_product], place)
    events.append((roots, facts.supply_day, facts.supply_free))
    node, day, change = (np.concatenate(parts) for parts in zip(*events, strict=True))
    room = limits[:, None] + levels_of(len(keys), days, node, day, change)
    names = tuple(" ".join(part for part in key[1:] if part) for key in keys)
    remaining = _lower_by_quotas(room, keys, book, policy, facts, days)
    if policy.borrow:
        _lower_by_loans(room, keys, book, policy, facts, days)
    return Nodes(days, np.maximum(room, 0), tuple(key[0] for key in keys), names, of, remaining)


def _lower_by_quotas(
    room: Ints, keys: list[_Key], book: Book, policy: Policy, facts: Facts, days: Ints
) -> tuple[tuple[int, int, int, int], ...]:
    """Lower room to the quotas that the book alone decides; return those of what remains."""
    remaining = []
    for i, (kind, name, *product) in enumerate(keys):
        quota = policy.quotas.get(name) if kind in {"party", "group"} else None
        if quota is None:
            continue
        if may_borrow(policy, name):
            continue  # its room is what it could borrow at most
        if quota.bottom is None:
            room[i] = np.minimum(room[i], quota.top)
        elif policy.quota_of == "remaining":
            remaining.append((i, keys.index(("supply", *product)), quota.top, quota.bottom))
        else:
            room[i] = np.minimum(room[i], allowed(quota, book, product[0], facts, days))
    return tuple(remaining)


def _lower_by_loans(
    room: Ints, keys: list[_Key], book: Book, policy: Policy, facts: Facts, days: Ints
) -> None:
    """Lower room to what borrowers could be given, and supply to what all quotas come to."""
    for product in {key[-1] for key in keys if key[0] == "supply"}:
        quotas = all_allowed(book, policy, product, facts, days)
        whole = all_together(book, quotas, product, facts)
        reach = reaches(book, policy, quotas)
        for i, key in enumerate(keys):
            if key == ("supply", product) and whole is not None:
                room[i] = np.minimum(room[i], whole)
            elif key[0] in {"party", "group"} and key[2] == product and key[1] in reach:
                room[i] = np.minimum(room[i], reach[key[1]])


def levels_of(count: int, days: Ints, node: Ints, day: Ints, change: Ints) -> Ints:
    """Return cumulative levels per node on each day; changes before the first day count on it."""
    inside = (node >= 0) & (day <= days[-1])
    column = np.searchsorted(days, np.maximum(day[inside], days[0]))
    cell = node[inside] * len(days) + column
    flat = np.zeros(count * len(days), np.int64)
    np.add.at(flat, cell, change[inside])
    return np.cumsum(flat.reshape(count, len(days)), axis=1)


def held_back(room: Ints) -> Ints:
    """Return, for each day, the least room from that day on."""
    return np.minimum.accumulate(room[:, ::-1], axis=1)[:, ::-1]


def add_rows(total: Ints, place: Ints, rows: Ints) -> None:
    """Add each row of `rows` to the row `place` of `total`."""
    if len(place):
        rank = np.argsort(place, kind="stable")
        ordered = place[rank]
        first = np.flatnonzero(np.diff(ordered, prepend=-1))
        total[ordered[first]] += np.add.reduceat(rows[rank], first, axis=0)


def node_sums(of: Ints, cells: Ints, count: int) -> Ints:
    """Add up `cells` (classes, days) over each of `count` nodes, `of` (classes, kinds) them."""
    total = np.zeros((count, cells.shape[1]), np.int64)
    for column in of.T:
        used = np.flatnonzero(column >= 0)
        add_rows(total, column[used], cells[used])
    return total


def chain_of(of: Ints) -> Ints:
    """Return per class its nodes, smallest first, then -1; no two nodes may cross."""
    size = np.where(of >= 0, _sizes(of)[of], 2**40)
    rank = np.argsort(size, axis=1, kind="stable")
    return np.take_along_axis(of, rank, axis=1)


def most(chain: Ints, demand: Ints, room: Ints) -> Ints:
    """Return the most units that some classes can hold together on each day.

    `chain` (classes, 5) are the nodes of each class from the smallest up, `demand` (classes,
    days) what it asks for and `room` (nodes, days) what its nodes can give. All classes of a node
    share the chain above it, so a node hands up the lesser of its room and of what comes from
    below.
    """
    length = (chain >= 0).sum(axis=1)
    whole: Ints = demand[length == 0].sum(axis=0)
    height, parent = np.zeros(len(room), np.int64), np.full(len(room), -1)
    for step in range(chain.shape[1]):
        rows = length > step
        height[chain[rows, step]] = length[rows] - step
        rows = length > step + 1
        parent[chain[rows, step]] = chain[rows, step + 1] if rows.any() else -1
    below = np.zeros(room.shape, np.int64)
    first = length > 0
    add_rows(below, chain[first, 0], demand[first])
    for level in range(chain.shape[1], 0, -1):
        here = np.flatnonzero(height == level)
        given = np.minimum(below[here], room[here])
        if level == 1:
            whole = whole + given.sum(axis=0)
        else:
            add_rows(below, parent[here], given)
    return whole


def crossing(of: Ints) -> Bools:
    """Tell which classes stand under two nodes that are neither nested nor apart."""
    found = np.zeros(len(of), bool)
    sizes = _sizes(of)
    for left, right in combinations(range(of.shape[1]), 2):
        rows = np.flatnonzero((of[:, left] >= 0) & (of[:, right] >= 0))
        a, b = of[rows, left], of[rows, right]
        _, pair, common = np.unique(a * len(sizes) + b, return_inverse=True, return_counts=True)
        together = common[pair]
        found[rows] |= (together < sizes[a]) & (together < sizes[b])
    return found


def spread(of: Ints, found: Bools) -> Bools:
    """Return all classes that any chain of common nodes connects with one of `found`."""
    found = found.copy()
    while True:
        before = int(found.sum())
        for column in of.T:
            hit = np.zeros(int(of.max(initial=0)) + 1, bool)
            hit[column[found & (column >= 0)]] = True
            found |= (column >= 0) & hit[column]
        if int(found.sum()) == before:
            return found


def relaxations(of: Ints) -> Iterator[Ints]:
    """Yield the classes with fewer limits, such that no two that are left cross."""
    for dropped in (
        (JOINT,),
        (PARTY, GROUP),
        (JOINT, PARTY, GROUP),
        (ROOT, PARTY, GROUP),
        (OWN, JOINT),
    ):
        fewer = of.copy()
        fewer[:, list(dropped)] = -1
        if not crossing(fewer).any():
            yield fewer


def classes_of(nodes: Nodes, facts: Facts) -> tuple[Nodes, Ints]:
    """Return the nodes over classes of orders alike in their limits, and each order's class."""
    code = np.zeros(len(nodes.of), np.int64)
    for column in nodes.of.T:
        if (column >= 0).any():
            _, code = np.unique(code * (len(nodes.room) + 1) + column + 1, return_inverse=True)
    _, first, member = np.unique(code, return_index=True, return_inverse=True)
    return replace(nodes, of=nodes.of[first]), member.astype(np.int64)[facts.kind]


def _sizes(of: Ints) -> Ints:
    return np.bincount(of[of >= 0], minlength=int(of.max(initial=0)) + 1)


def _columns(book: Book, where: list[tuple[str | None, str, str]]) -> list[list[_Key]]:
    """Return, per kind of limit, the key of the limit on each (site, product, party)."""
    group = book.group_of
    return [
        [("power", site or "", product) for site, product, _ in where],
        [("joint", site or "") for site, _, _ in where],
        [("party", party, product) for _, product, party in where],
        [("group", group.get(party, ""), product) for _, product, party in where],
        [("supply", product) for _, product, _ in where],
    ]


def _keys(
    book: Book, policy: Policy, columns: list[list[_Key]]
) -> tuple[list[_Key], dict[_Key, list[tuple[int, int]]]]:
    """Return the keys of all nodes, and the readiness rows of those that are power."""
    power: dict[_Key, list[tuple[int, int]]] = {}
    ready: set[str] = set()
    if policy.ship == "usable":
        cells = book.readiness.columns
        days = ordinals(cells["date"]).tolist()
        for site, product, day, units in zip(
            cells["site"], cells["product"], days, cells["units"], strict=True
        ):
            key = ("power", site, product) if product else ("joint", site)
            power.setdefault(key, []).append((day, units))
            ready.add(site)
    own, joint, party, group, root = (dict.fromkeys(cells) for cells in columns)
    uncovered = {key for key in own if key[1] in ready and ("joint", key[1]) not in power}
    keys = [key for key in own if key in power or key in uncovered]
    keys += [key for key in joint if key in power]
    keys += [key for key in (*party, *group) if key[1] in {*policy.ceilings, *policy.quotas}]
    return [*keys, *root], power
