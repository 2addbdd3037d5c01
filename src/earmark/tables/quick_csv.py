"""The quick way through a large CSV file, taken only where the strict one says the same.

Many lines of even width, without quotes and blank rows, are what programs write. Whatever else a
file holds, `quick_sheet` returns None, and the strict reader has the word: it alone finds faults.
"""

import numpy as np

from earmark.coded import Ints
from earmark.tables.hints import BLANKS
from earmark.tables.sheets import Sheet

LARGE = 1_000_000
"""Bytes of a file from which on the quick way is quicker: polars has to be loaded first."""

_MARK = b"\xef\xbb\xbf"
_COMMA, _LINE_FEED = b",\n"
_LONGEST = 100_000
"""Characters of a line; the strict reader refuses a cell of some more."""


def quick_sheet(table: str, content: bytes, source: str | None) -> Sheet | None:
    """Return the sheet in a CSV file of UTF-8 without NUL bytes; None if it is not that plain."""
    content = content.removeprefix(_MARK)
    if b'"' in content or b"'" in content:
        return None
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        if b"\r" in content:
            return None
    if not content.endswith(b"\n"):
        content += b"\n"
    head, _, lines = content.partition(b"\n")
    header = tuple(head.decode().split(","))
    if not lines or not all(name.strip(BLANKS) for name in header):
        return None
    if lines.startswith(_MARK):
        return None  # polars would take it for the mark of a file
    if not _even(lines, len(header)):
        return None
    from earmark.tables.frames import columns_of_lines

    columns = columns_of_lines(lines, len(header))
    if any(not columns[0][row].strip(BLANKS) for row in _beginning_blank(lines)):
        return None  # perhaps a blank row
    return Sheet(table, header, 1, columns, range(2, 2 + len(columns[0])), source)


def _even(lines: bytes, width: int) -> bool:
    """Tell whether all lines have `width` cells, and none is longer than any cell may be."""
    characters = np.frombuffer(lines, np.uint8)
    cells: Ints = np.flatnonzero((characters == _COMMA) | (characters == _LINE_FEED))
    ends = cells[characters[cells] == _LINE_FEED]
    return (
        len(cells) == width * len(ends)
        and bool((cells[width - 1 :: width] == ends).all())
        and int(np.diff(ends, prepend=-1).max()) < _LONGEST
    )


def _beginning_blank(lines: bytes) -> list[int]:
    """Return the lines that begin with a comma or, perhaps, a blank."""
    characters = np.frombuffer(lines, np.uint8)
    starts = np.append([0], np.flatnonzero(characters[:-1] == _LINE_FEED) + 1)
    blank = np.zeros(256, bool)
    blank[list(("," + BLANKS).encode())] = True
    found: list[int] = np.flatnonzero(blank[characters[starts]]).tolist()
    return found
