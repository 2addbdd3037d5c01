"""What becomes of entries that are to be recorded: judged in one order, on what is on record.

A chain is judged as a whole: its entries stand or fall together, and no `HELD` account may fall
below zero on any effective day, also not on days after those that the chain posts to.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from earmark.ledger.entries import HELD, Account, Entry, Posting, Recorded, Result, difference
from earmark.ledger.wording import in_words

_HELD = frozenset(HELD)

Net = dict[Account, dict[date, int]]
"""Per held account and day, what a chain adds up to."""


class Record(Protocol):
    """What is on record, as far as judging asks for it: a few questions for all chains at once."""

    def recorded(self, ids: Collection[str]) -> Mapping[str, Recorded]:
        """Return the entries on record among `ids`, by id."""
        ...

    def corrected(self, ids: Collection[str]) -> Collection[str]:
        """Return those of `ids` that an entry on record corrects."""
        ...

    def levels(self, since: Mapping[Account, date]) -> Mapping[Account, "Level"]:
        """Return what each account held before its day in `since`, and what changes from then."""
        ...


@dataclass(slots=True)
class Level:
    """What an account held before a day, and what each day from then on adds."""

    before: int = 0
    changes: dict[date, int] = field(default_factory=dict)

    def shortage(self, changes: Mapping[date, int]) -> tuple[date, int] | None:
        """Return the first day on which more changes bring it below zero, and by how much."""
        level = self.before
        first = min(changes)
        if not self.changes or max(self.changes) <= first:
            level += sum(self.changes.values())
            days = sorted(changes)
            now: Mapping[date, int] = {}
        else:
            days = sorted({*self.changes, *changes})
            now = self.changes
        for day in days:
            level += now.get(day, 0) + changes.get(day, 0)
            if level < 0 and day >= first:
                return day, -level
        return None

    def add(self, changes: Mapping[date, int], since: date) -> None:
        """Take in what a chain changes; what lies before `since` was there from the start."""
        for day, quantity in changes.items():
            if day < since:
                self.before += quantity
            else:
                self.changes[day] = self.changes.get(day, 0) + quantity


@dataclass(frozen=True, slots=True)
class Verdict:
    """The results, chain by chain, and the entries to be recorded, with their moments."""

    results: list[list[Result]]
    accepted: list[Recorded]


def judge(
    chains: Sequence[Sequence[Entry]],
    record: Record,
    *,
    size: int,
    moments: Sequence[str],
    last: str | None,
    at: int | None = None,
) -> Verdict:
    """Judge chains one after the other on a record of `size` entries, the last one at `last`.

    `moments` has one moment for each entry, whether or not it is recorded.
    """
    court = _Court(chains, record, size, last, stale=at is not None and at != size)
    results, start = [], 0
    for number, chain in enumerate(chains):
        results.append(court.judge(number, moments[start : start + len(chain)]))
        start += len(chain)
    return Verdict(results, court.accepted)


class _Court:
    """Judges chain after chain; knows what is on record, and what the chains before added."""

    def __init__(
        self,
        chains: Sequence[Sequence[Entry]],
        record: Record,
        size: int,
        last: str | None,
        *,
        stale: bool,
    ) -> None:
        self.chains, self.stale = chains, stale
        self.size, self.last = size, last or ""
        self.accepted: list[Recorded] = []
        wanted = {entry.id for chain in chains for entry in chain}
        corrected = {e.corrects for chain in chains for e in chain if e.corrects is not None}
        self.on_record = dict(record.recorded(wanted | corrected)) if size else {}
        self.corrected = set(record.corrected(corrected)) if corrected and size else set()
        self.nets = [_net(chain, self.on_record) for chain in chains]
        self.since = _first_takings(self.nets)
        self.levels = dict(record.levels(self.since)) if self.since and size else {}

    def judge(self, number: int, moments: Sequence[str]) -> list[Result]:
        """Judge one chain; what is accepted counts for the chains after it."""
        chain = self.chains[number]
        new: dict[str, Recorded] = {}
        corrected: set[str] = set()
        results: list[Result] = []
        last = self.last
        for entry, moment in zip(chain, moments, strict=True):
            result = self._judge_entry(entry, moment, last, new, corrected)
            if not result.fine:
                return _refused(chain, len(results), result)
            if result.code == "recorded":
                last = moment
                new[entry.id] = Recorded(self.size + len(new) + 1, moment, entry)
                if entry.corrects is not None:
                    corrected.add(entry.corrects)
            results.append(result)
        if new and self.stale:
            place = next(i for i, result in enumerate(results) if result.code == "recorded")
            return _refused(chain, place, Result("stale", chain[place].id, None, _STALE))
        net = self.nets[number]
        if any(result.code == "exists" for result in results):  # perhaps by a chain before this
            net = _net([recorded.entry for recorded in new.values()], {})
        if new and (short := self._shortage(chain, new, net)):
            return _refused(chain, *short)
        self._accept(new, corrected, net)
        self.last = last
        return results

    def _judge_entry(
        self, entry: Entry, moment: str, last: str, new: Mapping[str, Recorded], corrected: set[str]
    ) -> Result:
        if known := new.get(entry.id) or self.on_record.get(entry.id):
            return _repeated(entry, known)
        if (target := entry.corrects) is not None:
            if target not in new and target not in self.on_record:
                message = f"{target} is not on record"
                return Result("corrects_unknown", entry.id, None, message)
            if target in corrected or target in self.corrected:
                message = f"{target} was corrected before; correct its correction"
                return Result("corrects_corrected", entry.id, None, message)
        if message := imbalance(entry.postings):
            return Result("unbalanced", entry.id, None, message)
        if moment <= last:
            message = f"dated {moment}; the last entry on record is of {last}"
            return Result("recorded_at_must_not_regress", entry.id, None, message)
        return Result("recorded", entry.id, self.size + len(new) + 1)

    def _shortage(
        self, chain: Sequence[Entry], new: Mapping[str, Recorded], net: Net
    ) -> tuple[int, Result] | None:
        """Return the entry that leaves an account short, by its place, with the result."""
        for account, changes in net.items():
            if account in self.since and min(changes.values()) < 0:
                short = self.levels.setdefault(account, Level()).shortage(changes)
                if short is not None:
                    day, units = short
                    place = _last_taking(chain, new, account, day)
                    message = f"{units} short on {day}: {in_words(account)}"
                    return place, Result("below_zero", chain[place].id, None, message)
        return None

    def _accept(self, new: Mapping[str, Recorded], corrected: set[str], net: Net) -> None:
        self.accepted.extend(new.values())
        self.on_record.update(new)
        self.corrected |= corrected
        self.size += len(new)
        if new:
            for account, changes in net.items():
                if (since := self.since.get(account)) is not None:
                    self.levels.setdefault(account, Level()).add(changes, since)


def imbalance(postings: Sequence[Posting]) -> str:
    """Say which product's postings of a day do not sum to zero, and to what; "" where all do."""
    if not sum([posting.quantity for posting in postings]) and _alike(postings):
        return ""  # nearly all entries, quickly
    sums: dict[tuple[str, date], int] = {}
    for posting in postings:
        key = posting.account.product, posting.effective
        sums[key] = sums.get(key, 0) + posting.quantity
    for (product, day), units in sums.items():
        if units:
            return f"the postings of {product} on {day} sum to {units:+d}, not to 0"
    return ""


