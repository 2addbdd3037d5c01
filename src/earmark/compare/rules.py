"""Who gets what under each sharing rule, and what each rule costs in unit-days in all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from earmark.outcome import Outcome
from earmark.schedule import Plan


@dataclass(frozen=True, slots=True)
class Award:
    """What a rule gives to one party, or (`party` None) to all together."""

    party: str | None
    quantity: int
    granted: int
    unserved: int
    late_unit_days: int
    unserved_unit_days: int

    @property
    def waits_unit_days(self) -> int:
        """Unit-days from due to usable, or to the end."""
        return self.late_unit_days + self.unserved_unit_days


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule: its awards by party, and its price."""

    share: str
    status: str
    gap: float
    parties: tuple[Award, ...]
    total: Award
    price_unit_days: int
    """Unit-days late and unserved in all beyond those of the rule that has fewest.

    The price of fairness (Bertsimas, Farias and Trichakis 2011, Oper. Res. 59:17-31), here between
    rules that are there to be chosen.
    """


def compare_rules(plans: Mapping[str, tuple[Plan, Outcome]]) -> tuple[RuleOutcome, ...]:
    """Return what each rule (the keys) comes to; all plans are of one book with the same tiers."""
    awards = {share: _awards(outcome) for share, (_, outcome) in plans.items()}
    totals = {share: _total(parties) for share, parties in awards.items()}
    least = min((total.waits_unit_days for total in totals.values()), default=0)
    return tuple(
        RuleOutcome(
            share=share,
            status=plan.status,
            gap=plan.gap,
            parties=awards[share],
            total=totals[share],
            price_unit_days=totals[share].waits_unit_days - least,
        )
        for share, (plan, _) in plans.items()
    )


def _awards(outcome: Outcome) -> tuple[Award, ...]:
    """Return the awards of the parties that have planned orders."""
    figures = outcome.party_figures
    return tuple(
        Award(
            party=outcome.parties[i],
            quantity=int(figures.quantity[i]),
            granted=int(figures.granted[i]),
            unserved=int(figures.unserved[i]),
            late_unit_days=int(figures.late_unit_days[i]),
            unserved_unit_days=int(figures.unserved_unit_days[i]),
        )
        for i in np.unique(outcome.lines.party).tolist()
    )


def _total(awards: tuple[Award, ...]) -> Award:
    return Award(
        party=None,
        quantity=sum(award.quantity for award in awards),
        granted=sum(award.granted for award in awards),
        unserved=sum(award.unserved for award in awards),
        late_unit_days=sum(award.late_unit_days for award in awards),
        unserved_unit_days=sum(award.unserved_unit_days for award in awards),
    )
