"""The independent check of a plan: every limit kept, every claim of the plan proven again.

Written from docs/meanings.md and from the mathematics of the tiers, sharing no code with the
engine. A plan without violations keeps every limit of the book; one that says `optimal` has, in
each tier and on each day, as many units in use as any plan could have.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earmark.audit.columns import codes, ordinals, within
from earmark.audit.facts import Facts, facts_of
from earmark.audit.loans import overdrawn
from earmark.audit.nodes import GROUP, PARTY, Nodes, nodes_of
from earmark.audit.priced import unpaid
from earmark.audit.promises import UNTIED, unkept
from earmark.audit.proof import Grants, unproven
from earmark.audit.rules import broken
from earmark.book import Book
from earmark.policy import Policy
from earmark.schedule import CAUSES, Bools, Ints, OrderFigures, Plan, Reasons, Schedule


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a plan must not do: `kind` is a stable word, `message` says where."""

    kind: str
    message: str


def audit(
    book: Book,
    policy: Policy,
    plan: Plan,
    figures: OrderFigures | None,
    *,
    as_of: date,
    include: Collection[str],
    previous: Schedule | None = None,
) -> tuple[Violation, ...]:
    """Return everything that is wrong with `plan` for `book` (as known) under `policy`.

    `include` names the states that are planned beyond booked orders and committed lots.
    `figures` are checked against the grants where they are given, and earlier promises against
    `previous`, the grants of an earlier plan.
    """
    facts = facts_of(book, policy, as_of, include)
    malformed = (*_malformed(plan, facts), *_malformed_figures(figures, facts))
    if malformed:
        return malformed
    grants = _grants(plan.schedule, facts)
    nodes = nodes_of(book, policy, facts, _event_days(book, facts, grants))
    return (
        *_order_of_entries(plan.schedule),
        *_days(grants, facts),
        *_supply(grants, facts),
        *_lots(grants, facts, policy, book),
        *_rules(grants, facts),
        *(Violation(kind, f"order {o}") for kind, o in unkept(book, plan, previous, facts, grants)),
        *_room(grants, nodes, facts),
        *(Violation("quota_overdrawn", text) for text in overdrawn(book, policy, facts, grants)),
        *(Violation(*found) for found in unproven(plan, policy, facts, nodes, grants)),
        *(Violation(*found) for found in unpaid(book, plan, policy, facts, nodes, grants)),
        *_causes(plan.reasons, facts, nodes),
        *_reasons(plan.reasons, policy, facts, grants, figures),
        *_figures(figures, policy, facts, grants),
    )


def _malformed(plan: Plan, facts: Facts) -> Iterator[Violation]:
    """Yield what would keep the other checks from reading the plan at all."""
    schedule, reasons = plan.schedule, plan.reasons
    if schedule.orders != facts.orders:
        wrong = sorted(set(schedule.orders) ^ set(facts.orders)) or ["not sorted"]
        yield Violation("wrong_orders", f"not the planned orders: {', '.join(wrong[:5])}")
    if unknown := [lot for lot in schedule.lots if lot not in facts.supplies]:
        yield Violation("unknown_lot", f"no lot of this book: {', '.join(unknown[:5])}")
    grants = (schedule.order, schedule.lot, schedule.day, schedule.quantity, schedule.pegged)
    sizes = [len(schedule.orders), len(schedule.lots)]
    whole = all(column.dtype.kind == "i" for column in grants[:4])
    if not whole or len({len(column) for column in grants}) > 1:
        yield Violation("malformed_grants", "columns of grants are not whole or not of one length")
    elif not within((schedule.order, schedule.lot), sizes).all():
        yield Violation("malformed_grants", "a grant names an order or a lot that is not listed")
    elif schedule.lots != tuple(sorted({schedule.lots[i] for i in np.unique(schedule.lot)})):
        yield Violation("malformed_grants", "lots are not sorted, or some are granted nothing")
    entries = (reasons.order, reasons.cause, reasons.by, reasons.unit_days)
    sizes = [len(schedule.orders), len(CAUSES), len(reasons.holders)]
    whole = all(column.dtype.kind == "i" for column in entries)
    if not whole or len({len(column) for column in entries}) > 1:
        yield Violation("malformed_reasons", "columns of reasons are not whole or of one length")
    elif not within(entries[:3], sizes).all():
        yield Violation("malformed_reasons", "a reason names an order, cause or holder not listed")


