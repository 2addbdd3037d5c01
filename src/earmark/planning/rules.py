"""The rules of single orders, and the same problem without them.

An order with a rule is a class of its own. Without the rules it belongs to the class of the orders
that are alike but for due day and size; what that problem can give bounds what this one can.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from earmark.coded import NEVER
from earmark.planning.demand import Wanted
from earmark.planning.problem import AllocationProblem, Classes, Lines, Rules
from earmark.ranking import dense_together, ranked
from earmark.schedule import Ints


def with_rules(problem: AllocationProblem, wanted: Wanted) -> AllocationProblem:
    """Return the problem with the rules of its orders, as it is where no order has one."""
    if not wanted.ruled.any():
        return problem
    relaxed, merged = _without_rules(problem)
    rules = Rules(
        least=wanted.least,
        last=wanted.last,
        together=wanted.together,
        relaxed=relaxed,
        merged=merged,
    )
    return replace(problem, rules=rules)


def _without_rules(problem: AllocationProblem) -> tuple[AllocationProblem, Ints]:
    """Return the problem with all orders that are alike in one class, and where each class went."""
    of, lines = problem.classes, problem.lines
    merged, count = dense_together(of.stage, of.tier, of.party, of.product, of.site)
    example = np.zeros(count, np.int64)
    example[merged[::-1]] = np.arange(len(merged))[::-1]
    cls = merged[lines.cls]
    rank = ranked(cls, lines.ready, lines.due, lines.booked, lines.order, lines.lot)
    columns = (lines.order, cls, lines.quantity, lines.due, lines.ready, lines.booked, lines.lot)
    classes = Classes(
        of.stage[example],
        np.full(count, -1),
        of.tier[example],
        of.party[example],
        of.product[example],
        of.site[example],
        of.path[example],
    )
    whole = Lines(*(column[rank] for column in columns))
    return replace(problem, lines=whole, classes=classes, rules=None), merged


def rule_names(problem: AllocationProblem, order: int) -> Sequence[str]:
    """Return what keeps an order waiting: the others of its set, or the names of its rules."""
    rules = problem.rules
    found: list[str] = []
    if rules is None:
        return found
    if rules.together[order] >= 0:
        others = np.flatnonzero(rules.together == rules.together[order]).tolist()
        return [problem.orders[other] for other in others if other != order] or ["together"]
    if rules.least[order] > 1:
        found.append("min_ship")
    if rules.last[order] < NEVER:
        found.append("max_late_days")
    return found
