"""The JSON documents of the contract, as plain dicts with their keys in its order.

Documents are made from columns: what an order costs is one dict. Keys that the contract does not
name stand last: `warnings`, `unpriced_units`, `unserved_unit_days` of a comparison.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from earmark.book import Book, canonical_text
from earmark.compare import Comparison, Flow, OrderChange, Pair, PartyChange, Receipt, Side
from earmark.compare.ranges import Bounds, PartyRange, Reading, range_over
from earmark.errors import Problem
from earmark.outcome import Outcome
from earmark.schedule import CAUSES, Ints, Plan, Schedule

Document = dict[str, Any]
"""A JSON object."""


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
        "known": _day(known),
        "as_of": _day(as_of),
        "policy": plan.policy,
        "engine": plan.engine,
        "status": plan.status,
        "gap": plan.gap,
        "grants": _grants(plan.schedule),
        "orders": _orders(plan, outcome),
        "parties": _parties(outcome),
        "totals": _totals(outcome),
        "warnings": [_problem(warning) for warning in warnings],
    }


def comparison_document(
    comparison: Comparison,
    *,
    reading: str | None = None,
    known: date | None = None,
    as_of: date | None = None,
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.comparison/1`."""
    return {
        "format": "earmark.comparison/1",
        "a": _side(comparison.a),
        "b": _side(comparison.b),
        "reading": reading,
        "parties": [{"party": x.party, **_change(x)} for x in comparison.parties],
        "orders": [_order_change(order) for order in comparison.orders],
        "totals": _change(comparison.totals),
        "known": _day(known),
        "as_of": _day(as_of),
        "warnings": [_problem(warning) for warning in warnings],
    }


def comparisons_document(
    readings: Sequence[Reading],
    *,
    known: date | None = None,
    as_of: date | None = None,
    warnings: Iterable[Problem] = (),
) -> Document:
    """Return `earmark.comparisons/1`: one comparison per reading, and the range over them."""
    found = range_over(readings)
    return {
        "format": "earmark.comparisons/1",
        "readings": [
            comparison_document(x.comparison, reading=x.label, known=known, as_of=as_of)
            for x in readings
        ],
        "range": {party: _range(bounds) for party, bounds in found.parties.items()},
        "range_totals": _range(found.totals),
        "warnings": [_problem(warning) for warning in warnings],
    }


def problems_document(problems: Iterable[Problem]) -> Document:
    """Return `earmark.problems/1`."""
    return {"format": "earmark.problems/1", "problems": [_problem(x) for x in problems]}


def to_json(document: Mapping[str, Any]) -> str:
    """Return a document as text: the same for the same content, a row a line, ending in a newline.

    Rows are the items of a list, and of an object that holds objects alone. The text is ASCII, so
    that it does not depend on where it is printed.
    """
    return _laid_out(document, "") + "\n"


def _laid_out(document: Mapping[str, Any], margin: str) -> str:
    inner = margin + " "
    lines = [f"{inner}{_encode(key)}: {_value(value, inner)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def _value(value: Any, margin: str) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict) and value[0]:
        if all(isinstance(item, dict) and "format" in item for item in value):
            inner = margin + " "
            texts = [inner + _laid_out(document, inner) for document in value]
            return "[\n" + ",\n".join(texts) + f"\n{margin}]"
        return f"[\n{margin} {_rows(value, margin)}\n{margin}]"
    if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
        texts = [f"{margin} {_encode(key)}: {_encode(item)}" for key, item in value.items()]
        return "{\n" + ",\n".join(texts) + f"\n{margin}}}"
    return _encode(value)


def _rows(rows: list[Document], margin: str) -> str:
    """Encode all rows in one go, many times as fast as one by one, and break the line between.

    Quotes inside a text are escaped, so what is looked for can only stand between two objects.
    """
    first = f"{{{_encode(next(iter(rows[0])))}: "
    return _encode(rows)[1:-1].replace(f"}}, {first}", f"}},\n{margin} {first}")


_encode = json.JSONEncoder(allow_nan=False).encode


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else canonical_text(amount)


def _days(ordinals: Ints) -> list[str | None]:
    """Return ordinals as ISO dates, 0 as None; each distinct day is written once."""
    days, day_of = np.unique(ordinals, return_inverse=True)
    texts = [date.fromordinal(day).isoformat() if day else None for day in days.tolist()]
    return [texts[i] for i in day_of.tolist()]


def _problem(problem: Problem) -> Document:
    names = ("table", "row", "column", "text", "code", "message", "hint", "source")
    return {name: getattr(problem, name) for name in names}


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
    columns["value"] = [_money(value) for value in figures.value]
    columns["unpriced_units"] = figures.unpriced_units.tolist()
    planned = set(outcome.lines.party.tolist())
    return [
        {"party": party, **{name: column[i] for name, column in columns.items()}}
        for i, party in enumerate(outcome.parties)
        # Whoever only runs units is told where some of them stand idle: the totals count those.
        if i in planned or columns["idle_unit_days"][i]
    ]


def _totals(outcome: Outcome) -> Document:
    figures = outcome.party_figures
    return {
        **{name: int(getattr(figures, name).sum()) for name in _COUNTED},
        "value": _money(figures.total_value),
        "unpriced_units": int(figures.unpriced_units.sum()),
    }


def _side(side: Side) -> Document:
    return {"digest": side.digest, "policy": side.policy}


def _pair(pair: Pair[int]) -> Document:
    return {"a": pair.a, "b": pair.b}


def _change(change: PartyChange) -> Document:
    return {
        "received_unit_days": _pair(change.received_unit_days),
        "active_unit_days": _pair(change.active_unit_days),
        "idle_unit_days": _pair(change.idle_unit_days),
        "late_unit_days": _pair(change.late_unit_days),
        "active_unit_days_lost": change.active_unit_days_lost,
        "mean_shift_days": change.mean_shift_days,
        "receipts_moved": [_receipt(receipt) for receipt in change.receipts_moved],
        "unserved_unit_days": _pair(change.unserved_unit_days),
    }


def _receipt(receipt: Receipt) -> Document:
    return {
        "calendar": receipt.calendar,
        "period": receipt.period,
        "value": _money(receipt.value),
        "unpriced_units": receipt.unpriced_units,
    }


def _order_change(change: OrderChange) -> Document:
    return {
        "order": change.order,
        "party": change.party,
        "shift_days": change.shift_days,
        "gained": [_flow("from", flow) for flow in change.gained],
        "lost": [_flow("to", flow) for flow in change.lost],
    }


def _flow(direction: str, flow: Flow) -> Document:
    return {direction: flow.order, "quantity": flow.quantity}


def _range(bounds: PartyRange) -> Document:
    shift = bounds.mean_shift_days
    return {
        "active_unit_days_lost": _bounds(bounds.active_unit_days_lost),
        "received_unit_days": _pair_bounds(bounds.received_unit_days),
        "active_unit_days": _pair_bounds(bounds.active_unit_days),
        "idle_unit_days": _pair_bounds(bounds.idle_unit_days),
        "late_unit_days": _pair_bounds(bounds.late_unit_days),
        "unserved_unit_days": _pair_bounds(bounds.unserved_unit_days),
        "mean_shift_days": None if shift is None else _bounds(shift),
    }


def _bounds(bounds: Bounds[int] | Bounds[float]) -> list[int | float]:
    return [bounds.low, bounds.high]


def _pair_bounds(pair: Pair[Bounds[int]]) -> Document:
    return {"a": _bounds(pair.a), "b": _bounds(pair.b)}
