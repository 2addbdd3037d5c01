"""What orders with options ask for and take, and the limits that each option stands under."""

from collections.abc import Sequence
from dataclasses import dataclass

from earmark.planning.options import OpenOrder, Peg
from earmark.planning.problem import FIRST_TIER, ROOT, AllocationProblem
from earmark.schedule import Ints


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


@dataclass(slots=True, eq=False)
class Take:
    """Units of a product that a wish takes from a day on."""

    wish: Wish
    option: int
    day: int
    units: int


class Desk:
    """What orders with options stand under, and how their units are counted."""

    def __init__(
        self, problem: AllocationProblem, opened: Sequence[OpenOrder], paths: Sequence[Ints]
    ) -> None:
        self.problem, self.opened, self.paths = problem, opened, paths
        in_lots = problem.policy.in_lots
        sizes = dict(zip(problem.products, problem.lot_size.tolist(), strict=True))
        self.sizes = [[sizes[o.product] if in_lots else 1 for o in one.options] for one in opened]

    def nodes(self, wish: Wish, option: int) -> Ints:
        """Return the nodes that an option draws on; what is pegged has left the supply."""
        path = self.paths[wish.at][option]
        path = path[:ROOT] if wish.peg is not None else path
        nodes: Ints = path[path >= 0]
        return nodes

    def counts_for(self, wish: Wish, option: int) -> int:
        """Return how many units of the wish one of the product is."""
        return 1 if wish.peg is not None else self.opened[wish.at].options[option].factor

    def fitting(self, wish: Wish, option: int, rest: int, room: int) -> int:
        """Return how much of the rest an option gives: in whole lots, and the broken last one."""
        most, size = rest // self.counts_for(wish, option), self._size(wish, option)
        if self.problem.policy.round == "lot_down" and wish.stage >= FIRST_TIER:
            most -= most % size
        return min(most, room // size * size)

    def of_room(self, wish: Wish, option: int, units: int) -> int:
        """Return the room that units take: a broken last lot takes a whole one."""
        size = self._size(wish, option)
        return -(-units // size) * size

    def _size(self, wish: Wish, option: int) -> int:
        return self.sizes[wish.at][option] if wish.stage >= FIRST_TIER else 1


def room(left: Ints, nodes: Ints, day: int) -> int:
    """Return what some nodes, (N, T) in all, can give for good from a day on."""
    return max(0, int(left[nodes, day:].min())) if len(nodes) else 1 << 60