def _malformed_figures(figures: OrderFigures | None, facts: Facts) -> Iterator[Violation]:
    if figures is not None and any(
        len(column) != len(facts.orders) for column in figures.columns().values()
    ):
        yield Violation("malformed_figures", "figures do not have one cell per planned order")


def _grants(schedule: Schedule, facts: Facts) -> Grants:
    names = {i: facts.supplies[lot] for i, lot in enumerate(schedule.lots)}
    supply = codes(schedule.lot.tolist(), names)
    return Grants(schedule.order, supply, schedule.day, schedule.quantity, schedule.pegged)


def _event_days(book: Book, facts: Facts, grants: Grants) -> Ints:
    """Return the days of the book on which anything can change, the start among them."""
    changes = np.concatenate(
        [
            [facts.start, facts.first_new],
            facts.due,
            facts.supply_day,
            ordinals(book.readiness.columns["date"]),
            ordinals(book.moves.columns["date"]),
            grants.day,
        ]
    ).astype(np.int64)
    days = np.unique(np.clip(changes, facts.start, None))
    return days[days < facts.end]


def _order_of_entries(schedule: Schedule) -> Iterator[Violation]:
    if (schedule.quantity <= 0).any():
        yield Violation("quantity_not_positive", "a grant of no units or of fewer")
    same, sorted_ = _repeats(schedule)
    if not sorted_:
        rank = np.lexsort((schedule.pegged, schedule.lot, schedule.day, schedule.order))
        columns = (column[rank] for column in _keys_of(schedule))
        same = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    if same.any():
        yield Violation("repeated_grants", "two grants of one order, day and lot")
    if not sorted_:
        yield Violation("unsorted_grants", "grants are not sorted by order, day and lot")


def _keys_of(schedule: Schedule) -> tuple[NDArray[Any], ...]:
    return schedule.order, schedule.day, schedule.lot, schedule.pegged


def _repeats(schedule: Schedule) -> tuple[Bools, bool]:
    """Tell which grants have the key of one before them, and whether all are sorted."""
    order, day, lot, pegged = _keys_of(schedule)
    equal: Bools = np.ones(max(len(order) - 1, 0), bool)
    rising = np.zeros_like(equal)
    for column in (order, day, lot):
        rising |= equal & (column[1:] > column[:-1])
        equal &= column[1:] == column[:-1]
    # Of one order, day and lot there are at most two grants: pegged units and others.
    same = equal & (pegged[1:] == pegged[:-1])
    same[1:] |= equal[1:] & equal[:-1]
    return same, bool((rising | equal).all())


def _days(grants: Grants, facts: Facts) -> Iterator[Violation]:
    """Yield grants before their units are there and wanted, and those after the end."""
    first = np.maximum(facts.supply_day[grants.supply], facts.due[grants.order])
    checks = (
        ("granted_too_early", grants.day < np.maximum(first, facts.start)),
        ("granted_before_as_of", ~grants.pegged & (grants.day < facts.first_new)),
        ("granted_after_end", grants.day >= facts.end),
    )
    for kind, wrong in checks:
        yield from _named(kind, grants.order, wrong, facts)
    named = [product for _, product, _ in facts.kinds]
    products = {product: i for i, product in enumerate({*named, *facts.supply_product})}
    ordered, supplied = codes(named, products), codes(facts.supply_product, products)
    wrong = ordered[facts.kind[grants.order]] != supplied[grants.supply]
    yield from _named("wrong_product", grants.order, wrong, facts)


