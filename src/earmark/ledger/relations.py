"""Who is related to whom: by groups, by stakes that are followed through, by declaration.

The ideas are those of IAS 24 and ASC 850, in a form that can be computed (docs/approvals.md): what
is controlled counts wholly, smaller stakes are multiplied along the way, and two companies that one
holder has in both are related, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import cached_property
from heapq import heappop, heappush
from typing import Any

from earmark.book import Book
from earmark.policy import ApprovalRules

_WHOLE = Decimal(100)
_CONTROL = Decimal(50)
"""Above this percentage a holder controls what it holds."""

_EXACT = Context(prec=1000)
"""Far more digits than the stakes of any path have together."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """What one holder has in one company, itself and with all that it controls.

    `stakes` are the direct ones that come together, with their holders; a step from one member of
    a group to another has none and counts wholly.
    """

    holder: str
    held: str
    percent: Decimal
    control: bool
    stakes: tuple[tuple[str, Decimal], ...] = ()


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Why two parties count as related: `a` stands before `b` in the order of ids.

    `kind` is group, declared, stake (one holds the other), or holder (`holder` has both).
    `percent` is the smaller of the two where there are two paths, 100 for groups and declarations.
    `words` is the reason of a declaration, or the group. `hindsight` says that it was known only
    afterwards.
    """

    a: str
    b: str
    kind: str
    percent: Decimal
    paths: tuple[Path, ...] = ()
    holder: str | None = None
    words: str | None = None
    hindsight: bool = False


def related(book: Book, a: str, b: str, day: date, *, known: date | None = None) -> Relation | None:
    """Return why two parties are related on a day, by what was known on it, or None.

    The rules are those of the book. `book` holds all versions of its rows; `known` is another day
    on which to ask what was known.
    """
    rules = book.approval or ApprovalRules()
    return Relations(book, rules, day, known=known).between(a, b)


