"""Which moves needed an approval, and how each of them stands: what `earmark approvals` lists."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

from earmark.book import Book, Table, canonical_text
from earmark.ledger.approvals import Verdict, is_whole, judge_approval, standing
from earmark.ledger.entries import Change, Recorded
from earmark.ledger.flows import flows
from earmark.ledger.needs import Need, digest_of, holds_moves, needs, recorded_on
from earmark.ledger.ties import Ties
from earmark.model import Move
from earmark.policy import APPROVAL_KINDS

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "open": "proposed, and no approval counts",
        "given": "an approval counts",
        "expired": "approved, and the approval had expired, or has",
        "late": "recorded first, approved afterwards (ratified)",
        "overridden": "recorded without an approval, for a reason",
        "missing": "recorded without an approval on record",
        "void": "a proposal whose digest is not that of its rows",
        "not_needed": "proposed, and the rules of today ask for no approval",
        "would_need": "stated by a book, or brought in; what it would have needed under the rules",
    }
)
"""How cases stand, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Given:
    """An approval on record and how it stands; `at` is when it was recorded."""

    at: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A set of tied moves that needs, needed or would have needed an approval.

    `entry` is the move on record, `at` when it (or, before that, its proposal) was recorded.
    `stated` are the cells `approved_by`: what the rows say, which is no approval on record.
    """

    status: str
    moves: tuple[str, ...]
    need: Need | None
    digest: str | None = None
    entry: str | None = None
    proposal: str | None = None
    at: str | None = None
    by: str | None = None
    approvals: tuple[Given, ...] = ()
    override: str | None = None
    stated: tuple[str, ...] = ()
    brought_in: bool = False
    """Its rows were known before they were recorded: they were brought in, not recorded live."""
    before_rules: bool = False
    """It was recorded before the book had rules of approval."""


def cases(
    recorded: Iterable[Recorded], book: Book, *, now: date, known: date | None = None
) -> tuple[Case, ...]:
    """Return the cases of a record, by the rules of its book as they are now.

    `book` is the fold of the record, with all versions of its rows; entries that were known only
    after `known` are left out. Moves that need no approval are no case, unless they went through
    by an override or with an approval; proposals always are while there are rules.
    """
    chosen = [one for one in recorded if known is None or _known(one) <= known]
    record = _Record(chosen, book, now, known)
    found = [*record.proposals(), *record.moves()]
    rank = {status: number for number, status in enumerate(STATUSES)}
    return tuple(sorted(found, key=lambda case: (rank[case.status], case.at or "", case.moves)))


def rule_changes(recorded: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Return the entries that changed or took out rules of approval that a record had."""
    rules: dict[str, str] = {}
    found = []
    for one in recorded:
        if one.entry.kind != "settings":
            continue
        cells = (change.cells for change in one.entry.changes)
        said = {row["key"]: row["value"] for row in cells if row["key"].startswith("approval")}
        if rules and said != rules:
            found.append(one)
        rules = said
    return tuple(found)


def stated_cases(book: Book, *, known: date | None = None) -> tuple[Case, ...]:
    """Return what the moves of a book would have needed under its rules, by day and id.

    Nothing is said of what was or was not approved: a book states its moves, and keeps no record of
    approvals. Stakes and groups are those of the day of the moves, as known on it; a relation that
    was known only afterwards says so.
    """
    rules, facts = book.approval, book.as_known(known)
    if rules is None:
        return ()
    found = []
    done: list[tuple[date, Change]] = []
    for changes in linked_sets(facts.moves):
        on = _done(changes)
        earlier = [row for day, row in done if (on - day).days < rules.window]
        need = needs(
            facts, changes, on=on, earlier=earlier, history=book, hindsight=known or date.max
        )
        if need is not None:
            found.append(
                Case(
                    status="would_need", moves=_ids(changes), need=need, by=_stated(changes, "by"),
                    stated=_all_stated(changes, "approved_by"),
                )
            )  # fmt: skip
        done += ((on, change) for change in changes)
    return tuple(found)


