"""The audit's own ways with columns: what it shares with the engine is numpy alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import repeat
from typing import Any

import numpy as np

from earmark.coded import Coded
from earmark.schedule import Bools, Ints


def integers(cells: Iterable[int]) -> Ints:
    """Return whole numbers as an array."""
    return np.fromiter(cells, np.int64)


def ordinals(cells: Iterable[date]) -> Ints:
    """Return days as proleptic ordinals."""
    return np.fromiter(map(date.toordinal, cells), np.int64)


def codes(cells: Iterable[Any], known: Mapping[Any, int]) -> Ints:
    """Return the position of each cell in `known`, -1 where it has none."""
    return np.fromiter(map(known.get, cells, repeat(-1)), np.int64)


def within(columns: Iterable[Ints], sizes: Iterable[int]) -> Bools:
    """Tell, per entry, whether each column's position lies inside its own size."""
    inside = [(column >= 0) & (column < size) for column, size in zip(columns, sizes, strict=True)]
    result: Bools = np.logical_and.reduce(inside)
    return result


def told_apart(cells: Sequence[Any]) -> tuple[list[Any], Ints]:
    """Return the distinct cells of a column, in no order, and which of them stands in each row."""
    if isinstance(cells, Coded):
        return list(cells.cells), cells.codes
    place: dict[Any, int] = {}
    of = np.fromiter((place.setdefault(cell, len(place)) for cell in cells), np.int64)
    return list(place), of


def numbered(values: Ints, most: int) -> tuple[Ints, Ints]:
    """Return the distinct ones of numbers from 0 below `most`, sorted, and the place of each."""
    if most > 8 * len(values) + 1_000_000:
        distinct, place = np.unique(values, return_inverse=True)
        return distinct, place.reshape(-1)
    there = np.zeros(most, bool)
    there[values] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]


def grouped(values: Ints, count: int) -> list[Ints]:
    """Return, for each number from 0 below `count`, the positions that hold it."""
    short = values.astype(np.uint16) if count <= 1 << 16 else values  # sorted by digits
    rank = np.argsort(short, kind="stable")
    ends = np.cumsum(np.bincount(values, minlength=count))
    return np.split(rank, ends[:-1]) if count else []
