"""Rules of division: what each claimant has at one common level, from its claim and its weight.

Every rule here is parametric (Young 1987, Math. Oper. Res. 12:398-414): each claimant's part rises
with one level common to all, and the level is where the parts add up to what there is. So one
water-filling serves all of them, and limits and what was held before cut each curve from above and
from below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from earmark.planning.levels import Curves, Reals

Rule = Callable[[Reals, Reals], Curves]
"""From claims (p,) and weights (p,) to what each claimant has at each level."""


def max_min(claim: Reals, weight: Reals) -> Curves:
    """Return weighted constrained equal awards: everybody has the same per weight, or all it can.

    (Bertsekas and Gallager 1992, section 6.5.2.) Claims do not count but as a limit.
    """
    zero = np.zeros_like(weight)
    return Curves(zero, zero[None], weight[None], np.full((1, len(weight)), np.inf))


def proportional(claim: Reals, weight: Reals) -> Curves:
    """Return parts of claims: everybody has the same part, times its weight, of what it claims.

    (Thomson 2003, Math. Soc. Sci. 45:249-297, for this rule and the next.)
    """
    zero = np.zeros_like(claim)
    # Who claims nothing gets nothing at any slope.
    slope = np.where(claim > 0, weight * claim, 1.0)
    return Curves(zero, zero[None], slope[None], claim[None])


def equal_losses(claim: Reals, weight: Reals) -> Curves:
    """Return constrained equal losses: everybody lacks the same, divided by its weight.

    Nobody lacks more than its claim; who would has nothing.
    """
    rise = claim * weight
    start = rise.max(initial=0.0) - rise
    return Curves(np.zeros_like(claim), start[None], 1 / weight[None], claim[None])


def talmud(claim: Reals, weight: Reals) -> Curves:
    """Return equal awards up to half of every claim, then equal losses of the other half.

    (Aumann and Maschler 1985, J. Econ. Theory 36:195-213; with weights Hokari and Thomson 2003,
    Econ. Theory 21:241-261.)
    """
    half = claim / 2
    rise = half * weight
    # Losses begin to shrink for nobody before everybody can have half.
    start = (half / weight).max(initial=0.0) + rise.max(initial=0.0) - rise
    return Curves(
        np.zeros_like(claim),
        np.stack([np.zeros_like(claim), start]),
        np.stack([weight, 1 / weight]),
        np.stack([half, half]),
    )


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "max_min": max_min,
        "proportional": proportional,
        "equal_losses": equal_losses,
        "talmud": talmud,
    }
)
"""The rules that divide by claims. `first_come` is none of them: it serves line by line."""


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """What claimants claim on each day and what counts as theirs already, under one rule."""

    rule: Rule
    weight: Reals
    """(p,)"""
    due: Reals
    """(p, T) units that each claims by the day, those in `firm` included."""
    firm: Reals
    """(p, T) units that count as held, but are not the stage's to give."""

    def on(self, day: int) -> Curves:
        """Return what each claimant gets of the stage on a day, by level."""
        curves = self.rule(self.due[:, day], self.weight)
        return Curves(-self.firm[:, day], curves.start, curves.slope, curves.height)
