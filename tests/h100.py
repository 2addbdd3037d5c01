"""The reported swap of 12,000 H100 on model dates, as books and schedules written by hand."""

from books import book
from schedules import schedule

from earmark.book import Book
from earmark.schedule import Schedule

READINGS = {"none": "2024-07-23", "march": "2024-03-01", "all": "2023-12-15"}
"""From which day the one site has power for all 12,000, by reading."""

WITHOUT = (
    ("l1", "car", "2023-12-15", 12_000, True),
    ("l2", "net", "2024-01-15", 6_000, True),
    ("l3", "net", "2024-06-15", 6_000, True),
)
WITH = (
    ("l1", "net", "2023-12-15", 12_000, True),
    ("l2", "car", "2024-01-15", 6_000, True),
    ("l3", "car", "2024-06-15", 6_000, True),
)


def swap_book(ready: str) -> Book:
    """Return the book of the case, the car maker's site ready from that day."""
    return book(
        start="2023-12-01",
        end="2025-01-01",
        fiscal={"nvidia": "last Sunday of January"},
        products=[{"product": "h100", "unit_price": "41667"}],
        sites=[{"site": "hall"}],
        readiness=[{"site": "hall", "date": ready, "units": 12_000}],
        lots=[
            {"lot": lot, "product": "h100", "date": day, "quantity": quantity}
            for lot, day, quantity in (
                ("l1", "2023-12-15", 12_000),
                ("l2", "2024-01-15", 6_000),
                ("l3", "2024-06-15", 6_000),
            )
        ],
        orders=[
            {
                "order": "car",
                "party": "carmaker",
                "product": "h100",
                "site": "hall",
                "quantity": 12_000,
                "due": "2023-12-15",
            },
            {
                "order": "net",
                "party": "network",
                "product": "h100",
                "quantity": 12_000,
                "due": "2023-12-15",
            },
        ],
    )


def without_swap(case: Book) -> Schedule:
    """Return the schedule as first booked."""
    return schedule(case, *WITHOUT)


def with_swap(case: Book) -> Schedule:
    """Return the schedule as it was after the swap."""
    return schedule(case, *WITH)
