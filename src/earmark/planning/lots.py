"""Whole lots: lines counted in lots, and back; a broken last part counts as a lot of its own."""

from collections.abc import Callable

import numpy as np

from earmark.planning.problem import AllocationProblem
from earmark.schedule import Ints


def lots_of_lines(problem: AllocationProblem) -> Ints:
    """Return each line's quantity in whole lots; a broken last part counts as one."""
    size = problem.lot_size[problem.classes.product[problem.lines.cls]]
    return -(-problem.lines.quantity // size)


def in_units(problem: AllocationProblem, classes: Ints, lots: Ints, given: Ints) -> Ints:
    """Return (k, T) units for lots given: lines in order, a broken last part for its own size."""
    return _counted(
        problem, classes, given, lots, problem.lines.quantity, lambda inside, size: inside * size
    )


def in_lots(problem: AllocationProblem, classes: Ints, lots: Ints, units: Ints) -> Ints:
    """Return (k, T) the lots that units given come to: `in_units` the other way round."""
    return _counted(
        problem,
        classes,
        units,
        problem.lines.quantity,
        lots,
        lambda inside, size: -(-inside // size),
    )


def _counted(
    problem: AllocationProblem,
    classes: Ints,
    given: Ints,
    counted: Ints,
    wanted: Ints,
    part: Callable[[Ints, int], Ints],
) -> Ints:
    """Return (k, T) what is given to classes, counted one way for each line, in the wanted way.

    Lines are given in order; `part` says what is given of the last one, for its size of lot.
    """
    lines, found = problem.lines, np.zeros_like(given)
    first = np.searchsorted(lines.cls, classes)
    last = np.searchsorted(lines.cls, classes + 1)
    size = problem.lot_size[problem.classes.product[classes]].tolist()
    for k, (begin, stop) in enumerate(zip(first, last, strict=True)):
        ends = np.cumsum(counted[begin:stop])
        whole = np.append(0, np.cumsum(wanted[begin:stop]))
        line = np.searchsorted(ends, given[k], side="right")
        found[k] = whole[line] + part(given[k] - np.append(0, ends)[line], size[k])
    return found
