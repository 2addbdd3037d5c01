"""A schedule: grants in columns, and the reasons for what comes late.

Any set of grants is a schedule, planned or as happened. Everything after the plan (outcome, audit,
comparison) works on these columns and on the book alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CAUSES = ("site", "supply", "reserved", "share", "ceiling", "peg", "rule")
"""Why a unit is late or unserved; each unit-day has one cause."""


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Grants in columns, sorted by order, day, lot; one entry per (order, day, lot, pegged).

    `orders` are the ids of all planned orders, sorted, also those that are granted nothing;
    `lots` the ids that grants name, sorted: lots, and transfers to an order under the id of their
    move.
    """

    orders: tuple[str, ...]
    lots: tuple[str, ...]
    order: Ints
    """Per grant, the position in `orders`."""
    lot: Ints
    """Per grant, the position in `lots`."""
    day: Ints
    """Per grant, the day as a proleptic ordinal (`date.toordinal`)."""
    quantity: Ints
    """Per grant, whole units."""
    pegged: Bools
    """Per grant, whether the units were pegged to the order beforehand."""


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why units are late or unserved, in columns: per entry an order, a cause and unit-days.

    The unit-days of one order's entries add up to its late and unserved unit-days.
    """

    order: Ints
    """Per entry, the position in `Schedule.orders`; sorted, causes in the order of CAUSES."""
    cause: Ints
    """Per entry, the position in CAUSES."""
    unit_days: Ints
    by: Ints
    """Per entry, the position in `holders`."""
    holders: tuple[tuple[str, ...], ...]
    """Lists of ids, most unit-days first, each used by many entries."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Grants chosen by a policy, with their proof and their reasons."""

    policy: str
    engine: str
    status: str
    """`optimal` or `feasible`."""
    gap: float
    """Proven: the share of unit-days, at most, by which a better plan could serve more."""
    schedule: Schedule
    reasons: Reasons
    prices: "Prices | None" = None
    """What proves a priced plan; None for a plan by tiers."""
    missed: "tuple[Missed, ...]" = ()
    """Earlier promises that orders had to keep and could not, by order."""
    quotas: "tuple[Allowance, ...]" = ()
    """What each quota of the policy came to, by party or group, then product."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a quota came to by the end, in units of a product."""

    name: str
    """The party or group."""
    product: str
    quota: str
    """As the book writes it: 500, 20%, 3 of 4."""
    of: str | None
    """What it is a part of, `whole` or `remaining`; None for a number of units."""
    tier: int | None
    """The tier, as they are served, that a quota of what remains is for; None for any other."""
    allowed: int
    used: int
    """Units given, borrowed ones among them."""
    borrowed: int
    """Units given beyond the quota: those of others."""
    lent: int
    """Units of the quota that others are given; of a group: others than its parties."""
    binds: int
    """The first day, an ordinal, on which more was asked and nothing was left; 0 for never."""


@dataclass(frozen=True, slots=True)
class Missed:
    """An order that had to win, gain or improve, and does not."""

    order: str
    confirm: str
    units: int
    """Units short by the end."""
    unit_days: int
    """Unit-days later than promised, or than due for an order that was to win."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """What limits are worth by the day, in the policy's measure: weight or money per unit.

    No plan can save more by one more unit of room than its price says (weak duality of linear
    programmes), so the prices alone prove a lower bound of what every plan costs.
    """

    kind: tuple[str, ...]
    """Per limit: power, joint (all products of a site), party, group or supply."""
    name: tuple[str, ...]
    """Per limit: site, site and product, ceiling and product, or product."""
    days: Ints
    """(T,) ordinals; a price holds up to the next of them, the last to the end."""
    held: NDArray[np.float64]
    """(limits, T) what it costs that no more can be in use just then; never below 0."""
    week_earlier: NDArray[np.float64]
    """(limits,) what it saves at most if all of a limit's steps came seven days earlier."""

    @property
    def unit(self) -> NDArray[np.float64]:
        """(limits, T): what one more unit of room from that day on is worth at most."""
        return np.cumsum(self.held[:, ::-1], axis=1)[:, ::-1]


@dataclass(frozen=True, slots=True, eq=False)
class OrderFigures:
    """What a schedule means for each planned order, in columns like `Schedule.orders`."""

    quantity: Ints
    granted: Ints
    unserved: Ints
    first: Ints
    """Ordinal of the first grant, 0 where there is none."""
    last: Ints
    received_unit_days: Ints
    active_unit_days: Ints
    idle_unit_days: Ints
    late_unit_days: Ints
    unserved_unit_days: Ints

    def columns(self) -> Mapping[str, Ints]:
        """Return the figures by name."""
        return {name: getattr(self, name) for name in self.__slots__}
