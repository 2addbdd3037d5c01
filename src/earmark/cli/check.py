"""`earmark check`: read a book and say what is wrong in it."""

import shlex
from datetime import date

import click

from earmark.cli.asking import Asked, Day, clocks, read
from earmark.cli.problems import warn
from earmark.report import to_json
from earmark.report.problems import problem_row
from earmark.schema import SCHEMA


@click.command()
@click.argument("book")
@click.option("--with", "overlays", multiple=True, metavar="OVERLAY", help="Lay this on the book.")
@click.option(
    "--as-of", type=Day(), metavar="DAY", help="Judge moves and assertions dated by this day."
)
@clocks
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(
    book: str,
    overlays: tuple[str, ...],
    as_of: date | None,
    known: date | None,
    recorded: str | None,
    as_json: bool,
) -> None:
    """Read a book and name everything that is wrong in it, all at once."""
    found, warnings = read(book, Asked(known, recorded=recorded), overlays, as_of)
    counts = {name: len(found.table(name)) for name in SCHEMA if found.has(name)}
    if as_json:
        document = {
            "format": "earmark.check/1",
            "book": {"title": found.title, "digest": found.digest},
            "known": known.isoformat() if known else None,
            "as_of": as_of.isoformat() if as_of else None,
            "rows": counts,
            "warnings": [problem_row(warning) for warning in warnings],
        }
        click.echo(to_json(document), nl=False)
        return
    warn(warnings)
    rows = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    click.echo(f"{found.title}: {found.start} to {found.end}. Rows: {rows}.")
    click.echo(f"Nothing is wrong. {found.digest}")
    click.echo(f"Next: earmark plan {shlex.quote(book)}", err=True)
