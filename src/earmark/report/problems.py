"""Problems and warnings as documents."""

from collections.abc import Iterable

from earmark.errors import Problem
from earmark.report.text import Document


def problems_document(problems: Iterable[Problem]) -> Document:
    """Return `earmark.problems/1`."""
    return {"format": "earmark.problems/1", "problems": [problem_row(x) for x in problems]}


def problem_row(problem: Problem) -> Document:
    names = ("table", "row", "column", "text", "code", "message", "hint", "source")
    return {name: getattr(problem, name) for name in names}
