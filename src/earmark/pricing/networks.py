"""The network of a block: room of one limit, handed on from day to day, to classes on chains.

Room and demand wait on chains of days: room goes forward, what is granted late goes back to the day
it was due at its class's weight per day. So a class needs three arcs a day, not one for each order
and day, and the flow is exact for delay that costs the same each day.
"""

from dataclasses import dataclass

import numpy as np

from earmark.pricing.market import Market
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """Classes of one block: weights (k,) per unit-day, and cumulative demand (k, T) by day."""

    days: Ints
    end: int
    weight: Ints
    demand: Ints


def chains_of(market: Market, classes: Ints) -> Chains:
    """Return the chains of some classes of the market."""
    return Chains(market.days, market.end, market.weight[classes], market.demand[classes])


def pooled(chains: Chains) -> Chains:
    """Return the chains with those of one weight together."""
    weight, alike = np.unique(chains.weight, return_inverse=True)
    demand = np.zeros((len(weight), chains.demand.shape[1]), np.int64)
    np.add.at(demand, alike.reshape(-1), chains.demand)
    return Chains(chains.days, chains.end, weight, demand)


class BlockNetwork:
    """A minimum-cost flow over the classes of one block, solved again for every set of prices."""

    def __init__(self, chains: Chains, room: Ints, scale: int) -> None:
        import pylmcf

        self.scale = scale
        self.shape = count, days = chains.demand.shape
        demand = np.diff(chains.demand, axis=1, prepend=0)
        arrives = np.diff(room, prepend=0)
        step = np.diff(chains.days)
        day = np.arange(days)
        cls, when = (a.ravel() for a in np.meshgrid(np.arange(count), day, indexing="ij"))
        wait = days + cls * days + when
        late = when > 0
        unserved, rest = days + count * days, days + count * days + 1
        last = days + np.arange(count) * days + days - 1
        weight = chains.weight
        tail = np.concatenate(
            [day[:-1], when, wait[late], np.full(count, unserved), [days - 1, unserved]]
        )
        head = np.concatenate([day[1:], wait, wait[late] - 1, last, [rest, rest]])
        back = weight[cls[late]] * step[when[late] - 1]
        none = weight * (chains.end - chains.days[-1])
        cost = np.concatenate([np.zeros(days - 1 + len(when)), back, none, [0, 0]])
        total = int(demand.sum())
        supply = np.concatenate([arrives, -demand.ravel(), [total, -int(arrives.sum())]])
        rank = np.lexsort((head, tail))
        place = np.empty(len(rank), np.int64)
        place[rank] = np.arange(len(rank))
        self.grants = place[days - 1 : days - 1 + len(when)]
        self.cost = np.rint(cost).astype(np.int64)[rank]
        room_of_arcs = np.full(len(rank), total + int(arrives.sum()), np.int64)
        self.graph = pylmcf.Graph(rest + 1, tail[rank], head[rank])
        self.graph.set_node_supply(supply.astype(np.int64))
        self.graph.set_edge_capacities(room_of_arcs)

    def solve(self, prices: Ints) -> tuple[int, int, Ints]:
        """Return cost with prices (scaled), cost without, and (k, T) units granted on each day.

        `prices` (k, T) are what a unit granted on that day costs more, scaled.
        """
        cost = self.cost * self.scale
        cost[self.grants] += prices.ravel()
        self.graph.set_edge_costs(cost)
        self.graph.solve()
        flow = self.graph.result()
        granted: Ints = flow[self.grants].reshape(self.shape)
        return int(flow @ cost), int(flow @ self.cost), granted

    def room_prices(self) -> Ints:
        """Return (T,) what one more unit of room from each day on saves, scaled, as last solved."""
        potential = self.graph.potentials()
        price = np.abs(potential[: self.shape[1]] - potential[-1])
        falling: Ints = np.maximum.accumulate(price[::-1])[::-1]
        return falling
