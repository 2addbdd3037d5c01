"""Planning: a book and a policy in, a plan with its proof and its reasons out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from earmark.book import Book
from earmark.planning.again import Posed, Since, serve_again
from earmark.planning.allowances import allowances
from earmark.planning.asked import as_asked, raised
from earmark.planning.bound import proven_gap, total_gap
from earmark.planning.choosing import Choice, choose
from earmark.planning.demand import Planned, planned_orders
from earmark.planning.earlier import confirms, missed_promises, reopened, unconfirmed
from earmark.planning.options import has_options
from earmark.planning.pose import posed
from earmark.planning.reasons import why_late
from earmark.planning.relaxed import gap_of_choice
from earmark.planning.rolling import rolls, serve_rolling
from earmark.planning.split import schedule_of
from earmark.planning.tiers import Served
from earmark.policy import Policy
from earmark.schedule import Missed, Plan, Schedule

__all__ = [
    "Choice",
    "Planning",
    "Since",
    "as_asked",
    "choose",
    "confirms",
    "has_options",
    "make_plan",
    "plan_again",
    "planned",
    "raised",
    "reopened",
]


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
    missed: tuple[Missed, ...] = ()
    """Earlier promises that could not be kept."""
    tied: bool = False
    """Whether orders stand by earlier promises, so that tiers alone prove nothing."""

    def plan(self) -> Plan:
        """Return the plan with its reasons."""
        problem = self.posed.problem
        ruled_lots = bool(problem.rules or problem.lendings) and problem.policy.in_lots
        unproven = self.gap or rolls(problem) or ruled_lots or self.tied
        return Plan(
            policy=problem.policy.name,
            engine="tiers",
            status="feasible" if unproven else "optimal",
            gap=self.gap,
            schedule=self.schedule,
            reasons=why_late(problem, self.served),
            missed=self.missed,
            quotas=tuple(allowances(problem, self.served)),
        )


def make_plan(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Plan:
    """Plan a book as known under a policy; new grants on or after `as_of` (the book's start).

    `include` names statuses planned beyond booked orders and committed lots: `forecast`, `quoted`.
    Raise ContradictionError where the rules contradict each other. The caller audits the plan.
    Orders with options are planned as their parts.
    """
    if has_options(book):
        choice = choose(book, policy, as_of=as_of, include=include)
        return planned(choice.book, policy, as_of=as_of, include=include, choice=choice).plan()
    return planned(book, policy, as_of=as_of, include=include).plan()


def planned(
    book: Book,
    policy: Policy,
    *,
    as_of: date | None = None,
    include: Collection[str] = (),
    previous: Schedule | None = None,
    choice: Choice | None = None,
) -> Planning:
    """Plan a book as `make_plan` does, but for the reasons.

    `previous` are the grants of an earlier plan, by which orders with a word in `confirm` stand;
    `choice` is what the book comes from, where orders of it were parts of others.
    """
    orders, first = planned_orders(book, include), as_of or book.start
    made = posed(book, policy, first, include, orders, previous=previous)
    served = tuple(serve_rolling(made.problem))
    if choice is not None:
        gap = gap_of_choice(choice, made.problem, served)
        schedule = schedule_of(made.problem, served)
        return Planning(orders, made, served, gap, schedule)
    if not confirms(book):
        return _scheduled(orders, made, served)
    free = posed(unconfirmed(book), policy, first, include, orders).problem
    gap = total_gap(free, served, made.problem.lengths)
    schedule = schedule_of(made.problem, served)
    missed = missed_promises(book, schedule, previous, made.problem.as_of)
    return Planning(orders, made, served, gap, schedule, missed, tied=True)


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
