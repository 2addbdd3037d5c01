"""Serving one stage line by line in a fixed order of rank (pegs, promises, first come)."""

from dataclasses import dataclass

import numpy as np

from earmark.planning.levels import clipped
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Queue:
    """Lines of one stage in the order in which they are served on a day."""

    cls: Ints
    """Per line, the class by position in the stage."""
    amount: Ints
    ready: Ints
    """Per line, the position of the first day on which it can be served; T: never."""


def serve_in_order(queue: Queue, path: Ints, room: Ints) -> Ints:
    """Return (classes, T) cumulative grants: each day the lines that wait, as room allows.

    `path` (classes, slots) names rows of `room` (nodes, T), -1 for none. In nested nodes, keeping
    the first of each node from leaf to root is the greedy base of a laminar polymatroid (Edmonds
    1970). Where families cross, what one pass leaves is offered again until nothing moves.
    """
    days = room.shape[1]
    given = np.zeros((len(path), days), np.int64)
    path, room = _without_empty_slots(path), np.append(room, np.ones((1, days), np.int64), axis=0)
    left, used = queue.amount.copy(), np.zeros(len(room), np.int64)
    for day in range(days):
        waiting = np.flatnonzero((left > 0) & (queue.ready <= day))
        today = np.zeros(len(path), np.int64)
        while len(waiting):
            free = room[:, day] - used
            waiting = waiting[(free[path[queue.cls[waiting]]] > 0).all(axis=1)]
            got = _pass(left[waiting], path[queue.cls[waiting]], free)
            if not got.any():
                break
            left[waiting] -= got
            step = np.bincount(queue.cls[waiting], got, len(path)).astype(np.int64)
            _use(used, path, step)
            today += step
            waiting = waiting[left[waiting] > 0]
        given[:, day] = today
    return given.cumsum(axis=1)


def _without_empty_slots(path: Ints) -> Ints:
    """Return the path with the slots that some class uses; -1 is the last node, which has room."""
    return path[:, (path >= 0).any(axis=0)]


def _pass(wish: Ints, path: Ints, room: Ints) -> Ints:
    for slot in range(path.shape[1]):
        node = path[:, slot]
        if (node >= 0).any():
            limited = node >= 0
            wish = wish.copy()
            wish[limited] = clipped(wish[limited], node[limited], room)
    return wish


def _use(used: Ints, path: Ints, step: Ints) -> None:
    for slot in range(path.shape[1]):
        limited = path[:, slot] >= 0
        np.add.at(used, path[limited, slot], step[limited])
