"""Accounts chosen by what they are of: an order, a lot, a party, a product, a state."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from earmark.book import Book
from earmark.ledger.entries import Account

OF_ORDER = ("demand", "booked", "earmarked", "shipped")
"""States whose accounts are held by an order."""

OF_LOT = ("supplied", "supply")
"""States whose accounts are held by a lot; what is earmarked or shipped has it as its place."""

OF_PARTY = ("received", "active", "retired", "opened")
"""States whose accounts are held by a party."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What accounts have to be of; what is None chooses nothing away."""

    order: str | None = None
    lot: str | None = None
    party: str | None = None
    product: str | None = None
    state: str | None = None

    def given(self) -> Mapping[str, str | None]:
        """Return every criterion by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose each order is, and from whom each lot comes."""

    orders: Mapping[str, str]
    lots: Mapping[str, str | None]


NOBODY = Owners(MappingProxyType({}), MappingProxyType({}))


def owners_of(book: Book) -> Owners:
    """Return the parties of orders and lots, in a book as known on a day."""
    orders, lots = book.orders.columns, book.lots.columns
    return Owners(
        dict(zip(orders["order"], orders["party"], strict=True)),
        dict(zip(lots["lot"], lots["vendor"], strict=True)),
    )


def chosen(balances: Mapping[Account, int], choice: Choice, owners: Owners) -> dict[Account, int]:
    """Return the balances of the accounts that are of all that `choice` names."""
    return {
        account: units
        for account, units in balances.items()
        if choice.product in (None, account.product)
        and choice.state in (None, account.state)
        and (choice.order is None or order_of(account) == choice.order)
        and (choice.lot is None or lot_of(account) == choice.lot)
        and (choice.party is None or party_of(account, owners) == choice.party)
    }


def order_of(account: Account) -> str | None:
    """Return the order that an account is of."""
    return account.holder if account.state in OF_ORDER else None


def lot_of(account: Account) -> str | None:
    """Return the lot that the units of an account are of, or the transfer that brought them."""
    if account.state in OF_LOT:
        return account.holder
    return account.place or None if account.state in ("earmarked", "shipped") else None


def party_of(account: Account, owners: Owners) -> str | None:
    """Return the party that an account is of: who runs, has ordered or supplies the units."""
    if account.state in OF_PARTY:
        return account.holder
    if account.state in OF_LOT:
        return owners.lots.get(account.holder)
    return owners.orders.get(account.holder) if account.state in OF_ORDER else None
