"""Try long to break a record: random moves, kills and power cuts; prints what was found.

  .venv/bin/python tools/soak.py [PART ...] [--share X]

Parts: moves, kills, cuts. CI runs the same trials for a shorter time (tests/stores). Ends with 1
if anything was lost, torn or changed, or if a control lost nothing. The figures of one run stand in
docs/durability.md.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from postgres import ledger_of, running_server
from raw_books import TOML, write_folder
from soaking import kills as killing
from soaking.cuts import Figures, appended, cut
from soaking.record_machine import run
from soaking.trial import sqlite_in_memory

from earmark.recording import Word, import_book
from earmark.stores import open_store

Opened = Callable[[], AbstractContextManager[str]]

RUNS, STEPS = {"SQLite": 350, "PostgreSQL": 150}, 50
KILLS = {"SQLite": 500, "PostgreSQL": 300}
COMMAND_KILLS = {"SQLite": 100, "PostgreSQL": 100}
WORKS, CUTS = 50, 20
"""Stores that are written, and cuts of the power under each."""

CONTROLS = ("synchronous=NORMAL", "synchronous=OFF")

BOOK = {
    "book.toml": TOML,
    "lots.csv": "lot,product,date,quantity\nl1,gpu,2024-03-01,1000000\n",
    "orders.csv": "order,party,product,quantity,due\no1,p,gpu,1000000,2024-03-01\n",
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--share", type=float, default=1.0, help="of each number of trials")
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        options.error(f"no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with running_server() as server:
        stores: dict[str, Opened] = {
            "SQLite": sqlite_in_memory,
            "PostgreSQL": lambda: ledger_of(server),
        }
        fine = [PARTS[part](stores, chosen.share) for part in chosen.parts or PARTS]
    return 0 if all(fine) else 1


def try_moves(stores: Mapping[str, Opened], share: float) -> bool:
    """Run the state machine; a law that is broken ends the script with the steps that broke it."""
    for name, opened in stores.items():
        began = time.perf_counter(), time.process_time()
        counts = run(opened, _of(RUNS[name], share), STEPS, derandomize=False, database=None)
        seconds = time.perf_counter() - began[0], time.process_time() - began[1]
        print(f"\n{name}: {counts.pop('runs')} runs of up to {STEPS} steps, all laws held")
        print(f"  {seconds[0]:.0f} s, {seconds[1]:.0f} s of them processor time of the trial")
        for what, count in sorted(counts.items(), key=lambda item: -item[1]):
            print(f"  {count:7,} {what.strip() + ' (entry)' if what.startswith(' ') else what}")
    return True


def try_kills(stores: Mapping[str, Opened], share: float) -> bool:
    """Kill those who append, through the store and through the command."""
    fine = True
    with killing.appender() as appender:
        for name, opened in {**stores, "SQLite": _sqlite_on_disk}.items():
            began = time.perf_counter()
            whole = Counter[str]()
            with opened() as address:
                figures = killing.kill_often(address, appender, _of(KILLS[name], share), 1)
                fine &= _told(figures, whole)
            with opened() as address, tempfile.TemporaryDirectory() as folder:
                _take_in(address, Path(folder))
                count = _of(COMMAND_KILLS[name], share)
                fine &= _told(killing.kill_commands(address, appender, count, 2), whole)
            print(f"\n{name}: {whole.pop('kills'):,} kills, {time.perf_counter() - began:.0f} s")
            for what, number in whole.items():
                print(f"  {number:7,} {what}")
    return fine


def try_cuts(stores: Mapping[str, Opened], share: float) -> bool:
    """Cut the power under SQLite, as it is shipped and as it must not be."""
    shipped = _cut((), _of(WORKS, share), CUTS)
    fine = not shipped.lost and not shipped.broken
    for pragma in CONTROLS:
        control = _cut((pragma, "wal_autocheckpoint=1000"), _of(WORKS // 3, share), CUTS)
        fine &= bool(control.lost)
    return fine


def _cut(pragmas: tuple[str, ...], works: int, cuts: int) -> Figures:
    figures = Figures()
    began = time.perf_counter()
    for seed in range(works):
        with tempfile.TemporaryDirectory() as folder:
            work = appended(Path(folder), 1_000 + seed, pragmas)
        for number in range(cuts):
            cut(work, (1_000 + seed) * 1_000_000 + number, figures)
    name = pragmas[0] if pragmas else "synchronous=FULL, as shipped"
    seconds = time.perf_counter() - began
    print(f"\nSQLite with {name}: {figures.cuts:,} cuts, {seconds:.0f} s")
    print(f"  {figures.lost:7,} lost what was acknowledged")
    print(f"  {figures.broken:7,} cannot be read, or contradict themselves")
    print(f"  {figures.left['acknowledged']:7,} hold what was acknowledged, and nothing else")
    print(f"  {figures.left['more']:7,} hold the append under way as well")
    return figures


@contextmanager
def _sqlite_on_disk() -> Iterator[str]:
    """Yield the address of a store where a sync takes as long as it does on a disk."""
    with tempfile.TemporaryDirectory(prefix="earmark-soak-") as folder:
        yield f"sqlite:///{folder}/store.db"


def _told(figures: killing.Figures, whole: Counter[str]) -> bool:
    whole["kills"] += figures.kills
    whole["entries acknowledged before a kill"] += figures.acknowledged
    for code, count in figures.retried.items():
        whole[f"repeats of the one under way: {code}"] += count
    whole["faults"] += len(figures.faults)
    print(*figures.faults[:10], sep="\n", end="")
    return not figures.faults


def _take_in(address: str, folder: Path) -> None:
    from datetime import UTC, datetime

    write_folder(folder / "book", BOOK)
    with open_store(address, create=True) as store:
        import_book(folder / "book", store, Word(today=datetime.now(UTC).date()))


def _of(count: int, share: float) -> int:
    return max(2, round(count * share))


PARTS: Mapping[str, Callable[[Mapping[str, Opened], float], bool]] = {
    "moves": try_moves,
    "kills": try_kills,
    "cuts": try_cuts,
}


if __name__ == "__main__":
    sys.exit(main())