def _supply(grants: Grants, facts: Facts) -> Iterator[Violation]:
    """Yield lots and orders over their quantity, and pegged units in other hands."""
    free, count = ~grants.pegged, len(facts.orders)
    used = _sums(grants.supply, grants.quantity * free, len(facts.supplies))
    lots = list(facts.supplies)
    over = np.flatnonzero(used > np.maximum(facts.supply_free, 0))[:5]
    if len(over):
        texts = [f"{lots[i]}: {used[i]} of {facts.supply_free[i]} not pegged" for i in over]
        yield Violation("lot_exceeded", ", ".join(texts))
    new = _sums(grants.order, grants.quantity * free, count)
    wrong = new > facts.quantity - facts.pegged
    yield from _named("order_exceeded", np.arange(count), wrong, facts)
    own = facts.peg_supply * count + facts.peg_order
    taken = (grants.supply * count + grants.order)[grants.pegged]
    pairs = np.unique(np.concatenate([own, taken]))
    pegs = _sums(np.searchsorted(pairs, own), facts.peg_quantity, len(pairs))
    drawn = _sums(np.searchsorted(pairs, taken), grants.quantity[grants.pegged], len(pairs))
    yield from _named("peg_exceeded", pairs % max(count, 1), drawn > pegs, facts)


def _rules(grants: Grants, facts: Facts) -> Iterator[Violation]:
    """Yield orders whose own rules are not kept."""
    for kind, orders in broken(grants, facts):
        yield from _named(kind, orders, np.ones(len(orders), bool), facts)


def _lots(grants: Grants, facts: Facts, policy: Policy, book: Book) -> Iterator[Violation]:
    """Yield orders that a policy of whole lots serves in broken lots.

    What stands by an earlier promise was promised in units.
    """
    if not policy.in_lots:
        return
    free = np.ones(len(facts.orders), bool)
    if facts.confirmed:
        words = dict(zip(book.orders.columns["order"], book.orders.columns["confirm"], strict=True))
        free = np.array([words[order] in UNTIED for order in facts.orders], bool)
    cumulative = grants.beyond_promise(facts)
    wanted, size = facts.rest[grants.order], facts.lot_size[grants.order]
    last = np.append((grants.order[1:] != grants.order[:-1]) | (np.diff(grants.day) > 0), True)
    broken = last[: len(grants.order)] & (cumulative % size != 0) & (cumulative != wanted)
    wrong = (broken | (cumulative > wanted)) & free[grants.order]
    yield from _named("lot_broken", grants.order, wrong, facts)


def _room(grants: Grants, nodes: Nodes, facts: Facts) -> Iterator[Violation]:
    """Yield nodes that give more than they have on some day.

    Grants only add up, so room that falls later counts: what was granted before is still there.
    """
    if not len(grants.order):
        return
    count = len(nodes.days)
    column = np.minimum(np.searchsorted(nodes.days, grants.day), count - 1)
    used = np.zeros(len(nodes.room) * count, np.int64)
    alike = facts.kind[grants.order]
    for limit in nodes.of.T:
        if (limit < 0).all():
            continue
        node = limit[alike]
        there = node >= 0
        np.add.at(used, node[there] * count + column[there], grants.quantity[there])
    over = np.cumsum(used.reshape(-1, count), axis=1) > nodes.room
    for kind, limits in _ROOM_KINDS.items():
        found = [i for i in np.flatnonzero(over.any(axis=1)) if nodes.kind[i] in limits]
        if found:
            days = nodes.days[over[found[:5]].argmax(axis=1)].tolist()
            dated = zip(found, map(date.fromordinal, days), strict=False)
            yield Violation(kind, ", ".join(f"{nodes.name[i]} on {day}" for i, day in dated))


_ROOM_KINDS = {
    "power_exceeded": ("power", "joint"),
    "ceiling_exceeded": ("party", "group"),
}
"""Supply is not among them: it is held against each lot, not against their sum."""


