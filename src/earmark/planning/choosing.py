"""Which of its options an order takes: decided before the plan is made.

Stage after stage, as the engine serves them, the orders without options are served, and then those
with options, one by one: on each day, earliest first, the best option is asked first for what is
left, with every unit of a better tier where it is. What comes out is a book in which each such
order is one part per option that it takes. That book is then planned as any other.

The choice is a greedy one; `relaxed` says how far from the best it can be.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.ledger.positions import positions
from earmark.options import part_id
from earmark.planning.demand import planned_orders
from earmark.planning.options import (
    OpenOrder,
    Part,
    Peg,
    open_orders,
    refuse_options,
    with_every_option,
    with_parts,
)
from earmark.planning.paths import add_along, from_the_end
from earmark.planning.pose import posed
from earmark.planning.problem import FIRST_TIER, PEGGED, PROMISED, ROOT, AllocationProblem
from earmark.planning.quotas import under_quotas
from earmark.planning.tiers import Served, counted, serve_stage
from earmark.policy import Policy
from earmark.schedule import Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """Units, of an order with options, that one stage of the plan is to serve."""

    at: int
    """The order, by position among those with options."""
    stage: int
    first: int
    """The first day, by position, on which they can be granted; T for none."""
    units: int
    """Of the order; of the product where they are pegged."""
    options: tuple[int, ...]
    """The options that they may take, by position."""
    peg: Peg | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A book with its orders cut into parts, and what proves how good that is."""

    book: Book
    opened: tuple[OpenOrder, ...]
    problem: AllocationProblem
    """Every option is an order of its own, in it; those orders ask for nothing."""
    paths: tuple[Ints, ...]
    """Per order with options, (options, 5) the nodes of each."""
    wishes: tuple[Wish, ...]


