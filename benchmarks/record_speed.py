"""How fast the ledger records and answers, beside plain SQL, numpy and Beancount.

  python3 x.py bench record_speed [PART ...] [--share X] [--runs N] [--beancount PYTHON]

Parts: appends, views, import, beancount. `--share 0.1` measures a tenth of each size. Beancount is
a program of its own here: a command in an environment that is thrown away, or that of PYTHON.
Answers are compared before times are printed.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from measuring.records import DAYS, FIRST_DAY, POSTINGS, Drawn, write_beancount, write_moves
from measuring.runs import figures, machine, median_run, run_earmark, show

from earmark.stores import open_store

TESTS = Path(__file__).resolve().parents[1] / "tests"


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured, and where."""

    share: float
    runs: int
    folder: Path
    beancount: str | None

    def of(self, count: int) -> int:
        """Return the share of a size."""
        return max(10, round(count * self.share))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    options.add_argument("--share", type=float, default=1.0, help="of each size")
    options.add_argument("--runs", type=int, default=5, help="of which the median is shown")
    options.add_argument("--beancount", metavar="PYTHON", help="one that has Beancount")
    options.add_argument("--folder", type=Path, help="where stores are made; a temporary one")
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        options.error(f"no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")
    print(f"Measured on {machine()}. Medians of {chosen.runs} runs.")
    with tempfile.TemporaryDirectory(prefix="earmark-bench-", dir=chosen.folder) as folder:
        asked = Options(chosen.share, chosen.runs, Path(folder), chosen.beancount)
        for name in chosen.parts or PARTS:
            PARTS[name](asked)
    return 0


def measure_appends(options: Options) -> None:
    """Print entries a second, one and 1,000 a transaction, in both stores."""
    drawn = Drawn(accounts=5000)
    rows = []
    with _stores(options.folder) as addresses:
        for store_name, address in addresses.items():
            with open_store(address, create=True) as store:
                first = 0
                for size, count in ((1000, options.of(100_000)), (1, options.of(5_000))):
                    rates = []
                    for _ in range(options.runs):
                        chains = list(drawn.chains(count, first))
                        first += count
                        batches = chains if size > 1 else [[e] for chain in chains for e in chain]
                        began = time.perf_counter()
                        for batch in batches:
                            store.append([batch])
                        rates.append(count / (time.perf_counter() - began))
                    figure = f"{statistics.median(rates):9,.0f} entries/s"
                    figure += f"  {statistics.median(rates) * POSTINGS:11,.0f} postings/s"
                    rows.append((f"{store_name}, {size:,} a transaction", figure))
    show(f"Appends, entries of {POSTINGS} postings, synced", rows)


def measure_views(options: Options) -> None:
    """Print what balances of all accounts take, at 1 and at 10 million postings."""
    for count in (options.of(1_000_000), options.of(10_000_000)):
        with _stores(options.folder, f"view{count}") as addresses:
            for store_name, address in addresses.items():
                _measure_view(store_name, address, count, options.runs)


