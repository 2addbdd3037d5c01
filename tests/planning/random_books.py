"""Random small books as hypothesis strategies: everything that the exact engine has to weigh.

A book is drawn as rows of text and numbers, the same that a file would hold, so that it can go
through the readers as well. Moves are made valid while they are drawn: each one only touches units
that are there. `small_books` have no limits that cross; `crossing_books` have ceilings and power
shared by products.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from books import book, policy
from hypothesis import strategies as st

from earmark.book import Book
from earmark.planning.claims import RULES
from earmark.policy import PERCENT, SHARES, Policy, Quota

START = date(2024, 1, 1)
LENGTH = 40
"""Days that a book covers."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A book, the policy it is planned under, and from which day on."""

    book: Book
    policy: Policy
    as_of: date

    def __repr__(self) -> str:
        """Show the rows, as a failing example is read by people."""
        lines = [f"{self.policy}, as of {self.as_of}"]
        for name, table in self.book.tables.items():
            for i in range(len(table)):
                cells = {k: v[i] for k, v in table.columns.items() if v[i] not in (None, ())}
                cells.pop("known", None)
                texts = (f"{k}={v}" for k, v in cells.items())
                lines.append(f"  {name}: {' '.join(texts)}")
        return "\n".join(lines)


@dataclass
class _Drawn:
    """The rows drawn so far, and what the moves drawn so far have left."""

    draw: Any
    offsets: list[int]
    rows: dict[str, Any] = field(default_factory=dict)
    pegs: Counter[tuple[str, str]] = field(default_factory=Counter)
    running: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    into: Counter[str] = field(default_factory=Counter)
    """Units transferred to each order."""

    def number(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def one(self, cells: Any) -> Any:
        return self.draw(st.sampled_from(list(cells)))

    def chance(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def day(self, low: int = -9, high: int = LENGTH - 1) -> date:
        offset = self.one(self.offsets)
        return START + timedelta(days=max(low, min(high, offset)))


@st.composite
def small_books(draw: Any, *, most_orders: int = 6, most_units: int = 6) -> Case:
    """Draw a book whose limits are nested or apart: sites, supply and pegs, no ceilings."""
    drawn = _drawn(draw, most_orders, most_units)
    chosen = drawn.one(["priority", "fair", "first_come", "own"])
    rule: dict[str, Any] | None = None
    if chosen == "own":
        rule = {
            "tiers": drawn.one(["order", "one", "booked"]),
            "share": drawn.one(SHARES),
            "count_promised": drawn.chance(30),
            "weights": {
                party["party"]: Decimal(drawn.one(["0.5", "1", "2", "3"]))
                for party in drawn.rows["parties"]
                if drawn.chance(40)
            },
        }
    return _case(drawn, chosen, rule)


@st.composite
def crossing_books(draw: Any, *, round_: str = "unit", ship: str = "usable") -> Case:
    """Draw a book with ceilings, and with sites whose power is shared by products."""
    drawn = _drawn(draw, 6, 6)
    if drawn.chance(50):
        _readiness(drawn, f"s{drawn.number(1, 2)}", None)
    names = {row[key] for row in drawn.rows["parties"] for key in ("party", "group")} - {None}
    rule = {
        "ceilings": {name: drawn.number(0, 9) for name in sorted(names) if drawn.chance(50)},
        "quotas": {name: _quota(drawn) for name in sorted(names) if drawn.chance(25)},
        "tiers": drawn.one(["order", "one"]),
        "share": drawn.one(["max_min", "max_min", *RULES]),
        "count_promised": drawn.chance(20),
        "round": round_,
        "ship": ship,
    }
    return _case(drawn, "own", rule)


def _quota(drawn: _Drawn) -> Quota:
    return drawn.one([Quota(5), Quota(1, 2), Quota(300_000, PERCENT), Quota(2, 3), Quota(1, 1)])


def _case(drawn: _Drawn, chosen: str, rule: dict[str, Any] | None) -> Case:
    made = policy("own", **rule) if rule is not None else None
    whole = book(
        start=START,
        end=START + timedelta(days=LENGTH),
        policy=chosen,
        policies={"own": made} if made else {},
        **drawn.rows,
    )
    named = whole.policy_named(chosen)
    assert named is not None
    as_of = START if drawn.chance(60) else drawn.day(low=0)
    return Case(whole, named, as_of)


def _drawn(draw: Any, most_orders: int, most_units: int) -> _Drawn:
    offsets = draw(st.lists(st.integers(-9, LENGTH - 1), min_size=3, max_size=5, unique=True))
    drawn = _Drawn(draw, sorted(offsets))
    products = [f"gpu{i}" for i in range(1, 1 + drawn.one([1, 1, 1, 2]))]
    sites = [f"s{i}" for i in range(1, 1 + drawn.number(1, 3))]
    parties = [f"p{i}" for i in range(1, 1 + drawn.number(1, 4))]
    drawn.rows["parties"] = [
        {"party": party, "group": drawn.one([None, "g1", "g1", "g2"])} for party in parties
    ]
    drawn.rows["products"] = [
        {"product": product, "lot_size": drawn.one([1, 2, 3])} for product in products
    ]
    drawn.rows["sites"] = [{"site": site} for site in sites]
    for site in sites:
        if drawn.chance(85):
            for product in products:
                _readiness(drawn, site, product)
    if len(products) == 1 and drawn.chance(20):
        _readiness(drawn, drawn.one(sites), None)
    _lots(drawn, products, most_units)
    _orders(drawn, parties, products, sites, drawn.number(2, most_orders), most_units)
    _moves(drawn, parties, products, sites)
    return drawn


def _readiness(drawn: _Drawn, site: str, product: str | None) -> None:
    dates = {drawn.day() for _ in range(drawn.one([1, 2, 2, 3]))}
    rows = drawn.rows.setdefault("readiness", [])
    if any((row["site"], row["product"]) == (site, product) for row in rows):
        return
    for day in sorted(dates):
        rows.append({"site": site, "product": product, "date": day, "units": drawn.number(0, 9)})


def _lots(drawn: _Drawn, products: list[str], most_units: int) -> None:
    drawn.rows["lots"] = [
        {
            "lot": f"l{i}",
            "product": drawn.one(products),
            "date": drawn.day() if drawn.chance(95) else START + timedelta(days=LENGTH + 2),
            "quantity": drawn.one([0, 1, 2, 3, 4, 6, 8]),
            "status": "committed" if drawn.chance(95) else "forecast",
        }
        for i in range(drawn.number(2, 4))
    ]


def _orders(
    drawn: _Drawn,
    parties: list[str],
    products: list[str],
    sites: list[str],
    count: int,
    most_units: int,
) -> None:
    drawn.rows["orders"] = orders = []
    for i in range(count):
        quantity = drawn.number(1, most_units)
        orders.append(
            {
                "order": f"o{i}",
                "party": drawn.one(parties),
                "product": drawn.one(products),
                "site": drawn.one([*sites, *sites, None]),
                "quantity": quantity,
                "due": drawn.day(),
                "tier": drawn.one([1, 1, 2, 3]),
                "booked": drawn.day() if drawn.chance(60) else None,
                "promised": drawn.number(0, quantity) if drawn.chance(30) else 0,
                "status": "booked" if drawn.chance(92) else drawn.one(["closed", "forecast"]),
            }
        )


def _moves(drawn: _Drawn, parties: list[str], products: list[str], sites: list[str]) -> None:
    """Draw moves day after day; each only touches what the ones before it left."""
    drawn.rows["moves"] = moves = []
    for _ in range(drawn.one([0, 0, 1, 2])):
        key = (drawn.one(parties), drawn.one(products), drawn.one(sites))
        units = drawn.number(1, 4)
        drawn.running[key] += units
        day = START - timedelta(days=drawn.number(0, 5))
        moves.append(_place(key) | {"kind": "opening", "date": day, "quantity": units})
    days = sorted({drawn.number(1, LENGTH - 1) for _ in range(drawn.one([0, 1, 3, 5]))})
    for day in days:
        kinds = ["earmark", "earmark", "ship", "activate", "redirect", "release", "retire"]
        kind = drawn.one([*kinds, "transfer", "opening"])
        row = _MOVES[kind](drawn, sites)
        if row is not None:
            moves.append(row | {"kind": kind, "date": START + timedelta(days=day)})
            if kind == "earmark" and drawn.chance(25):
                _let_end(drawn, moves[-1])
    for i, row in enumerate(moves):
        row["move"] = f"m{i}"


def _let_end(drawn: _Drawn, earmark: Row) -> None:
    """Let an earmark end: on the next day, before another move could draw it, or after the end."""
    if drawn.chance(50):
        earmark["until"] = earmark["date"] + timedelta(days=1)
        drawn.pegs[earmark["lot"], earmark["order"]] -= earmark["quantity"]
    else:
        earmark["until"] = START + timedelta(days=LENGTH + drawn.number(0, 1))


def _place(key: tuple[str, str, str]) -> Row:
    return dict(zip(("party", "product", "site"), key, strict=True))


def _peg(drawn: _Drawn, _sites: list[str]) -> Row | None:
    """Peg units that are pegged to nobody; for a later stage they count as new ones."""
    pairs = [
        (lot, order)
        for lot in drawn.rows["lots"]
        for order in drawn.rows["orders"]
        if lot["product"] == order["product"] and _most(drawn, lot, order) > 0
    ]
    if not pairs:
        return None
    lot, order = drawn.one(pairs)
    units = drawn.number(1, _most(drawn, lot, order))
    drawn.pegs[lot["lot"], order["order"]] += units
    return {"lot": lot["lot"], "order": order["order"], "quantity": units}


def _advance(drawn: _Drawn, sites: list[str]) -> Row | None:
    """Ship or activate what is pegged, or peg by it if nothing is pegged from that lot yet."""
    used = [key for key, units in drawn.pegs.items() if units]
    if not used or drawn.chance(40):
        before = Counter(drawn.pegs)
        row = _peg(drawn, sites)
        if row is None or not before[row["lot"], row["order"]]:
            return row
        drawn.pegs = before
    if not used:
        return None
    lot, order = drawn.one(sorted(used))
    units = drawn.number(1, drawn.pegs[lot, order])
    if drawn.rows["moves"] and any(
        row.get("order") == order or row.get("to_order") == order
        for row in drawn.rows["moves"]
        if row["kind"] in {"ship", "activate", "redirect"}
    ):
        return None
    return {"lot": lot, "order": order, "quantity": units}


def _redirect(drawn: _Drawn, _sites: list[str]) -> Row | None:
    pairs = [
        (lot, order, other)
        for (lot, order), units in sorted(drawn.pegs.items())
        for other in drawn.rows["orders"]
        if units and other["order"] != order
        if other["product"] == _named(drawn, "lots", lot)["product"] and _open(drawn, other) > 0
    ]
    if not pairs:
        return None
    lot, order, other = drawn.one(pairs)
    units = drawn.number(1, min(drawn.pegs[lot, order], _open(drawn, other)))
    if sum(1 for (_, o), n in drawn.pegs.items() if o == order and n) == 1 and drawn.chance(40):
        named = None
    else:
        named = lot
    drawn.pegs[lot, order] -= units
    drawn.pegs[lot, other["order"]] += units
    return {"lot": named, "order": order, "to_order": other["order"], "quantity": units}


def _release(drawn: _Drawn, _sites: list[str]) -> Row | None:
    used = sorted(key for key, units in drawn.pegs.items() if units)
    if not used:
        return None
    lot, order = drawn.one(used)
    units = drawn.number(1, drawn.pegs[lot, order])
    drawn.pegs[lot, order] -= units
    return {"lot": lot, "order": order, "quantity": units}


def _retire(drawn: _Drawn, _sites: list[str]) -> Row | None:
    used = sorted(key for key, units in drawn.running.items() if units)
    if not used:
        return None
    key = drawn.one(used)
    units = drawn.number(1, drawn.running[key])
    drawn.running[key] -= units
    return _place(key) | {"quantity": units}


def _transfer(drawn: _Drawn, sites: list[str]) -> Row | None:
    used = sorted(key for key, units in drawn.running.items() if units)
    if not used:
        return None
    key = drawn.one(used)
    units = drawn.number(1, drawn.running[key])
    orders = [o for o in drawn.rows["orders"] if o["product"] == key[1] and _open(drawn, o) > 0]
    if orders and drawn.chance(50):
        order = drawn.one(orders)
        units = min(units, _open(drawn, order))
        drawn.into[order["order"]] += units
        drawn.running[key] -= units
        return _place(key) | {"to_order": order["order"], "quantity": units}
    others = [site for site in sites if site != key[2]]
    if not others:
        return None
    there = drawn.one(others)
    drawn.running[key] -= units
    drawn.running[key[0], key[1], there] += units
    return _place(key) | {"to_site": there, "quantity": units}


def _later_opening(drawn: _Drawn, sites: list[str]) -> Row | None:
    party = drawn.one([row["party"] for row in drawn.rows["parties"]])
    product = drawn.one([row["product"] for row in drawn.rows["products"]])
    return _place((party, product, drawn.one(sites))) | {"quantity": drawn.number(1, 3)}


_MOVES = {
    "earmark": _peg,
    "ship": _advance,
    "activate": _advance,
    "redirect": _redirect,
    "release": _release,
    "retire": _retire,
    "transfer": _transfer,
    "opening": _later_opening,
}


def _most(drawn: _Drawn, lot: Row, order: Row) -> int:
    """Return how many units of `lot` can still be pegged to `order`."""
    held = sum(units for (name, _), units in drawn.pegs.items() if name == lot["lot"])
    return min(int(lot["quantity"]) - held, _open(drawn, order))


def _open(drawn: _Drawn, order: Row) -> int:
    held = sum(units for (_, name), units in drawn.pegs.items() if name == order["order"])
    return int(order["quantity"] - held - drawn.into[order["order"]])


def _named(drawn: _Drawn, table: str, name: str) -> Row:
    key = table.removesuffix("s")
    return next(row for row in drawn.rows[table] if row[key] == name)
