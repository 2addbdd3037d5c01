"""What other shapes of book and policy cost: planned by the shipped command, then by stages.

  python3 x.py bench shapes [SHAPE ...] [--share X]

Shapes are books that might be slow: many tiers, shared sites, many pegs, many days,
power that is short, a workbook. `--share 0.1` makes each with a tenth of its lines.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from measuring.books import (
    SERVER,
    Columns,
    Draw,
    Size,
    day_texts,
    draw,
    names,
    write_folder,
    write_workbook,
)
from measuring.runs import Stages, figures, machine, run_earmark, show
from measuring.stages import plan_in_stages


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("shapes", nargs="*", metavar="SHAPE", help=", ".join(SHAPES))
    options.add_argument("--share", type=float, default=1.0, help="of the lines of each shape")
    chosen = options.parse_args()
    if unknown := set(chosen.shapes) - set(SHAPES):
        options.error(f"no shape {', '.join(sorted(unknown))}; there are: {', '.join(SHAPES)}")
    print(f"Measured on {machine()}. One run each.")
    for name in chosen.shapes or SHAPES:
        with tempfile.TemporaryDirectory(prefix="earmark-bench-") as folder:
            measure_shape(name, Path(folder), chosen.share)
    return 0


def measure_shape(name: str, folder: Path, share: float) -> None:
    """Print what one shape takes: the whole command, then each stage."""
    drawn, what = SHAPES[name](share)
    if name == "workbook":
        book = write_workbook(drawn, folder / "book.xlsx")
    else:
        book = write_folder(drawn, folder / "book")
    whole = run_earmark("plan", book, "-o", folder / "grants.csv")
    stages = Stages()
    plan_in_stages(book, stages)
    parts = [(f"  {stage}", f"{seconds:7.2f} s") for stage, seconds in stages.medians().items()]
    show(f"{name}: {what}", [("earmark plan BOOK -o grants.csv", figures(whole)), *parts])


def booked_days(share: float) -> tuple[Draw, str]:
    """First come first served, where every booked day is a tier of its own."""
    drawn = draw(Size(_lines(100_000, share)))
    chance = np.random.default_rng(1)
    booked = chance.integers(-700, 0, drawn.size.lines)
    what = f"{drawn.size.lines:,} lines, first_come, {len(np.unique(booked))} booked days"
    return replace(drawn, booked=booked, settings='policy = "first_come"\n'), what


def shared_sites(share: float) -> tuple[Draw, str]:
    """Max-min between parties that order at all sites, none of which has power for all of it."""
    size = Size(_lines(20_000, share), weeks=52, parties=50, sites=50, tiers=1, power=0.5)
    drawn = draw(size)
    site = np.random.default_rng(2).integers(0, size.sites, size.lines)
    quantity = np.bincount(site, drawn.quantity, size.sites)
    # As drawn, power was in proportion to what the one party of a site ordered there.
    was = np.bincount(drawn.site, drawn.quantity, size.sites)
    scale = quantity / np.maximum(was, 1)
    units = (drawn.ready_units * scale[drawn.ready_site] // SERVER).astype(np.int64) * SERVER
    return (
        replace(drawn, site=site, ready_units=units),
        f"{size.lines:,} lines, 50 parties that share 50 short sites, 52 weeks",
    )


def pegs(share: float) -> tuple[Draw, str]:
    """Earmarks: one server of a lot held for an order each."""
    drawn = draw(Size(_lines(100_000, share)))
    count = _lines(20_000, share)
    chance = np.random.default_rng(3)
    order = chance.choice(drawn.size.lines, count, replace=False)
    lots = len(drawn.lot_day)
    lot = np.arange(count) % lots
    room = drawn.lot_quantity[lot] // SERVER > np.arange(count) // lots
    order, lot = order[room], lot[room]
    orders, lot_names = names("o", drawn.size.lines), names("l", lots)
    moves: Columns = {
        "move": names("m", len(order)),
        "kind": ["earmark"] * len(order),
        "date": day_texts(np.zeros(len(order), np.int64)),
        "quantity": [SERVER] * len(order),
        "lot": [lot_names[i] for i in lot.tolist()],
        "order": [orders[i] for i in order.tolist()],
    }
    return replace(drawn, moves=moves), f"{drawn.size.lines:,} lines, {len(order):,} earmarks"


def daily(share: float) -> tuple[Draw, str]:
    """Every day of three years is due for some order, has a lot, or both."""
    drawn = draw(Size(_lines(100_000, share), weeks=157))
    chance = np.random.default_rng(4)
    due = chance.integers(0, 1095, drawn.size.lines)
    lot_day = np.minimum(drawn.lot_day + chance.integers(0, 7, len(drawn.lot_day)), 1094)
    what = f"{drawn.size.lines:,} lines, {len(np.unique(due)):,} due days"
    return replace(drawn, due=due, lot_day=lot_day), what


def idle(share: float) -> tuple[Draw, str]:
    """Delivered when due, powered or not: power is short at all sites, and units wait."""
    drawn = draw(Size(_lines(100_000, share), power=0.5))
    settings = 'policy = "delivered"\n[policy.delivered]\nship = "due"\n'
    what = f'{drawn.size.lines:,} lines, ship = "due", 200 sites short of power'
    return replace(drawn, settings=settings), what


def lots(share: float) -> tuple[Draw, str]:
    """Whole servers alone are given."""
    drawn = draw(Size(_lines(100_000, share)))
    settings = 'policy = "servers"\n[policy.servers]\nround = "lot"\n'
    return replace(drawn, settings=settings), f'{drawn.size.lines:,} lines, round = "lot"'


def workbook(share: float) -> tuple[Draw, str]:
    """The book as one workbook."""
    drawn = draw(Size(_lines(100_000, share)))
    return drawn, f"{drawn.size.lines:,} lines, from .xlsx"


def _lines(of: int, share: float) -> int:
    return max(1, round(of * share))


Shape = Callable[[float], tuple[Draw, str]]
SHAPES: Mapping[str, Shape] = {
    "booked_days": booked_days,
    "shared_sites": shared_sites,
    "pegs": pegs,
    "daily": daily,
    "idle": idle,
    "lots": lots,
    "workbook": workbook,
}


if __name__ == "__main__":
    sys.exit(main())
