"""Ceilings below what is pegged and promised under them, and the facts that say so."""

from collections.abc import Iterator

import numpy as np

from earmark.book import Book
from earmark.errors import ContradictionError, Problem
from earmark.planning.problem import FIRST_TIER, PEGGED, AllocationProblem
from earmark.schedule import Ints
from earmark.sums import sum_by


def refuse_overfull(problem: AllocationProblem, book: Book) -> None:
    """Raise where a ceiling or quota lies below what is pegged and promised under it."""
    nodes = problem.nodes
    if not np.isin(nodes.slot, (2, 3)).any():
        return
    firm = problem.classes.stage[problem.lines.cls] < FIRST_TIER
    found = []
    for slot in (2, 3):
        node = problem.classes.path[problem.lines.cls, slot]
        mine = firm & (node >= 0)
        held = sum_by(node[mine], problem.lines.quantity[mine], len(nodes.name))
        for n in np.flatnonzero(nodes.slot == slot).tolist():
            room = int(nodes.capacity[n].max(initial=0))
            if held[n] > room:
                facts = _smallest(problem, book, np.flatnonzero(mine & (node == n)), room)
                found.append(_problem(problem, n, room, list(facts)))
    if found:
        raise ContradictionError(found)


def _smallest(problem: AllocationProblem, book: Book, lines: Ints, room: int) -> Iterator[str]:
    """Yield the fewest pegs and promises that do not fit: without any one of them the rest does.

    Of the largest, as many as it takes: one fewer fit, and so do all but any one.
    """
    of = problem.lines
    rank = lines[np.lexsort((of.lot[lines], of.order[lines], -of.quantity[lines]))]
    most = int(np.searchsorted(np.cumsum(of.quantity[rank]), room, side="right")) + 1
    for line in rank[:most].tolist():
        order, units = problem.orders[of.order[line]], int(of.quantity[line])
        row = book.orders.rows[book.orders.positions[order]]
        pegged = problem.classes.stage[of.cls[line]] == PEGGED
        what = f"pegged from {problem.supply.names[of.lot[line]]}" if pegged else "promised"
        yield f"{units} {what} to {order} (orders row {row})"


def _problem(problem: AllocationProblem, node: int, room: int, facts: list[str]) -> Problem:
    nodes, policy = problem.nodes, problem.policy
    name = nodes.name[node]
    limit = policy.ceilings.get(name)
    quota = policy.quotas.get(name)
    said = [f"ceiling of {name} is {limit}"] if limit is not None else []
    said += [f"quota of {name} is {quota}"] if quota is not None else []
    left = f" ({room} are left)" if quota is not None or nodes.holders[node] else ""
    return Problem(
        code="E501",
        message=(
            f"policy {policy.name}: the {' and the '.join(said)}{left}; no plan can keep"
            f" it and {', '.join(facts)}"
        ),
        hint="raise it, or release what is pegged and promised",
    )
