"""The answer in a bundle: made, and made again to verify it, from the files that lie in it."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from earmark import __version__
from earmark.book import Book
from earmark.cli.asking import Asked
from earmark.cli.comparing import Between, compare_all
from earmark.cli.report import command_line, compared_page, plan_page
from earmark.page import render_page
from earmark.recording.archives import files_of
from earmark.recording.bundles import BOOK, Sealed
from earmark.report import Document, to_json
from earmark.tables.files import kind_of, surroundings

ANSWER, PAGE, EVIDENCE, FACTS, README = (
    "answer.json",
    "page.html",
    "evidence.json",
    "bundle.json",
    "README.txt",
)
OVERLAYS = "overlays"

_OVERLAY = re.compile(rf"{OVERLAYS}/[0-9]+/[^/]+")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a bundle answers: the document as text, the page, the book as known."""

    text: str
    page: str
    book: Book


def answer_in(folder: Path, what: Between, asked: Asked) -> Answered:
    """Answer a question about the book in a bundle; its overlays are named as they lie there."""
    there = replace(
        what,
        overlays=tuple(str(folder / name) for name in what.overlays),
        readings=tuple(str(folder / name) for name in what.readings),
    )
    book, line = str(folder / BOOK), command_line(BOOK, what, asked)
    if what.named:
        page = compared_page(compare_all(book, there, asked), line)
    else:
        page = plan_page(book, there, asked, line)
    return Answered(to_json(page.document), render_page(page), page.book)


def with_overlays(folder: Path, what: Between) -> Between:
    """Copy the overlays of a question into a bundle; return the question by their names there."""
    names = iter(f"{OVERLAYS}/{i}" for i in range(1, 1_000_000))

    def copied(path: str) -> str:
        place = Path(path)
        name = f"{next(names)}/{place.absolute().name}"
        with surroundings(place):
            if kind_of(place) == "folder":
                shutil.copytree(place, folder / name)
            else:
                (folder / name).parent.mkdir(parents=True)
                shutil.copyfile(place, folder / name)
        return name

    return replace(
        what,
        overlays=tuple(map(copied, what.overlays)),
        readings=tuple(map(copied, what.readings)),
    )


def check_overlays(folder: Path, what: Between) -> None:
    """Raise ValueError unless all overlays of a question lie where `with_overlays` lays them.

    They must be files of the bundle, or hold some: its list of files, checked before, names those.
    """
    home = (folder / OVERLAYS).resolve()
    listed = files_of(folder)
    for name in (*what.overlays, *what.readings):
        own = [file for file in listed if file == name or file.startswith(f"{name}/")]
        inside = all((folder / file).resolve().is_relative_to(home) for file in own)
        if not (own and inside and _OVERLAY.fullmatch(name)):
            raise ValueError(f"{name!r} is none of the overlays of the bundle")


def facts_document(sealed: Sealed, what: Between, asked: Asked) -> Document:
    """Return what a bundle is of, and what was asked."""
    checkpoint = sealed.note.checkpoint
    return {
        "format": "earmark.bundle/1",
        "earmark": __version__,
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "recorded_at": sealed.extent.recorded_at,
        "signed": [signature.key_name for signature in sealed.note.signatures],
        "proofs": sealed.proofs,
        "question": {
            "policies": list(what.policies),
            "without": list(what.without),
            "with": list(what.overlays),
            "readings": list(what.readings),
            "known": asked.known and asked.known.isoformat(),
            "as_of": asked.as_of and asked.as_of.isoformat(),
            "include": list(asked.include),
        },
    }


def question_of(facts: Mapping[str, Any]) -> tuple[Between, Asked]:
    """Return what was asked; ValueError where that is no question."""
    try:
        said = facts["question"]
        what = Between(
            None,
            _texts(said["with"]),
            _texts(said["without"]),
            _texts(said["policies"]),
            _texts(said["readings"]),
        )
        days = [said[name] and date.fromisoformat(said[name]) for name in ("known", "as_of")]
        return what, Asked(days[0], days[1], _texts(said["include"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"it holds no question: {error!r}") from None


def facts_in(text: bytes) -> Mapping[str, Any]:
    """Return the facts in a bundle; ValueError where there are none."""
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("format") != "earmark.bundle/1":
        raise ValueError("these are not the facts of a bundle")
    return found


def _texts(said: Sequence[Any]) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
        raise TypeError("a list of texts was expected")
    return tuple(said)


READ_ME = """\
A bundle of Earmark: a record as it stood, an answer from it, and what shows that they fit.

  origin   {origin}
  entries  {size}, the last recorded at {recorded_at}
  root     {root}
  signed   {signed}

Files
  book/                   the book that the record comes to, as tables, and
  book/record.jsonl         every entry, one a line, as canonical JSON
  book/record.checkpoint    origin, number of entries and root; signatures below, if any
  {answer:<24}the plan or comparison, made by Earmark {version}; bundle.json says what was asked
  {page:<24}the same for readers
  {evidence:<24}the digests of evidence, as on record and as found
  proofs/N.tlog-proof     that entry N, a move, is under the checkpoint (C2SP tlog-proof)
  overlays/               assumptions that were laid on the book, if any
  SHA256SUMS              every other file; SHA256SUMS.checkpoint signs it, if somebody signed

With Earmark
  earmark verify BUNDLE.zip [--checkpoint FILE] [--public KEY]
It reads the entries again, folds them to the book, plans anew and compares all of it.

Without Earmark
  unzip BUNDLE.zip -d bundle && cd bundle && sha256sum -c SHA256SUMS
The entries lead to the root by this, in Python:

  import base64, hashlib
  def root(leaves):
      if len(leaves) == 1:
          return leaves[0]
      half = 1 << (len(leaves) - 1).bit_length() - 1
      return hashlib.sha256(b"\\1" + root(leaves[:half]) + root(leaves[half:])).digest()
  lines = open("book/record.jsonl", "rb").read().split(b"\\n")[:-1]
  found = root([hashlib.sha256(b"\\0" + line).digest() for line in lines])
  size, said = open("book/record.checkpoint").read().split("\\n")[1:3]
  print((len(lines), found) == (int(size), base64.b64decode(said)))

What this shows, and what not
  It shows that entries, book, answer and proofs fit each other. Whether the record was changed
  shows only against a checkpoint that somebody else kept, or a signature by a key that you know
  from elsewhere. It does not show that an entry is true, or that nothing was left out.
"""


def read_me(facts: Mapping[str, Any]) -> str:
    """Return the README of a bundle."""
    return READ_ME.format(
        origin=facts["origin"],
        size=facts["size"],
        recorded_at=facts["recorded_at"],
        root=facts["root"],
        signed=", ".join(facts["signed"]) or "by nobody",
        version=facts["earmark"],
        answer=ANSWER,
        page=PAGE,
        evidence=EVIDENCE,
    )
