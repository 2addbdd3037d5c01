"""Records verified: everything that follows from the entries is computed again and compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from earmark.book import Book
from earmark.errors import EarmarkError
from earmark.ledger.checkpoints import Checkpoint
from earmark.ledger.folding import fold
from earmark.ledger.rereading import Finding, Rereading, by_entry, first_difference, id_of
from earmark.ledger.tree import EMPTY_ROOT, root_of
from earmark.recording.agreement import Bodies, agree, agree_quickly
from earmark.stores import Store
from earmark.stores.addresses import parse_address
from earmark.stores.connections import connect
from earmark.stores.sql import SqlStore
from earmark.stores.verification import Verification, verify

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

    Nothing is written, also not to a store of an older version. Raises UsageError where there is no
    store, SurroundingsError where it is out of reach.
    """
    found = verify(address, lambda done, _: told(done))
    size = len(found.leaves)
    claim = Checkpoint(found.origin, size, found.root) if found.origin else None
    roots = {
        one.checkpoint.size: root_of(found.leaves[: one.checkpoint.size])
        for one in kept
        if one.checkpoint.size <= size
    }
    if claim is None or not found.fine:
        return Verified(claim, None, _of_damaged(address, found, kept, roots))
    with _reading(address, found.origin) as store:

        def bodies() -> Iterable[bytes]:
            return store.bodies(1, size)

        # All that is told is of the walk above; what was recorded since is not looked at.
        moment = found.recorded_at
        if wrong := _kept_otherwise(claim, roots, size, kept, bodies):
            return Verified(claim, moment, tuple(wrong))
        book, wrong = agree_quickly(bodies)
        return Verified(claim, moment, tuple(wrong), book)


def verify_entries(
    bodies: Bodies, claim: Checkpoint, kept: Sequence[Kept] = (), told: Told = lambda _: None
) -> Verified:
    """Read entries again: each for itself, then their root, then the book and its postings.

    `claim` is what they are said to come to, `kept` what others say that they began with.
    """
    sizes = (claim.size, *(one.checkpoint.size for one in kept))
    reading = Rereading({**dict.fromkeys(sizes, b""), 0: EMPTY_ROOT})
    folded = fold(reading.documents(_counted(bodies(), told)))

    def verified(*findings: Finding, book: Book | None = None) -> Verified:
        return Verified(claim, reading.moment or None, findings, book)

    if reading.finding is not None:
        # What somebody kept may name an earlier one, of which nothing else is wrong.
        earlier = [found for one in kept if (found := _departure(bodies, one))]
        return verified(min([reading.finding, *earlier], key=by_entry))
    size = reading.frontier.size
    wrong = _kept_otherwise(claim, reading.roots, size, kept, bodies)
    if size != claim.size:
        wrong.append(Finding(None, None, "size", f"{claim.size} entries", f"{size} entries"))
    elif reading.roots[size] != claim.root:
        roots = claim.root.hex(), reading.roots[size].hex()
        wrong.append(Finding(None, None, "root", *roots))
    if wrong:
        return verified(*wrong)
    book, wrong = agree(folded, reading.sums, bodies)
    return verified(*wrong, book=book)


@contextmanager
def _reading(address: str, origin: str) -> Iterator[Store]:
    """Open a store as it is, also of an older version."""
    database = connect(parse_address(address), create=False, vfs=None)
    with SqlStore(database, address, origin) as store:
        yield store


def _counted(bodies: Iterable[bytes], told: Told) -> Iterator[bytes]:
    for seq, body in enumerate(bodies, 1):
        if seq % _EVERY == 0:
            told(seq)
        yield body


def _of_damaged(
    address: str, found: Verification, kept: Sequence[Kept], roots: Mapping[int, bytes]
) -> tuple[Finding, ...]:
    """Return what is wrong with a store, by entry, with ids and what was kept as far as it goes."""
    findings = [
        Finding(each.seq, None, each.what, each.expected, each.found) for each in found.findings
    ]
    texts: dict[int, bytes] = {}
    # What is left of a damaged store may not be readable in this way.
    with suppress(EarmarkError, ValueError), _reading(address, found.origin) as store:
        texts = dict(enumerate(store.bodies(1, len(found.leaves)), 1))
    claim = Checkpoint(found.origin or "unnamed", len(found.leaves), found.root)
    findings = [_named(finding, texts) for finding in findings]
    findings += _kept_otherwise(claim, roots, claim.size, kept, texts.values)
    return tuple(sorted(findings, key=by_entry))


def _named(finding: Finding, texts: Mapping[int, bytes]) -> Finding:
    text = texts.get(finding.entry or 0)
    return finding if text is None else replace(finding, id=id_of(text))


def _kept_otherwise(
    claim: Checkpoint, roots: Mapping[int, bytes], size: int, kept: Sequence[Kept], bodies: Bodies
) -> list[Finding]:
    """Return where a record of `size` entries is not what others kept of it."""
    findings = []
    for one in kept:
        then = one.checkpoint
        if then.origin != claim.origin:
            findings.append(Finding(None, None, "origin", then.origin, claim.origin))
        elif then.size > size:
            sizes = f"{then.size} entries", f"{size} entries"
            findings.append(_departure(bodies, one) or Finding(None, None, "size", *sizes))
        elif roots[then.size] != then.root:
            what = f"root of the first {then.size} entries"
            other = Finding(None, None, what, then.root.hex(), roots[then.size].hex())
            findings.append(_departure(bodies, one) or other)
    return findings


def _departure(bodies: Bodies, kept: Kept) -> Finding | None:
    return first_difference(bodies(), kept.bodies()) if kept.bodies else None
