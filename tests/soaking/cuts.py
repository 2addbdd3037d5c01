"""Trials of power cuts: append, cut, look at what is left."""

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import uuid4

import apsw
from raw_books import small

from earmark.errors import EarmarkError
from earmark.ledger.entries import Account, Entry, Posting
from earmark.recording import Word, import_book
from earmark.stores import open_store
from earmark.stores.verification import verify
from soaking.power import Disk, Event, image
from soaking.soundness import faults_of

SUPPLY = Account("supply", "l1", "H100")

_DAY = date(2024, 6, 1)


@dataclass(frozen=True, slots=True)
class Appended:
    """What was asked of the disk, and after how many events which entries were acknowledged."""

    log: Sequence[Event]
    acknowledged: Sequence[tuple[int, Sequence[bytes]]]
    """Events so far, and the bodies of the entries on record then."""
    last: Sequence[bytes]
    """All entries that were handed over, also those that no cut is to find acknowledged."""


@dataclass(slots=True)
class Figures:
    """What cuts left."""

    cuts: int = 0
    lost: int = 0
    """Images in which an acknowledged entry was not there."""
    broken: int = 0
    """Images that could not be read, or whose parts contradict each other."""
    faults: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    """How often a cut left all that was handed over so far, or only what was acknowledged."""


def appended(folder: Path, seed: int, pragmas: Sequence[str] = (), batches: int = 25) -> Appended:
    """Append by chance to a new store, over two connections; `pragmas` weaken it for a control."""
    chance = random.Random(seed)
    path = folder / "store.db"
    acknowledged: list[tuple[int, Sequence[bytes]]] = []
    with _disk() as disk:
        stores = [open_store(f"sqlite:///{path}", create=True, vfs=disk.name)]
        acknowledged.append((len(disk.log), []))
        if seed % 2:
            import_book(small(folder / "book"), stores[0], Word(today=_DAY))
            acknowledged.append((len(disk.log), list(stores[0].bodies())))
        stores.append(open_store(f"sqlite:///{path}", vfs=disk.name))
        for store in stores:
            connection: apsw.Connection = store.database.connection  # type: ignore[attr-defined]
            for pragma in (f"wal_autocheckpoint={chance.choice((5, 20, 1000))}", *pragmas):
                connection.execute(f"PRAGMA {pragma}")
        for number in range(batches):
            store = chance.choice(stores)
            results = store.append(_chains(number, chance))
            assert all(result.fine for chain in results for result in chain)
            acknowledged.append((len(disk.log), list(store.bodies())))
        for store in stores:
            store.close()  # type: ignore[attr-defined]
        acknowledged.append((len(disk.log), acknowledged[-1][1]))
        return Appended(disk.log, acknowledged, acknowledged[-1][1])


def cut(work: Appended, seed: int, figures: Figures) -> None:
    """Cut the power at a point by chance, open what is left, and count what is wrong with it."""
    chance = random.Random(seed)
    point = chance.randrange(work.acknowledged[0][0], len(work.log) + 1)
    bodies: Sequence[bytes] = []
    for events, known in work.acknowledged:
        if events <= point:
            bodies = known
    folder = Path(tempfile.mkdtemp(prefix="earmark-cut-", dir=memory()))
    figures.cuts += 1
    try:
        image(work.log[:point], chance, folder)
        with open_store(f"sqlite:///{folder}/store.db") as store:
            found = list(store.bodies())
            if bodies != found[: len(bodies)]:
                figures.lost += 1
                figures.faults.append(f"seed {seed}, cut at {point}: {len(bodies)} acknowledged")
                return
            figures.left["more" if len(found) > len(bodies) else "acknowledged"] += 1
            faults = faults_of(store)
        if work.last[: len(found)] != found:
            faults.append("entries that were never appended")
        faults += [finding.text for finding in verify(f"sqlite:///{folder}/store.db").findings]
    except (EarmarkError, apsw.Error) as error:
        faults = [f"{type(error).__name__}: {error}"]
    finally:
        shutil.rmtree(folder)
    if faults:
        figures.broken += 1
        figures.faults.append(f"seed {seed}, cut at {point}: {faults[0]}")


def memory() -> str | None:
    """Return a folder that is kept in memory, where there is one: syncs cost nothing there."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextmanager
def _disk() -> Iterator[Disk]:
    disk = Disk(f"earmark-{uuid4().hex}")
    try:
        yield disk
    finally:
        disk.unregister()


def _chains(number: int, chance: random.Random) -> list[list[Entry]]:
    """Return one to three chains of entries of many sizes; each entry balances."""
    return [
        [
            _entry(f"e{number}.{which}.{place}", chance)
            for place in range(chance.choice((1, 1, 1, 5, 40)))
        ]
        for which in range(chance.randint(1, 3))
    ]


def _entry(name: str, chance: random.Random) -> Entry:
    postings = []
    for _ in range(chance.randint(1, 3)):
        day = _DAY.replace(day=chance.randint(1, 28))
        account = Account("earmarked", f"o{chance.randint(1, 30)}", "H100", "l1")
        units = chance.randint(1, 9)
        postings += [Posting(SUPPLY, -units, day), Posting(account, units, day)]
    reason = "x" * chance.choice((0, 0, 700, 9000))
    return Entry(
        id=name, kind="move", effective=_DAY, reason=reason or None, postings=tuple(postings)
    )
