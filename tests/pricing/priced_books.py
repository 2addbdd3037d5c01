"""Random small books for priced policies: weights and prices, and limits that cross or do not."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from planning import random_books
from planning.random_books import Case

WEIGHTS = (None, None, "1", "2", "3", "10", "2.5", "0.125")


@st.composite
def priced_books(
    draw: Any,
    *,
    sites: bool = True,
    ceilings: bool = True,
    firm: bool = True,
    most_orders: int = 6,
    units: int = 6,
) -> Case:
    """Draw a book with weights and prices.

    Without sites and ceilings supply alone limits it; not `firm`, nothing is pegged or promised.
    """
    drawn = random_books._drawn(draw, most_orders, units)
    if not sites:
        drawn.rows["readiness"] = []
    elif drawn.chance(40):
        random_books._readiness(drawn, f"s{drawn.number(1, 2)}", None)
    value = drawn.one(["weight", "weight", "money", "tier"])
    for order in drawn.rows["orders"]:
        weight = drawn.one(WEIGHTS)
        order["weight"] = weight and Decimal(weight)
        if drawn.chance(60):
            order["unit_price"] = Decimal(drawn.one(["25000", "31000.50", "7"]))
    for product in drawn.rows["products"]:
        if drawn.chance(70):
            product["unit_price"] = Decimal(30000)
    if not firm:
        drawn.rows["moves"] = [row for row in drawn.rows["moves"] if row["kind"] == "opening"]
        for order in drawn.rows["orders"]:
            order["promised"] = 0
    names = {row[key] for row in drawn.rows["parties"] for key in ("party", "group")} - {None}
    limits = {name: drawn.number(0, 9) for name in sorted(names) if ceilings and drawn.chance(40)}
    return random_books._case(drawn, "own", {"value": value, "ceilings": limits})
