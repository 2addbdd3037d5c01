"""What every recording command asks: the store, on whose word, and when that is today."""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from earmark.cli.problems import warn
from earmark.errors import UsageError
from earmark.recording import Added, Word
from earmark.stores import open_store

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["as_json", "by_whom", "open_store", "said_of", "tell_recorded", "word_of"]


def by_whom(command: F) -> F:
    """Give a command the options that say on whose word something is recorded."""
    for option in (
        click.option("--override", metavar="REASON", help="Record without the approval needed."),
        click.option("--propose", is_flag=True, help="Ask for the approval that it needs."),
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
    """Take what `by_whom` asked out of what was said; UsageError where nobody proposes."""
    if said["propose"] and not (said["by"] or "").strip():
        raise UsageError("--propose needs to know who proposes", "add --by WHO")
    return Word(
        today=datetime.now(UTC).date(),
        by=said.pop("by"),
        authority=said.pop("authority"),
        reason=said.pop("reason"),
        correct=said.pop("correct"),
        propose=said.pop("propose"),
        override=said.pop("override"),
    )


as_json = click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")


def tell_recorded(done: Added, address: str) -> None:
    """Say on stdout what was recorded, and on stderr what may come next."""
    warn(done.warnings)
    name = shlex.quote(address)
    for result in done.results:
        already = " already" if result.code == "exists" else ""
        click.echo(f"Entry {result.seq}, {result.id}, is on record{already}.")
    if any(result.id.startswith("proposals/") for result in done.results):
        click.echo(f"Next: earmark approve {name} {done.results[0].id} --by WHO", err=True)
    else:
        click.echo(f"Next: earmark log {name}", err=True)


def said_of(done: Added, address: str) -> dict[str, Any]:
    """Return what was recorded as a document."""
    return {
        "format": "earmark.recorded/1",
        "store": address,
        "size": done.size,
        "restored": done.restored,
        "results": [
            {"id": result.id, "seq": result.seq, "result": result.code} for result in done.results
        ],
    }
