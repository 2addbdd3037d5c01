"""What every planning command asks: the book, the policy, the two clocks; and its progress."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import click

from earmark.answer import Answer, Question, answer
from earmark.book import Book
from earmark.errors import BookError, Problem, UsageError
from earmark.findings import nearest
from earmark.policy import BUILT_IN, Policy
from earmark.schedule import Schedule
from earmark.tables import read_book

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date; fail in words."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        # 20240603 is a day to Python, but not in a book.
        if day is None or value != day.isoformat():
            self.fail(f"'{value}' is not a day; write it as 2024-06-03", param, ctx)
        return day


class Moment(click.ParamType[str]):
    """A day, a time in UTC as 2026-11-23T19:20:11Z, or a number of entries."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the moment as a record has it; fail in words."""
        text = str(value)
        if not _MOMENT.fullmatch(text):
            wrong = f"'{text}' is no moment; write a day, 2026-11-23T19:20:11Z, or how many entries"
            self.fail(wrong, param, ctx)
        return text


_MOMENT = re.compile(
    r"[0-9]{1,15}|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z)?"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that every planning command takes."""

    known: date | None = None
    as_of: date | None = None
    include: tuple[str, ...] = ()
    recorded: str | None = None

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Asked":
        """Take the options out of what was said on the command line."""
        return cls(said.pop("known"), said.pop("as_of"), said.pop("include"), said.pop("recorded"))


def asks(command: F) -> F:
    """Give a command the options of `Asked`, and --json."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the document, not a table."),
        click.option(
            "--include",
            type=click.Choice(["forecast", "quoted"]),
            multiple=True,
            help="Plan these beyond booked orders and committed lots.",
        ),
        click.option("--as-of", type=Day(), metavar="DAY", help="No new grants before this day."),
    ):
        command = option(command)
    return clocks(command)


def clocks(command: F) -> F:
    """Give a command the options that say which rows count: known by a day, on record by then."""
    for option in (
        click.option(
            "--recorded",
            type=Moment(),
            metavar="MOMENT",
            help="Of a store: only what was on record by this day, UTC time or number of entries.",
        ),
        click.option("--known", type=Day(), metavar="DAY", help="Only rows known by this day."),
    ):
        command = option(command)
    return command


@contextmanager
def progress(words: str) -> Iterator[None]:
    """Show on a terminal what is being done; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(words + " …"):
        yield


def read(
    path: str, asked: Asked, overlays: Sequence[str] = (), effective: date | None = None
) -> tuple[Book, tuple[Problem, ...]]:
    """Read and check a book with overlays laid on it; `effective` is as `read_book` says."""
    with progress(f"Reading {path}"):
        return read_book(
            path,
            overlays=overlays,
            known=asked.known,
            recorded=asked.recorded,
            effective=effective,
        )


def checked(book: Book, asked: Asked) -> Book:
    """Return a book that was changed in memory, or raise all that is wrong in it now."""
    from earmark.checks import check_book

    found = check_book(book.as_known(asked.known), ever=book)
    if wrong := [problem for problem in found if not problem.code.startswith("W")]:
        raise BookError(wrong)
    return book


def policy_of(book: Book, name: str | None) -> Policy:
    """Return the policy of that name, or the book's own; fail with the nearest name."""
    wanted = name or book.policy
    policy = book.policy_named(wanted)
    if policy is None:
        names = sorted({*book.policies, *BUILT_IN})
        near = nearest(wanted, names)
        hint = f"did you mean {near}?" if near else "there are " + ", ".join(names)
        raise UsageError(f"the book has no policy {wanted}", hint)
    return policy


def ask(
    book: Book, asked: Asked, policy: str | None = None, previous: Schedule | None = None
) -> Answer:
    """Answer a book under a policy: planned, measured and audited."""
    check_as_of(book, asked)
    rules = policy_of(book, policy)
    question = Question(rules, asked.known, asked.as_of, asked.include, previous)
    with progress("Planning"):
        return answer(book, question)


def check_as_of(book: Book, asked: Asked) -> None:
    """Fail where new grants would begin after the book."""
    if asked.as_of is not None and asked.as_of >= book.end:
        raise UsageError(
            f"--as-of {asked.as_of} is not before the end of the book, {book.end}",
            f"name a day from {book.start} on",
        )
