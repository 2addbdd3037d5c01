"""A whole book as entries in columns, for a record that is empty yet.

It says the same as `drafts_of` and their entries do, row by row (a test compares the bytes).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from json.encoder import encode_basestring as quoted
from typing import Any

import numpy as np

from earmark.book import Book, Table, canonical_text
from earmark.ledger.batches import Batch
from earmark.ledger.history import EFFECTIVE, effective_day
from earmark.ledger.journal import postings_of
from earmark.ledger.naming import SETTINGS_ID, escaped
from earmark.recording.changes import settings_changes, tables_in_order, tied_moves
from earmark.recording.word import Word


def batch_of(book: Book, word: Word) -> Batch:
    """Return a book as the entries that a first import of it records."""
    entries = _Entries(word)
    settings = ",".join(
        _change("book", f'"key":{quoted(cells["key"])},"value":{quoted(cells["value"])}')
        for cells in (change.cells for change in settings_changes(book))
    )
    entries.add(SETTINGS_ID, "settings", word.today.isoformat(), [settings], [""])
    rows: dict[tuple[str, str], int] = {}
    """The place of the row that counts, by table and key: the last of its versions."""
    entry_of: list[int] = []
    for table in tables_in_order(book):
        texts = _texts(table)
        moves = table.name == "moves"
        groups = tied_moves(table) if moves else [[i] for i in range(len(table))]
        for group in groups:
            first = group[0]
            for i in group:
                rows[table.name, texts.keys[i]] = len(entry_of)
                entry_of.append(len(entries.ids))
            entries.add(
                texts.ids[first],
                "move" if moves else "row",
                texts.effective[first],
                [texts.changes[i] for i in group],
                [texts.evidence[i] for i in group],
            )
    return _with_postings(book, entries, rows, np.array(entry_of, np.int64))


class _Entries:
    """The entries so far, in columns."""

    def __init__(self, word: Word) -> None:
        self.word = word
        self.ids: list[str] = []
        self.kinds: list[str] = []
        self.effective: list[int] = []
        self.fronts: list[str] = []
        said = (("authority", word.authority), ("by", word.by))
        self._who = "".join(f'"{name}":{quoted(text)},' for name, text in said if text is not None)
        self._days: dict[str, int] = {}
        self._documents: dict[str, str] = {}

    def add(
        self, id_: str, kind: str, day: str, changes: Sequence[str], evidence: Sequence[str]
    ) -> None:
        """Take in an entry."""
        if (ordinal := self._days.get(day)) is None:
            ordinal = self._days[day] = date.fromisoformat(day).toordinal()
        cited = ";".join(filter(None, evidence))
        if (documents := self._documents.get(cited)) is None:
            names = ",".join(map(quoted, dict.fromkeys(cited.split(";"))))
            documents = self._documents[cited] = f',"evidence":[{names}]' if cited else ""
        self.ids.append(id_)
        self.kinds.append(kind)
        self.effective.append(ordinal)
        self.fronts.append(
            f'{self._who}"changes":[{",".join(changes)}],"effective":"{day}"{documents},'
            f'"id":{quoted(id_)},"kind":"{kind}"'
        )


@dataclass(frozen=True, slots=True)
class _Texts:
    """The rows of a table, each in the texts that its entry needs."""

    ids: Sequence[str]
    keys: Sequence[str]
    """The first part of the key, which tells moves, lots and orders apart."""
    changes: Sequence[str]
    effective: Sequence[str]
    evidence: Sequence[str]


def _texts(table: Table[Any]) -> _Texts:
    columns = {column.name: _column(table, column.name) for column in table.schema.columns}
    given = sorted(name for name, cells in columns.items() if any(cells))
    members = [_members(name, columns[name]) for name in given]
    known = columns["known"]
    parts = [_once(columns[name], escaped) for name in table.schema.key]
    keys = parts[0] if len(parts) == 1 else ["/".join(part) for part in zip(*parts, strict=True)]
    dated = [columns[name] for name in EFFECTIVE.get(table.name, ())]
    return _Texts(
        [f"{table.name}/{key}@{day}" for key, day in zip(keys, known, strict=True)],
        columns[table.schema.key[0]],
        [
            _change(table.name, ",".join(filter(None, row)))
            for row in (zip(*members, strict=True) if members else ())
        ],
        list(_effective(table.name, dated, known)),
        columns["evidence"]
        if "evidence" in given and table.name != "evidence"
        else [""] * len(table),
    )


def _column(table: Table[Any], name: str) -> list[str]:
    return _once(table.columns[name], canonical_text)


def _members(name: str, cells: Sequence[str]) -> list[str]:
    """Return cells as members of a JSON object, '' where a cell is not given."""
    return _once(cells, lambda cell: f'"{name}":{quoted(cell)}' if cell else "")


def _once(cells: Sequence[Any], text: Any) -> list[str]:
    """Return the text of each cell, made once for those that are alike."""
    texts = {cell: text(cell) for cell in set(cells)}
    return [texts[cell] for cell in cells]


def _change(table: str, members: str) -> str:
    return f'{{"cells":{{{members}}},"table":"{table}"}}'


def _effective(table: str, dated: Sequence[Sequence[str]], known: Sequence[str]) -> Iterator[str]:
    """Yield the day from which each row is true."""
    names = EFFECTIVE.get(table, ())
    days: dict[tuple[str, ...], str] = {}
    for row in zip(known, *dated, strict=True):
        if (day := days.get(row)) is None:
            cells: Mapping[str, str] = dict(zip(names, row[1:], strict=True))
            day = effective_day(table, cells, date.fromisoformat(row[0])).isoformat()
            days[row] = day
        yield day


def _with_postings(
    book: Book, entries: _Entries, rows: Mapping[tuple[str, str], int], entry_of: Any
) -> Batch:
    """Return the batch with what each row posts, sorted by entry, row, day and account."""
    journal = postings_of(book.as_known(None))
    numbers, account = np.unique(journal.account, return_inverse=True)
    accounts = journal.accounts(numbers)
    rank = np.empty(len(accounts), np.int64)
    rank[sorted(range(len(accounts)), key=accounts.__getitem__)] = np.arange(len(accounts))
    row = np.array([rows[source] for source in journal.sources], np.int64)[journal.source]
    order = np.lexsort((rank[account], journal.day, row))
    # Accounts are numbered as they come, as they would be entry by entry.
    used, first, place = np.unique(account[order], return_index=True, return_inverse=True)
    comes = np.argsort(first)
    number = np.empty(len(used), np.int64)
    number[comes] = np.arange(len(used))
    return Batch(
        entries.ids,
        entries.kinds,
        entries.effective,
        entries.fronts,
        entries.word.reason,
        [accounts[i] for i in used[comes].tolist()],
        entry_of[row[order]],
        number[place],
        journal.quantity[order],
        journal.day[order],
    )
