"""`earmark compare`: one plan against another."""

from typing import Any

import click

from earmark.cli.asking import Asked, asks
from earmark.cli.comparing import Compared, between, compare_all, lies_between
from earmark.cli.problems import warn
from earmark.report import to_json


@click.command()
@click.argument("book")
@click.argument("other", required=False, metavar="[B]")
@lies_between
@asks
def command(book: str, other: str | None, as_json: bool, **words: Any) -> None:
    """Hold the plan of BOOK (side a) against another (side b): who gains, who loses."""
    what = between(other, words)
    show(compare_all(book, what, Asked.of(words)), as_json=as_json)


def show(compared: Compared, *, as_json: bool) -> None:
    """Print a comparison."""
    if as_json:
        click.echo(to_json(compared.document), nl=False)
        return
    from earmark.cli.terminal import show_comparison

    warn(compared.warnings)
    show_comparison(compared.document, compared.sides, compared.answers[0][1].book)
