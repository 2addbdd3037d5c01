"""Water-filling and the whole units along a path of shares."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from earmark.planning.claims import max_min
from earmark.planning.levels import clipped, deadlines, fill, round_up_some

claims = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 40), st.sampled_from([0.5, 1.0, 2.0, 3.0])),
    min_size=1,
    max_size=6,
)


@given(claims=claims, pool=st.integers(0, 200))
def test_filling_uses_the_pool_up_at_one_level(claims, pool):
    """Everybody is at one common level but for floors and claims, and the pool is used up."""
    low, more, weight = (np.array(column, float) for column in zip(*claims, strict=True))
    high, given_to = low + more, max(pool, float(low.sum()))
    segment = np.zeros(len(low), np.int64)
    shares = fill(low, high, max_min(high, weight), segment, np.array([given_to]))
    assert np.isclose(shares.sum(), min(given_to, high.sum()))
    assert (shares >= low - 1e-9).all()
    assert (shares <= high + 1e-9).all()
    level = shares / weight
    between = (shares > low + 1e-6) & (shares < high - 1e-6)
    if between.any():
        common = level[between].max()
        assert np.allclose(level[between], common)
        assert (level[(shares >= high - 1e-6) & (more > 0)] <= common + 1e-6).all()
        assert (level[(shares <= low + 1e-6) & (more > 0)] >= common - 1e-6).all()


@given(pools=st.lists(st.tuples(claims, st.integers(0, 200)), min_size=1, max_size=4))
def test_pools_are_filled_independently(pools):
    """Many pools at once give what each gives alone."""
    alone, columns, room = [], [], []
    for number, (claims, pool) in enumerate(pools):
        low, more, weight = (np.array(column, float) for column in zip(*claims, strict=True))
        room.append(max(pool, float(low.sum())))
        segment = np.zeros(len(low), np.int64)
        alone.append(fill(low, low + more, max_min(low, weight), segment, np.array(room[-1:])))
        columns.append((low, low + more, weight, np.full(len(low), number)))
    low, high, weight, segment = (np.concatenate(c) for c in zip(*columns, strict=True))
    together = fill(low, high, max_min(high, weight), segment, np.array(room))
    assert np.allclose(np.concatenate(alone), together)


@given(
    weights=st.lists(st.sampled_from([1, 2, 3, 10]), min_size=2, max_size=6),
    totals=st.lists(st.integers(0, 7), min_size=1, max_size=12),
)
def test_no_party_is_a_whole_unit_from_its_share(weights, totals):
    """Whole units follow the path of shares, never fall, and use the total up on every day."""
    total, weight = np.cumsum(totals), np.array(weights, float)
    path = weight[:, None] / weight.sum() * total
    due, held = deadlines(path), np.zeros(len(weight), np.int64)
    none, segment = np.full(len(weight), -1), np.zeros(len(weight), np.int64)
    for day, units in enumerate(total):
        pool = np.array([units] + [0] * (len(weight) - 1))
        whole = round_up_some(
            held, path[:, day], due[:, day], segment, pool, none, np.zeros(0, np.int64)
        )
        assert units == whole.sum()
        assert (whole >= held).all()
        assert (np.abs(whole - path[:, day]) < 1).all()
        held = whole


@given(
    wishes=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=12),
    room=st.lists(st.integers(0, 15), min_size=4, max_size=4),
)
def test_the_first_in_line_are_served(wishes, room):
    """Each node serves its wishes in order until its room is used up."""
    wish = np.array([w for w, _ in wishes], np.int64)
    node = np.array([n for _, n in wishes], np.int64)
    left, expected = list(room), []
    for units, at in wishes:
        expected.append(min(units, left[at]))
        left[at] -= expected[-1]
    assert expected == clipped(wish, node, np.array(room)).tolist()
