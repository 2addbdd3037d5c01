"""Entries for tests of the record, in short."""

from datetime import date

from earmark.ledger.entries import Account, Entry, Posting

LOT = Account("supplied", "l1", "H100")
SUPPLY = Account("supply", "l1", "H100")


def order(name: str) -> Account:
    """Return what is pegged to an order from lot l1."""
    return Account("earmarked", name, "H100", "l1")


def move(
    id_: str,
    source: Account,
    target: Account,
    units: int,
    day: str,
    corrects: str | None = None,
    reason: str | None = None,
) -> Entry:
    """Return an entry that brings units from one account to another on a day."""
    on = date.fromisoformat(day)
    postings = (Posting(source, -units, on), Posting(target, units, on))
    return Entry(
        id=id_, kind="move", effective=on, corrects=corrects, reason=reason, postings=postings
    )


def example() -> list[list[Entry]]:
    """Return chains that use every column of a store: several accounts, days and a correction."""
    return [
        [
            move("in", SUPPLY, LOT, 1000, "0001-01-01"),
            move("m1", LOT, order("o1"), 5, "2024-01-02"),
        ],
        [move("m2", LOT, order("o2"), 7, "2024-01-03", reason="a reason of some length")],
        [move("m3", order("o1"), order("o2"), 2, "2024-02-01")],
        [move("m4", order("o2"), order("o1"), 2, "2024-02-01", corrects="m3")],
        [move("m5", LOT, order("o3"), 100, "2024-03-05")],
    ]
