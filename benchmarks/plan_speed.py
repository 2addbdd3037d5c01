"""How fast Earmark plans a large book, stage by stage and as a whole.

  python3 x.py bench plan_speed [--lines N] [--runs N]

Timed runs are `earmark plan BOOK -o grants.csv` from CSV files, in a process of its own, with
checks, audit and reasons on.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from measuring.books import Size, draw, write_folder
from measuring.runs import Stages, figures, machine, median_run, run_earmark, show
from measuring.stages import engine_seconds, plan_in_stages


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lines", type=int, default=100_000, help="of the large book")
    options.add_argument("--runs", type=int, default=5, help="of which the median is shown")
    chosen = options.parse_args()
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs.")
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        measure_large(Path(folder), Size(chosen.lines), chosen.runs)
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


def words(size: Size) -> str:
    """Return a size in words."""
    sites = f"{size.sites} sites" if size.sites else "no sites"
    tiers = f"{size.tiers} tiers" if size.tiers > 1 else "1 tier"
    return f"{size.lines:,} lines x {size.weeks} weeks x {sites} x {tiers}"


if __name__ == "__main__":
    sys.exit(main())
