"""What `earmark doctor` looks at: facts about a store and what it stands on, each with a mend.

It has to work on what is damaged, too new or out of reach, so it looks from outside first and opens
nothing for writing.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import apsw

from earmark.errors import EarmarkError
from earmark.stores.addresses import SqliteAddress, parse_address
from earmark.stores.migrations import FORMAT, SCHEMA
from earmark.stores.moments import parsed

State = Literal["fine", "remark", "wrong"]

SOUND_SQLITE = (3, 51, 3)
"""From this version on WAL is sound with several connections that checkpoint at once."""

_BEHIND_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a store or a machine: what it is, whether that is well, what to do."""

    name: str
    value: str
    state: State = "fine"
    mend: str | None = None


def sqlite_facts() -> Iterator[Fact]:
    """Yield which SQLite is in use, and why."""
    used = apsw.sqlite_lib_version()
    own = sqlite3.sqlite_version
    text = f"{used}, of the apsw wheel {apsw.apsw_version()}; Python's own, {own}, is not used"
    if version_of(used) >= SOUND_SQLITE:
        since = ".".join(map(str, SOUND_SQLITE))
        yield Fact("SQLite", f"{text}: since {since} WAL is sound with several writers")
    else:
        yield Fact(
            "SQLite",
            f"{text}: before 3.51.3 it can damage a file in WAL mode with several writers",
            "wrong",
            "pip install --upgrade apsw",
        )


def clock_facts() -> Iterator[Fact]:
    """Yield what the clock says, and whether it is being set right now."""
    now, zone = datetime.now(UTC), datetime.now(UTC).astimezone().tzname()
    value = f"{now:%Y-%m-%d %H:%M:%S} UTC; the zone here is {zone}, which no record depends on"
    before = time.time() - time.monotonic()
    time.sleep(0.02)
    moved = time.time() - time.monotonic() - before
    if abs(moved) > 0.01:
        mend = "let the clock settle; see the time service of this machine"
        yield Fact("clock", f"{value}; it moved by {moved:+.3f} s just now", "remark", mend)
    elif now.year < 2026:
        mend = "set the clock: what is recorded now is dated by it"
        yield Fact("clock", f"{value}; that is before this version was made", "remark", mend)
    else:
        yield Fact("clock", value)


def store_facts(address: str) -> Iterator[Fact]:
    """Yield what can be said of the store at an address; what cannot be read is a fact, too."""
    try:
        place = parse_address(address)
    except EarmarkError as error:
        yield failure("address", error)
        return
    if isinstance(place, SqliteAddress):
        from earmark.stores.sqlite_health import file_facts

        yield from file_facts(place)
        return
    try:
        from earmark.stores.postgres_health import server_facts
    except EarmarkError as error:
        yield failure("psycopg", error)
        return
    yield from server_facts(place)


def failure(name: str, error: EarmarkError) -> Fact:
    """Return what went wrong as a fact."""
    message = getattr(error, "message", str(error))
    return Fact(name, message, "wrong", getattr(error, "hint", None))


def record_facts(meta: dict[str, str], head: Callable[[], tuple[object, ...]]) -> Iterator[Fact]:
    """Yield what a store says of itself; `head` asks for size and last moment."""
    if meta.get("format") != FORMAT:
        yield Fact("store", "this is no store of Earmark", "wrong", "give another address")
        return
    schema = meta.get("schema", "")
    if not schema.isdecimal():
        mend = "restore a backup; earmark verify says what else is wrong"
        yield Fact("schema", f"{schema or 'none'}, which is no version", "wrong", mend)
        return
    if int(schema) > SCHEMA:
        mend = "install the newer Earmark that wrote it"
        yield Fact("schema", f"{schema}; this Earmark knows up to {SCHEMA}", "wrong", mend)
        return
    older = int(schema) < SCHEMA
    text = f"{schema}; the next command makes it {SCHEMA}" if older else schema
    yield Fact("schema", text, "remark" if older else "fine")
    if origin := meta.get("origin"):
        yield Fact("origin", origin)
    else:
        mend = "restore a backup; earmark verify says what else is wrong"
        yield Fact("origin", "none", "wrong", mend)
    size, last = head()
    yield Fact("record", f"{size} entries" + (f", the last of {last}" if last else ""))
    yield from _clock_and_record(last)


def _clock_and_record(last: object) -> Iterator[Fact]:
    if last is None:
        return
    try:
        moment = parsed(str(last)).replace(tzinfo=UTC)
    except ValueError:
        mend = "earmark verify says what else is wrong"
        yield Fact("last moment", f"{last!r} is no moment", "wrong", mend)
        return
    ahead = (moment - datetime.now(UTC)).total_seconds()
    if ahead > _BEHIND_SECONDS:
        yield Fact(
            "clock and record",
            f"the last entry is {_span(ahead)} ahead of this clock",
            "wrong",
            "set the clock of this machine, or of the one that recorded last; until then new"
            " entries are dated right after the last one",
        )
    else:
        yield Fact("clock and record", f"the last entry is {_span(-ahead)} old")


def _span(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def version_of(text: str) -> tuple[int, ...]:
    """Return a version in numbers; what is none counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in text.split("."))


def size_text(count: int) -> str:
    """Return a number of bytes in words."""
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"
