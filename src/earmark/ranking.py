"""Sorting columns of whole numbers in linear time: what a million rows are ranked and grouped by.

Days, tiers, lots and positions lie in narrow ranges. Sorting them digit by digit (numpy's stable
sort of 16-bit numbers is a radix sort) takes a tenth of the time of comparing them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.coded import Ints

_DIGIT = 16


def ranked(*keys: Ints) -> Ints:
    """Return the positions that sort by the first key, then the second, and so on; ties stay."""
    rank: Ints | None = None
    for key in reversed(keys):
        for digit in _digits(key):
            turned = digit if rank is None else digit[rank]
            if not _sorted(turned):
                step = np.argsort(turned, kind="stable")
                rank = step if rank is None else rank[step]
    return np.arange(len(keys[0])) if rank is None else rank


def dense(values: Ints) -> tuple[Ints, int]:
    """Return the rank of each value among the distinct ones, from 0, and how many these are."""
    if not len(values):
        return values, 0
    low, high = int(values.min()), int(values.max())
    if low == high:
        return np.zeros_like(values), 1
    if high - low > 4 * len(values) + 65_536:
        distinct, codes = np.unique(values, return_inverse=True)
        return codes.reshape(-1), len(distinct)
    seen = np.zeros(high - low + 1, np.int64)
    seen[values - low] = 1
    place = np.cumsum(seen)
    return place[values - low] - 1, int(place[-1])


def dense_together(*parts: Ints) -> tuple[Ints, int]:
    """Return the rank of each row among the distinct rows, by the first part, then the second."""
    codes, count = dense(parts[0])
    for part in parts[1:]:
        more, width = dense(part)
        if count == 1:
            codes, count = more, width
        elif width > 1:
            codes, count = dense(codes * width + more)
    return codes, count


def merged(large: Ints, small: Ints) -> Ints:
    """Return the distinct numbers of two columns, sorted; `large` is sorted and without repeats."""
    others = np.unique(small)
    place = np.searchsorted(large, others)
    inside = np.minimum(place, max(len(large) - 1, 0))
    fresh = large[inside] != others if len(large) else np.ones(len(others), np.bool_)
    return np.insert(large, place[fresh], others[fresh])


def places_of(wanted: Sequence[str], ids: Sequence[str]) -> Ints:
    """Return the position of each id in the sorted, distinct `ids`, -1 where it is not there."""
    if len(wanted) * 20 > len(ids):
        at = {name: i for i, name in enumerate(ids)}
        return np.fromiter((at.get(name, -1) for name in wanted), np.int64, len(wanted))
    found = [bisect_left(ids, name) for name in wanted]
    pairs = zip(wanted, found, strict=True)
    return np.fromiter(
        (i if i < len(ids) and ids[i] == name else -1 for name, i in pairs), np.int64, len(wanted)
    )


def _digits(key: Ints) -> list[NDArray[Any]]:
    """Return the digits of a key less its least value, the last first; none where all are equal."""
    if not len(key):
        return []
    low = key.min()
    span = int(key.max()) - int(low)
    if span >= 1 << 3 * _DIGIT:
        key, count = dense(key)
        low, span = np.int64(0), count - 1
    count = -(-span.bit_length() // _DIGIT)
    offset = key - low
    return [(offset >> _DIGIT * i).astype(np.uint16) for i in range(count)]


def _sorted(cells: NDArray[Any]) -> bool:
    return bool((cells[1:] >= cells[:-1]).all())
