"""Outcomes: the worked numbers of the reported case, and a simulation of every unit."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from books import book, policy
from h100 import READINGS, swap_book, with_swap, without_swap
from hypothesis import given, settings
from hypothesis import strategies as st
from schedules import schedule
from small_cases import PRODUCTS, SITES, SPAN, START, cases

from earmark.book import Book
from earmark.errors import UsageError
from earmark.outcome import Outcome, measure
from earmark.schedule import Schedule


@pytest.mark.parametrize(
    ("reading", "idle_without", "idle_with"),
    [("none", 2_652_000, 1_368_000), ("march", 924_000, 276_000), ("all", 0, 0)],
)
def test_reported_swap(reading: str, idle_without: int, idle_with: int) -> None:
    """Units at a hall without power are idle for as long as the worked numbers say."""
    case = swap_book(READINGS[reading])
    a, b = measure(case, without_swap(case)), measure(case, with_swap(case))
    assert [idle_without, 0] == a.party_figures.idle_unit_days.tolist()
    assert [idle_with, 0] == b.party_figures.idle_unit_days.tolist()
    lost = a.party_figures.active_unit_days - b.party_figures.active_unit_days
    assert 1_284_000 == lost[0] + idle_without - idle_with
    assert -1_284_000 == lost[1]


def test_the_queue_for_power() -> None:
    """Power goes to running units, pegged ones, then by tier, due, booked (none last), order."""
    orders: list[dict[str, Any]] = [
        {"order": "f-late", "due": "2024-01-02"},
        {"order": "b", "booked": "2023-12-02"},
        {"order": "c", "booked": "2023-12-03"},
        {"order": "d"},
        {"order": "e"},
        {"order": "g-tier", "tier": 2},
        {"order": "h-pegged", "tier": 3},
        {"order": "i-free", "tier": 3},
    ]
    queue = ["h-pegged", "b", "c", "d", "e", "f-late", "g-tier", "i-free"]
    for room in range(len(orders) + 1):
        case = book(
            end="2024-01-11",
            readiness=[{"site": "s", "units": room + 1}],
            orders=[{"site": "s", "due": START, **order} for order in orders],
            lots=[{"lot": "l", "quantity": 8}],
            moves=[
                {"kind": "opening", "date": START, "quantity": 1, "party": "z", "product": "gpu"}
                | {"site": "s"}
            ],
        )
        grants = [("l", order, START, 1, order == "h-pegged") for order in queue]
        outcome = measure(case, schedule(case, *grants))
        active = outcome.figures.active_unit_days.tolist()
        powered = {
            order for order, days in zip(outcome.lines.orders, active, strict=True) if days == 10
        }
        assert set(queue[:room]) == powered
        assert [len(queue) * 10 - room * 10, 0] == outcome.party_figures.idle_unit_days.tolist()


def test_tiers_of_the_policy() -> None:
    """A policy with one tier ranks by due day alone, one with booked tiers by booked day."""
    case = book(
        end="2024-01-11",
        readiness=[{"site": "s", "units": 1}],
        orders=[
            {"order": "first", "site": "s", "due": "2024-01-01", "tier": 3, "booked": "2023-12-03"},
            {
                "order": "second",
                "site": "s",
                "due": "2024-01-02",
                "tier": 2,
                "booked": "2023-12-02",
            },
            {"order": "third", "site": "s", "due": "2024-01-03", "tier": 1},
        ],
    )
    grants = [("l", order, "2024-01-03", 1) for order in ("first", "second", "third")]
    plan = schedule(case, *grants)
    for tiers, winner in (("order", 2), ("one", 0), ("booked", 1)):
        outcome = measure(case, plan, policy=policy("rule", tiers=tiers))
        assert winner == int(np.argmax(outcome.figures.active_unit_days))


def test_late_units_without_power_wait_to_the_end() -> None:
    """A granted unit that never has power is late to the end; an unserved one is told apart."""
    case = book(
        end="2024-01-11",
        readiness=[{"site": "s", "units": 1}],
        orders=[{"order": "o", "site": "s", "quantity": 3, "due": "2023-12-30"}],
    )
    figures = measure(case, schedule(case, ("l", "o", "2024-01-01", 2))).figures
    assert [2 + 12] == figures.late_unit_days.tolist()
    assert [12] == figures.unserved_unit_days.tolist()
    assert [10] == figures.idle_unit_days.tolist()


def test_money_is_exact() -> None:
    """Values are sums in decimal, an order's own price first; null where there is no price."""
    case = book(
        products=[{"product": "p", "unit_price": "0.1"}, {"product": "n"}],
        orders=[
            {"order": "a", "party": "x", "product": "p", "quantity": 3},
            {"order": "b", "party": "x", "product": "p", "quantity": 5, "unit_price": "1e-20"},
            {"order": "c", "party": "y", "product": "n", "quantity": 7},
        ],
    )
    plan = schedule(case, ("l", "a", START, 3), ("l", "b", START, 5), ("m", "c", START, 6))
    figures = measure(case, plan).party_figures
    assert (Decimal("0.30000000000000000005"), None) == figures.value
    assert [0, 6] == figures.unpriced_units.tolist()
    assert Decimal("0.30000000000000000005") == figures.total_value