def linked_sets(moves: Table[Move]) -> list[tuple[Change, ...]]:
    """Return the rows of a table of moves, tied ones together, by day and id."""
    ties = Ties(moves)
    sets: dict[str, list[Change]] = defaultdict(list)
    for i, move in enumerate(moves.columns["move"]):
        cells = {
            name: canonical_text(column[i])
            for name, column in moves.columns.items()
            if column[i] not in (None, ())
        }
        sets[ties.group(i) or move].append(Change("moves", MappingProxyType(cells)))
    ordered = [tuple(sorted(rows, key=_day_and_id)) for rows in sets.values()]
    return sorted(ordered, key=lambda rows: (_done(rows), *_day_and_id(rows[0])))


class _Record:
    """A record sorted into proposals, approvals and moves, each looked at in its turn."""

    def __init__(
        self, recorded: Sequence[Recorded], book: Book, now: date, known: date | None
    ) -> None:
        self.recorded, self.history, self.now = recorded, book, now
        self.facts = book.as_known(known)
        self.rules = book.approval
        self.approvals: dict[str, list[Recorded]] = defaultdict(list)
        self.by_id = {one.entry.id: one for one in recorded if one.entry.kind == "approval"}
        for one in self.by_id.values():
            self.approvals[one.entry.facts.get("digest", "")].append(one)
        self.asked: dict[str, Recorded] = {}
        for one in recorded:
            if one.entry.kind == "proposal" and is_whole(one.entry):
                self.asked.setdefault(one.entry.facts.get("digest", ""), one)
        self.rules_since = next((one.seq for one in recorded if _sets_rules(one)), None)
        self.went_through: set[str] = set()
        self._moves = [one for one in recorded if holds_moves(one.entry)]
        self._digests: dict[str, str] = {}
        self._again: set[str] = set()
        """Entries that say something again, or no longer, of moves on record."""
        said: set[str] = set()
        for one in self._moves:
            ids = set(_ids(one.entry.changes))
            if ids & said:
                self._again.add(one.entry.id)
            said |= ids
            digest = digest_of(one.entry.changes, one.entry.postings)
            self._digests[one.entry.id] = digest
            self.went_through.add(digest)

    def proposals(self) -> Iterable[Case]:
        """Yield the proposals that were not recorded as moves."""
        if self.rules is None:
            return
        for one in self.recorded:
            digest = one.entry.facts.get("digest", "")
            if one.entry.kind != "proposal" or digest in self.went_through:
                continue
            need = self._need(one, recorded_on(one))
            case = self._case(one, need, digest)
            case = replace(case, proposal=one.entry.id)
            if not is_whole(one.entry):
                yield replace(case, status="void")
            elif need is None:
                yield replace(case, status="not_needed")
            else:
                need = replace(need, digest=digest)
                verdict = judge_approval(self.history, need, self.approvals[digest], now=self.now)
                status = verdict.code if verdict.code in ("given", "expired") else "open"
                given = self._given(need, self.approvals[digest])
                yield replace(case, status=status, need=need, approvals=given)

    def moves(self) -> Iterable[Case]:
        """Yield the moves that need an approval by the rules of today, or rest on an exception."""
        for one in self._moves:
            brought_in = _brought_in(one)
            on, hindsight = recorded_on(one), None
            if brought_in:
                on, hindsight = min(on, _done(one.entry.changes)), on
            digest = self._digests[one.entry.id]
            needed = self._need(one, on, hindsight)
            if needed is None and not (one.entry.approvals or "override" in one.entry.facts):
                continue
            need = needed or self._bare_need(one, on)
            need = replace(need, digest=digest)
            case = self._case(one, needed and need, digest)
            asked = self.asked.get(digest)
            yield replace(
                case,
                status=self._status(one, need),
                entry=one.entry.id,
                proposal=asked.entry.id if asked else None,
                override=one.entry.facts.get("override"),
                approvals=self._given(need, self._of(one, digest), one),
                brought_in=brought_in,
                before_rules=self.rules_since is not None and one.seq < self.rules_since,
            )

    def _status(self, one: Recorded, need: Need) -> str:
        approvals = self._of(one, need.digest)
        before = [approval for approval in approvals if approval.seq < one.seq]
        verdict = judge_approval(self.history, need, before, now=recorded_on(one))
        if verdict.passes:
            return "given"
        if "override" in one.entry.facts:
            # Whatever is approved afterwards, it stays on the list as what it was.
            return "overridden"
        for approval in approvals[len(before) :]:
            if standing(self.history, need, approval, now=recorded_on(approval)).passes:
                return "late"
        if verdict.code == "expired":
            return "expired"
        return "would_need" if _brought_in(one) else "missing"

    def _of(self, one: Recorded, digest: str) -> list[Recorded]:
        """Return the approvals of a digest, and those that an entry names, by their number."""
        named = (self.by_id[name] for name in one.entry.approvals if name in self.by_id)
        found = {approval.seq: approval for approval in (*self.approvals[digest], *named)}
        return [found[seq] for seq in sorted(found)]

    def _given(
        self, need: Need, approvals: Iterable[Recorded], move: Recorded | None = None
    ) -> tuple[Given, ...]:
        """Return how approvals stood when the move was recorded, or stand now without one."""
        found = []
        for one in approvals:
            late = move is not None and one.seq > move.seq
            day = recorded_on(one if late or move is None else move)
            verdict = standing(self.history, need, one, now=self.now if move is None else day)
            if late and verdict.passes:
                verdict = replace(verdict, code="ratified")
            found.append(Given(one.recorded_at, verdict))
        return tuple(found)

    def _need(self, one: Recorded, on: date, hindsight: date | None = None) -> Need | None:
        entry = one.entry
        earlier: list[Change] = []
        if self.rules and self.rules.window:
            # They are in the order in which they were recorded, and so are their days.
            end = bisect_left(self._moves, one.seq, key=lambda move: move.seq)
            first = recorded_on(one) - timedelta(days=self.rules.window - 1)
            start = bisect_left(self._moves, first, hi=end, key=recorded_on)
            earlier = [row for move in self._moves[start:end] for row in move.entry.changes]
        return needs(
            self.facts,
            entry.changes,
            entry.postings,
            on=on,
            proposers=sorted(filter(None, self._proposers(one))),
            earlier=earlier,
            history=self.history,
            hindsight=hindsight,
            again=entry.id in self._again,
        )

    def _bare_need(self, one: Recorded, on: date) -> Need:
        """Return what approvals are judged by where the rules of today ask for none."""
        found = flows(self.facts, one.entry.changes, APPROVAL_KINDS)
        sides = {flow.giver for flow in found} | {flow.taker for flow in found if flow.taker}
        names = self._proposers(one) | {change.cells.get("by") for change in one.entry.changes}
        return Need(
            digest="", on=on, sides=tuple(sorted(sides)), pairs=(),
            proposers=tuple(sorted(filter(None, names))), could=(), could_not=(), anybody=True,
        )  # fmt: skip

    def _proposers(self, one: Recorded) -> set[str | None]:
        asked = self.asked.get(self._digests.get(one.entry.id, ""))
        return {one.entry.by, asked.entry.by if asked else None}

    def _case(self, one: Recorded, need: Need | None, digest: str) -> Case:
        changes = one.entry.changes
        return Case(
            status="open",
            moves=_ids(changes),
            need=need,
            digest=digest,
            at=one.recorded_at,
            by=one.entry.by,
            stated=_all_stated(changes, "approved_by"),
        )