def choose(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Choice:
    """Cut the orders with options of a book (as known) into parts of one product and one site.

    Raise UsageError where the policy does not plan such orders, ContradictionError where its rules
    contradict each other.
    """
    refuse_options(book, policy)
    what = positions(book)
    opened = open_orders(book, what, include)
    every = with_every_option(book, what, opened)
    made = posed(every, policy, as_of or book.start, include, planned_orders(every, include))
    problem, paths = _without(made.problem, opened)
    stages = dict(zip(made.problem.orders, (made.ranks + FIRST_TIER).tolist(), strict=True))
    wishes = tuple(
        wish
        for at, one in enumerate(opened)
        for wish in _wishes(problem, at, one, stages[one.order])
    )
    parts = _Pass(problem, opened, paths, wishes).run()
    return Choice(with_parts(book, what, opened, parts), tuple(opened), problem, paths, wishes)


def _without(
    problem: AllocationProblem, opened: Sequence[OpenOrder]
) -> tuple[AllocationProblem, tuple[Ints, ...]]:
    """Return the problem in which options ask for nothing, and the nodes of each.

    What is pegged to an order with one site stays: there is nothing to choose.
    """
    place = {name: i for i, name in enumerate(problem.orders)}
    lines = problem.lines
    last = np.full(len(problem.orders), -1)
    last[lines.order] = np.arange(len(lines.order))
    some = np.flatnonzero(problem.classes.stage[lines.cls] >= FIRST_TIER)
    last[lines.order[some]] = some
    mask, paths = np.zeros((2, len(problem.orders)), np.bool_), []
    for one in opened:
        mine = np.array([place[part_id(one.order, k)] for k in range(len(one.options))])
        mask[1, mine] = True
        mask[0, mine] = one.many_sites
        paths.append(problem.classes.path[lines.cls[last[mine]]])
    return _asking_nothing(problem, mask), tuple(paths)


def _asking_nothing(problem: AllocationProblem, mask: Bools) -> AllocationProblem:
    """Return the problem in which some orders have no units: pegged ones, and all others."""
    lines = problem.lines
    free = (problem.classes.stage[lines.cls] != PEGGED).astype(np.int64)
    quantity = np.where(mask[free, lines.order], 0, lines.quantity)
    rules = problem.rules
    if rules is not None:
        rules = replace(rules, relaxed=_asking_nothing(rules.relaxed, mask))
    return replace(problem, lines=replace(lines, quantity=quantity), rules=rules)


def _wishes(problem: AllocationProblem, at: int, one: OpenOrder, stage: int) -> Iterator[Wish]:
    """Yield what an order with options asks of each stage."""
    every, days = tuple(range(len(one.options))), problem.days

    def day(ready: int) -> int:
        return int(np.searchsorted(days, ready)) if ready < problem.end else len(days)

    for peg in one.pegs if one.many_sites else ():
        alike = tuple(k for k in every if one.options[k].product == peg.product)
        first = day(max(peg.day, problem.start, one.due))
        yield Wish(at, PEGGED, first, peg.units, alike, peg)
    first = day(max(one.due, problem.as_of))
    if one.promised:
        yield Wish(at, PROMISED, first, one.promised, every)
    if (rest := one.quantity - one.pegged - one.promised) > 0:
        yield Wish(at, stage, first, rest, every)


Takes = list[tuple[int, int, int]]
"""Option, day and units of its product, in the order in which they were taken."""


class _Pass:
    """One pass over the stages: what each order with options takes of what is left."""

    def __init__(
        self,
        problem: AllocationProblem,
        opened: Sequence[OpenOrder],
        paths: Sequence[Ints],
        wishes: Sequence[Wish],
    ) -> None:
        self.problem, self.opened, self.paths = problem, opened, paths
        self.wishes: dict[int, list[Wish]] = {}
        for wish in sorted(wishes, key=self._turn):
            self.wishes.setdefault(wish.stage, []).append(wish)
        self.left = problem.nodes.capacity.copy()
        """(N, T) what nodes can give after all that is served; a quota of what remains cut in."""
        self.site: dict[int, str | None] = {}
        """The site of each order that must have one."""
        self.parts: list[dict[int, Part]] = [{} for _ in opened]
        in_lots = problem.policy.in_lots
        sizes = dict(zip(problem.products, problem.lot_size.tolist(), strict=True))
        self.sizes = [[sizes[o.product] if in_lots else 1 for o in one.options] for one in opened]

    def _turn(self, wish: Wish) -> tuple[int, int, int, int, str]:
        one = self.opened[wish.at]
        tier = one.tier if wish.stage < FIRST_TIER else 0
        return tier, wish.first, one.due, one.booked, one.order

    def run(self) -> list[dict[int, Part]]:
        """Return, per order, its parts by option."""
        problem, slack = self.problem, self.left
        for one, parts in zip(self.opened, self.parts, strict=True):
            for peg in () if one.many_sites else one.pegs:
                k = [option.product for option in one.options].index(peg.product)
                parts.setdefault(k, Part([])).pegs.append(peg)
        served: list[Served] = []
        ends = np.searchsorted(problem.classes.stage, np.arange(problem.stages + 1))
        for stage in range(problem.stages):
            self.left = under_quotas(problem.quotas, slack) if stage >= FIRST_TIER else slack
            classes = np.arange(ends[stage], ends[stage + 1])
            if len(classes):
                demand = problem.demand(classes)
                given = serve_stage(problem, classes, demand, slack, counted(problem, served))
                served.append(Served(stage, classes, demand, given))
                for nodes in self._both(slack):
                    add_along(nodes, problem.classes.path[classes], -given)
            for wish in self.wishes.get(stage, ()):
                for k, day, units in self._granted(wish):
                    for nodes in self._both(slack):
                        self._use(nodes, wish, k, day, units)
        return self.parts

    def _both(self, slack: Ints) -> list[Ints]:
        return [slack] if self.left is slack else [slack, self.left]

    def _granted(self, wish: Wish) -> Takes:
        """Return what a wish takes, and put it into the parts of its order."""
        one, options = self.opened[wish.at], wish.options
        if one.whole:
            options = self._at_one_site(wish)
        takes, rest = self._filled(wish, options)
        parts = self.parts[wish.at]
        for k, _, units in takes:
            self._add(parts, k, wish, units)
        for k in options:  # what nobody can give stays on the first option
            units = rest // self._factor(wish, k)
            self._add(parts, k, wish, units, unpromised=True)
            rest -= units * self._factor(wish, k)
        return takes

    def _add(
        self, parts: dict[int, Part], k: int, wish: Wish, units: int, *, unpromised: bool = False
    ) -> None:
        if not units:
            return
        part = parts.setdefault(k, Part([]))
        if wish.peg is not None:
            part.pegs.append(replace(wish.peg, units=units))
        elif wish.stage == PROMISED and not unpromised:
            part.promised += units
        else:
            part.rest += units

    def _factor(self, wish: Wish, k: int) -> int:
        return 1 if wish.peg is not None else self.opened[wish.at].options[k].factor

    def _at_one_site(self, wish: Wish) -> tuple[int, ...]:
        """Return the options at the site that gives all on the earliest day, best first.

        Where none gives all, it is the site that gives most, then earliest.
        """
        one, days = self.opened[wish.at], np.append(self.problem.days, self.problem.end)
        if wish.at not in self.site:
            found = []
            for site in dict.fromkeys(option.site for option in one.options):
                takes, rest = self._filled(wish, self._at(wish, site))
                last = max((day for _, day, _ in takes), default=0)
                waits = sum(int(days[day]) * units for _, day, units in takes)
                found.append(((rest, 0 if rest else last, waits if rest else 0), site))
            self.site[wish.at] = min(found, key=lambda way: way[0])[1]
        return self._at(wish, self.site[wish.at])

    def _at(self, wish: Wish, site: str | None) -> tuple[int, ...]:
        options = self.opened[wish.at].options
        return tuple(k for k in wish.options if options[k].site == site)

    def _filled(self, wish: Wish, options: Sequence[int]) -> tuple[Takes, int]:
        """Return what the options can give, earliest day and then best option first, and the rest.

        Nothing is taken yet.
        """
        takes: Takes = []
        rest, day = wish.units, wish.first
        nodes = np.unique(np.concatenate([self._nodes(wish, k) for k in options]))
        left = self.left[nodes]
        paths = [np.searchsorted(nodes, self._nodes(wish, k)) for k in options]
        while rest and day < left.shape[1]:
            for k, path in zip(options, paths, strict=True):
                units = self._whole(wish, k, rest, int(self._room(left, path)[day]))
                if units:
                    takes.append((k, day, units))
                    left[path, day:] -= self._of_room(wish, k, units)
                    rest -= units * self._factor(wish, k)
            rooms = (self._room(left, path)[day:] for path in paths)
            later = [np.flatnonzero(room > room[0]) for room in rooms]
            day += min((int(at[0]) for at in later if len(at)), default=left.shape[1])
        return takes, rest

    def _nodes(self, wish: Wish, k: int) -> Ints:
        path = self.paths[wish.at][k]
        path = path[:ROOT] if wish.peg is not None else path
        nodes: Ints = path[path >= 0]
        return nodes

    @staticmethod
    def _room(left: Ints, path: Ints) -> Ints:
        """Return (T,) what can be given for good under some nodes."""
        if not len(path):
            return np.full(left.shape[1], 1 << 60)
        room: Ints = np.maximum(from_the_end(left[path]).min(axis=0), 0)
        return room

    def _whole(self, wish: Wish, k: int, rest: int, room: int) -> int:
        """Return how much of the rest an option can give: in whole lots, and the broken last."""
        most = rest // self._factor(wish, k)
        size = self._size(wish, k)
        if self.problem.policy.round == "lot_down" and wish.stage >= FIRST_TIER:
            most -= most % size
        return min(most, room // size * size)

    def _of_room(self, wish: Wish, k: int, units: int) -> int:
        """Return the room that units take: a broken last lot takes a whole one."""
        size = self._size(wish, k)
        return -(-units // size) * size

    def _size(self, wish: Wish, k: int) -> int:
        return self.sizes[wish.at][k] if wish.stage >= FIRST_TIER else 1

    def _use(self, nodes: Ints, wish: Wish, k: int, day: int, units: int) -> None:
        nodes[self._nodes(wish, k), day:] -= self._of_room(wish, k, units)
