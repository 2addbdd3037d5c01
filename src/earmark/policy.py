"""The stated rules of a book: policies, by which plans divide what is scarce, and approvals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

TIERS = ("order", "one", "booked")
"""What ranks demand: the order's tier, nothing (one tier), or the day it was booked."""

SHARES = ("max_min", "first_come", "proportional", "equal_losses", "talmud")
"""How a tier's parties divide what is scarce."""

QUOTAS_OF = ("whole", "remaining")
"""What a quota is a part of: all supply, or what better tiers leave of it."""

SHIPS = ("usable", "due")
ROUNDS = ("unit", "lot", "lot_up", "lot_down")
"""What is given whole: units, or lots of the product. The last part of an order that is less than a
lot is given whole as it is, raised to a lot, or never given."""
VALUES = ("weight", "money", "tier")
"""What a unit-day of delay costs: the order's weight, its unit price, or ten times the next tier's.
A policy with a value is priced: it minimises the cost, in place of tiers and shares."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that a party or group is given of a product: units, or a part of its supply."""

    top: int
    bottom: int | None = None
    """None where `top` is a number of units; else the quota is top / bottom."""

    def __str__(self) -> str:
        """Say it as a book does: 500, 20%, 3 of 4."""
        if self.bottom is None:
            return str(self.top)
        if self.bottom != PERCENT:
            return f"{self.top} of {self.bottom}"
        return format((Decimal(self.top) * 100 / PERCENT).normalize(), "f") + "%"


PERCENT = 1_000_000
"""The `bottom` of a percentage: four decimals are kept."""


@dataclass(frozen=True, slots=True)
class Borrow:
    """What the holder of a quota may borrow of others, and lend to them."""

    rank: int | None = None
    """Who borrows first: 1 before 2; None for who does not borrow."""
    protect: int = PERCENT
    """The part of the own quota, of PERCENT, that is lent to nobody."""

    def texts(self) -> Mapping[str, str]:
        """Return the settings that say this, by key; what is left out is not given."""
        given = {} if self.rank is None else {"rank": str(self.rank)}
        if self.protect != PERCENT:
            given["protect"] = str(Quota(self.protect, PERCENT))
        return given


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
    value: str | None = None
    """What is minimised, one of VALUES; None for a plan by tiers."""
    count_promised: bool = False
    """Whether shares count a party's pegged and promised units."""
    reserve_days: int | None = None
    """For how many days ahead known orders of better tiers hold units back; None: to the end."""
    quotas: Mapping[str, Quota] = field(default_factory=lambda: MappingProxyType({}))
    """The most that a party or group is given; a ceiling that may grow with supply."""
    quota_of: str = QUOTAS_OF[0]
    borrow: Mapping[str, Borrow] = field(default_factory=lambda: MappingProxyType({}))
    """By party or group with a quota, what it may borrow and lends."""

    @property
    def in_lots(self) -> bool:
        """Whether what is given beyond pegs and promises comes in whole lots."""
        return self.round != "unit"


def _built_in(name: str, tiers: str, share: str, value: str | None = None) -> Policy:
    none: Mapping[str, Any] = MappingProxyType({})
    return Policy(name, tiers, share, none, none, "usable", "unit", value=value)


BUILT_IN: Mapping[str, Policy] = MappingProxyType(
    {
        "priority": _built_in("priority", "order", "max_min"),
        "fair": _built_in("fair", "one", "max_min"),
        "first_come": _built_in("first_come", "booked", "first_come"),
        "value": _built_in("value", "one", "max_min", "weight"),
    }
)
"""The policies that every book has."""


APPROVAL_KINDS = ("redirect", "transfer", "release")
"""The kinds of moves that may need an approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """When a redirect needs the approval of somebody else, and whose (docs/approvals.md).

    Thresholds are reached, not passed: a redirect of exactly so many units needs an approval. None
    is no threshold; between related parties, where neither is given, every redirect needs one.
    """

    units: int | None = None
    money: Decimal | None = None
    related: Decimal = Decimal(10)
    """The percentage from which a stake, followed through, makes two parties related."""
    related_units: int | None = None
    related_money: Decimal | None = None
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Parties that count as related by declaration, by the reason in words."""
    approvers: tuple[str, ...] = ()
    """Parties, by id, and people or bodies, by name; none means anybody who is independent."""
    days: int = 30
    override: bool = False
    kinds: tuple[str, ...] = APPROVAL_KINDS[:2]
    window: int = 0
    """Days over which redirects between two parties are added up; 0: each set by itself."""


def approval_texts(rules: ApprovalRules) -> list[tuple[tuple[str, ...], object]]:
    """Return the settings that say these rules, by key; a tuple stands for a list.

    Keys that are not given are left out, so that what is written is read back as it was.
    """
    names = ("units", "money", "related", "related_units", "related_money")
    numbers = ((("approval", name), getattr(rules, name)) for name in names)
    given: list[tuple[tuple[str, ...], object]] = [
        (key, number) for key, number in numbers if number is not None
    ]
    if rules.approvers:
        given.append((("approval", "approvers"), rules.approvers))
    given += [
        (("approval", "days"), rules.days),
        (("approval", "override"), "yes" if rules.override else "no"),
        (("approval", "kinds"), rules.kinds),
        (("approval", "window"), rules.window),
    ]
    given += [
        (("approval", "declared", reason), parties) for reason, parties in rules.declared.items()
    ]
    return given
