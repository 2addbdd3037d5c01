"""What a comparison comes to over several readings: from the lowest to the highest figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from earmark.compare import Comparison, Pair, PartyChange

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Bounds(Generic[N]):
    """The lowest and the highest of some figures."""

    low: N
    high: N


@dataclass(frozen=True, slots=True)
class Reading:
    """A comparison under one assumption, laid under both sides; None: as the book stands."""

    label: str | None
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class PartyRange:
    """The bounds of what changes for one party, or for all together."""

    active_unit_days_lost: Bounds[int]
    received_unit_days: Pair[Bounds[int]]
    active_unit_days: Pair[Bounds[int]]
    idle_unit_days: Pair[Bounds[int]]
    late_unit_days: Pair[Bounds[int]]
    unserved_unit_days: Pair[Bounds[int]]
    mean_shift_days: Bounds[float] | None
    """None where no reading has one."""


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds over several readings, of each party and of the totals."""

    parties: Mapping[str, PartyRange]
    totals: PartyRange


def range_over(readings: Sequence[Reading]) -> Range:
    """Return the bounds over at least one reading; a party that is not in one has 0 there."""
    changes: dict[str, list[PartyChange]] = {}
    for reading in readings:
        for change in reading.comparison.parties:
            assert change.party is not None
            changes.setdefault(change.party, []).append(change)
    return Range(
        MappingProxyType(
            {party: _bounds(changes[party], len(readings)) for party in sorted(changes)}
        ),
        _bounds([reading.comparison.totals for reading in readings], len(readings)),
    )


def _bounds(changes: Sequence[PartyChange], readings: int) -> PartyRange:
    absent = [0] * (readings - len(changes))

    def both(name: str) -> Pair[Bounds[int]]:
        pairs = [getattr(change, name) for change in changes]
        return Pair(
            _extent([pair.a for pair in pairs] + absent),
            _extent([pair.b for pair in pairs] + absent),
        )

    shifts = [change.mean_shift_days for change in changes if change.mean_shift_days is not None]
    return PartyRange(
        _extent([change.active_unit_days_lost for change in changes] + absent),
        both("received_unit_days"),
        both("active_unit_days"),
        both("idle_unit_days"),
        both("late_unit_days"),
        both("unserved_unit_days"),
        _extent(shifts) if shifts else None,
    )


def _extent(figures: Sequence[N]) -> Bounds[N]:
    return Bounds(min(figures), max(figures))
