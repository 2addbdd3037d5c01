"""`earmark backup`: a copy of a store while others write to it."""

import shlex
from pathlib import Path

import click

from earmark.cli.asking import progress
from earmark.ledger.tree import root_of
from earmark.recording.proving import altered, checkpoint_of
from earmark.report import to_json
from earmark.stores import open_store


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(address: str, file: str, as_json: bool) -> None:
    """Copy a store into a new file of SQLite, while others write to it; then read the copy again.

    A file that is there already is never overwritten. The copy is a store like any other.
    """
    with open_store(address) as store, progress(f"Copying {address}"):
        store.backup(file)
        copied = f"sqlite:///{file}"
        with open_store(copied) as copy:
            checkpoint = checkpoint_of(copy).checkpoint
            recorded_at = copy.head().recorded_at
        if root_of(store.leaves(checkpoint.size)) != checkpoint.root:
            raise altered(f"{file} does not hold the entries of {address}")
    if as_json:
        document = {
            "format": "earmark.backup/1",
            "store": store.address,
            "file": file,
            "bytes": Path(file).stat().st_size,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "recorded_at": recorded_at,
        }
        click.echo(to_json(document), nl=False)
        return
    last = f"the last of {recorded_at}" if recorded_at else "none yet"
    click.echo(f"{checkpoint.size:,} entries, {last}, copied to {file}.")
    click.echo(f"Their root is {checkpoint.root.hex()}, in the copy as in the store.")
    click.echo(f"Next: earmark verify {shlex.quote(copied)}", err=True)
