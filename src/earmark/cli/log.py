"""`earmark log`: what happened, on whose word, and when it became known."""

import shlex
from datetime import date
from typing import Any

import click

from earmark.book import Book
from earmark.cli.asking import Asked, Day, clocks, progress, read
from earmark.cli.problems import warn
from earmark.errors import UsageError
from earmark.findings import nearest
from earmark.ledger.concerning import TABLE_OF, Concern, concerning, ids_of
from earmark.ledger.history import History, history_of_book, history_of_record
from earmark.report import to_json
from earmark.report.histories import log_document
from earmark.stores import open_store


@click.command()
@click.argument("book")
@click.option("--order", metavar="ORDER", help="What concerns this order.")
@click.option("--lot", metavar="LOT", help="What concerns this lot.")
@click.option("--party", metavar="PARTY", help="What concerns this party.")
@click.option("--move", metavar="MOVE", help="What concerns this move, and those tied to it.")
@click.option("--site", metavar="SITE", help="What concerns this site.")
@click.option("--all", "everything", is_flag=True, help="Rows of every table.")
@click.option("--as-of", type=Day(), metavar="DAY", help="Only what is effective by this day.")
@clocks
@click.option("--json", "as_json", is_flag=True, help="Print the document, not a table.")
def command(
    book: str,
    everything: bool,
    as_of: date | None,
    known: date | None,
    recorded: str | None,
    as_json: bool,
    **ids: str | None,
) -> None:
    """Tell what happened: every move and claim by its effective day, and when it became known.

    With --known, what was known by that day, and beside it what is known of the same now. With an
    order, lot, party, move or site, rows of all tables that concern it.
    """
    found, warnings = read(book, Asked(known, recorded=recorded))
    history = _history(book, found)
    concern = Concern(**ids)
    _refuse_unknown(history, concern)
    by_then = [event for event in history.events if known is None or event.known <= known]
    chosen = concerning(by_then, concern, everything=everything)
    later = concerning(history.events, concern, everything=everything) if known else ()
    document = log_document(
        found,
        history,
        [event for event in chosen if as_of is None or event.effective <= as_of],
        known=known,
        as_of=as_of,
        concern=concern.given(),
        since=sum(
            known is not None
            and event.known > known
            and (as_of is None or event.effective <= as_of)
            for event in later
        ),
        warnings=warnings,
    )
    if as_json:
        click.echo(to_json(document), nl=False)
        return
    from earmark.cli.histories import show_log

    warn(warnings)
    show_log(document)
    click.echo(f"Next: {_next(book, document)}", err=True)


def _history(path: str, book: Book) -> History:
    if book.extent is None:
        return history_of_book(book)
    with open_store(path) as store, progress(f"Reading {path}"):
        return history_of_record(store.entries(1, book.extent.size))


def _refuse_unknown(history: History, concern: Concern) -> None:
    for kind, text in concern.given().items():
        if text not in (names := ids_of(history.events, kind)):
            near = nearest(text, names)
            raise UsageError(
                f"the book has no {kind} {text}",
                f"did you mean {near}?" if near else f"earmark log --all shows {TABLE_OF[kind]}",
            )


def _next(book: str, document: dict[str, Any]) -> str:
    name = shlex.quote(book)
    clock = f" --known {document['known']}" if document["known"] else ""
    return f"earmark accounts {name}{clock}"
