"""What quotas came to: units allowed, used, borrowed and lent by the end, and when they bind."""

from collections.abc import Iterator, Sequence

import numpy as np

from earmark.planning.lending import Lending, Loans, left_within, loans
from earmark.planning.paths import add_along
from earmark.planning.problem import FIRST_TIER, AllocationProblem
from earmark.planning.quotas import under_quotas
from earmark.planning.tiers import Served
from earmark.schedule import Allowance, Bools


def allowances(problem: AllocationProblem, served: Sequence[Served]) -> Iterator[Allowance]:
    """Yield what each quota came to, by party or group, then product, then tier."""
    if problem.policy.quotas:
        found = [*_of_the_whole(problem, served), *_of_what_remains(problem, served)]
        yield from sorted(found, key=lambda one: (one.name, one.product, one.tier or 0))


def _of_the_whole(problem: AllocationProblem, served: Sequence[Served]) -> Iterator[Allowance]:
    given = np.zeros_like(problem.nodes.capacity)
    short = np.zeros(given.shape, np.bool_)
    for stage in served:
        add_along(given, problem.classes.path[stage.classes], stage.given)
        short |= _short(problem, stage)
    for tree in problem.trees:
        held = given[tree.node]
        held[tree.node < 0] = 0
        now = loans(tree, held)
        for row, name in enumerate(tree.name):
            quota = problem.policy.quotas[name]
            asked = short[tree.node[row]] & (tree.node[row] >= 0)
            yield Allowance(
                name=name,
                product=problem.products[tree.product],
                quota=str(quota),
                of=None if quota.bottom is None else "whole",
                tier=None,
                allowed=int(tree.quota[row, -1]),
                used=int(held[row, -1]),
                borrowed=int(now.borrowed[row, -1]),
                lent=int(now.lent[row, -1]),
                binds=_first(problem, asked & _used_up(tree, row, now)),
            )


def _used_up(tree: Lending, row: int, now: Loans) -> Bools:
    """Tell on which days a quota has nothing left, although there is more of the product."""
    left = left_within(tree, now, row, int(tree.parent[row]), outside=True)
    nothing: Bools = (left <= 0) & (tree.quota[row] < tree.supply)
    return nothing


def _of_what_remains(problem: AllocationProblem, served: Sequence[Served]) -> Iterator[Allowance]:
    """Yield a quota of what remains once for each tier in which the holder asks for anything."""
    quotas, slack = problem.quotas, problem.nodes.capacity.copy()
    for stage in served if len(quotas.node) else ():
        used = np.zeros_like(slack)
        add_along(used, problem.classes.path[stage.classes], stage.given)
        allowed = under_quotas(quotas, slack)
        asking = np.unique(problem.classes.path[stage.classes])
        short = _short(problem, stage)
        for node, root in zip(quotas.node.tolist(), quotas.root.tolist(), strict=True):
            if stage.stage < FIRST_TIER or node not in asking:
                continue
            whole = (allowed[node] - used[node] <= 0) & (allowed[node] < slack[root])
            name = problem.nodes.name[node]
            yield Allowance(
                name=name,
                product=problem.nodes.name[root],
                quota=str(problem.policy.quotas[name]),
                of="remaining",
                tier=stage.stage - FIRST_TIER + 1,
                allowed=int(allowed[node, -1]),
                used=int(used[node, -1]),
                borrowed=0,
                lent=0,
                binds=_first(problem, short[node] & whole),
            )
        slack -= used


def _short(problem: AllocationProblem, stage: Served) -> Bools:
    """Return (N, T) under which nodes a stage is given less than it asks for."""
    lacks = np.zeros_like(problem.nodes.capacity)
    add_along(lacks, problem.classes.path[stage.classes], stage.demand - stage.given)
    return lacks > 0


def _first(problem: AllocationProblem, days: Bools) -> int:
    """Return the first of some days (T,), an ordinal, 0 for none."""
    return int(problem.days[int(days.argmax())]) if days.any() else 0
