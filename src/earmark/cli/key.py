"""`earmark key`: a new key to sign checkpoints with."""

import shlex

import click

from earmark.cli.keys import write_secret
from earmark.errors import UsageError
from earmark.report import to_json
from earmark.stores.signing import new_signing_key


@click.command()
@click.argument("name")
@click.option("-o", "--output", required=True, metavar="FILE", help="A new file for the secret.")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(name: str, output: str, as_json: bool) -> None:
    """Make an Ed25519 key to sign checkpoints with, and print its public half.

    NAME is who signs, such as example.com/ledger. The file is a secret: who has it can sign. The
    public half goes to whoever is to check.
    """
    try:
        key = new_signing_key(name)
    except ValueError as error:
        raise UsageError(str(error), "such as example.com/ledger") from None
    write_secret(output, key.text + "\n")
    if as_json:
        document = {"format": "earmark.key/1", "public": key.public.text, "file": output}
        click.echo(to_json(document), nl=False)
        return
    click.echo(key.public.text)
    click.echo(f"Keep {output} a secret; give away the line above.", err=True)
    click.echo(f"Next: earmark checkpoint STORE --key {shlex.quote(output)} -o FILE", err=True)
