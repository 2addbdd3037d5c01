"""How Earmark does with a million lines, after a change, and as books grow.

  python3 x.py bench scale [PART ...] [--lines N] [--runs N] [--picture FILE.svg]

Parts: command, small, changes, growth.

The command is `earmark plan BOOK -o grants.parquet`, a process of its own, with checks, audit and
reasons. Planning again is through the Python API, on an open book.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from measuring.books import START, Size, draw, write_folder
from measuring.columns import book_of
from measuring.drawing import Points, draw_growth
from measuring.runs import Stages, figures, machine, median_run, run_earmark, show
from measuring.stages import answer_in_stages

from earmark import Change, Planner
from earmark.schedule import Plan
from earmark.tables import write_book

GROWTH = {
    "lines": (1_000, 10_000, 100_000, 1_000_000),
    "weeks": (26, 52, 104, 208),
    "sites": (40, 80, 200, 400, 800),
    "tiers": (1, 2, 5, 10, 20),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--lines", type=int, default=1_000_000)
    options.add_argument("--picture", type=Path, help="where growth is drawn, an .svg")
    options.add_argument("--runs", type=int, default=3, help="of which the median is shown")
    chosen = options.parse_args()
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs.")
    if unknown := set(chosen.parts) - set(PARTS):
        options.error(f"no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    parts = chosen.parts or PARTS
    with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
        if "command" in parts:
            measure_command(Path(folder), Size(chosen.lines), chosen.runs)
        if "small" in parts:
            small = Size(min(10_000, chosen.lines), weeks=104, sites=0)
            measure_small(Path(folder), small, chosen.runs)
    if "changes" in parts:
        # What takes tens of milliseconds is run more often.
        measure_changes(Size(min(10_000, chosen.lines)), 5 * chosen.runs)
        measure_changes(Size(chosen.lines), chosen.runs)
    if "growth" in parts:
        sides = measure_growth(min(100_000, chosen.lines), chosen.lines, chosen.runs)
        if chosen.picture:
            print(f"\ndrawn: {draw_growth(sides, chosen.picture)}")
    return 0


PARTS = ("command", "small", "changes", "growth")


def measure_command(folder: Path, size: Size, runs: int) -> None:
    """Print what the whole command takes from Parquet and from CSV, and its stages inside."""
    drawn = draw(size)
    text = write_folder(drawn, folder / "csv")
    write_book(book_of(drawn), folder / "parquet", parquet=True)
    rows = []
    for name, book in (("from Parquet", folder / "parquet"), ("from CSV", text)):
        output = folder / "grants.parquet"
        whole = median_run([run_earmark("plan", book, "-o", output) for _ in range(runs)])
        rows.append((name, figures(whole)))
    show(f"earmark plan BOOK -o grants.parquet, {size.lines:,} lines", rows)
    stages = Stages()
    for _ in range(runs):
        answer_in_stages(book_of(drawn), stages)
    show("Stages after reading", [(n, f"{s:7.3f} s") for n, s in stages.medians().items()])


def measure_small(folder: Path, size: Size, runs: int) -> None:
    """Print what the whole command takes for a book of a usual size."""
    book = write_folder(draw(size), folder / "small")
    runs_of = [run_earmark("plan", book, "-o", folder / "grants.csv") for _ in range(runs)]
    what = f"{size.lines:,} lines on {size.weeks} weekly lots, from CSV"
    show(what, [("whole command", figures(median_run(runs_of)))])


def changes(size: Size) -> dict[str, Change]:
    """Return one change of every kind, in the middle of the book."""
    width, middle = len(str(size.lines - 1)), size.lines // 2
    order, day = f"o{middle:0{width}}", START + timedelta(days=7 * (size.weeks * 2 // 5))
    lot = f"l{size.weeks * 2 // 5:0{len(str(size.weeks - 1))}}"
    return {
        "quantity of an order": Change(orders=[{"order": order, "quantity": 24}]),
        "tier of an order": Change(orders=[{"order": order, "tier": 1}]),
        "due day of an order": Change(orders=[{"order": order, "due": day}]),
        "an order less": Change(drop={"orders": [order]}),
        "quantity of a lot": Change(lots=[{"lot": lot, "quantity": 80}]),
        "power of a site": Change(
            readiness=[
                {
                    "site": f"s{0:0{len(str(size.sites - 1))}}",
                    "product": None,
                    "date": day,
                    "units": 800,
                }
            ]
        ),
    }


def measure_changes(size: Size, runs: int) -> None:
    """Print how long planning again takes after changes of several kinds, and what is left out."""
    planner = Planner(book_of(draw(size)))
    planner.plan(audited=False)
    rows = []
    for name, change in changes(size).items():
        planner.replan(change)
        again = _seconds(partial(planner.replan, change), runs)
        reasons = _seconds(partial(_explained, planner, change), runs) - again
        audit = _seconds(partial(planner.replan, change, audited=True), runs)
        text = f"{1000 * again:7.0f} ms; reasons {1000 * reasons:5.0f} ms more"
        rows.append((name, f"{text}; with reasons and audit {1000 * audit:6.0f} ms"))
    show(f"Planning again after a change, {size.lines:,} lines", rows)


def measure_growth(lines: int, most: int, runs: int) -> dict[str, Points]:
    """Print the seconds of everything after reading as each side of a book grows; return them."""
    sides = {**GROWTH, "lines": [n for n in GROWTH["lines"] if n <= most] or [lines]}
    found: dict[str, Points] = {}
    for name, sizes in sides.items():
        points = []
        for number in sizes:
            size = Size(**{"lines": lines, name: number})
            book = book_of(draw(size))
            points.append((number, _seconds(partial(answer_in_stages, book, Stages()), runs)))
        rows = [(f"{number:,}", f"{seconds:7.3f} s") for number, seconds in points]
        show(f"Everything after reading, by {name} (others as in {lines:,} lines)", rows)
        found[name] = points
    return found


def _explained(planner: Planner, change: Change) -> Plan:
    return planner.replan(change).plan


def _seconds(call: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return median(taken)


if __name__ == "__main__":
    sys.exit(main())
