"""The two sides of a comparison, from the words of the command line, once per reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from earmark.answer import Answer
from earmark.book import Book
from earmark.cli.asking import Asked, ask, checked, progress, read
from earmark.compare import Side, compare
from earmark.compare.ranges import Reading
from earmark.compare.redirects import Redirect, redirected
from earmark.errors import Problem, UsageError
from earmark.findings import nearest
from earmark.report import Document, comparison_document, comparisons_document
from earmark.sentences import Sides
from earmark.tables import read_overlay

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between the two sides."""

    other: str | None = None
    overlays: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    redirect: Redirect | None = None

    @property
    def named(self) -> bool:
        """Whether anything was said to lie between the sides."""
        return bool(
            self.other or self.overlays or self.without or self.redirect or len(self.policies) > 1
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison per reading, with the answers on both sides."""

    document: Document
    answers: tuple[tuple[str | None, Answer, Answer], ...]
    sides: Sides
    warnings: tuple[Problem, ...]


def lies_between(command: F) -> F:
    """Give a command the options that say what lies between two sides."""
    for option in (
        click.option(
            "--reading",
            "readings",
            multiple=True,
            metavar="OVERLAY",
            help="Lay an assumption under both sides; several give a range.",
        ),
        click.option(
            "--policy",
            "policies",
            multiple=True,
            metavar="NAME",
            help="Once for both sides, twice for side a and side b.",
        ),
        click.option(
            "--without", metavar="MOVE,...", help="Side a: without these moves and their ties."
        ),
        click.option(
            "--with",
            "overlays",
            multiple=True,
            metavar="OVERLAY",
            help="Side b: with this laid on the book.",
        ),
    ):
        command = option(command)
    return command


def between(other: str | None, said: dict[str, Any]) -> Between:
    """Take what lies between the sides out of what was said, or refuse what contradicts itself."""
    overlays, without = said.pop("overlays"), said.pop("without")
    policies, readings = said.pop("policies"), said.pop("readings")
    moves = tuple(move.strip() for move in (without or "").split(",") if move.strip())
    ways = [
        name for name, said in (("B", other), ("--with", overlays), ("--without", moves)) if said
    ]
    if len(ways) > 1:
        raise UsageError(f"{ways[0]} and {ways[1]} both say what side b is", "name one of them")
    if len(policies) > 2:
        raise UsageError(f"{len(policies)} policies are named", "name one, or one for each side")
    return Between(other, overlays, moves, policies, readings)


def compare_all(book: str, what: Between, asked: Asked) -> Compared:
    """Plan both sides under every reading and compare them."""
    if not what.named:
        raise UsageError(
            "nothing to compare with", "name a second book, --with, --without, or two policies"
        )
    answers, readings = [], []
    warnings: dict[Problem, None] = {}
    for reading in what.readings or (None,):
        label = None if reading is None else read_overlay(reading).label
        a, b, found = _sides(book, what, asked, () if reading is None else (reading,))
        warnings |= dict.fromkeys(found)
        first, last = (what.policies[0], what.policies[-1]) if what.policies else (None, None)
        said = ask(a, asked, first), ask(b, asked, last)
        with progress("Comparing"):
            readings.append(Reading(label, compare(*(_side(answer) for answer in said))))
        answers.append((label, *said))
    as_of = answers[0][1].as_of
    if len(readings) > 1:
        document = comparisons_document(readings, known=asked.known, as_of=as_of, warnings=warnings)
    else:
        document = comparison_document(
            readings[0].comparison,
            reading=readings[0].label,
            known=asked.known,
            as_of=as_of,
            warnings=warnings,
        )
    sides = _words_without(what.without, answers[0][2].asked) if what.without else _words(what)
    return Compared(document, tuple(answers), sides, tuple(warnings))


def _side(said: Answer) -> Side:
    return Side(said.book, said.plan.schedule, said.outcome, said.digest, said.question.policy.name)


def _sides(
    path: str, what: Between, asked: Asked, reading: Sequence[str]
) -> tuple[Book, Book, tuple[Problem, ...]]:
    """Return the books of both sides, and what either is warned of."""
    base, warnings = read(path, asked, reading)
    if what.other is not None:
        other, more = read(what.other, asked, reading)
        return base, other, (*warnings, *more)
    if what.overlays:
        laid, more = read(path, asked, [*reading, *what.overlays])
        return base, laid, (*warnings, *more)
    if what.without:
        _refuse_unknown_moves(base, what.without, asked)
        return checked(base.without_moves(what.without), asked), base, warnings
    if what.redirect is not None:
        return base, checked(redirected(base, what.redirect), asked), warnings
    return base, base, warnings


def _refuse_unknown_moves(book: Book, moves: Sequence[str], asked: Asked) -> None:
    on_that_day = book.moves.as_known(asked.known).positions
    for move in moves:
        if move in book.moves.positions and move not in on_that_day:
            raise UsageError(f"the move {move} was not known on {asked.known}")
        if move not in book.moves.positions:
            near = nearest(move, book.moves.positions)
            raise UsageError(
                f"the book has no move {move}", f"did you mean {near}?" if near else None
            )


def _words(what: Between) -> Sides:
    """Return how prose speaks of the two sides."""
    if what.redirect is not None:
        change = "the swap" if what.redirect.in_return else "the redirect"
        return Sides("as booked", f"with {change}", change)
    if what.overlays:
        label = ", ".join(read_overlay(overlay).label for overlay in what.overlays)
        return Sides("as booked", f"with {label}", label)
    if what.other is not None:
        return Sides("in the first book", "in the second book", "the second book")
    return Sides(
        f"under {what.policies[0]}", f"under {what.policies[-1]}", f"the policy {what.policies[-1]}"
    )


def _words_without(moves: Sequence[str], book: Book) -> Sides:
    """Return how prose speaks of moves that side a is without: `book` is side b's, with them."""
    taken = set(book.moves.column("move")) - set(book.without_moves(moves).moves.column("move"))
    redirects = all(move.kind == "redirect" for move in book.moves if move.move in taken)
    change = "the swap" if len(taken) > 1 else "the redirect"
    change = change if redirects else "the moves" if len(taken) > 1 else "the move"
    return Sides(f"without {change}", f"with {change}", change)
