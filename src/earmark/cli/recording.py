"""What every recording command asks: the store, on whose word, and when that is today."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from earmark.recording import Added, Word
from earmark.stores import open_store

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["by_whom", "open_store", "said_of", "word_of"]


def by_whom(command: F) -> F:
    """Give a command the options that say on whose word something is recorded, and --json."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the document, not words."),
        click.option(
            "--correct", is_flag=True, help="Correct what is on record otherwise; both stay."
        ),
        click.option("--reason", metavar="TEXT", help="Why."),
        click.option("--authority", metavar="TEXT", help="By what right: a contract, a decision."),
        click.option("--by", metavar="WHO", help="Who records this."),
    ):
        command = option(command)
    return command


def word_of(said: dict[str, Any]) -> Word:
    """Take what `by_whom` asked out of what was said."""
    return Word(
        today=datetime.now(UTC).date(),
        by=said.pop("by"),
        authority=said.pop("authority"),
        reason=said.pop("reason"),
        correct=said.pop("correct"),
    )


def said_of(done: Added, address: str) -> dict[str, Any]:
    """Return what was recorded as a document."""
    return {
        "format": "earmark.recorded/1",
        "store": address,
        "size": done.size,
        "results": [
            {"id": result.id, "seq": result.seq, "result": result.code} for result in done.results
        ],
    }
