"""Shares under a rule where parties share short sites: party totals by augmenting paths.

A party reaches a site through a class, a class never gives back what it held the day before, and
today's units may be moved between classes as long as no party's total falls. Sets of parties
(groups, the product's supply) bound totals from outside, so a party can have more just when a
path leads from it to a site with room. Fixed rule: parties and classes are tried in the order of
their keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.due_first import due_first
from earmark.planning.levels import (
    TOLERANCE,
    Amounts,
    Curves,
    Reals,
    deadlines,
    fill,
    real_sums,
    water_level,
)
from earmark.planning.network import Amount, Network
from earmark.planning.sharing import Claimants, Stage
from earmark.schedule import Bools, Ints
from earmark.sums import sum_by


def share_routed(stage: Stage, who: Claimants) -> Ints:
    """Return (k, T) cumulative whole grants where parties share sites that can run short."""
    shares = _share_path(stage, who)
    return _whole_path(stage, who, shares)


@dataclass(frozen=True, slots=True, eq=False)
class _Today:
    """One day of a stage, apart from the days before: who can use how much more, and where.

    Most classes have nothing to do with a short site: they are full, served, or at sites with room
    for all. Only the `routed` ones compete, so only they need a network.
    """

    held: Amounts
    """(k,) what each class held the day before."""
    more: Amounts
    """(k,) what it could use beyond that; 0 at sites that have nothing left."""
    routed: Bools
    """(k,) whether it passes a site with less left than is wanted."""
    left: Amounts
    """(n,) what each site has left."""
    short: Bools
    """(n,) whether more is wanted of a site than it has left."""

    def network(self, stage: Stage, party_of: Ints, parties: int, grain: Amount) -> Network:
        """Return the network of the routed classes, then one class per party for all others."""
        routed = np.flatnonzero(self.routed)
        nodes = stage.path[routed, :2]
        nodes = np.where((nodes >= 0) & self.short[nodes], nodes, -1)
        sites = [[n for n in row if n >= 0] for row in nodes.tolist()]
        free = np.bincount(party_of, np.where(self.routed, 0, self.more), parties)
        free = free.astype(self.more.dtype)
        left = {n: self.left[n].item() for n in np.unique(nodes[nodes >= 0]).tolist()}
        return Network(
            [*party_of[routed].tolist(), *range(parties)],
            [*sites, *([] for _ in range(parties))],
            [*self.more[routed].tolist(), *free.tolist()],
            left,
            parties,
            grain,
        )

    def given(
        self, network_flow: Sequence[Amount], stage: Stage, party_of: Ints, day: int
    ) -> Amounts:
        """Return (k,) what each class gets today: routed classes, then parties for all others."""
        routed = np.flatnonzero(self.routed)
        flow = np.array(network_flow, self.more.dtype)
        got = np.where(self.routed, 0, self.more)
        got[routed] = flow[: len(routed)]
        of_party = flow[len(routed) :]
        free = np.flatnonzero(~self.routed & (self.more > 0))
        all_of_it = np.bincount(party_of[free], self.more[free], len(of_party))
        some = free[(all_of_it > of_party + TOLERANCE)[party_of[free]]]
        if len(some):
            held = self.held[some, None]
            got[some] = due_first(
                stage.demand[some],
                held + self.more[some, None],
                held,
                party_of[some],
                of_party[:, None],
                np.full((len(of_party), 1), day),
            )[:, 0]
        return got


def _today(stage: Stage, day: int, held: Amounts, grain: Amount) -> _Today:
    """Return what the classes of a stage can do on a day, given what they held."""
    nodes = stage.path[:, :2]
    limited = nodes >= 0
    more = np.maximum(stage.demand[:, day] - held, 0)
    left = stage.room[:, day] - _on_nodes(nodes, held, len(stage.room))
    more[(limited & (left <= grain)[nodes]).any(axis=1)] = 0
    short = _on_nodes(nodes, more, len(left)) > left + grain
    routed = (limited & short[nodes]).any(axis=1) & (more > grain)
    return _Today(held, more, routed, left, short)


def _on_nodes(nodes: Ints, amounts: Amounts, size: int) -> Amounts:
    """Return the sum of the amounts of classes on each of `size` nodes."""
    total = np.zeros(size, amounts.dtype)
    for column in nodes.T:
        some = column >= 0
        total += np.bincount(column[some], amounts[some], size).astype(amounts.dtype)
    return total


def _share_path(stage: Stage, who: Claimants) -> Reals:
    """Return (p, T) real shares, each day given what classes held (in reals) the day before."""
    parties, days = len(who.ceiling), stage.demand.shape[1]
    shares = np.zeros((parties, days))
    held = np.zeros(len(stage.demand))
    top_of_class = who.top_of[who.party_of]
    for day in range(days):
        now = _today(stage, day, held, TOLERANCE)
        low = real_sums(who.party_of, held, parties)
        bounds = _Bounds(stage, who, day, low + real_sums(who.party_of, now.more, parties))
        within = None
        if who.weighed.any():
            outer = now.network(stage, top_of_class, len(who.root), TOLERANCE)
            low_top = real_sums(top_of_class, held, len(who.root))
            within = _raise_level(outer, low_top, bounds.of_tops())
        limits = bounds.of_parties(within)
        if now.routed.any():
            network = now.network(stage, who.party_of, parties, TOLERANCE)
            shares[:, day] = _raise_level(network, low, limits)
            flow = network.flow
        else:
            shares[:, day] = limits.level_targets(low, np.full(parties, np.nan))
            flow = (shares[:, day] - low).tolist()
        held = held + now.given(flow, stage, who.party_of, day)
    return shares


class _Limits:
    """What bounds claimants from outside the network: their own caps, and caps on sets."""

    def __init__(self, curves: Curves, high: Reals, sets: list[tuple[Ints, float]]) -> None:
        self.curves, self.high, self.sets = curves, high, sets

    def level_targets(self, low: Reals, frozen: Reals) -> Reals:
        """Return targets at the highest level that the caps allow (NaN in frozen: not yet)."""
        fixed = ~np.isnan(frozen)
        low = np.where(fixed, frozen, low)
        high = np.where(fixed, frozen, np.maximum(self.high, low))
        for members, cap in self.sets:
            zero = np.zeros(len(members), np.int64)
            pool = np.array([max(cap, float(low[members].sum()))])
            high[members] = fill(low[members], high[members], self.curves.of(members), zero, pool)
        return high

    def room(self, low: Reals) -> Reals:
        """Return what the caps leave to each claimant beyond `low`."""
        room = self.high - low
        for members, cap in self.sets:
            room[members] = np.minimum(room[members], cap - low[members].sum())
        return room


class _Bounds:
    """The caps of one day, for parties and for tops."""

    def __init__(self, stage: Stage, who: Claimants, day: int, most: Reals) -> None:
        self.who, self.day, self.room = who, day, stage.room[:, day]
        own = who.ceiling >= 0
        most[own] = np.minimum(most[own], self.room[who.ceiling[own]])
        self.most = most

    def of_parties(self, within: Reals | None = None) -> _Limits:
        who = self.who
        sets = self._sets(who.group_ceiling)
        if within is None:
            sets += self._sets(who.root[who.top_of])
        else:
            sets += [
                (np.flatnonzero(who.top_of == top), float(total))
                for top, total in enumerate(within)
            ]
        return _Limits(who.claims.on(self.day), self.most, sets)

    def of_tops(self) -> _Limits:
        who = self.who
        high = real_sums(who.top_of, self.most, len(who.root))
        sets = [(np.unique(who.top_of[p]), cap) for p, cap in self._sets(who.group_ceiling)]
        return _Limits(who.top_claims.on(self.day), high, sets + self._sets(who.root))

    def _sets(self, node: Ints) -> list[tuple[Ints, float]]:
        """Return the claimants under each node, and what the node can give."""
        return [
            (np.flatnonzero(node == n), float(self.room[n])) for n in np.unique(node[node >= 0])
        ]


def _raise_level(network: Network, held: Reals, limits: _Limits) -> Reals:
    """Raise all claimants from `held` to one level, freeze those that a cut holds, and go on.

    (Megiddo 1974: optimal flows in networks with multiple sources.) Newton's steps on the cut: a
    level that cannot be routed shows a set of parties whose total is used up; the level at which
    that total suffices is the next try.
    """
    low = held
    frozen = np.full(len(low), np.nan)
    while np.isnan(frozen).any():
        start = (list(network.flow), dict(network.left))
        target = limits.level_targets(low, frozen)
        while stuck := _try(network, target - low):
            reached = held + network.totals
            target = _lowered(target, reached, stuck, low, frozen, limits)
            network.flow, network.left = list(start[0]), dict(start[1])
        low = held + network.totals
        room = limits.room(low)
        open_ = np.flatnonzero(np.isnan(frozen))
        done = [p for p in open_ if room[p] <= 2 * TOLERANCE or network.path(int(p)) is None]
        frozen[done or open_] = low[done or open_]
    return low


def _try(network: Network, wanted: Reals) -> list[int]:
    """Route what is wanted; return the parties of the tight cut if one cannot have it."""
    for p in np.flatnonzero(wanted > TOLERANCE).tolist():
        missing = float(wanted[p])
        if missing - network.push(p, missing) > 2 * TOLERANCE:
            return _cut(network, p)
    return []


def _cut(network: Network, party: int) -> list[int]:
    """Return the parties that compete, on residual paths, for what `party` cannot get more of."""
    seen, queue = {party}, [party]
    while queue:
        p = queue.pop()
        for g in network.classes[p]:
            if network.most[g] - network.flow[g] <= network.grain:
                continue
            full = [n for n in network.sites[g] if network.left[n] <= network.grain]
            for other in network.users[full[0]] if full else []:
                q = network.party_of[other]
                movable = network.flow[other] > network.grain
                if q not in seen and movable and all(n in network.sites[other] for n in full):
                    seen.add(q)
                    queue.append(q)
    return sorted(seen)


def _lowered(
    target: Reals, reached: Reals, stuck: list[int], low: Reals, frozen: Reals, limits: _Limits
) -> Reals:
    """Return the targets with the stuck set at the level that its reachable total allows.

    All parties that are not frozen come down to that level: it is common to them.
    """
    members = np.array(stuck)
    free = members[np.isnan(frozen[members])]
    pool = float(reached[members].sum() - np.nan_to_num(frozen[members]).sum())
    water = -np.inf
    if len(free):
        cut = limits.curves.of(free).between(low[free], np.maximum(target, low)[free])
        water = float(water_level(cut, np.zeros(len(free), np.int64), np.array([pool]))[0])
    open_ = np.isnan(frozen)
    lower = np.clip(limits.curves.at(water), low, np.maximum(target, low))
    return np.where(open_, lower, target)


def _whole_path(stage: Stage, who: Claimants, shares: Reals) -> Ints:
    """Return (k, T) whole units: floors of shares, then open units by deadline, then the rest."""
    parties, days = shares.shape
    due = deadlines(shares)
    given = np.zeros(stage.demand.shape, np.int64)
    held = np.zeros(len(stage.demand), np.int64)
    for day in range(days):
        now = _today(stage, day, held, 0)
        network = now.network(stage, who.party_of, parties, 0)
        room = _Rooms(stage, who, day, held)
        share = shares[:, day]
        for p in np.flatnonzero(np.floor(share) > room.totals).tolist():
            room.give(p, int(network.push(p, room.spare(p, int(share[p]) - room.total[p]))))
        total = room.totals
        open_ = np.flatnonzero((share > total) & (total > share - 1))
        for p in open_[np.argsort(due[open_, day], kind="stable")].tolist():
            room.give(p, int(network.push(p, room.spare(p, 1))))
        if room.totals.sum() < round(float(share.sum())):
            for p in range(parties):
                room.give(p, int(network.push(p, room.spare(p, room.most[p]))))
        held = held + now.given(network.flow, stage, who.party_of, day)
        given[:, day] = held
    return given


class _Rooms:
    """What each party may still get on one day under its ceilings and its product's supply."""

    def __init__(self, stage: Stage, who: Claimants, day: int, held: Ints) -> None:
        rows = np.stack([who.ceiling, who.group_ceiling, who.root[who.top_of]], axis=1)
        self.rows = [[int(n) for n in row if n >= 0] for row in rows]
        self.total: list[int] = sum_by(who.party_of, held, len(who.ceiling)).tolist()
        self.most: list[int] = sum_by(who.party_of, stage.demand[:, day], len(who.ceiling)).tolist()
        self.left: list[int] = stage.room[:, day].astype(np.int64).tolist()
        for p, units in enumerate(self.total):
            for n in self.rows[p]:
                self.left[n] -= units

    @property
    def totals(self) -> Ints:
        """What each party has by now."""
        return np.array(self.total)

    def spare(self, p: int, units: int) -> int:
        """Return how many of `units` the caps leave to p, never below 0."""
        return max(0, min([units, *(self.left[n] for n in self.rows[p])]))

    def give(self, p: int, units: int) -> None:
        """Record that p got `units`."""
        self.total[p] += units
        for n in self.rows[p]:
            self.left[n] -= units
