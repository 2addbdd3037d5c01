"""Water-filling and its whole units: what a common level gives to claimants that share a node.

What a claimant has rises with the level along its curve; the rules of `claims` draw the curves.
`segment` says, per claimant, which pool it draws on; pools are filled independently and at once.
Shares are real numbers (float64); `whole_path` turns a path of shares into whole units.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.schedule import Ints
from earmark.sums import sum_by

Reals = NDArray[np.float64]
Amounts = NDArray[Any]
"""Whole numbers or reals: what works on shares and on units alike."""
TOLERANCE = 1e-6
"""Shares of whole numbers below 1e9 lie further apart than this. Beyond, float64 itself is coarser,
and a unit may go to a neighbour in share; whole units never add up to more or less than there are.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What claimants have at a level: a base and, over it, ramps that rise one after another."""

    base: Reals
    """(p,) what each has at the lowest level."""
    start: Reals
    """(r, p) the level at which each ramp begins."""
    slope: Reals
    """(r, p) units per level, above 0."""
    height: Reals
    """(r, p) units in all."""

    def of(self, some: Ints) -> "Curves":
        """Return the curves of some claimants."""
        return Curves(
            self.base[some], self.start[:, some], self.slope[:, some], self.height[:, some]
        )

    def at(self, level: Reals | float) -> Reals:
        """Return what each has at a level."""
        ramps = np.clip(self.slope * (level - self.start), 0.0, self.height)
        amounts: Reals = self.base + ramps.sum(axis=0)
        return amounts

    def between(self, low: Reals, high: Reals) -> "Curves":
        """Return the curves cut: nobody has less than `low` or more than `high` at any level."""
        below = self.base + np.cumsum(np.append(np.zeros_like(low)[None], self.height[:-1], 0), 0)
        begin, end = (np.clip(side - below, 0.0, self.height) for side in (low, high))
        return Curves(low, self.start + begin / self.slope, self.slope, end - begin)


def fill(low: Reals, high: Reals, curves: Curves, segment: Ints, pool: Reals) -> Reals:
    """Return amounts between `low` and `high` at one level per segment that use up each `pool`.

    Where the pool of a segment is larger than all of `high`, everybody has that. (Bertsekas and
    Gallager 1992, section 6.5.2: water-filling; here along any rising curves.)
    """
    if not len(low):
        return high.copy()
    cut = curves.between(low, high)
    return settled(np.clip(cut.at(water_level(cut, segment, pool)[segment]), low, high))


def fill_by_weight(low: Reals, high: Reals, weight: Reals, pool: float) -> Reals:
    """Return amounts between `low` and `high` at one level of amount per weight that use a pool.

    `fill` for one pool and curves that are straight from 0 on.
    """
    start = low / weight
    level = np.concatenate([start, start + (high - low) / weight])
    rank = np.argsort(level, kind="stable")
    level = level[rank]
    after = np.cumsum(np.concatenate([weight, -weight])[rank])
    value = np.empty_like(level)
    value[0] = low.sum()
    value[1:] = after[:-1] * (level[1:] - level[:-1])
    value = value.cumsum()
    last = max(int(np.searchsorted(value, pool + TOLERANCE, side="right")) - 1, 0)
    climb, water, reached = float(after[last]), float(level[last]), float(value[last])
    if climb > 1e-12:
        water += max(pool - reached, 0.0) / climb
    amounts: Reals = np.clip(weight * water, low, high)
    return amounts


def water_level(curves: Curves, segment: Ints, pool: Reals) -> Reals:
    """Return the level of each segment at which its claimants have its pool; (len(pool),)."""
    start, slope = curves.start.reshape(-1), curves.slope.reshape(-1)
    level = np.concatenate([start, start + curves.height.reshape(-1) / slope])
    slope = np.concatenate([slope, -slope])
    if (segment == segment[0]).all():  # as where one product is short
        water = np.zeros(len(pool))
        water[segment[0]] = _one_level(level, slope, curves.base.sum(), pool[segment[0]])
        return water
    of = np.tile(segment, 2 * len(curves.start))
    rank = np.lexsort((-slope, level, of))
    level, slope, of = level[rank], slope[rank], of[rank]
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    rise = np.diff(level, prepend=level[0])
    rise[starts] = 0.0
    after = np.cumsum(slope)
    value = np.cumsum(np.append(0.0, after[:-1]) * rise)
    floors = np.bincount(segment, curves.base, len(pool))
    value -= np.repeat(value[starts] - floors[of[starts]], np.diff(np.append(starts, len(of))))
    reached = value <= pool[of] + TOLERANCE
    last = np.zeros(len(pool), np.int64)
    np.maximum.at(last, of[reached], np.flatnonzero(reached))
    climb = np.maximum(after[last], 0.0)
    missing = np.maximum(pool - value[last], 0.0)
    over = np.divide(missing, climb, out=np.zeros_like(climb), where=climb > 1e-12)
    reals: Reals = level[last] + over
    return reals


def _one_level(level: Reals, slope: Reals, floor: float, pool: float) -> float:
    """Return the level at which one pool is used up; at each of `level` a slope is added."""
    rank = np.lexsort((-slope, level))
    level, after = level[rank], np.cumsum(slope[rank])
    value = np.empty_like(level)
    value[0] = 0.0
    np.cumsum(after[:-1] * (level[1:] - level[:-1]), out=value[1:])
    reached = np.flatnonzero(value + floor <= pool + TOLERANCE)
    last = int(reached[-1]) if len(reached) else 0
    climb, missing = float(after[last]), float(pool - floor - value[last])
    return float(level[last]) + (max(missing, 0.0) / climb if climb > 1e-12 else 0.0)


def real_sums(key: Ints, amounts: Reals | Ints, size: int) -> Reals:
    """Return the sum of the amounts per key."""
    return np.bincount(key, amounts, size).astype(np.float64)


def settled(shares: Reals) -> Reals:
    """Return the shares with those that are whole but for rounding errors made whole."""
    whole = np.rint(shares)
    return np.where(np.abs(shares - whole) < TOLERANCE, whole, shares)


def deadlines(path: Reals) -> Ints:
    """Return (claimants, T): the day by which each share reaches its next whole unit.

    The next unit of a share y is the (floor(y) + 1)-th: it opens when the share passes floor(y)
    and is due when the share reaches floor(y) + 1 (never: T).
    """
    wanted = np.floor(path) + 1 - TOLERANCE
    return np.array(
        [np.searchsorted(row, want) for row, want in zip(path, wanted, strict=True)], np.int64
    ).reshape(path.shape)


def round_up_some(
    held: Ints, share: Reals, due: Ints, segment: Ints, pool: Ints, inner: Ints, cap: Ints
) -> Ints:
    """Return whole amounts next to the shares: each its floor or its ceiling, pools used up.

    Open units are given earliest deadline first, ties by position; `held` is never taken back;
    `inner` and `cap` bound sets of claimants inside a pool (-1: not bounded).
    """
    low = np.floor(share).astype(np.int64)
    amount = np.maximum(held, low)
    over = sum_by(segment, amount, len(pool)) - pool
    if (over > 0).any():
        amount = _without_latest(amount, held, due, segment, over)
    open_ = np.flatnonzero((share > low) & (amount == low))
    open_ = open_[np.argsort(due[open_], kind="stable")]
    bounded = inner >= 0
    if bounded.any():
        room = cap - sum_by(inner[bounded], amount[bounded], len(cap))
        inside = np.where(inner[open_] >= 0, inner[open_], len(cap))
        open_ = open_[_rank(inside) < np.append(room, len(share))[inside]]
    left = pool - sum_by(segment, amount, len(pool))
    open_ = open_[_rank(segment[open_]) < left[segment[open_]]]
    amount[open_] += 1
    return amount


def _without_latest(amount: Ints, held: Ints, due: Ints, segment: Ints, over: Ints) -> Ints:
    """Return the amounts with `over` new units of each segment taken off, latest deadline first."""
    fresh = np.flatnonzero(amount > held)
    fresh = fresh[np.argsort(-due[fresh], kind="stable")]
    taken = clipped(amount[fresh] - held[fresh], segment[fresh], np.maximum(over, 0))
    lowered = amount.copy()
    lowered[fresh] -= taken
    return lowered


def clipped(wish: Amounts, node: Ints, room: Amounts) -> Amounts:
    """Return what each of `wish` gets, in order, until the room of its node is used up."""
    given: Amounts = np.clip(room[node] - _ahead(wish, node), 0, wish)
    return given


def _rank(node: Ints) -> Ints:
    """Return each entry's position among the entries of the same node."""
    return _ahead(np.ones(len(node), np.int64), node)


def _ahead(amounts: Amounts, node: Ints) -> Amounts:
    """Return, per entry, the sum of the amounts of the same node that stand before it."""
    if not len(node) or (node == node[0]).all():  # as where one product is short
        alone: Amounts = np.cumsum(amounts) - amounts
        return alone
    if (node[1:] >= node[:-1]).all():  # as classes are by party
        return _before(amounts, node)
    rank = np.argsort(node, kind="stable")
    before = _before(amounts[rank], node[rank])
    ahead = np.empty_like(before)
    ahead[rank] = before
    return ahead


def _before(amounts: Amounts, node: Ints) -> Amounts:
    """Return what stands before each entry in its node; nodes follow one another."""
    before: Amounts = np.cumsum(amounts) - amounts
    fresh = np.empty(len(node), np.bool_)
    fresh[0], fresh[1:] = True, node[1:] != node[:-1]
    starts = np.flatnonzero(fresh)
    before -= before[starts][np.cumsum(fresh) - 1]
    return before
