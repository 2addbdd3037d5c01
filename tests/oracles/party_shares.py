"""Weighted max-min shares of parties on one day, by linear programs over the flow of units.

A unit flows from a party over one of its sites to the root. What a party held at a site the day
before stays there; the rest may be routed anew.
"""

from collections.abc import Callable, Mapping

import highspy
import numpy as np

Class = tuple[str, str]
"""A party and a site."""

CLOSE = 1e-7


def leximin(
    held: Mapping[Class, float],
    demand: Mapping[Class, float],
    sites: Mapping[str, float],
    root: float,
    weights: Mapping[str, float],
) -> dict[str, float]:
    """Return what each party holds in all, none of it to be had by taking from the poorer.

    `sites` are the units that each site can give (a site left out gives any number), `root` what
    there is in all. The lowest share (units by weight) is raised as far as it goes; who can have
    no more is settled, and the others go on.
    """
    flow = _Flow(held, demand, sites, root)
    parties = sorted({party for party, _ in demand})
    least = dict.fromkeys(parties, 0.0)
    rising = set(parties)
    while rising:
        level = flow.level(least, {party: weights.get(party, 1.0) for party in rising})
        floor = {
            party: level * weights.get(party, 1.0) if party in rising else least[party]
            for party in parties
        }
        tops = {party: flow.most(party, floor) for party in sorted(rising)}
        settled = {party for party in rising if tops[party] <= floor[party] + CLOSE}
        assert settled, "a level that can still rise"
        least.update({party: floor[party] for party in settled})
        rising -= settled
    return least


def could_have_more(
    party: str,
    by: float,
    totals: Mapping[str, float],
    flow: tuple[Mapping[Class, float], Mapping[Class, float], Mapping[str, float], float],
    level: Callable[[str, float], float],
) -> bool:
    """Tell whether `party` could have `by` more at the cost of better served parties alone.

    `flow` is (held, demand, sites, root) as for `leximin`; `level` says how well served a party is
    with a total. A party is better served if it is even after it gave up `by`.
    """
    mine = level(party, totals[party] + by)
    better = {n for n in totals if level(n, totals[n] - by) >= mine and n != party}
    least = {n: 0.0 if n in better else totals[n] for n in totals}
    least[party] = totals[party] + by
    return _Flow(*flow).possible(least)


class _Flow:
    """The linear program of one day: a column for each class, and one for the level."""

    def __init__(
        self,
        held: Mapping[Class, float],
        demand: Mapping[Class, float],
        sites: Mapping[str, float],
        root: float,
    ) -> None:
        self._classes = sorted(demand)
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)  # noqa: FBT003 - highspy's signature
        self._solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for key in self._classes:
            self._solver.addVar(float(held.get(key, 0)), float(demand[key]))
        self._level = len(self._classes)
        self._solver.addVar(0.0, highspy.kHighsInf)
        for site, room in sites.items():
            self._row(-highspy.kHighsInf, room, [k for k in self._classes if k[1] == site], 0.0)
        self._row(-highspy.kHighsInf, root, self._classes, 0.0)
        self._parties = sorted({party for party, _ in self._classes})
        self._rows = {}
        for party in self._parties:
            self._rows[party] = self._solver.getNumRow()
            own = [key for key in self._classes if key[0] == party]
            self._row(0.0, highspy.kHighsInf, own, -1.0)

    def level(self, least: Mapping[str, float], weights: Mapping[str, float]) -> float:
        """Return the highest level to which all of `weights` can rise, the others at `least`."""
        for party in self._parties:
            row = self._rows[party]
            self._solver.changeCoeff(row, self._level, -weights.get(party, 0.0))
            floor = 0.0 if party in weights else least[party]
            self._solver.changeRowBounds(row, floor, highspy.kHighsInf)
        cost = np.zeros(self._level + 1)
        cost[self._level] = 1.0
        return self._best(cost)

    def most(self, party: str, least: Mapping[str, float]) -> float:
        """Return the most that `party` can have while each has at least `least`."""
        self._hold(least)
        return self._best(np.array([*(float(key[0] == party) for key in self._classes), 0.0]))

    def possible(self, least: Mapping[str, float]) -> bool:
        """Tell whether all can have at least `least` at once."""
        self._hold(least)
        self._best(np.zeros(self._level + 1), check=False)
        return bool(self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _hold(self, least: Mapping[str, float]) -> None:
        for party, row in self._rows.items():
            self._solver.changeCoeff(row, self._level, 0.0)
            floor = least[party] - CLOSE / 10
            self._solver.changeRowBounds(row, floor, highspy.kHighsInf)

    def _row(self, lower: float, upper: float, keys: list[Class], level: float) -> None:
        index = [self._classes.index(key) for key in keys]
        value = [1.0] * len(index)
        if level:
            index.append(self._level)
            value.append(level)
        places = np.array(index, np.int32)
        self._solver.addRow(float(lower), float(upper), len(index), places, np.array(value))

    def _best(self, cost: np.ndarray, *, check: bool = True) -> float:
        columns = np.arange(len(cost), dtype=np.int32)
        self._solver.changeColsCost(len(cost), columns, cost)
        self._solver.run()
        if check:
            assert self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(self._solver.getInfo().objective_function_value)
