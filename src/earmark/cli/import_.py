"""`earmark import`: a book from files into a store."""

import shlex
from typing import Any

import click

from earmark.cli.asking import progress
from earmark.cli.problems import warn
from earmark.cli.recording import as_json as json_option
from earmark.cli.recording import by_whom, open_store, said_of, word_of
from earmark.recording import read_import, take_in
from earmark.report import to_json


@click.command()
@click.argument("book")
@click.option("--into", "address", required=True, metavar="STORE", help="Made where it is absent.")
@by_whom
@json_option
def command(book: str, address: str, as_json: bool, **words: Any) -> None:
    """Take a book into a store: every version of every row becomes an entry, or none does.

    What is on record already is left as it is, so that an import can be repeated. STORE is
    sqlite:///book.db or postgresql://user@host/database.
    """
    word = word_of(words)
    with progress(f"Reading {book}"):
        read = read_import(book, word)
    with (
        open_store(address, create=True, origin=read.origin) as store,
        progress(f"Recording {book}"),
    ):
        done = take_in(read, store, word)
    if as_json:
        click.echo(to_json(said_of(done, store.address)), nl=False)
        return
    warn(done.warnings)
    new = sum(result.code == "recorded" for result in done.results)
    here = len(done.results) - new
    was = f"; {here:,} were on record already" if here else ""
    if done.restored:
        click.echo(f"{done.restored:,} entries of an exported record restored as they were.")
    click.echo(f"{new:,} entries recorded{was}. The record has {done.size:,} entries.")
    click.echo(f"Next: earmark plan {shlex.quote(address)}, earmark log …", err=True)
