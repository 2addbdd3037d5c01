"""What can be promised with every grant left where it is: room under all nodes of an ask.

`room[n, t]` is what node n can still give by day t without taking a unit from anybody, now or
later; what a class can be promised by t is the least room of its nodes. It is no sum over classes:
each promise that is made is taken out before the next is asked. (DESIGN: available-to-promise.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from earmark.coded import codes_of
from earmark.planning.lending import under_loans
from earmark.planning.paths import from_the_end
from earmark.planning.problem import PEGGED, ROOT, AllocationProblem
from earmark.schedule import Ints, Schedule
from earmark.sums import sum_by

POWER = (0, 1)
"""The slots of a class that power stands in: without them a promise is of delivery alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """Units of one product that can be promised for a day."""

    day: date
    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Limit:
    """The node that leaves least room for a product by a day, and how much that is."""

    day: date
    product: str
    slot: int
    name: str
    room: int


class Promises:
    """What is left of a plan, asked for classes and lessened by what is promised.

    `problem` holds an order of each class that is asked for; `schedule` is the plan without them.
    """

    def __init__(
        self, problem: AllocationProblem, schedule: Schedule, *, power: bool = True
    ) -> None:
        self.problem, self.power = problem, power
        self.capacity_left = problem.nodes.capacity - _used(problem, schedule)

    def nodes_of(self, order: str) -> Ints:
        """Return the nodes over an order, from leaf to root."""
        (at,) = codes_of([order], self.problem.orders)
        lines = self.problem.lines
        path = self.problem.classes.path[lines.cls[np.flatnonzero(lines.order == at)[-1]]]
        if not self.power:
            path = np.delete(path, POWER)
        nodes: Ints = path[path >= 0]
        return nodes

    def room(self, order: str) -> Ints:
        """Return (T,) what can be promised to an order by each day of the problem."""
        return self._least(self.nodes_of(order))

    def supply(self, product: str) -> Ints:
        """Return (T,) what the free supply of a product leaves by each day of the problem."""
        nodes = self.problem.nodes
        named = [name == product for name in nodes.name]
        return self._least(np.flatnonzero((nodes.slot == ROOT) & named))

    def _least(self, nodes: Ints) -> Ints:
        rooms: Ints = from_the_end(self._left()[nodes]).min(axis=0)
        return np.maximum(rooms, 0)

    def _left(self) -> Ints:
        """Return (N, T) what nodes have left: a promise borrows nothing, and takes no loan back."""
        problem = self.problem
        return under_loans(problem.lendings, problem.nodes.capacity, self.capacity_left)

    def take(self, order: str, day: int, quantity: int) -> None:
        """Promise units to an order from the day at position `day` on."""
        self.capacity_left[self.nodes_of(order), day:] -= quantity

    def limit(self, order: str, product: str, day: int) -> Limit:
        """Return what leaves least room for an order by the day at position `day`."""
        nodes = self.nodes_of(order)
        room = np.maximum(from_the_end(self._left()[nodes])[:, day], 0)
        least = int(room.argmin())
        slot = int(self.problem.nodes.slot[nodes[least]])
        name = self.problem.nodes.name[nodes[least]]
        ordinal = int(self.problem.days[day])
        return Limit(date.fromordinal(ordinal), product, slot, name, int(room[least]))


def parts_of(
    promises: Promises, asked: Sequence[tuple[str, str]], quantity: int, due: date
) -> list[Part]:
    """Promise `quantity` units as early as can be from `due` on, and return the parts.

    `asked` are an order and its product, best first: what a better product cannot give by a day
    is asked of the next, and on each later day the better one is asked first.
    """
    problem = promises.problem
    first = max(due.toordinal(), problem.as_of)
    parts: list[Part] = []
    rest = quantity
    for day in range(int(np.searchsorted(problem.days, first)), len(problem.days)):
        for order, product in asked:
            given = _whole(problem, product, rest, int(promises.room(order)[day]))
            if given:
                promises.take(order, day, given)
                parts.append(Part(date.fromordinal(int(problem.days[day])), product, given))
                rest -= given
        if not rest:
            break
    return parts


def _whole(problem: AllocationProblem, product: str, rest: int, room: int) -> int:
    """Return how much of the rest can be promised: whole lots where the policy rounds to them."""
    if room >= rest or not problem.policy.in_lots:
        return min(rest, room)
    return room - room % int(problem.lot_size[problem.products.index(product)])


def day_of_all(promises: Promises, order: str, quantity: int, due: date) -> date | None:
    """Return the first day from `due` on by which all can be promised at once, None for never."""
    problem = promises.problem
    first = max(due.toordinal(), problem.as_of)
    enough = (promises.room(order) >= quantity) & (problem.days >= first)
    day = int(enough.argmax())
    return date.fromordinal(int(problem.days[day])) if enough[day] else None


def _used(problem: AllocationProblem, schedule: Schedule) -> Ints:
    """Return (N, T) what the grants of a schedule use of each node, cumulative."""
    lines, classes, days = problem.lines, problem.classes, len(problem.days)
    pegged = classes.stage[lines.cls] == PEGGED
    cls = np.full((2, len(problem.orders)), -1)
    cls[1, lines.order[pegged]] = lines.cls[pegged]
    cls[0, lines.order[~pegged]] = lines.cls[~pegged]
    order = codes_of(schedule.orders, problem.orders)[schedule.order]
    path = classes.path[cls[schedule.pegged.astype(np.int64), order]]
    day = np.searchsorted(problem.days, schedule.day, side="right") - 1
    used = np.zeros(len(problem.nodes.name) * days, np.int64)
    for slot in range(ROOT + 1):
        node = path[:, slot]
        under = node >= 0
        used += sum_by(node[under] * days + day[under], schedule.quantity[under], len(used))
    return used.reshape(-1, days).cumsum(axis=1)
