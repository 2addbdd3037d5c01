"""Earmarks that end by themselves, or that other moves draw by name: what each still holds.

Other units that are pegged need no such book: they are alike, and stay pegged until moved.
"""

from datetime import date
from heapq import heappop, heappush

from earmark.book import Table
from earmark.model import Move

Pair = tuple[str, str]
"""A lot and an order."""


class Hold:
    """One earmark and the units that it still has."""

    __slots__ = ("i", "left", "pair", "rank", "until")

    def __init__(self, i: int, pair: Pair, units: int, until: date | None, *, drawn: bool) -> None:
        self.i, self.pair, self.left, self.until = i, pair, units, until
        self.rank = until or date.max, drawn
        """When others take from it: what ends first goes first, what is drawn by name last."""


_ENDLESS = date.max, False
"""The rank of units that are in no hold."""


class Holds:
    """The holds of a book while its moves are followed."""

    def __init__(self, moves: Table[Move]) -> None:
        self._ids, self._untils = moves.lists["move"], moves.lists["until"]
        self._drawn = set(moves.column("draws").cells) - {None}
        self._any = bool(self._drawn) or any(moves.column("until").cells)
        self._of: dict[Pair, list[Hold]] = {}
        self._named: dict[str, Hold] = {}
        self._ending: list[tuple[date, str, Hold]] = []

    def __bool__(self) -> bool:
        """Tell whether any earmark ends or is drawn by name."""
        return self._any

    def open(self, i: int, pair: Pair, units: int) -> None:
        """Remember the i-th move, an earmark, if it ends or is drawn by name."""
        name, until = self._ids[i], self._untils[i]
        if until is None and name not in self._drawn:
            return
        hold = self._named[name] = Hold(i, pair, units, until, drawn=name in self._drawn)
        self._of.setdefault(pair, []).append(hold)
        if until is not None:
            heappush(self._ending, (until, name, hold))

    def named(self, move: str | None) -> Hold | None:
        """Return the hold of an earmark, if it was made."""
        return None if move is None else self._named.get(move)

    def take(self, pair: Pair, units: int, before: int) -> None:
        """Take units of a peg that had so many earmarked from its holds: earliest end first."""
        holds = self._of.get(pair)
        if holds is None:
            return
        endless = before - sum(hold.left for hold in holds)
        holds.sort(key=lambda hold: hold.rank)
        for hold in holds:
            if hold.rank > _ENDLESS:
                taken = min(units, endless)
                units, endless = units - taken, endless - taken
            taken = min(units, hold.left)
            hold.left -= taken
            units -= taken
        self._of[pair] = [hold for hold in holds if hold.left]

    def next_end(self) -> date:
        """Return the first day on which a hold ends by itself; the last day of all if none does."""
        return self._ending[0][0] if self._ending else date.max

    def ended(self, day: date) -> list[Hold]:
        """Return the holds that end by themselves on or before a day, and still hold units."""
        found = []
        while self._ending and self._ending[0][0] <= day:
            hold = heappop(self._ending)[2]
            if hold.left:
                found.append(hold)
        return found
