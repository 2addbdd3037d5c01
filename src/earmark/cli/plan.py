"""`earmark plan`: who gets which GPUs, when and why."""

import shlex
from pathlib import Path
from typing import Any

import click

from earmark.answer import Answer
from earmark.cli.asking import Asked, ask, asks, progress, read
from earmark.cli.problems import warn
from earmark.errors import Problem, UsageError
from earmark.report import Document, grant_columns, plan_document, plan_summary, to_json
from earmark.tables import write_grants
from earmark.tables.previous import read_previous
from earmark.tables.writing import ENDINGS


@click.command()
@click.argument("book")
@click.option(
    "--policy", metavar="NAME", help="A policy of the book, or priority, fair, first_come, value."
)
@click.option("-o", "--output", metavar="FILE", help="Write the grants as .csv, .parquet or .xlsx.")
@click.option(
    "--compare-rules",
    "every_rule",
    is_flag=True,
    help="Plan under every sharing rule: who gets what, and what each costs.",
)
@click.option(
    "--previous",
    metavar="FILE",
    help="An earlier plan (--json or -o) that orders with confirm stand by; else their earmarks.",
)
@asks
def command(
    book: str,
    policy: str | None,
    output: str | None,
    previous: str | None,
    every_rule: bool,
    as_json: bool,
    **words: Any,
) -> None:
    """Decide who gets which GPUs, when and why, and prove that no better plan is possible."""
    if every_rule and output is not None:
        raise UsageError("--compare-rules makes no grants to write", "leave out -o")
    if output is not None and Path(output).suffix.lower() not in ENDINGS:
        endings = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
        raise UsageError(f"cannot write {output}", f"name a file that ends with {endings}")
    asked = Asked.of(words)
    found, warnings = read(book, asked)
    if every_rule:
        from earmark.cli.ruling import compare_and_tell

        compare_and_tell(found, asked, policy, warnings, as_json=as_json)
        return
    said = ask(found, asked, policy, read_previous(previous) if previous else None)
    grants = grant_columns(said.plan, said.outcome, said.opened)
    if output is not None:
        with progress(f"Writing {output}"):
            write_grants(output, grants)
    if as_json:
        click.echo(to_json(document_of(said, warnings)), nl=False)
        end_with(said)
    from earmark.cli.terminal import MOST_ORDERS, show_plan

    warn(warnings)
    summary = plan_summary(
        said.book,
        said.plan,
        said.outcome,
        as_of=said.as_of,
        most_orders=MOST_ORDERS,
        raised=said.raised,
        opened=said.opened,
    )
    show_plan(summary, found.currency)
    if output is not None:
        click.echo(f"{len(grants['lot']):,} grants in {output}", err=True)
    name = shlex.quote(book)
    click.echo(f"Next: earmark explain {name} ORDER, earmark report {name} -o plan.html", err=True)
    end_with(said)


def end_with(said: Answer) -> None:
    """End the command with 1 where an earlier promise is not kept."""
    click.get_current_context().exit(1 if said.plan.missed else 0)


def document_of(said: Answer, warnings: tuple[Problem, ...]) -> Document:
    """Return the plan document of an answer."""
    return plan_document(
        said.book,
        said.plan,
        said.outcome,
        digest=said.digest,
        known=said.question.known,
        as_of=said.as_of,
        raised=said.raised,
        warnings=warnings,
        opened=said.opened,
    )
