"""Values of files that know types, as the texts that CSV would have."""

from datetime import date, datetime, time
from decimal import Decimal

_WHOLE = 10**15
"""Below this, a float without a fraction is the whole number that was typed."""


def text_of(cell: object) -> str:
    """Return the text that the cell would have in CSV: plain digits, ISO dates, yes and no."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _WHOLE:
            return str(int(cell))
        # 15 digits, as the spreadsheet shows them: 0.1 + 0.2 is 0.3.
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
