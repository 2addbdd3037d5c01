"""Random tiny books whose orders have rules of their own, as hypothesis strategies.

Few days and units, so that every whole plan can be tried; all else that an engine has to weigh:
tiers, sites whose power falls, ceilings, pegs, promises, sets over products and sites, lots.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from books import book, policy
from hypothesis import strategies as st
from planning.random_books import START, Case, Row

from earmark.policy import PERCENT, SHARES, Quota

LENGTH = 12
"""Days that a book covers."""


@st.composite
def ruled_books(
    draw: Any,
    *,
    crossing: bool = False,
    rounds: tuple[str, ...] = ("unit",),
    ships: tuple[str, ...] = ("usable",),
    most_orders: int = 5,
    most_units: int = 4,
    pegs: bool = True,
    whole: bool = False,
) -> Case:
    """Draw a book with rules; `crossing` adds ceilings, quotas and power shared by products.

    `whole` makes orders, promises and pegs whole lots of two units, and no other quantity.
    """

    def chance(percent: int) -> bool:
        return bool(draw(st.integers(1, 100)) > 100 - percent)

    def one(cells: Any) -> Any:
        return draw(st.sampled_from(list(cells)))

    offsets = sorted(draw(st.sets(st.integers(0, LENGTH - 1), min_size=2, max_size=4)))
    day = st.sampled_from([START + timedelta(days=offset) for offset in offsets])
    products = ["gpu", "tpu"][: one([1, 1, 2])]
    sites = ["s1", "s2"][: one([0, 1, 2])]
    parties = ["p1", "p2", "p3"][: one([1, 2, 3])]
    groups = {party: one([None, "g1", "g2"]) for party in parties}
    rows: dict[str, list[Row]] = {
        "parties": [{"party": party, "group": groups[party]} for party in parties],
        "products": [
            {"product": name, "lot_size": 2 if whole else one([1, 2, 3])} for name in products
        ],
        "readiness": _readiness(draw, day, products, sites, crossing=crossing),
        "lots": [
            {
                "lot": f"l{i}",
                "product": one(products),
                "date": draw(day),
                "quantity": one([1, 2, 3, 4, 6]),
            }
            for i in range(draw(st.integers(1, 3)))
        ],
    }
    step = 2 if whole else 1
    rows["orders"] = orders = []
    for i in range(draw(st.integers(1, most_orders))):
        quantity = step * draw(st.integers(1, most_units // step))
        order: Row = {
            "order": f"o{i}",
            "party": one(parties),
            "product": one(products),
            "site": one([*sites, None]),
            "quantity": quantity,
            "due": draw(day) - timedelta(days=one([0, 0, 0, 3])),
            "tier": one([1, 1, 2, 3]),
            "booked": draw(day) if chance(40) else None,
            "promised": step * draw(st.integers(1, quantity // step)) if chance(15) else 0,
        }
        orders.append(order | _rules(draw, chance(65), quantity, 0 if whole else 1))
    rows["moves"] = _moves(draw, rows, step) if pegs and chance(40) else []
    names = sorted({*parties, *groups.values()} - {None})
    rule: dict[str, Any] = {
        "tiers": one(["order", "order", "one", "booked"]),
        "share": one(SHARES),
        "count_promised": chance(20),
        "weights": {p: Decimal(one(["0.5", "2", "3"])) for p in parties if chance(25)},
        "round": one(rounds),
        "ship": one(ships),
    }
    if crossing:
        rule["ceilings"] = {name: draw(st.integers(0, 6)) for name in names if chance(40)}
        quota = [Quota(3), Quota(1, 2), Quota(300_000, PERCENT), Quota(1, 1)]
        rule["quotas"] = {name: one(quota) for name in names if chance(20)}
    made = book(start=START, end=START + timedelta(days=LENGTH), **rows)
    return Case(made, policy("own", **rule), START if chance(70) else draw(day))


def _rules(draw: Any, given: bool, quantity: int, over: int) -> Row:
    """Draw rules of one order, several at a time as well; `min_ship` is `over` it at most."""
    if not given:
        return {}
    chosen = draw(st.sets(st.sampled_from(["min_ship", "max_late_days", "together"]), min_size=1))
    least = st.one_of(st.integers(1, quantity), st.integers(1, quantity + over))
    late = st.sampled_from([0, 0, 1, 2, 4, 6, 99])
    words = st.sampled_from(["hall", "hall", "rack"])
    cells = {"min_ship": least, "max_late_days": late, "together": words}
    return {name: draw(cells[name]) for name in sorted(chosen)}


def _readiness(
    draw: Any, day: Any, products: list[str], sites: list[str], *, crossing: bool
) -> list[Row]:
    rows = []
    for site in sites:
        limits: list[str | None] = [*products]
        if crossing and draw(st.booleans()):
            limits.append(None)
        for product in limits:
            if draw(st.integers(0, 5)):
                for date in sorted(draw(st.sets(day, min_size=1, max_size=3))):
                    units = draw(st.integers(0, 6))
                    rows.append({"site": site, "product": product, "date": date, "units": units})
    return rows


def _moves(draw: Any, rows: dict[str, list[Row]], step: int) -> list[Row]:
    """Draw units that run from the start, and earmarks of `step` units that are there."""
    moves: list[Row] = []
    sites = sorted({row["site"] for row in rows["readiness"]})
    if sites and draw(st.booleans()):
        place = {"party": "p1", "product": "gpu", "site": draw(st.sampled_from(sites))}
        moves.append(place | {"kind": "opening", "quantity": draw(st.integers(1, 2))})
    free = {row["lot"]: row["quantity"] for row in rows["lots"]}
    for order in rows["orders"]:
        pairs = [
            row["lot"]
            for row in rows["lots"]
            if row["product"] == order["product"] and free[row["lot"]] >= step
        ]
        if pairs and draw(st.integers(0, 2)) == 0:
            lot = draw(st.sampled_from(pairs))
            units = step * draw(st.integers(1, min(free[lot], order["quantity"]) // step))
            free[lot] -= units
            moves.append(
                {"kind": "earmark", "lot": lot, "order": order["order"], "quantity": units}
            )
    for i, row in enumerate(moves):
        row |= {"move": f"m{i}", "date": START}
    return moves
