"""`earmark verify`: whether a record, or what was made of it, is as it was."""

from pathlib import Path

import click

from earmark.cli.keys import public_key
from earmark.cli.verdicts import Verdict, document_of_verdict, tell_verdict
from earmark.cli.verifying import of_folder, of_store, of_text
from earmark.cli.verifying_bundles import is_bundle, of_bundle, of_unpacked
from earmark.ledger.checkpoints import Key
from earmark.report import to_json
from earmark.stores import is_address
from earmark.tables.files import kind_of, surroundings

_SQLITE, _ZIP = b"SQLite format 3\0", b"PK"


@click.command()
@click.argument("what", metavar="STORE|FOLDER|BUNDLE|PROOF")
@click.option("--checkpoint", "kept", metavar="FILE", help="What somebody else kept of the record.")
@click.option("--public", metavar="KEY", help="Who has to have signed: a public key, or its file.")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
@click.pass_context
def command(
    ctx: click.Context, what: str, kept: str | None, public: str | None, as_json: bool
) -> None:
    """Compute again all that follows from the entries of a record, and name what differs.

    A bundle, an exported folder or a proof is verified without the store. --checkpoint takes a
    checkpoint that somebody kept, or a folder that was exported then: with the folder, the first
    entry that was changed since can be named.
    """
    verdict = _verdict(what, kept, None if public is None else public_key(public))
    if as_json:
        click.echo(to_json(document_of_verdict(verdict)), nl=False)
    else:
        tell_verdict(verdict)
    ctx.exit(0 if verdict.fine else 1)


def _verdict(what: str, kept: str | None, public: Key | None) -> Verdict:
    if is_address(what):
        return of_store(what, what, kept, public)
    place = Path(what)
    if kind_of(place) == "folder":
        if is_bundle(place):
            return of_unpacked(place, what, kept, public)
        return of_folder(place, kept, public)
    with surroundings(place), place.open("rb") as file:
        start = file.read(len(_SQLITE))
    if start == _SQLITE:
        return of_store(what, f"sqlite:///{what}", kept, public)
    if start.startswith(_ZIP) or place.suffix.lower() == ".zip":
        return of_bundle(place, kept, public)
    return of_text(place, kept, public)
