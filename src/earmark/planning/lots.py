"""Whole lots: lines counted in lots, and back; a broken last part counts as a lot of its own."""

import numpy as np

from earmark.planning.problem import AllocationProblem
from earmark.schedule import Ints


def lots_of_lines(problem: AllocationProblem) -> Ints:
    """Return each line's quantity in whole lots; a broken last part counts as one."""
    size = problem.lot_size[problem.classes.product[problem.lines.cls]]
    return -(-problem.lines.quantity // size)


def in_units(problem: AllocationProblem, classes: Ints, lots: Ints, given: Ints) -> Ints:
    """Return (k, T) units for lots given: lines in order, a broken last part for its own size."""
    lines, units = problem.lines, np.zeros_like(given)
    first = np.searchsorted(lines.cls, classes)
    last = np.searchsorted(lines.cls, classes + 1)
    size = problem.lot_size[problem.classes.product[classes]]
    for k, (begin, stop) in enumerate(zip(first, last, strict=True)):
        ends = np.cumsum(lots[begin:stop])
        whole = np.append(0, np.cumsum(lines.quantity[begin:stop]))
        line = np.searchsorted(ends, given[k], side="right")
        inside = given[k] - np.append(0, ends)[line]
        units[k] = whole[line] + inside * size[k]
    return units


def in_lots(problem: AllocationProblem, classes: Ints, lots: Ints, units: Ints) -> Ints:
    """Return (k, T) the lots that units given come to: `in_units` the other way round."""
    lines, given = problem.lines, np.zeros_like(units)
    first = np.searchsorted(lines.cls, classes)
    last = np.searchsorted(lines.cls, classes + 1)
    size = problem.lot_size[problem.classes.product[classes]]
    for k, (begin, stop) in enumerate(zip(first, last, strict=True)):
        ends = np.cumsum(lines.quantity[begin:stop])
        whole = np.append(0, np.cumsum(lots[begin:stop]))
        line = np.searchsorted(ends, units[k], side="right")
        inside = units[k] - np.append(0, ends)[line]
        given[k] = whole[line] - (-inside // size[k])
    return given
