"""Whether the book that entries come to has no problems, and its moves come to what they post."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from earmark.book import Book
from earmark.errors import BookError
from earmark.ledger.entries import parse_recorded
from earmark.ledger.folding import Folded, fold
from earmark.ledger.journal import postings_of
from earmark.ledger.rereading import Finding, Place, Rereading, Sums, place_of
from earmark.tables.reading import check_raw
from earmark.tables.records import raw_of

Bodies = Callable[[], Iterable[bytes]]
"""What gives the entries of a record from the first one on, as often as it is called."""


def agree(folded: Folded, sums: Sums, bodies: Bodies) -> tuple[Book | None, list[Finding]]:
    """Return the book of a record, None where it is empty, and what is wrong with it.

    `folded` and `sums` are what the entries come to, in rows and in units.
    """
    if folded.settings is None and not folded.rows and not sums:
        return None, []
    try:
        book, _ = check_raw(raw_of(folded))
    except BookError as error:
        return None, _of_problems(error)
    found = _posted_otherwise(bodies, book, sums)
    return book, [found] if found else []


def agree_quickly(bodies: Bodies) -> tuple[Book | None, list[Finding]]:
    """Return the same of entries that were read again already: their texts are taken as they are.

    What their rows hold was not looked at before; an entry whose rows no book can hold is named.
    """
    sums: Sums = defaultdict(int)
    try:
        folded = fold(_documents(bodies(), sums))
    except (AttributeError, KeyError, TypeError):
        reading = Rereading()
        fold(reading.documents(bodies()))
        assert reading.finding is not None, "entries that do not fold, and nothing is wrong"
        return None, [reading.finding]
    return agree(folded, sums, bodies)


def _documents(bodies: Iterable[bytes], sums: Sums) -> Iterator[Mapping[str, Any]]:
    for body in bodies:
        document = json.loads(body)
        for state, holder, product, place, quantity, day in document.get("postings", ()):
            sums[day, state, holder, product, place] += quantity
        yield document


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
            wanted[place_of(posting)] += posting.quantity
    differing = {place for place, units in wanted.items() if sums.get(place, 0) != units}
    differing |= {place for place, units in sums.items() if wanted.get(place, 0) != units}
    if not differing:
        return None
    seq, name, place = _first_at(differing, bodies)
    day, *account = place
    what = f"units posted to {' '.join(filter(None, account))} on {day}"
    return Finding(seq, name, what, str(wanted.get(place, 0)), str(sums.get(place, 0)))


def _first_at(places: set[Place], bodies: Bodies) -> tuple[int | None, str | None, Place]:
    """Return the first entry that posts to one of several places, if any does."""
    for recorded in map(parse_recorded, bodies()):
        if touched := places.intersection(map(place_of, recorded.entry.postings)):
            return recorded.seq, recorded.entry.id, min(touched)
    return None, None, min(places)