def _causes(reasons: Reasons, facts: Facts, nodes: Nodes) -> Iterator[Violation]:
    """Yield orders that blame a site, a ceiling or a peg under which they do not stand."""
    possible: dict[str, Bools] = {
        "site": facts.powered,
        "ceiling": np.any(nodes.of[:, [PARTY, GROUP]] >= 0, axis=1)[facts.kind],
        "peg": facts.pegged > 0,
    }
    for cause, stands in possible.items():
        blamed = (reasons.cause == CAUSES.index(cause)) & (reasons.unit_days != 0)
        wrong = blamed & ~stands[reasons.order]
        yield from _named("impossible_cause", reasons.order, wrong, facts)


def _reasons(
    reasons: Reasons,
    policy: Policy,
    facts: Facts,
    grants: Grants,
    figures: OrderFigures | None,
) -> Iterator[Violation]:
    """Yield reasons that are negative or unsorted, or do not add up to the delay."""
    if (reasons.unit_days < 0).any():
        yield Violation("negative_reason", "a reason of fewer than 0 unit-days")
    keys = reasons.order * len(CAUSES) + reasons.cause
    if (np.diff(keys) < 0).any():
        yield Violation("unsorted_reasons", "reasons are not sorted by order and cause")
    if figures is not None:
        late = figures.late_unit_days + figures.unserved_unit_days
    elif policy.ship == "usable":
        late = _late(facts, grants) + _unserved(facts, grants) * (facts.end - facts.due)
    else:
        return
    told = _sums(reasons.order, reasons.unit_days, len(facts.orders))
    yield from _named("reasons_do_not_add_up", np.arange(len(late)), told != late, facts)


def _figures(
    figures: OrderFigures | None, policy: Policy, facts: Facts, grants: Grants
) -> Iterator[Violation]:
    """Yield figures that do not follow from the grants."""
    if figures is None:
        return
    count, usable = len(facts.orders), policy.ship == "usable"
    unserved, late = _unserved(facts, grants), _late(facts, grants)
    first, last = np.full(count, facts.end), np.zeros(count, np.int64)
    np.minimum.at(first, grants.order, grants.day)
    np.maximum.at(last, grants.order, grants.day)
    received = _sums(grants.order, grants.quantity * (facts.end - grants.day), count)
    waited = _sums(grants.order, grants.quantity, count) * (facts.end - facts.due)
    idle = figures.idle_unit_days
    checks = {
        "quantity": figures.quantity != facts.quantity,
        "granted": figures.granted != facts.quantity - unserved,
        "unserved": figures.unserved != unserved,
        "first": figures.first != np.where(last > 0, first, 0),
        "last": figures.last != last,
        "received_unit_days": figures.received_unit_days != received,
        "active_unit_days": (figures.active_unit_days < 0)
        | (figures.active_unit_days + idle != received),
        "idle_unit_days": (idle != 0) if usable else (idle < 0),
        "late_unit_days": (figures.late_unit_days != late)
        if usable
        else (figures.late_unit_days < late) | (figures.late_unit_days > waited),
        "unserved_unit_days": figures.unserved_unit_days != unserved * (facts.end - facts.due),
    }
    for name, wrong in checks.items():
        yield from _named(f"wrong_{name}", np.arange(count), wrong, facts)


def _late(facts: Facts, grants: Grants) -> Ints:
    days = grants.day - facts.due[grants.order]
    return _sums(grants.order, grants.quantity * days, len(facts.orders))


def _unserved(facts: Facts, grants: Grants) -> Ints:
    return facts.quantity - _sums(grants.order, grants.quantity, len(facts.orders))


def _sums(place: Ints, cells: Ints, count: int) -> Ints:
    total = np.zeros(count, np.int64)
    np.add.at(total, place, cells)
    return total


def _named(kind: str, order: Ints, wrong: Bools, facts: Facts) -> Iterator[Violation]:
    """Yield one violation that names the first few orders where `wrong` holds."""
    places = np.unique(order[wrong])
    if len(places):
        ids = ", ".join(facts.orders[i] for i in places[:5])
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        yield Violation(kind, f"orders {ids}{more}")
