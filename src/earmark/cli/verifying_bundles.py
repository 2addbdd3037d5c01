"""The verdict on a bundle: its files, its record, and the answer made anew."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from earmark import __version__
from earmark.book import Extent
from earmark.cli.asking import progress
from earmark.cli.bundling import (
    ANSWER,
    EVIDENCE,
    FACTS,
    PAGE,
    README,
    Answered,
    answer_in,
    check_overlays,
    facts_document,
    facts_in,
    question_of,
    read_me,
)
from earmark.cli.kept import Signed, kept_in, signers
from earmark.cli.verdicts import Verdict
from earmark.cli.verifying import counting, of_record, other_book
from earmark.errors import EarmarkError
from earmark.ledger.checkpoints import Key, Note
from earmark.ledger.rereading import Finding, by_entry
from earmark.recording.archives import PackError, unpack
from earmark.recording.bundles import (
    BOOK,
    SUMS,
    Sealed,
    check_proofs,
    check_record,
    check_seal,
    evidence_document,
)
from earmark.recording.exporting import CHECKPOINT_FILE, RECORD_FILE
from earmark.recording.verifying import Verified
from earmark.report import to_json
from earmark.tables.files import bytes_of

_NEEDED = (
    README,
    SUMS,
    FACTS,
    ANSWER,
    PAGE,
    EVIDENCE,
    f"{BOOK}/book.toml",
    f"{BOOK}/{RECORD_FILE}",
    f"{BOOK}/{CHECKPOINT_FILE}",
)


def is_bundle(folder: Path) -> bool:
    """Tell whether a folder is an unpacked bundle."""
    return (folder / FACTS).is_file() or (folder / SUMS).is_file()


def of_bundle(path: Path, kept: str | None, public: Key | None) -> Verdict:
    """Return the verdict on a bundle that is one file."""
    with TemporaryDirectory(prefix="earmark-") as name:
        folder = Path(name)
        try:
            with progress(f"Reading {path}"):
                damaged = unpack(path, folder)
        except PackError as error:
            found = Finding(None, None, "file", "a bundle as Earmark writes it", str(error))
            return Verdict(kind="bundle", name=str(path), findings=[found])
        verdict = of_unpacked(folder, str(path), kept, public)
    # The list of files names these, too, unless somebody wrote a list to fit.
    named = {finding.what for finding in verdict.findings}
    torn = [
        Finding(None, None, name, "its check sum", "another")
        for name in damaged
        if name not in named
    ]
    return replace(verdict, findings=(*verdict.findings, *torn))


def of_unpacked(folder: Path, name: str, kept: str | None, public: Key | None) -> Verdict:
    """Return the verdict on a bundle that was unpacked into a folder."""
    missing = [part for part in _NEEDED if not (folder / part).is_file()]
    if missing:
        findings = [Finding(None, None, part, "a file", "nothing") for part in missing]
        return Verdict(kind="bundle", name=name, findings=findings)
    sums, sums_note = check_seal(folder)
    note, copies = kept_in(kept)
    with counting(name) as told:
        checked = check_record(folder, copies, told)
    if isinstance(checked, list):
        return Verdict(kind="bundle", name=name, findings=(*sums, *checked))
    verified, own = checked
    signed = _signers(own, sums_note, note, public)
    findings = [*check_proofs(folder, own), *sums]
    verdict = of_record("bundle", name, verified, note, signed, ())
    if verified.findings or findings or verified.book is None:
        # Entries first: they are what the rest follows from.
        found = (*verdict.findings, *findings)
        return replace(verdict, findings=_by_entry(found))
    wrong, remarks = _answered_otherwise(folder, verified, own)
    return replace(
        verdict,
        findings=(*verdict.findings, *wrong),
        holds=(
            *verdict.holds,
            "Every file is the one that its list names; the proofs of moves hold.",
            f"The tables are that book, and {ANSWER} is what this version answers from it.",
        ),
        remarks=(*verdict.remarks, *remarks),
    )


def _signers(own: Note, sums: Note | None, kept: Note | None, public: Key | None) -> Signed:
    """Return who signed the record, the list of files and what was kept: all by one key, or not."""
    signed = signers(own, public)
    if public is None:
        return signed
    if sums is None:
        found = Finding(None, None, SUMS, f"a signature by {public.text}", "nothing")
        return replace(signed, findings=(*signed.findings, found))
    others = [signers(note, public) for note in (sums, kept) if note is not None]
    return replace(
        signed, findings=(*signed.findings, *(f for other in others for f in other.findings))
    )


def _by_entry(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings by entry, each entry's field once; those of no single entry come last."""
    order = sorted(findings, key=by_entry)
    return tuple(dict.fromkeys(order))


def _answered_otherwise(
    folder: Path, verified: Verified, own: Note
) -> tuple[list[Finding], list[str]]:
    """Return where tables, facts and answer are not what follows from the entries."""
    assert verified.book is not None
    findings = list(other_book(folder / BOOK, verified.book.digest))
    try:
        facts = facts_in(bytes_of(folder / FACTS))
        what, asked = question_of(facts)
        check_overlays(folder, what)
        with progress("Planning"):
            answered = answer_in(folder, what, asked)
    except ValueError as error:
        return [*findings, Finding(None, None, FACTS, "a question", str(error))], []
    except EarmarkError as error:
        message = getattr(error, "message", str(error))
        return [*findings, Finding(None, None, FACTS, "a question to answer", message)], []
    proofs = len(list((folder / "proofs").glob("*")))
    extent = Extent("", own.checkpoint.size, verified.recorded_at or "", own.checkpoint.root.hex())
    wanted = facts_document(Sealed(extent, own, proofs), what, asked)
    made = str(facts.get("earmark"))
    other = "" if made == __version__ else f", made by Earmark {made}; this is {__version__}"
    texts = {
        FACTS: to_json({**wanted, "earmark": made}),
        ANSWER: answered.text,
        EVIDENCE: to_json(_evidence(folder, answered)),
    }
    for name, text in texts.items():
        findings += _another_line(name, text, (folder / name).read_bytes(), other)
    remarks = [f"Earmark {made} made this bundle; this is {__version__}."] if other else []
    for name, text in ((PAGE, answered.page), (README, read_me(wanted))):
        if not other and text.encode(errors="replace") != (folder / name).read_bytes():
            remarks.append(f"{name} is not what this version writes; trust {ANSWER}.")
    return findings, remarks


def _evidence(folder: Path, answered: Answered) -> Mapping[str, Any]:
    """Return the digests of evidence as they have to stand, with the files as they are said."""
    try:
        said = json.loads(bytes_of(folder / EVIDENCE))
        files = {
            row["evidence"]: (row["file"], row["found"]) for row in said["evidence"] if row["file"]
        }
        return evidence_document(answered.book, files if said["compared"] else None)
    except (ValueError, KeyError, TypeError):
        return evidence_document(answered.book)


def _another_line(name: str, wanted: str, found: bytes, other: str) -> Iterator[Finding]:
    """Yield the first line in which a text is not what it must be."""
    lines = wanted.splitlines(), found.decode(errors="backslashreplace").splitlines()
    for number, (one, two) in enumerate(zip_longest(*lines, fillvalue="nothing"), 1):
        if one != two:
            what = f"{name}, line {number}{other}"
            yield Finding(None, None, what, *_around(one, two))
            return


def _around(one: str, two: str) -> tuple[str, str]:
    """Return what stands around the first character in which two lines differ."""
    at = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), 0)
    return one[max(0, at - 60) : at + 60], two[max(0, at - 60) : at + 60]
