"""Paths from classes to the nodes that they draw on, a column per slot, -1 where none limits."""

import numpy as np

from earmark.schedule import Ints
from earmark.sums import add_rows


def add_along(nodes: Ints, path: Ints, amounts: Ints) -> None:
    """Add each row of `amounts` to the row of `nodes` of every node on its path."""
    for slot in range(path.shape[1]):
        limited = path[:, slot] >= 0
        add_rows(nodes, path[limited, slot], amounts[limited])


def from_the_end(levels: Ints) -> Ints:
    """Return each level's minimum over this and all later days: what can be given for good."""
    return np.minimum.accumulate(levels[:, ::-1], axis=1)[:, ::-1]


def binding_path(path: Ints, wanted: Ints, room: Ints) -> Ints:
    """Return the path without nodes, (n, T) each, that have room for all wanted on every day."""
    binds = np.append((wanted > room).any(axis=1), False)
    return np.where(binds[path], path, -1)
