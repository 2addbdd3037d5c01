"""Sums over columns, in whole numbers."""

import numpy as np

from earmark.schedule import Ints


def sum_by(key: Ints, units: Ints, size: int) -> Ints:
    """Return the sum of `units` for each key from 0 up to `size`, exactly."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, key, units)
    return sums
