"""The document of a plan. It is made from columns: what an order costs is one dict."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np

from earmark.book import Book
from earmark.errors import Problem
from earmark.outcome import Outcome
from earmark.report.problems import problem_row
from earmark.report.text import Document, day_text, money_text
from earmark.schedule import CAUSES, Ints, Plan, Schedule


def plan_document(
    book: Book,
    plan: Plan,
    outcome: Outcome,
    *,
    digest: str,
    known: date | None,
    as_of: date,
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.plan/1`; `book` is as known on the day `known`, `digest` that of it whole."""
    return {
        "format": "earmark.plan/1",
        "book": {"title": book.title, "digest": digest},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "policy": plan.policy,
        "engine": plan.engine,
        "status": plan.status,
        "gap": plan.gap,
        "grants": _grants(plan.schedule),
        "orders": _orders(plan, outcome),
        "parties": _parties(outcome),
        "totals": _totals(outcome),
        "warnings": [problem_row(warning) for warning in warnings],
    }


def _days(ordinals: Ints) -> list[str | None]:
    """Return ordinals as ISO dates, 0 as None; each distinct day is written once."""
    days, day_of = np.unique(ordinals, return_inverse=True)
    texts = [date.fromordinal(day).isoformat() if day else None for day in days.tolist()]
    return [texts[i] for i in day_of.tolist()]


def _grants(schedule: Schedule) -> list[Document]:
    """Return the grants by order, day and lot, pegged units and others of one key together."""
    if not len(schedule.order):
        return []
    keys = np.stack((schedule.order, schedule.day, schedule.lot))
    firsts = np.flatnonzero(np.diff(keys, axis=1, prepend=-1).any(axis=0))
    quantity = np.add.reduceat(schedule.quantity, firsts)
    return [
        {"lot": schedule.lots[lot], "order": schedule.orders[order], "date": day, "quantity": units}
        for lot, order, day, units in zip(
            schedule.lot[firsts].tolist(),
            schedule.order[firsts].tolist(),
            _days(schedule.day[firsts]),
            quantity.tolist(),
            strict=True,
        )
    ]


def _orders(plan: Plan, outcome: Outcome) -> list[Document]:
    lines, figures = outcome.lines, outcome.figures
    sites = (*lines.sites, None)
    columns: tuple[Sequence[Any], ...] = (
        lines.orders,
        [lines.parties[i] for i in lines.party.tolist()],
        [lines.products[i] for i in lines.product.tolist()],
        [sites[i] for i in lines.site.tolist()],
        lines.tier.tolist(),
        figures.quantity.tolist(),
        figures.granted.tolist(),
        figures.unserved.tolist(),
        _days(figures.first),
        _days(figures.last),
        figures.late_unit_days.tolist(),
        figures.unserved_unit_days.tolist(),
        figures.idle_unit_days.tolist(),
        _why(plan, len(lines.orders)),
    )
    # A literal makes a dict several times as fast as dict(zip(...)).
    return [
        {
            "order": order,
            "party": party,
            "product": product,
            "site": site,
            "tier": tier,
            "quantity": quantity,
            "granted": granted,
            "unserved": unserved,
            "first": first,
            "last": last,
            "late_unit_days": late,
            "unserved_unit_days": unserved_days,
            "idle_unit_days": idle,
            "why": why,
        }
        for (
            order,
            party,
            product,
            site,
            tier,
            quantity,
            granted,
            unserved,
            first,
            last,
            late,
            unserved_days,
            idle,
            why,
        ) in zip(*columns, strict=True)
    ]


def _why(plan: Plan, orders: int) -> list[list[Document]]:
    """Return the reasons of each order."""
    reasons = plan.reasons
    why: list[list[Document]] = [[] for _ in range(orders)]
    for order, cause, unit_days, by in zip(
        reasons.order.tolist(),
        reasons.cause.tolist(),
        reasons.unit_days.tolist(),
        reasons.by.tolist(),
        strict=True,
    ):
        holders = list(reasons.holders[by])
        why[order].append({"cause": CAUSES[cause], "unit_days": unit_days, "by": holders})
    return why


_COUNTED = (
    "quantity",
    "granted",
    "unserved",
    "late_unit_days",
    "unserved_unit_days",
    "idle_unit_days",
)
"""What is told of a party and in the totals of a plan."""


def _parties(outcome: Outcome) -> list[Document]:
    figures = outcome.party_figures
    columns = {name: getattr(figures, name).tolist() for name in _COUNTED}
    columns["value"] = [money_text(value) for value in figures.value]
    columns["unpriced_units"] = figures.unpriced_units.tolist()
    return [
        {"party": outcome.parties[i], **{name: column[i] for name, column in columns.items()}}
        for i in _planned(outcome)
    ]


def _totals(outcome: Outcome) -> Document:
    """Return the sums over the parties that the document shows."""
    figures, shown = outcome.party_figures, _planned(outcome)
    return {
        **{name: int(getattr(figures, name)[shown].sum()) for name in _COUNTED},
        "value": money_text(figures.total_value),
        "unpriced_units": int(figures.unpriced_units.sum()),
    }


def _planned(outcome: Outcome) -> list[int]:
    """Return the positions of the parties with planned orders; others only run units."""
    planned: list[int] = np.unique(outcome.lines.party).tolist()
    return planned
