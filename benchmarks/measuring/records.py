"""Big records by chance: entries over many accounts and days, and books with a million rows."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from earmark.ledger.batches import Batch
from earmark.ledger.entries import Account, Entry, Posting
from measuring.books import Columns, day_texts, names

FIRST_DAY = date(2024, 1, 1)
DAYS = 1095
UNITS = 8
"""Units in each posting and move: a server."""

LOTS = 156

POSTINGS = 10
"""Postings of an entry."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Entries by chance: half of an entry's postings take from one account, half give to others."""

    accounts: int
    seed: int = 20261123

    def chains(self, count: int, first: int = 0) -> Iterator[list[Entry]]:
        """Yield `count` entries in chains of up to 1,000, numbered from `first` on."""
        chance = np.random.default_rng([self.seed, first])
        made = 0
        while made < count:
            size = min(1000, count - made)
            day = np.sort(chance.integers(0, DAYS, size)).tolist()
            to = chance.integers(0, self.accounts, (size, POSTINGS // 2)).tolist()
            yield [
                self._entry(f"e{first + made + i}", FIRST_DAY + timedelta(days=day[i]), to[i])
                for i in range(size)
            ]
            made += size

    def batch(self, count: int) -> Batch:
        """Return `count` entries in columns, as a first import hands them over."""
        chance = np.random.default_rng([self.seed, count])
        days = FIRST_DAY.toordinal() + np.sort(chance.integers(0, DAYS, count))
        to = chance.integers(0, self.accounts, (count, POSTINGS // 2))
        texts = {day: date.fromordinal(day).isoformat() for day in set(days.tolist())}
        fronts = [
            f'"by":"bench","effective":"{texts[day]}","id":"e{i}","kind":"move"'
            for i, day in enumerate(days.tolist())
        ]
        lots = [Account("supply", f"l{i}", "gpu") for i in range(LOTS)]
        orders = [
            Account("earmarked", f"o{i}", "gpu", f"l{i % LOTS}") for i in range(self.accounts)
        ]
        return Batch(
            [f"e{i}" for i in range(count)],
            ["move"] * count,
            days.tolist(),
            fronts,
            None,
            [*lots, *orders],
            np.repeat(np.arange(count), POSTINGS),
            np.stack([to % LOTS, LOTS + to], axis=2).ravel(),
            np.tile([-UNITS, UNITS], count * POSTINGS // 2),
            np.repeat(days, POSTINGS),
        )

    def _entry(self, name: str, day: date, to: list[int]) -> Entry:
        postings = []
        for place in to:
            lot = f"l{place % LOTS}"
            account = Account("earmarked", f"o{place}", "gpu", lot)
            postings.append(Posting(Account("supply", lot, "gpu"), -UNITS, day))
            postings.append(Posting(account, UNITS, day))
        return Entry(id=name, kind="move", effective=day, by="bench", postings=tuple(postings))


def write_moves(folder: Path, rows: int) -> Path:
    """Write a book of so many rows: a tenth orders, the rest what happened to their units.

    Of the earmarks half are shipped, half of those received, and half of those active.
    """
    orders, lots = rows // 10, max(1, rows // 200)
    moves = rows - orders - lots
    stages = [moves * 4 // 15, moves * 2 // 15, moves // 15]
    earmarks = moves - sum(stages)
    chance = np.random.default_rng(20261123)
    order = np.sort(chance.integers(0, orders, earmarks))
    lot = chance.integers(0, lots, earmarks)
    day = chance.integers(0, 400, earmarks)
    kinds, which = [np.zeros(earmarks, np.int64)], [np.arange(earmarks)]
    for stage, count in enumerate(stages, start=1):
        kinds.append(np.full(count, stage))
        which.append(np.arange(count))
    kind, of = np.concatenate(kinds), np.concatenate(which)
    return _write(
        folder,
        {
            "lots": {
                "lot": names("l", lots),
                "product": ["gpu"] * lots,
                "date": day_texts(np.zeros(lots, np.int64)),
                "quantity": (np.bincount(lot, minlength=lots) * UNITS).tolist(),
            },
            "orders": {
                "order": names("o", orders),
                "party": [f"p{i % 40}" for i in range(orders)],
                "product": ["gpu"] * orders,
                "site": [f"s{i % 200}" for i in range(orders)],
                "quantity": (np.bincount(order, minlength=orders) * UNITS).tolist(),
                "due": day_texts(np.full(orders, 100)),
            },
            "moves": {
                "move": names("m", len(kind)),
                "kind": [("earmark", "ship", "receive", "activate")[i] for i in kind.tolist()],
                "date": day_texts(day[of] + 100 * kind),
                "quantity": [UNITS] * len(kind),
                "lot": [f"l{i:0{len(str(max(lots - 1, 0)))}}" for i in lot[of].tolist()],
                "order": [f"o{i:0{len(str(max(orders - 1, 0)))}}" for i in order[of].tolist()],
            },
        },
    )


def write_beancount(path: Path, drawn: Drawn, count: int) -> Path:
    """Write so many entries as transactions of Beancount: one leg for each posting."""
    lines = []
    opened: dict[str, None] = {}
    for chain in drawn.chains(count):
        for entry in chain:
            lines.append(f'{entry.effective} * "{entry.id}"')
            for posting in entry.postings:
                name = _account_name(posting.account)
                opened[name] = None
                lines.append(f"  {name}  {posting.quantity} GPU")
    head = [f"{FIRST_DAY} open {name}" for name in opened]
    path.write_text("\n".join([*head, *lines, ""]))
    return path


def _account_name(account: Account) -> str:
    parts = [account.state.title(), account.holder.upper(), account.place.upper()]
    return "Assets:" + ":".join(filter(None, parts))


def _write(folder: Path, tables: dict[str, Columns]) -> Path:
    folder.mkdir(parents=True)
    settings = {"title": "A record by chance", "currency": "USD"}
    settings |= {"start": "2027-01-04", "end": "2029-12-31"}
    (folder / "book.toml").write_text("".join(f'{k} = "{v}"\n' for k, v in settings.items()))
    for name, columns in tables.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    return folder
