"""Records verified: everything that follows from the entries is computed again and compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from earmark.book import Book
from earmark.errors import BookError, EarmarkError
from earmark.ledger.checkpoints import Checkpoint
from earmark.ledger.entries import parse_recorded
from earmark.ledger.folding import fold
from earmark.ledger.journal import postings_of
from earmark.ledger.rereading import Finding, Rereading, Sums, first_difference, id_of
from earmark.ledger.tree import root_of
from earmark.stores import open_store
from earmark.stores.verification import Verification, verify
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

    checkpoint: Checkpoint | None
    """What it comes to, or says that it comes to; None where not even that can be read."""
    recorded_at: str | None
    findings: tuple[Finding, ...]
    book: Book | None = None


def verify_store(address: str, kept: Sequence[Kept] = (), told: Told = lambda _: None) -> Verified:
    """Compute again all that a store says beside its entries, and what these come to.

    Raises UsageError where there is no store, SurroundingsError where it is out of reach.
    """
    found = verify(address, lambda done, _: told(done))
    size = len(found.leaves)
    claim = Checkpoint(found.origin, size, found.root) if found.origin else None
    if claim is None or not found.fine:
        return Verified(claim, None, _of_store(address, found, kept))
    with open_store(address) as store:
        return verify_entries(lambda: store.bodies(1, size), claim, kept, told)


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
        return Verified(claim, reading.moment or None, findings, book)

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


def _of_store(address: str, found: Verification, kept: Sequence[Kept]) -> tuple[Finding, ...]:
    """Return what is wrong with a store, by entry, with ids and what was kept as far as it goes."""
    findings = [
        Finding(each.seq, None, each.what, each.expected, each.found) for each in found.findings
    ]
    for one in kept:
        size, root = one.checkpoint.size, one.checkpoint.root
        if size > len(found.leaves):
            sizes = f"{size} entries", f"{len(found.leaves)} entries"
            findings.append(Finding(None, None, "size", *sizes))
        elif (now := root_of(found.leaves[:size])) != root:
            what = f"root of the first {size} entries"
            findings.append(Finding(None, None, what, root.hex(), now.hex()))
    # What is left of a damaged store may not be readable in this way.
    with suppress(EarmarkError, ValueError), open_store(address) as store:
        bodies = dict(enumerate(store.bodies(1), 1))
        findings = [_named(finding, bodies) for finding in findings]
        findings += [other for one in kept if (other := _departure(bodies.values, one))]
    return tuple(sorted(findings, key=lambda finding: finding.entry or 2**63))


def _named(finding: Finding, bodies: Mapping[int, bytes]) -> Finding:
    body = bodies.get(finding.entry or 0)
    return finding if body is None else replace(finding, id=id_of(body))


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
