"""Pages made up by hand, from books and documents in the form of the contract."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earmark.book import Book, Table
from earmark.errors import Problem
from earmark.page import Page, Reading, Series
from earmark.schema import SCHEMA
from earmark.sentences import Sides

START, END = date(2023, 12, 1), date(2025, 1, 1)
SIDES = Sides("without the redirect", "with the redirect", "the redirect")
Row = Mapping[str, Any]
Steps = Sequence[tuple[date, int]]


def table(name: str, rows: Sequence[Row], source: str | None = None) -> Table[Any]:
    columns = {
        column.name: [row.get(column.name, _default(column, START)) for row in rows]
        for column in SCHEMA[name].columns
    }
    return Table(name, columns, list(range(2, len(rows) + 2)), [source] * len(rows))


def book(title: str = "An example", **rows: Sequence[Row]) -> Book:
    tables = {name: table(name, lines) for name, lines in rows.items()}
    fiscal = {"maker": "31 December"}
    return Book(title, "USD", START, END, "priority", fiscal, {}, MappingProxyType(tables))


def redirect_book() -> Book:
    evidence = [
        {
            "evidence": f"E{i}",
            "publisher": f"Paper {i}",
            "published": "2024-06-04",
            "title": "On the redirect",
            "url": f"https://example.org/{i}",
        }
        for i in range(1, 15)
    ]
    cited = {"evidence": ("E1", "E2"), "basis": "reported", "note": "The memo names the month."}
    assumed = {"basis": "assumed", "note": "Mid-month."}
    lots = [("early", date(2023, 12, 15), 12000), ("january", date(2024, 1, 15), 6000)]
    lots += [("june", date(2024, 6, 15), 6000)]
    return book(
        "The H100 redirect of December 2023",
        parties=[
            {"party": "tesla", "name": "Tesla", "kind": "customer"},
            {"party": "x", "name": "X", "kind": "customer"},
        ],
        products=[{"product": "H100", "lot_size": 8, "unit_price": Decimal(41667), **cited}],
        sites=[{"site": "texas"}, {"site": "atlanta", "basis": "unknown", "note": "Not reported."}],
        lots=[
            {"lot": lot, "product": "H100", "date": day, "quantity": units, **assumed}
            for lot, day, units in lots
        ],
        orders=[
            {
                "order": f"{party}-1",
                "party": party,
                "product": "H100",
                "quantity": 12000,
                "site": site,
                "due": START,
                **cited,
            }
            for party, site in (("tesla", "texas"), ("x", "atlanta"))
        ],
        claims=[
            {
                "claim": "C1",
                "speaker": "Tesla",
                "date": date(2024, 4, 23),
                "party": "tesla",
                "metric": "active",
                "product": "H100",
                "unit_basis": "units",
                "target": Decimal(85000),
                "deadline": date(2024, 12, 31),
                "evidence": ("E3",),
            },
        ],
        evidence=evidence,
    )


def redirect_comparison(room: date, label: str | None) -> tuple[dict[str, Any], Reading]:
    """The worked example: 12,000 early GPUs go to x, 6,000 and 6,000 later ones to tesla."""
    early = [(date(2023, 12, 15), 12000)]
    later = [(date(2024, 1, 15), 6000), (date(2024, 6, 15), 12000)]
    wait = [(max(day, room), units) for day, units in later]
    lines = {
        "tesla": (early, [(max(early[0][0], room), 12000)], later, wait),
        "x": (later, later, early, early),
    }
    series = tuple(make_series(party, *steps) for party, steps in lines.items())
    return comparison(series, label), Reading(label, series)


def make_series(party: str, *lines: Steps, end: date = END) -> Series:
    """A series of received a, active a, received b, active b from their steps."""
    days = tuple(sorted({START, *(day for steps in lines for day, _ in steps)}))
    levels = [
        tuple(next((n for at, n in reversed(steps) if at <= day), 0) for day in days)
        for steps in lines
    ]
    return Series(party, days, end, *levels)


def area(series: Series, line: Sequence[int]) -> int:
    ends = [*series.days[1:], series.end]
    return sum(n * (b - a).days for a, b, n in zip(series.days, ends, line, strict=True))


def comparison(series: Sequence[Series], reading: str | None) -> dict[str, Any]:
    parties = [_compared(one) for one in series]
    orders = [
        {
            "order": "tesla-1",
            "party": "tesla",
            "shift_days": 107,
            "gained": [{"from": "x-1", "quantity": 12000}],
            "lost": [{"to": "x-1", "quantity": 12000}],
        },
        {
            "order": "x-1",
            "party": "x",
            "shift_days": -107,
            "gained": [{"from": "tesla-1", "quantity": 12000}],
            "lost": [{"to": "tesla-1", "quantity": 12000}],
        },
    ]
    side = {"digest": "sha256:" + "0123456789abcdef" * 4, "policy": "priority"}
    moved = parties[0]["received_unit_days"]["a"] != parties[0]["received_unit_days"]["b"]
    return {
        "format": "earmark.comparison/1",
        "a": side,
        "b": side,
        "reading": reading,
        "parties": parties,
        "orders": orders if moved and len(parties) > 1 else [],
        "totals": {},
    }


def several(rooms: Sequence[tuple[date, str]]) -> Page:
    made = [redirect_comparison(room, label) for room, label in rooms]
    documents = [document for document, _ in made]
    span = {
        party: span_over([document["parties"][i] for document in documents])
        for i, party in enumerate(("tesla", "x"))
    }
    document = {"format": "earmark.comparisons/1", "readings": documents, "range": span}
    readings = tuple(reading for _, reading in made)
    command = "earmark compare h100-redirect --without swap --reading room-july -o page.html"
    return Page(redirect_book(), document, readings, command, SIDES)


def readings() -> Page:
    return several(
        [
            (date(2024, 7, 23), "no room in Texas before 23 July 2024"),
            (date(2024, 3, 1), "room from 1 March 2024"),
            (date(2023, 12, 15), "room from 15 December 2023"),
        ]
    )


def span_over(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def ends(values: Sequence[int]) -> list[int]:
        return [min(values), max(values)]

    single_ = ("active_unit_days_lost", "mean_shift_days")
    pairs = ("received", "active", "idle", "late")
    return {
        **{name: ends([line[name] for line in lines]) for name in single_},
        **{
            f"{name}_unit_days": {
                side: ends([line[f"{name}_unit_days"][side] for line in lines]) for side in "ab"
            }
            for name in pairs
        },
    }


def single() -> Page:
    document, reading = redirect_comparison(date(2024, 3, 1), None)
    problem = Problem("W101", "no readiness row covers H100", "readiness", 4, "site")
    command = "earmark compare h100-redirect --without swap -o page.html"
    return Page(redirect_book(), document, (reading,), command, SIDES, (problem,))


def unchanged() -> Page:
    steps = [(START, 5)]
    series = make_series("tesla", steps, steps, steps, steps)
    document = comparison([series], None)
    return Page(book(), document, (Reading(None, (series,)),), "earmark compare a b")


def plan(seed: int = 7, parties: int = 6, orders: int = 40, *, end: date = END) -> Page:
    """A random plan page; figures add up as in the contract, days are made up."""
    random_ = random.Random(seed)
    names = [f"party-{i}" for i in range(parties)]
    lines = [_planned(random_, i, random_.choice(names)) for i in range(orders)]
    document = _plan_document(lines)
    series = tuple(_plan_series(random_, line, end) for line in document["parties"])
    made = book(
        "A random book",
        parties=[{"party": name} for name in names],
        orders=[
            {
                "order": line["order"],
                "party": line["party"],
                "product": "H100",
                "quantity": line["quantity"],
                "due": START,
            }
            for line in lines
        ],
    )
    return Page(made, document, (Reading(None, series),), "earmark report book -o page.html")


def empty() -> Page:
    command = "earmark report book -o page.html"
    return Page(book(), _plan_document([]), (Reading(None, ()),), command)


def one_party() -> Page:
    return plan(seed=1, parties=1, orders=3)


def hostile() -> Page:
    """Ids, notes and addresses that try to be markup or a script."""
    bad = "<script>alert(1)</script>"
    made = book(
        f"{bad} & 'co'",
        parties=[{"party": bad, "name": f'"{bad}', "note": bad, "basis": "assumed"}],
        evidence=[
            {"evidence": "E1", "publisher": bad, "url": "javascript:alert(1)", "note": bad},
            {"evidence": "E2", "url": 'https://example.org/"onmouseover="alert(1)'},
        ],
        lots=[
            {
                "lot": bad,
                "product": bad,
                "date": START,
                "quantity": 1,
                "basis": "unknown",
                "evidence": ("E1", "E2", bad),
            }
        ],
        claims=[
            {
                "claim": bad,
                "speaker": bad,
                "date": START,
                "party": bad,
                "metric": bad,
                "target": Decimal("1.5"),
                "deadline": START,
                "evidence": ("E1",),
            }
        ],
    )
    series = make_series(bad, *([(START, n)] for n in (3, 2, 2, 1)))
    document = comparison([series], bad)
    sides = Sides(f"in {bad}", f"in {bad}", bad)
    problem = Problem(bad, bad, bad)
    return Page(made, document, (Reading(bad, (series,)),), bad, sides, (problem,))


EXAMPLES: Mapping[str, Callable[[], Page]] = {
    "readings": readings,
    "single": single,
    "unchanged": unchanged,
    "plan": plan,
    "empty": empty,
    "one_party": one_party,
    "hostile": hostile,
}


def _default(column: Any, start: date) -> object:
    return start if column.name == "known" else column.default


def _compared(series: Series) -> dict[str, Any]:
    def pair(a: Sequence[int], b: Sequence[int] | None) -> dict[str, int]:
        return {"a": area(series, a), "b": area(series, b or ())}

    received = pair(series.received_a, series.received_b)
    active = pair(series.active_a, series.active_b)
    idle = {side: received[side] - active[side] for side in "ab"}
    lost = active["a"] - active["b"]
    moved = [
        {"calendar": "calendar", "period": "2023-Q4", "value": "-500004000.00"},
        {"calendar": "calendar", "period": "2024-Q1", "value": "250002000.00"},
        {"calendar": "maker", "period": "Q4 FY2023", "value": "-500004000.00"},
    ]
    return {
        "party": series.party,
        "received_unit_days": received,
        "active_unit_days": active,
        "idle_unit_days": idle,
        "late_unit_days": {"a": active["b"], "b": active["a"]},
        "active_unit_days_lost": lost,
        "mean_shift_days": 107.0 if lost else 0,
        "receipts_moved": moved if received["a"] != received["b"] else [],
    }


def _planned(random_: random.Random, i: int, party: str) -> dict[str, Any]:
    quantity = random_.randrange(8, 4000)
    unserved = random_.choice([0, 0, 0, quantity // 3])
    late = random_.choice([0, random_.randrange(1, 90) * (quantity - unserved)])
    whole = late + unserved * 50
    cause = random_.choice(["site", "supply", "reserved", "share", "ceiling", "peg", "rule"])
    why = [
        {"cause": cause, "unit_days": whole - whole // 4, "by": [f"order-{i + 1:06}"]},
        {"cause": "supply", "unit_days": whole // 4, "by": []},
    ]
    return {
        "order": f"order-{i:06}",
        "party": party,
        "product": "H100",
        "site": "texas",
        "tier": 1,
        "quantity": quantity,
        "granted": quantity - unserved,
        "unserved": unserved,
        "first": "2024-01-15",
        "last": "2024-06-15",
        "late_unit_days": late,
        "unserved_unit_days": unserved * 50,
        "idle_unit_days": 0,
        "why": why if whole else [],
    }


_COUNTED = ("quantity", "granted", "unserved", "late_unit_days", "unserved_unit_days")


def _plan_document(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = (*_COUNTED, "idle_unit_days")
    own: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        own.setdefault(line["party"], []).append(line)
    parties = [
        {"party": party, **{n: sum(x[n] for x in own[party]) for n in names}, "value": "1000.50"}
        for party in sorted(own)
    ]
    totals = {name: sum(line[name] for line in lines) for name in names}
    return {
        "format": "earmark.plan/1",
        "book": {"title": "A random book", "digest": "sha256:" + "0" * 64},
        "known": None,
        "as_of": "2023-12-01",
        "policy": "priority",
        "engine": "tiers",
        "status": "optimal",
        "gap": 0.0,
        "grants": [
            {
                "lot": "lot-1",
                "order": line["order"],
                "date": line["first"],
                "quantity": line["granted"],
            }
            for line in lines
        ],
        "orders": list(lines),
        "parties": parties,
        "totals": {**totals, "value": None, "unpriced_units": totals["granted"]},
    }


def _plan_series(random_: random.Random, line: Mapping[str, Any], end: date) -> Series:
    days = tuple(START + timedelta(days=30 * i) for i in range(12))
    due = [line["quantity"] * min(i + 2, 8) // 8 for i in range(12)]
    received = [line["granted"] * min(i, 10) // 10 for i in range(12)]
    active = [min(received[max(0, i - 1)], due[i]) for i in range(12)]
    return Series(line["party"], days, end, tuple(received), tuple(active), due=tuple(due))
