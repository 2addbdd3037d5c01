"""A store as tables of texts: what its entries come to, read like any other book."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from earmark.book import Extent
from earmark.coded import Coded, coded, constant
from earmark.errors import BookError, Problem, UsageError
from earmark.ledger.folding import Folded, documents, fold
from earmark.ledger.tree import root_of
from earmark.schema import SCHEMA
from earmark.stores import Store, open_store
from earmark.stores.moments import last_moment_of
from earmark.tables.raw import Raw
from earmark.tables.settings import settings_of_cells
from earmark.tables.sheets import Sheet


def read_store(address: str, recorded: str | None) -> tuple[Raw, Extent, tuple[Problem, ...]]:
    """Return a store as texts, how far its record was read, and warnings.

    `recorded` is a day, a moment in UTC or a number of entries; what is later than the last entry
    is answered as of that entry, and a warning says so.
    """
    with open_store(address) as store:
        extent, warnings = extent_at(store, recorded)
        return raw_of(fold(documents(store.bodies(1, extent.size)))), extent, warnings


def extent_at(store: Store, recorded: str | None) -> tuple[Extent, tuple[Problem, ...]]:
    """Return the point of the record that `recorded` names."""
    head = store.head()
    if head.recorded_at is None:
        hint = f"earmark import FOLDER --into {store.address}"
        raise BookError([Problem("E422", "the record is empty", text=store.address, hint=hint)])
    size = head.size
    warnings: tuple[Problem, ...] = ()
    if recorded is not None:
        size = _size(store, recorded)
        late = (
            int(recorded) > size
            if recorded.isdecimal()
            else last_moment_of(recorded) > head.recorded_at
        )
        if late:
            message = f"answered as of entry {head.size}, the last, of {head.recorded_at}"
            warnings = (Problem("W608", message, column="recorded", text=recorded),)
        if size == 0:
            hint = f"the first entry is of {next(store.entries(1, 1)).recorded_at}"
            raise UsageError(f"nothing was on record at {recorded}", hint)
    if size == head.size:
        moment, root = head.recorded_at, head.root
    else:
        moment = next(store.entries(size, size)).recorded_at
        root = root_of(store.leaves(size))
    return Extent(store.address, size, moment, root.hex()), warnings


def _size(store: Store, recorded: str) -> int:
    if recorded.isdecimal():
        return min(int(recorded), store.head().size)
    return store.size_at(recorded)


def raw_of(folded: Folded) -> Raw:
    """Return what a record comes to as texts; the row of a text is the number of its entry."""
    settings, problems = settings_of_cells(folded.settings.cells.items() if folded.settings else ())
    sheets = {}
    for name in SCHEMA:
        if versions := folded.rows.get(name):
            found = list(versions.values())
            rows = [version.cells for version in found]
            sheets[name] = sheet_of_cells(name, rows, [version.seq for version in found])
    return Raw(settings, MappingProxyType(sheets), tuple(problems), unread=False)


def sheet_of_cells(
    table: str, rows: Sequence[Mapping[str, str]], numbers: Sequence[int], source: str | None = None
) -> Sheet:
    """Return rows of texts by column as a sheet, with the numbers that messages name them by."""
    given = dict.fromkeys(name for row in rows for name in row)
    names = [column.name for column in SCHEMA[table].columns if column.name in given]
    names += [name for name in given if name not in names]
    columns = tuple(coded([row.get(name, "") for row in rows]) for name in names)
    # Rows on record have no header: a column that none of them has is missing in the first.
    return Sheet(table, tuple(names), numbers[0], columns, numbers, source)


def joined(raw: Raw, added: Mapping[str, Sheet]) -> Raw:
    """Return texts with the rows of other sheets below those of the same table."""
    sheets = dict(raw.sheets)
    for name, sheet in added.items():
        base = sheets.get(name)
        sheets[name] = sheet if base is None else _joined(base, sheet)
    return Raw(raw.settings, MappingProxyType(sheets), raw.problems, raw.unread)


def _joined(base: Sheet, added: Sheet) -> Sheet:
    header = tuple(dict.fromkeys((*base.header, *added.header)))
    columns = tuple(_cells(base, name).joined(_cells(added, name)) for name in header)
    return Sheet(base.table, header, 1, columns, [*base.rows, *added.rows], base.source)


def _cells(sheet: Sheet, name: str) -> Coded:
    if name in sheet.header:
        return sheet.columns[sheet.header.index(name)]
    return constant("", len(sheet.rows))
