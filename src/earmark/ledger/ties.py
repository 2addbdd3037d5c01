"""Moves that are tied by `in_return_for`: only their sum must hold, once the last of them is in."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from earmark.book import Table
from earmark.model import Move

Key = tuple[str, Any]
"""A kind of balance and what it is of."""


class Ties:
    """The ties of a table of moves, and which balances they still hold open."""

    def __init__(self, moves: Table[Move]) -> None:
        self._ids, self._days = moves.lists["move"], moves.lists["date"]
        self._ends, self._groups = _groups(moves)
        self._open: dict[Key, tuple[date, str]] = {}

    def __bool__(self) -> bool:
        """Tell whether any move is tied to another."""
        return bool(self._ends)

    def end(self, i: int) -> date:
        """Return the day on which the i-th move is judged: the last day of what it is tied to."""
        day: date = self._days[i]
        return self._ends.get(self._ids[i], day)

    def group(self, i: int) -> str | None:
        """Return what the i-th move is tied to, by its first id; None if it stands alone."""
        return self._groups.get(self._ids[i])

    def hold(self, i: int, key: Key) -> None:
        """Hold a balance open that the i-th move touches, if the move is tied to others."""
        if (group := self.group(i)) is not None:
            end = self.end(i)
            self._open[key] = max((end, group), self._open.get(key, (end, group)))

    def holds(self, key: Key, day: date) -> bool:
        """Tell whether a balance must not be judged on that day yet."""
        return key in self._open and self._open[key][0] > day

    def holder(self, key: Key) -> str:
        """Return the tie that holds a balance open, by its first id."""
        return self._open[key][1]


def _groups(moves: Table[Move]) -> tuple[Mapping[str, date], Mapping[str, str]]:
    """Return, per move that is tied to others, the day of the last of them and their first id."""
    if not any(moves.column("in_return_for").cells):
        return {}, {}
    ids, returns = moves.lists["move"], moves.lists["in_return_for"]
    day_of = dict(zip(ids, moves.columns["date"], strict=True))
    neighbours: dict[str, set[str]] = defaultdict(set)
    for move, other in zip(ids, returns, strict=True):
        if other in day_of:
            neighbours[move].add(other)
            neighbours[other].add(move)
    ends: dict[str, date] = {}
    groups: dict[str, str] = {}
    for first in neighbours:
        if first not in ends:
            tied, fresh = {first}, {first}
            while fresh := {near for move in fresh for near in neighbours[move]} - tied:
                tied |= fresh
            ends |= dict.fromkeys(tied, max(day_of[move] for move in tied))
            groups |= dict.fromkeys(tied, min(tied))
    return ends, groups
