"""Many days at once give what one day after another gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.planning.due_first import to_classes
from earmark.planning.levels import deadlines, fill_by_weight, round_up_some, settled
from earmark.planning.stretches import shares_by_weight, whole_units
from earmark.sums import sum_rows

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


def classes_day_by_day(most, demand, party_of, whole):
    """Hand each party's new units of a day to its classes, unit by unit, who is due first first."""
    given = np.zeros_like(most)
    held = [0] * len(most)
    for day in range(most.shape[1]):
        for party in range(len(whole)):
            mine = [k for k in range(len(most)) if party_of[k] == party]
            for _ in range(whole[party, day] - sum(held[k] for k in mine)):
                can = [k for k in mine if held[k] < most[k, day]]
                due = [int(np.searchsorted(demand[k], held[k] + 1)) for k in can]
                held[can[due.index(min(due))]] += 1
        given[:, day] = held
    return given


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_units_go_to_classes_as_one_day_after_another_says(seed):
    """Classes that wait for power are passed over, and take their turn when it comes."""
    chance = np.random.default_rng(seed)
    classes, parties, days = chance.integers(1, 9), chance.integers(1, 4), chance.integers(1, 20)
    scale, rare = chance.choice([2, 6]), chance.choice([0.2, 0.7])
    size = (classes, days)
    demand = (chance.integers(0, scale, size) * (chance.random(size) < rare)).cumsum(axis=1)
    power = (chance.integers(0, scale, size) * (chance.random(size) < rare)).cumsum(axis=1)
    most, party_of = np.minimum(demand, power), chance.integers(0, parties, classes)
    could = sum_rows(party_of, most, parties)
    whole = np.zeros_like(could)
    for day in range(days):
        before = whole[:, day - 1] if day else 0
        whole[:, day] = chance.integers(before, could[:, day] + 1)
    expected = classes_day_by_day(most, demand, party_of, whole)
    assert np.array_equal(expected, to_classes(most, demand, party_of, whole))


def test_sums_of_rows_are_those_of_numpy():
    """Rows are added where their keys say, in order, sorted or neither."""
    chance = np.random.default_rng(3)
    for keys in ([0, 1, 2], [1, 3, 4], [2, 2, 2], [0, 0, 3], [4, 0, 4], []):
        rows = chance.integers(0, 9, (len(keys), 4))
        key, expected = np.array(keys, np.int64), np.zeros((5, 4), np.int64)
        np.add.at(expected, key, rows)
        assert np.array_equal(expected, sum_rows(key, rows, 5))
