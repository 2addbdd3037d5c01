"""The master programme: which mix of the blocks' plans costs least under the limits they share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earmark.pricing.solvers import silent_solver
from earmark.schedule import Ints

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A plan of one block: what it costs and (links x T) what it draws from each on each day."""

    block: int
    cost: int
    used: Ints
    granted: Ints
    """(k, T) units granted on each day."""


class Master:
    """A linear programme of HiGHS that grows by columns: one row per link and day, and per block.

    Room that is not used on a day waits for the next: so plans have entries on the days of their
    grants alone, and a row's price is what a unit of room from that day on is worth.
    """

    def __init__(self, room: Ints, blocks: int, unit: float) -> None:
        import highspy

        self.room, self.unit = room, unit
        self.columns: list[Column] = []
        self.known: set[tuple[int, int, bytes]] = set()
        self.solver = silent_solver()
        self.solver.setOptionValue("solver", "simplex")
        self.infinity = highspy.kHighsInf
        self.optimal = highspy.HighsModelStatus.kOptimal
        nothing = np.array([], np.int32), np.array([], np.float64)
        links, days = room.shape
        for cell in np.diff(room, axis=1, prepend=0).ravel():
            self.solver.addRow(float(cell), float(cell), 0, *nothing)
        for _ in range(blocks):
            self.solver.addRow(1.0, 1.0, 0, *nothing)
        for link in range(links):
            for day in range(days):
                row = link * days + day
                ends = [row, row + 1][: days - day]
                self.solver.addCol(
                    0.0, 0.0, self.infinity, len(ends), np.array(ends, np.int32),
                    np.array([1.0, -1.0][: len(ends)]),
                )  # fmt: skip

    def add(self, columns: Sequence[Column]) -> int:
        """Let the mix choose more plans; return how many were not among its plans before."""
        keys = [(column.block, column.cost, column.used.tobytes()) for column in columns]
        columns = [c for c, key in zip(columns, keys, strict=True) if key not in self.known]
        self.known.update(keys)
        if not columns:
            return 0
        start, index, value = [], [], []
        size = 0
        for column in columns:
            some = np.flatnonzero(column.used)
            start.append(size)
            index.append(np.append(some, self.room.size + column.block))
            value.append(np.append(column.used[some], 1.0))
            size += len(some) + 1
        count = len(columns)
        self.columns += columns
        self.solver.addCols(
            count,
            np.array([column.cost / self.unit for column in columns]),
            np.zeros(count),
            np.full(count, self.infinity),
            size,
            np.array(start, np.int32),
            np.concatenate(index).astype(np.int32),
            np.concatenate(value).astype(np.float64),
        )
        return count

    def solve(self) -> tuple[float, Reals]:
        """Return the least cost of a mix, and (links, T) the worth of room from each day on."""
        self.solver.run()
        assert self.solver.getModelStatus() == self.optimal
        solution = self.solver.getSolution()
        price = -np.array(solution.row_dual[: self.room.size]) * self.unit
        falling = np.maximum.accumulate(price.reshape(self.room.shape)[:, ::-1], axis=1)[:, ::-1]
        cost = self.solver.getInfo().objective_function_value * self.unit
        return cost, np.maximum(falling, 0)

    def mix(self) -> Reals:
        """Return the share of each column in the mix."""
        return np.array(self.solver.getSolution().col_value)[self.room.size :]
