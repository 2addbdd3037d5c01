"""The book that a record comes to: of every row the versions that count, and the settings."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earmark.schema import SCHEMA

BOOK_KINDS = frozenset({"settings", "row", "move", "drop"})
"""Kinds of entries that change the book; a proposal or an approval does not."""

Key = tuple[str, ...]
"""The key of a row: its texts, '' where a part is not given."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a row, as the last entry about it left it."""

    seq: int
    id: str
    cells: Mapping[str, str]
    """With `known`: where the row does not say it, the day on which it was recorded."""
    stated: bool
    """Whether the row says itself when it became known."""


RowVersion = tuple[Key, str]
"""The key of a row and the day it became known: the day of recording where it does not say."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What the first entries of a record come to.

    `settings` is the version of the settings, its cells by key with points; None before there is
    one. `rows` have, per table, the versions that count, and `dropped` the ids of the entries that
    held versions which were taken out.
    """

    settings: Version | None
    rows: Mapping[str, Mapping[RowVersion, Version]]
    dropped: Mapping[tuple[str, RowVersion], str]
    corrected: Mapping[str, str]
    """By entry, the one that corrects it."""

    def last(self, name: str) -> str:
        """Return the last of the corrections of an entry: the one that can be corrected."""
        while name in self.corrected:
            name = self.corrected[name]
        return name


def fold(documents: Iterable[Mapping[str, Any]], onto: Folded | None = None) -> Folded:
    """Return what entries, as JSON documents in their order, come to, after those of `onto`."""
    settings = onto.settings if onto else None
    tables = {name: dict(versions) for name, versions in onto.rows.items()} if onto else {}
    dropped = dict(onto.dropped) if onto else {}
    corrected = dict(onto.corrected) if onto else {}
    for document in documents:
        kind = document["kind"]
        if kind not in BOOK_KINDS:
            continue
        seq, name = document["seq"], document["id"]
        if "corrects" in document:
            corrected[document["corrects"]] = name
        if kind == "settings":
            cells = {
                row["cells"]["key"]: row["cells"]["value"] for row in document.get("changes", ())
            }
            settings = Version(seq, name, cells, stated=False)
            continue
        for row in document.get("changes", ()):
            table, cells = row["table"], row["cells"]
            rows = tables.setdefault(table, {})
            key = key_of(table, cells)
            if "drop" in row:
                for version in [version for version in rows if version[0] == key]:
                    dropped[table, version] = rows.pop(version).id
                continue
            known = cells.get("known")
            if known is None:
                known = known_by_default(document["recorded_at"], settings)
                rows[key, known] = Version(seq, name, {**cells, "known": known}, stated=False)
            else:
                rows[key, known] = Version(seq, name, cells, stated=True)
    return Folded(settings, tables, dropped, corrected)


def known_by_default(moment: str, settings: Version | None) -> str:
    """Return the day on which a row became known that does not say it: when it was recorded.

    It is the start of the book at least, before which, by convention, nothing is news.
    """
    start = settings.cells.get("start", "") if settings else ""
    return max(moment[:10], start)


def documents(bodies: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the documents whose canonical JSON is `bodies`; they are taken as they stand."""
    return map(json.loads, bodies)


def key_of(table: str, cells: Mapping[str, str]) -> Key:
    """Return the key of a row of canonical texts."""
    return tuple([cells.get(name, "") for name in SCHEMA[table].key])
