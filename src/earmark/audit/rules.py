"""The rules of single orders, held against what was granted beyond pegs and promises."""

from collections.abc import Iterator

import numpy as np

from earmark.audit.facts import Facts
from earmark.audit.proof import Grants
from earmark.schedule import Ints


def broken(grants: Grants, facts: Facts) -> Iterator[tuple[str, Ints]]:
    """Yield, as kind and orders by position, the rules of orders that grants do not keep."""
    if not facts.ruled.any():
        return
    order, day, units = _shipments(grants, facts)
    least = np.minimum(facts.min_ship, facts.rest)[order]
    yield "shipped_below_least", order[units < least]
    yield "shipped_too_late", order[day > facts.last_day[order]]
    yield "not_together", _apart(order, day, units, facts.rest, facts.together)


def _shipments(grants: Grants, facts: Facts) -> tuple[Ints, Ints, Ints]:
    """Return order, day and units of what the tiers give to an order on a day, where it is any."""
    beyond, count = grants.beyond_promise(facts), len(grants.order)
    last = np.ones(count, bool)
    last[:-1] = (grants.order[1:] != grants.order[:-1]) | (grants.day[1:] != grants.day[:-1])
    order, day, level = grants.order[last], grants.day[last], beyond[last]
    before = np.zeros_like(level)
    same = order[1:] == order[:-1]
    before[1:][same] = level[:-1][same]
    some = level > before
    return order[some], day[some], (level - before)[some]


def _apart(order: Ints, day: Ints, units: Ints, rest: Ints, together: Ints) -> Ints:
    """Return orders of sets that are neither granted whole on one day nor not at all."""
    wrong = [np.zeros(0, np.int64)]
    for name in np.unique(together[order][together[order] >= 0]).tolist():
        members = np.flatnonzero((together == name) & (rest > 0))
        mine = together[order] == name
        whole = np.array_equal(order[mine], members) and np.array_equal(units[mine], rest[members])
        if not whole or len(np.unique(day[mine])) > 1:
            wrong.append(members)
    return np.concatenate(wrong)
