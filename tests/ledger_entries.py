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
