"""How fast the priced engine plans, and HiGHS on the compressed model of the same book.

  python3 x.py bench priced_speed [--lines N] [--sites N] [--runs N]

The engine is timed from the posed problem to whole units and their proof; the command from the
book in memory to the audited plan. Both costs are compared.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring.books import Size, write_folder
from measuring.priced import draw_weighted, least_with_highs
from measuring.runs import machine, show

from earmark.answer import Question, answer
from earmark.planning.pose import pose
from earmark.planning.problem import FIRST_TIER
from earmark.planning.tiers import serve
from earmark.policy import BUILT_IN
from earmark.pricing.decomposition import solve
from earmark.pricing.market import market_of
from earmark.pricing.proof import proven_cost
from earmark.pricing.repair import repaired
from earmark.tables import read_book


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lines", type=int, default=100_000)
    options.add_argument("--sites", type=int, default=200)
    options.add_argument("--runs", type=int, default=5, help="of which the median is shown")
    options.add_argument("--without-highs", action="store_true")
    chosen = options.parse_args()
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs.")
    size = Size(chosen.lines, sites=chosen.sites, tiers=1, fill=0.85)
    measure(size, chosen.runs, beside=not chosen.without_highs)
    return 0


def measure(size: Size, runs: int, *, beside: bool) -> None:
    """Print how long the engine, the whole answer and HiGHS take, and that they agree."""
    drawn = draw_weighted(size)
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        book, _ = read_book(write_folder(drawn, Path(folder) / "book"))
    rule, known = BUILT_IN["value"], book.as_known(None)
    problem = pose(known, rule, book.start, ())
    firm = list(serve(problem, stages=FIRST_TIER))

    def plan() -> tuple[int, float, int]:
        market = market_of(problem, firm)
        solution = solve(market)
        cost = market.cost(repaired(market, solution))
        return cost, proven_cost(market, solution.prices), solution.rounds

    (cost, bound, rounds), engine = _timed(plan, runs)
    _, whole = _timed(lambda: answer(book, Question(rule)), runs)
    rows = [
        ("engine", f"{engine:8.2f} s  {rounds} rounds, gap {(cost - bound) / cost:.1e}"),
        ("answer, with reasons and audit", f"{whole:8.2f} s"),
    ]
    if beside:
        least = least_with_highs(drawn)
        assert abs(least.cost - cost) <= 1e-6 * cost, (least.cost, cost)
        rows += [
            ("HiGHS", f"{least.solve_seconds:8.2f} s  {least.columns:,} columns"),
            ("ratio", f"{least.solve_seconds / engine:8.1f}"),
        ]
    show(f"{size.lines:,} lines, {size.sites} sites, {size.weeks} weeks", rows)


def _timed(work: Callable[[], Any], runs: int) -> tuple[Any, float]:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - start)
    return found, statistics.median(seconds)


if __name__ == "__main__":
    sys.exit(main())
