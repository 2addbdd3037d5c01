"""`earmark bundle`: a record, an answer from it and its proofs as one file for auditors."""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from earmark.cli.asking import Asked, asks, progress
from earmark.cli.bundling import (
    ANSWER,
    EVIDENCE,
    FACTS,
    PAGE,
    README,
    answer_in,
    facts_document,
    read_me,
    with_overlays,
)
from earmark.cli.comparing import Between, between, lies_between
from earmark.cli.keys import signing_key, signs
from earmark.cli.problems import warn
from earmark.recording.archives import pack
from earmark.recording.bundles import Sealed, evidence_document, evidence_files, record_into, seal
from earmark.report import Document, to_json
from earmark.stores import open_store
from earmark.tables.files import kind_of
from earmark.tables.records import extent_at


@click.command()
@click.argument("address", metavar="STORE")
@click.option("-o", "--output", required=True, metavar="FILE", help="The bundle, a .zip file.")
@click.option("--evidence", metavar="FOLDER", help="Compare the files here with their digests.")
@signs
@lies_between
@asks
def command(
    address: str, output: str, evidence: str | None, key: str | None, as_json: bool, **words: Any
) -> None:
    """Write book, entries, plan or comparison, checkpoint and proofs as one file.

    `earmark verify FILE` checks it where the store is not; it is a plain zip file, which any tool
    opens, and says in its README how to check it without Earmark.
    """
    what, asked = between(None, words), Asked.of(words)
    secret = signing_key(key)
    if evidence is not None:
        kind_of(Path(evidence))
    with TemporaryDirectory(prefix="earmark-") as name:
        folder = Path(name)
        with open_store(address) as store:
            warn(extent_at(store, asked.recorded)[1])
            with progress(f"Reading {address}"):
                sealed = record_into(folder, store, asked.recorded, secret)
        facts, others = _fill(folder, sealed, what, asked, evidence)
        seal(folder, sealed.note.checkpoint.origin, secret)
        with progress(f"Writing {output}"):
            pack(folder, Path(output))
    if as_json:
        click.echo(to_json({**facts, "file": output}), nl=False)
        return
    for other in others:
        click.echo(f"{other['file']} is not the {other['evidence']} on record.", err=True)
    extent = sealed.extent
    click.echo(
        f"{extent.size:,} entries, the last of {extent.recorded_at}, and all else in {output}."
    )
    click.echo(f"Next: earmark verify {shlex.quote(output)}", err=True)


def _fill(
    folder: Path, sealed: Sealed, what: Between, asked: Asked, evidence: str | None
) -> tuple[Document, list[Any]]:
    """Write the answer and all about it; return the facts, and evidence that is another."""
    asked = Asked(asked.known, asked.as_of, asked.include)
    there = with_overlays(folder, what)
    answered = answer_in(folder, there, asked)
    files = evidence_files(Path(evidence), answered.book) if evidence else None
    documents = evidence_document(answered.book, files)
    facts = facts_document(sealed, there, asked)
    for name, text in (
        (ANSWER, answered.text),
        (PAGE, answered.page),
        (EVIDENCE, to_json(documents)),
        (FACTS, to_json(facts)),
        (README, read_me(facts)),
    ):
        (folder / name).write_bytes(text.encode(errors="replace"))
    rows: Any = documents["evidence"]
    return facts, [row for row in rows if row["same"] is False]
