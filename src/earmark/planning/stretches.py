"""Shares and their whole units for many days at once, where one supply is divided by weight alone.

On each day nobody falls below what it had the day before. Take a stretch of days apart, each from
what was had before the first of them: if what comes out never falls, it is what going day by day
gives. For a level with floors is the only division of its form, and a floor raised to an amount
that is reached anyway moves no level; likewise what is first in a queue stays first when those
before it are served already. Where it would fall, the next stretch begins.
"""

from collections.abc import Callable

import numpy as np

from earmark.planning.levels import TOLERANCE, Amounts, Reals, round_up_some, settled
from earmark.schedule import Bools, Ints

_Divide = Callable[[int, int, Amounts], Amounts]
"""From the first day, the day after the last and what is held to (days, p) amounts, held or more;
of fewer days where it cannot take all of them apart."""
SHORTEST = 8
"""Days in a stretch that is tried."""


def shares_by_weight(high: Reals, weight: Reals, pool: Reals) -> Reals:
    """Return (p, T) shares of a `pool` (T,) at one level per weight, as much as it allows.

    Nobody has more than `high` (p, T), which never falls, or less than the day before.
    """
    most = np.ascontiguousarray(high.T)
    short = most.sum(axis=1) > pool
    if not short.any():
        return high
    slopes = np.concatenate([weight, -weight])

    def level(first: int, stop: int, low: Amounts) -> Amounts:
        shares = np.maximum(most[first:stop], low)
        days = np.flatnonzero(short[first:stop])
        if len(days):
            shares[days] = _level(low, shares[days], weight, slopes, pool[first:stop][days])
        return shares

    begin = int(np.argmax(short))
    low = most[begin - 1] if begin else np.zeros(len(weight))
    most[begin:] = _in_stretches(begin, len(pool), low, level)
    return np.ascontiguousarray(most.T)


def _level(low: Reals, high: Reals, weight: Reals, slopes: Reals, pool: Reals) -> Reals:
    """Return (n, p) amounts from `low` to `high` at one level a day that use each pool (n,)."""
    rows, count = high.shape
    point = np.empty((rows, 2 * count))
    point[:, :count] = low / weight
    np.divide(high, weight, out=point[:, count:])
    rank = point.argsort(axis=1)
    point = np.take_along_axis(point, rank, 1)
    climb = slopes[rank].cumsum(axis=1)
    value = np.empty_like(point)
    value[:, 0] = low.sum()
    np.multiply(climb[:, :-1], point[:, 1:] - point[:, :-1], out=value[:, 1:])
    value = value.cumsum(axis=1)
    last = np.maximum((value <= (pool + TOLERANCE)[:, None]).sum(axis=1) - 1, 0)
    row = np.arange(rows)
    rise, missing = climb[row, last], np.maximum(pool - value[row, last], 0.0)
    over = np.divide(missing, rise, out=np.zeros_like(rise), where=rise > 1e-12)
    water = point[row, last] + over
    enough = high.sum(axis=1) <= pool
    amounts = settled(np.minimum(np.maximum(weight * water[:, None], low), high))
    return np.where(enough[:, None], high, amounts)


def whole_units(shares: Reals, due: Ints, total: Ints) -> Ints:
    """Return (p, T) whole units next to shares of one pool: each a floor or a ceiling.

    `due` (p, T) is the day by which each share reaches its next whole unit: who is due first has
    it first, ties by position. `total` (T,) is used up, and nothing is taken back.
    """
    share = np.ascontiguousarray(shares.T)
    floor = np.floor(share).astype(np.int64)
    some: Bools = share > floor
    parties = share.shape[1]
    turn = due.T * parties + np.arange(parties)
    never = int(turn.max(initial=0)) + 1
    one_pool, unbounded = np.zeros(parties, np.int64), np.full(parties, -1)

    def divide(first: int, stop: int, held: Amounts) -> Amounts:
        amount = np.maximum(floor[first:stop], held)
        left = total[first:stop] - amount.sum(axis=1)
        if left[0] < 0:
            pool = total[first : first + 1]
            alone = share[first], due[:, first], one_pool, pool, unbounded, pool
            return round_up_some(held, *alone)[None]
        over = np.flatnonzero(left < 0)
        if len(over):
            amount, left = amount[: over[0]], left[: over[0]]
        stop = first + len(amount)
        waits = some[first:stop] & (amount == floor[first:stop])
        turns = np.where(waits, turn[first:stop], never)
        place = np.clip(left - 1, 0, parties - 1)
        latest = np.take_along_axis(np.sort(turns, axis=1), place[:, None], 1)
        latest[left <= 0] = -1
        amount += waits & (turns <= latest)
        return amount

    none = np.zeros(parties, np.int64)
    return np.ascontiguousarray(_in_stretches(0, len(total), none, divide).T)


def _in_stretches(first: int, stop: int, held: Amounts, divide: _Divide) -> Amounts:
    """Return (stop - first, p) amounts that never fall, stretch by stretch."""
    path = np.empty((stop - first, len(held)), held.dtype)
    day, length = first, SHORTEST
    while day < stop:
        found = divide(day, min(day + length, stop), held)
        falls = np.flatnonzero((found[1:] < found[:-1] - TOLERANCE).any(axis=1))
        kept = int(falls[0]) + 1 if len(falls) else len(found)
        path[day - first : day - first + kept] = found[:kept]
        held = found[kept - 1]
        day += kept
        length = max(SHORTEST, 2 * kept)
    return np.maximum.accumulate(path, axis=0)
