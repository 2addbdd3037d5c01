"""Capacity nodes: power of sites, ceilings, free supply, each net of what already runs."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from earmark.book import Book
from earmark.coded import coded, ordinals
from earmark.ledger.positions import Positions, Running
from earmark.planning.demand import Names
from earmark.planning.lenders import trees_of
from earmark.planning.lending import Lending
from earmark.planning.problem import PEGGED, ROOT, SLOTS, Classes, Nodes, Supply
from earmark.planning.quotas import NO_QUOTAS, PLENTY, Quotas, part_of
from earmark.policy import Policy, Quota
from earmark.schedule import Bools, Ints
from earmark.sums import sum_by

_Members = Bools | Ints
"""Classes under a node: a yes or no for each, or their positions."""


class NodeBuilder:
    """Builds the capacity nodes that the classes draw on."""

    def __init__(
        self,
        book: Book,
        policy: Policy,
        what: Positions,
        names: Names,
        classes: Classes,
        days: Ints,
        supply: Supply,
    ) -> None:
        self.book, self.policy, self.what = book, policy, what
        self.names, self.classes, self.days, self.supply = names, classes, days, supply
        self.slot: list[int] = []
        self.name: list[str] = []
        self.capacity: list[Ints] = []
        self.holders: list[tuple[str, ...]] = []
        self.parts: list[tuple[int, int, int, int]] = []
        """Node, product, top and bottom of each quota of what remains."""
        self.limits: dict[tuple[str, int], int] = {}
        """The nodes of ceilings and quotas by name and product."""
        self.ceilings: dict[tuple[str, int], Ints] = {}
        self.path = np.full((len(classes.stage), len(SLOTS)), -1)

    def build(self) -> tuple[Nodes, Ints]:
        """Return the nodes and the path of every class from leaf to root."""
        if self.policy.ship == "usable":
            self._sites()
        self._ceilings()
        self._roots()
        capacity = np.array(self.capacity, np.int64).reshape(len(self.slot), len(self.days))
        return (
            Nodes(
                np.array(self.slot, np.int64),
                tuple(self.name),
                np.maximum(capacity, 0),
                tuple(self.holders),
            ),
            self.path,
        )

    def _add(
        self, slot: int, name: str, members: _Members, capacity: Ints, holders: Iterable[str] = ()
    ) -> None:
        self.path[members, slot] = len(self.slot)
        self.slot.append(slot)
        self.name.append(name)
        self.capacity.append(capacity)
        self.holders.append(tuple(sorted(set(holders))))

    def _sites(self) -> None:
        levels = readiness_levels(self.book, self.days)
        with_rows = {site for site, _ in levels}
        classes = self.classes
        rank = np.argsort(classes.site, kind="stable")
        bounds = np.searchsorted(classes.site[rank], np.arange(len(self.names.sites) + 1))
        runs_at: dict[str | None, list[Running]] = {}
        for run in self.what.running:
            runs_at.setdefault(run.site, []).append(run)
        for code, site in enumerate(self.names.sites):
            if site not in with_rows:
                continue
            here = rank[bounds[code] : bounds[code + 1]]
            whole, runs = levels.get((site, None)), runs_at.get(site, [])
            product_of = classes.product[here]
            for product_code in dict.fromkeys(sorted(product_of.tolist())):
                product = self.names.products[product_code]
                level = levels.get((site, product))
                if level is None and whole is None:
                    level = np.zeros(len(self.days), np.int64)
                if level is not None:
                    members = here[product_of == product_code]
                    own = [run for run in runs if run.product == product]
                    self._site_node(0, site, members, level, own)
            if whole is not None:
                self._site_node(1, site, here, whole, runs)

    def _site_node(
        self, slot: int, site: str, members: Ints, level: Ints, runs: Sequence[Running]
    ) -> None:
        level = level - self._running(runs) if runs else level
        self._add(slot, site, members, level, (r.party for r in runs))

    def _running(self, runs: Iterable[Running]) -> Ints:
        total = np.zeros(len(self.days), np.int64)
        for run in runs:
            total[np.searchsorted(self.days, run.day.toordinal()) :] += run.units
        return total

    def _ceilings(self) -> None:
        """Add what parties and groups may hold or be given: the lesser of ceiling and quota."""
        policy, group_of = self.policy, self.book.group_of
        for name in sorted({*policy.ceilings, *policy.quotas}):
            whole_group = name in set(group_of.values())
            under = {
                party
                for party in self.names.parties
                if (group_of.get(party) == name if whole_group else party == name)
            }
            codes = [self.names.parties.index(party) for party in sorted(under)]
            inside = np.isin(self.classes.party, codes)
            for product in np.unique(self.classes.product[inside]).tolist():
                runs = [
                    run
                    for run in self.what.running
                    if run.party in under and run.product == self.names.products[product]
                ]
                limits = [np.full(len(self.days), PLENTY)]
                if name in policy.ceilings:
                    limits.append(policy.ceilings[name] - self._running(runs))
                self.ceilings[name, product] = limits[-1]
                if name in policy.quotas:
                    limits.append(self._quota(policy.quotas[name], product))
                members = inside & (self.classes.product == product)
                capacity = np.minimum.reduce(limits)
                holders = (r.party for r in runs if name in policy.ceilings)
                self.limits[name, product] = len(self.slot)
                self._add(3 if whole_group else 2, name, members, capacity, holders)

    def _quota(self, quota: Quota, product: int) -> Ints:
        """Return (T,) what a quota allows, units that are pegged among it."""
        if quota.bottom is not None and self.policy.quota_of == "remaining":
            self.parts.append((len(self.slot), product, quota.top, quota.bottom))
            return np.full(len(self.days), PLENTY)
        return part_of(self._whole(product), quota)

    def _whole(self, product: int) -> Ints:
        """Return (T,) the supply of a product that has come by each day, pegged units among it."""
        pegged = Counter[str]()
        for (lot, _), number in self.what.pegs.items():
            pegged[lot] += number
        mine = np.flatnonzero(
            (self.supply.product == product) & (self.supply.day < self.book.end.toordinal())
        )
        units = [int(self.supply.free[i]) + pegged[self.supply.names[i]] for i in mine]
        place = np.searchsorted(self.days, self.supply.day[mine])
        return sum_by(place, np.array(units, np.int64), len(self.days)).cumsum()

    def trees(self) -> tuple[Lending, ...]:
        """Return who owns and lends quotas, once the nodes are built."""
        policy, classes = self.policy, self.classes
        if not policy.quotas:
            return ()
        names, products = self.names, np.unique(classes.product).tolist()
        whole = {product: self._whole(product) for product in products}
        ample = np.full(len(self.days), PLENTY)
        ordering = {
            product: {names.parties[p] for p in classes.party[classes.product == product]}
            for product in products
        }
        found = trees_of(
            policy,
            self.book.group_of,
            ordering,
            self.limits,
            np.flatnonzero(np.array(self.slot) == ROOT).tolist(),
            lambda name, product: part_of(whole[product], policy.quotas[name]),
            lambda name, product: self.ceilings.get((name, product), ample),
            whole,
        )
        return tuple(found)

    def quotas(self) -> Quotas:
        """Return the quotas of what remains, once the nodes are built."""
        if not self.parts:
            return NO_QUOTAS
        node, product, top, bottom = np.array(self.parts, np.int64).T
        first_root = self.slot.index(ROOT)
        return Quotas(node, first_root + product, top, bottom)

    def with_roots(self, nodes: Nodes) -> Nodes:
        """Return nodes of the same classes and days with the free supply that there is now."""
        capacity = nodes.capacity.copy()
        for code, row in enumerate(np.flatnonzero(nodes.slot == ROOT)):
            capacity[row] = np.maximum(self._arrived(code), 0)
        return Nodes(nodes.slot, nodes.name, capacity, nodes.holders)

    def _roots(self) -> None:
        free = self.classes.stage != PEGGED
        for code, product in enumerate(self.names.products):
            self._add(ROOT, product, free & (self.classes.product == code), self._arrived(code))

    def _arrived(self, code: int) -> Ints:
        """Return the free supply of a product that has arrived by each day."""
        mine = (self.supply.product == code) & (self.supply.free > 0)
        place = np.searchsorted(self.days, self.supply.day[mine])
        return sum_by(place, self.supply.free[mine], len(self.days)).cumsum()


def readiness_levels(book: Book, days: Ints) -> dict[tuple[str, str | None], Ints]:
    """Return what each (site, product) with readiness rows can power on each of `days`."""
    table = book.readiness
    dates = ordinals(table.column("date"))
    rank = np.argsort(dates, kind="stable")
    first = np.searchsorted(days, dates[rank]).tolist()
    columns = [coded(table.column(c)).take(rank) for c in ("site", "product", "units")]
    levels: dict[tuple[str, str | None], Ints] = {}
    for place, site, product, units in zip(first, *columns, strict=True):
        level = levels.get((site, product))
        if level is None:
            level = levels[site, product] = np.zeros(len(days), np.int64)
        level[place:] = units
    return levels