class Relations:
    """The groups and stakes of one day, by what was known on a day (the same one if none)."""

    def __init__(
        self, book: Book, rules: ApprovalRules, day: date, *, known: date | None = None
    ) -> None:
        """Take the stakes in force on `day` out of a book with all versions of its rows."""
        known = day if known is None else known
        self.day, self.rules = day, rules
        parties = book.parties.as_known(known)
        self.group_of = {
            party: group
            for party, group in zip(parties.columns["party"], parties.columns["group"], strict=True)
            if group
        }
        self.mates: dict[str, list[str]] = {}
        for party in sorted(self.group_of):
            self.mates.setdefault(self.group_of[party], []).append(party)
        self.stakes: dict[str, dict[str, Decimal]] = {}
        for stake in book.stakes.as_known(known):
            if (stake.from_ or date.min) <= day < (stake.until or date.max) and stake.percent:
                held = self.stakes.setdefault(stake.holder, {})
                held[stake.held] = held.get(stake.held, Decimal(0)) + stake.percent
        self._paths: dict[str, Mapping[str, tuple[Decimal, Path]]] = {}

    def between(self, a: str, b: str) -> Relation | None:
        """Return why two parties are related, or None; a party is not related to itself."""
        a, b = min(a, b), max(a, b)
        if a == b:
            return None
        if self._same_group(a, b):
            return Relation(a, b, "group", _WHOLE, words=self.group_of[a])
        for reason, parties in sorted(self.rules.declared.items()):
            if a in parties and b in parties:
                return Relation(a, b, "declared", _WHOLE, words=reason)
        found = [relation for relation in self._by_stakes(a, b) if relation is not None]
        return max(found, key=lambda relation: relation.percent, default=None)

    def independent(self, who: str, parties: Iterable[str]) -> Relation | None:
        """Return the first relation of `who` to one of the parties, or None: it has no part."""
        found = (self.between(who, party) for party in sorted(parties))
        return next((relation for relation in found if relation is not None), None)

    def held_by(self, holder: str) -> Mapping[str, tuple[Decimal, Path]]:
        """Return, per company, the percentage that a holder has in it, and the strongest path."""
        if holder not in self._paths:
            self._paths[holder] = self._strongest(holder)
        return self._paths[holder]

    def _same_group(self, a: str, b: str) -> bool:
        return a in self.group_of and self.group_of[a] == self.group_of.get(b)

    def _by_stakes(self, a: str, b: str) -> Iterable[Relation | None]:
        least = self.rules.related
        for holder, held in ((a, b), (b, a)):
            percent, path = self.held_by(holder).get(held, (Decimal(0), ()))
            # Who controls is related, wherever the threshold stands: control counts wholly.
            if path and percent >= least:
                yield Relation(a, b, "stake", percent, (path,), holder)
        for holder in sorted(self._holders_of(a) & self._holders_of(b)):
            if holder not in (a, b):
                one, other = self.held_by(holder).get(a), self.held_by(holder).get(b)
                if one and other and min(one[0], other[0]) >= least:
                    percent = min(one[0], other[0])
                    yield Relation(a, b, "holder", percent, (one[1], other[1]), holder)

    def _holders_of(self, party: str) -> set[str]:
        """Return all from whom any way leads to a party, however small the stakes on it."""
        found, fresh = {party}, [party]
        while fresh:
            here = fresh.pop()
            near = self._direct_holders.get(here, set()) | set(self._group(here))
            fresh += sorted(near - found)
            found |= near
        return found

    @cached_property
    def _direct_holders(self) -> Mapping[str, set[str]]:
        holders: dict[str, set[str]] = {}
        for holder, held in self.stakes.items():
            for company in held:
                holders.setdefault(company, set()).add(holder)
        return holders

    def _group(self, party: str) -> list[str]:
        return self.mates.get(self.group_of.get(party, ""), [])

    def _strongest(self, holder: str) -> Mapping[str, tuple[Decimal, Path]]:
        """Follow the largest product first (Dijkstra): no product grows on its way."""
        best: dict[str, tuple[Decimal, Path]] = {}
        queue: list[tuple[Any, ...]] = [(-_WHOLE, 0, holder, ())]
        while queue:
            minus, length, here, path = heappop(queue)
            if here in best:
                continue
            best[here] = (-minus, path)
            for company, steps in self._reach(here).items():
                if company not in best:
                    last = steps[-1]
                    share = _WHOLE if last.control else last.percent
                    percent = _EXACT.multiply(-minus, share).scaleb(-2, _EXACT)
                    more = (*path, *steps)
                    heappush(queue, (-percent, length + len(steps), company, more))
        del best[holder]
        return best

    def _reach(self, holder: str) -> Mapping[str, Path]:
        """Return what a holder controls, and what it holds besides with all that it controls."""
        chains: dict[str, Path] = {holder: ()}
        sums: dict[str, list[tuple[str, Decimal]]] = {}
        fresh = [holder]
        while fresh:
            member = fresh.pop(0)
            for mate in self._group(member):
                if mate not in chains:
                    chains[mate] = (*chains[member], Step(member, mate, _WHOLE, control=True))
                    fresh.append(mate)
            for company, percent in sorted(self.stakes.get(member, {}).items()):
                parts = sums.setdefault(company, [])
                parts.append((member, percent))
                if company not in chains and _sum(parts) > _CONTROL:
                    chains[company] = _chain(holder, company, parts, chains, control=True)
                    fresh.append(company)
        reached = {company: chain for company, chain in chains.items() if chain}
        for company, parts in sums.items():
            if company not in chains:
                reached[company] = _chain(holder, company, parts, chains, control=False)
        return reached


def _sum(parts: Iterable[tuple[str, Decimal]]) -> Decimal:
    return sum((percent for _, percent in parts), Decimal(0))


def _chain(
    holder: str,
    company: str,
    parts: list[tuple[str, Decimal]],
    chains: Mapping[str, Path],
    *,
    control: bool,
) -> Path:
    """Return the steps to a company: those to each of its holders, once, and the last one."""
    before = dict.fromkeys(step for member, _ in parts for step in chains[member])
    return (*before, Step(holder, company, _sum(parts), control, tuple(parts)))