def _measure_view(store_name: str, address: str, count: int, runs: int) -> None:
    drawn = Drawn(accounts=5000)
    middle = FIRST_DAY + timedelta(days=DAYS // 2)
    with open_store(address, create=True) as store:
        database: Any = store.database  # type: ignore[attr-defined]
        began = time.perf_counter()
        store.load(drawn.batch(count // POSTINGS))
        filled = time.perf_counter() - began
        size = store.head().size
        questions: dict[str, Callable[[], Mapping[Any, int]]] = {
            "all of it": store.balances,
            "on a middle day": lambda: store.balances(as_of=middle),
            "of all but the last 1 %": lambda: store.balances(size=size * 99 // 100),
            "of the first half": lambda: store.balances(size=size // 2),
            "of the first half, on a middle day": lambda: store.balances(
                size=size // 2, as_of=middle
            ),
        }
        rows = []
        for name, question in questions.items():
            seconds, _ = _median(question, runs)
            rows.append((name, f"{seconds * 1000:9,.1f} ms"))
        asked, answer = _median(questions["on a middle day"], runs)
        scanned, plain = _median(lambda: _scan(database, middle), 1 if count > 10**6 else runs)
        folded, summed = _fold(database, middle, runs)
        assert sorted(answer.values()) == sorted(plain.values()) == sorted(summed), "answers differ"
        rows += [
            ("plain SQL scan, on a middle day", f"{scanned * 1000:9,.1f} ms"),
            ("numpy, all in memory, on a middle day", f"{folded * 1000:9,.1f} ms"),
            ("ratio, plain SQL to the view", f"{scanned / asked:9,.1f}"),
            ("ratio, numpy to the view", f"{folded / asked:9,.2f}"),
        ]
    accounts = f"{len(answer):,} accounts"
    show(f"Balances, {store_name}, {count:,} postings, {accounts} (made in {filled:.0f} s)", rows)


def _scan(database: Any, as_of: date) -> dict[int, int]:
    sql = (
        "SELECT account, CAST(SUM(quantity) AS BIGINT) FROM posting"
        " WHERE effective <= ? GROUP BY account"
    )
    return {account: units for account, units in database.query(sql, as_of.toordinal()) if units}


def _fold(database: Any, as_of: date, runs: int) -> tuple[float, list[int]]:
    """Return the seconds that numpy takes over columns that it has already, and the sums."""
    parts = []
    first = 1
    while rows := database.query(
        "SELECT seq, account, quantity, effective FROM posting WHERE seq >= ? AND seq < ?",
        first,
        first + 20_000,
    ):
        parts.append(np.array(rows, np.int64))
        first += 20_000
    _, account, quantity, effective = np.ascontiguousarray(np.concatenate(parts).T)
    day = as_of.toordinal()

    def fold() -> dict[int, int]:
        chosen = effective <= day
        sums = np.bincount(account[chosen], quantity[chosen])
        return {place: int(units) for place, units in enumerate(sums.tolist()) if units}

    seconds, found = _median(fold, runs)
    return seconds, list(found.values())


def measure_import(options: Options) -> None:
    """Print what `earmark import` of a book takes, and what reading the store takes then."""
    rows_of_book = options.of(1_000_000)
    book = write_moves(options.folder / "million", rows_of_book)
    with _stores(options.folder, "import") as addresses:
        for store_name, address in addresses.items():
            done = []
            for run in range(min(options.runs, 3)):
                place = _numbered(address, run)
                done.append(run_earmark("import", book, "--into", place))
                if store_name == "SQLite":
                    kept = Path(place.removeprefix("sqlite:///"))
                    megabytes = kept.stat().st_size / 1e6
            with open_store(place) as store:
                assert rows_of_book + 1 == store.head().size
            rows = [(f"earmark import, {store_name}", figures(median_run(done)))]
            if store_name == "SQLite":
                rows.append(("  the file", f"{megabytes:7.0f} MB"))
                rows.append(("earmark check STORE", figures(run_earmark("check", place))))
                rows.append(("earmark check FOLDER", figures(run_earmark("check", book))))
                rows.append(("earmark verify STORE", figures(run_earmark("verify", place))))
            show(f"A book of {rows_of_book:,} rows, the whole command", rows)


def compare_with_beancount(options: Options) -> None:
    """Print what Beancount takes to load the entries of a record, and Earmark to record them."""
    count = options.of(100_000)
    drawn = Drawn(accounts=5000)
    path = write_beancount(options.folder / "entries.beancount", drawn, count)
    with _beancount(options) as python:
        if python is None:
            print("\nBeancount cannot be had here: name a Python that has it (--beancount).")
            return
        loads = []
        for _ in range(min(options.runs, 3)):
            done = subprocess.run(
                [python, "-c", _LOAD, str(path)], capture_output=True, text=True, check=True
            )
            load, transactions, units = done.stdout.split()
            assert int(transactions) == count, "Beancount read another number of entries"
            loads.append(float(load))
    records: list[float] = []
    views: list[float] = []
    for run in range(min(options.runs, 3)):
        with open_store(f"sqlite:///{options.folder}/beside{run}.db", create=True) as store:
            chains = list(drawn.chains(count))
            began = time.perf_counter()
            for chain in chains:
                store.append([chain])
            records.append(time.perf_counter() - began)
            seconds, balances = _median(store.balances, 3)
            views.append(seconds)
            held = sum(n for account, n in balances.items() if account.state == "earmarked")
            assert int(units) == held, "the two hold different units"
    loaded, recorded, view = (statistics.median(each) for each in (loads, records, views))
    show(
        f"{count:,} entries of {POSTINGS} postings: the same units in all accounts",
        [
            ("Beancount, loading the file", f"{loaded:7.2f} s"),
            ("Earmark, recording them, 1,000 a transaction", f"{recorded:7.2f} s"),
            ("Earmark, balances of all accounts from the store", f"{view:7.3f} s"),
            ("ratio, loading to recording", f"{loaded / recorded:7.1f}"),
            ("ratio, loading to balances", f"{loaded / view:7.0f}"),
        ],
    )


_LOAD = """
import sys, time
from beancount import loader
from beancount.core import realization
began = time.perf_counter()
entries, errors, _ = loader._load([(sys.argv[1], True)], None, None, None)
seconds = time.perf_counter() - began
assert not errors, errors[:3]
found = [entry for entry in entries if type(entry).__name__ == "Transaction"]
units = sum(
    int(posting.units.number)
    for entry in found
    for posting in entry.postings
    if posting.account.startswith("Assets:Earmarked")
)
print(seconds, len(found), units)
"""
"""Loads without a cache of what was loaded before; counts the units, to be compared."""


@contextmanager
def _beancount(options: Options) -> Iterator[str | None]:
    """Yield a Python that has Beancount: the one named, or one made for this alone."""
    if options.beancount:
        yield options.beancount
        return
    folder = options.folder / "beancount"
    python = str(folder / "bin" / "python")
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([python, "-m", "pip", "install", "-qq", "beancount"], check=True)
    except subprocess.CalledProcessError:
        yield None
    else:
        yield python
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _stores(folder: Path, name: str = "store") -> Iterator[dict[str, str]]:
    """Yield addresses of a store in each database: PostgreSQL where the tests' server runs."""
    addresses = {"SQLite": f"sqlite:///{folder}/{name}.db"}
    with ExitStack() as stack:
        if str(TESTS) not in sys.path:
            sys.path.append(str(TESTS))
        try:
            from postgres import ledger_of, running_server

            server = stack.enter_context(running_server())
        except (AssertionError, ImportError) as error:
            print(f"\nNo PostgreSQL here: {error}")
        else:
            addresses["PostgreSQL"] = stack.enter_context(ledger_of(server))
        yield addresses


def _numbered(address: str, run: int) -> str:
    return address.replace(".db", f"{run}.db") if address.endswith(".db") else f"{address}r{run}"


def _median(call: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Return the median of seconds that a call takes, and its answer."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        answer = call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), answer


PARTS: Mapping[str, Callable[[Options], None]] = {
    "appends": measure_appends,
    "views": measure_views,
    "import": measure_import,
    "beancount": compare_with_beancount,
}


if __name__ == "__main__":
    sys.exit(main())
