"""How rows that are to be recorded stand on record already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from earmark.errors import Problem
from earmark.ledger.entries import Change
from earmark.ledger.folding import Folded, Key, Version, key_of, known_by_default
from earmark.schema import SCHEMA


@dataclass(frozen=True, slots=True)
class Standing:
    """The entry that a row, or the settings, stand in now.

    `id` is None where none does, `column` the first in which it says something else. `before` is
    the entry that held the row before it was dropped. `met` tells that other versions of it are or
    were on record.
    """

    change: Change
    id: str | None = None
    seq: int | None = None
    column: str | None = None
    before: str | None = None
    met: bool = True

    @property
    def same(self) -> bool:
        """Whether it is on record just so."""
        return self.id is not None and self.column is None

    @property
    def problem(self) -> Problem:
        """The refusal of what is on record otherwise."""
        column = self.column or ""
        text = self.change.cells.get("value" if self.change.table == "book" else column)
        message = f"exists_with_different_{column}: entry {self.seq}, {self.id}, says otherwise"
        hint = "repeat with --correct if the record is wrong, or say known=DAY if this is news"
        return Problem("E430", message, self.change.table, None, column, text, hint)


class Standings:
    """What is on record, by row; `today` is when a row became known that does not say it."""

    def __init__(self, folded: Folded, today: date) -> None:
        self._folded = folded
        self._today = known_by_default(today.isoformat(), folded.settings)
        self._by_key: dict[str, Mapping[Key, list[tuple[str, Version]]]] = {}

    def of(self, group: Sequence[Change]) -> list[Standing]:
        """Return how each row of an entry stands; settings stand as a whole."""
        if group[0].table == "book":
            return [self._settings(group)]
        return [self._drop(change) if change.drop else self._row(change) for change in group]

    def _settings(self, group: Sequence[Change]) -> Standing:
        version = self._folded.settings
        if version is None:
            return Standing(group[0])
        cells = {change.cells["key"]: change.cells["value"] for change in group}
        for key in dict.fromkeys((*version.cells, *cells)):
            if version.cells.get(key) != cells.get(key):
                change = Change("book", {"key": key, "value": cells.get(key, "")})
                return Standing(change, version.id, version.seq, key)
        return Standing(group[0], version.id, version.seq)

    def _row(self, change: Change) -> Standing:
        key = key_of(change.table, change.cells)
        version = self._version(change, key)
        if version is None:
            known = change.cells.get("known", self._today)
            before = self._folded.dropped.get((change.table, (key, known)))
            met = key in self._versions(change.table) or (change.table, key) in self._gone
            return Standing(change, before=before, met=met)
        return Standing(change, version.id, version.seq, _different(version, change))

    def _version(self, change: Change, key: Key) -> Version | None:
        rows = self._folded.rows.get(change.table, {})
        known = change.cells.get("known")
        if known is None:
            # Said again on a later day, it is still what was said then.
            versions = self._versions(change.table).get(key, ())
            said = [day for day, version in versions if not version.stated]
            known = max(said, default=self._today)
        return rows.get((key, known))

    def _versions(self, table: str) -> Mapping[Key, list[tuple[str, Version]]]:
        if table not in self._by_key:
            found: dict[Key, list[tuple[str, Version]]] = defaultdict(list)
            for (key, known), version in self._folded.rows.get(table, {}).items():
                found[key].append((known, version))
            self._by_key[table] = found
        return self._by_key[table]

    def _drop(self, change: Change) -> Standing:
        key = key_of(change.table, change.cells)
        if versions := self._versions(change.table).get(key):
            return Standing(change, before=versions[-1][1].id)
        # Dropped twice is dropped; what was never there cannot be.
        gone = self._gone.get((change.table, key))
        return Standing(change, f"drop/{gone}") if gone else Standing(change, column="drop")

    @cached_property
    def _gone(self) -> Mapping[tuple[str, Key], str]:
        """The last entry that held each row that was dropped."""
        return {(table, key): name for (table, (key, _)), name in self._folded.dropped.items()}


def _different(version: Version, change: Change) -> str | None:
    cells = dict(version.cells)
    if "known" not in change.cells:
        del cells["known"]
    for column in SCHEMA[change.table].columns:
        if cells.get(column.name) != change.cells.get(column.name):
            return column.name
    return None
