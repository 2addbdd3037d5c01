"""Shares of parties under a rule, with memory, where each short site serves one party.

Three passes over the days: shares as real numbers by water-filling down the tree of claimants
(product, group, party); whole units by earliest deadline; the units of a party to its classes,
those due first before the others. Sites that several parties share are `routing`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from earmark.planning.claims import Claims, Rule, max_min
from earmark.planning.due_first import to_classes
from earmark.planning.levels import (
    Reals,
    deadlines,
    fill,
    real_sums,
    round_up_some,
    settled,
)
from earmark.planning.problem import ROOT
from earmark.planning.stretches import shares_by_weight, whole_units
from earmark.schedule import Bools, Ints
from earmark.sums import sum_rows


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of the plan: its classes, their demand and the room that better stages leave.

    All amounts are in the unit of account (a GPU, or a lot with `round = "lot"`).
    """

    party: Ints
    """(k,) party of each class, sorted with product and site."""
    product: Ints
    demand: Ints
    """(k, T) cumulative; never falls."""
    path: Ints
    """(k, 5) rows of `room` by slot, -1 where the node cannot bind."""
    room: Ints
    """(n, T) what each node can give for good; never falls."""


@dataclass(frozen=True, slots=True, eq=False)
class Claimants:
    """Who shares: parties per product, and above them the groups that the policy weighs."""

    party_of: Ints
    """(k,) claimant of each class."""
    claims: Claims
    """(p,) and (p, T)"""
    top_of: Ints
    """(p,) the weighed group, or the claimant itself, that shares in the product's supply."""
    top_claims: Claims
    """(tops,) and (tops, T): a group claims what its parties claim."""
    root: Ints
    """(tops,) row of room that holds the product's free supply, -1 where it cannot bind."""
    ceiling: Ints
    """(p,) row of room of the party's own ceiling, -1."""
    group_ceiling: Ints
    """(p,) row of room of its group's ceiling, -1."""
    weighed: Bools
    """(tops,) whether the top is a group named in the weights."""

    @property
    def plain(self) -> bool:
        """Whether weights alone divide each supply: no other rule, group or firm units."""
        claims = self.top_claims
        return (
            claims.rule is max_min
            and self.one_by_one
            and not (self.group_ceiling >= 0).any()
            and np.array_equal(self.top_of, np.arange(len(self.root)))
            and not claims.firm.any()
        )

    @property
    def one_by_one(self) -> bool:
        """Whether every claimant shares for itself, in no group that the weights name."""
        return not self.weighed.any()


@dataclass(frozen=True, slots=True, eq=False)
class Firm:
    """Units that count as held in shares without being the stage's to give."""

    party: Ints
    """(f,)"""
    product: Ints
    due: Reals
    """(f, T) what is claimed of them by the day, in the unit of account."""
    held: Reals
    """(f, T) what is given of them by the day, at most what is due."""


def claimants(
    stage: Stage,
    names: tuple[str, ...],
    groups: tuple[str | None, ...],
    weights: Mapping[str, Decimal],
    rule: Rule,
    firm: Firm,
) -> Claimants:
    """Return who shares in a stage, and by which rule; `names` and `groups` are by party."""
    products = int(stage.product.max()) + 1
    codes, first, party_of = np.unique(
        stage.party * products + stage.product, return_index=True, return_inverse=True
    )
    pairs = np.stack(np.divmod(codes, products))
    tops: dict[_Top, int] = {}

    def top(party: int, product: int) -> _Top:
        group = groups[party]
        weighed = group is not None and group in weights
        return weighed, group if weighed and group else names[party], product

    top_of = np.array([tops.setdefault(top(*pair), len(tops)) for pair in pairs.T.tolist()])
    claims = Claims(
        rule=rule,
        weight=_weights(weights, (names[party] for party in pairs[0].tolist())),
        due=sum_rows(party_of, stage.demand, pairs.shape[1]).astype(np.float64),
        firm=np.zeros((pairs.shape[1], stage.demand.shape[1])),
    )
    top_claims = Claims(
        rule=rule,
        weight=_weights(weights, (name for _, name, _ in tops)),
        due=sum_rows(top_of, claims.due, len(tops)),
        firm=np.zeros((len(tops), stage.demand.shape[1])),
    )
    place = {pair: p for p, pair in enumerate(map(tuple, pairs.T.tolist()))}
    firm_pairs = list(zip(firm.party.tolist(), firm.product.tolist(), strict=True))
    _count(claims, firm, [place.get(pair, -1) for pair in firm_pairs])
    _count(top_claims, firm, [tops.get(top(*pair), -1) for pair in firm_pairs])
    example = first[np.unique(top_of, return_index=True)[1]]
    return Claimants(
        party_of=party_of,
        claims=claims,
        top_of=top_of,
        top_claims=top_claims,
        root=stage.path[example, ROOT],
        ceiling=stage.path[first, 2],
        group_ceiling=stage.path[first, 3],
        weighed=np.array([key[0] for key in tops], np.bool_),
    )


_Top = tuple[bool, str, int]
"""Whether it is a weighed group, the name of the group or party, the product."""


def _weights(weights: Mapping[str, Decimal], names: Iterable[str]) -> Reals:
    return np.array([float(weights.get(name, 1)) for name in names], np.float64)


def _count(claims: Claims, firm: Firm, place: Sequence[int]) -> None:
    """Add firm units to the claims at `place`, -1 for none."""
    at = np.array(place, np.int64)
    some = at >= 0
    np.add.at(claims.due, at[some], firm.due[some])
    np.add.at(claims.firm, at[some], firm.held[some])


