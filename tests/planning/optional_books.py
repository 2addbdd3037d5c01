"""Random tiny books whose orders name several products or sites, as hypothesis strategies.

Few days and units, so that every whole plan can be tried; all else that a choice has to weigh:
tiers, sites whose power falls or is shared by products, ceilings, pegs, promises, factors, and
sites that must not share an order.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from books import book, policy
from hypothesis import strategies as st
from planning.random_books import START, Case, Row

from earmark.policy import SHARES, Quota

LENGTH = 12
"""Days that a book covers."""


@st.composite
def optional_books(
    draw: Any,
    *,
    crossing: bool = False,
    firm: bool = True,
    factors: bool = True,
    rounds: tuple[str, ...] = ("unit",),
    most_orders: int = 5,
    most_units: int = 4,
) -> Case:
    """Draw a book; `firm` adds pegs and promises, `crossing` ceilings and shared power."""

    def chance(percent: int) -> bool:
        return bool(draw(st.integers(1, 100)) > 100 - percent)

    def one(cells: Any) -> Any:
        return draw(st.sampled_from(list(cells)))

    offsets = sorted(draw(st.sets(st.integers(0, LENGTH - 1), min_size=2, max_size=4)))
    day = st.sampled_from([START + timedelta(days=offset) for offset in offsets])
    products = ["gpu", "tpu", "npu"][: one([2, 2, 3])]
    sites = ["s1", "s2"][: one([0, 1, 2, 2])]
    parties = ["p1", "p2"][: one([1, 2])]
    rows: dict[str, list[Row]] = {
        "parties": [{"party": party, "group": one([None, "g1"])} for party in parties],
        "products": [{"product": name, "lot_size": one([1, 2])} for name in products],
        "readiness": _readiness(draw, day, products, sites, crossing=crossing),
        "lots": [
            {
                "lot": f"l{i}",
                "product": one(products),
                "date": draw(day),
                "quantity": one([1, 2, 2, 3, 4]),
            }
            for i in range(draw(st.integers(1, 4)))
        ],
    }
    rows["orders"] = orders = []
    for i in range(draw(st.integers(1, most_orders))):
        chosen = draw(st.permutations(products))[: one([1, 2, 2, 3] if i else [2, 3])]
        there: list[str | None] = [*draw(st.permutations(sites))[: one([1, 1, 2])]]
        quantity = draw(st.integers(1, most_units))
        order: Row = {
            "order": f"o{i}",
            "party": one(parties),
            "product": ";".join(chosen),
            "site": ";".join(filter(None, there)) or None if chance(80) else None,
            "quantity": quantity,
            "due": draw(day) - timedelta(days=one([0, 0, 0, 3])),
            "tier": one([1, 1, 1, 2]),
            "booked": draw(day) if chance(30) else None,
            "promised": draw(st.integers(1, quantity)) if firm and chance(20) else 0,
        }
        if len(chosen) > 1 and factors and chance(30):
            order["factors"] = _factors(draw, len(chosen))
        if ";" in (order["site"] or "") and not order["promised"] and chance(40):
            order["split"] = "no"
        orders.append(order)
    rows["moves"] = _moves(draw, rows) if firm and chance(50) else []
    rule: dict[str, Any] = {
        "tiers": one(["order", "order", "one", "booked"]),
        "share": one(SHARES),
        "round": one(rounds),
        "ship": one(["usable", "usable", "due"]),
        "weights": {p: Decimal(one(["0.5", "2"])) for p in parties if chance(20)},
    }
    if crossing:
        rule["ceilings"] = {p: draw(st.integers(2, 6)) for p in [*parties, "g1"] if chance(30)}
        rule["quotas"] = {p: one([Quota(4), Quota(1, 2)]) for p in parties if chance(15)}
    made = book(start=START, end=START + timedelta(days=LENGTH), **rows)
    return Case(made, policy("own", **rule), START if chance(70) else draw(day))


def _factors(draw: Any, count: int) -> str:
    given = [draw(st.sampled_from([1, 2, 3])) for _ in range(count)]
    given[draw(st.integers(0, count - 1))] = 1
    return ";".join(map(str, given))


def _readiness(
    draw: Any, day: Any, products: list[str], sites: list[str], *, crossing: bool
) -> list[Row]:
    rows = []
    for site in sites:
        limits: list[str | None] = [*products]
        if crossing and draw(st.booleans()):
            limits = [None, *(name for name in products if draw(st.booleans()))]
        for product in limits:
            if draw(st.integers(0, 5)):
                for date in sorted(draw(st.sets(day, min_size=1, max_size=2))):
                    units = draw(st.integers(0, 5))
                    rows.append({"site": site, "product": product, "date": date, "units": units})
    return rows


def _moves(draw: Any, rows: dict[str, list[Row]]) -> list[Row]:
    """Draw units that run from the start, and earmarks of units that are there."""
    moves: list[Row] = []
    sites = sorted({row["site"] for row in rows["readiness"]})
    if sites and draw(st.booleans()):
        place = {"party": "p1", "product": "gpu", "site": draw(st.sampled_from(sites))}
        moves.append(place | {"kind": "opening", "quantity": draw(st.integers(1, 2))})
    free = {row["lot"]: row["quantity"] for row in rows["lots"]}
    for order in rows["orders"]:
        names = order["product"].split(";")
        factors = dict(zip(names, map(int, order.get("factors", "1;1;1").split(";")), strict=False))
        pairs = [
            row["lot"]
            for row in rows["lots"]
            if row["product"] in names
            and free[row["lot"]]
            and factors[row["product"]] <= order["quantity"]
        ]
        if pairs and order.get("split") is None and draw(st.integers(0, 2)) == 0:
            lot = draw(st.sampled_from(pairs))
            product = next(row["product"] for row in rows["lots"] if row["lot"] == lot)
            most = min(free[lot], order["quantity"] // factors[product])
            units = draw(st.integers(1, most))
            free[lot] -= units
            moves.append(
                {"kind": "earmark", "lot": lot, "order": order["order"], "quantity": units}
            )
    for i, row in enumerate(moves):
        row |= {"move": f"m{i}", "date": START}
    earmarks = [row for row in moves if row["kind"] == "earmark"]
    if earmarks and draw(st.booleans()):
        moves += _later(draw, rows["orders"], earmarks, len(moves))
    return moves


def _later(draw: Any, orders: list[Row], earmarks: list[Row], count: int) -> list[Row]:
    """Draw what becomes of an earmark on the next day: shipped, released or redirected."""
    earmark = draw(st.sampled_from(earmarks))
    pegged = {row["order"]: row["quantity"] for row in earmarks}
    row = {
        "move": f"m{count}",
        "kind": draw(st.sampled_from(["ship", "release", "redirect", "redirect"])),
        "date": START + timedelta(days=1),
        "quantity": draw(st.integers(1, earmark["quantity"])),
        "lot": earmark["lot"],
        "order": earmark["order"],
    }
    if row["kind"] == "redirect":
        first = next(o for o in orders if o["order"] == earmark["order"])
        # Of one product and another party, with all of its units free: whatever goes there fits.
        others = [
            o
            for o in orders
            if o["order"] != earmark["order"]
            and not o.get("factors")
            and o.get("split") is None
            and o["product"] == first["product"]
            and o["quantity"] - pegged.get(o["order"], 0) >= row["quantity"]
        ]
        if not others:
            return []
        row["to_order"] = draw(st.sampled_from(others))["order"]
        row["lot"] = draw(st.sampled_from([earmark["lot"], None]))
    return [row]
