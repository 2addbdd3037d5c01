"""By how many days units come later: the first in a is paired with the first in b, and so on."""

import numpy as np

from earmark.compare.alignment import Grants
from earmark.compare.comparison import Pair
from earmark.schedule import Ints
from earmark.sums import sum_by


def paired_shifts(key: Pair[Ints], grants: Pair[Grants], size: int) -> tuple[Ints, Ints]:
    """Pair the first units of each key in a with the first in b, as many as both have.

    Returns, per key, the sum of days in b less days in a and the number of pairs.
    """
    held_a, held_b = sum_by(key.a, grants.a.quantity, size), sum_by(key.b, grants.b.quantity, size)
    both = np.minimum(held_a, held_b)
    first_day = min(
        (int(side.day.min()) for side in (grants.a, grants.b) if len(side.day)), default=0
    )
    days_a = _days_of_first(both, key.a, grants.a, held_a, first_day)
    days_b = _days_of_first(both, key.b, grants.b, held_b, first_day)
    return days_b - days_a, both


def _days_of_first(units: Ints, key: Ints, grants: Grants, held: Ints, first_day: int) -> Ints:
    """Return, per key, the sum of days since `first_day` of its first `units` units."""
    in_time = np.lexsort((grants.day, key))
    key, day, quantity = key[in_time], grants.day[in_time], grants.quantity[in_time]
    before = np.cumsum(quantity) - quantity - (np.cumsum(held) - held)[key]
    counted = np.clip(units[key] - before, 0, quantity)
    return sum_by(key, counted * (day - first_day), len(held))


def mean_shifts(totals: Ints, numbers: Ints) -> list[float | None]:
    """Return exact quotients: whole where they are whole, else to 6 decimals; None of nothing."""
    return [
        None if not number else total // number if total % number == 0 else round(total / number, 6)
        for total, number in zip(totals.tolist(), numbers.tolist(), strict=True)
    ]
