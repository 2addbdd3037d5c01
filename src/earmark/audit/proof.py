"""The proof that no better plan exists: what each tier holds against the most it could hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from earmark.audit.columns import grouped
from earmark.audit.facts import Facts
from earmark.audit.nodes import (
    GROUP,
    JOINT,
    PARTY,
    ROOT,
    UNLIMITED,
    Nodes,
    chain_of,
    classes_of,
    crossing,
    held_back,
    levels_of,
    most,
    node_sums,
    relaxations,
    spread,
)
from earmark.policy import Policy
from earmark.schedule import Bools, Ints, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Grants:
    """Grants in columns, sorted by order and day; `supply` is the position in `Facts.supplies`."""

    order: Ints
    supply: Ints
    day: Ints
    quantity: Ints
    pegged: Bools

    def free_so_far(self) -> Ints:
        """Return, per grant, the units that are not pegged of its order up to and with it."""
        whole = np.cumsum(np.where(self.pegged, 0, self.quantity))
        fresh = np.append(True, self.order[1:] != self.order[:-1])[: len(self.order)]
        before = np.where(fresh, whole - np.where(self.pegged, 0, self.quantity), 0)
        result: Ints = whole - np.maximum.accumulate(before)
        return result

    def beyond_promise(self, facts: Facts) -> Ints:
        """Return, per grant, the units beyond pegs and promises so far: the tiers' own."""
        beyond: Ints = np.maximum(self.free_so_far() - facts.promised[self.order], 0)
        return beyond


@dataclass(frozen=True, slots=True, eq=False)
class _Tier:
    """Demand and grants of one tier as entries: class, day, units."""

    name: str
    wanted: tuple[Ints, Ints, Ints]
    """In lots where the tier is counted in lots, as `counted`."""
    given: tuple[Ints, Ints, Ints]
    counted: tuple[Ints, Ints, Ints]
    supplied: bool
    """Whether the tier draws on free supply; pegged units bring their own."""
    lots: bool
    """Whether room is rounded down to whole lots, and a broken lot counts as one."""
    ranked: bool = True
    """Whether it is a tier of the policy, and not pegs or promises."""


def unproven(
    plan: Plan, policy: Policy, facts: Facts, nodes: Nodes, grants: Grants
) -> Iterator[tuple[str, str]]:
    """Yield, as kind and message, each claim of the plan on how good it is that does not hold."""
    if plan.policy != policy.name:
        yield "wrong_policy", f"made by {plan.policy}, not by {policy.name}"
    if plan.status not in {"optimal", "feasible"} or not 0 <= plan.gap <= 1:
        yield "wrong_status", f"status {plan.status}, gap {plan.gap}"
    if plan.status == "optimal" and plan.gap != 0:
        yield "wrong_status", f"optimal with a gap of {plan.gap}"
    if not len(facts.orders):
        return
    alike, member = classes_of(nodes, facts)
    lots = policy.in_lots
    tiers = list(_tiers(facts, grants, member, lots=lots))
    if policy.value is not None:
        del tiers[2:]  # what is pegged and promised goes first; the rest is proven by its prices
        tangled = spread(alike.of, _perhaps_crossing(alike.of))
        yield from _short(tiers, alike, [alike.of], ~tangled, facts)
        return
    if facts.confirmed:
        if plan.status == "optimal":
            yield "wrong_status", "optimal, where orders stand by earlier promises"
        return
    tangled = spread(alike.of, _perhaps_crossing(alike.of))
    # Who is told to look only so many days ahead, or has to serve single orders by their rules, may
    # have less than the most, and says so.
    # How much is lent depends on what the owners ask for later, too.
    limited = policy.reserve_days is not None or bool(policy.borrow) or facts.ruled.any()
    excused = plan.status != "optimal" and limited
    for kind, text in _short(tiers, alike, [alike.of], ~tangled, facts):
        if kind != "total_short" or not excused:
            yield kind, text
    if plan.status != "optimal" or not tangled.any():
        return
    binding = alike.of if lots else _binding(alike, facts, member)
    if lots:
        # Lots of several sizes under one limit: what is left of it has no whole number of lots.
        tangled &= ~spread(binding, _mixed(alike, facts))
    crossed = tangled & spread(binding, crossing(binding))
    yield from _short(tiers, alike, [binding], tangled & ~crossed, facts)
    yield from _short(tiers, alike, list(relaxations(binding)), crossed, facts)


