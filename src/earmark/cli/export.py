"""`earmark export`: a record out of its store, as a folder or workbook."""

import shlex

import click

from earmark.cli.asking import Moment, progress
from earmark.recording import export_book
from earmark.stores import open_store


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("path", metavar="FOLDER")
@click.option(
    "--recorded", type=Moment(), metavar="MOMENT", help="Only what was on record by then."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="The files that the tables go to.",
)
def command(address: str, path: str, recorded: str | None, kind: str) -> None:
    """Write a store as a folder that every command reads, with every entry of its record.

    `earmark import` restores the record from it, moments and corrections included. A name that
    ends with .xlsx gets the book alone.
    """
    with open_store(address) as store, progress(f"Writing {path}"):
        extent = export_book(store, path, recorded, parquet=kind == "parquet")
    click.echo(f"{extent.size:,} entries, the last of {extent.recorded_at}, in {path}.")
    click.echo(f"Next: earmark check {shlex.quote(path)}", err=True)
