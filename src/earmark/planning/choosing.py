"""Which of its options an order takes: decided before the plan is made (`filling`).

What comes out is a book in which each order with options is one part per option that it takes. That
book is then planned as any other. `relaxed` says how far from the best the choice can be.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.ledger.positions import positions
from earmark.options import part_id
from earmark.planning.demand import planned_orders
from earmark.planning.desk import Wish
from earmark.planning.filling import filled
from earmark.planning.options import OpenOrder, open_orders, refuse_options
from earmark.planning.parts import with_every_option, with_parts
from earmark.planning.pose import posed
from earmark.planning.problem import FIRST_TIER, PEGGED, PROMISED, AllocationProblem
from earmark.policy import Policy
from earmark.schedule import Bools, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A book with its orders cut into parts, and what proves how good that is."""

    book: Book
    opened: tuple[OpenOrder, ...]
    problem: AllocationProblem
    """Every option is an order of its own, in it; those orders ask for nothing."""
    paths: tuple[Ints, ...]
    """Per order with options, (options, 5) the nodes of each."""
    wishes: tuple[Wish, ...]


def choose(
    book: Book, policy: Policy, *, as_of: date | None = None, include: Collection[str] = ()
) -> Choice:
    """Cut the orders with options of a book (as known) into parts of one product and one site.

    Raise UsageError where the policy does not plan such orders, ContradictionError where its rules
    contradict each other.
    """
    refuse_options(book, policy)
    what = positions(book)
    opened = open_orders(book, what, include)
    every = with_every_option(book, what, opened)
    made = posed(every, policy, as_of or book.start, include, planned_orders(every, include))
    problem, paths = _without(made.problem, opened)
    stages = dict(zip(made.problem.orders, (made.ranks + FIRST_TIER).tolist(), strict=True))
    wishes = tuple(
        wish
        for at, one in enumerate(opened)
        for wish in _wishes(problem, at, one, stages[one.order])
    )
    parts = filled(problem, opened, paths, wishes)
    return Choice(with_parts(book, what, opened, parts), tuple(opened), problem, paths, wishes)


def _without(
    problem: AllocationProblem, opened: Sequence[OpenOrder]
) -> tuple[AllocationProblem, tuple[Ints, ...]]:
    """Return the problem in which options ask for nothing, and the nodes of each.

    What is pegged to an order with one site stays: there is nothing to choose.
    """
    place = {name: i for i, name in enumerate(problem.orders)}
    lines = problem.lines
    last = np.full(len(problem.orders), -1)
    last[lines.order] = np.arange(len(lines.order))
    some = np.flatnonzero(problem.classes.stage[lines.cls] >= FIRST_TIER)
    last[lines.order[some]] = some
    mask, paths = np.zeros((2, len(problem.orders)), np.bool_), []
    for one in opened:
        mine = np.array([place[part_id(one.order, k)] for k in range(len(one.options))])
        mask[1, mine] = True
        mask[0, mine] = one.many_sites
        paths.append(problem.classes.path[lines.cls[last[mine]]])
    return _asking_nothing(problem, mask), tuple(paths)


def _asking_nothing(problem: AllocationProblem, mask: Bools) -> AllocationProblem:
    """Return the problem in which some orders have no units: pegged ones, and all others."""
    lines = problem.lines
    free = (problem.classes.stage[lines.cls] != PEGGED).astype(np.int64)
    quantity = np.where(mask[free, lines.order], 0, lines.quantity)
    rules = problem.rules
    if rules is not None:
        rules = replace(rules, relaxed=_asking_nothing(rules.relaxed, mask))
    return replace(problem, lines=replace(lines, quantity=quantity), rules=rules)


def _wishes(problem: AllocationProblem, at: int, one: OpenOrder, stage: int) -> Iterator[Wish]:
    """Yield what an order with options asks of each stage."""
    every, days = tuple(range(len(one.options))), problem.days

    def day(ready: int) -> int:
        return int(np.searchsorted(days, ready)) if ready < problem.end else len(days)

    for peg in one.pegs if one.many_sites else ():
        alike = tuple(k for k in every if one.options[k].product == peg.product)
        first = day(max(peg.day, problem.start, one.due))
        yield Wish(at, PEGGED, first, peg.units, alike, peg)
    first = day(max(one.due, problem.as_of))
    if one.promised:
        yield Wish(at, PROMISED, first, one.promised, every)
    if (rest := one.quantity - one.pegged - one.promised) > 0:
        yield Wish(at, stage, first, rest, every)
