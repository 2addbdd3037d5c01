"""Sums over columns, in whole numbers."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from earmark.schedule import Ints

Number = TypeVar("Number", np.int64, np.float64)


def sum_by(key: Ints, units: Ints, size: int) -> Ints:
    """Return the sum of `units` for each key from 0 up to `size`, exactly."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, key, units)
    return sums


def sum_rows(key: Ints, rows: NDArray[Number], size: int) -> NDArray[Number]:
    """Return (size, T) the sum of rows (k, T) for each key from 0 up to `size`."""
    sums = np.zeros((size, rows.shape[1]), rows.dtype)
    add_rows(sums, key, rows)
    return sums


def add_rows(sums: NDArray[Number], key: Ints, rows: NDArray[Number]) -> None:
    """Add each of `rows` (k, T) to the row of `sums` that its key names.

    Rows of a key are added up first: `np.add.at` takes ten times as long.
    """
    if not len(key):
        return
    if not (key[1:] >= key[:-1]).all():
        rank = np.argsort(key, kind="stable")
        key, rows = key[rank], rows[rank]
    fresh = np.append(True, key[1:] != key[:-1])
    if fresh.all() and key[-1] - key[0] == len(key) - 1:
        sums[key[0] : key[-1] + 1] += rows
    elif fresh.all():
        sums[key] += rows
    elif key[0] == key[-1]:
        sums[key[0]] += rows.sum(axis=0)
    else:
        begins = np.flatnonzero(fresh)
        sums[key[begins]] += np.add.reduceat(rows, begins, axis=0)
