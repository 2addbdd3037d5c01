"""Weighted max-min where parties share short sites: party totals by augmenting paths.

A party reaches a site through a class, a class never gives back what it held the day before, and
today's units may be moved between classes as long as no party's total falls. Sets of parties
(groups, the product's supply) bound totals from outside, so a party can have more just when a
path leads from it to a site with room. Fixed rule: parties and classes are tried in the order of
their keys.
"""

import numpy as np

from earmark.planning.levels import TOLERANCE, Reals, deadlines, fill, real_sums
from earmark.planning.network import Network
from earmark.planning.sharing import Claimants, Stage
from earmark.schedule import Ints
from earmark.sums import sum_by


def share_routed(stage: Stage, who: Claimants) -> Ints:
    """Return (k, T) cumulative whole grants where parties share sites that can run short."""
    shares = _share_path(stage, who)
    return _whole_path(stage, who, shares)


def _share_path(stage: Stage, who: Claimants) -> Reals:
    """Return (p, T) real shares, each day given what classes held (in reals) the day before."""
    parties, days = len(who.weight), stage.demand.shape[1]
    network = Network(who.party_of.tolist(), stage.path, parties)
    network.grain = TOLERANCE
    shares = np.zeros((parties, days))
    held: list[float] = [0.0] * len(stage.demand)
    for day in range(days):
        most = stage.demand[:, day].astype(np.float64).tolist()
        room = stage.room[:, day].astype(np.float64)
        bounds = _Bounds(stage, who, day)
        if who.weighed.any():
            outer = Network(who.top_of[who.party_of].tolist(), stage.path, len(who.root))
            outer.grain = TOLERANCE
            outer.open_day(held, most, room)
            totals = _raise_level(outer, bounds.of_tops())
            network.open_day(held, most, room)
            shares[:, day] = _raise_level(network, bounds.of_parties(within=totals))
        else:
            network.open_day(held, most, room)
            shares[:, day] = _raise_level(network, bounds.of_parties())
        held = list(network.flow)
    return shares


class _Limits:
    """What bounds claimants from outside the network: their own caps, and caps on sets."""

    def __init__(self, weight: Reals, high: Reals, sets: list[tuple[Ints, float]]) -> None:
        self.weight, self.high, self.sets = weight, high, sets

    def level_targets(self, low: Reals, frozen: Reals) -> Reals:
        """Return targets at the highest level that the caps allow (NaN in frozen: not yet)."""
        fixed = ~np.isnan(frozen)
        low = np.where(fixed, frozen, low)
        high = np.where(fixed, frozen, np.maximum(self.high, low))
        for members, cap in self.sets:
            zero = np.zeros(len(members), np.int64)
            pool = np.array([max(cap, float(low[members].sum()))])
            high[members] = fill(low[members], high[members], self.weight[members], zero, pool)
        return high


class _Bounds:
    """The caps of one day, for parties and for tops."""

    def __init__(self, stage: Stage, who: Claimants, day: int) -> None:
        self.who, self.room = who, stage.room[:, day]
        most = real_sums(who.party_of, stage.demand[:, day], len(who.weight))
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
        return _Limits(who.weight, self.most, sets)

    def of_tops(self) -> _Limits:
        who = self.who
        high = real_sums(who.top_of, self.most, len(who.root))
        sets = [(np.unique(who.top_of[p]), cap) for p, cap in self._sets(who.group_ceiling)]
        return _Limits(who.top_weight, high, sets + self._sets(who.root))

    def _sets(self, node: Ints) -> list[tuple[Ints, float]]:
        """Return the claimants under each node, and what the node can give."""
        return [
            (np.flatnonzero(node == n), float(self.room[n])) for n in np.unique(node[node >= 0])
        ]


