"""Planning: a book and a policy in, a plan with its proof and its reasons out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from earmark.book import Book
from earmark.planning.again import Posed, Since, serve_again
from earmark.planning.asked import as_asked, raised
from earmark.planning.bound import proven_gap
from earmark.planning.demand import Planned, planned_orders
from earmark.planning.pose import posed
from earmark.planning.reasons import why_late
from earmark.planning.rolling import rolls, serve_rolling
from earmark.planning.split import schedule_of
from earmark.planning.tiers import Served
from earmark.policy import Policy
from earmark.schedule import Plan, Schedule

__all__ = ["Planning", "Since", "as_asked", "make_plan", "plan_again", "planned", "raised"]


@dataclass(frozen=True, slots=True, eq=False)
class Planning:
    """A plan on the way: all of it but its reasons, and what a plan of nearly the same book needs.

    `orders` are the rows and the ids of the planned orders.
    """

    orders: Planned
    posed: Posed
    served: tuple[Served, ...]
    gap: float
    schedule: Schedule

    def plan(self) -> Plan:
        """Return the plan with its reasons."""
        problem = self.posed.problem
        ruled_lots = problem.rules is not None and problem.policy.in_lots
        unproven = self.gap or rolls(problem) or ruled_lots
        return Plan(
            policy=problem.policy.name,
            engine="tiers",
            status="feasible" if unproven else "optimal",
            gap=self.gap,
            schedule=self.schedule,
            reasons=why_late(problem, self.served),
        )


def make_plan(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Plan:
    """Plan a book as known under a policy; new grants on or after `as_of` (the book's start).

    `include` names statuses planned beyond booked orders and committed lots: `forecast`, `quoted`.
    Raise ContradictionError where the rules contradict each other. The caller audits the plan.
    """
    return planned(book, policy, as_of=as_of, include=include).plan()


def planned(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Planning:
    """Plan a book as `make_plan` does, but for the reasons."""
    orders = planned_orders(book, include)
    made = posed(book, policy, as_of or book.start, include, orders)
    return _scheduled(orders, made, tuple(serve_rolling(made.problem)))


def plan_again(
    book: Book,
    policy: Policy,
    before: Planning,
    since: Since,
    orders: Planned,
    *,
    as_of: date | None = None,
    include: Collection[str] = (),
) -> Planning:
    """Plan a changed book as `planned` does, with what the plan `before` can lend."""
    made = posed(book, policy, as_of or book.start, include, orders, since)
    again = serve_again(made.problem, before.posed.problem, before.served)
    served = tuple(serve_rolling(made.problem) if rolls(made.problem) else again)
    return _scheduled(orders, made, served)


def _scheduled(orders: Planned, made: Posed, served: tuple[Served, ...]) -> Planning:
    gap = proven_gap(made.problem, served, rolled=rolls(made.problem))
    return Planning(orders, made, served, gap, schedule_of(made.problem, served))
