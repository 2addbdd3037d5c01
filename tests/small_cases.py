"""Small random books with short sites and running units, and any schedules in them."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from books import book
from hypothesis import strategies as st
from schedules import schedule

from earmark.book import Book
from earmark.schedule import Schedule

START = date(2024, 1, 1)
SPAN = 12
PRODUCTS = ("p", "q")
SITES = ("each", "both", "together", "dark", "open", None)
LOTS = ("l", "m")


def _days(draw: Any, least: int = -3, most: int = SPAN - 1) -> date:
    return START + timedelta(days=draw(st.integers(least, most)))


@st.composite
def cases(draw: Any) -> tuple[Book, Schedule]:
    """Draw a small book with short sites and running units, and any schedule in it."""
    levels: dict[tuple[str, str | None, date], int] = {}
    for site, products in (("each", PRODUCTS), ("both", (*PRODUCTS, None)), ("together", (None,))):
        for product in products:
            for _ in range(draw(st.integers(0, 3))):
                levels[site, product, _days(draw)] = draw(st.integers(0, 7))
    levels["dark", "other", START] = 5
    orders = [
        {
            "order": f"o{draw(st.integers(0, 9))}{number}",
            "party": draw(st.sampled_from(("x", "y", "z"))),
            "product": draw(st.sampled_from(PRODUCTS)),
            "site": draw(st.sampled_from(SITES)),
            "quantity": draw(st.integers(0, 6)),
            "due": _days(draw),
            "tier": draw(st.integers(1, 2)),
            "unit_price": draw(st.sampled_from((None, "1.25"))),
            "booked": draw(st.sampled_from((None, "2023-12-01", "2023-12-02"))),
        }
        for number in range(draw(st.integers(0, 6)))
    ]
    moves = [_running_move(draw) for _ in range(draw(st.integers(0, 4)))]
    case = book(
        end=START + timedelta(days=SPAN),
        readiness=[
            {"site": site, "product": product, "date": day, "units": units}
            for (site, product, day), units in levels.items()
        ],
        products=[{"product": "p", "unit_price": "2.5"}, {"product": "q"}],
        lots=[{"lot": lot, "product": "p", "quantity": 36} for lot in LOTS],
        orders=orders,
        moves=moves,
    )
    return case, _schedule(draw, case)


@st.composite
def pairs(draw: Any) -> tuple[tuple[Book, Schedule], tuple[Book, Schedule]]:
    """Draw two schedules, of one small book or of two that differ in orders and readiness."""
    case, plan = draw(cases())
    other = case
    if draw(st.booleans()):
        kept = [i for i in range(len(case.orders)) if draw(st.booleans())]
        other = other.replace_table(case.orders.take(kept))
    if draw(st.booleans()):
        kept = [i for i in range(len(case.readiness)) if draw(st.booleans())]
        other = other.replace_table(case.readiness.take(kept))
    return (case, plan), (other, _schedule(draw, other))


def _schedule(draw: Any, case: Book) -> Schedule:
    grants = Counter[tuple[str, str, date, bool]]()
    for order in case.orders:
        left = order.quantity
        while left and draw(st.booleans()):
            quantity = draw(st.integers(1, left))
            left -= quantity
            lot, pegged = draw(st.sampled_from(LOTS)), draw(st.booleans())
            grants[lot, order.order, _days(draw, 0), pegged] += quantity
    rows = [(lot, order, day, n, pegged) for (lot, order, day, pegged), n in grants.items()]
    return schedule(case, *rows)


def _running_move(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(("opening", "opening", "retire", "transfer")))
    return {
        "kind": kind,
        "date": _days(draw, -3, SPAN + 2),
        "quantity": draw(st.integers(1, 4)),
        "party": draw(st.sampled_from(("w", "x", "y"))),
        "product": draw(st.sampled_from(PRODUCTS)),
        "site": draw(st.sampled_from(SITES[:5])),
        "to_site": draw(st.sampled_from(SITES[:5])) if kind == "transfer" else None,
    }
