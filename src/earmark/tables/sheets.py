"""A sheet: one table as text, whichever file it came from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from earmark.coded import Coded
from earmark.errors import Problem
from earmark.tables.hints import BLANKS

_ROWS_AT_A_TIME = 10_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The texts of one table in columns; `rows` are the row numbers that a spreadsheet shows.

    `header` names the columns as typed, `header_row` is the row it stands in. Rows that are
    entirely blank are not there, but counted.
    """

    table: str
    header: tuple[str, ...]
    header_row: int
    columns: tuple[Coded, ...]
    rows: Sequence[int]
    source: str | None
    problems: tuple[Problem, ...] = ()


def sheet_of(
    table: str,
    lines: Iterable[Sequence[str]],
    source: str | None,
    *,
    too_many: str = "empty the cell, or give its column a name",
) -> Sheet | None:
    """Turn rows of texts, the first of them row 1, into columns; None when all are blank.

    `too_many` is the hint for a row with more cells than there are columns.
    """
    numbered = enumerate(lines, 1)
    for header_row, names in numbered:  # noqa: B007 - used below, by the rows that follow
        if any(name.strip(BLANKS) for name in names):
            break
    else:
        return None
    wide = [position for position, name in enumerate(names) if name.strip(BLANKS)]
    width = wide[-1] + 1
    columns: list[list[int]] = [[] for _ in range(width)]
    known: list[dict[str, int]] = [{} for _ in range(width)]
    rows: list[int] = []
    problems: list[Problem] = []
    gaps = [position for position in range(width) if not names[position].strip(BLANKS)]
    while chunk := list(islice(numbered, _ROWS_AT_A_TIME)):
        even = all(
            len(cells) == width and cells[0] and not cells[0].isspace() for _, cells in chunk
        )
        if not even or gaps:
            fitted = _fitted(chunk, width, gaps)
            chunk = [(row, cells) for row, cells, _ in fitted]
            problems += (
                Problem(
                    "E205",
                    f"expected at most {len(wide)} cells, one under each column name",
                    table,
                    row,
                    None,
                    extra,
                    too_many,
                    source,
                )
                for row, _, extra in fitted
                if extra is not None
            )
        rows.extend([row for row, _ in chunk])
        texts = zip(*[cells for _, cells in chunk], strict=True)
        for column, seen, cells in zip(columns, known, texts, strict=False):
            column.extend([seen.setdefault(cell, len(seen)) for cell in cells])
    return Sheet(
        table,
        tuple(names[position] for position in wide),
        header_row,
        tuple(
            Coded(list(known[position]), np.array(columns[position], np.int64)) for position in wide
        ),
        rows,
        source,
        tuple(problems),
    )


def _fitted(
    chunk: Iterable[tuple[int, Sequence[str]]], width: int, gaps: Sequence[int]
) -> list[tuple[int, Sequence[str], str | None]]:
    """Leave blank rows out and bring the others to `width`; name the first cell too many."""
    return [
        (
            row,
            [*cells[:width], *[""] * (width - len(cells))],
            next(_extra(cells, width, gaps), None),
        )
        for row, cells in chunk
        if any(cell.strip(BLANKS) for cell in cells)
    ]


def _extra(cells: Sequence[str], width: int, gaps: Sequence[int]) -> Iterator[str]:
    unnamed = [*(cells[gap] for gap in gaps if gap < len(cells)), *cells[width:]]
    return (cell for cell in unnamed if cell.strip(BLANKS))
