"""Money by period: the value of units by the day they are received, in b less in a."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from earmark.calendar import Period, calendar_quarter_of, parse_rule, quarter_of
from earmark.compare.alignment import Grants, Names
from earmark.compare.comparison import Pair, Receipt
from earmark.outcome.money import add_money, worth


def moved_receipts(
    calendars: Mapping[str, str | None], names: Names, grants: Pair[Grants]
) -> list[list[Receipt]]:
    """Return what moved between periods, per party and last for all together."""
    days, day_of = np.unique(np.concatenate((grants.a.day, grants.b.day)), return_inverse=True)
    party = np.concatenate((grants.a.party, grants.b.party))
    price = np.concatenate((grants.a.price, grants.b.price))
    units = np.concatenate((-grants.a.quantity, grants.b.quantity))
    receipts: list[list[Receipt]] = [[] for _ in (*names.parties, None)]
    for calendar, rule in calendars.items():
        periods = [_period(day, rule) for day in days.tolist()]
        labels = list(dict.fromkeys(period.label for period in periods))
        at = np.array([labels.index(period.label) for period in periods], dtype=np.int64)
        cells = len(names.parties) * len(labels)
        values, unpriced = worth(
            party * len(labels) + at[day_of], price, units, groups=cells, prices=names.prices
        )
        for position in range(len(names.parties)):
            place = slice(position * len(labels), (position + 1) * len(labels))
            moved = zip(labels, values[place], unpriced[place].tolist(), strict=True)
            receipts[position] += (Receipt(calendar, *change) for change in moved)
        for position, label in enumerate(labels):
            total = add_money(values[position :: len(labels)])
            rest = int(unpriced[position :: len(labels)].sum())
            receipts[-1].append(Receipt(calendar, label, total, rest))
    return [[moved for moved in own if moved.value or moved.unpriced_units] for own in receipts]


def _period(day: int, rule: str | None) -> Period:
    on = date.fromordinal(day)
    return calendar_quarter_of(on) if rule is None else quarter_of(on, parse_rule(rule))
