"""Rolling: known orders of better tiers hold units back for so many days ahead, and no longer.

Each day the tiers are served in order over that day and the `reserve_days` after it, with all that
is held fixed, and only the grants of the day itself are kept. Pegged and promised units are given
before and hold for good. A better tier can so lose to a worse one only units that it needs more
than `reserve_days` after they were given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from earmark.planning.paths import add_along, from_the_end
from earmark.planning.problem import FIRST_TIER, AllocationProblem
from earmark.planning.sharing import Firm
from earmark.planning.tiers import Served, counted, serve, serve_stage, stages_of
from earmark.schedule import Ints
from earmark.sums import sum_by


def rolls(problem: AllocationProblem) -> bool:
    """Tell whether some day's window ends before the last day of the problem."""
    ahead = problem.policy.reserve_days
    days = problem.days
    return ahead is not None and bool(len(days)) and int(days[0]) + ahead < int(days[-1])


def serve_rolling(problem: AllocationProblem) -> Iterator[Served]:
    """Yield every stage's grants in order; as `serve` does where no window ends before the end."""
    if not rolls(problem):
        yield from serve(problem)
        return
    firm = list(serve(problem, stages=FIRST_TIER))
    yield from firm
    yield from _Roll(problem, firm).tiers()


class _Roll:
    """Goes through the days with what every class holds so far."""

    def __init__(self, problem: AllocationProblem, firm: Sequence[Served]) -> None:
        self.problem, self.counted = problem, counted(problem, firm)
        self.held = np.zeros(len(problem.classes.stage), np.int64)
        slack = problem.nodes.capacity.copy()
        for stage in firm:
            add_along(slack, problem.classes.path[stage.classes], -stage.given)
        self.slack = from_the_end(slack)
        """(N, T) what nodes can give for good after all that is given."""
        before = np.append(0, problem.line_ends)[problem.first_lines]
        self.line_ends = problem.line_ends - before[problem.lines.cls]
        """(L,) where each line ends among the units of its class."""

    def tiers(self) -> Iterator[Served]:
        """Yield the tiers in order, with what they were given on each day."""
        problem = self.problem
        ahead = problem.policy.reserve_days or 0
        tiers = [(s, of) for s, of in stages_of(problem) if s >= FIRST_TIER]
        given = [np.zeros((len(of), len(problem.days)), np.int64) for _, of in tiers]
        stops = np.searchsorted(problem.days, problem.days + ahead, side="right").tolist()
        for day, stop in enumerate(stops):
            last = stop == len(problem.days)
            kept = stop if last else day + 1
            steps = self._window(day, stop, [of for _, of in tiers])
            for (_, of), step, whole in zip(tiers, steps, given, strict=True):
                whole[:, day:kept] = self.held[of, None] + step[:, : kept - day]
                self._take(of, step, day, kept)
            if last:
                break
        for (stage, of), whole in zip(tiers, given, strict=True):
            yield Served(stage, of, problem.demand(of), whole)

    def _take(self, of: Ints, step: Ints, day: int, kept: int) -> None:
        """Keep a tier's grants of the days from `day` up to, not including, `kept`."""
        path = self.problem.classes.path[of]
        add_along(self.slack[:, day:kept], path, -step[:, : kept - day])
        add_along(self.slack[:, kept:], path, -step[:, kept - day - 1, None])
        self.held[of] += step[:, kept - day - 1]

    def _window(self, day: int, stop: int, tiers: Sequence[Ints]) -> list[Ints]:
        """Return (k, stop - day) what each tier gets beyond what it holds, up to `stop`."""
        problem, slack, steps = self._ahead(day, stop), self.slack.copy(), []
        broken = self._broken(problem)
        for of in tiers:
            path = problem.classes.path[of]
            room = from_the_end(slack)[:, day:stop]
            add_along(room, path, -broken[of, None])
            firm = self._firm(of, self.held[of] + broken[of], day, stop)
            step = serve_stage(problem, of, problem.demand(of), room, firm)
            add_along(slack[:, day:stop], path, -step)
            add_along(slack[:, stop:], path, -step[:, -1:])
            steps.append(step)
        return steps

    def _ahead(self, day: int, stop: int) -> AllocationProblem:
        """Return the problem of the days from `day` to `stop`, less what is held."""
        whole = self.problem
        missing = self.line_ends - self.held[whole.lines.cls]
        return replace(
            whole,
            days=whole.days[day:stop],
            lengths=whole.lengths[day:stop],
            end=int(whole.days[stop]) if stop < len(whole.days) else whole.end,
            lines=replace(whole.lines, quantity=np.clip(missing, 0, whole.lines.quantity)),
        )

    def _broken(self, ahead: AllocationProblem) -> Ints:
        """Return (C,) the units by which what is held falls short of the lots that it counts as."""
        lines, whole = self.problem.lines, self.problem
        if not whole.policy.in_lots:
            return np.zeros_like(self.held)
        size = whole.lot_size[whole.classes.product[lines.cls]]
        got = lines.quantity - ahead.lines.quantity
        return sum_by(lines.cls, -got % size, len(self.held))

    def _firm(self, of: Ints, units: Ints, day: int, stop: int) -> Firm:
        """Return what shares count: what the tier holds, and what the policy adds to it."""
        classes, counts = self.problem.classes, self.counted
        party, product = classes.party[of], classes.product[of]
        held = units[:, None].astype(np.float64)
        if self.problem.policy.in_lots:
            held = held / self.problem.lot_size[product][:, None]
        held = np.broadcast_to(held, (len(of), stop - day))
        return Firm(
            np.append(party, counts.party),
            np.append(product, counts.product),
            np.concatenate([held, counts.due[:, day:stop]]),
            np.concatenate([held, counts.held[:, day:stop]]),
        )
