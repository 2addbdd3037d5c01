"""A policy: the stated rule by which a plan divides what is scarce."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

TIERS = ("order", "one", "booked")
"""What ranks demand: the order's tier, nothing (one tier), or the day it was booked."""

SHARES = ("max_min", "first_come")
"""How a tier's parties divide what is scarce."""

LATER_SHARES = ("proportional", "equal_losses", "talmud")
LATER_KEYS = ("reserve_days", "count_promised")
"""Named by the contract and not built yet: refused by name."""

SHIPS = ("usable", "due")
ROUNDS = ("unit", "lot")


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a book, or a built-in one.

    `weights` are of shares, per product, by party or group (1 where not given); `ceilings` are the
    most units of a product that a party or group may hold.
    """

    name: str
    tiers: str
    share: str
    weights: Mapping[str, Decimal]
    ceilings: Mapping[str, int]
    ship: str
    round: str


def _built_in(name: str, tiers: str, share: str) -> Policy:
    return Policy(name, tiers, share, MappingProxyType({}), MappingProxyType({}), "usable", "unit")


BUILT_IN: Mapping[str, Policy] = MappingProxyType(
    {
        "priority": _built_in("priority", "order", "max_min"),
        "fair": _built_in("fair", "one", "max_min"),
        "first_come": _built_in("first_come", "booked", "first_come"),
    }
)
"""The policies that every book has."""
