"""Entries read again by somebody who does not trust them: what each must be, whatever made it.

It shares no code with the judging of entries when they are recorded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from earmark.ledger.entries import Entry, Posting, Recorded, document_of, parse_recorded
from earmark.ledger.folding import BOOK_KINDS
from earmark.ledger.tree import Frontier, leaf_hash
from earmark.schema import SCHEMA

_BATCH = 1000

Place = tuple[str, str, str, str, str]
"""A day and an account: day, state, holder, product, place."""

Sums = dict[Place, int]
"""What is posted to each account on each effective day."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be: in which entry, what, and the two values."""

    entry: int | None
    """The number of the entry, from 1; None where no single one can be told."""
    id: str | None
    what: str
    expected: str
    found: str


@dataclass(slots=True)
class Rereading:
    """Entries as they are read again, one by one; `finding` is the first that is not right.

    `roots` is to be given the sizes at which roots are wanted; they are filled in.
    """

    roots: dict[int, bytes] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    sums: Sums = field(default_factory=lambda: defaultdict(int))
    ids: dict[str, int] = field(default_factory=dict)
    corrected: set[str] = field(default_factory=set)
    moment: str = ""
    finding: Finding | None = None

    def documents(self, bodies: Iterable[bytes]) -> Iterator[Mapping[str, object]]:
        """Yield entries as JSON documents, up to the first that is not what it must be."""
        leaves: list[bytes] = []
        wanted = set(self.roots)
        for seq, body in enumerate(bodies, self.frontier.size + 1):
            recorded = self._read(seq, body)
            if recorded is None:
                return
            leaves.append(leaf_hash(body))
            if len(leaves) == _BATCH or seq in wanted:
                self._extend(leaves)
            yield document_of(recorded)
        self._extend(leaves)

    def _extend(self, leaves: list[bytes]) -> None:
        self.frontier = self.frontier.extended(leaves)
        leaves.clear()
        if self.frontier.size in self.roots:
            self.roots[self.frontier.size] = self.frontier.root

    def _read(self, seq: int, body: bytes) -> Recorded | None:
        try:
            recorded = parse_recorded(body)
        except ValueError as error:
            wanted = "the canonical JSON of an entry"
            self.finding = Finding(seq, None, "text", wanted, str(error))
            return None
        self.finding = self._judge(seq, recorded)
        if self.finding is not None:
            return None
        entry = recorded.entry
        self.ids[entry.id], self.moment = seq, recorded.recorded_at
        for posting in entry.postings:
            self.sums[place_of(posting)] += posting.quantity
        return recorded

    def _judge(self, seq: int, recorded: Recorded) -> Finding | None:
        entry = recorded.entry

        def wrong(what: str, expected: object, found: object) -> Finding:
            return Finding(seq, entry.id, what, str(expected), str(found))

        if recorded.seq != seq:
            return wrong("seq", seq, recorded.seq)
        if recorded.recorded_at <= self.moment:
            return wrong("recorded_at", f"later than {self.moment}", recorded.recorded_at)
        if entry.id in self.ids:
            return wrong("id", "an id of its own", f"that of entry {self.ids[entry.id]}")
        if entry.corrects is not None:
            if entry.corrects not in self.ids:
                return wrong("corrects", "an earlier entry", entry.corrects)
            if entry.corrects in self.corrected:
                return wrong("corrects", "an entry not corrected before", entry.corrects)
            self.corrected.add(entry.corrects)
        if lack := lacking(entry):
            return wrong("changes", *lack)
        if found := unbalanced(entry.postings):
            product, day, units = found
            return wrong("postings", f"0 {product} in sum on {day}", units)
        return None


def place_of(posting: Posting) -> Place:
    """Return where and when a posting posts, as texts."""
    account = posting.account
    day = posting.effective.isoformat()
    return day, account.state, account.holder, account.product, account.place


def unbalanced(postings: Iterable[Posting]) -> tuple[str, date, int] | None:
    """Return the first product and day whose postings do not sum to zero, and to what they do."""
    totals: dict[tuple[str, date], int] = defaultdict(int)
    for posting in postings:
        totals[posting.account.product, posting.effective] += posting.quantity
    return next(((product, day, units) for (product, day), units in totals.items() if units), None)


def by_entry(finding: Finding) -> int:
    """Return what findings are sorted by: their entries; what is of no single one comes last."""
    return finding.entry or 2**63


def lacking(entry: Entry) -> tuple[str, str] | None:
    """Return what an entry's rows need so that a book can follow them, and the first without."""
    if entry.kind not in BOOK_KINDS:
        return None
    for change in entry.changes:
        if entry.kind != "settings":
            wanted, fine = "a table of a book", change.table in SCHEMA
        else:
            wanted = "settings with key and value"
            fine = change.table == "book" and {"key", "value"} <= set(change.cells)
        if not fine:
            return wanted, f"{change.table} {dict(change.cells)}"
    return None


def first_difference(bodies: Iterable[bytes], kept: Iterable[bytes]) -> Finding | None:
    """Return the first entry of those kept elsewhere that a record does not begin with."""
    own = iter(bodies)
    for seq, body in enumerate(kept, 1):
        found = next(own, None)
        if found == body:
            continue
        name, expected = _shown(body)
        if found is None:
            return Finding(seq, name, "entry", expected, "the record ends before it")
        return _different(seq, body, found)
    return None


def _different(seq: int, kept: bytes, found: bytes) -> Finding:
    """Return the first field in which two entries differ."""
    name, expected = _shown(kept)
    try:
        one, other = (document_of(parse_recorded(body)) for body in (kept, found))
    except ValueError:
        return Finding(seq, name, "entry", expected, _shown(found)[1])
    for key in (*one, *other):
        if one.get(key) != other.get(key):
            return Finding(seq, name, key, _short(one.get(key)), _short(other.get(key)))
    raise AssertionError("two texts of one entry")


def id_of(body: bytes) -> str | None:
    """Return the id of an entry; None where the text is no entry any more."""
    try:
        return parse_recorded(body).entry.id
    except ValueError:
        return None


def _shown(body: bytes) -> tuple[str | None, str]:
    return id_of(body), f"an entry with the hash {leaf_hash(body).hex()}"


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
