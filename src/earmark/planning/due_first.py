"""A party's units to its classes: what is due first comes first, as far as sites allow."""

import numpy as np

from earmark.planning.levels import Amounts
from earmark.planning.stretches import SHORTEST
from earmark.schedule import Bools, Ints
from earmark.sums import sum_rows


def to_classes(most: Ints, demand: Ints, party_of: Ints, whole: Ints) -> Ints:
    """Return (k, T): each party's units over its classes, what is due first before the rest."""
    lone = np.bincount(party_of, minlength=len(whole)) == 1
    given = np.where(lone[party_of, None], whole[party_of], most)
    less = whole < sum_rows(party_of, most, len(whole))
    mine = np.flatnonzero((less.any(axis=1) & ~lone)[party_of])
    if len(mine):
        own, of = np.unique(party_of[mine], return_inverse=True)
        given[mine] = _over_days(most[mine], demand[mine], of, whole[own], less[own])
    return given


def _over_days(most: Ints, demand: Ints, party_of: Ints, whole: Ints, less: Bools) -> Ints:
    """Return what `to_classes` does, for parties that have `less` than they could on some days.

    Where they have all that they could, classes do too; where they get nothing, classes keep what
    they have. That leaves the days on which they get some. A stretch of these is taken at once, by
    each party from where it stands, as long as no class of it would fall (see `stretches`).
    """
    every = np.arange(whole.shape[1])
    gets = less & (np.diff(whole, axis=1, prepend=0) > 0)
    full = np.maximum.accumulate(np.where(less, -1, every), axis=1)
    since = np.maximum.accumulate(np.where(less & ~gets, -1, every), axis=1)[party_of]
    given = np.where(less[party_of], 0, most)
    row, party = np.arange(len(most))[:, None], np.arange(len(whole))[:, None]
    days_of, count = np.argsort(~gets, axis=1, kind="stable"), gets.sum(axis=1)
    held, begun, length = np.zeros(len(most), np.int64), np.zeros(len(whole), np.int64), SHORTEST
    while (left := int((count - begun).max())) > 0:
        turn = begun[:, None] + np.arange(min(length, left))
        real = turn < count[:, None]
        day = days_of[party, np.minimum(turn, len(every) - 1)]
        last, on = full[party, day][party_of], day[party_of]
        floor = np.where(last < 0, 0, most[row, np.maximum(last, 0)])
        base = np.maximum(held[:, None], floor)
        need = np.where(real, whole[party, day] - sum_rows(party_of, base, len(whole)), 0)
        found = base + due_first(demand, most[row, on], base, party_of, need, day)
        falls = found[:, 1:] < found[:, :-1]
        kept = _before_falls(falls, real, party_of)
        own = np.arange(real.shape[1]) < kept[party_of, None]
        given[np.nonzero(own)[0], on[own]] = found[own]
        reached = found[row[:, 0], np.maximum(kept - 1, 0)[party_of]]
        held = np.where(kept[party_of] > 0, reached, held)
        begun, length = begun + kept, 2 * length
    filled = np.take_along_axis(given, np.maximum(since, 0), 1)
    return np.where(since < 0, 0, filled)


def _before_falls(falls: Bools, real: Bools, party_of: Ints) -> Ints:
    """Return how many `real` days (p, n) of each party come before one of its classes falls."""
    stays = real.copy()
    stays[:, 1:] &= sum_rows(party_of, falls.astype(np.int64), len(real)) == 0
    before: Ints = np.logical_and.accumulate(stays, axis=1).sum(axis=1)
    return before


def due_first(
    demand: Ints, most: Amounts, held: Amounts, party_of: Ints, need: Amounts, last: Ints
) -> Amounts:
    """Return (k, n) what each class takes of its party's `need` (p, n), earliest due day first.

    The n days, each with all demand until `last` (p, n), are apart. Binary search, per party, for
    the first due day up to which its classes could use the need, beyond what is `held` and up to
    `most` (k, n); whole up to the day before it, the rest by the order of the classes.
    """
    rank = np.argsort(party_of, kind="stable")
    of, most, held = party_of[rank], most[rank], held[rank]
    fresh = np.append(True, of[1:] != of[:-1])
    starts, group = np.flatnonzero(fresh), np.cumsum(fresh) - 1
    cells, row = demand.ravel(), rank[:, None] * demand.shape[1]
    need, last = need[of[starts]], last[of[starts]]

    def up_to(day: Ints) -> Amounts:
        at = day[group]
        could: Amounts = np.maximum(np.minimum(cells[row + np.maximum(at, 0)], most) - held, 0)
        could[at < 0] = 0
        return could

    low, high = np.full(need.shape, -1), last
    for _ in range((int(last.max()) + 1).bit_length()):
        middle = (low + high) >> 1
        enough = np.add.reduceat(up_to(middle), starts, axis=0) >= need
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    whole = up_to(low)
    more = up_to(high) - whole
    rest = need - np.add.reduceat(whole, starts, axis=0)
    ahead = np.cumsum(more, axis=0) - more
    ahead -= ahead[starts][group]
    taken = np.empty_like(whole)
    taken[rank] = whole + np.clip(rest[group] - ahead, 0, more)
    return taken
