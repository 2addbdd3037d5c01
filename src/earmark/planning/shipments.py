"""When a single order is shipped: the most units that its rules allow, then the fewest days late.

`room[t]` is what may be given by day t for good, so that waiting never loses anything. Where every
shipment has to be of so many units at least, taking what is there can leave a rest that may not be
shipped any more; so the last shipment is looked for first, then the best before it.
"""

import numpy as np

from earmark.schedule import Ints


def shipped(quantity: int, room: Ints, least: int, lengths: Ints) -> Ints:
    """Return (T,) cumulative units: as many as possible, then the most unit-days.

    `room` (T,) never falls; every shipment is of `least` units or more (of the whole order where
    it is smaller); `lengths` (T,) are the days until the next day.
    """
    room, least = np.minimum(room, quantity), min(least, quantity)
    top = int(room[-1]) if len(room) else 0
    if least <= 1:
        return room
    given = np.zeros_like(room)
    if top < least:
        return given
    for day, units in _shipments(room, top, least, np.cumsum(lengths) - lengths):
        given[day:] = np.maximum(given[day:], units)
    return given


_State = tuple[int, int]
"""The position of a day in the steps, and what may be shipped before it."""


def _shipments(room: Ints, top: int, least: int, days: Ints) -> list[tuple[int, int]]:
    """Return day and cumulative units of the shipments of `top` units with most unit-days.

    From the last shipment, which is on the first day with room for all, backwards: what is shipped
    before one of `least` or more is `cap` at most. Of two ways to a day the one with the larger
    cap and no fewer unit-days is kept.
    """
    steps = np.flatnonzero(np.diff(room, prepend=0) > 0)
    steps = steps[room[steps] >= least]
    last = int(np.searchsorted(room[steps], top))
    steps, level, day = steps[: last + 1], room[steps].tolist(), days[steps].tolist()
    ways: list[dict[int, tuple[int, _State | None]]] = [{} for _ in range(last + 1)]
    ways[last][top - least] = 0, None
    best, end = 0, (last, top - least)
    for j in range(last, -1, -1):
        for cap, (gained, _) in _undominated(ways[j]):
            if gained > best:
                best, end = gained, (j, cap)
            for i in range(min(j, int(np.searchsorted(level[:j], cap)) + 1)):
                units = min(cap, level[i])
                if units < least:
                    continue
                worth = gained + units * (day[j] - day[i])
                before = ways[i].get(units - least)
                if before is None or worth > before[0]:
                    ways[i][units - least] = worth, (j, cap)
    found: list[tuple[int, int]] = []
    at: _State | None = end
    while at is not None:
        j, cap = at
        found.append((int(steps[j]), cap + least))
        at = ways[j][cap][1]
    return found


_Way = tuple[int, _State | None]


def _undominated(ways: dict[int, _Way]) -> list[tuple[int, _Way]]:
    """Return the ways for which no other leaves as much to ship and has as many unit-days."""
    kept: list[tuple[int, _Way]] = []
    for cap, way in sorted(ways.items(), reverse=True):
        if not kept or way[0] > kept[-1][1][0]:
            kept.append((cap, way))
    return kept
