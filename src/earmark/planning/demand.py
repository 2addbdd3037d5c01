"""Demand: the orders to plan, cut into lines and gathered into classes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from earmark.book import Book
from earmark.ledger.positions import Positions
from earmark.planning.columns import codes_of, ints, ordinals
from earmark.planning.problem import FIRST_TIER, PEGGED, PROMISED, SLOTS, Classes, Lines, Supply
from earmark.policy import Policy
from earmark.schedule import Ints
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True)
class Names:
    """Ids, sorted; codes are their positions."""

    parties: tuple[str, ...]
    products: tuple[str, ...]
    sites: tuple[str, ...]


class Wanted:
    """The orders to plan, sorted by id, in columns."""

    def __init__(self, book: Book, include: Collection[str]) -> None:
        table = book.orders
        status = table.column("status")
        planned = {"booked", *(set(include) & {"forecast", "quoted"})}
        ids = table.column("order")
        rows = sorted((i for i, s in enumerate(status) if s in planned), key=ids.__getitem__)
        self.ids = tuple(ids[i] for i in rows)
        self.position = {order: i for i, order in enumerate(self.ids)}
        self.party = [table.column("party")[i] for i in rows]
        self.product = [table.column("product")[i] for i in rows]
        self.site = [table.column("site")[i] for i in rows]
        self.party_names, self.product_names = set(self.party), set(self.product)
        self.site_names = set(self.site)
        self.quantity = ints(table.column("quantity")[i] for i in rows)
        self.promised = ints(table.column("promised")[i] for i in rows)
        self.tier = ints(table.column("tier")[i] for i in rows)
        self.due = ordinals(table.column("due")[i] for i in rows)
        self.booked = ordinals(table.column("booked")[i] for i in rows)


def tier_ranks(wanted: Wanted, policy: Policy) -> Ints:
    """Return each order's tier as a rank from 0, by what the policy says ranks demand.

    Where the rule of a tier is first come, its booked days are tiers of their own.
    """
    none = np.zeros_like(wanted.tier)
    if policy.value is not None:
        return none
    tier = {"order": wanted.tier, "booked": wanted.booked, "one": none}[policy.tiers]
    booked = wanted.booked if policy.share == "first_come" else none
    pairs = np.stack([tier, booked])
    return np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)


@dataclass(frozen=True, slots=True)
class _RawLines:
    order: Ints
    stage: Ints
    quantity: Ints
    ready: Ints
    lot: Ints


def lines_of(
    wanted: Wanted,
    what: Positions,
    supply: Supply,
    lot_at: Mapping[str, int],
    tier_rank: Ints,
    start: int,
    first: int,
) -> _RawLines:
    """Cut every order into its pegged, its promised and its remaining units."""
    pegs = [
        (wanted.position[order], lot_at[lot], units)
        for (lot, order), units in sorted(what.pegs.items())
        if order in wanted.position
    ]
    pegs += [
        (wanted.position[move.order], lot_at[move.move], move.quantity)
        for move in what.arrivals
        if move.order in wanted.position
    ]
    order, lot, units = (ints(peg[i] for peg in pegs) for i in range(3))
    held = sum_by(order, units, len(wanted.ids))
    promised = np.maximum(0, np.minimum(wanted.promised, wanted.quantity) - held)
    rest = np.maximum(0, wanted.quantity - held - promised)
    arrives = supply.day[lot] if len(lot) else lot
    every = np.arange(len(wanted.ids))
    free = np.maximum(wanted.due, first)
    none = np.full(len(every), -1)
    parts = (
        (order, np.full(len(order), PEGGED), units, np.maximum(arrives, start), lot),
        (every, np.full(len(every), PROMISED), promised, free, none),
        (every, tier_rank + FIRST_TIER, rest, free, none),
    )
    columns = [np.concatenate([part[i] for part in parts]) for i in range(5)]
    kept = columns[2] > 0
    order, stage, quantity, ready, lot = (column[kept] for column in columns)
    return _RawLines(order, stage, quantity, np.maximum(ready, wanted.due[order]), lot)


def classes_of(
    raw: _RawLines, wanted: Wanted, names: Names, weight: Ints | None = None
) -> tuple[Lines, Classes]:
    """Gather lines into classes; sort both.

    Under a priced policy orders of one class have one `weight`; the heaviest classes come first.
    """
    party = codes_of(wanted.party, names.parties)[raw.order]
    product = codes_of(wanted.product, names.products)[raw.order]
    site = codes_of(wanted.site, names.sites)[raw.order]
    inside = np.zeros_like(wanted.tier) if weight is None else weight.max(initial=0) - weight
    tier = np.where(raw.stage < FIRST_TIER, wanted.tier[raw.order], inside[raw.order])
    parts = (raw.stage, tier, party, product, site)
    key = np.zeros(len(raw.order), np.int64)
    for part in parts:
        codes = np.unique(part, return_inverse=True)[1].reshape(-1)
        key = np.unique(key * (len(part) + 1) + codes, return_inverse=True)[1].reshape(-1)
    example = np.unique(key, return_index=True)[1]
    due, booked = wanted.due[raw.order], wanted.booked[raw.order]
    served = np.lexsort((raw.lot, raw.order, booked, due, raw.ready, key))
    lines = Lines(
        *(a[served] for a in (raw.order, key, raw.quantity, due, raw.ready, booked, raw.lot))
    )
    path = np.full((len(example), len(SLOTS)), -1)
    stage, tier, party, product, site = (part[example] for part in parts)
    return lines, Classes(stage, tier, party, product, site, path)
