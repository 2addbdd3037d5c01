"""Records verified: everything that follows from the entries is computed again and compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from earmark.book import Book
from earmark.errors import BookError
from earmark.ledger.checkpoints import Checkpoint
from earmark.ledger.entries import parse_recorded
from earmark.ledger.folding import Folded, fold
from earmark.ledger.journal import postings_of
from earmark.ledger.rereading import Finding, Rereading, Sums, first_difference, id_of
from earmark.ledger.tree import leaf_hash
from earmark.stores import Store
from earmark.tables.reading import check_raw
from earmark.tables.records import raw_of

Bodies = Callable[[], Iterable[bytes]]
"""What gives the entries of a record from the first one on, as often as it is called."""

Told = Callable[[int], None]
"""What is told how many entries have been read."""

_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody kept of a record: its checkpoint, or its entries as well."""

    checkpoint: Checkpoint
    bodies: Bodies | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """A record read again: what is wrong with it, the first by number, and what it comes to."""

    checkpoint: Checkpoint
    recorded_at: str | None
    findings: tuple[Finding, ...]
    folded: Folded | None = None
    book: Book | None = None


def verify_store(store: Store, kept: Sequence[Kept] = (), told: Told = lambda _: None) -> Verified:
    """Read the entries of a store again, and compare what they come to with all that it says."""
    head = store.head()
    claim = Checkpoint(store.origin, head.size, head.root)
    if (leaf := _altered_leaf(store, head.size)) is not None:
        return Verified(claim, head.recorded_at, (leaf,))
    verified = verify_entries(lambda: store.bodies(1, head.size), claim, kept, told)
    if not verified.findings and verified.recorded_at != head.recorded_at:
        moments = str(verified.recorded_at), str(head.recorded_at)
        wrong = Finding(head.size or None, None, "moment of the last entry", *moments)
        return Verified(claim, head.recorded_at, (wrong,), verified.folded, verified.book)
    return verified


def verify_entries(
    bodies: Bodies, claim: Checkpoint, kept: Sequence[Kept] = (), told: Told = lambda _: None
) -> Verified:
    """Read entries again: each for itself, then their root, then the book and its postings.

    `claim` is what they are said to come to, `kept` what others say that they began with.
    """
    reading = Rereading(dict.fromkeys((claim.size, *(one.checkpoint.size for one in kept)), b""))
    reading.roots[0] = reading.frontier.root
    folded = fold(reading.documents(_counted(bodies(), told)))

    def verified(*findings: Finding, book: Book | None = None) -> Verified:
        return Verified(claim, reading.moment or None, findings, folded, book)

    if reading.finding is not None:
        # What somebody kept may name an earlier one, of which nothing else is wrong.
        earlier = [found for one in kept if (found := _departure(bodies, one))]
        first = min([reading.finding, *earlier], key=lambda found: found.entry or 2**63)
        return verified(first)
    wrong = [found for one in kept if (found := _kept_otherwise(reading, claim, one, bodies))]
    if found := _another_root(reading, claim, "root"):
        wrong.append(found)
    if wrong:
        return verified(*wrong)
    if reading.frontier.size == 0:
        return verified()
    try:
        book, _ = check_raw(raw_of(folded))
    except BookError as error:
        return verified(*_of_problems(error))
    found = _posted_otherwise(bodies, book, reading.sums)
    return verified(*[found] if found else [], book=book)


def _counted(bodies: Iterable[bytes], told: Told) -> Iterator[bytes]:
    for seq, body in enumerate(bodies, 1):
        if seq % _EVERY == 0:
            told(seq)
        yield body


def _altered_leaf(store: Store, size: int) -> Finding | None:
    """Return the first entry whose text is not the one that its hash on record is of."""
    leaves = store.leaves(size)
    seq = 0
    for seq, body in enumerate(store.bodies(1, size), 1):
        leaf = next(leaves, b"")
        if leaf_hash(body) != leaf:
            expected = f"a text with the hash {leaf.hex()}"
            return Finding(seq, id_of(body), "text", expected, leaf_hash(body).hex())
    if seq != size:
        return Finding(seq + 1, None, "entry", f"{size} entries", f"{seq} entries")
    return None


def _another_root(reading: Rereading, claim: Checkpoint, what: str) -> Finding | None:
    size = reading.frontier.size
    if size < claim.size or (what == "root" and size != claim.size):
        return Finding(None, None, "size", f"{claim.size} entries", f"{size} entries")
    root = reading.roots[claim.size]
    if root != claim.root:
        return Finding(None, None, what, claim.root.hex(), root.hex())
    return None


def _kept_otherwise(
    reading: Rereading, claim: Checkpoint, kept: Kept, bodies: Bodies
) -> Finding | None:
    if kept.checkpoint.origin != claim.origin:
        return Finding(None, None, "origin", kept.checkpoint.origin, claim.origin)
    what = f"root of the first {kept.checkpoint.size} entries"
    if found := _another_root(reading, kept.checkpoint, what):
        return _departure(bodies, kept) or found
    return None


def _departure(bodies: Bodies, kept: Kept) -> Finding | None:
    return first_difference(bodies(), kept.bodies()) if kept.bodies else None


def _of_problems(error: BookError) -> list[Finding]:
    return [
        Finding(
            problem.row,
            None,
            " ".join(filter(None, (problem.table, problem.column))) or "book",
            problem.hint or "a book without problems",
            f"{problem.code} {problem.message}",
        )
        for problem in error.problems
    ]


def _posted_otherwise(bodies: Bodies, book: Book, sums: Sums) -> Finding | None:
    """Return the first entry that posts to an account what the moves of the book do not."""
    wanted: Sums = defaultdict(int)
    for _, postings in postings_of(book.as_known(None)).by_row():
        for posting in postings:
            wanted[posting.account, posting.effective] += posting.quantity
    differing = {place for place in {*wanted, *sums} if wanted.get(place, 0) != sums.get(place, 0)}
    if not differing:
        return None
    place = min(differing, key=lambda place: (place[1], place[0]))
    seq, name = None, None
    for recorded in map(parse_recorded, bodies()):
        entry = recorded.entry
        if touched := {(p.account, p.effective) for p in entry.postings} & differing:
            place = min(touched, key=lambda place: (place[1], place[0]))
            seq, name = recorded.seq, entry.id
            break
    account, day = place
    words = " ".join(filter(None, (account.state, account.holder, account.product, account.place)))
    what = f"units posted to {words} on {day}"
    return Finding(seq, name, what, str(wanted.get(place, 0)), str(sums.get(place, 0)))
