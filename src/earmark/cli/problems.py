"""How problems are told: in words on stderr, or as a document on stdout."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from earmark.errors import (
    BookError,
    ContradictionError,
    EarmarkError,
    Problem,
    SurroundingsError,
    UsageError,
)
from earmark.stores.addresses import is_address

_NOTHING = {
    "plan": "Nothing was planned.",
    "compare": "Nothing was compared.",
    "redirect": "Nothing was compared.",
    "explain": "Nothing was planned.",
    "report": "No page was written.",
    "init": "Nothing was written.",
    "import": "Nothing was recorded.",
    "record": "Nothing was recorded.",
}


MOST_ALIKE = 3
"""How many warnings of one kind are told in words."""


def tell(error: EarmarkError, words: Sequence[str]) -> int:
    """Tell an error of the command line `words` and return its exit code."""
    problems = _problems(error)
    if "--json" in words:
        from earmark.report import problems_document, to_json

        click.echo(to_json(problems_document(problems)), nl=False)
    elif isinstance(error, (BookError, ContradictionError)):
        click.echo(in_words(problems, *words[1:2]), err=True)
        click.echo(
            _ending(problems, "record" if "--record" in words else (words or [""])[0]), err=True
        )
    else:
        click.echo(in_words(problems), err=True)
    return error.exit_code


def warn(warnings: Iterable[Problem]) -> None:
    """Tell warnings on stderr, the first few of each kind; --json holds them all."""
    kinds: dict[str, list[Problem]] = {}
    for problem in warnings:
        kinds.setdefault(problem.code, []).append(problem)
    for code, found in kinds.items():
        click.echo(in_words(found[:MOST_ALIKE]), err=True)
        if len(found) > MOST_ALIKE:
            click.echo(f"  {len(found) - MOST_ALIKE:,} more {code}: see --json", err=True)


def in_words(problems: Sequence[Problem], book: str = "") -> str:
    """Return the problems as a person finds them: file, row, column, text; code, message, hint."""
    place = _FOLDER
    if is_address(book):
        place = _STORE
    elif book.lower().endswith(".xlsx"):
        place = _WORKBOOK
    return "\n".join(line for problem in problems for line in _lines(problem, place))


@dataclass(frozen=True, slots=True)
class _Places:
    """How the tables, settings and rows of a kind of book are called."""

    table: str
    settings: str
    row: str


_FOLDER = _Places("{}.csv", "book.toml", "row")
_WORKBOOK = _Places("{}", "book", "row")
_STORE = _Places("{}", "book", "entry")


def _problems(error: EarmarkError) -> Sequence[Problem]:
    if isinstance(error, (BookError, ContradictionError)):
        return error.problems
    if isinstance(error, UsageError):
        return [Problem("E001", error.message, hint=error.hint)]
    if isinstance(error, SurroundingsError):
        return [Problem("E004", error.message, hint=error.hint)]
    return [Problem("E001", str(error))]


def _lines(problem: Problem, places: _Places) -> list[str]:
    place = _place(problem, places)
    message = f"{problem.code} {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
    return [place, f"  {message}"] if place else [message]


def _place(problem: Problem, places: _Places) -> str:
    if problem.table is None:
        return f'"{problem.text}"' if problem.text else ""
    place = f"{problem.source}: " if problem.source else ""
    place += places.settings if problem.table == "book" else places.table.format(problem.table)
    if problem.row is not None:
        place += f" {'row' if problem.source else places.row} {problem.row}"
    if problem.column is not None:
        place += f", {problem.column}"
    return place + (f': "{problem.text}"' if problem.text is not None else "")


def _ending(problems: Sequence[Problem], command: str) -> str:
    rows = {(p.source, p.table, p.row) for p in problems if p.row is not None}
    count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
    where = f" in {len(rows)} row" + ("s" if len(rows) != 1 else "") if rows else ""
    return f"{count}{where}. {_NOTHING.get(command, '')}".rstrip()
