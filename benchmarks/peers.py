"""How fast solvers of general use find Earmark's answer, from the same numbers in memory.

  python3 x.py bench peers [--lines N] [--flow-lines N] [--limit SECONDS] [--runs N]

Both sides start from lines, lots and power in memory and end with the grants of every line:
Earmark's engine poses the problem, serves it and cuts it back to lines; a solver's model is built,
solved and read. Answers are compared first, per tier and week: where they differ, the script ends.
Seconds are the processor's. About six minutes.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median

import numpy as np
from measuring.books import START, Draw, Ints, Size, draw
from measuring.columns import book_of
from measuring.runs import machine
from measuring.solvers import (
    Solved,
    solve_plainly_with_highs,
    solve_together_with_highs,
    solve_weighted_with_highs,
    solve_with_flow,
    solve_with_highs,
)

from earmark.book import Book
from earmark.planning.demand import planned_orders
from earmark.planning.pose import posed
from earmark.planning.rolling import serve_rolling
from earmark.planning.split import schedule_of
from earmark.schedule import Schedule

Solve = Callable[[Draw, float], Solved]
WITH_HIGHS: Mapping[str, Solve] = {
    "one model, tiers by weight, as first written down": solve_plainly_with_highs,
    "one model, tier after tier, each held to its optimum": solve_together_with_highs,
    "one model, tiers by weight, stocks carried": solve_weighted_with_highs,
    "a model a tier, on what better ones leave, stocks carried": solve_with_highs,
}
SHORT = 5.0
"""Seconds below which a solver is run as often as the engine."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lines", type=int, default=2_000, help="beside HiGHS")
    options.add_argument("--flow-lines", type=int, default=10_000, help="beside OR-Tools")
    options.add_argument("--limit", type=float, default=150.0, help="seconds of one solution")
    options.add_argument("--runs", type=int, default=5, help="of which the median is shown")
    chosen = options.parse_args()
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs, of solvers over 5 s one run.")
    compare("HiGHS, one arc per line and week", Size(chosen.lines), WITH_HIGHS, chosen)
    try:
        import ortools  # noqa: F401
    except ImportError:
        print("\nOR-Tools is not installed here: run it with `python3 x.py bench`.")
        return 0
    flow: Mapping[str, Solve] = {"a network of lines and weeks": solve_with_flow}
    size = Size(chosen.flow_lines, sites=0, tiers=1)
    compare("OR-Tools' minimum-cost flow", size, flow, chosen)
    return 0


def compare(
    title: str, size: Size, formulations: Mapping[str, Solve], chosen: argparse.Namespace
) -> None:
    """Print a table of what each formulation takes, beside the engine in the same run."""
    drawn = draw(size)
    book = book_of(drawn).as_known(None)
    schedule, engine = engine_runs(book, chosen.runs)
    expected = units_in_use(schedule, drawn)
    sites = f"{size.sites} sites" if size.sites else "no sites"
    print(f"\n{title}: {size.lines:,} lines x {size.weeks} weeks x {sites} x {size.tiers} tiers")
    print(f"Earmark's engine, from columns in memory to grants: {1000 * engine:.1f} ms\n")
    print("| formulation | arcs | building and solving | solving | ratio | of solving alone |")
    print("|---|---|---|---|---|---|")
    for name, solve in formulations.items():
        solved, whole, solving = solver_runs(solve, drawn, chosen)
        if solved.finished:
            same(expected, solved.in_use, "units in use per tier and week")
        over = "" if solved.finished else "over "
        print(
            f"| {name} | {solved.arcs:,} | {over}{whole:.2f} s | {over}{solving:.2f} s "
            f"| {over}{whole / engine:,.0f} | {over}{solving / engine:,.0f} |",
            flush=True,
        )


def engine_runs(book: Book, runs: int) -> tuple[Schedule, float]:
    """Return the grants, and the median of the seconds that the engine takes from the columns."""
    policy = book.policy_named(book.policy)
    assert policy is not None
    seconds, schedule = [], None
    for _ in range(max(3, 2 * runs)):
        began = time.process_time()
        problem = posed(book, policy, book.start, (), planned_orders(book, ())).problem
        schedule = schedule_of(problem, tuple(serve_rolling(problem)))
        seconds.append(time.process_time() - began)
    assert schedule is not None
    return schedule, median(seconds)


def solver_runs(
    solve: Solve, drawn: Draw, chosen: argparse.Namespace
) -> tuple[Solved, float, float]:
    """Return what a solver found, with the medians of its seconds whole and of solving alone."""
    found = [solve(drawn, chosen.limit or math.inf)]
    while found[0].whole_seconds < SHORT and len(found) < chosen.runs:
        found.append(solve(drawn, chosen.limit))
    whole = median(solved.whole_seconds for solved in found)
    return found[0], whole, median(solved.solve_seconds for solved in found)


def units_in_use(schedule: Schedule, drawn: Draw) -> Ints:
    """Return (tiers, weeks) units that the plan has granted by the end of each week."""
    size = drawn.size
    tier = drawn.tier[schedule.order]  # ids sort as lines are numbered
    week = (schedule.day - START.toordinal()) // 7
    cells = (tier - 1) * size.weeks + week
    granted = np.bincount(cells, schedule.quantity, size.tiers * size.weeks)
    return granted.astype(np.int64).reshape(size.tiers, size.weeks).cumsum(axis=1)


def same(expected: object, actual: object, what: str) -> None:
    """Refuse to go on with answers that differ."""
    if not np.array_equal(expected, actual):  # type: ignore[arg-type]
        raise AssertionError(f"the answers differ in {what}:\n{expected}\n{actual}")


if __name__ == "__main__":
    sys.exit(main())
