"""How fast Earmark plans, and how fast solvers of general use find the same answer.

  python3 x.py bench plan_speed [--lines N] [--runs N]

Timed runs of Earmark are `earmark plan BOOK -o grants.csv` from CSV files, in a process of its own,
with checks, audit and reasons on. Where a solver is timed beside it, both answers are compared
first.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from measuring.books import START, Draw, Ints, Size, draw, write_folder
from measuring.runs import Run, Stages, figures, machine, median_run, run_earmark, show
from measuring.solvers import (
    Solved,
    solve_together_with_highs,
    solve_with_flow,
    solve_with_highs,
)
from measuring.stages import engine_seconds, plan_in_stages

from earmark.answer import Answer


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lines", type=int, default=100_000, help="of the large book")
    options.add_argument("--highs-lines", type=int, default=2_000)
    options.add_argument("--together-lines", type=int, default=200)
    options.add_argument("--flow-lines", type=int, default=10_000)
    options.add_argument("--runs", type=int, default=5, help="of which the median is shown")
    chosen = options.parse_args()
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs.")
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        measure_large(Path(folder), Size(chosen.lines), chosen.runs)
        compare_with_highs(Path(folder), Size(chosen.highs_lines), chosen.runs)
        together = Size(chosen.together_lines)
        compare_with_highs(Path(folder), together, chosen.runs, together=True)
        compare_with_flow(Path(folder), Size(chosen.flow_lines, sites=0, tiers=1), chosen.runs)
    return 0


def measure_large(folder: Path, size: Size, runs: int) -> None:
    """Print what the stages, the whole command and its help take."""
    drawn = draw(size)
    book = write_folder(drawn, folder / "large")
    show_inside(book, words(size), runs)
    grants, document = folder / "grants.csv", folder / "plan.json"
    commands = {
        "earmark plan BOOK -o grants.csv": lambda: run_earmark("plan", book, "-o", grants),
        "the same with --json": lambda: run_earmark(
            "plan", book, "-o", grants, "--json", output=document
        ),
        "earmark --help": lambda: run_earmark("--help"),
    }
    rows = []
    for name, run in commands.items():
        rows.append((name, figures(median_run([run() for _ in range(runs)]))))
    show(f"The whole command, {words(size)}, from CSV, a process each", rows)


def show_inside(book: Path, what: str, runs: int) -> None:
    """Print the seconds of each stage in one process that is warm, and of the engine alone."""
    stages = Stages()
    for _ in range(runs):
        plan_in_stages(book, stages)
    medians = stages.medians()
    rows = [("engine alone", f"{engine_seconds(medians):7.3f} s  (pose, serve, split)")]
    rows += [(f"  {name}", f"{seconds:7.3f} s") for name, seconds in medians.items()]
    show(f"Stages, {what}, in one process", rows)


def compare_with_highs(folder: Path, size: Size, runs: int, *, together: bool = False) -> None:
    """Compare answers per tier and week with HiGHS, then print both times.

    Either each tier alone on what the better ones leave, or all tiers `together` in one model.
    """
    drawn = draw(size)
    book = write_folder(drawn, folder / f"highs-{together}")
    said, stages = _answered(book, runs)
    solved = solve_together_with_highs(drawn) if together else solve_with_highs(drawn)
    same(solved.in_use, units_in_use(said, drawn), "units in use per tier and week")
    name = "HiGHS, all tiers in one model" if together else "HiGHS, each tier on what is left"
    _show_ratio(name, solved, size, stages, book, runs)


def compare_with_flow(folder: Path, size: Size, runs: int) -> None:
    """Compare totals with OR-Tools' minimum-cost flow, then print both times."""
    try:
        import ortools  # noqa: F401
    except ImportError:
        print("\nOR-Tools is not installed here: run it with `python3 x.py bench`.")
        return
    drawn = draw(size)
    book = write_folder(drawn, folder / "flow")
    said, stages = _answered(book, runs)
    solved = solve_with_flow(drawn)
    found = said.outcome.figures
    unit_days = int((found.late_unit_days + found.unserved_unit_days).sum())
    same(solved.late_and_unserved_unit_days, unit_days, "late and unserved unit-days")
    same(solved.in_use, units_in_use(said, drawn), "units in use per week")
    _show_ratio("OR-Tools minimum-cost flow", solved, size, stages, book, runs)


def units_in_use(said: Answer, drawn: Draw) -> Ints:
    """Return (tiers, weeks) units that the plan has granted by the end of each week."""
    schedule, size = said.plan.schedule, drawn.size
    tier = drawn.tier[schedule.order]  # ids sort as lines are numbered
    week = (schedule.day - START.toordinal()) // 7
    cells = (tier - 1) * size.weeks + week
    granted = np.bincount(cells, schedule.quantity, size.tiers * size.weeks)
    return granted.astype(np.int64).reshape(size.tiers, size.weeks).cumsum(axis=1)


def words(size: Size) -> str:
    """Return a size in words."""
    sites = f"{size.sites} sites" if size.sites else "no sites"
    tiers = f"{size.tiers} tiers" if size.tiers > 1 else "1 tier"
    return f"{size.lines:,} lines x {size.weeks} weeks x {sites} x {tiers}"


def same(expected: object, actual: object, what: str) -> None:
    """Refuse to go on with answers that differ."""
    if not np.array_equal(expected, actual):  # type: ignore[arg-type]
        raise AssertionError(f"the answers differ in {what}:\n{expected}\n{actual}")


def _answered(book: Path, runs: int) -> tuple[Answer, Stages]:
    stages = Stages()
    return [plan_in_stages(book, stages) for _ in range(runs)][-1], stages


def _show_ratio(
    name: str, solved: Solved, size: Size, stages: Stages, book: Path, runs: int
) -> None:
    whole: Run = median_run(
        [run_earmark("plan", book, "-o", book.parent / "grants.csv") for _ in range(runs)]
    )
    engine = engine_seconds(stages.medians())
    show(
        f"{name}, {words(size)}: the same answer, "
        f"{solved.late_and_unserved_unit_days:,} unit-days late or unserved",
        [
            (f"{name}", f"{solved.solve_seconds:7.2f} s  solving alone, {solved.arcs:,} arcs"),
            ("  with its model built", f"{solved.whole_seconds:7.2f} s"),
            ("earmark plan, all of it", figures(whole)),
            ("  the engine alone", f"{engine:7.3f} s"),
            ("ratio, whole to whole", f"{solved.whole_seconds / whole.wall_seconds:7.1f}"),
            ("ratio, solving to engine", f"{solved.solve_seconds / engine:7.0f}"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
