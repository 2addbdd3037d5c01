"""What `earmark verify` found, as words and as a document."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from earmark.ledger.checkpoints import Checkpoint
from earmark.ledger.entries import Recorded
from earmark.ledger.rereading import Finding
from earmark.report import Document

MOST_FINDINGS = 20
"""How many findings are told in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a store, folder, bundle or proof is found to be.

    `holds` says in sentences what was found to hold, `remarks` what is worth knowing beside it, and
    `proves` what follows from that and what does not.
    """

    kind: str
    name: str
    checkpoint: Checkpoint | None = None
    recorded_at: str | None = None
    signed: tuple[str, ...] = ()
    """The names of the keys that were checked and did sign."""
    findings: Sequence[Finding] = ()
    holds: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    proves: str = ""
    entry: Recorded | None = None
    """The entry that a proof is about."""

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def tell_verdict(verdict: Verdict) -> None:
    """Print a verdict in words; remarks go to stderr."""
    for remark in verdict.remarks:
        click.echo(remark, err=True)
    if verdict.fine:
        for sentence in verdict.holds:
            click.echo(sentence)
        if verdict.entry is not None:
            _tell_entry(verdict.entry)
        click.echo(verdict.proves)
        return
    for finding in verdict.findings[:MOST_FINDINGS]:
        click.echo(f"{_place(verdict, finding)}: {finding.what}")
        for word, text in (("expected", finding.expected), ("found   ", finding.found)):
            click.echo(f"  {word} {' '.join(text.split())}")
    if (more := len(verdict.findings) - MOST_FINDINGS) > 0:
        click.echo(f"{more:,} more: see --json")
    click.echo(f"{verdict.name} is not as it should be.")


def document_of_verdict(verdict: Verdict) -> Document:
    """Return a verdict as JSON values."""
    checkpoint = verdict.checkpoint
    return {
        "format": "earmark.verification/1",
        "kind": verdict.kind,
        "of": verdict.name,
        "fine": verdict.fine,
        "origin": checkpoint and checkpoint.origin,
        "size": checkpoint and checkpoint.size,
        "root": checkpoint and checkpoint.root.hex(),
        "recorded_at": verdict.recorded_at,
        "signed": list(verdict.signed),
        "findings": [
            {
                "entry": finding.entry,
                "id": finding.id,
                "what": finding.what,
                "expected": finding.expected,
                "found": finding.found,
            }
            for finding in verdict.findings
        ],
        "holds": list(verdict.holds),
        "remarks": list(verdict.remarks),
        "proves": verdict.proves if verdict.fine else None,
        "entry": None if verdict.entry is None else verdict.entry.body.decode(),
    }


def _place(verdict: Verdict, finding: Finding) -> str:
    if finding.entry is None:
        return verdict.name
    return f"Entry {finding.entry}" + (f", {finding.id}" if finding.id else "")


def _tell_entry(recorded: Recorded) -> None:
    entry = recorded.entry
    click.echo(f"Entry {recorded.seq}, {entry.id}, recorded at {recorded.recorded_at}:")
    said = {
        "kind": entry.kind,
        "effective": entry.effective,
        "by": entry.by,
        "authority": entry.authority,
        "reason": entry.reason,
        "approvals": ", ".join(entry.approvals),
        "evidence": ", ".join(entry.evidence),
        "corrects": entry.corrects,
        **entry.facts,
    }
    for name, value in said.items():
        if value:
            click.echo(f"  {name}: {value}")
    for change in entry.changes:
        cells = ", ".join(f"{name} {text}" for name, text in change.cells.items())
        click.echo(f"  {'takes out of' if change.drop else 'into'} {change.table}: {cells}")
