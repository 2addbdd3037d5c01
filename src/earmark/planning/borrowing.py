"""Borrowing: who is short of a quota is given more, out of what others do not use of theirs.

A stage is served under the quotas as they are first, and nobody gets less or later by what follows.
Then members of a group borrow of the group and of one another, those of the best rank before the
others; then groups, and parties without one, of one another. Of one rank, what could be granted
first is given first, and of one day evenly by weight. (docs/quotas.md)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from earmark.planning.lending import Lending, given_of, loans, room_within
from earmark.planning.lots import in_lots, in_units, lots_of_lines
from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import AllocationProblem
from earmark.schedule import Ints

QUOTA_SLOTS = (2, 3)
"""The slots in which quotas stand: of the party and of its group."""


@dataclass(frozen=True, slots=True)
class _Borrower:
    """A class that may borrow: its place in the stage, its product's quotas and its rows there."""

    k: int
    lending: Lending
    row: int
    group: int
    outside: bool
    turn: tuple[int, int, int]
    """0 within the group, 1 outside, then the ranks there."""


def borrow(
    problem: AllocationProblem, classes: Ints, demand: Ints, given: Ints, slack: Ints
) -> Ints:
    """Return (k, T) what the classes of a stage are given with what they borrow.

    `given` is what they have under their own quotas, `slack` (N, T) what nodes had before that.
    """
    left, lots = slack.copy(), lots_of_lines(problem)
    whole = problem.policy.in_lots
    size = problem.lot_size[problem.classes.product[classes]][:, None] if whole else 1
    if whole:
        # A broken last part takes the room of a lot.
        demand = problem.demand(classes, lots) * size
        given = in_lots(problem, classes, lots, given) * size
    add_along(left, problem.classes.path[classes], -given)
    stage = _Stage(problem, classes, demand, given.copy(), left)
    borrowers = sorted(_borrowers(problem, classes), key=lambda one: (one.turn, one.k))
    for turn in dict.fromkeys(one.turn for one in borrowers):
        stage.serve([one for one in borrowers if one.turn == turn])
    return in_units(problem, classes, lots, stage.given // size) if whole else stage.given


def _borrowers(problem: AllocationProblem, classes: Ints) -> Iterator[_Borrower]:
    """Yield the classes that may borrow, once within their group and once outside."""
    of = problem.classes
    for lending in problem.lendings:
        row_of = {int(node): row for row, node in enumerate(lending.node) if node >= 0}
        for k in np.flatnonzero(of.product[classes] == lending.product).tolist():
            if of.single[classes[k]] >= 0:
                continue  # what has rules of its own is served by them
            row, group = (row_of.get(int(of.path[classes[k], s]), -1) for s in QUOTA_SLOTS)
            rank = int(lending.rank[row]) if row >= 0 else 0
            if row >= 0 and not rank:
                continue
            if row >= 0 and row not in lending.top:
                turn = (0, rank, 0)
                yield _Borrower(k, lending, row, group, outside=False, turn=turn)
            head = group if group >= 0 else row
            if head in lending.top and lending.rank[head]:
                turn = (1, int(lending.rank[head]), rank)
                yield _Borrower(k, lending, row, group, outside=True, turn=turn)


class _Stage:
    """A stage on the way: what its classes have, and what nodes have left."""

    def __init__(
        self, problem: AllocationProblem, classes: Ints, demand: Ints, given: Ints, left: Ints
    ) -> None:
        self.problem, self.classes = problem, classes
        self.demand, self.given, self.left = demand, given, left

    def serve(self, borrowers: Sequence[_Borrower]) -> None:
        """Let those of one turn borrow for what is short, the first day of use first."""
        ks = [one.k for one in borrowers]
        short = [one for one in borrowers if (self.demand[one.k] > self.given[one.k]).any()]
        fresh = np.diff(self.demand[ks], axis=1, prepend=0).any(axis=0)
        for day in np.flatnonzero(fresh).tolist():
            goal = {one.k: np.minimum(self.demand[one.k], self.demand[one.k, day]) for one in short}
            self._evenly(short, goal)

    def _evenly(self, borrowers: Sequence[_Borrower], goal: dict[int, Ints]) -> None:
        """Raise classes to what they want, in rounds in which each party gets as much by weight."""
        while True:
            could = [int(self._more(one, goal[one.k]).max()) for one in borrowers]
            parties = self.problem.classes.party[self.classes[[one.k for one in borrowers]]]
            wanting = dict.fromkeys(p for p, n in zip(parties.tolist(), could, strict=True) if n)
            if not wanting:
                return
            weights = {party: self._weight(party) for party in wanting}
            for party, weight in weights.items():
                part = max(1, int(max(could) * weight / sum(weights.values())))
                mine = [one for one, p in zip(borrowers, parties, strict=True) if p == party]
                self._raise(mine, goal, part if len(wanting) > 1 else None)

    def _raise(
        self, borrowers: Sequence[_Borrower], goal: dict[int, Ints], most: int | None
    ) -> None:
        """Raise the classes of one party by `most` units together, None for all they can have."""
        for one in borrowers:
            more = self._more(one, goal[one.k])
            if most is not None:
                more = np.minimum(more, -(-most // self._lot(one)) * self._lot(one))
                most = max(0, most - int(more.max()))
            self.given[one.k] += more
            path = self.problem.classes.path[self.classes[one.k]]
            add_along(self.left, path[None], -more[None])

    def _more(self, one: _Borrower, goal: Ints) -> Ints:
        """Return (T,) what a class could be given more on its own."""
        held = self.given[one.k]
        if (goal <= held).all():
            return np.zeros_like(held)
        room = self._room(one)
        level = from_the_end(np.minimum(np.maximum(goal, held), held + room)[None])[0]
        more: Ints = (level - held) // self._lot(one) * self._lot(one)
        return more

    def _room(self, one: _Borrower) -> Ints:
        lending, problem = one.lending, self.problem
        path = problem.classes.path[self.classes[one.k]]
        nodes = [
            node
            for slot, node in enumerate(path.tolist())
            if node >= 0 and not (slot in QUOTA_SLOTS and node in lending.node)
        ]
        now = loans(lending, given_of(lending, problem.nodes.capacity, self.left))
        within = room_within(lending, now, one.row, one.group, outside=one.outside)
        rooms: Ints = np.concatenate([within[None], self.left[nodes]]).min(axis=0)
        return np.maximum(rooms, 0)

    def _lot(self, one: _Borrower) -> int:
        whole = self.problem.policy.in_lots
        return int(self.problem.lot_size[one.lending.product]) if whole else 1

    def _weight(self, party: int) -> float:
        return float(self.problem.policy.weights.get(self.problem.parties[party], 1))
