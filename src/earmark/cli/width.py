"""Tables in the width there is: heads break first, then frames go; a number never breaks."""

from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Column, Table

_LONGEST_ID = 24
"""Ids up to this long stay on one line, however narrow the terminal."""
_ANY = 100_000


def print_table(console: Console, table: Table) -> None:
    """Print a table in the width of the console, or as narrow as it can be."""
    if table.title:
        console.print(table.title, style="bold", soft_wrap=True)
        table.title = None
    least, most = _bounds(console, table)
    if most > console.width:
        for column in table.columns:
            _narrow(column)
        least, _ = _bounds(console, table)
    if least > console.width:
        table.box, table.show_edge, table.padding = box.SIMPLE_HEAD, False, 0
        least, _ = _bounds(console, table)
    console.width = max(console.width, least)  # rather too wide than with digits cut off
    console.print(table)


def _bounds(console: Console, table: Table) -> tuple[int, int]:
    found = Measurement.get(console, console.options.update(width=_ANY), table)
    return found.minimum, found.maximum


def _narrow(column: Column) -> None:
    """Break the head of a column between words; keep its cells whole, unless they are prose."""
    cells = [str(cell) for cell in column.cells]
    if any(" " in cell for cell in cells):
        return
    head = str(column.header)
    words = [*head.split(), *cells]
    longest = max(map(cell_len, words), default=0)
    if column.justify == "right" or longest <= _LONGEST_ID:
        lines = wrap(head, longest, break_long_words=False, break_on_hyphens=False)
        column.header = "\n".join(lines)
        column.no_wrap = True
