"""What a store should answer to chains of entries, judged one by one as the documents say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from earmark.ledger.entries import Account, Entry, Posting, Result
from soaking.soundness import Posted, below_zero, sums_by_day

_MINT = Account("supply", "mint", "coin")
_PURSES = [Account("supplied", f"purse{n}", "coin") for n in range(3)]

_ANY = "exists_with_different_posting"
"""Stands for account, effective or quantity, whichever is told of several that differ."""


def coin_entry(
    name: int, postings: Sequence[tuple[int, int, int, int]], corrects: int | None
) -> Entry:
    """Return an entry over coins that touches no book; of each posting the purse, units and day.

    The last number is what goes wrong: 0 leaves a unit over, small ones take from the purse.
    """
    found = []
    for purse, units, day, fate in postings:
        on = date(2024, 1, 1 + day)
        sign = -1 if fate < 4 else 1
        found.append(Posting(_PURSES[purse], sign * units, on))
        found.append(Posting(_MINT, -sign * units + (fate == 0), on))
    return Entry(
        id=f"coin{name}",
        kind="proposal",
        effective=date(2024, 1, 1),
        corrects=None if corrects is None else f"coin{corrects}",
        postings=tuple(found),
    )


@dataclass
class Court:
    """The coin entries on record, and how others are judged."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def judge(
        self,
        chains: Sequence[Sequence[Entry]],
        results: Sequence[Sequence[Result]],
        *,
        stale: bool,
    ) -> int:
        """Assert that the answers are right; return how many entries are new."""
        before = len(self.entries)
        for chain, answers in zip(chains, results, strict=True):
            expected = self._chain(chain, stale=stale)
            if expected == "below_zero":
                self._assert_short(chain, answers)
            else:
                assert expected == [_read(answer) for answer in answers]
        return len(self.entries) - before

    def _chain(self, chain: Sequence[Entry], *, stale: bool) -> list[str] | str:
        new: dict[str, Entry] = {}
        codes: list[str] = []
        for entry in chain:
            code = self._code(entry, new)
            if code not in ("recorded", "exists"):
                return _refused(chain, len(codes), code)
            if code == "recorded":
                new[entry.id] = entry
            codes.append(code)
        if new and stale:
            return _refused(chain, codes.index("recorded"), "stale")
        after = {**self.entries, **new}
        if below_zero(_posted(after.values())):
            return "below_zero"
        self.entries = after
        return codes

    def _code(self, entry: Entry, new: dict[str, Entry]) -> str:
        known = {**self.entries, **new}
        if other := known.get(entry.id):
            if entry.corrects != other.corrects:
                return "exists_with_different_corrects"
            return _postings_differ(entry, other)
        if entry.corrects is not None:
            if entry.corrects not in known:
                return "corrects_unknown"
            if any(one.corrects == entry.corrects for one in known.values()):
                return "corrects_corrected"
        if any(sums_by_day(_posted([entry])).values()):
            return "unbalanced"
        return "recorded"

    def _assert_short(self, chain: Sequence[Entry], answers: Sequence[Result]) -> None:
        """One entry is blamed, which takes from what is short, of so many units on a day."""
        (blamed,) = (place for place, answer in enumerate(answers) if answer.code == "below_zero")
        assert _refused(chain, blamed, "below_zero") == [answer.code for answer in answers]
        units, _, _, day, *_ = answers[blamed].message.replace(":", "").split()
        after = {**{entry.id: entry for entry in chain}, **self.entries}
        level = dict[Account, int]()
        for _, account, quantity, on in _posted(after.values()):
            if on <= date.fromisoformat(day):
                level[account] = level.get(account, 0) + quantity
        short = [account for account in _PURSES if level.get(account) == -int(units)]
        assert any(
            posting.account in short and posting.quantity < 0 for posting in chain[blamed].postings
        )


def _refused(chain: Sequence[Entry], place: int, code: str) -> list[str]:
    return [code if i == place else "linked_entry_failed" for i in range(len(chain))]


def _read(answer: Result) -> str:
    names = ("account", "effective", "quantity")
    return _ANY if answer.code in [f"exists_with_different_{n}" for n in names] else answer.code


def _postings_differ(entry: Entry, other: Entry) -> str:
    if len(entry.postings) != len(other.postings):
        return "exists_with_different_postings"
    return "exists" if entry.postings == other.postings else _ANY


def _posted(entries: Iterable[Entry]) -> list[Posted]:
    return [
        (0, posting.account, posting.quantity, posting.effective)
        for entry in entries
        for posting in entry.postings
    ]
