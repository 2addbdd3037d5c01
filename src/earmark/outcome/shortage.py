"""What lacks power: units received at a site on days on which it cannot power all of them.

Where everything at a site fits on every day, received is active and nothing is looked at closer.
A short site is laid out as a matrix, a row for each of its orders, one site at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from earmark.outcome.power import SitePower, share_power
from earmark.outcome.timeline import Timeline
from earmark.policy import Policy
from earmark.ranking import dense, ranked
from earmark.schedule import Bools, Ints
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True, eq=False)
class Shortage:
    """What lacks power, on which days, and whom it makes late.

    `orders` are the positions of the orders that lack power at some time, each once; beside them
    are their idle unit-days and all of their late unit-days. `parties` are the idle units of
    each party on each day, `(parties, days)`, running units among them.
    """

    orders: Ints
    idle_unit_days: Ints
    late_unit_days: Ints
    parties: Ints


def shortage_of(
    timeline: Timeline, power: Mapping[str, SitePower], policy: Policy | None
) -> Shortage:
    """Return what lacks power on the days of `timeline`, site by site."""
    lines = timeline.lines
    changes = np.zeros((len(lines.parties), len(timeline.days)), dtype=np.int64)
    found = []
    short = _short_sites(timeline, power)
    turns = _turns(timeline, policy) if short else _NONE
    for site, grants, running in _of_sites(timeline, short):
        queue = _queue(timeline, power[site], grants, running, turns)
        found.append(_lacking_orders(timeline, queue))
        _add_party_changes(changes, queue)
    columns = [np.concatenate([_NONE, *column]) for column in zip(*found, strict=True)]
    orders, idle, late = columns or (_NONE, _NONE, _NONE)
    return Shortage(orders, idle, late, np.cumsum(changes, axis=1))


_NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Queue:
    """The units at a short site, rows in the order in which they get power.

    `order` is -1 for running units; `at` are the positions of the site's own event days in the days
    of the timeline; `units` and `active` are `(rows, at)`.
    """

    party: Ints
    order: Ints
    at: Ints
    units: Ints
    active: Ints


def _turns(timeline: Timeline, policy: Policy | None) -> Ints:
    """Return the place of each order in the queue for power: by tier, due, booked, order."""
    lines = timeline.lines
    tiers = {"order": lines.tier, "one": np.zeros_like(lines.tier), "booked": lines.booked}
    tier = tiers["order" if policy is None else policy.tiers]
    turns = np.empty_like(tier)
    turns[ranked(tier, lines.due, lines.booked)] = np.arange(len(tier))
    return turns


def _of_sites(timeline: Timeline, sites: Sequence[int]) -> Iterator[tuple[str, Ints, Ints]]:
    """Yield some sites, each with the positions of its grants and of its running rows."""
    if not sites:
        return
    site_of = timeline.lines.site[timeline.schedule.order]
    sorted_grants = ranked(site_of)
    bounds = np.searchsorted(site_of[sorted_grants], np.arange(len(timeline.lines.sites) + 1))
    for site in sites:
        grants = sorted_grants[bounds[site] : bounds[site + 1]]
        running = np.flatnonzero(timeline.running.site == site)
        yield timeline.lines.sites[site], grants, running


def _short_sites(timeline: Timeline, power: Mapping[str, SitePower]) -> list[int]:
    """Return the positions of the sites that cannot power all units on every day."""
    keys, loads = _loads(timeline, power)
    products = timeline.lines.products
    site_of = keys // max(len(products), 1)
    bounds = np.searchsorted(site_of, np.arange(len(timeline.lines.sites) + 1)).tolist()
    sites, limits, under = [], [], []
    for site, (first, stop) in enumerate(pairwise(bounds)):
        if first < stop:
            named = {products[keys[row] % len(products)]: loads[row] for row in range(first, stop)}
            for limit, load in power[timeline.lines.sites[site]].limits(named):
                sites.append(site)
                limits.append(limit)
                under.append(load)
    if not sites:
        return []
    over = (np.array(under) > np.array(limits)).any(axis=1)
    return sorted({sites[row] for row in np.flatnonzero(over).tolist()})


def _loads(timeline: Timeline, power: Mapping[str, SitePower]) -> tuple[Ints, Ints]:
    """Return the units at sites with limited power, `(keys, days)`, sorted by key.

    A key is the site's position times the number of products, plus the product's.
    """
    lines, schedule, rows = timeline.lines, timeline.schedule, timeline.running
    limited = np.array([site in power for site in lines.sites] + [False], np.bool_)
    key = np.where(limited[lines.site], lines.site * len(lines.products) + lines.product, -1)
    granted = key[schedule.order]
    placed = np.flatnonzero(granted >= 0)
    run = np.flatnonzero(limited[rows.site])
    ran = rows.site[run] * len(lines.products) + rows.product[run]
    every = np.concatenate([granted[placed], ran])
    at, count = dense(every)
    keys = np.zeros(count, np.int64)
    keys[at] = every
    cells = at[: len(placed)] * len(timeline.days) + timeline.grant_days[placed]
    changes = sum_by(cells, schedule.quantity[placed], count * len(timeline.days))
    loads = np.cumsum(changes.reshape(count, len(timeline.days)), axis=1)
    np.add.at(loads, at[len(placed) :], rows.units[run])
    return keys, loads


def _queue(
    timeline: Timeline, power: SitePower, grants: Ints, running: Ints, turns: Ints
) -> _Queue:
    """Lay a site out on its own event days and share its power."""
    lines, schedule, rows = timeline.lines, timeline.schedule, timeline.running
    turn = turns[schedule.order[grants]] + len(turns) * ~schedule.pegged[grants]
    _, one_grant, row_of = np.unique(turn, return_index=True, return_inverse=True)
    order = schedule.order[grants][one_grant]
    running_units = rows.units[running]
    moved = np.flatnonzero(np.diff(running_units, axis=1).any(axis=0)) + 1
    at = np.unique(np.concatenate((power.changes, timeline.grant_days[grants], moved)))
    changes = np.zeros((len(order), len(at)), dtype=np.int64)
    place = row_of, np.searchsorted(at, timeline.grant_days[grants])
    np.add.at(changes, place, schedule.quantity[grants])
    held = running_units[:, at]
    units = np.concatenate((np.minimum(held, 0), np.maximum(held, 0), np.cumsum(changes, axis=1)))
    product = np.concatenate((rows.product[running], rows.product[running], lines.product[order]))
    return _Queue(
        np.concatenate((rows.party[running], rows.party[running], lines.party[order])),
        np.concatenate((np.full(2 * len(running), -1), order)),
        at,
        units,
        share_power(units, product, lines.products, power.on(at)),
    )


def _lacking_orders(timeline: Timeline, queue: _Queue) -> tuple[Ints, Ints, Ints]:
    """Return the orders that lack power at some time, their idle and their late unit-days."""
    lacking = np.unique(queue.order[_lacking_rows(queue)])
    rows = np.flatnonzero(np.isin(queue.order, lacking[lacking >= 0]))
    orders, units = _sums(queue.units[rows], queue.order[rows])
    _, active = _sums(queue.active[rows], queue.order[rows])
    starts = timeline.days[queue.at]
    ends = np.append(starts[1:], timeline.end)
    idle = ((units - active) * (ends - starts)).sum(axis=1)
    # The k-th unit is usable from the first day on which k units have power, whatever comes after.
    unusable = units[:, -1:] - np.maximum.accumulate(active, axis=1)
    due = timeline.lines.due[orders, np.newaxis]
    late_days = np.maximum(ends - np.maximum(starts, due), 0)
    backlog = units[:, -1] * np.maximum(starts[0] - due[:, 0], 0)
    return orders, idle, backlog + (unusable * late_days).sum(axis=1)


def _add_party_changes(changes: Ints, queue: _Queue) -> None:
    """Add the changes of the idle units of each party to `changes`, `(parties, days)`."""
    rows = np.flatnonzero(_lacking_rows(queue))
    parties, idle = _sums(queue.units[rows] - queue.active[rows], queue.party[rows])
    changes[np.ix_(parties, queue.at)] += np.diff(idle, axis=1, prepend=0)


def _lacking_rows(queue: _Queue) -> Bools:
    lacking: Bools = np.any(queue.active < queue.units, axis=1)
    return lacking


def _sums(rows: Ints, key: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys and the sum of the rows of each, `(keys, columns)`."""
    if not len(key):
        return key, rows
    by_key = np.argsort(key, kind="stable")
    keys, firsts = np.unique(key[by_key], return_index=True)
    if len(keys) == len(key):
        return keys, rows[by_key]
    return keys, np.add.reduceat(rows[by_key], firsts, axis=0)
