"""A plan of orders with rules, read back from its grants for oracles and laws."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hypothesis import note, reject
from oracles.order_rules import Bunch, Course, as_asked, bunches, ranked
from oracles.reading import PEGGED, PROMISED, Demand, Problem, problem_of
from planning.random_books import Case

from earmark.answer import Answer, Question, answer
from earmark.errors import ContradictionError
from earmark.model import Order


@dataclass(frozen=True)
class Ruled:
    """A case with its plan, and what the oracle reads of it."""

    case: Case
    said: Answer

    @cached_property
    def orders(self) -> dict[str, Order]:
        return {order.order: order for order in as_asked(self.case.book).orders}

    @cached_property
    def problem(self) -> Problem:
        book, policy = as_asked(self.case.book), self.case.policy
        return ranked(problem_of(book, policy, as_of=self.case.as_of), self.orders, policy)

    @cached_property
    def sizes(self) -> dict[str, int]:
        if self.case.policy.round == "unit":
            return {}
        return {record.product: record.lot_size for record in self.case.book.products}

    @cached_property
    def bunches(self) -> list[Bunch]:
        return bunches(self.problem, self.orders, self.sizes)

    @cached_property
    def grants(self) -> dict[str, list[tuple[date, int]]]:
        """Units granted beyond those pegged, per order by day, promised ones first among them."""
        schedule = self.said.schedule
        given: dict[str, Counter[date]] = defaultdict(Counter)
        for place, day, quantity, pegged in zip(
            schedule.order, schedule.day, schedule.quantity, schedule.pegged, strict=True
        ):
            if not pegged:
                given[schedule.orders[place]][date.fromordinal(int(day))] += int(quantity)
        return {order: sorted(days.items()) for order, days in given.items()}

    @cached_property
    def shipments(self) -> dict[str, list[tuple[date, int]]]:
        """The shipments of each order's rest."""
        promised = self._promised
        shipments = defaultdict(list)
        for order, days in self.grants.items():
            left = promised[order]
            for day, quantity in days:
                first = min(left, quantity)
                left -= first
                if quantity > first:
                    shipments[order].append((day, quantity - first))
        return shipments

    @property
    def _promised(self) -> Counter[str]:
        promised = Counter[str]()
        for demand in self.problem.demands:
            if demand.rank == PROMISED:
                promised[demand.order] += demand.units
        return promised

    @cached_property
    def courses(self) -> dict[Demand, Course]:
        """What each demand is granted by each day of the problem."""
        pegged: dict[tuple[str, str], list[tuple[date, int]]] = defaultdict(list)
        schedule = self.said.schedule
        for place, lot, day, quantity, own in zip(
            schedule.order,
            schedule.lot,
            schedule.day,
            schedule.quantity,
            schedule.pegged,
            strict=True,
        ):
            if own:
                key = (schedule.orders[place], schedule.lots[lot])
                pegged[key].append((date.fromordinal(int(day)), int(quantity)))
        made = {}
        for demand in self.problem.demands:
            if demand.rank == PEGGED:
                given = pegged[demand.order, demand.source or ""]
            elif demand.rank == PROMISED:
                given = self._without(demand.order, self.shipments.get(demand.order, []))
            else:
                given = self.shipments.get(demand.order, [])
            made[demand] = tuple(sum(n for d, n in given if d <= day) for day in self.problem.days)
        return made

    def _without(self, order: str, rest: list[tuple[date, int]]) -> list[tuple[date, int]]:
        left = Counter(dict(self.grants.get(order, [])))
        left.subtract(dict(rest))
        return sorted(left.items())

    def held(self) -> list[int]:
        """Return the unit-days in use up to each rank, as granted."""
        lengths = self.problem.lengths()
        worth = Counter[tuple[object, ...]]()
        for demand, course in self.courses.items():
            worth[demand.rank] += sum(n * days for n, days in zip(course, lengths, strict=True))
        sums, total = [], 0
        for rank in self.problem.ranks:
            total += worth[rank]
            sums.append(total)
        return sums


def planned(case: Case) -> Ruled:
    """Plan a case whose rules do not contradict each other."""
    return Ruled(case, answer(case.book, Question(case.policy, as_of=case.as_of)))


def ruled(case: Case) -> Ruled:
    """Plan a case, which is audited by the way; reject rules that contradict each other."""
    note(repr(case))
    try:
        it = planned(case)
    except ContradictionError:
        reject()
    plan = it.said.plan
    note(f"granted: {dict(it.shipments)}, {plan.status}, gap {plan.gap}")
    return it
