"""Books with stakes and rules of approval, and entries on record, in a few words."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import books

from earmark.ledger.entries import Account, Change, Entry, Posting, Recorded
from earmark.policy import ApprovalRules

DAY = date(2024, 6, 1)


def stakes_book(*stakes, groups=(), rules=None, **tables):
    """Return a book with stakes "holder 60 held", groups "party group" and the parties of both."""
    rows = []
    for stake in stakes:
        holder, percent, held, *days = stake.split()
        row = {"holder": holder, "held": held, "percent": percent}
        rows.append(row | dict(zip(("from", "until", "known"), days, strict=False)))
    group_of = dict(pair.split() for pair in groups)
    named = {name for row in rows for name in (row["holder"], row["held"])} | set(group_of)
    named |= {row["party"] for row in tables.get("orders", ())}
    parties = [{"party": name, "group": group_of.get(name)} for name in sorted(named)]
    found = books.book(parties=tables.pop("parties", parties), stakes=rows, **tables)
    return replace(found, approval=rules or ApprovalRules())


def orders_book(*stakes, rules=None, price="10", **more):
    """Return such a book in which a, b and c order a product of price 10."""
    return stakes_book(
        *stakes,
        rules=rules,
        products=[{"product": "gpu", "unit_price": price}],
        orders=[
            {"order": f"o-{party}", "party": party, "quantity": 1000} for party in ("a", "b", "c")
        ],
        lots=[{"lot": "l1", "quantity": 1000}],
        **more,
    )


def redirect(move, giver, taker, quantity, **cells):
    """Return the row of a redirect from the order of one party to that of another."""
    texts = {
        "move": move,
        "kind": "redirect",
        "date": "2024-06-01",
        "quantity": str(quantity),
        "lot": "l1",
        "order": f"o-{giver}",
        "to_order": f"o-{taker}",
    }
    return Change("moves", texts | cells)


def posted(quantity, day=DAY):
    """Return postings as a redirect of that many units has them."""
    return tuple(
        Posting(Account("earmarked", order, "gpu", "l1"), units, day)
        for order, units in (("o-a", -quantity), ("o-b", quantity))
    )


def recorded(seq, entry, day="2024-06-01"):
    """Return an entry on record."""
    return Recorded(seq, f"{day}T00:00:00.{seq:06}Z", entry)


def move_entry(name, changes, postings=(), **more):
    """Return the entry of a move."""
    return Entry(
        id=f"moves/{name}", kind="move", effective=DAY, changes=tuple(changes),
        postings=tuple(postings), **({"by": "vendor"} | more),
    )  # fmt: skip


def percent(text):
    """Return a percentage as rules have it."""
    return Decimal(text)
