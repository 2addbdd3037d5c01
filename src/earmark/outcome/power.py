"""What sites can power on each day, and who gets it where that is too little."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

import numpy as np

from earmark.book import Book
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class SitePower:
    """The most units that a site can power, of each product and of all together, each `(days,)`."""

    products: Mapping[str, Ints]
    together: Ints | None

    def of(self, product: str) -> Ints | None:
        """Return the limit on one product alone; None where only the site as a whole has one."""
        if product in self.products or self.together is not None:
            return self.products.get(product)
        return np.zeros_like(next(iter(self.products.values())))

    def limits(self, loads: Mapping[str, Ints]) -> Iterator[tuple[Ints, Ints]]:
        """Yield each limit that loads, `(days,)` per product, come under, and what comes under it.

        They fit where none of them is exceeded on any day.
        """
        for product, load in loads.items():
            if (limit := self.of(product)) is not None:
                yield limit, load
        if loads and self.together is not None:
            yield self.together, np.sum(list(loads.values()), axis=0)

    def on(self, positions: Ints) -> "SitePower":
        """Return the limits on some of the days alone."""
        products = {product: limit[positions] for product, limit in self.products.items()}
        together = None if self.together is None else self.together[positions]
        return SitePower(products, together)

    @property
    def changes(self) -> Ints:
        """The positions of the days on which a limit changes, the first day among them."""
        limits = [*self.products.values(), *([] if self.together is None else [self.together])]
        changed = np.any(np.diff(limits, axis=1) != 0, axis=0)
        return np.concatenate(([0], np.flatnonzero(changed) + 1)).astype(np.int64)


def site_power(book: Book, days: Ints) -> Mapping[str, SitePower]:
    """Return the power of each site with readiness rows on `days`; other sites have no limit."""
    rows = sorted(book.readiness, key=lambda row: (row.site, row.product or "", row.date))
    power = {}
    for site, of_site in groupby(rows, key=lambda row: row.site):
        limits: dict[str | None, Ints] = {}
        for product, levels in groupby(of_site, key=lambda row: row.product):
            known = [(row.date.toordinal(), row.units) for row in levels]
            limits[product] = _level_on(days, *zip(*known, strict=True))
        together = limits.pop(None, None)
        products = {product: limit for product, limit in limits.items() if product is not None}
        power[site] = SitePower(MappingProxyType(products), together)
    return MappingProxyType(power)


def share_power(units: Ints, product: Ints, names: tuple[str, ...], power: SitePower) -> Ints:
    """Return which of `units` have power: each row takes what the rows before it leave.

    `units` is `(rows, days)`; `product` says each row's position in `names`. Rows of negative units
    (moved out of what orders brought) leave room for others and come first.
    """
    active = units.copy()
    for position in np.unique(product):
        limit = power.of(names[position])
        if limit is not None:
            rows = product == position
            active[rows] = _first_come(active[rows], limit)
    return active if power.together is None else _first_come(active, power.together)


def _first_come(units: Ints, limit: Ints) -> Ints:
    """Cut the sum over the rows down to `limit` `(days,)`, from the last row up."""
    taken = np.minimum(np.cumsum(units, axis=0), limit)
    taken[1:] -= taken[:-1].copy()
    return taken


def _level_on(days: Ints, dates: tuple[int, ...], units: tuple[int, ...]) -> Ints:
    """Return the level on each day: 0 before the first date, then what the last date says."""
    levels = np.array([0, *units], dtype=np.int64)
    return levels[np.searchsorted(np.array(dates, dtype=np.int64), days, side="right")]
