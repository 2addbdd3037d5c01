"""From a book and a policy to the arrays of the problem."""

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.coded import ordinals, whole_numbers
from earmark.errors import ContradictionError, Problem
from earmark.ledger.positions import Positions, positions
from earmark.planning.demand import Names, Wanted, classes_of, lines_of, tier_ranks
from earmark.planning.nodes import NodeBuilder
from earmark.planning.problem import FIRST_TIER, AllocationProblem, Classes, Lines, Supply
from earmark.planning.supply import supply_of
from earmark.planning.worth import worth_of
from earmark.policy import Policy
from earmark.schedule import Ints
from earmark.sums import sum_by


def pose(book: Book, policy: Policy, as_of: date, include: Collection[str]) -> AllocationProblem:
    """Turn a book as known into the arrays of its allocation problem.

    Raise ContradictionError when a ceiling lies below what is pegged and promised under it.
    """
    start, end = book.start.toordinal(), book.end.toordinal()
    first = max(start, as_of.toordinal())
    what = positions(book)
    wanted = Wanted(book, include)
    parties = sorted({*wanted.party_names, *(run.party for run in what.running)})
    names = Names(
        tuple(parties),
        tuple(sorted({*wanted.product_names, *(run.product for run in what.running)})),
        tuple(sorted({site for site in wanted.site_names if site})),
    )
    supply, lot_at = supply_of(book, what, include, names.products)
    stage_of_tier = tier_ranks(wanted, policy)
    raw = lines_of(wanted, what, supply, lot_at, stage_of_tier, start, first)
    worth = worth_of(book, policy, wanted.ids) if policy.value is not None else None
    lines, classes = classes_of(raw, wanted, names, worth.weight if worth else None)
    days = _days(book, lines, supply, what, first)
    builder = NodeBuilder(book, policy, what, names, classes, days, supply)
    nodes, path = builder.build()
    classes = Classes(
        classes.stage, classes.tier, classes.party, classes.product, classes.site, path
    )
    problem = AllocationProblem(
        policy=policy,
        start=start,
        end=end,
        as_of=first,
        orders=wanted.ids,
        parties=names.parties,
        groups=tuple(book.group_of.get(party) for party in names.parties),
        products=names.products,
        lot_size=_lot_sizes(book, names.products),
        days=days,
        lengths=np.diff(np.append(days, end)),
        lines=lines,
        classes=classes,
        nodes=nodes,
        supply=supply,
        quotas=builder.quotas(),
        stages=FIRST_TIER + (int(stage_of_tier.max()) + 1 if len(stage_of_tier) else 0),
        worth=worth,
    )
    _refuse_contradictions(problem)
    return problem


def _lot_sizes(book: Book, products: Sequence[str]) -> Ints:
    sizes = dict(
        zip(book.products.column("product"), book.products.column("lot_size"), strict=True)
    )
    return whole_numbers(sizes.get(product, 1) for product in products)


def _days(book: Book, lines: Lines, supply: Supply, what: Positions, first: int) -> Ints:
    start, end = book.start.toordinal(), book.end.toordinal()
    ready = ordinals(book.readiness.column("date"))
    runs = ordinals(run.day for run in what.running)
    days = np.unique(np.concatenate([[start, first], lines.ready, supply.day, ready, runs]))
    return days[(days >= start) & (days < end)].astype(np.int64)


def _refuse_contradictions(problem: AllocationProblem) -> None:
    """Raise when a ceiling can never hold what is pegged and promised under it."""
    firm = problem.classes.stage[problem.lines.cls] < FIRST_TIER
    nodes, found = problem.nodes, []
    for slot in (2, 3):
        node = problem.classes.path[problem.lines.cls, slot]
        mine = firm & (node >= 0)
        held = sum_by(node[mine], problem.lines.quantity[mine], len(nodes.name))
        for n in np.flatnonzero(nodes.slot == slot):
            room = int(nodes.capacity[n].max(initial=0))
            if held[n] > room:
                found.append(
                    Problem(
                        code="E501",
                        message=(
                            f"policy {problem.policy.name}: {int(held[n])} units are pegged or "
                            f"promised under the ceiling of {nodes.name[n]}, which leaves {room}"
                        ),
                        hint="raise the ceiling, or release what is pegged and promised",
                    )
                )
    if found:
        raise ContradictionError(found)
