"""Two schedules side by side: their grants as columns whose ids are positions in common names."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import numpy as np

from earmark.compare.comparison import Pair, Side
from earmark.options import own_id
from earmark.schedule import Ints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Names:
    """The ids and prices of both sides, sorted; parts of an order are that order."""

    orders: tuple[str, ...]
    lots: tuple[str, ...]
    parties: tuple[str, ...]
    products: tuple[str, ...]
    prices: tuple[Decimal, ...]

    @staticmethod
    def of(a: Side, b: Side) -> "Names":
        left, right = a.outcome.lines, b.outcome.lines
        return Names(
            tuple(sorted({*map(own_id, a.schedule.orders), *map(own_id, b.schedule.orders)})),
            tuple(sorted({*a.schedule.lots, *b.schedule.lots})),
            tuple(sorted({*left.parties, *right.parties})),
            tuple(sorted({*left.products, *right.products})),
            tuple(sorted({*left.prices, *right.prices})),
        )


def translation(own: Sequence[T], both: Sequence[T]) -> Ints:
    """Return the position in `both` of each of `own`; -1 stays -1 when it is looked up."""
    at = {name: position for position, name in enumerate(both)}
    return np.array([*(at[name] for name in own), -1], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Grants:
    """The grants of one side in columns; ids are positions in the names of both sides."""

    lot: Ints
    order: Ints
    party: Ints
    product: Ints
    price: Ints
    day: Ints
    quantity: Ints

    @staticmethod
    def of(side: Side, names: Names) -> "Grants":
        schedule, lines = side.schedule, side.outcome.lines
        return Grants(
            translation(schedule.lots, names.lots)[schedule.lot],
            translation([*map(own_id, schedule.orders)], names.orders)[schedule.order],
            translation(lines.parties, names.parties)[lines.party[schedule.order]],
            translation(lines.products, names.products)[lines.product[schedule.order]],
            translation(lines.prices, names.prices)[lines.price[schedule.order]],
            schedule.day,
            schedule.quantity,
        )


def align(a: Side, b: Side) -> tuple[Names, Pair[Grants]]:
    """Return the names and the grants of both sides."""
    names = Names.of(a, b)
    return names, Pair(Grants.of(a, names), Grants.of(b, names))
