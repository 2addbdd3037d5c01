"""Sets of orders that are to come together and cannot: the facts that keep them apart."""

from collections.abc import Iterator
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.coded import NEVER
from earmark.errors import ContradictionError, Problem, UsageError
from earmark.planning.demand import Wanted
from earmark.planning.earlier import REDISTRIBUTE
from earmark.planning.paths import from_the_end
from earmark.planning.problem import FIRST_TIER, PEGGED, AllocationProblem, Rules
from earmark.schedule import Ints


def refuse_impossible(problem: AllocationProblem, book: Book, wanted: Wanted) -> None:
    """Raise where no plan, however much there were, could keep the rules of orders.

    UsageError where the policy does not plan orders with rules, ContradictionError with the two
    orders of each set that cannot come on one day.
    """
    rules, policy = problem.rules, problem.policy
    again = wanted.confirm != REDISTRIBUTE
    if (wanted.ruled & again).any():
        order = wanted.ids[int(np.flatnonzero(wanted.ruled & again)[0])]
        raise UsageError(
            f"order {order} has confirm beside min_ship, max_late_days or together",
            "leave the one or the other out",
        )
    if (policy.value is not None or policy.reserve_days is not None) and (rules or again.any()):
        key = "value" if policy.value is not None else "reserve_days"
        order = wanted.ids[int(np.flatnonzero(wanted.ruled | again)[0])]
        raise UsageError(
            f"policy {policy.name} with {key} does not plan orders with min_ship, max_late_days,"
            f" together or confirm, such as {order}",
            "name another policy, or leave the rules of the orders out",
        )
    if rules is None:
        return
    found = [*_pegged_apart(problem, rules, book), *_due_apart(problem, rules, book)]
    if found:
        raise ContradictionError(found)


def _pegged_apart(problem: AllocationProblem, rules: Rules, book: Book) -> Iterator[Problem]:
    """Yield the sets whose pegged units come on different days, with the first and the last."""
    lines = problem.lines
    pegged = np.flatnonzero(problem.classes.stage[lines.cls] == PEGGED)
    sets = rules.together[lines.order[pegged]]
    for name in np.unique(sets[sets >= 0]).tolist():
        mine = pegged[sets == name]
        one, two = mine[lines.ready[mine].argmin()], mine[lines.ready[mine].argmax()]
        if lines.ready[one] == lines.ready[two]:
            continue
        first, last = (
            f"{problem.orders[lines.order[line]]} from {problem.supply.names[lines.lot[line]]}"
            f" on {_day(lines.ready[line])}"
            for line in (one, two)
        )
        text = f"pegged units of one set come on different days: {first}, {last}"
        hint = "peg lots of one day, or take one of the orders out of the set"
        yield _problem(book, problem, int(lines.order[two]), text, hint)


def _due_apart(problem: AllocationProblem, rules: Rules, book: Book) -> Iterator[Problem]:
    """Yield the sets in which one order can only come when another may not any more.

    Each is looked at as if it were alone in the book; an order that never finds enough, or not in
    its own time, meets a shortfall and no contradiction.
    """
    of = problem.classes
    classes = np.flatnonzero((of.stage >= FIRST_TIER) & (of.single >= 0))
    classes = classes[rules.together[of.single[classes]] >= 0]
    order = of.single[classes]
    line = problem.first_lines[classes]
    places = zip(classes.tolist(), line.tolist(), strict=True)
    earliest = np.array([_first_day(problem, cls, k) for cls, k in places])
    sets = rules.together[order]
    for name in np.unique(sets).tolist():
        mine = np.flatnonzero(sets == name)
        if (earliest[mine] > np.minimum(rules.last[order[mine]], NEVER - 1)).any():
            continue
        late, tight = mine[earliest[mine].argmax()], mine[rules.last[order[mine]].argmin()]
        if earliest[late] <= rules.last[order[tight]]:
            continue
        first, second = problem.orders[order[late]], problem.orders[order[tight]]
        text = (
            f"{first} cannot be granted whole before {_day(earliest[late])}, and {second}"
            f" not after {_day(rules.last[order[tight]])}"
        )
        hint = f"allow {second} more days late, bring supply forward, or part the set"
        yield _problem(book, problem, int(order[tight]), text, hint)


def _first_day(problem: AllocationProblem, cls: int, line: int) -> int:
    """Return the first day on which a class of one line could be granted whole, NEVER for none."""
    path = problem.classes.path[cls]
    rows: Ints = from_the_end(problem.nodes.capacity[path[path >= 0]])
    fits = (rows >= problem.lines.quantity[line]).all(axis=0)
    days = problem.days[fits & (problem.days >= problem.lines.ready[line])]
    return int(days[0]) if len(days) else NEVER


def _problem(
    book: Book, problem: AllocationProblem, order: int, message: str, hint: str
) -> Problem:
    table = book.orders
    row = table.positions[problem.orders[order]]
    return Problem(
        code="E502",
        message=message,
        table="orders",
        row=table.rows[row],
        column="together",
        text=table.column("together")[row],
        hint=hint,
        source=table.sources[row],
    )


def _day(ordinal: int) -> date:
    return date.fromordinal(int(ordinal))
