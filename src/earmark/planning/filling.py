"""What orders with options take, stage after stage and day after day.

On each day the orders of the stage without options have what they would have by then; then those
with options are served one by one, by due, booked and id: each asks its best option first for what
is left for good, and on a later day again. So lateness comes before preference, and who is due
later holds nothing back in its own tier, as in the engine. Where one is short, others may go over
to another of their options, on the same day, to make room (`rerouting`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from earmark.planning.desk import Desk, Take, Wish, room
from earmark.planning.options import OpenOrder
from earmark.planning.parts import Part
from earmark.planning.paths import add_along
from earmark.planning.problem import FIRST_TIER, PROMISED, AllocationProblem
from earmark.planning.quotas import under_quotas
from earmark.planning.rerouting import Rerouting
from earmark.planning.tiers import Served, counted, serve_stage
from earmark.schedule import Ints


def filled(
    problem: AllocationProblem,
    opened: Sequence[OpenOrder],
    paths: Sequence[Ints],
    wishes: Sequence[Wish],
) -> list[dict[int, Part]]:
    """Return the parts of each order with options, by option."""
    desk = Desk(problem, opened, paths)
    tally = _Filling(desk, wishes)
    tally.run()
    parts: list[dict[int, Part]] = [{} for _ in opened]
    for one, mine in zip(opened, parts, strict=True):
        for peg in () if one.many_sites else one.pegs:
            k = [option.product for option in one.options].index(peg.product)
            mine.setdefault(k, Part([])).pegs.append(peg)
    for take in tally.takes:
        _add(parts[take.wish.at], take.wish, take.option, take.units)
    for wish, lacking in tally.left_over():
        # What nobody can give stays on the first option, and is no longer promised.
        rest = lacking
        for k in tally.allowed(wish):
            units = rest // desk.counts_for(wish, k)
            _add(parts[wish.at], wish, k, units, given=False)
            rest -= units * desk.counts_for(wish, k)
    return parts


def _add(parts: dict[int, Part], wish: Wish, k: int, units: int, *, given: bool = True) -> None:
    if not units:
        return
    part = parts.setdefault(k, Part([]))
    if wish.peg is not None:
        part.pegs.append(replace(wish.peg, units=units))
    elif wish.stage == PROMISED and given:
        part.promised += units
    else:
        part.rest += units


class _Filling:
    """One pass over the stages: what each wish takes of what is left."""

    def __init__(self, desk: Desk, wishes: Sequence[Wish]) -> None:
        self.desk, self.problem = desk, desk.problem
        self.wishes: dict[int, list[Wish]] = {}
        for wish in sorted(wishes, key=self._turn):
            self.wishes.setdefault(wish.stage, []).append(wish)
        self.rest = {wish: wish.units for wish in wishes}
        self.slack = desk.problem.nodes.capacity.copy()
        """(N, T) what nodes have after all stages that are served, and what wishes took."""
        self.takes: list[Take] = []
        self.site: dict[int, str | None] = {}
        """The site of each order that must have one."""
        self.served: list[Served] = []
        self.rerouting = Rerouting(desk, self.takes, self.allowed)
        self.version = 0
        """Raised by whatever changes what wishes take."""

    def _turn(self, wish: Wish) -> tuple[int, int, int, int, str]:
        one = self.desk.opened[wish.at]
        tier = one.tier if wish.stage < FIRST_TIER else 0
        return tier, wish.first, one.due, one.booked, one.order

    def run(self) -> None:
        """Serve every stage."""
        problem = self.problem
        ends = np.searchsorted(problem.classes.stage, np.arange(problem.stages + 1))
        for stage in range(problem.stages):
            ordinary = _Ordinary(self, np.arange(ends[stage], ends[stage + 1]))
            cut = np.zeros_like(self.slack)
            if stage >= FIRST_TIER:
                cut = under_quotas(problem.quotas, self.slack) - self.slack
            self._serve(self.wishes.get(stage, ()), ordinary, cut)
            if len(ordinary.classes):
                given = ordinary.given()
                self.served.append(Served(stage, ordinary.classes, ordinary.demand, given))
                add_along(self.slack, problem.classes.path[ordinary.classes], -given)

    def _serve(self, wishes: Sequence[Wish], ordinary: "_Ordinary", cut: Ints) -> None:
        """Serve a stage day by day, as soon as wishes are in it or better ones could make room."""
        if not wishes and not self.takes:
            return
        for day in range(len(self.problem.days)):
            waiting = [w for w in wishes if w.first <= day and self.rest[w]]
            if not waiting and not any(ordinary.short_by(day)):
                continue
            self._choose_sites(waiting, ordinary, cut)
            left = ordinary.left_by(day, cut)
            for wish in waiting:
                self._ask(wish, day, left)
            if self.rerouting.is_of_use:
                self._make_room(waiting, ordinary, day, cut)

    def _ask(self, wish: Wish, day: int, left: Ints) -> None:
        """Let a wish take what its options have left, best first."""
        for k in self.allowed(wish):
            nodes = self.desk.nodes(wish, k)
            rest, there = self.rest[wish], room(left, nodes, day)
            if units := self.desk.fitting(wish, k, rest, there):
                self._take(Take(wish, k, day, units), left)

    def _make_room(
        self, waiting: Sequence[Wish], ordinary: "_Ordinary", day: int, cut: Ints
    ) -> None:
        """Let others go over to another option for who is short on a day."""
        left = ordinary.left_by(day, cut)
        while self._room_for(ordinary, day, left):
            left = ordinary.left_by(day, cut)
        for wish in waiting:
            for k in self.allowed(wish):
                nodes, counts = self.desk.nodes(wish, k), self.desk.counts_for(wish, k)
                while (rest := self.rest[wish] // counts) and (
                    units := self._freed(nodes, day, rest, left)
                ):
                    self._take(Take(wish, k, day, units), left)

    def _room_for(self, ordinary: "_Ordinary", day: int, left: Ints) -> bool:
        """Make room for one class that is short on a day; tell whether the stage has more then."""
        if not len(ordinary.classes):
            return False
        had = ordinary.given()[:, day].sum()
        for nodes, units in ordinary.short_by(day):
            # Who is short beside room that is left is so by a rule.
            if not room(left, nodes, day) and self._freed(nodes, day, units, left):
                return bool(ordinary.given()[:, day].sum() > had)
        return False

    def _freed(self, nodes: Ints, day: int, units: int, left: Ints) -> int:
        found = self.rerouting.free(nodes, day, units, self.slack, left)
        self.version += bool(found)
        return found

    def _choose_sites(self, waiting: Sequence[Wish], ordinary: "_Ordinary", cut: Ints) -> None:
        """Choose the sites of orders that must have one, beside all that others of the stage have.

        It is the first site that gives all on the earliest day, else that gives most, earliest.
        """
        for wish in waiting:
            one = self.desk.opened[wish.at]
            if one.whole and wish.at not in self.site:
                left = ordinary.left_by(len(self.problem.days) - 1, cut)
                sites = dict.fromkeys(option.site for option in one.options)
                ways = [(self._way(wish, site, left), site) for site in sites]
                self.site[wish.at] = min(ways, key=lambda way: way[0])[1]

    def _take(self, take: Take, left: Ints) -> None:
        wish, nodes = take.wish, self.desk.nodes(take.wish, take.option)
        taken = self.desk.of_room(wish, take.option, take.units)
        for matrix in (self.slack, left):
            matrix[nodes, take.day :] -= taken
        self.rest[wish] -= take.units * self.desk.counts_for(wish, take.option)
        self.rerouting.hold(take)
        self.version += 1

    def left_over(self) -> Iterator[tuple[Wish, int]]:
        """Yield the wishes that are not served whole, and what they lack."""
        for wishes in self.wishes.values():
            yield from ((wish, self.rest[wish]) for wish in wishes if self.rest[wish])

    def allowed(self, wish: Wish) -> Sequence[int]:
        """Return the options that a wish may take, best first: of one site where it must."""
        one = self.desk.opened[wish.at]
        if not one.whole:
            return wish.options
        return self._at(wish, self.site.get(wish.at, one.options[0].site))

    def _at(self, wish: Wish, site: str | None) -> Sequence[int]:
        options = self.desk.opened[wish.at].options
        return [k for k in wish.options if options[k].site == site]

    def _way(self, wish: Wish, site: str | None, left: Ints) -> tuple[int, int]:
        """Return what a site leaves open of a wish, and how late it is: the less the better."""
        left, rest, late = left.copy(), self.rest[wish], 0
        days = np.append(self.problem.days, self.problem.end)
        for day in range(wish.first, left.shape[1]):
            for k in self._at(wish, site):
                nodes = self.desk.nodes(wish, k)
                units = self.desk.fitting(wish, k, rest, room(left, nodes, day))
                if units:
                    left[nodes, day:] -= self.desk.of_room(wish, k, units)
                    rest -= units * self.desk.counts_for(wish, k)
                    late += units * int(days[day])
                    last = day
            if not rest:
                return 0, last
        return rest, late


class _Ordinary:
    """The orders of a stage without options, served beside what wishes took so far."""

    def __init__(self, filling: _Filling, classes: Ints) -> None:
        self.filling, self.classes = filling, classes
        self.demand = filling.problem.demand(classes)
        self._given: Ints | None = None
        self._version = 0

    def given(self) -> Ints:
        """Return (k, T) what they have; the same until another wish takes units."""
        filling = self.filling
        if self._given is None or self._version != filling.version:
            self._version = filling.version
            firm = counted(filling.problem, filling.served)
            self._given = serve_stage(
                filling.problem, self.classes, self.demand, filling.slack, firm
            )
        return self._given

    def left_by(self, day: int, cut: Ints) -> Ints:
        """Return (N, T) what is left beside what they have by a day, and keep from then on."""
        left = self.filling.slack + cut
        if len(self.classes):
            given = self.given().copy()
            given[:, day:] = given[:, day : day + 1]
            add_along(left, self.filling.problem.classes.path[self.classes], -given)
        return left

    def short_by(self, day: int) -> Iterator[tuple[Ints, int]]:
        """Yield the nodes of the classes that are short on a day, and by how much."""
        if len(self.classes):
            short = self.demand[:, day] - self.given()[:, day]
            for k in np.flatnonzero(short).tolist():
                path = self.filling.problem.classes.path[self.classes[k]]
                yield path[path >= 0], int(short[k])