def _sets_rules(one: Recorded) -> bool:
    return any(
        change.table == "book" and change.cells.get("key", "").startswith("approval")
        for change in one.entry.changes
    )


def _known(one: Recorded) -> date:
    """Return the day on which the last of an entry's rows became known."""
    day = recorded_on(one).isoformat()
    days = [change.cells.get("known", day) for change in one.entry.changes]
    return date.fromisoformat(max(days, default=day))


def _brought_in(one: Recorded) -> bool:
    day = recorded_on(one).isoformat()
    return any(change.cells.get("known", day) < day for change in one.entry.changes)


def _done(changes: Iterable[Change]) -> date:
    """Return the day on which the last of a set was done."""
    days = (change.cells["date"] for change in changes if "date" in change.cells)
    return date.fromisoformat(max(days, default=date.min.isoformat()))


def _day_and_id(change: Change) -> tuple[str, str]:
    return change.cells.get("date", ""), change.cells.get("move", "")


def _ids(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(change.cells["move"] for change in changes if "move" in change.cells)


def _stated(changes: Iterable[Change], column: str) -> str | None:
    return next(iter(_all_stated(changes, column)), None)


def _all_stated(changes: Iterable[Change], column: str) -> tuple[str, ...]:
    return tuple(sorted({text for change in changes if (text := change.cells.get(column))}))