def _alike(postings: Sequence[Posting]) -> bool:
    """Say whether all postings are of one product and day."""
    if not postings:
        return True
    product, day = postings[0].account.product, postings[0].effective
    for posting in postings:
        if posting.effective != day or posting.account.product != product:
            return False
    return True


_STALE = "the record has grown since this entry was made; make it again"


def _net(chain: Sequence[Entry], on_record: Mapping[str, Recorded]) -> Net:
    """Add up what a chain posts to held accounts; repeats count once, or not at all."""
    net: Net = {}
    seen: set[str] = set()
    for entry in chain:
        if entry.id in on_record or entry.id in seen:
            continue
        seen.add(entry.id)
        for posting in entry.postings:
            account = posting.account
            if account.state in _HELD:
                days = net.get(account)
                if days is None:
                    days = net[account] = {}
                day = posting.effective
                days[day] = days.get(day, 0) + posting.quantity
    return net


def _first_takings(nets: Sequence[Net]) -> dict[Account, date]:
    """Return the first day on which a chain takes from each account that any takes from."""
    since: dict[Account, date] = {}
    for net in nets:
        for account, changes in net.items():
            for day, quantity in changes.items():
                if quantity < 0 and (account not in since or day < since[account]):
                    since[account] = day
    return since


def _last_taking(
    chain: Sequence[Entry], new: Mapping[str, Recorded], account: Account, day: date
) -> int:
    """Return the place of the last entry that takes from an account by a day."""
    return max(
        place
        for place, entry in enumerate(chain)
        if entry.id in new
        for posting in entry.postings
        if posting.account == account and posting.quantity < 0 and posting.effective <= day
    )


def _repeated(entry: Entry, known: Recorded) -> Result:
    field_name = difference(entry, known.entry)
    if field_name is None:
        return Result("exists", entry.id, known.seq, f"on record as entry {known.seq}")
    message = f"entry {known.seq} of that id has another {field_name}"
    return Result(f"exists_with_different_{field_name}", entry.id, known.seq, message)


def _refused(chain: Sequence[Entry], place: int, result: Result) -> list[Result]:
    """Return the results of a chain of which one entry was refused."""
    message = f"{result.id} was refused: {result.message}"
    return [
        result if i == place else Result("linked_entry_failed", entry.id, None, message)
        for i, entry in enumerate(chain)
    ]
