"""`earmark approve`: an approval into a store."""

import shlex
from datetime import UTC, date, datetime

import click

from earmark.cli.asking import Day
from earmark.errors import UsageError
from earmark.recording.giving import approve
from earmark.recording.word import Word
from earmark.report import to_json
from earmark.stores import open_store


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("name", metavar="PROPOSAL")
@click.option("--by", required=True, metavar="WHO", help="Who approves.")
@click.option("--until", type=Day(), metavar="DAY", help="The first day it no longer counts.")
@click.option("--reason", metavar="TEXT", help="Why.")
@click.option("--authority", metavar="TEXT", help="By what right: a charter, a decision.")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(
    address: str,
    name: str,
    by: str,
    until: date | None,
    reason: str | None,
    authority: str | None,
    as_json: bool,
) -> None:
    """Approve a proposal, by its id or digest; or, afterwards, what went through without.

    Earmark records who is said to approve; it does not check that they are who they say.
    """
    today = datetime.now(UTC).date()
    if until is not None and until <= today:
        raise UsageError(f"--until {until} is not after today, {today}", "name a later day")
    with open_store(address) as store:
        word = Word(today=today, by=by, authority=authority, reason=reason)
        done = approve(store, name, word, until=until)
    if as_json:
        document = {
            "format": "earmark.approved/1",
            "store": store.address,
            "id": done.id,
            "seq": done.seq,
            "result": done.code,
        }
        click.echo(to_json(document), nl=False)
        return
    already = " already" if done.code == "exists" else ""
    click.echo(f"Entry {done.seq}, {done.id}, is on record{already}. It counts {done.message}.")
    click.echo(f"Next: earmark approvals {shlex.quote(address)}", err=True)
