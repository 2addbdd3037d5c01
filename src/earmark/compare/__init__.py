"""What one schedule changes against another: who gains, who loses, how long, how much money.

Definitions are in docs/meanings.md, items 24 to 26. Every conservation is checked before a
comparison is returned.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from earmark.book import Book
from earmark.calendar import parse_rule
from earmark.compare.alignment import Grants, Names, align, translation
from earmark.compare.comparison import (
    CALENDAR,
    Comparison,
    Flow,
    OrderChange,
    Pair,
    PartyChange,
    Receipt,
    Side,
    calendars_of,
)
from earmark.compare.conservation import check_conservation
from earmark.compare.flows import NOBODY, Flows, follow_units
from earmark.compare.receipts import moved_receipts
from earmark.compare.shifts import mean_shifts, paired_shifts
from earmark.errors import UsageError
from earmark.options import own_id
from earmark.schedule import Ints
from earmark.sums import sum_by

__all__ = [
    "CALENDAR",
    "Comparison",
    "Flow",
    "OrderChange",
    "Pair",
    "PartyChange",
    "Receipt",
    "Side",
    "compare",
]

FIGURES = ("received", "active", "idle", "late", "unserved")
"""The unit-days that are compared."""


def compare(a: Side, b: Side) -> Comparison:
    """Return what b changes against a.

    Raises UsageError where the two books cannot be compared, and AssertionError, naming the law,
    if a conservation does not hold.
    """
    _refuse_unlike(a.book, b.book)
    names, grants = align(a, b)
    flows = follow_units(
        np.concatenate((grants.a.lot, grants.b.lot)),
        np.concatenate((grants.a.order, grants.b.order)),
        np.concatenate((-grants.a.quantity, grants.b.quantity)),
        lots=len(names.lots),
        orders=len(names.orders),
    )
    parties = _party_changes(a, b, names, grants)
    orders = _order_changes(a, b, names, grants, flows)
    comparison = Comparison(a, b, parties[:-1], orders, parties[-1])
    check_conservation(comparison, names, grants, flows)
    return comparison


def _refuse_unlike(a: Book, b: Book) -> None:
    """Refuse books whose unit-days or money mean different things."""
    if (a.start, a.end) != (b.start, b.end):
        raise UsageError(
            f"the books cover different days: {a.start} to {a.end}, and {b.start} to {b.end}",
            "give both the same start and end",
        )
    if a.currency != b.currency:
        raise UsageError(
            f"the books count in different currencies: {a.currency} and {b.currency}",
            "give both the same currency",
        )
    for name in sorted(set(a.fiscal) & set(b.fiscal)):
        if parse_rule(a.fiscal[name]) != parse_rule(b.fiscal[name]):
            raise UsageError(
                f"the fiscal year {name} ends differently in the two books: "
                f"{a.fiscal[name]}, and {b.fiscal[name]}",
                "give both the same rule, or two names",
            )


def _party_changes(a: Side, b: Side, names: Names, grants: Pair[Grants]) -> tuple[PartyChange, ...]:
    """Return the change of each party, and last that of all together."""
    figures = Pair(_party_figures(a, names), _party_figures(b, names))
    products = max(len(names.products), 1)
    late_by, both = paired_shifts(
        Pair(
            grants.a.party * products + grants.a.product,
            grants.b.party * products + grants.b.product,
        ),
        grants,
        len(names.parties) * products,
    )
    shifts = mean_shifts(
        *(_with_total(x.reshape(-1, products).sum(axis=1)) for x in (late_by, both))
    )
    receipts = moved_receipts(calendars_of(a.book, b.book), names, grants)
    return tuple(
        _party_change(party, of_a, of_b, shift, tuple(moved))
        for party, of_a, of_b, shift, moved in zip(
            (*names.parties, None), figures.a, figures.b, shifts, receipts, strict=True
        )
    )


def _party_change(
    party: str | None,
    a: Sequence[int],
    b: Sequence[int],
    shift: float | None,
    moved: tuple[Receipt, ...],
) -> PartyChange:
    received, active, idle, late, unserved = map(Pair, a, b)
    lost = active.a - active.b
    return PartyChange(party, received, active, idle, late, unserved, lost, shift, moved)


def _party_figures(side: Side, names: Names) -> list[list[int]]:
    """Return the figures of each party in the order of FIGURES, and last those of all together."""
    own = side.outcome.party_figures
    rows = np.zeros((len(names.parties), len(FIGURES)), dtype=np.int64)
    at = translation(side.outcome.parties, names.parties)[:-1]
    rows[at] = np.stack([getattr(own, f"{name}_unit_days") for name in FIGURES], axis=1)
    figures: list[list[int]] = [*rows.tolist(), rows.sum(axis=0).tolist()]
    return figures


def _with_total(column: Ints) -> Ints:
    return np.append(column, column.sum())


def _order_changes(
    a: Side, b: Side, names: Names, grants: Pair[Grants], flows: Flows
) -> tuple[OrderChange, ...]:
    shifts = mean_shifts(
        *paired_shifts(Pair(grants.a.order, grants.b.order), grants, len(names.orders))
    )
    party_of = {
        own_id(order): side.outcome.parties[party]
        for side in (a, b)
        for order, party in zip(
            side.schedule.orders, side.outcome.lines.party.tolist(), strict=True
        )
    }
    gained = _partners(flows.gainer, flows.loser, flows.quantity, names.orders)
    lost = _partners(flows.loser, flows.gainer, flows.quantity, names.orders)
    return tuple(
        OrderChange(order, party_of[order], shift, gained.get(at, ()), lost.get(at, ()))
        for at, (order, shift) in enumerate(zip(names.orders, shifts, strict=True))
    )


def _partners(
    own: Ints, other: Ints, quantity: Ints, orders: Sequence[str]
) -> Mapping[int, tuple[Flow, ...]]:
    """Return the flows of each order over all lots, by the id of the other order, nobody last."""
    named = own != NOBODY
    width = len(orders) + 1
    keys, entry = np.unique(own[named] * width + other[named] % width, return_inverse=True)
    at, partner = np.divmod(keys, width)
    names = (*orders, None)
    units = sum_by(entry, quantity[named], len(keys))
    flows = tuple(map(Flow, [names[i] for i in partner.tolist()], units.tolist()))
    found, firsts = np.unique(at, return_index=True)
    ends = [*firsts.tolist(), len(flows)][1 : len(found) + 1]
    return {
        order: flows[first:end]
        for order, first, end in zip(found.tolist(), firsts.tolist(), ends, strict=True)
    }
