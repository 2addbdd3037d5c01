"""Earlier promises held against a plan: who had to keep what, and who is excepted by name."""

from collections.abc import Iterator

from earmark.audit.facts import Facts
from earmark.audit.proof import Grants
from earmark.book import Book
from earmark.schedule import Ints, Plan, Schedule

_Levels = dict[int, int]
UNTIED = (None, "redistribute", "lose")
"""The words of `confirm` that hold an order to nothing."""


def unkept(
    book: Book, plan: Plan, previous: Schedule | None, facts: Facts, grants: Grants
) -> Iterator[tuple[str, str]]:
    """Yield, as kind and order, what `confirm` of an order asks for and the plan does not do."""
    if not facts.confirmed:
        return
    words = dict(zip(book.orders.columns["order"], book.orders.columns["confirm"], strict=True))
    excepted = {missed.order for missed in plan.missed}
    now_of = _levels(facts.orders, grants.order, grants.day, grants.quantity)
    then_of = {}
    if previous is not None:
        then_of = _levels(previous.orders, previous.order, previous.day, previous.quantity)
    for place, order in enumerate(facts.orders):
        word = words[order]
        if word in UNTIED:
            continue
        first = max(facts.first_new, int(facts.due[place])) if word != "fill" else 0
        then = _not_before(then_of.get(order, {}), first)
        kept = _keeps(word, now_of.get(order, {}), then, facts, place)
        if word == "fill" and not kept:
            yield "filled_beyond", order
        elif word != "fill" and kept == (order in excepted):
            yield "wrong_exception", order


def _keeps(word: str, now: _Levels, then: _Levels, facts: Facts, place: int) -> bool:
    if word == "win":
        day = max(int(facts.due[place]), facts.first_new)
        return _at(now, day) >= int(facts.quantity[place])
    if word == "gain":
        return all(_at(now, day) >= units for day, units in then.items())
    if word == "improve":
        return _at(now, facts.end) >= _at(then, facts.end)
    firm = int(facts.pegged[place] + facts.promised[place])
    return all(units <= max(firm, _at(then, day)) for day, units in now.items())


def _levels(names: tuple[str, ...], order: Ints, day: Ints, units: Ints) -> dict[str, _Levels]:
    """Return, per order, the units by the end of each day on which there are new ones."""
    levels: dict[str, _Levels] = {}
    rows = zip(order.tolist(), day.tolist(), units.tolist(), strict=True)
    for place, at, quantity in sorted(rows):
        mine = levels.setdefault(names[place], {})
        mine[at] = max(mine.values(), default=0) + quantity
    return levels


def _not_before(levels: _Levels, first: int) -> _Levels:
    """Return the levels with what came before a day on that day."""
    return {max(day, first): units for day, units in levels.items()}


def _at(levels: _Levels, day: int) -> int:
    return max((units for at, units in levels.items() if at <= day), default=0)
