"""Quotas that are lent, from docs/quotas.md alone: every unit given is one of somebody's quota.

`fits` looks for an owner of each by a maximum flow, written out; `plans` tries every whole plan of
a tiny book.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations_with_replacement, product

from earmark.book import Book
from earmark.policy import PERCENT, Borrow, Policy

Arc = tuple[str, str]


def fits(book: Book, policy: Policy, held: Mapping[str, int], arrived: int) -> bool:
    """Tell whether parties may hold so many units on a day on which so many have come."""
    room: dict[Arc, int] = defaultdict(int)
    quota = {
        name: q.top if q.bottom is None else arrived * q.top // q.bottom
        for name, q in policy.quotas.items()
    }
    rules = {name: policy.borrow.get(name, Borrow()) for name in quota}
    free = {n: quota[n] * (PERCENT - rules[n].protect) // PERCENT for n in quota}
    group_of, endless = book.group_of, 10**9
    for name, whole in quota.items():
        members = [n for n in quota if group_of.get(n) == name]
        room[f"units {name}", "sink"] = whole - sum(quota[n] for n in members)
        # What a group lends goes through its gate: its own units, and its parties'.
        room[f"gate {name}", f"units {name}"] = free[name]
        room["market", f"gate {name}"] = free[name]
        for member in members:
            room[f"gate {name}", f"lent {member}"] = free[name]
        room[f"lent {name}", f"units {name}"] = free[name]
    for party, units in held.items():
        room["source", party] = units
        group = group_of.get(party)
        if party not in quota and group not in quota:
            room[party, "sink"] = endless
            continue
        if party in quota:
            room[party, f"units {party}"] = endless
        may = party not in quota or rules[party].rank is not None
        if may and group in quota:
            room[party, f"units {group}"] = endless
        if may and group is not None:
            for sibling in quota:
                if group_of.get(sibling) == group and sibling != party:
                    room[party, f"lent {sibling}"] = endless
        head = group if group is not None else party
        if may and head in quota and rules[head].rank is not None:
            for other in quota:
                if other not in group_of and other != head:
                    room[party, f"out {head}"] = endless
                    room[f"out {head}", f"gate {other}"] = endless
    for name in [n for n in quota if n not in group_of]:
        # A gate lets no more through than the holder may lend.
        members = [n for n in quota if group_of.get(n) == name]
        targets = [f"units {name}", *(f"lent {n}" for n in members)]
        for target in targets:
            room[f"gate {name} open", target] = room.pop((f"gate {name}", target), 0)
        room[f"gate {name}", f"gate {name} open"] = free[name]
    return _flow(room) == sum(held.values())


def _flow(room: dict[Arc, int]) -> int:
    """Return the most that flows from source to sink."""
    room = defaultdict(int, {arc: units for arc, units in room.items() if units > 0})
    after: dict[str, set[str]] = defaultdict(set)
    for a, b in list(room):
        after[a].add(b)
        after[b].add(a)
    total = 0
    while True:
        back: dict[str, str] = {"source": ""}
        queue = deque(["source"])
        while queue and "sink" not in back:
            a = queue.popleft()
            for b in sorted(after[a]):
                if b not in back and room[a, b] > 0:
                    back[b] = a
                    queue.append(b)
        if "sink" not in back:
            return total
        steps, at = [], "sink"
        while at != "source":
            steps.append((back[at], at))
            at = back[at]
        units = min(room[step] for step in steps)
        for a, b in steps:
            room[a, b] -= units
            room[b, a] += units
        total += units


def plans(book: Book, policy: Policy) -> Iterator[dict[str, tuple[int, ...]]]:
    """Yield every whole plan of a book without sites, pegs, promises and tiers, by order and day.

    Days are those on which supply comes or orders are due.
    """
    days = days_of(book)
    paths = []
    for order in book.orders:
        before = sum(day < order.due for day in days)
        later = combinations_with_replacement(range(order.quantity + 1), len(days) - before)
        paths.append([((0,) * before) + path for path in later])
    arrived = [sum(lot.quantity for lot in book.lots if lot.date <= day) for day in days]
    orders = list(book.orders)
    known: dict[tuple[int, tuple[int, ...]], bool] = {}
    for some in product(*paths):
        if all(_fits(book, policy, orders, some, i, arrived, known) for i in range(len(days))):
            yield {order.order: path for order, path in zip(orders, some, strict=True)}


def _fits(book, policy, orders, some, i, arrived, known):  # type: ignore[no-untyped-def]
    units = tuple(path[i] for path in some)
    if sum(units) > arrived[i]:
        return False
    if (i, units) not in known:
        held: dict[str, int] = defaultdict(int)
        for order, n in zip(orders, units, strict=True):
            held[order.party] += n
        known[i, units] = fits(book, policy, held, arrived[i])
    return known[i, units]


def days_of(book: Book) -> list[date]:
    """Return the days on which anything can change, the first of the book among them."""
    days = {book.start, *(lot.date for lot in book.lots), *(o.due for o in book.orders)}
    return sorted(day for day in days if day < book.end)


def unit_days(book: Book, plan: Mapping[str, tuple[int, ...]]) -> int:
    """Return the unit-days in use of a plan."""
    days = days_of(book)
    ends = [*days[1:], book.end]
    lengths = [(b - a).days for a, b in zip(days, ends, strict=True)]
    return sum(
        n * length for path in plan.values() for n, length in zip(path, lengths, strict=True)
    )
