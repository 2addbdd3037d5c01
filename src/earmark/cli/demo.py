"""`earmark demo`: the reported H100 redirect under three readings."""

import os
from pathlib import Path

import click

from earmark.cli.asking import Asked
from earmark.cli.comparing import Between, compare_all
from earmark.cli.report import command_line, compared_page, write_page
from earmark.errors import UsageError
from earmark.report import to_json

CASE = "h100-redirect"
READINGS = ("no-room-before-july", "room-from-march", "room-at-once")
SWAP = "swap-december"
PARTY = "tesla"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the document, not a table.")
def command(as_json: bool) -> None:
    """Plan the case with and without the swap under three readings, and write its page."""
    case = _case()
    readings = tuple(str(case / "readings" / reading) for reading in READINGS)
    what = Between(without=(SWAP,), readings=readings)
    asked = Asked()
    compared = compare_all(str(case), what, asked)
    page = Path(os.environ.get("EARMARK_HOME") or ".") / "out" / f"{CASE}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shown = Between(
        without=(SWAP,), readings=tuple(f"examples/{CASE}/readings/{name}" for name in READINGS)
    )
    write_page(compared_page(compared, command_line(f"examples/{CASE}", shown, asked)), page)
    if as_json:
        click.echo(to_json(compared.document), nl=False)
    else:
        from earmark.cli.terminal import show_comparison

        show_comparison(compared.document, compared.sides, compared.answers[0][1].book)
    click.echo(f"The page is {page}", err=True)


def _case() -> Path:
    """Return the folder of the case: beside the source, or inside the installed package."""
    package = Path(__file__).parents[1]
    for examples in (package.parents[1] / "examples", package / "examples"):
        if (examples / CASE / "book.toml").is_file():
            return examples / CASE
    raise UsageError("the example book is not installed", "run it from the project's folder")
