"""One plan in this process, along the command's own path, with a clock at every stage."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from earmark import answer, planning
from earmark.book import Book
from earmark.report import plan_document, to_json
from earmark.tables import read_book
from measuring.runs import Stages

ENGINE = ("pose", "serve", "split")
"""The stages that decide who gets what; the others prove it, explain it and show it."""
_WATCHED = (
    (planning, "posed", "pose"),
    (planning, "serve_rolling", "serve"),
    (planning, "proven_gap", "gap"),
    (planning, "schedule_of", "split"),
    (planning, "why_late", "reasons"),
    (answer, "measure", "outcome"),
    (answer, "audit", "audit"),
)


def plan_in_stages(book: Path, stages: Stages, policy: str | None = None) -> answer.Answer:
    """Read, check, plan, explain, measure and audit a book, and write its JSON as text."""
    found, warnings = stages.time("read, check", lambda: read_book(book))
    stages.time("digest", lambda: found.digest)
    rule = found.policy_named(policy or found.policy)
    assert rule is not None
    with _watched(stages):
        said = answer.answer(found, answer.Question(rule))
    document = stages.time(
        "document",
        lambda: plan_document(
            said.book,
            said.plan,
            said.outcome,
            digest=said.digest,
            known=None,
            as_of=said.as_of,
            warnings=warnings,
        ),
    )
    stages.time("json", lambda: to_json(document))
    return said


def answer_in_stages(book: Book, stages: Stages) -> answer.Answer:
    """Plan, explain, measure and audit a book that was read."""
    rule = book.policy_named(book.policy)
    assert rule is not None
    with _watched(stages):
        return answer.answer(book, answer.Question(rule))


def engine_seconds(seconds: dict[str, float]) -> float:
    """Return the seconds of the engine alone."""
    return sum(seconds[name] for name in ENGINE)


@contextmanager
def _watched(stages: Stages) -> Iterator[None]:
    """Put a clock around each stage where the planner calls it."""
    with ExitStack() as patches:
        for module, name, stage in _WATCHED:
            clocked = _clocked(stages, stage, getattr(module, name))
            patches.enter_context(patch.object(module, name, clocked))
        yield


def _clocked(stages: Stages, stage: str, call: Any) -> Any:
    @wraps(call)
    def clocked(*arguments: Any, **options: Any) -> Any:
        return stages.time(stage, lambda: _whole(call(*arguments, **options)))

    return clocked


def _whole(result: Any) -> Any:
    """Return a result with all its work done: serving yields stage after stage."""
    return list(result) if isinstance(result, Iterator) else result
