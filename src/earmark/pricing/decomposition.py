"""Dantzig-Wolfe: blocks plan alone at prices for what they share; a master programme sets these.

Dantzig and Wolfe (1960), Decomposition Principle for Linear Programs. Between rounds prices move
part of the way from the best so far to the master's (smoothing: Pessoa
and others 2018, Automation and Combination of Linear-Programming Based Stabilization).
"""

from dataclasses import dataclass

import numpy as np

from earmark.pricing.market import Market
from earmark.pricing.master import Column, Master, Reals
from earmark.pricing.networks import BlockNetwork, chains_of, pooled
from earmark.schedule import Ints

MOST_ROUNDS = 200
PULL = 0.8
"""How much of the best prices so far stays in the next ones, at first."""
STARTS = (0.5, 0.8, 1.25)
"""Parts of the first prices at which blocks plan before the master first chooses."""
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
        self.classes = np.split(order, firsts[1:])
        self.blocks = [
            BlockNetwork(chains_of(market, classes), self._room(classes), self.scale)
            for classes in self.classes
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
        for part in STARTS:
            master.add(self._plans(np.rint(price * part).astype(np.int64))[1])
        best, bound, pull, out = price, -np.inf, PULL, price
        while True:
            rounds += 1
            cost, columns = self._plans(price)
            lower = (cost - self._worth(price)) / self.scale
            better = lower > bound
            onward = self._onward(columns, best, out)
            if better:
                best, bound = price, lower
            new = master.add(columns)
            upper, exact = master.solve()
            gap = (upper - bound) / max(upper, 1.0)
            if gap <= CLOSE or rounds >= MOST_ROUNDS or (not new and pull == 0.0):
                break
            # Smoothing finds good prices early; the master's own end the search for certain.
            pull = max(0.0, pull - 0.1) if onward else pull + 0.1 * (1 - pull)
            if not new:
                pull = 0.0
            out = np.rint(exact * self.scale).astype(np.int64)
            price = self._falling(np.rint(pull * best + (1 - pull) * out))
        return self._solution(master.columns, master.mix(), best, rounds)

    def _onward(self, columns: list[Column], best: Ints, out: Ints) -> bool:
        """Tell whether the bound still rises at these plans' prices, from the best towards out."""
        drawn = np.sum([column.used for column in columns], axis=0).reshape(self.room.shape)
        used = drawn.cumsum(axis=1)
        steps = -np.diff((out - best).astype(np.float64), axis=1, append=0)
        return float((steps * (used - self.room)).sum()) > 0

    def _room(self, classes: Ints) -> Ints:
        own = self.market.own[classes[0]]
        if own >= 0:
            room: Ints = self.market.room[own]
            return room
        every = int(self.market.demand[classes, -1].sum())
        return np.full(len(self.market.days), every, np.int64)

    def _first_prices(self) -> Ints:
        """Return what links were worth if each were the only limit: of supply, a good guess."""
        price = np.zeros((len(self.links), len(self.market.days)), np.int64)
        for i, node in enumerate(self.links):
            under = np.flatnonzero((self.market.path == node).any(axis=1))
            if (self.market.path[under, -1] == node).all():
                chains = pooled(chains_of(self.market, under))
                network = BlockNetwork(chains, self.market.room[node], self.scale)
                network.solve(np.zeros(network.shape, np.int64))
                price[i] = network.room_prices()
        return price

    def _plans(self, price: Ints) -> tuple[int, list[Column]]:
        """Return the cost at prices (scaled) of the best plan of every block, and these plans."""
        total, columns = 0, []
        none = np.zeros((1, price.shape[1]), np.int64)
        tolls = np.concatenate([price, none])
        for i, (classes, block) in enumerate(zip(self.classes, self.blocks, strict=True)):
            with_prices, cost, granted = block.solve(tolls[self.link[classes]].sum(axis=1))
            total += with_prices
            columns.append(Column(i, cost, self._used(classes, granted), granted))
        return total, columns

    def _used(self, classes: Ints, granted: Ints) -> Ints:
        used = np.zeros((len(self.links) + 1, granted.shape[1]), np.int64)
        for column in self.link[classes].T:
            np.add.at(used, column, granted)
        return used[:-1].ravel()

    def _nothing(self, i: int) -> Column:
        market, classes = self.market, self.classes[i]
        none = np.zeros(self.blocks[i].shape, np.int64)
        short = market.demand[classes] @ market.lengths
        cost = sum(int(w) * int(s) for w, s in zip(market.weight[classes], short, strict=True))
        return Column(i, cost, self._used(classes, none), none)

    @staticmethod
    def _sum(columns: list[Column]) -> float:
        return float(sum(column.cost for column in columns)) / len(columns)

    def _worth(self, price: Ints) -> int:
        """Return what all room of the links is worth at prices, scaled."""
        held = price - np.append(price[:, 1:], np.zeros((len(price), 1), np.int64), axis=1)
        return sum(int(h) * int(r) for h, r in zip(held.ravel(), self.room.ravel(), strict=True))

    @staticmethod
    def _falling(price: Reals) -> Ints:
        falling: Ints = np.maximum.accumulate(price[:, ::-1], axis=1)[:, ::-1].astype(np.int64)
        return falling

    def _solution(self, columns: list[Column], mix: Reals, price: Ints, rounds: int) -> Solution:
        market = self.market
        held = np.zeros(market.demand.shape)
        for share, column in zip(mix, columns, strict=True):
            if share > CLOSE:
                held[self.classes[column.block]] += share * column.granted.cumsum(axis=1)
        unit = np.zeros(market.room.shape)
        unit[self.links] = price
        self._plans(price)  # at the best prices, which need not be the last
        for classes, block in zip(self.classes, self.blocks, strict=True):
            own = market.own[classes[0]]
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
