"""What moves take from one party for another, in units and at the book's own prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from itertools import permutations

from earmark.book import Book
from earmark.ledger.accounts import owners_of, party_of
from earmark.ledger.entries import Change, Posting
from earmark.model import Order

_HELD = ("earmarked", "shipped", "received", "active")
"""States in which units are a party's."""

_EXACT = Context(prec=1000)


@dataclass(frozen=True, slots=True)
class Amount:
    """Units, and their value at the price of the order that gives them up, else the product's.

    `money` counts the units that have a price; `unpriced` are the others.
    """

    units: int = 0
    money: Decimal = Decimal(0)
    unpriced: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Return both together, exactly."""
        money = _EXACT.add(self.money, other.money)
        return Amount(self.units + other.units, money, self.unpriced + other.unpriced)


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that a move takes from a party; the taker is None where they go back to their lot."""

    giver: str
    taker: str | None
    day: date
    amount: Amount


def flows(book: Book, changes: Iterable[Change], kinds: Iterable[str]) -> list[Flow]:
    """Return what rows of the table moves, of those kinds, take from one party for another.

    `book` is as known, with the orders that the rows name. Rows that are dropped, that stay with
    one party, or name orders that are not there take nothing.
    """
    chosen = frozenset(kinds)
    found = (
        _flow(book, change.cells)
        for change in changes
        if change.table == "moves" and not change.drop and change.cells.get("kind") in chosen
    )
    return [flow for flow in found if flow is not None]


def posted_flows(book: Book, postings: Iterable[Posting]) -> list[Flow]:
    """Return what postings take from parties for others, whatever the rows are called.

    For rows that correct or drop a move: per product, who has fewer units than before gives, at
    most, to each who has more. Units are valued at the dearest of the giver's prices.
    """
    owners = owners_of(book)
    net: dict[str, dict[str, int]] = {}
    prices: dict[tuple[str, str], list[Decimal]] = {}
    days: dict[str, date] = {}
    for account, units, day in postings:
        party = party_of(account, owners) if account.state in _HELD else None
        if party is None:
            continue
        of_product = net.setdefault(account.product, {})
        of_product[party] = of_product.get(party, 0) + units
        days[account.product] = max(day, days.get(account.product, day))
        holders = (_order(book, account.holder), book.products.get(account.product))
        given = [one.unit_price for one in holders if one and one.unit_price is not None]
        prices.setdefault((account.product, party), []).extend(given)
    found = []
    for product, parties in net.items():
        for giver, taker in permutations(parties, 2):
            units = min(-parties[giver], parties[taker])
            if units > 0:
                price = max(prices[product, giver], default=None)
                amount = Amount(units, Decimal(0), units)
                if price is not None:
                    amount = Amount(units, _EXACT.multiply(price, Decimal(units)))
                found.append(Flow(giver, taker, days[product], amount))
    return found


def between(found: Sequence[Flow]) -> dict[tuple[str, str | None], Amount]:
    """Return the amounts by giver and taker, those that go through others among them.

    If `a` gives to `b` and `b` to `c` in one set, then `a` gives to `c` as well: at most what the
    one gives in all and the other takes in all. So nobody is passed by with a party between.
    """
    direct: dict[tuple[str, str | None], Amount] = {}
    for flow in found:
        pair = flow.giver, flow.taker
        direct[pair] = direct.get(pair, Amount()) + flow.amount
    given, taken = _totals(direct, 0), _totals(direct, 1)
    for giver, taker in sorted(_ways(direct)):
        through = min(given[giver], taken[taker], key=lambda amount: amount.units)
        direct.setdefault((giver, taker), through)
    return direct


def _flow(book: Book, cells: Mapping[str, str]) -> Flow | None:
    order, taker = _order(book, cells.get("order")), _order(book, cells.get("to_order"))
    if cells["kind"] == "transfer":
        giver = cells.get("party")
        product, price = cells.get("product"), None
    else:
        giver = order.party if order else None
        lot = book.lots.get(cells.get("lot"))
        product = lot.product if lot else order.product.partition(";")[0] if order else None
        price = order.unit_price if order else None
    to = taker.party if taker else None
    if giver is None or giver == to or (to is None and cells["kind"] != "release"):
        return None
    units = int(cells["quantity"])
    if price is None and product is not None:
        record = book.products.get(product)
        price = record.unit_price if record else None
    if price is None:
        amount = Amount(units, Decimal(0), units)
    else:
        amount = Amount(units, _EXACT.multiply(price, Decimal(units)))
    return Flow(giver, to, date.fromisoformat(cells["date"]), amount)


def _order(book: Book, name: str | None) -> Order | None:
    return None if name is None else book.orders.get(name)


def _totals(direct: Mapping[tuple[str, str | None], Amount], side: int) -> dict[str | None, Amount]:
    totals: dict[str | None, Amount] = {}
    for pair, amount in direct.items():
        totals[pair[side]] = totals.get(pair[side], Amount()) + amount
    return totals


def _ways(direct: Iterable[tuple[str, str | None]]) -> set[tuple[str, str]]:
    """Return all pairs of different parties of which the one gives to the other through others."""
    takers: dict[str, set[str]] = {}
    for giver, taker in direct:
        if taker is not None:
            takers.setdefault(giver, set()).add(taker)
    ways: set[tuple[str, str]] = set()
    for giver, direct_takers in takers.items():
        found, fresh = set(direct_takers), list(direct_takers)
        while fresh:
            near = takers.get(fresh.pop(), set()) - found
            found |= near
            fresh += near
        ways |= {(giver, taker) for taker in found if taker != giver}
    return ways
