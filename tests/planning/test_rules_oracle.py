"""Rules of single orders against every whole plan of tiny books, from the meanings alone."""

from collections import defaultdict

from hypothesis import HealthCheck, assume, given, settings
from oracles.order_rules import best_prefixes, last_day, least_shipment
from oracles.reading import PEGGED, PROMISED
from planning.ruled_books import ruled_books
from planning.ruled_plans import Ruled, ruled

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


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
