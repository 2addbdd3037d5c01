"""The document of a plan. It is made from columns: what an order costs is one dict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

import numpy as np

from earmark.book import Book
from earmark.coded import Coded
from earmark.errors import Problem
from earmark.outcome import Outcome
from earmark.planning.asked import Raised
from earmark.report.gathering import Gathered, gathered
from earmark.report.prices import prices_document
from earmark.report.problems import problem_row
from earmark.report.text import Document, day_text, money_text
from earmark.schedule import CAUSES, Allowance, Ints, Plan, Schedule
from earmark.sums import sum_by


def plan_document(
    book: Book,
    plan: Plan,
    outcome: Outcome,
    *,
    digest: str,
    known: date | None,
    as_of: date,
    raised: Iterable[Raised] = (),
    warnings: Iterable[Problem] = (),
    opened: Book | None = None,
) -> Document:
    """Return `earmark.plan/1`; `book` is as known on the day `known`, `digest` that of it whole.

    `raised` are the orders that are planned for more units than they ask; `opened` is the book
    before its orders with options became parts.
    """
    one = gathered(plan, outcome, opened)
    return {
        "format": "earmark.plan/1",
        "book": {"title": book.title, "digest": digest},
        "known": day_text(known),
        "as_of": day_text(as_of),
        "policy": plan.policy,
        "engine": plan.engine,
        "status": plan.status,
        "gap": plan.gap,
        "grants": _grants(one),
        "orders": _orders(one),
        **_results(book, plan, outcome, raised),
        "warnings": [problem_row(warning) for warning in warnings],
    }


def _results(book: Book, plan: Plan, outcome: Outcome, raised: Iterable[Raised]) -> Document:
    """Return what a plan came to beside its orders, as the document and the summary tell it."""
    return {
        "parties": _parties(outcome),
        "totals": _totals(outcome),
        "quotas": [_quota(one) for one in plan.quotas],
        **_prices(book, plan),
        "raised": [asdict(one) for one in raised],
        "missed": [asdict(one) for one in plan.missed],
    }


def _quota(one: Allowance) -> Document:
    return {**asdict(one), "binds": date.fromordinal(one.binds).isoformat() if one.binds else None}


def _prices(book: Book, plan: Plan) -> Document:
    """Return the key `prices` of a priced plan, and nothing for any other."""
    policy = book.policy_named(plan.policy)
    if plan.prices is None or policy is None or policy.value is None:
        return {}
    return {"prices": prices_document(book, plan.prices, policy.value)}


def plan_summary(
    book: Book,
    plan: Plan,
    outcome: Outcome,
    *,
    as_of: date,
    most_orders: int,
    raised: Iterable[Raised] = (),
    opened: Book | None = None,
) -> Document:
    """Return what a terminal shows of a plan: a document without rows for every order and grant.

    `late` are the rows of the `most_orders` orders that wait for most unit-days; `counts` say how
    many orders there are, and are late; `causes` are the unit-days of each cause.
    """
    gathered_plan = gathered(plan, outcome, opened)
    figures, reasons = gathered_plan.outcome.figures, plan.reasons
    waits = figures.late_unit_days + figures.unserved_unit_days
    late = np.flatnonzero(waits)
    shown = late[np.argsort(-waits[late], kind="stable")[:most_orders]]
    unit_days = sum_by(reasons.cause, reasons.unit_days, len(CAUSES)).tolist()
    return {
        "format": "earmark.plan/1",
        "as_of": day_text(as_of),
        "policy": plan.policy,
        "status": plan.status,
        "gap": plan.gap,
        "late": _orders(gathered_plan, shown),
        "counts": {"orders": len(waits), "late": len(late)},
        "causes": {cause: n for cause, n in zip(CAUSES, unit_days, strict=True) if n},
        **_results(book, plan, outcome, raised),
    }


def grant_columns(
    plan: Plan, outcome: Outcome, opened: Book | None = None
) -> Mapping[str, Sequence[Any]]:
    """Return the grants that a plan document lists, in columns: lot, order, date and quantity.

    Where orders of `opened` have options there are product and site beside them.
    """
    return _grant_columns(gathered(plan, outcome, opened))


def _grant_columns(one: Gathered) -> Mapping[str, Sequence[Any]]:
    schedule = one.plan.schedule
    order, day, lot, quantity, first = _grants_together(schedule, one.part)
    (days, day), (units, quantity) = (np.unique(a, return_inverse=True) for a in (day, quantity))
    columns: dict[str, Sequence[Any]] = {
        "lot": Coded(schedule.lots, lot),
        "order": Coded(schedule.orders, order),
        "date": Coded([date.fromordinal(one) for one in days.tolist()], day.reshape(-1)),
        "quantity": Coded(units.tolist(), quantity.reshape(-1)),
    }
    if one.part is not None and one.lines is not None:
        lines, part = one.lines, one.part[first]
        sites = (*lines.sites, None)
        columns["product"] = [lines.products[i] for i in lines.product[part].tolist()]
        columns["site"] = [sites[i] for i in lines.site[part].tolist()]
    return columns


def _grants_together(
    schedule: Schedule, part: Ints | None
) -> tuple[Ints, Ints, Ints, Ints, Ints | slice]:
    """Return order, day, lot and quantity; pegged units and others of one key together.

    Last are the grants, by position, that the entries begin with.
    """
    order, day, lot, quantity = schedule.order, schedule.day, schedule.lot, schedule.quantity
    again = (np.diff(order) == 0) & (np.diff(day) == 0) & (np.diff(lot) == 0)
    if part is not None:
        again &= np.diff(part) == 0
    if not again.any():
        return order, day, lot, quantity, slice(None)
    firsts = np.flatnonzero(np.append(True, ~again))
    return order[firsts], day[firsts], lot[firsts], np.add.reduceat(quantity, firsts), firsts


def _days(ordinals: Ints) -> list[str | None]:
    """Return ordinals as ISO dates, 0 as None; each distinct day is written once."""
    days, day_of = np.unique(ordinals, return_inverse=True)
    texts = [date.fromordinal(day).isoformat() if day else None for day in days.tolist()]
    return [texts[i] for i in day_of.tolist()]


def _grants(one: Gathered) -> list[Document]:
    """Return the grants by order, day and lot; those of orders with options say of what, where."""
    columns = [list(column) for column in _grant_columns(one).values()]
    rows: list[Document] = [
        {"lot": lot, "order": order, "date": day.isoformat(), "quantity": units}
        for lot, order, day, units in zip(*columns[:4], strict=True)
    ]
    if one.parts:
        for row, product, site in zip(rows, *columns[4:], strict=True):
            if row["order"] in one.parts:
                row.update(product=product, site=site)
    return rows


def _orders(one: Gathered, some: Ints | None = None) -> list[Document]:
    """Return the rows of all orders, or of those at some positions."""
    rows = _rows(one.plan, one.outcome, some)
    for row in rows if one.parts else ():
        if row["order"] in one.parts:
            row["parts"] = one.parts[row["order"]]
    return rows


def _rows(plan: Plan, outcome: Outcome, some: Ints | None) -> list[Document]:
    lines, figures = outcome.lines, outcome.figures
    sites = (*lines.sites, None)
    places = np.arange(len(lines.orders)) if some is None else some
    columns: tuple[Sequence[Any], ...] = (
        lines.orders if some is None else [lines.orders[i] for i in some.tolist()],
        [lines.parties[i] for i in lines.party[places].tolist()],
        [lines.products[i] for i in lines.product[places].tolist()],
        [sites[i] for i in lines.site[places].tolist()],
        lines.tier[places].tolist(),
        figures.quantity[places].tolist(),
        figures.granted[places].tolist(),
        figures.unserved[places].tolist(),
        _days(figures.first[places]),
        _days(figures.last[places]),
        figures.late_unit_days[places].tolist(),
        figures.unserved_unit_days[places].tolist(),
        figures.idle_unit_days[places].tolist(),
        _why(plan, places),
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


def _why(plan: Plan, places: Ints) -> list[list[Document]]:
    """Return the reasons of the orders at some positions."""
    reasons = plan.reasons
    first, last = (np.searchsorted(reasons.order, places, side=side) for side in _SIDES)
    entries = np.repeat(first - np.append(0, np.cumsum(last - first))[:-1], last - first)
    entries += np.arange(len(entries))
    rows = [
        {"cause": CAUSES[cause], "unit_days": unit_days, "by": list(reasons.holders[by])}
        for cause, unit_days, by in zip(
            reasons.cause[entries].tolist(),
            reasons.unit_days[entries].tolist(),
            reasons.by[entries].tolist(),
            strict=True,
        )
    ]
    stops = np.cumsum(last - first).tolist()
    return [rows[begin:stop] for begin, stop in zip([0, *stops], stops, strict=False)]


_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")

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
