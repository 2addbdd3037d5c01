"""The documents of a comparison, and of several with their range."""

from collections.abc import Iterable, Sequence
from datetime import date

from earmark.compare import Comparison, Flow, OrderChange, Pair, PartyChange, Receipt, Side
from earmark.compare.ranges import Bounds, PartyRange, Reading, range_over
from earmark.errors import Problem
from earmark.report.problems import problem_row
from earmark.report.text import Document, day_text, money_text


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
        "known": day_text(known),
        "as_of": day_text(as_of),
        "warnings": [problem_row(warning) for warning in warnings],
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
        "warnings": [problem_row(warning) for warning in warnings],
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
        "value": money_text(receipt.value),
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
