"""Units over time for the chart, from outcomes."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from earmark.outcome import Outcome
from earmark.page.content import Series
from earmark.schedule import Ints, Schedule


def plan_series(schedule: Schedule, outcome: Outcome) -> tuple[Series, ...]:
    """Return the units over time of each party of a plan, with what is due beside them.

    Units that run anyway stand in every line, also in the one that is due.
    """
    lines = outcome.lines
    dues = np.maximum(lines.due, outcome.days[0])
    days = np.union1d(outcome.days, dues)
    granted = _arrivals(outcome, days, lines.party[schedule.order], schedule.day, schedule.quantity)
    asked = _arrivals(outcome, days, lines.party, dues, lines.quantity)
    received, active = (_at(days, outcome.days, x) for x in (outcome.received, outcome.active))
    due = received - granted + asked
    dates, end = _dates(days), date.fromordinal(outcome.end)
    return tuple(
        Series(party, dates, end, _steps(received[p]), _steps(active[p]), due=_steps(due[p]))
        for p, party in enumerate(outcome.parties)
    )


def compared_series(a: Outcome, b: Outcome) -> tuple[Series, ...]:
    """Return the units over time of each party that either side has, sorted by party."""
    days = np.union1d(a.days, b.days)
    dates, end = _dates(days), date.fromordinal(a.end)
    parties = sorted({*a.parties, *b.parties})
    return tuple(
        Series(party, dates, end, *(line for side in (a, b) for line in _lines(side, party, days)))
        for party in parties
    )


def _lines(side: Outcome, party: str, days: Ints) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a party's received and active units on `days`; none for a party of the other side."""
    if party not in side.parties:
        none = (0,) * len(days)
        return none, none
    row = slice(side.parties.index(party), side.parties.index(party) + 1)
    received, active = (
        _at(days, side.days, matrix[row])[0] for matrix in (side.received, side.active)
    )
    return _steps(received), _steps(active)


def _arrivals(outcome: Outcome, days: Ints, party: Ints, day: Ints, units: Ints) -> Ints:
    """Return cumulative units per party, `(parties, days)`, of units that come each on its day."""
    changes = np.zeros((len(outcome.parties), len(days)), dtype=np.int64)
    np.add.at(changes, (party, np.searchsorted(days, day)), units)
    return np.cumsum(changes, axis=1)


def _at(days: Ints, own: Ints, levels: Ints) -> Ints:
    """Return the levels of the steps that begin on `own`, `(parties, own)`, on finer days."""
    return levels[:, np.searchsorted(own, days, side="right") - 1]


def _dates(days: Ints) -> tuple[date, ...]:
    return tuple(map(date.fromordinal, days.tolist()))


def _steps(levels: Ints) -> tuple[int, ...]:
    units: Sequence[int] = levels.tolist()
    return tuple(units)
