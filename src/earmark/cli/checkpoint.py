"""`earmark checkpoint`: what a record comes to, for somebody else to keep."""

from pathlib import Path

import click

from earmark.cli.asking import progress
from earmark.cli.keys import signing_key, signs
from earmark.recording.proving import checkpoint_of
from earmark.report import to_json
from earmark.stores import open_store
from earmark.tables.files import replace_file


@click.command()
@click.argument("address", metavar="STORE")
@click.option("-o", "--output", metavar="FILE", help="Write it here instead of printing it.")
@signs
@click.option("--json", "as_json", is_flag=True, help="Print the document, not the text.")
def command(address: str, output: str | None, key: str | None, as_json: bool) -> None:
    """Say in three lines what a record comes to: its name, its number of entries, their root.

    Give it to somebody else: whoever keeps it can tell later whether the record was changed.
    """
    with open_store(address) as store, progress(f"Reading {address}"):
        note = checkpoint_of(store, signing_key(key))
    if output is not None:
        replace_file(Path(output), note.text.encode())
    if as_json:
        checkpoint = note.checkpoint
        document = {
            "format": "earmark.checkpoint/1",
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "signed": [signature.key_name for signature in note.signatures],
            "text": note.text,
            "file": output,
        }
        click.echo(to_json(document), nl=False)
    elif output is None:
        click.echo(note.text, nl=False)
    else:
        click.echo(f"The checkpoint of {note.checkpoint.size:,} entries is {output}.")
        click.echo(
            "Give it to somebody else to keep; it proves nothing beside the store.", err=True
        )
