"""Dantzig-Wolfe: blocks plan alone at prices for what they share; a master programme sets these.

Dantzig and Wolfe (1960), Decomposition Principle for Linear Programs. Between rounds prices move
part of the way from the best so far to the master's (smoothing: Wentges 1997).
"""

from dataclasses import dataclass

import numpy as np

from earmark.pricing.market import Market
from earmark.pricing.master import Column, Master, Reals
from earmark.pricing.networks import BlockNetwork
from earmark.schedule import Ints

MOST_ROUNDS = 200
CLOSE = 1e-9
"""The relative gap at which to stop."""
LARGEST = 2**60
FINEST = 2**20
"""Prices are whole numbers of such parts of a weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The cheapest mix of plans, parts of units allowed, and the prices that prove it."""

    held: Reals
    """(K, T) cumulative units."""
    prices: Reals
    """(N, T) what each limit is worth just then, in whole weights per unit."""
    rounds: int


def solve(market: Market) -> Solution:
    """Return the cheapest plan in parts of units, and the prices of every limit."""
    if not len(market.weight):
        return Solution(np.zeros(market.demand.shape), np.zeros(market.room.shape), 0)
    return _Decomposition(market).solve()


class _Decomposition:
    def __init__(self, market: Market) -> None:
        self.market = market
        self.scale = _scale(market)
        link = market.link
        self.links = np.unique(link[link >= 0])
        at = np.full(len(market.room) + 1, -1)
        at[self.links] = np.arange(len(self.links))
        self.link = at[link]
        block = np.where(market.own >= 0, market.own, len(market.room) + np.arange(len(link)))
        order = np.argsort(block, kind="stable")
        firsts = np.flatnonzero(np.diff(block[order], prepend=-1))
        self.blocks = [
            BlockNetwork(market, classes, self._room(classes), self.scale)
            for classes in np.split(order, firsts[1:])
        ]
        self.room = market.room[self.links]

    def solve(self) -> Solution:
        price = self._first_prices()
        rounds, columns = 0, self._plans(price)[1]
        if not len(self.links):
            return self._solution(columns, np.ones(len(columns)), price, rounds)
        empty = [self._nothing(i) for i in range(len(self.blocks))]
        master = Master(self.room, len(self.blocks), max(1.0, self._sum(empty) / 1e3))
        master.add(empty)
        best, bound, pull = price, -np.inf, 0.5
        while True:
            rounds += 1
            cost, columns = self._plans(price)
            lower = (cost - self._worth(price)) / self.scale
            better = lower > bound
            if better:
                best, bound = price, lower
            new = master.add(columns)
            upper, exact = master.solve()
            gap = (upper - bound) / max(upper, 1.0)
            if gap <= CLOSE or rounds >= MOST_ROUNDS or (not new and pull == 0.0):
                break
            # Smoothing finds good prices early; the master's own end the search for certain.
            pull = 0.0 if not better else 0.5 if gap > 1e-3 else 0.2
            target = self._whole(exact)
            price = self._falling(np.rint(pull * best + (1 - pull) * target))
        return self._solution(master.columns, master.mix(), best, rounds)

    def _room(self, classes: Ints) -> Ints:
        own = self.market.own[classes[0]]
        if own >= 0:
            return self.market.room[own]
        every: Ints = self.market.demand[classes, -1].sum()
        return np.full(len(self.market.days), every)

    def _first_prices(self) -> Ints:
        """Return what links were worth if each were the only limit: of supply, a good guess."""
        price = np.zeros((len(self.links), len(self.market.days)), np.int64)
        for i, node in enumerate(self.links):
            under = np.flatnonzero((self.market.path == node).any(axis=1))
            if (self.market.path[under, -1] == node).all():
                pooled = BlockNetwork(self.market, under, self.market.room[node], self.scale)
                pooled.solve(np.zeros(pooled.shape, np.int64))
                price[i] = pooled.room_prices()
        return price

    def _plans(self, price: Ints) -> tuple[int, list[Column]]:
        """Return the cost at prices (scaled) of the best plan of every block, and these plans."""
        total, columns = 0, []
        none = np.zeros((1, price.shape[1]), np.int64)
        tolls = np.concatenate([price, none])
        for i, block in enumerate(self.blocks):
            toll = tolls[self.link[block.classes]].sum(axis=1)
            with_prices, cost, granted = block.solve(toll)
            total += with_prices
            columns.append(Column(i, cost, self._used(block.classes, granted), granted))
        return total, columns

    def _used(self, classes: Ints, granted: Ints) -> Ints:
        used = np.zeros((len(self.links) + 1, granted.shape[1]), np.int64)
        for column in self.link[classes].T:
            np.add.at(used, column, granted)
        return used[:-1].cumsum(axis=1).ravel()

    def _nothing(self, i: int) -> Column:
        market, block = self.market, self.blocks[i]
        none = np.zeros(block.shape, np.int64)
        short = market.demand[block.classes] @ market.lengths
        cost = sum(
            int(w) * int(s) for w, s in zip(market.weight[block.classes], short, strict=True)
        )
        return Column(i, cost, self._used(block.classes, none), none)

    @staticmethod
    def _sum(columns: list[Column]) -> float:
        return float(sum(column.cost for column in columns)) / len(columns)

    def _worth(self, price: Ints) -> int:
        """Return what all room of the links is worth at prices, scaled."""
        held = price - np.append(price[:, 1:], np.zeros((len(price), 1), np.int64), axis=1)
        return sum(int(h) * int(r) for h, r in zip(held.ravel(), self.room.ravel(), strict=True))

    def _whole(self, held: Reals) -> Reals:
        return np.cumsum(held[:, ::-1], axis=1)[:, ::-1] * self.scale

    @staticmethod
    def _falling(price: Reals) -> Ints:
        falling: Ints = np.maximum.accumulate(price[:, ::-1], axis=1)[:, ::-1].astype(np.int64)
        return falling

    def _solution(
        self, columns: list[Column], mix: Reals, price: Ints, rounds: int
    ) -> Solution:
        market = self.market
        held = np.zeros(market.demand.shape)
        for share, column in zip(mix, columns, strict=True):
            if share > CLOSE:
                classes = self.blocks[column.block].classes
                held[classes] += share * column.granted.cumsum(axis=1)
        unit = np.zeros(market.room.shape)
        unit[self.links] = price
        self._plans(price)  # at the best prices, which need not be the last
        for block in self.blocks:
            own = market.own[block.classes[0]]
            if own >= 0:
                unit[own] = block.room_prices()
        prices = -np.diff(unit / self.scale, axis=1, append=0)
        return Solution(held, np.maximum(prices, 0), rounds)


def _scale(market: Market) -> int:
    """Return into how many parts prices may divide a weight, sums within 64 bits."""
    span = int(market.end - market.days[0])
    units = int(market.demand[:, -1].sum()) + int(market.room[:, -1].sum())
    most = int(market.weight.max()) * span * max(units, 1)
    parts = min(FINEST, LARGEST // max(most, 1))
    return 1 << max(0, parts.bit_length() - 1)
