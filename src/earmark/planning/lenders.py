"""From a policy's quotas to who may lend to whom: a tree of groups and parties per product."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np

from earmark.planning.lending import Lending
from earmark.policy import PERCENT, Borrow, Policy
from earmark.schedule import Ints

NO_RANK = 1 << 30
"""Who does not borrow lends before all who do."""

Levels = Callable[[str, int], Ints]
"""Name of a party or group and product to (T,) what it may be given."""


def trees_of(
    policy: Policy,
    group_of: Mapping[str, str],
    parties: Mapping[int, Collection[str]],
    node_of: Mapping[tuple[str, int], int],
    roots: Sequence[int],
    quota: Levels,
    ceiling: Levels,
    supply: Mapping[int, Ints],
) -> Iterator[Lending]:
    """Yield the quotas of each product, but for those of what remains.

    `parties` are those that ordered each product, `node_of` the nodes of quotas by name and
    product, `roots` those of the free supply of products, `supply` (T,) all that has come of each.
    """
    whole = policy.quota_of != "remaining"
    names = tuple(name for name, q in sorted(policy.quotas.items()) if whole or q.bottom is None)
    if not names:
        return
    groups = set(group_of.values())
    place = {name: row for row, name in enumerate(names)}
    family = [_family(name, groups, group_of) for name in names]
    rules = [policy.borrow.get(name, Borrow()) for name in names]
    rank = np.array([rule.rank or 0 for rule in rules], np.int64)
    lenders = np.argsort(-np.where(rank > 0, rank, NO_RANK), kind="stable")

    def rows_of(wanted: str | None) -> Ints:
        return np.array([row for row in lenders.tolist() if family[row] == wanted], np.int64)

    inner = tuple(rows_of(group) for group in sorted({*filter(None, family)}))
    parent = np.array([place.get(group or "", -1) for group in family], np.int64)
    for product, ordering in sorted(parties.items()):
        level = np.stack([quota(name, product) for name in names])
        free = [PERCENT - rule.protect for rule in rules]
        heads = {group_of.get(party, party) for party in ordering}
        yield Lending(
            name=names,
            product=product,
            supply=supply[product],
            node=np.array([node_of.get((name, product), -1) for name in names], np.int64),
            quota=level,
            free=level * np.array(free)[:, None] // PERCENT,
            ceiling=np.stack([ceiling(name, product) for name in names]),
            rank=rank,
            parent=parent,
            inner=inner,
            top=rows_of(None),
            root=roots[product],
            complete=heads <= {names[row] for row in rows_of(None).tolist()},
        )


def _family(name: str, groups: Collection[str], group_of: Mapping[str, str]) -> str | None:
    """Return the group whose quota a party's is part of, None for groups and lone parties."""
    return None if name in groups else group_of.get(name)
