"""`earmark backup`: a copy of a store while others write to it."""

import click


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(address: str, file: str, as_json: bool) -> None:
    """Copy a store into a new file of SQLite, whole, while others write; then verify the copy."""
    raise NotImplementedError
