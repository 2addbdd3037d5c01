"""Rules of single orders: every whole plan of tiny books, and laws, from the meanings alone."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hypothesis import HealthCheck, assume, given, note, reject, settings
from oracles.order_rules import (
    Bunch,
    Course,
    as_asked,
    best_prefixes,
    bunches,
    last_day,
    least_shipment,
    ranked,
)
from oracles.reading import PEGGED, PROMISED, Demand, Problem, problem_of
from planning.random_books import Case
from planning.ruled_books import ruled_books

from earmark.answer import Answer, Question, answer
from earmark.errors import ContradictionError
from earmark.model import Order

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


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
        return ranked(problem_of(book, policy, as_of=self.case.as_of), self.orders)

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


def ruled(case: Case) -> Ruled:
    """Plan a case, which is audited by the way; reject rules that contradict each other."""
    note(repr(case))
    try:
        said = answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()
    it = Ruled(case, said)
    note(f"{case}\n  granted: {it.shipments}, {said.plan.status}, gap {said.plan.gap}")
    return it


def keeps_the_rules(it: Ruled) -> None:
    """Assert from the grants alone that every order's rules are kept."""
    rests = {d.order: d for d in it.problem.demands if d.rank not in (PEGGED, PROMISED)}
    sets = defaultdict(list)
    for name, rest in rests.items():
        order, shipments = it.orders[name], it.shipments.get(name, [])
        size = it.sizes.get(order.product, 1)
        least = least_shipment(order, rest.units, size)
        assert all(quantity >= least for _, quantity in shipments), name
        last = last_day(order)
        assert all(last is None or day <= last for day, _ in shipments), name
        granted = 0
        for _, quantity in shipments:
            granted += quantity
            assert granted % size == 0 or granted == rest.units, name
        if order.together:
            sets[order.together].append((rest.units, shipments))
    for word, members in sets.items():
        days = {day for _, shipments in members for day, _ in shipments}
        assert len(days) <= 1, word
        if days:
            assert all([units] == [n for _, n in shipments] for units, shipments in members), word


def gap_covers_what_is_possible(it: Ruled) -> None:
    """Assert that no whole plan adds more than the gap, and none at all to an optimal plan.

    A better plan takes nothing from better tiers: it has no fewer unit-days up to any rank before.
    """
    held, plan = it.held(), it.said.plan
    best = best_prefixes(it.problem, it.bunches, it.sizes, held)
    assume(best is not None)
    for rank, most, has in zip(it.problem.ranks, best, held, strict=True):
        assert most - has <= plan.gap * most + 1e-6, (rank, most, has, plan.gap)
        assert plan.status != "optimal" or most == has, (rank, most, has)


@settings(slow, max_examples=150)
@given(case=ruled_books(ships=("usable", "due")))
def test_no_whole_plan_that_keeps_the_rules_is_better_than_the_gap_says(case):
    """Limits that nest: rules are kept, and no plan has more in use up to any tier than the gap."""
    it = ruled(case)
    keeps_the_rules(it)
    gap_covers_what_is_possible(it)


@settings(slow, max_examples=100)
@given(case=ruled_books(crossing=True))
def test_so_it_is_under_limits_that_cross(case):
    """Ceilings, quotas and power shared by products: rules are kept, and the gap covers all."""
    it = ruled(case)
    keeps_the_rules(it)
    gap_covers_what_is_possible(it)


@settings(slow, max_examples=70)
@given(case=ruled_books(rounds=("lot",), most_units=6, whole=True))
def test_so_it_is_in_whole_lots(case):
    """Shipments are in whole lots, least shipments rounded up to them, and the gap covers all.

    Orders are of whole lots: what counts as the better plan where they are not is the policy's.
    """
    it = ruled(case)
    keeps_the_rules(it)
    gap_covers_what_is_possible(it)


@settings(slow, max_examples=50)
@given(case=ruled_books(crossing=True, rounds=("lot",), most_units=6))
def test_rules_are_kept_where_the_last_lot_of_an_order_is_broken(case):
    """A last part below a lot is given whole, as far as the order's rules allow."""
    keeps_the_rules(ruled(case))