def _perhaps_crossing(of: Ints) -> Bools:
    """Tell which classes may stand under limits that cross, whether these bind or not.

    Where there are none, no plan has an excuse to be less than the best.
    """
    ceiling = (of[:, PARTY] >= 0) | (of[:, GROUP] >= 0)
    return _several(of) | (ceiling & (of[:, :PARTY] >= 0).any(axis=1))


def _tiers(facts: Facts, grants: Grants, member: Ints, *, lots: bool) -> Iterator[_Tier]:
    """Yield the pegged units, the promised ones and the tiers in the order they are served."""
    ready = np.maximum(facts.supply_day[facts.peg_supply], facts.due[facts.peg_order])
    place = member[grants.order]
    pegged = grants.pegged
    own = (place[pegged], grants.day[pegged], grants.quantity[pegged])
    yield _Tier(
        "pegged units",
        (member[facts.peg_order], np.maximum(ready, facts.start), facts.peg_quantity),
        own,
        own,
        supplied=False,
        lots=False,
        ranked=False,
    )
    due = np.maximum(facts.due, facts.first_new)
    beyond = grants.beyond_promise(facts)
    free = np.where(pegged, 0, grants.quantity)
    before = np.maximum(grants.free_so_far() - free - facts.promised[grants.order], 0)
    own = (place, grants.day, free - (beyond - before))
    yield _Tier(
        "promised units",
        (member, due, facts.promised),
        own,
        own,
        supplied=True,
        lots=False,
        ranked=False,
    )
    size = facts.lot_size if lots else np.ones(len(due), np.int64)
    rest = -(-facts.rest // size)
    counted = -(-beyond // size[grants.order]) + (-before // size[grants.order])
    ranks = int(facts.tier.max()) + 1
    both = grouped(facts.tier, ranks), grouped(facts.tier[grants.order], ranks)
    for rank, (wanted, given) in enumerate(zip(*both, strict=True)):
        yield _Tier(
            f"tier {rank + 1}",
            (member[wanted], due[wanted], rest[wanted]),
            (place[given], grants.day[given], (beyond - before)[given]),
            (place[given], grants.day[given], counted[given]),
            supplied=True,
            lots=lots,
        )


def _short(
    tiers: list[_Tier],
    nodes: Nodes,
    families: list[Ints],
    chosen: Bools,
    facts: Facts,
) -> Iterator[tuple[str, str]]:
    """Yield each tier that holds less on some day than the tightest of `families` allows.

    Only classes in `chosen` are looked at. Each family of limits must be a tree; what better
    tiers use of a limit is taken off for good, from the day they first need it on.
    """
    if not chosen.any() or not families:
        return
    chains = [chain_of(of) for of in families]
    room = nodes.room.copy()
    supply = np.array([kind == "supply" for kind in nodes.kind])
    sizes = _lot_sizes(nodes, facts)
    for tier in tiers:
        classes = np.unique(np.concatenate([tier.wanted[0], tier.given[0]]))
        classes = classes[chosen[classes]]
        of = nodes.of[classes]
        touched = np.unique(of[of >= 0])
        left = np.maximum(held_back(room[touched]), 0)
        for node, root, top, bottom in nodes.remaining if tier.ranked else ():
            row = touched == node
            left[row] = np.minimum(left[row], left[touched == root] * top // bottom)
        if not tier.supplied:
            left[supply[touched]] = UNLIMITED
            of = np.where(np.arange(of.shape[1]) == ROOT, -1, of)
        own = sizes[nodes.of[classes, ROOT]] if tier.lots else np.ones(len(classes), np.int64)
        limits = [_under(column, touched, left) // own[:, None] for column in of.T]
        if tier.lots:
            left //= sizes[touched, None]
        wanted, given, counted = (
            _by_class(part, classes, nodes.days) for part in (tier.wanted, tier.given, tier.counted)
        )
        wanted = np.minimum.reduce([wanted, *limits])
        bounds = [most(_local(chain[classes], touched), wanted, left) for chain in chains]
        yield from _compared(tier, counted.sum(axis=0), np.minimum.reduce(bounds), nodes.days)
        room[touched] -= node_sums(_local(of, touched), given, len(touched))


def _under(column: Ints, touched: Ints, left: Ints) -> Ints:
    """Return the room above each class in one kind of limit: (classes, days)."""
    room = np.full((len(column), left.shape[1]), UNLIMITED)
    under = np.flatnonzero(column >= 0)
    room[under] = left[np.searchsorted(touched, column[under])]
    return room


def _compared(tier: _Tier, held: Ints, most_held: Ints, days: Ints) -> Iterator[tuple[str, str]]:
    for kind, wrong in (
        ("total_short", held < most_held),
        ("total_exceeded", held > most_held),
    ):
        if wrong.any():
            at = int(wrong.argmax())
            day = date.fromordinal(int(days[at]))
            text = f"{tier.name} holds {held[at]} on {day}, where {most_held[at]} is the most"
            yield kind, text


def _by_class(entries: tuple[Ints, Ints, Ints], classes: Ints, days: Ints) -> Ints:
    """Return the cumulative units of entries (class, day, units): (classes, days)."""
    place, day, units = entries
    if not len(classes):
        return np.zeros((0, len(days)), np.int64)
    row = np.full(int(max(classes[-1], place.max(initial=0))) + 1, -1)
    row[classes] = np.arange(len(classes))
    return levels_of(len(classes), days, row[place], day, units)


def _local(of: Ints, touched: Ints) -> Ints:
    return np.where(of >= 0, np.searchsorted(touched, of), -1)


def _several(of: Ints) -> Bools:
    """Tell which classes share a site's whole power with another product."""
    joint, root = of[:, JOINT], of[:, ROOT]
    pairs = np.unique(np.stack([joint[joint >= 0], root[joint >= 0]], axis=1), axis=0)
    count = np.bincount(pairs[:, 0], minlength=int(of.max(initial=0)) + 1)
    return (joint >= 0) & (count[joint] > 1)


def _mixed(nodes: Nodes, facts: Facts) -> Bools:
    """Tell which classes share a site's whole power with products of another lot size."""
    joint, size = nodes.of[:, JOINT], _lot_sizes(nodes, facts)[nodes.of[:, ROOT]]
    least = np.full(len(nodes.room) + 1, UNLIMITED)
    largest = np.zeros(len(nodes.room) + 1, np.int64)
    np.minimum.at(least, joint, size)
    np.maximum.at(largest, joint, size)
    result: Bools = (joint >= 0) & (least[joint] < largest[joint])
    return result


def _binding(nodes: Nodes, facts: Facts, member: Ints) -> Ints:
    """Return the nodes of each class without those that hold all that is ever asked of them."""
    days = np.maximum(facts.due, facts.start)
    wanted = levels_of(len(nodes.of), nodes.days, member, days, facts.quantity)
    asked = node_sums(nodes.of, wanted, len(nodes.room))
    binds: Bools = np.any(asked > held_back(nodes.room), axis=1)
    binds[[node for node, *_ in nodes.remaining]] = True
    return np.where((nodes.of >= 0) & binds[nodes.of], nodes.of, -1)


def _lot_sizes(nodes: Nodes, facts: Facts) -> Ints:
    """Return the lot size that each node counts in: that of a product ordered there."""
    sizes = np.ones(len(nodes.room), np.int64)
    of_kind = np.ones(len(facts.kinds), np.int64)
    of_kind[facts.kind] = facts.lot_size
    products = {kind[1]: int(size) for kind, size in zip(facts.kinds, of_kind, strict=True)}
    name = {i: products[nodes.name[i]] for i in np.unique(nodes.of[:, ROOT])}
    for column in nodes.of.T:
        used = column >= 0
        sizes[column[used]] = [name[root] for root in nodes.of[used, ROOT]]
    return sizes
