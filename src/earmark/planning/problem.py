"""The problem a policy poses: demand lines in classes, over days, under capacity nodes.

A *line* is a piece of an order that one stage of the plan serves: its pegged units (one line per
lot), its promised units, or the rest. A *class* gathers the lines of one stage, tier, party,
product and site. A *node* is a capacity that classes draw on: a site's power, a ceiling, the free
supply of a product. Arrays are indexed line, class (C), node (N) and day (T).
"""

from dataclasses import dataclass

import numpy as np

from earmark.planning.lending import Lending
from earmark.planning.quotas import NO_QUOTAS, Quotas
from earmark.planning.worth import Worth
from earmark.policy import Policy
from earmark.schedule import Ints
from earmark.sums import sum_by

SLOTS = ("site", "site", "ceiling", "ceiling", "supply")
"""The nodes of a class from leaf to root, by the cause that they stand for when they bind.

Power for the product, power for all products, ceiling of the party, ceiling of its group, supply.
"""
ROOT = 4
PEGGED, PROMISED, WIN_STAGE, KEPT_STAGE, FIRST_TIER = range(5)
"""The stages: units pegged, promised, to be won and kept, then tier after tier."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Pieces of orders, sorted by class and, inside it, by the order in which they are served."""

    order: Ints
    cls: Ints
    quantity: Ints
    due: Ints
    """The true due day, an ordinal; it may lie before the start."""
    ready: Ints
    """The first day on which the line could be granted; at or after the end: never."""
    booked: Ints
    lot: Ints
    """The lot that the line is pegged to, -1 for free lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Demand classes, sorted by stage, single, tier, party, product, site."""

    stage: Ints
    single: Ints
    """The order that a class holds alone as it has rules of its own, -1 for all others."""
    tier: Ints
    party: Ints
    product: Ints
    site: Ints
    path: Ints
    """(C, 5) node of each slot, -1 where no node limits the class."""


CLASS_COLUMNS = ("stage", "single", "tier", "party", "product", "site")
"""What makes a class."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Capacities over the days, cumulative levels net of what already runs."""

    slot: Ints
    name: tuple[str, ...]
    """Site, party, group or product."""
    capacity: Ints
    """(N, T), never below 0, as given (it may fall)."""
    holders: tuple[tuple[str, ...], ...]
    """Parties whose running units take part of the node."""


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Lots and transfers by position in `names`; `free` is what no peg holds."""

    names: tuple[str, ...]
    product: Ints
    day: Ints
    free: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The rules of single orders, per order, over the units that are neither pegged nor promised.

    Orders without rules have none of them: least 1, last at the end, together -1.
    """

    least: Ints
    """The fewest units of a shipment."""
    last: Ints
    """The last day on which units may be granted, an ordinal; NEVER for any."""
    together: Ints
    """The set whose orders are granted whole on one day."""
    relaxed: "AllocationProblem"
    """The problem without the rules, in which orders that are alike share a class."""
    merged: Ints
    """(C,) the class of `relaxed` that each class is part of."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What orders keep of an earlier promise: one class of the stage KEPT_STAGE for each."""

    cls: Ints
    """(k,)"""
    promised: Ints
    """(k, T) units by each day, beyond those that are pegged or promised in the book."""
    stage: Ints
    """(k,) the stage of each order's tier, after which its units may come forward."""


@dataclass(frozen=True, slots=True, eq=False)
class AllocationProblem:
    """All that the engine needs, in arrays."""

    policy: Policy
    start: int
    end: int
    as_of: int
    orders: tuple[str, ...]
    parties: tuple[str, ...]
    groups: tuple[str | None, ...]
    """The group of each party, None where it has none."""
    products: tuple[str, ...]
    lot_size: Ints
    days: Ints
    """(T,) ordinals of the days on which anything can change, the first is the start."""
    lengths: Ints
    """(T,) days until the next of them, the last until the end."""
    lines: Lines
    classes: Classes
    nodes: Nodes
    supply: Supply
    stages: int
    quotas: Quotas = NO_QUOTAS
    trees: tuple[Lending, ...] = ()
    """The quotas of each product, but for those of what remains."""
    worth: Worth | None = None
    """What a unit-day of each order weighs; None unless the policy has a value."""
    rules: Rules | None = None
    """None where no order has a rule."""
    kept: Kept | None = None
    """None where no order keeps an earlier promise."""

    @property
    def lendings(self) -> tuple[Lending, ...]:
        """The quotas of each product, where the policy lends any."""
        return self.trees if self.policy.borrow else ()

    @property
    def line_ends(self) -> Ints:
        """(L,) where each line ends on one axis: all units end to end, as they are served."""
        return np.cumsum(self.lines.quantity)

    @property
    def first_lines(self) -> Ints:
        """(C + 1,) the first line of each class, and last the number of lines."""
        return np.searchsorted(self.lines.cls, np.arange(len(self.classes.stage) + 1))

    def demand(self, classes: Ints, amounts: Ints | None = None) -> Ints:
        """Return (classes, T) cumulative demand that can be granted by each day.

        `classes` follow one another, as those of a stage do.
        `amounts` stand in for the quantities of the lines (lots instead of units).
        """
        lines, days = self.lines, len(self.days)
        if not len(classes):
            return np.zeros((0, days), np.int64)
        first, stop = np.searchsorted(lines.cls, [classes[0], classes[-1] + 1])
        mine = slice(int(first), int(stop))
        ready = lines.ready[mine]
        some = ready < self.end
        place = np.full(int(classes[-1] - classes[0]) + 1, -1)
        place[classes - classes[0]] = np.arange(len(classes)) * days
        day_of = np.searchsorted(self.days, np.arange(self.start, self.end))
        cell = place[lines.cls[mine][some] - classes[0]] + day_of[ready[some] - self.start]
        quantity = (lines.quantity if amounts is None else amounts)[mine][some]
        return sum_by(cell, quantity, len(classes) * days).reshape(-1, days).cumsum(axis=1)