def share_apart(stage: Stage, who: Claimants) -> Ints:
    """Return (k, T) cumulative whole grants where every binding site serves one class."""
    most = _most(stage)
    high = sum_rows(who.party_of, most, len(who.ceiling))
    capped = who.ceiling >= 0
    high[capped] = np.minimum(high[capped], stage.room[who.ceiling[capped]])
    shares, tops = _share_path(high.astype(np.float64), stage.room, who)
    return to_classes(most, stage.demand, who.party_of, whole_path(shares, tops, stage.room, who))


def _most(stage: Stage) -> Ints:
    """Return (k, T): what each class could have if it were alone with its sites."""
    most = stage.demand.copy()
    for slot in (0, 1):
        limited = stage.path[:, slot] >= 0
        most[limited] = np.minimum(most[limited], stage.room[stage.path[limited, slot]])
    return most


def _share_path(high: Reals, room: Ints, who: Claimants) -> tuple[Reals, Reals]:
    """Return real shares of parties (p, T) and of tops (tops, T), each day given the day before."""
    shares = high.copy()
    if who.plain:
        for root in np.unique(who.root[who.root >= 0]).tolist():
            mine = np.flatnonzero(who.root == root)
            weight, pool = who.top_claims.weight[mine], room[root].astype(np.float64)
            shares[mine] = shares_by_weight(high[mine], weight, pool)
        return shares, shares  # every party is a top of its own
    for day in _short_days(high, room, who).tolist():
        low = shares[:, day - 1] if day else np.zeros(len(high))
        shares[:, day] = _share_day(low, high[:, day], room[:, day], who, day)
    return shares, settled(sum_rows(who.top_of, shares, len(who.root)))


def _short_days(high: Reals, room: Ints, who: Claimants) -> Ints:
    """Return the days on which somebody may have less than `high`, which never falls."""
    if (who.group_ceiling >= 0).any():
        return np.arange(high.shape[1])
    bound = who.root >= 0
    mine = bound[who.top_of]
    need = sum_rows(who.root[who.top_of[mine]], high[mine], len(room))
    return np.flatnonzero((need > room).any(axis=0))


def _share_day(low: Reals, high: Reals, room: Ints, who: Claimants, day: int) -> Reals:
    """Return one day's shares: bottom up what each set can take, top down what it gets."""
    high = np.maximum(high, low)
    under = np.flatnonzero(who.group_ceiling >= 0)
    if len(under):
        segment = who.group_ceiling[under]
        high = high.copy()
        high[under] = fill(
            low[under], high[under], who.claims.on(day).of(under), segment, room.astype(np.float64)
        )
    tops = len(who.root)
    low_top, high_top = (real_sums(who.top_of, side, tops) for side in (low, high))
    pool = np.append(room, 0).astype(np.float64)
    bound = np.flatnonzero(who.root >= 0)
    need = np.bincount(who.root[bound], high_top[bound], len(room))
    short = bound[need[who.root[bound]] > pool[who.root[bound]]]
    if not len(short):
        return high
    given = high_top.copy()
    given[short] = fill(
        low_top[short], high_top[short], who.top_claims.on(day).of(short), who.root[short], pool
    )
    if who.one_by_one:
        return settled(np.clip(given[who.top_of], low, high))
    return fill(low, high, who.claims.on(day), who.top_of, given)


def whole_path(shares: Reals, tops: Reals, room: Ints, who: Claimants) -> Ints:
    """Return whole units along a path of shares: no party is ever a whole unit from its share."""
    if (shares == np.rint(shares)).all():
        return shares.astype(np.int64)
    lone = np.where(who.weighed[who.top_of], -1, who.group_ceiling)
    top_ceiling = np.full(len(who.root), -1)
    top_ceiling[who.top_of] = lone
    # Tops share whole units within the first node that holds several of them.
    alone = len(room) + np.arange(len(who.root))
    node = np.where(who.root >= 0, who.root, np.where(top_ceiling >= 0, top_ceiling, alone))
    pools = np.unique(node, return_inverse=True)[1].reshape(-1)
    if who.one_by_one and (top_ceiling < 0).all():
        return _whole_apart(tops, pools)[who.top_of]
    due, top_due = deadlines(shares), deadlines(tops)
    whole = np.zeros(shares.shape, np.int64)
    held, held_top = whole[:, 0], np.zeros(len(who.root), np.int64)
    for day in range(shares.shape[1]):
        total = np.rint(np.bincount(pools, tops[:, day], len(who.root))).astype(np.int64)
        held_top = round_up_some(
            held_top, tops[:, day], top_due[:, day], pools, total, top_ceiling, room[:, day]
        )
        if who.one_by_one:
            whole[:, day] = held_top[who.top_of]
            continue
        held = round_up_some(
            held, shares[:, day], due[:, day], who.top_of, held_top,
            np.where(who.weighed[who.top_of], who.group_ceiling, -1), room[:, day],
        )  # fmt: skip
        whole[:, day] = held
    return whole


def _whole_apart(tops: Reals, pools: Ints) -> Ints:
    """Return whole units of shares (tops, T), each of the `pools` for itself."""
    whole = np.rint(tops).astype(np.int64)
    for pool in np.unique(pools[(tops != whole).any(axis=1)]).tolist():
        mine = np.flatnonzero(pools == pool)
        total = np.rint(tops[mine].sum(axis=0)).astype(np.int64)
        whole[mine] = whole_units(tops[mine], deadlines(tops[mine]), total)
    return whole
