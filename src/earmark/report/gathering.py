"""Parts of orders with options, gathered under the ids of their orders for what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earmark.book import Book
from earmark.options import factors_of, is_several, own_id
from earmark.outcome import Outcome
from earmark.outcome.lines import OrderLines
from earmark.report.text import Document, ordinal_text
from earmark.schedule import Ints, OrderFigures, Plan, Reasons, Schedule
from earmark.sums import sum_by

MOST_HOLDERS = 8
"""Ids that a reason names at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A plan and what it means with one entry per order, whatever parts it was planned in."""

    plan: Plan
    outcome: Outcome
    parts: Mapping[str, Sequence[Document]]
    """What each order with options takes of which, best first."""
    part: Ints | None = None
    """Per grant of the schedule, the line of `lines` it was planned for; None where all are one."""
    lines: OrderLines | None = None


def gathered(plan: Plan, outcome: Outcome, opened: Book | None) -> Gathered:
    """Return a plan with its orders as they are asked for in `opened`; None where none has parts.

    Quantities of an order are in units of its products, as those of its parts; what each counts
    for is said beside them.
    """
    if opened is None:
        return Gathered(plan, outcome, {})
    own = [own_id(name) for name in outcome.lines.orders]
    orders = tuple(sorted(set(own)))
    at = {name: i for i, name in enumerate(orders)}
    place = np.array([at[name] for name in own], np.int64)
    lines = _lines(outcome.lines, orders, place, opened)
    figures = _figures(outcome.figures, place, len(orders))
    schedule, part = gathered_schedule(plan.schedule, orders, place)
    return Gathered(
        replace(
            plan,
            schedule=schedule,
            reasons=_reasons(plan.reasons, outcome.lines.orders, place),
        ),
        replace(outcome, lines=lines, figures=figures),
        _parts(outcome, opened, place),
        part,
        outcome.lines,
    )


def gathered_schedule(
    schedule: Schedule, orders: tuple[str, ...], place: Ints
) -> tuple[Schedule, Ints]:
    """Return grants under the ids of their orders, and for each the part that it was planned for.

    `place` is where each part stands in `orders`. Grants of parts at several sites stay apart.
    """
    order = place[schedule.order]
    rank = np.lexsort((schedule.pegged, schedule.order, schedule.lot, schedule.day, order))
    made = Schedule(
        orders,
        schedule.lots,
        order[rank],
        schedule.lot[rank],
        schedule.day[rank],
        schedule.quantity[rank],
        schedule.pegged[rank],
    )
    return made, schedule.order[rank]


def _lines(lines: OrderLines, orders: tuple[str, ...], place: Ints, opened: Book) -> OrderLines:
    """Return the lines of orders; products and sites of those with options as they are asked."""
    first = np.zeros(len(orders), np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    rows = [opened.orders.positions[name] for name in orders]
    products = [opened.orders.column("product")[row] for row in rows]
    sites = [opened.orders.column("site")[row] for row in rows]
    product_ids = tuple(sorted(set(products)))
    site_ids = tuple(sorted(set(sites) - {None}))
    codes = {name: i for i, name in enumerate(product_ids)}
    places: dict[str | None, int] = {name: i for i, name in enumerate(site_ids)}
    return replace(
        lines,
        orders=orders,
        products=product_ids,
        sites=site_ids,
        product=np.array([codes[name] for name in products], np.int64),
        site=np.array([places.get(name, -1) for name in sites], np.int64),
        quantity=sum_by(place, lines.quantity, len(orders)),
        **{
            name: getattr(lines, name)[first]
            for name in ("party", "price", "due", "tier", "booked")
        },
    )


def _figures(figures: OrderFigures, place: Ints, count: int) -> OrderFigures:
    columns = {name: sum_by(place, column, count) for name, column in figures.columns().items()}
    never = np.iinfo(np.int64).max
    first, last = np.full(count, never), np.zeros(count, np.int64)
    np.minimum.at(first, place, np.where(figures.first > 0, figures.first, never))
    np.maximum.at(last, place, figures.last)
    columns["first"], columns["last"] = np.where(first < never, first, 0), last
    return OrderFigures(**columns)


def _reasons(reasons: Reasons, names: Sequence[str], place: Ints) -> Reasons:
    """Return the reasons with one entry per order and cause, and orders by their own ids."""
    found: dict[tuple[int, int], dict[tuple[str, ...], int]] = {}
    columns = (reasons.order, reasons.cause, reasons.unit_days, reasons.by)
    for part, which, days, by in zip(*(column.tolist() for column in columns), strict=True):
        mine = own_id(names[part])
        held = reasons.holders[by]
        # A part that waits for another part of its order waits for nobody else.
        told = (own_id(name) for name in held if name == names[part] or own_id(name) != mine)
        ids = tuple(dict.fromkeys(told))
        entry = found.setdefault((int(place[part]), which), {})
        entry[ids] = entry.get(ids, 0) + days
    holders: dict[tuple[str, ...], int] = {}
    rows = []
    for key, entry in sorted(found.items()):
        ranked = sorted(entry, key=lambda ids: -entry[ids])
        ids = tuple(dict.fromkeys(name for some in ranked for name in some))[:MOST_HOLDERS]
        number = holders.setdefault(ids, len(holders))
        rows.append((*key, sum(entry.values()), number))
    order, cause, unit_days, by = np.array(rows, np.int64).reshape(-1, 4).T
    return Reasons(order, cause, unit_days, by, tuple(holders))


def _parts(outcome: Outcome, opened: Book, place: Ints) -> Mapping[str, Sequence[Document]]:
    lines, figures = outcome.lines, outcome.figures
    found: dict[str, list[tuple[int, Document]]] = {}
    orders = opened.orders
    for i, name in enumerate(lines.orders):
        row = orders.positions[own_id(name)]
        product, site, factors = (orders.column(c)[row] for c in ("product", "site", "factors"))
        if not (is_several(product) or is_several(site)):
            continue
        part = lines.products[lines.product[i]]
        told = {
            "product": part,
            "site": lines.sites[lines.site[i]] if lines.site[i] >= 0 else None,
            "counts_for": factors_of(product, factors)[part],
            "quantity": int(figures.quantity[i]),
            "granted": int(figures.granted[i]),
            "unserved": int(figures.unserved[i]),
            "first": ordinal_text(int(figures.first[i])),
            "last": ordinal_text(int(figures.last[i])),
        }
        number = int(name.partition(";")[2] or 0)
        found.setdefault(own_id(name), []).append((number, told))
    return {
        order: [told for _, told in sorted(parts, key=lambda part: part[0])]
        for order, parts in found.items()
    }
