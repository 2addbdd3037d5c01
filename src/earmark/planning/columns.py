"""Columns of numbers from columns of cells."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np

from earmark.schedule import Ints

NEVER = np.iinfo(np.int64).max // 4
"""The ordinal of a day that is not given: after every other."""


def ints(values: Iterable[int]) -> Ints:
    """Return whole numbers as an array."""
    return np.fromiter(values, np.int64)


def ordinals(days: Iterable[date | None]) -> Ints:
    """Return days as ordinals, NEVER for none."""
    return np.fromiter((NEVER if day is None else day.toordinal() for day in days), np.int64)


def codes_of(values: Sequence[str | None], names: Sequence[str]) -> Ints:
    """Return the position of each value in `names`, -1 for none."""
    code = {name: i for i, name in enumerate(names)}
    return np.fromiter((code.get(value, -1) if value else -1 for value in values), np.int64)
