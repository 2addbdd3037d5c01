"""What a user did wrong: where, what, and a hint.

Wrong input is a list of `Problem`s, collected and raised together as a `BookError`. Each kind of
failure knows the exit code of the contract.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or, with a code that starts with W, worth knowing) in a named place."""

    code: str
    message: str
    table: str | None = None
    row: int | None = None
    column: str | None = None
    text: str | None = None
    hint: str | None = None
    source: str | None = None
    """The overlay that the row stands in; None for the book itself."""


class EarmarkError(Exception):
    """Anything that ends a command with a message instead of a traceback."""

    exit_code = 1


class BookError(EarmarkError):
    """Something is wrong inside a named book, workbook or overlay."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Sort `problems` by place so that every run names them in one order."""
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__(f"{len(self.problems)} problems")


class UsageError(EarmarkError):
    """Wrong usage, or a path that does not exist."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Say what is wrong with the call and, in `hint`, what would be right."""
        self.message, self.hint = message, hint
        super().__init__(message)


class ContradictionError(EarmarkError):
    """No plan can satisfy the rules."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the rules that contradict each other as problems."""
        self.problems = tuple(sorted(problems, key=_place))
        super().__init__(f"{len(self.problems)} contradictions")


class SurroundingsError(EarmarkError):
    """The environment failed: disk full, no permission, something out of reach."""

    exit_code = 4

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Say what failed and, in `hint`, how to mend it."""
        self.message, self.hint = message, hint
        super().__init__(message)


def _place(problem: Problem) -> tuple[str, str, int, str, str, str]:
    return (
        problem.source or "",
        problem.table or "",
        problem.row or 0,
        problem.column or "",
        problem.code,
        problem.message,
    )
