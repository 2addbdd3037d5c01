"""Planning: a book and a policy in, a plan with its proof and its reasons out."""

from collections.abc import Collection
from datetime import date

from earmark.book import Book
from earmark.planning.bound import proven_gap
from earmark.planning.pose import pose
from earmark.planning.reasons import why_late
from earmark.planning.rolling import rolls, serve_rolling
from earmark.planning.split import schedule_of
from earmark.policy import Policy
from earmark.schedule import Plan

__all__ = ["make_plan"]


def make_plan(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Plan:
    """Plan a book as known under a policy; new grants on or after `as_of` (the book's start).

    `include` names statuses planned beyond booked orders and committed lots: `forecast`, `quoted`.
    Raise ContradictionError where the rules contradict each other. The caller audits the plan.
    """
    problem = pose(book, policy, as_of or book.start, include)
    served = list(serve_rolling(problem))
    rolled = rolls(problem)
    gap = proven_gap(problem, served, rolled=rolled)
    return Plan(
        policy=policy.name,
        engine="tiers",
        status="feasible" if gap or rolled else "optimal",
        gap=gap,
        schedule=schedule_of(problem, served),
        reasons=why_late(problem, served),
    )
