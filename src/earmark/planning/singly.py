"""Orders with rules of their own, one by one within their tier.

First the tier is served as if it had no rules: that says what its other orders hold. Then each
order with a rule, in due order, takes of the room that is left what its rule allows. Last the
others share all that these have not taken, and so have on every day as much as before, or more.
"""

from collections.abc import Callable, Iterator

import numpy as np

from earmark.coded import NEVER
from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import AllocationProblem, Rules
from earmark.planning.sharing import Firm
from earmark.planning.shipments import shipped
from earmark.schedule import Bools, Ints

Serve = Callable[[AllocationProblem, Ints, Ints, Ints, Firm], Ints]
"""Problem, classes, demand, slack and firm units to (k, T) units granted."""


def serve_with_rules(
    problem: AllocationProblem,
    rules: Rules,
    classes: Ints,
    demand: Ints,
    slack: Ints,
    firm: Firm,
    serve: Serve,
) -> Ints:
    """Return (k, T) units granted to the classes of a stage, those with rules behind the others.

    `slack` (N, T) is what nodes have after better stages; `firm` counts as held in shares.
    """
    path = problem.classes.path[classes]
    others = int(np.searchsorted(problem.classes.single[classes], 0))
    left = slack.copy()
    _take_what_others_hold(problem, rules, classes, left, firm, serve)
    given = np.zeros_like(demand)
    free = slack.copy()
    for some in _turns(problem, rules, classes[others:]):
        members = others + some
        given[members] = _served_alone(problem, rules, classes[members], left)
        used = _room_of(problem, classes[members], given[members])
        add_along(left, path[members], -used)
        add_along(free, path[members], -used)
    if others:
        held = _with(problem, classes[others:], firm, demand[others:], given[others:])
        given[:others] = serve(problem, classes[:others], demand[:others], free, held)
    return given


def _take_what_others_hold(
    problem: AllocationProblem, rules: Rules, classes: Ints, left: Ints, firm: Firm, serve: Serve
) -> None:
    """Take from `left` what orders without rules hold where nobody has any."""
    relaxed = rules.relaxed
    whole = np.unique(rules.merged[classes])
    held = serve(relaxed, whole, relaxed.demand(whole), left, firm)
    alone = np.zeros(len(problem.orders), np.bool_)
    alone[problem.classes.single[classes[problem.classes.single[classes] >= 0]]] = True
    begin, stop = relaxed.first_lines[whole[0]], relaxed.first_lines[whole[-1] + 1]
    lines = begin + np.flatnonzero(alone[relaxed.lines.order[begin:stop]])
    cls = relaxed.lines.cls[lines]
    ends = relaxed.line_ends[lines] - np.append(0, relaxed.line_ends)[relaxed.first_lines[cls]]
    units = relaxed.lines.quantity[lines]
    place = np.searchsorted(whole, cls)
    others = held.copy()
    for k, last, quantity in zip(place.tolist(), ends.tolist(), units.tolist(), strict=True):
        others[k] -= np.clip(held[k] - (last - quantity), 0, quantity)
    add_along(left, relaxed.classes.path[whole], -others)


def _turns(problem: AllocationProblem, rules: Rules, classes: Ints) -> Iterator[Ints]:
    """Yield, by tier and due, the classes by position that are served at once: one, or a set."""
    lines, line = problem.lines, problem.first_lines[classes]
    order, tier = problem.classes.single[classes], problem.classes.tier[classes]
    rank = np.lexsort((order, lines.booked[line], lines.due[line], lines.ready[line], tier))
    sets = rules.together[order]
    done: set[int] = set()
    for k in rank.tolist():
        if sets[k] < 0:
            yield np.array([k])
        elif sets[k] not in done:
            done.add(int(sets[k]))
            yield np.flatnonzero(sets == sets[k])


def _served_alone(problem: AllocationProblem, rules: Rules, classes: Ints, left: Ints) -> Ints:
    """Return (k, T) units granted to one order, or to the orders of a set."""
    lines, line = problem.lines, problem.first_lines[classes]
    order, quantity = problem.classes.single[classes], lines.quantity[line]
    path = problem.classes.path[classes]
    given = np.zeros((len(classes), len(problem.days)), np.int64)
    first = int(np.searchsorted(problem.days, lines.ready[line].max()))
    last = int(rules.last[order].min())
    stop = int(np.searchsorted(problem.days, last, side="right")) if last < NEVER else None
    if rules.together[order[0]] >= 0:
        wanted = _room_of(problem, classes, quantity[:, None])[:, 0]
        fits = np.flatnonzero(_all_fit(path, wanted, left)[first:stop])
        if len(fits):
            given[:, first + fits[0] :] = quantity[:, None]
        return given
    room = _room(path[0], left)[first:stop]
    if not len(room):
        return given
    size = _lot(problem, int(classes[0]))
    least = int(rules.least[order[0]])
    # The shipment with the broken last lot has so many units, too.
    least = -(-(least + -int(quantity[0]) % size) // size) if least > 1 else 1
    lots = shipped(-(-int(quantity[0]) // size), room // size, least, problem.lengths[first:stop])
    given[0, first:] = lots[-1]
    given[0, first:stop] = lots
    given[0] = np.minimum(given[0] * size, quantity[0])
    return given


def _room_of(problem: AllocationProblem, classes: Ints, units: Ints) -> Ints:
    """Return what units (k, T) take of the limits: in lots a broken last part takes a whole one."""
    sizes = np.array([_lot(problem, int(cls)) for cls in classes])[:, None]
    whole: Ints = -(-units // sizes) * sizes
    return whole


def _lot(problem: AllocationProblem, cls: int) -> int:
    """Return the units of a lot where the policy gives whole lots, else 1."""
    whole = problem.policy.in_lots
    return int(problem.lot_size[problem.classes.product[cls]]) if whole else 1


def _room(path: Ints, left: Ints) -> Ints:
    """Return (T,) what can be given for good under all nodes of a path."""
    room: Ints = from_the_end(left[path[path >= 0]]).min(axis=0)
    return np.maximum(room, 0)


def _all_fit(path: Ints, quantity: Ints, left: Ints) -> Bools:
    """Tell of each day (T,) whether all orders of a set, (k, slots) and (k,), have room at once."""
    wanted = np.zeros(len(left) + 1, np.int64)
    np.add.at(wanted, path.ravel(), np.repeat(quantity, path.shape[1]))
    nodes = np.flatnonzero(wanted[:-1])
    room: Ints = from_the_end(left[nodes])
    fits: Bools = np.all(room >= wanted[nodes, None], axis=0)
    return fits


def _with(problem: AllocationProblem, classes: Ints, firm: Firm, demand: Ints, given: Ints) -> Firm:
    """Return what counts as held in shares, orders that were served alone among it."""
    of = problem.classes
    sizes = np.array([_lot(problem, int(cls)) for cls in classes])[:, None]
    return Firm(
        np.append(firm.party, of.party[classes]),
        np.append(firm.product, of.product[classes]),
        np.concatenate([firm.due, demand / sizes]),
        np.concatenate([firm.held, given / sizes]),
    )
