"""`earmark report`: a plan or a comparison as one page."""

import shlex
from pathlib import Path
from typing import Any

import click

from earmark.cli.asking import Asked, ask, asks, progress, read
from earmark.cli.comparing import Between, Compared, between, compare_all, lies_between
from earmark.cli.plan import document_of
from earmark.errors import UsageError
from earmark.page import Page, Reading, render_page
from earmark.page.series import compared_series, plan_series
from earmark.report import to_json
from earmark.sentences import finding
from earmark.tables.files import replace_file


@click.command()
@click.argument("book")
@click.argument("other", required=False, metavar="[B]")
@click.option("-o", "--output", required=True, metavar="FILE", help="The page, an .html file.")
@lies_between
@asks
def command(book: str, other: str | None, output: str, as_json: bool, **words: Any) -> None:
    """Write a plan, or a comparison, as one self-contained page that needs no network."""
    if Path(output).suffix.lower() not in ("", ".html", ".htm"):
        raise UsageError(f"cannot write {output}", "name a file that ends with .html")
    what, asked = between(other, words), Asked.of(words)
    page = (
        compared_page(compare_all(book, what, asked), command_line(book, what, asked))
        if what.named
        else plan_page(book, what, asked, command_line(book, what, asked))
    )
    write_page(page, output)
    sentence = finding(page.document, sides=page.sides, names=page.names)
    if as_json:
        document = {"format": "earmark.report/1", "page": output, "finding": sentence}
        click.echo(to_json(document), nl=False)
        return
    click.echo(sentence)
    click.echo(f"The page is {output}", err=True)


def write_page(page: Page, output: str | Path) -> None:
    """Write a page as a file, whole or not at all."""
    with progress(f"Writing {output}"):
        # A path that is no UTF-8 stands in the command that the page shows.
        replace_file(Path(output), render_page(page).encode(errors="replace"))


def compared_page(compared: Compared, line: str) -> Page:
    """Return the page of a comparison."""
    return Page(
        book=compared.answers[0][2].asked,
        document=compared.document,
        readings=tuple(
            Reading(label, compared_series(a.outcome, b.outcome), b.asked)
            for label, a, b in compared.answers
        ),
        command=line,
        sides=compared.sides,
    )


def plan_page(book: str, what: Between, asked: Asked, line: str) -> Page:
    """Return the page of a plan."""
    if len(what.readings) > 1:
        raise UsageError(
            f"a plan is made under one reading, not {len(what.readings)}",
            "several readings give the range of a comparison: name what to compare with",
        )
    found, warnings = read(book, asked, what.readings)
    said = ask(found, asked, what.policies[0] if what.policies else None)
    return Page(
        book=said.asked,
        document=document_of(said, warnings),
        readings=(Reading(None, plan_series(said.plan.schedule, said.outcome)),),
        command=line,
    )


def command_line(book: str, what: Between, asked: Asked) -> str:
    """Return the command that makes the page again; paths by their last part, as paths move."""
    words = ["earmark", "report", book, *([what.other] if what.other else [])]
    words += [word for overlay in what.overlays for word in ("--with", overlay)]
    words += ["--without", ",".join(what.without)] if what.without else []
    words += [word for policy in what.policies for word in ("--policy", policy)]
    words += [word for reading in what.readings for word in ("--reading", reading)]
    words += ["--known", str(asked.known)] if asked.known else []
    words += ["--as-of", str(asked.as_of)] if asked.as_of else []
    words += [word for status in asked.include for word in ("--include", status)]
    return shlex.join([*words, "-o", "page.html"])