def _raise_level(network: Network, limits: _Limits) -> Reals:
    """Raise all claimants to one level, freeze those that a cut holds, go on with the others.

    (Megiddo 1974: optimal flows in networks with multiple sources.) Newton's steps on the cut: a
    level that cannot be routed shows a set of parties whose total is used up; the level at which
    that total suffices is the next try.
    """
    low = _totals(network)
    frozen = np.full(len(low), np.nan)
    while np.isnan(frozen).any():
        start = (list(network.flow), dict(network.left))
        target = limits.level_targets(low, frozen)
        while True:
            reached, stuck = _try(network, target, low)
            if not stuck:
                break
            target = _lowered(target, reached, stuck, low, frozen, limits)
            network.flow, network.left = list(start[0]), dict(start[1])
        low = _totals(network)
        ceiling = limits.level_targets(low, frozen)
        progress = False
        for p in np.flatnonzero(np.isnan(frozen)):
            capped = ceiling[p] - low[p] <= 2 * TOLERANCE
            if capped or network.path(int(p)) is None:
                frozen[p], progress = low[p], True
        if not progress:
            for p in np.flatnonzero(np.isnan(frozen)):
                frozen[p] = low[p]
    return low


def _totals(network: Network) -> Reals:
    return real_sums(np.array(network.party_of), np.array(network.flow), len(network.classes))


def _try(network: Network, target: Reals, low: Reals) -> tuple[Reals, list[int]]:
    """Route the targets; return what was reached and, if one was not, who is in the cut."""
    for p, want in enumerate(target):
        missing = want - low[p]
        if missing > TOLERANCE and missing - network.push(p, missing) > 2 * TOLERANCE:
            return _totals(network), _cut(network, p)
    return target, []


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
                movable = network.flow[other] - network.held[other] > network.grain
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
    zero = np.zeros(len(free), np.int64)
    level = fill(low[free], target[free], limits.weight[free], zero, np.array([pool]))
    rising = level > low[free] + TOLERANCE
    water = float((level[rising] / limits.weight[free][rising]).max(initial=0.0))
    open_ = np.isnan(frozen)
    lower = np.clip(water * limits.weight, low, np.maximum(target, low))
    return np.where(open_, lower, target)


def _whole_path(stage: Stage, who: Claimants, shares: Reals) -> Ints:
    """Return (k, T) whole units: each day floors of shares, then open units by deadline,
    then whatever room is left.
    """
    parties, days = shares.shape
    network = Network(who.party_of.tolist(), stage.path, parties)
    due = deadlines(shares)
    given = np.zeros(stage.demand.shape, np.int64)
    held = [0] * len(stage.demand)
    for day in range(days):
        network.open_day(held, stage.demand[:, day].tolist(), stage.room[:, day])
        room = _Rooms(stage, who, day, held)
        share = shares[:, day]
        for p in range(parties):
            missing = int(np.floor(share[p])) - room.total[p]
            room.give(p, int(network.push(p, room.spare(p, missing))))
        open_ = [p for p in range(parties) if share[p] > room.total[p] > share[p] - 1]
        for p in sorted(open_, key=lambda p: (due[p, day], p)):
            room.give(p, int(network.push(p, room.spare(p, 1))))
        for p in range(parties):
            room.give(p, int(network.push(p, room.spare(p, room.most[p]))))
        held = [int(units) for units in network.flow]
        given[:, day] = held
    return given


class _Rooms:
    """What each party may still get on one day under its ceilings and its product's supply."""

    def __init__(self, stage: Stage, who: Claimants, day: int, held: list[int]) -> None:
        rows = np.stack([who.ceiling, who.group_ceiling, who.root[who.top_of]], axis=1)
        self.rows = [[int(n) for n in row if n >= 0] for row in rows]
        self.total: list[int] = sum_by(who.party_of, np.array(held), len(who.weight)).tolist()
        self.most: list[int] = sum_by(who.party_of, stage.demand[:, day], len(who.weight)).tolist()
        self.left: list[int] = stage.room[:, day].astype(np.int64).tolist()
        for p, units in enumerate(self.total):
            for n in self.rows[p]:
                self.left[n] -= units

    def spare(self, p: int, units: int) -> int:
        """Return how many of `units` the caps leave to p, never below 0."""
        return max(0, min([units, *(self.left[n] for n in self.rows[p])]))

    def give(self, p: int, units: int) -> None:
        """Record that p got `units`."""
        self.total[p] += units
        for n in self.rows[p]:
            self.left[n] -= units
