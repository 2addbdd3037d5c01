"""Sorting and grouping by digits gives what sorting by comparing gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.coded import NEVER
from earmark.ranking import dense, dense_together, merged, places_of, ranked

NUMBERS = st.one_of(
    st.integers(0, 3), st.integers(-5, 70_000), st.integers(-(2**40), 2**50), st.just(NEVER)
)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=40)


def _columns(rows):
    return [np.array([row[i] for row in rows], np.int64) for i in range(3)]


@settings(max_examples=200, deadline=None)
@given(rows=ROWS)
def test_rows_are_ranked_as_lexsort_ranks_them(rows):
    """The first key decides, then the second; rows that are equal stay as they were."""
    keys = _columns(rows)
    assert np.lexsort(keys[::-1]).tolist() == ranked(*keys).tolist()


@settings(max_examples=200, deadline=None)
@given(rows=ROWS)
def test_groups_are_numbered_in_their_order(rows):
    """Each row has the rank of itself among the distinct rows."""
    keys = _columns(rows)
    distinct = sorted(set(rows))
    codes, count = dense_together(*keys)
    assert ([distinct.index(row) for row in rows], len(distinct)) == (codes.tolist(), count)
    alone = np.unique(keys[0], return_inverse=True)[1].tolist()
    assert alone == dense(keys[0])[0].tolist()


@given(large=st.sets(NUMBERS), small=st.lists(NUMBERS))
def test_numbers_are_merged_without_repeats(large, small):
    """What both hold comes once, and all of it is sorted."""
    both = merged(np.array(sorted(large), np.int64), np.array(small, np.int64))
    assert sorted({*large, *small}) == both.tolist()


def test_ids_are_found_few_or_many():
    """Few ids are searched, many are looked up; an id that is not there is at -1."""
    ids = [f"o{i:03}" for i in range(100)]
    assert [7, -1, -1] == places_of(["o007", "o1", "z"], ids).tolist()
    assert [*range(100), -1] == places_of([*ids, "a"], ids).tolist()
    assert [] == places_of([], ids).tolist()
