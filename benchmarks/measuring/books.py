"""Big books by chance: one product, lots that grow, sites that fill in steps, demand before supply.

`draw` makes a book in columns from a size and its seed; `replace` (of dataclasses) changes what a
shape needs; `write_folder` and `write_workbook` put it on disk in the form that a user has.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import xlsxwriter
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Columns = dict[str, Sequence[object]]

START = date(2027, 1, 4)
SERVER = 8
"""Units in the smallest order; sizes are this, doubled up to nine times."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a book holds. Sites are divided evenly between parties, `sites` 0 means none."""

    lines: int
    weeks: int = 156
    parties: int = 40
    sites: int = 200
    tiers: int = 5
    fill: float = 0.8
    """Units supplied as a share of those ordered."""
    power: float = 0.95
    """Units that sites power in the end as a share of those ordered there."""
    seed: int = 20261123


@dataclass(frozen=True, slots=True)
class Draw:
    """A book in numbers: per line, per lot and per step of readiness. Days count from START."""

    size: Size
    party: Ints
    site: Ints
    """Per line; -1 where the book has no sites."""
    tier: Ints
    quantity: Ints
    due: Ints
    lot_day: Ints
    lot_quantity: Ints
    ready_site: Ints
    ready_day: Ints
    ready_units: Ints
    """Per step, the level from that day on."""
    booked: Ints | None = None
    weight: Ints | None = None
    moves: Columns = field(default_factory=dict)
    settings: str = ""
    """More lines of book.toml, such as policies."""

    @property
    def days(self) -> int:
        """Days that the book covers."""
        return self.size.weeks * 7


def draw(size: Size) -> Draw:
    """Draw a book: the same for the same size, its seed included."""
    chance = np.random.default_rng(size.seed)
    party = chance.integers(0, size.parties, size.lines)
    own = size.sites // size.parties
    site = party * own + chance.integers(0, own, size.lines) if own else np.full(size.lines, -1)
    tier = chance.integers(1, size.tiers + 1, size.lines)
    quantity = SERVER * 2 ** chance.integers(0, 10, size.lines)
    due = 7 * chance.integers(0, int(size.weeks * 0.8), size.lines)
    week = np.arange(size.weeks)
    weight = chance.uniform(0.5, 1.5, size.weeks) * np.linspace(0.5, 1.5, size.weeks)
    supplied = _servers(weight / weight.sum() * quantity.sum() * size.fill)
    ready = _readiness(size, site, quantity, chance)
    return Draw(size, party, site, tier, quantity, due, 7 * week, supplied, *ready)


def _readiness(
    size: Size, site: Ints, quantity: Ints, chance: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Return the steps of every site: four days by chance, a quarter of its power on each."""
    if not size.sites:
        return (np.zeros(0, np.int64),) * 3
    ordered = np.bincount(site, quantity, size.sites)
    steps = 4
    days = 7 * np.sort(chance.integers(0, size.weeks, (size.sites, steps)), axis=1)
    levels = _servers(ordered * size.power / steps)[:, None] * np.arange(1, steps + 1)
    last_of_day = np.append(np.diff(days, axis=1) > 0, np.full((size.sites, 1), True), axis=1)  # noqa: FBT003
    place, step = np.nonzero(last_of_day)
    return place, days[place, step], levels[place, step]


def _servers(units: NDArray[np.float64]) -> Ints:
    return (units // SERVER).astype(np.int64) * SERVER


def tables_of(drawn: Draw) -> dict[str, Columns]:
    """Return the tables of the book, as cells to be written."""
    size = drawn.size
    sited = bool(size.sites)
    orders: Columns = {
        "order": names("o", len(drawn.party)),
        "party": _chosen(names("p", size.parties), drawn.party),
        "product": ["gpu"] * len(drawn.party),
        **({"site": _chosen(names("s", size.sites), drawn.site)} if sited else {}),
        "quantity": drawn.quantity.tolist(),
        "due": day_texts(drawn.due),
        "tier": drawn.tier.tolist(),
        **({} if drawn.booked is None else {"booked": day_texts(drawn.booked)}),
        **({} if drawn.weight is None else {"weight": drawn.weight.tolist()}),
    }
    tables: dict[str, Columns] = {
        "parties": {"party": names("p", size.parties)},
        "products": {"product": ["gpu"], "lot_size": [SERVER], "unit_price": [30000]},
        "lots": {
            "lot": names("l", len(drawn.lot_day)),
            "product": ["gpu"] * len(drawn.lot_day),
            "date": day_texts(drawn.lot_day),
            "quantity": drawn.lot_quantity.tolist(),
        },
        "orders": orders,
    }
    if sited:
        tables["sites"] = {"site": names("s", size.sites)}
        tables["readiness"] = {
            "site": _chosen(names("s", size.sites), drawn.ready_site),
            "date": day_texts(drawn.ready_day),
            "units": drawn.ready_units.tolist(),
        }
    if drawn.moves:
        tables["moves"] = drawn.moves
    return tables


def names(letter: str, count: int) -> list[str]:
    """Return `count` ids of one length, so that they sort as they are numbered."""
    width = len(str(max(count - 1, 0)))
    return [f"{letter}{i:0{width}}" for i in range(count)]


def day_texts(days: Ints) -> list[str]:
    """Return days from START as ISO dates; they may lie before it."""
    known = {day: (START + timedelta(days=day)).isoformat() for day in set(days.tolist())}
    return [known[day] for day in days.tolist()]


def _chosen(of: Sequence[str], positions: Ints) -> list[str]:
    return [of[i] for i in positions.tolist()]


def write_folder(drawn: Draw, folder: Path) -> Path:
    """Write the book as a folder of CSV files; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = "".join(f'{key} = "{value}"\n' for key, value in _settings(drawn))
    (folder / "book.toml").write_text(settings + drawn.settings)
    for name, columns in tables_of(drawn).items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))
    return folder


def write_workbook(drawn: Draw, path: Path) -> Path:
    """Write the book as one .xlsx workbook; return its path. It takes no further settings."""
    assert not drawn.settings
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("book")
        for row, cells in enumerate([("key", "value"), *_settings(drawn)]):
            sheet.write_row(row, 0, cells)
        for name, columns in tables_of(drawn).items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate([tuple(columns), *zip(*columns.values(), strict=True)]):
                sheet.write_row(row, 0, cells)
    return path


def _settings(drawn: Draw) -> list[tuple[str, str]]:
    end = START + timedelta(days=drawn.days)
    return [
        ("title", f"{drawn.size.lines} lines by chance"),
        ("currency", "USD"),
        ("start", START.isoformat()),
        ("end", end.isoformat()),
    ]
