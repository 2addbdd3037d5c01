"""Columns of cells in which equal cells are kept once: what is done to a cell is done once.

A book may have a million rows, but most of its columns hold few different cells. The texts of a
file become a `Coded` column; checks, plans and digests look at its distinct cells, and take along
the codes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max // 4
"""The ordinal of a day that is not given: after every other."""


class Coded(Sequence[Any]):
    """A column: cell `i` is `cells[codes[i]]`. No distinct cell stands twice, and all are used."""

    __slots__ = ("cells", "codes")

    def __init__(self, cells: Sequence[Any], codes: Ints) -> None:
        self.cells = cells
        self.codes = codes

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        """Return the cell of a row, or those of a slice of rows."""
        if isinstance(place, slice):
            return self._listed(self.codes[place])
        return self.cells[self.codes[place]]

    def __iter__(self) -> Iterator[Any]:
        """Yield the cells row by row."""
        return iter(self.cells if self.in_order else self._listed(self.codes))

    @property
    def in_order(self) -> bool:
        """Whether every row has a cell of its own, and cells stand as rows do: a column of ids."""
        return len(self.cells) == len(self.codes) and is_range(self.codes)

    def __contains__(self, cell: object) -> bool:
        """Tell whether a row holds that cell."""
        return cell in self.cells

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence holds the same cells."""
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def take(self, rows: Any) -> "Coded":
        """Return the column with those rows alone, in that order."""
        return trimmed(self.cells, self.codes[np.asarray(rows, np.int64)])

    def joined(self, other: "Coded") -> "Coded":
        """Return the column with the rows of `other` below its own."""
        new: dict[Any, int] = dict.fromkeys(other.cells, -1)
        new.update((cell, code) for code, cell in enumerate(self.cells) if cell in new)
        fresh = [cell for cell, code in new.items() if code < 0]
        new.update((cell, code) for code, cell in enumerate(fresh, len(self.cells)))
        codes = np.fromiter(new.values(), np.int64, len(new))
        return Coded([*self.cells, *fresh], np.append(self.codes, codes[other.codes]))

    def where(self, holds: Callable[[Any], bool]) -> Flags:
        """Tell of each row whether `holds` of its cell; it is asked once per distinct cell."""
        flags = np.fromiter((holds(cell) for cell in self.cells), np.bool_, len(self.cells))
        return flags[self.codes]

    def mapped(self, change: Callable[[Any], Any]) -> "Coded":
        """Return the column of `change` of each cell, which is asked once per distinct cell."""
        return coded_by([change(cell) for cell in self.cells], self.codes)

    def _listed(self, codes: Ints) -> list[Any]:
        cells = self.cells
        return [cells[code] for code in codes.tolist()]


def is_range(rows: Ints) -> bool:
    """Tell whether these are the numbers from 0 on."""
    return np.array_equal(rows, np.arange(len(rows)))


def taken(columns: Mapping[str, Sequence[Any]], rows: Ints) -> dict[str, Coded]:
    """Return columns with those rows alone; as they are where these are all rows, in order."""
    of = {name: coded(column) for name, column in columns.items()}
    if is_range(rows) and all(len(rows) == len(column) for column in of.values()):
        return of
    return {name: column.take(rows) for name, column in of.items()}


def coded(cells: Sequence[Any]) -> Coded:
    """Return a column with its equal cells kept once, in the order in which they come."""
    if isinstance(cells, Coded):
        return cells
    known: dict[Any, int] = {}
    codes = [known.setdefault(cell, len(known)) for cell in cells]
    return Coded(list(known), np.array(codes, np.int64))


def coded_by(cells: Sequence[Any], codes: Ints) -> Coded:
    """Return the column of cells that may stand twice among `cells`."""
    if len(set(cells)) == len(cells):
        return Coded(cells, codes)
    first = coded(list(cells))
    return Coded(first.cells, first.codes[codes])


def trimmed(cells: Sequence[Any], codes: Ints) -> Coded:
    """Return the column of those of the distinct `cells` alone that some row holds."""
    counts = np.bincount(codes, minlength=len(cells))
    if counts.all():
        return Coded(cells, codes)
    used = np.flatnonzero(counts)
    places = np.empty(len(cells), np.int64)
    places[used] = np.arange(len(used))
    return Coded([cells[code] for code in used.tolist()], places[codes])


def constant(cell: Any, count: int) -> Coded:
    """Return a column of `count` rows that all hold `cell`."""
    return Coded([cell] if count else [], np.zeros(count, np.int64))


def distinct(cells: Sequence[Any]) -> Coded:
    """Return a column of cells of which none stands twice."""
    return Coded(cells, np.arange(len(cells)))


def crossed(columns: Sequence[Coded]) -> Ints:
    """Return a number for each row: the same where all the columns hold the same cells.

    Numbers are below four times the number of rows, and about as many.
    """
    numbers = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if len(column.cells) > 1:
            numbers = _dense(numbers * len(column.cells) + column.codes)
    return numbers


def examples(numbers: Ints) -> Ints:
    """Return a row of each distinct number, none below 0, in the order of the numbers."""
    last = np.full(int(numbers.max(initial=-1)) + 1, -1)
    last[numbers] = np.arange(len(numbers))
    return last[last >= 0]


def same(one: Coded, other: Coded) -> Flags:
    """Tell of each row whether two columns hold the same cell, and one that is given."""
    given = {*other.cells} - {None}
    if not given:
        return np.zeros(len(other), bool)
    code = {cell: i for i, cell in enumerate(one.cells) if cell in given}
    codes = np.fromiter((code.get(cell, -1) for cell in other.cells), np.int64, len(other.cells))
    found: Flags = one.codes == codes[other.codes]
    return found


def _dense(numbers: Ints) -> Ints:
    if not len(numbers) or numbers.max() < 4 * len(numbers):
        return numbers
    found: Ints = np.unique(numbers, return_inverse=True)[1].astype(np.int64, copy=False)
    return found


def whole_numbers(cells: Iterable[int]) -> Ints:
    """Return a column of whole numbers as an array."""
    if isinstance(cells, Coded):
        return np.fromiter(cells.cells, np.int64)[cells.codes]
    return np.fromiter(cells, np.int64)


def ordinals(days: Iterable[date | None]) -> Ints:
    """Return a column of days as ordinals, NEVER for none."""
    if isinstance(days, Coded):
        return ordinals(days.cells)[days.codes]
    return np.fromiter((NEVER if day is None else day.toordinal() for day in days), np.int64)


def codes_of(values: Sequence[str | None], names: Sequence[str]) -> Ints:
    """Return the position of each value in `names`, -1 for none."""
    if isinstance(values, Coded):
        return codes_of(values.cells, names)[values.codes]
    code = {name: i for i, name in enumerate(names)}
    return np.fromiter((code.get(value, -1) if value else -1 for value in values), np.int64)
