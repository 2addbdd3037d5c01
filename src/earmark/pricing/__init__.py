"""Pricing: plans of least weighted delay, with prices of limits that prove how good they are.

The one part that knows solvers: network flows (pylmcf) and linear programmes (HiGHS).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from earmark.book import Book
from earmark.planning.held import why_held
from earmark.planning.pose import pose
from earmark.planning.problem import FIRST_TIER, AllocationProblem
from earmark.planning.split import schedule_of
from earmark.planning.tiers import Served, serve
from earmark.policy import Policy
from earmark.pricing.decomposition import solve
from earmark.pricing.market import market_of, spread
from earmark.pricing.proof import proven_cost, rounded_up
from earmark.pricing.repair import repaired
from earmark.pricing.tariff import prices_of
from earmark.schedule import Plan, Prices

__all__ = ["make_priced_plan"]

OPTIMAL = 1e-6
"""The relative gap below which a plan counts as best."""


def make_priced_plan(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Plan:
    """Plan a book as known under a policy with a value: least weighted unit-days of delay.

    Pegged units go first, then promised ones, as under any policy; the value decides over the
    rest. Raise ContradictionError where the rules contradict each other. The caller audits it.
    """
    problem = pose(book, policy, as_of or book.start, include)
    served = list(serve(problem, stages=FIRST_TIER))
    result = _priced(problem, served)
    if result.served is not None:
        served.append(result.served)
    return Plan(
        policy=policy.name,
        engine="priced",
        status="feasible" if result.gap else "optimal",
        gap=result.gap,
        schedule=schedule_of(problem, served),
        reasons=why_held(problem, served),
        prices=result.prices,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Priced:
    served: Served | None
    gap: float
    prices: Prices


def _priced(problem: AllocationProblem, firm: list[Served]) -> _Priced:
    assert problem.worth is not None
    market = market_of(problem, firm)
    solution = solve(market)
    held = repaired(market, solution)
    cost, bound = market.cost(held), proven_cost(market, solution.prices)
    if problem.worth.exact:
        bound = rounded_up(bound)
    late = market.late_before() + cost
    gap = max(0.0, cost - bound) / late if late else 0.0
    gap = gap if gap >= OPTIMAL else 0.0
    prices = prices_of(problem, market, solution.prices, firm)
    if not len(market.members):
        return _Priced(None, gap, prices)
    classes = market.members
    return _Priced(
        Served(FIRST_TIER, classes, problem.demand(classes), spread(market, held)), gap, prices
    )