def test_nothing_at_all() -> None:
    """A book without orders has an outcome of nothing."""
    case = book()
    outcome = measure(case, schedule(case))
    assert () == outcome.parties
    assert (0, 1) == outcome.received.shape


def test_figures_too_large_are_refused() -> None:
    """Units times days that do not fit 64 bits are refused, never wrapped."""
    case = book(orders=[{"quantity": 10**12, "due": "0001-01-01"} for _ in range(10)])
    with pytest.raises(UsageError, match="too many to count"):
        measure(case, schedule(case))


# --- Against a simulation -------------------------------------------------------------------------


def _level(case: Book, site: str, product: str | None, day: date) -> int | None:
    """Return the power of a site and product; None where there are no rows for the two."""
    rows = [row for row in case.readiness if (row.site, row.product) == (site, product)]
    known = sorted((row.date, row.units) for row in rows)
    return ([0] + [units for since, units in known if since <= day])[-1] if known else None


def _running(case: Book, day: date) -> Counter[tuple[str, str, str]]:
    units: Counter[tuple[str, str, str]] = Counter()
    for move in case.moves:
        if move.date <= day:
            assert move.party
            assert move.product
            assert move.site
            sign = 1 if move.kind == "opening" else -1
            units[move.party, move.product, move.site] += sign * move.quantity
            if move.to_site:
                units[move.party, move.product, move.to_site] += move.quantity
    return units


class _Power:
    """The power of one day, taken unit by unit."""

    def __init__(self, limits: dict[tuple[str, str | None], int | None]) -> None:
        self.limits = limits
        self.limited = {site for (site, _), level in limits.items() if level is not None}
        self.used: Counter[tuple[str, str | None]] = Counter()

    def take(self, site: str | None, product: str) -> bool:
        """Take power for one unit if there is any."""
        if site is None or site not in self.limited:
            return True
        alone, together = self.limits[site, product], self.limits[site, None]
        if alone is None and together is None:
            alone = 0
        for key, limit in ((product, alone), (None, together)):
            if limit is not None and self.used[site, key] >= limit:
                return False
        self.used[site, product] += 1
        self.used[site, None] += 1
        return True


def _simulate(
    case: Book, plan: Schedule
) -> tuple[dict[str, dict[str, int]], dict[str, Counter[str]]]:
    """Follow every unit on every day: per order and per party what `measure` says in columns."""
    orders = {order.order: order for order in case.orders}
    parties: dict[str, Counter[str]] = {}
    usable: dict[str, list[date]] = {name: [] for name in orders}
    figures = {name: {"received": 0, "active": 0} for name in orders}
    granted = [
        (plan.orders[o], date.fromordinal(d), q, p)
        for o, d, q, p in zip(
            plan.order.tolist(), plan.day.tolist(), plan.quantity.tolist(), plan.pegged, strict=True
        )
    ]
    for number in range(SPAN):
        day = START + timedelta(days=number)
        limits = {
            (site, product): _level(case, site, product, day)
            for site in SITES
            if site
            for product in (*PRODUCTS, None, "other")
        }
        power = _Power(limits)
        running = _running(case, day)
        for (party, product, site), units in running.items():
            if units < 0:
                power.used[site, product] += units
                power.used[site, None] += units
                parties.setdefault(party, Counter()).update(received=units, active=units)
        for (party, product, site), units in sorted(running.items()):
            for _ in range(units):
                is_active = power.take(site, product)
                parties.setdefault(party, Counter()).update(received=1, active=int(is_active))
        queue = sorted(
            (not pegged, o.tier, o.due, o.booked or date.max, name, quantity)
            for name, since, quantity, pegged in granted
            if since <= day
            for o in (orders[name],)
        )
        active_now: Counter[str] = Counter()
        for *_, name, quantity in queue:
            order = orders[name]
            for _ in range(quantity):
                figures[name]["received"] += 1
                active_now[name] += power.take(order.site, order.product)
        for name, units in active_now.items():
            figures[name]["active"] += units
            while len(usable[name]) < units:
                usable[name].append(day)
    end = START + timedelta(days=SPAN)
    for name, order in orders.items():
        total = sum(quantity for who, _, quantity, _ in granted if who == name)
        days = usable[name] + [end] * (total - len(usable[name]))
        figures[name]["late"] = sum(max(0, (day - order.due).days) for day in days)
        figures[name]["unserved"] = (order.quantity - total) * (end - order.due).days
        of_party = {key: figures[name][key] for key in ("received", "active", "late", "unserved")}
        parties.setdefault(order.party, Counter()).update(of_party)
    return figures, parties


