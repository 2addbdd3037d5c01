"""The readings of a comparison: where their parties stand in the JSON, and which of them agree."""

from collections.abc import Callable, Iterator

from earmark.page.cells import Facts
from earmark.page.content import Page
from earmark.sentences import Document, comparisons_of

LOST, SHIFT = "active_unit_days_lost", "mean_shift_days"
IDLE_A, IDLE_B = "idle_unit_days/a", "idle_unit_days/b"
"""Figures of a party in a comparison, as steps of a JSON pointer."""

MOST_ROWS = 200
"""Rows of orders or parties that one table shows, per reading."""

MOST_IDS = 12
"""Orders named behind one order as cause, gained from or lost to."""


def facts_of(page: Page) -> Facts:
    """Return the document of a page, ready to be shown."""
    return Facts(page.document, page.book.currency)


def readings(page: Page) -> Iterator[tuple[str | None, str, Document]]:
    """Yield each comparison with its reading's name and its pointer."""
    several = page.document["format"] == "earmark.comparisons/1"
    found = comparisons_of(page.document)
    for i, (label, comparison) in enumerate(zip(page.labels, found, strict=bool(found))):
        shown = label if page.under_readings else None
        yield shown, f"/readings/{i}" if several else "", comparison


def distinct(
    page: Page, part: Callable[[Document], object]
) -> Iterator[tuple[str | None, str, Document]]:
    """Yield, of readings that agree in a part of their comparison, the first for all of them."""
    found = list(readings(page))
    while found:
        label, root, comparison = found[0]
        same = [other for other in found if part(other[2]) == part(comparison)]
        if len(same) == len(page.readings) > 1:
            label = "in every reading"
        elif len(same) > 1:
            label = "; ".join(str(other[0]) for other in same)
        yield label, root, comparison
        found = [other for other in found if other not in same]


def places(page: Page, party: str) -> list[str | None]:
    """Return, per reading, the pointer to a party's line."""
    places: list[str | None] = []
    for _, root, comparison in readings(page):
        ids = [line["party"] for line in comparison["parties"]]
        places.append(f"{root}/parties/{ids.index(party)}" if party in ids else None)
    return places


def left_out(count: int, what: str, page: Page) -> str:
    """Say how many rows a table does not show, and where they are."""
    if count <= MOST_ROWS:
        return ""
    more = "earmark plan BOOK -o FILE" if not comparisons_of(page.document) else "--json"
    return f"{count - MOST_ROWS:,} more {what} are left out here; {more} gives all of them."
