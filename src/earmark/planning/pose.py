"""From a book and a policy to the arrays of the problem."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from earmark.book import Book
from earmark.coded import codes_of, ordinals, whole_numbers
from earmark.ledger.positions import Positions, positions
from earmark.planning.again import Posed, Since, lines_with
from earmark.planning.confirming import kept_of
from earmark.planning.demand import (
    Names,
    Never,
    Planned,
    RawLines,
    Wanted,
    classes_of,
    lines_of,
    planned_orders,
    tier_ranks,
)
from earmark.planning.nodes import NodeBuilder
from earmark.planning.options import has_options
from earmark.planning.overfull import refuse_overfull
from earmark.planning.problem import (
    CLASS_COLUMNS,
    FIRST_TIER,
    AllocationProblem,
    Classes,
    Lines,
    Supply,
)
from earmark.planning.rules import with_rules
from earmark.planning.sets import refuse_impossible
from earmark.planning.supply import supply_of
from earmark.planning.worth import worth_of
from earmark.policy import Policy
from earmark.schedule import Ints, Schedule


def pose(book: Book, policy: Policy, as_of: date, include: Collection[str]) -> AllocationProblem:
    """Turn a book as known into the arrays of its allocation problem.

    Raise ContradictionError when a ceiling lies below what is pegged and promised under it.
    """
    return posed(book, policy, as_of, include, planned_orders(book, include)).problem


def posed(
    book: Book,
    policy: Policy,
    as_of: date,
    include: Collection[str],
    planned: Planned,
    since: Since | None = None,
    previous: Schedule | None = None,
) -> Posed:
    """Pose a problem, with what another one `since` can lend of its parts."""
    assert not has_options(book), "orders have one product and one site by now"
    start, end = book.start.toordinal(), book.end.toordinal()
    first = max(start, as_of.toordinal())
    what = positions(book)
    wanted = Wanted(book, planned, previous)
    parties = sorted({*wanted.party_names, *(run.party for run in what.running)})
    names = Names(
        tuple(parties),
        tuple(sorted({*wanted.product_names, *(run.product for run in what.running)})),
        tuple(sorted({site for site in wanted.site_names if site})),
    )
    supply, lot_at = supply_of(book, what, include, names.products)
    ranks = tier_ranks(wanted, policy)
    # What is pegged waits for lots, so that a change of lots can be one of any line.
    lent = since if since and _lends(since, policy, what, wanted, names, ranks) else None

    sizes = _lot_sizes(book, names.products)
    lot = np.ones_like(ranks)
    if policy.round == "lot_down":
        lot = sizes[codes_of(wanted.product, names.products)]
    never = Never(lot, end)

    def raw(some: Ints | None) -> RawLines:
        return lines_of(wanted, what, supply, lot_at, ranks, start, first, never, some)

    worth = worth_of(book, policy, wanted.ids) if policy.value is not None else None
    kept = lines_with(lent, raw(lent.new), wanted, names) if lent else None
    lines, classes = kept or classes_of(raw(None), wanted, names, worth.weight if worth else None)
    days = _days(book, lines, supply, what, first, wanted.before.day)
    builder = NodeBuilder(book, policy, what, names, classes, days, supply)
    # Quotas are parts of supply, and so are the capacities of their nodes.
    anew = bool(policy.quotas) or not lent or lent.sites
    if lent and not anew and _same(lent.posed.problem, classes, days):
        before = lent.posed.problem
        nodes, path = builder.with_roots(before.nodes), before.classes.path
    else:
        nodes, path = builder.build()
    classes = replace(classes, path=path)
    problem = AllocationProblem(
        policy=policy,
        start=start,
        end=end,
        as_of=first,
        orders=wanted.ids,
        parties=names.parties,
        groups=tuple(book.group_of.get(party) for party in names.parties),
        products=names.products,
        lot_size=sizes,
        days=days,
        lengths=np.diff(np.append(days, end)),
        lines=lines,
        classes=classes,
        nodes=nodes,
        supply=supply,
        quotas=builder.quotas(),
        trees=builder.trees(),
        stages=FIRST_TIER + (int(ranks.max()) + 1 if len(ranks) else 0),
        worth=worth,
    )
    refuse_overfull(problem, book)
    problem = with_rules(problem, wanted)
    kept_units = kept_of(problem, wanted.confirm, wanted.before, ranks + FIRST_TIER)
    problem = replace(problem, kept=kept_units)
    refuse_impossible(problem, book, wanted)
    return Posed(problem, what, names, ranks)


def _lends(
    since: Since, policy: Policy, what: Positions, wanted: Wanted, names: Names, ranks: Ints
) -> bool:
    """Tell whether the lines of all orders that have not changed are what they were."""
    before = since.posed
    return (
        policy == before.problem.policy
        and before.problem.rules is None
        and not wanted.ruled.any()
        and not (what.pegs or what.arrivals or before.what.pegs or before.what.arrivals)
        and what.running == before.what.running
        and names == before.names
        and len(since.gone) + len(since.new) <= MOST_CHANGED
        and np.array_equal(np.delete(ranks, since.new), np.delete(before.ranks, since.gone))
    )


MOST_CHANGED = 2_000
"""Orders, above which all lines are sorted again."""


def _same(before: AllocationProblem, classes: Classes, days: Ints) -> bool:
    """Tell whether classes and days are those of the problem before."""
    alike = (np.array_equal(getattr(classes, n), getattr(before.classes, n)) for n in CLASS_COLUMNS)
    return np.array_equal(days, before.days) and all(alike)


def _lot_sizes(book: Book, products: Sequence[str]) -> Ints:
    sizes = dict(
        zip(book.products.column("product"), book.products.column("lot_size"), strict=True)
    )
    return whole_numbers(sizes.get(product, 1) for product in products)


def _days(
    book: Book, lines: Lines, supply: Supply, what: Positions, first: int, promised: Ints
) -> Ints:
    start, end = book.start.toordinal(), book.end.toordinal()
    ready = ordinals(book.readiness.column("date"))
    runs = ordinals(run.day for run in what.running)
    changes = np.concatenate([[start, first], lines.ready, supply.day, ready, runs, promised])
    inside = changes[(changes >= start) & (changes < end)].astype(np.int64)
    days: Ints = start + np.flatnonzero(np.bincount(inside - start))
    return days
