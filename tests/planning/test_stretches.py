"""Many days at once give what one day after another gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.planning.levels import deadlines, fill_by_weight, round_up_some, settled
from earmark.planning.stretches import shares_by_weight, whole_units

seeds = st.integers(0, 2**32 - 1)


def drawn(seed):
    """Return what parties could have, their weights and what there is, by day; none of it falls."""
    chance = np.random.default_rng(seed)
    parties, days = chance.integers(1, 9), chance.integers(1, 40)
    scale, density = chance.choice([2, 8, 100]), chance.choice([0.1, 0.3, 0.8])
    wish = chance.integers(0, scale, (parties, days)) * (chance.random((parties, days)) < density)
    arrives = chance.integers(0, scale * parties, days) * chance.choice([0.2, 0.5, 1.0])
    weight = chance.choice([1.0, 1.0, 2.0, 0.5, 3.0, 0.1], parties)
    return wish.cumsum(axis=1).astype(float), weight, np.floor(arrives).cumsum()


def day_by_day(high, weight, pool):
    """Fill one day after another, nobody below the day before."""
    shares = np.zeros_like(high)
    low = np.zeros(len(weight))
    for day in range(high.shape[1]):
        if high[:, day].sum() <= pool[day]:
            low = high[:, day]
        else:
            low = settled(fill_by_weight(low, high[:, day], weight, float(pool[day])))
        shares[:, day] = low
    return shares


def units_day_by_day(shares, due, total):
    """Round one day after another, in the words of `round_up_some`."""
    held = np.zeros(len(shares), np.int64)
    one, none = np.zeros(len(shares), np.int64), np.full(len(shares), -1)
    units = []
    for day, of_day in enumerate(total):
        pool = np.array([of_day])
        held = round_up_some(held, shares[:, day], due[:, day], one, pool, none, pool)
        units.append(held)
    return np.array(units).T


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_shares_of_many_days_are_those_of_one_after_another(seed):
    """What a day gives depends on the days before through what is held, which never falls."""
    high, weight, pool = drawn(seed)
    expected = day_by_day(high, weight, pool)
    actual = shares_by_weight(high, weight, pool)
    assert np.allclose(expected, actual, rtol=0, atol=1e-7)
    assert (np.diff(actual, axis=1) >= 0).all()
    assert (actual <= high).all()


@given(seeds)
@settings(max_examples=300, deadline=None)
def test_whole_units_of_many_days_are_those_of_one_after_another(seed):
    """Who is due first is served first, and keeps what it has."""
    shares = shares_by_weight(*drawn(seed))
    due, total = deadlines(shares), np.rint(shares.sum(axis=0)).astype(np.int64)
    actual = whole_units(shares, due, total)
    assert np.array_equal(units_day_by_day(shares, due, total), actual)
    assert np.array_equal(total, actual.sum(axis=0))
