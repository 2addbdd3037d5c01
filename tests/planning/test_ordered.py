"""Lines are served in order, and what one cannot use goes to the next."""

import numpy as np

from earmark.planning.ordered import Queue, serve_in_order


def served(path, room, *lines):
    """Return what classes have on each day; lines are (class, units, first day)."""
    cls, amount, ready = np.array(lines).T
    return serve_in_order(Queue(cls, amount, ready), np.array(path), np.array(room)).tolist()


def test_earlier_lines_come_first():
    """Where a node is short the first line is served whole before the next."""
    assert [[5], [2]] == served([[0], [0]], [[7]], (0, 5, 0), (1, 5, 0))


def test_no_line_keeps_what_it_cannot_use_from_the_next():
    """A line whose own supply has run out leaves the power that it asked for to others."""
    # Both classes share the power of a site (node 0); the first alone draws on a supply of 6.
    path, room = [[0, 1], [0, -1]], [[6, 10], [6, 6]]
    assert [[6, 6], [0, 3]] == served(path, room, (0, 8, 0), (1, 3, 1))


def test_what_is_not_ready_waits():
    """Lines that can never be served get nothing, whatever room there is."""
    assert [[0, 4], [0, 0]] == served([[-1], [-1]], [[1, 1]], (0, 4, 1), (1, 4, 2))
