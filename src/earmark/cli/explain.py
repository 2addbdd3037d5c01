"""`earmark explain`: why an order is late and what would cure it, or what a code means."""

import re
from textwrap import fill
from typing import Any

import click

from earmark.cli.asking import Asked, ask, asks, progress, read
from earmark.cli.plan import document_of
from earmark.cli.problems import warn
from earmark.codes import CODES
from earmark.cures import cures_of
from earmark.errors import UsageError
from earmark.explanation import explain_order
from earmark.findings import nearest
from earmark.options import own_id
from earmark.report import to_json

_CODE = re.compile(r"[EW]\d{3}", re.IGNORECASE)


@click.command()
@click.argument("subject", metavar="BOOK | CODE")
@click.argument("order", required=False, metavar="[ORDER]")
@click.option("--policy", metavar="NAME", help="The policy of the plan.")
@asks
def command(
    subject: str, order: str | None, policy: str | None, as_json: bool, **words: Any
) -> None:
    """Say why ORDER is late in the plan of BOOK and what would cure it, or what a CODE means."""
    if order is None:
        _explain_code(subject, as_json=as_json)
        return
    asked = Asked.of(words)
    book, warnings = read(subject, asked)
    said = ask(book, asked, policy)
    planned = {own_id(part) for part in said.plan.schedule.orders}
    if order not in planned:
        near = nearest(order, planned)
        hint = f"did you mean {near}?" if near else "only booked orders are planned"
        raise UsageError(f"the plan has no order {order}", hint)
    with progress("Trying what would help"):
        cures = cures_of(said, order)
    document = document_of(said, warnings)
    sentences = explain_order(document, order, book=said.asked, cures=cures)
    if as_json:
        found = {
            "format": "earmark.explanation/1",
            "order": next(row for row in document["orders"] if row["order"] == order),
            "sentences": sentences,
            "cures": [{"change": c.text, "unit_days_saved": c.unit_days} for c in cures],
        }
        click.echo(to_json(found), nl=False)
        return
    warn(warnings)
    for sentence in sentences:
        click.echo(sentence)


def _explain_code(code: str, *, as_json: bool) -> None:
    if not _CODE.fullmatch(code):
        raise UsageError(
            f"{code} is no error code", "name a code such as E102, or a book and an order"
        )
    found = CODES.get(code.upper())
    if found is None:
        near = nearest(code.upper(), CODES)
        raise UsageError(f"there is no code {code}", f"did you mean {near}?" if near else None)
    if as_json:
        document = {
            "format": "earmark.code/1",
            "code": found.code,
            "title": found.title,
            "explanation": found.explanation,
        }
        click.echo(to_json(document), nl=False)
        return
    click.echo(f"{found.code} {found.title}\n")
    for paragraph in found.explanation.split("\n\n"):
        click.echo(fill(paragraph, 78))
