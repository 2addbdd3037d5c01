"""`earmark prove`: a file that shows an entry to be on record, or a record to have only grown."""

import shlex
from pathlib import Path

import click

from earmark.cli.asking import progress
from earmark.cli.keys import note_in, signing_key, signs
from earmark.errors import UsageError
from earmark.ledger.proofs import ConsistencyProof, InclusionProof
from earmark.recording.proving import prove_entry, prove_since
from earmark.report import to_json
from earmark.stores import Store, open_store
from earmark.stores.signing import SigningKey
from earmark.tables.files import replace_file


@click.command()
@click.argument("address", metavar="STORE")
@click.option("--entry", metavar="ID|NUMBER", help="That this entry is on record.")
@click.option("--since", metavar="CHECKPOINT", help="That the record begins as it was then.")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where the proof goes.")
@signs
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(
    address: str, entry: str | None, since: str | None, output: str, key: str | None, as_json: bool
) -> None:
    """Write a proof that others check without the store: of one entry, or that the record grew.

    --since takes a checkpoint file that somebody kept.
    """
    if (entry is None) == (since is None):
        raise UsageError("a proof is of one thing", "name --entry or --since")
    with open_store(address) as store, progress(f"Reading {address}"):
        proof = _proof(store, entry, since, signing_key(key))
    replace_file(Path(output), proof.text.encode())
    if as_json:
        click.echo(to_json(_document(proof, output)), nl=False)
        return
    size, file = proof.note.checkpoint.size, shlex.quote(output)
    if isinstance(proof, InclusionProof):
        click.echo(f"{output} shows that entry {proof.index + 1} is one of {size:,}.")
        click.echo(f"Next: earmark verify {file}", err=True)
    else:
        click.echo(f"{output} shows that {size:,} entries begin with the {proof.old:,} of {since}.")
        click.echo(f"Next: earmark verify {file} --checkpoint {shlex.quote(since or '')}", err=True)


def _proof(
    store: Store, entry: str | None, since: str | None, key: SigningKey | None
) -> InclusionProof | ConsistencyProof:
    if entry is not None:
        return prove_entry(store, entry, key)
    assert since is not None
    return prove_since(store, note_in(since).checkpoint, key)


def _document(proof: InclusionProof | ConsistencyProof, output: str) -> dict[str, object]:
    checkpoint = proof.note.checkpoint
    inclusion = isinstance(proof, InclusionProof)
    return {
        "format": "earmark.proof/1",
        "kind": "inclusion" if inclusion else "consistency",
        "entry": proof.index + 1 if isinstance(proof, InclusionProof) else None,
        "since": None if isinstance(proof, InclusionProof) else proof.old,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "file": output,
    }
