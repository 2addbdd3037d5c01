"""How problems are told: in words on stderr, or as a document on stdout."""

from collections.abc import Iterable, Sequence

import click

from earmark.errors import (
    BookError,
    ContradictionError,
    EarmarkError,
    Problem,
    SurroundingsError,
    UsageError,
)

_NOTHING = {
    "plan": "Nothing was planned.",
    "compare": "Nothing was compared.",
    "redirect": "Nothing was compared.",
    "explain": "Nothing was planned.",
    "report": "No page was written.",
    "init": "Nothing was written.",
}


def tell(error: EarmarkError, *, as_json: bool, command: str) -> int:
    """Tell an error and return its exit code."""
    problems = _problems(error)
    if as_json:
        from earmark.report import problems_document, to_json

        click.echo(to_json(problems_document(problems)), nl=False)
    elif isinstance(error, (BookError, ContradictionError)):
        click.echo(in_words(problems), err=True)
        click.echo(_ending(problems, command), err=True)
    else:
        click.echo("\n".join(_lines(problems[0])), err=True)
    return error.exit_code


def warn(warnings: Iterable[Problem]) -> None:
    """Tell warnings on stderr."""
    if text := in_words(tuple(warnings)):
        click.echo(text, err=True)


def in_words(problems: Sequence[Problem]) -> str:
    """Return the problems as a person finds them: file, row, column, text; code, message, hint."""
    return "\n".join(line for problem in problems for line in _lines(problem))


def _problems(error: EarmarkError) -> Sequence[Problem]:
    if isinstance(error, (BookError, ContradictionError)):
        return error.problems
    if isinstance(error, UsageError):
        return [Problem("E001", error.message, hint=error.hint)]
    if isinstance(error, SurroundingsError):
        return [Problem("E004", error.message, hint=error.hint)]
    return [Problem("E001", str(error))]


def _lines(problem: Problem) -> list[str]:
    place = _place(problem)
    message = f"{problem.code} {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
    return [place, f"  {message}"] if place else [message]


def _place(problem: Problem) -> str:
    if problem.table is None:
        return f'"{problem.text}"' if problem.text else ""
    place = f"{problem.source}: " if problem.source else ""
    place += problem.table if "." in problem.table else f"{problem.table}.csv"
    if problem.row is not None:
        place += f" row {problem.row}"
    if problem.column is not None:
        place += f", {problem.column}"
    return place + (f': "{problem.text}"' if problem.text is not None else "")


def _ending(problems: Sequence[Problem], command: str) -> str:
    rows = {(p.source, p.table, p.row) for p in problems if p.row is not None}
    count = f"{len(problems)} problem" + ("s" if len(problems) != 1 else "")
    where = f" in {len(rows)} row" + ("s" if len(rows) != 1 else "") if rows else ""
    return f"{count}{where}. {_NOTHING.get(command, '')}".rstrip()
