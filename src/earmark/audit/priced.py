"""The proof of a priced plan: what it costs against what its prices show that every plan costs.

The prices come with the plan, and it does not matter from where: whatever they are, from 0 up, they
prove a lower bound. So the gap is checked without trust in any solver.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from earmark.audit.facts import Facts
from earmark.audit.nodes import Nodes, held_back, levels_of
from earmark.audit.proof import Grants
from earmark.book import Book
from earmark.policy import Policy
from earmark.schedule import Ints, Plan, Prices

Reals = NDArray[np.float64]

SMALLEST = 1e-6
"""A gap below this may be told as none."""


def unpaid(
    book: Book, plan: Plan, policy: Policy, facts: Facts, nodes: Nodes, grants: Grants
) -> Iterator[tuple[str, str]]:
    """Yield, as kind and message, what the prices of a plan do not prove of it."""
    if (policy.value is None) != (plan.prices is None):
        yield "wrong_prices", "prices go with policies that have a value, and with no other"
    if policy.value is None or plan.prices is None or not len(facts.orders):
        return
    if not (np.isfinite(plan.prices.held).all() and (plan.prices.held >= 0).all()):
        yield "wrong_prices", "a price below 0"
        return
    weight = _weights(book, policy, facts)
    units = np.maximum(facts.quantity - facts.pegged - facts.promised, 0)
    beyond = grants.beyond_promise(facts)
    free = np.where(grants.pegged, 0, grants.quantity)
    before = np.maximum(grants.free_so_far() - free - facts.promised[grants.order], 0)
    own = beyond - before
    saved = own * (facts.end - grants.day)
    cost = float((weight * units) @ (facts.end - facts.due) - weight[grants.order] @ saved)
    least = _least(plan.prices, facts, nodes, weight, units, _room(facts, nodes, grants, own))
    missing = cost - least - (plan.gap + SMALLEST) * abs(cost)
    if missing > 1e-9 * max(abs(cost), 1.0):
        yield "gap_too_small", f"costs {cost:g}, proven {least:g}, gap said {plan.gap:g}"
    if least > cost * (1 + 1e-6) + 1e-6:
        yield "gap_too_small", f"costs {cost:g}, less than the {least:g} that its prices prove"


def _weights(book: Book, policy: Policy, facts: Facts) -> Reals:
    """Return the cost of a unit-day of each order, from the records."""
    columns = book.orders.columns
    row = {name: i for i, name in enumerate(columns["order"])}
    rows = [row[name] for name in facts.orders]
    if policy.value == "tier":
        cells = list(columns["tier"])
        tiers = [cells[i] for i in rows]
        rank = {tier: i for i, tier in enumerate(sorted(set(tiers), reverse=True))}
        return np.array([10.0 ** rank[tier] for tier in tiers])
    if policy.value == "weight":
        weights = list(columns["weight"])
        return np.array([1.0 if weights[i] is None else float(weights[i]) for i in rows])
    own, product = list(columns["unit_price"]), list(columns["product"])
    of_products = book.products.columns
    listed = dict(zip(of_products["product"], of_products["unit_price"], strict=True))
    prices = [own[i] if own[i] is not None else listed.get(product[i]) for i in rows]
    return np.array([float(price or 0) for price in prices])


def _room(facts: Facts, nodes: Nodes, grants: Grants, own: Ints) -> Ints:
    """Return the room of each limit after all that is pegged and promised."""
    firm = grants.quantity - own
    left = nodes.room.copy()
    supply = np.array([kind == "supply" for kind in nodes.kind])
    for column in nodes.of[facts.kind].T:
        node = column[grants.order]
        drawn = np.where(grants.pegged & supply[node] & (node >= 0), 0, firm)
        left -= levels_of(len(left), nodes.days, node, grants.day, drawn)
    return np.maximum(held_back(left), 0)


def _least(
    prices: Prices, facts: Facts, nodes: Nodes, weight: Reals, units: Ints, room: Ints
) -> float:
    """Return what every plan costs at least: each unit takes its cheapest day, tolls included."""
    priced = {key: i for i, key in enumerate(zip(prices.kind, prices.name, strict=True))}
    row = [priced.get(key, -1) for key in zip(nodes.kind, nodes.name, strict=True)]
    held = np.concatenate([prices.held, np.zeros((1, len(prices.days)))])[row]
    unit = np.cumsum(held[:, ::-1], axis=1)[:, ::-1]
    # Only these days matter: between two of them a unit only waits, at the same tolls.
    days = np.unique(np.concatenate([prices.days, [facts.first_new], facts.due]))
    days = days[(days >= facts.first_new) & (days < facts.end)]
    place = np.searchsorted(prices.days, days, side="right") - 1
    last = np.append(prices.days[1:], facts.end) - 1
    level = np.searchsorted(nodes.days, last, side="right") - 1
    worth = float((held * room[:, level]).sum())
    keys = np.column_stack(
        [nodes.of[facts.kind], np.unique(weight, return_inverse=True)[1].reshape(-1)]
    )
    alike, member = np.unique(keys, axis=0, return_inverse=True)
    member = member.reshape(-1)
    example = np.unique(member, return_index=True)[1]
    toll = np.zeros((len(alike), len(days)))
    for column in alike[:, :-1].T:
        under = column >= 0
        toll[under] += unit[column[under]][:, place]
    at = weight[example][:, None] * days + toll
    best = np.minimum.accumulate(at[:, ::-1], axis=1)[:, ::-1]
    never = weight * facts.end
    first = np.searchsorted(days, np.maximum(facts.due, facts.first_new))
    inside = first < len(days)
    cheapest = never.copy()
    cheapest[inside] = np.minimum(never[inside], best[member[inside], first[inside]])
    return float((cheapest - weight * facts.due) @ units) - worth
