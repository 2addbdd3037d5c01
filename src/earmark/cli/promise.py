"""`earmark promise`: what can be promised for a day, with every grant of the plan left as it is."""

import shlex
from collections.abc import Collection
from datetime import date
from typing import Any

import click

from earmark.answer import Answer
from earmark.availability import Week, availability
from earmark.book import Book
from earmark.cli.asking import Asked, Day, ask, asks, progress, read
from earmark.cli.problems import warn
from earmark.cli.redirect import Units
from earmark.errors import UsageError
from earmark.findings import nearest
from earmark.promise import Ask, Promise, TierOffer, by_tier, promise
from earmark.report import to_json
from earmark.report.promises import availability_document, promise_document, promise_sentences


@click.command()
@click.argument("book")
@click.option("--party", metavar="PARTY", help="Who asks.")
@click.option(
    "--product", metavar="PRODUCT[;...]", help="What is asked for; of several the best first."
)
@click.option("--site", metavar="SITE", help="Where it is to run; without it supply alone limits.")
@click.option("--quantity", type=Units(), metavar="N", help="How many GPUs.")
@click.option("--due", type=Day(), metavar="DAY", help="The first day on which they can be used.")
@click.option("--tiers", "with_tiers", is_flag=True, help="Also as an order of each tier.")
@click.option("--table", is_flag=True, help="The available-to-promise table by product and week.")
@click.option("--policy", metavar="NAME", help="The policy of the plan.")
@asks
def command(book: str, policy: str | None, as_json: bool, **words: Any) -> None:
    """Say what can be promised for a day, and the earliest days for the rest.

    Available-to-promise is what supply and ceilings leave beside the plan, capable-to-promise what
    the site can power, too. No grant that exists is moved, and nothing is recorded.
    """
    asked = Asked.of(words)
    _refuse_loose(words)
    found, warnings = read(book, asked)
    said = ask(found, asked, policy)
    if words["table"]:
        chosen = _products(words["product"], said.book)
        weeks = [week for week in availability(said) if not chosen or week.product in chosen]
        if as_json:
            click.echo(to_json(availability_document(said, weeks)), nl=False)
        else:
            warn(warnings)
            _show_weeks(weeks)
        return
    wanted = _ask_of(said.book, words)
    offer = promise(said, wanted)
    tiers = []
    if words["with_tiers"]:
        with progress("Planning it in each tier"):
            tiers = by_tier(said, wanted)
    if as_json:
        click.echo(to_json(promise_document(said, offer, tiers)), nl=False)
        return
    warn(warnings)
    _show(said, offer, tiers)
    units = offer.capable.by_due
    add = f"add the order with promised = {units}, or " if units else ""
    click.echo(f"Next: {add}earmark promise {shlex.quote(book)} --table", err=True)


def _refuse_loose(words: dict[str, Any]) -> None:
    given = [name for name in ("party", "site", "quantity", "due") if words[name] is not None]
    if words["table"]:
        if given or words["with_tiers"]:
            loose = given[0] if given else "tiers"
            raise UsageError(f"--{loose} is no part of the table", "name a --product, or nothing")
        return
    needed = [name for name in ("party", "product", "quantity", "due") if words[name] is None]
    if needed:
        raise UsageError(f"--{needed[0]} is missing", "or ask for the --table")


def _ask_of(book: Book, words: dict[str, Any]) -> Ask:
    """Return what is asked for; UsageError where the book does not know it."""
    due: date = words["due"]
    if due >= book.end:
        raise UsageError(f"--due {due} is not before the end of the book, {book.end}")
    _refuse_unknown("party", words["party"], book.parties.positions)
    if words["site"] is not None:
        _refuse_unknown("site", words["site"], book.sites.positions)
    products = _products(words["product"], book)
    return Ask(words["party"], products, words["site"], words["quantity"], due)


def _products(text: str | None, book: Book) -> tuple[str, ...]:
    products = tuple(
        dict.fromkeys(filter(None, (part.strip() for part in (text or "").split(";"))))
    )
    there = {*book.products.positions, *book.lots.columns["product"]}
    for product in products:
        _refuse_unknown("product", product, there)
    return products


def _refuse_unknown(what: str, name: str, names: Collection[Any]) -> None:
    if names and name not in names:
        near = nearest(name, names)
        hint = f"did you mean {near}?" if near else None
        raise UsageError(f"the book has no {what} {name}", hint)


def _show(said: Answer, found: Promise, tiers: list[TierOffer]) -> None:
    from earmark.amounts import number
    from earmark.cli.terminal import blank_table, open_console
    from earmark.cli.width import print_table

    console = open_console()
    for sentence in promise_sentences(found):
        console.print(sentence, soft_wrap=True)
    if found.capable.parts:
        table = blank_table("day", "product", "GPUs", "in all", left=(0, 1))
        total = 0
        for part in found.capable.parts:
            total += part.quantity
            table.add_row(str(part.day), part.product, number(part.quantity), number(total))
        print_table(console, table)
    if tiers:
        heads = (
            "in tier",
            "on time",
            "complete on",
            "unserved",
            "costs others\nGPU-days",
        )
        table = blank_table(*heads, left=())
        for tier in tiers:
            table.add_row(
                str(tier.tier),
                number(tier.by_due),
                str(tier.complete or "never"),
                number(tier.unserved),
                number(tier.others_unit_days),
            )
        print_table(console, table)
    console.print(f"Policy {said.plan.policy}, as of {said.as_of}.", soft_wrap=True)


def _show_weeks(weeks: list[Week]) -> None:
    from earmark.amounts import number
    from earmark.cli.terminal import blank_table, open_console
    from earmark.cli.width import print_table

    heads = ("supply", "due", "net", "discrete\nATP", "cumulative\nATP", "promisable")
    table = blank_table("product", "from", *heads, left=(0, 1))
    for week in weeks:
        figures = (
            week.supply, week.due, week.net, week.discrete, week.cumulative, week.promisable,
        )  # fmt: skip
        table.add_row(week.product, str(week.begin), *map(number, figures))
    print_table(open_console(), table)
    click.echo("Promisable by the end of a week: what the plan leaves, no grant moved.", err=True)
