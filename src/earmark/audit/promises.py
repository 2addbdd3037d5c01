"""Earlier promises held against a plan: who had to keep what, and who is excepted by name."""

from collections.abc import Iterator

import numpy as np

from earmark.audit.facts import Facts
from earmark.audit.proof import Grants
from earmark.book import Book
from earmark.schedule import Ints, Plan, Schedule


def unkept(
    book: Book, plan: Plan, previous: Schedule | None, facts: Facts, grants: Grants
) -> Iterator[tuple[str, str]]:
    """Yield, as kind and order, what `confirm` of an order asks for and the plan does not do."""
    words = dict(zip(book.orders.columns["order"], book.orders.columns["confirm"], strict=True))
    excepted = {missed.order for missed in plan.missed}
    for place, order in enumerate(facts.orders):
        word = words[order]
        if word in (None, "redistribute", "lose"):
            continue
        now = _levels(grants.order == place, grants.day, grants.quantity)
        first = max(facts.first_new, int(facts.due[place])) if word != "fill" else 0
        then = _earlier(previous, order, first)
        kept = _keeps(word, now, then, facts, place)
        if word == "fill" and not kept:
            yield "filled_beyond", order
        elif word != "fill" and kept == (order in excepted):
            yield "wrong_exception", order


def _keeps(word: str, now: dict[int, int], then: dict[int, int], facts: Facts, place: int) -> bool:
    if word == "win":
        day = max(int(facts.due[place]), facts.first_new)
        return _at(now, day) >= int(facts.quantity[place])
    if word == "gain":
        return all(_at(now, day) >= units for day, units in then.items())
    if word == "improve":
        return _at(now, facts.end) >= _at(then, facts.end)
    firm = int(facts.pegged[place] + facts.promised[place])
    return all(units <= max(firm, _at(then, day)) for day, units in now.items())


def _levels(some: Ints, day: Ints, units: Ints) -> dict[int, int]:
    """Return the units by the end of each day on which there are new ones."""
    levels: dict[int, int] = {}
    total = 0
    for at, quantity in sorted(zip(day[some].tolist(), units[some].tolist(), strict=True)):
        total += quantity
        levels[at] = total
    return levels


def _earlier(previous: Schedule | None, order: str, first: int) -> dict[int, int]:
    if previous is None or order not in previous.orders:
        return {}
    mine = previous.order == previous.orders.index(order)
    return _levels(mine, np.maximum(previous.day, first), previous.quantity)


def _at(levels: dict[int, int], day: int) -> int:
    return max((units for at, units in levels.items() if at <= day), default=0)