@settings(max_examples=300, deadline=None)
@given(cases())
def test_outcome_equals_a_simulation(case: tuple[Book, Schedule]) -> None:
    """Columns and matrices say what a walk over every unit on every day says."""
    outcome = measure(*case)
    orders, parties = _simulate(*case)
    figures = outcome.figures
    columns = {
        "received": figures.received_unit_days,
        "active": figures.active_unit_days,
        "late": figures.late_unit_days,
        "unserved": figures.unserved_unit_days,
    }
    for key, column in columns.items():
        expected = [orders[name][key] for name in outcome.lines.orders]
        assert expected == column.tolist(), key
    of_parties = outcome.party_figures
    columns = {
        "received": of_parties.received_unit_days,
        "active": of_parties.active_unit_days,
        "late": of_parties.late_unit_days,
        "unserved": of_parties.unserved_unit_days,
    }
    for key, column in columns.items():
        expected = [parties.get(name, Counter())[key] for name in outcome.parties]
        assert expected == column.tolist(), key


@settings(max_examples=100, deadline=None)
@given(cases())
def test_sums_close(case: tuple[Book, Schedule]) -> None:
    """Received is active and idle; granted and unserved are the quantity; steps add up."""
    outcome = measure(*case)
    for figures in (outcome.figures, outcome.party_figures):
        split = figures.active_unit_days + figures.idle_unit_days
        assert figures.received_unit_days.tolist() == split.tolist()
        assert figures.quantity.tolist() == (figures.granted + figures.unserved).tolist()
    widths = np.diff(outcome.days, append=outcome.end)
    assert outcome.party_figures.idle_unit_days.tolist() == (outcome.idle @ widths).tolist()
    assert outcome.party_figures.active_unit_days.tolist() == (outcome.active @ widths).tolist()
    assert (outcome.idle >= 0).all()


@settings(max_examples=100, deadline=None)
@given(cases())
def test_enough_power_means_nothing_idle(case: tuple[Book, Schedule]) -> None:
    """Without readiness rows all that is received is active and late counts to the grant."""
    given_book, plan = case
    tables = {name: t for name, t in given_book.tables.items() if name != "readiness"}
    outcome = measure(replace(given_book, tables=tables), plan)
    assert not outcome.idle.any()
    due = outcome.lines.due[plan.order]
    late = int((np.maximum(plan.day - due, 0) * plan.quantity).sum())
    assert late == outcome.figures.late_unit_days.sum()


def _columns(outcome: Outcome) -> list[list[int]]:
    return [column.tolist() for column in outcome.figures.columns().values()]


@settings(max_examples=50, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_row_order_never_matters(case: tuple[Book, Schedule], random: Any) -> None:
    """Rows of orders, readiness and moves may stand in any order."""
    given_book, plan = case
    shuffled = given_book
    for name in ("orders", "readiness", "moves"):
        rows = list(range(len(given_book.table(name))))
        random.shuffle(rows)
        shuffled = shuffled.replace_table(given_book.table(name).take(rows))
    assert _columns(measure(given_book, plan)) == _columns(measure(shuffled, plan))
