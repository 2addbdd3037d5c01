"""What limits are worth under a priced policy: one more unit by the week, a site a week earlier."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from earmark.book import Book
from earmark.report.text import Document
from earmark.schedule import Prices

WEEK = 7
DECIMALS = 6


def prices_document(book: Book, prices: Prices, measure: str) -> Document:
    """Return the prices of a plan; each says what a change could save at most.

    `products` are the supplies: per week of the book what one more unit from its first day on is
    worth (`unit`), and a unit in use in that week alone, per day (`unit_day`). `limits` are sites
    and ceilings that are worth anything.
    """
    weeks = [book.start + timedelta(days=n) for n in range(0, (book.end - book.start).days, WEEK)]
    begins = np.array([*(week.toordinal() for week in weeks), book.end.toordinal()], np.int64)
    at = np.searchsorted(prices.days, begins[:-1], side="right") - 1
    unit = np.append(prices.unit[:, at], np.zeros((len(prices.name), 1)), axis=1)
    unit_day = (unit[:, :-1] - unit[:, 1:]) / np.diff(begins)
    supply = [i for i, kind in enumerate(prices.kind) if kind == "supply"]
    return {
        "measure": measure,
        "products": [
            {"product": prices.name[i], "weeks": _weeks(weeks, unit[i], unit_day[i])}
            for i in supply
        ],
        "limits": [
            {
                "kind": kind,
                "name": prices.name[i],
                "unit": round(float(unit[i, 0]), DECIMALS),
                "week_earlier": round(float(prices.week_earlier[i]), DECIMALS)
                if kind in ("power", "joint")
                else None,
            }
            for i, kind in enumerate(prices.kind)
            if kind != "supply"
        ],
    }


def _weeks(
    weeks: list[date], unit: NDArray[np.float64], unit_day: NDArray[np.float64]
) -> list[Document]:
    """Return a row for each week up to the last with a price."""
    days: list[float] = unit_day.round(DECIMALS).tolist()
    worth: list[float] = unit.round(DECIMALS).tolist()
    last = max((i for i, price in enumerate(worth) if price), default=-1)
    return [
        {"from": week.isoformat(), "unit": one, "unit_day": each}
        for week, one, each in zip(weeks[: last + 1], worth, days, strict=False)
    ]
