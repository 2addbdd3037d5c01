"""The audit finds every kind of planted violation by its own word, and nothing in a valid plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from books import book, policy

from earmark.answer import Question, answer
from earmark.audit import audit
from earmark.book import Book
from earmark.policy import SHARES, Policy
from earmark.schedule import CAUSES, OrderFigures, Plan, Schedule

AS_OF = date(2024, 1, 5)
RULES = policy("rules", ceilings={"maker": 9, "labs": 20})


def scarce(**more: Any) -> Book:
    """Return a book with pegs, a promise, openings, power, ceilings, two tiers and two products."""
    tables: dict[str, Any] = {
        "parties": [{"party": "maker"}, {"party": "net"}, {"party": "lab", "group": "labs"}],
        "products": [{"product": "gpu"}, {"product": "tpu"}],
        "readiness": [
            {"site": "hall", "product": "gpu", "date": "2024-01-01", "units": 4},
            {"site": "hall", "product": "gpu", "date": "2024-02-01", "units": 9},
            {"site": "hall", "product": "gpu", "date": "2024-06-01", "units": 8},
        ],
        "lots": [
            {"lot": "early", "product": "gpu", "date": "2024-01-03", "quantity": 6},
            {"lot": "late", "product": "gpu", "date": "2024-03-01", "quantity": 8},
            {"lot": "odd", "product": "tpu", "date": "2024-01-10", "quantity": 3},
        ],
        "orders": [
            _order("a", "maker", 4, "2024-01-04", site="hall", promised=2),
            _order("b", "net", 5, "2024-01-10", site="hall"),
            _order("c", "lab", 6, "2024-01-20", tier=2),
            _order("d", "maker", 2, "2024-02-20"),
            _order("e", "lab", 2, "2024-01-02", product="tpu"),
            _order("f", "net", 3, "2024-01-02", status="forecast"),
        ],
        "moves": [
            {"kind": "opening", "move": "m1", "party": "net", "site": "hall", "product": "gpu"},
            {"kind": "earmark", "move": "m2", "lot": "early", "order": "a"},
            {"kind": "earmark", "move": "m3", "lot": "late", "order": "c", "quantity": 3},
        ],
    }
    return book(**{**tables, **more})


def _order(order: str, party: str, quantity: int, due: str, **more: Any) -> dict[str, Any]:
    base = {"order": order, "party": party, "quantity": quantity, "due": due, "product": "gpu"}
    return base | more


@dataclass(frozen=True)
class Made:
    """A valid plan with all that the audit is given, to be spoilt in one place."""

    book: Book
    policy: Policy
    plan: Plan
    figures: OrderFigures | None

    def kinds(self) -> set[str]:
        found = audit(self.book, self.policy, self.plan, self.figures, as_of=AS_OF, include=())
        return {violation.kind for violation in found}

    def grants(self, **columns: Any) -> "Made":
        """Return it with other columns of grants; the figures no longer belong to them."""
        schedule = replace(self.plan.schedule, **columns)
        return replace(self, plan=replace(self.plan, schedule=schedule), figures=None)

    def added(self, order: str, lot: str, day: str, quantity: int, *, pegged: bool) -> "Made":
        """Return it with one more grant."""
        old = self.plan.schedule
        lots = tuple(sorted({*old.lots, lot}))
        place = np.array([lots.index(name) for name in old.lots], np.int64)[old.lot]
        new = (old.orders.index(order), date.fromisoformat(day).toordinal(), lots.index(lot))
        rows = [*zip(old.order, old.day, place, old.quantity, old.pegged, strict=True)]
        rows.append((*new, quantity, pegged))
        rows.sort(key=lambda row: (*row[:3], row[4]))
        columns = zip(*rows, strict=True)
        names = ("order", "day", "lot", "quantity")
        cells: dict[str, Any] = {
            name: np.array(column, np.int64) for name, column in zip(names, columns, strict=False)
        }
        return self.grants(lots=lots, pegged=np.array([row[4] for row in rows]), **cells)

    def without(self, row: int) -> "Made":
        """Return it without one grant."""
        old = self.plan.schedule
        names = ("order", "lot", "day", "quantity", "pegged")
        return self.grants(**{name: np.delete(getattr(old, name), row) for name in names})

    def set(self, column: str, row: int, cell: Any) -> "Made":
        """Return it with one cell of the grants changed."""
        return self.grants(**{column: _set(getattr(self.plan.schedule, column), row, cell)})

    def row(self, order: str, *, pegged: bool = False) -> int:
        """Return the first grant of an order."""
        schedule = self.plan.schedule
        own = schedule.order == schedule.orders.index(order)
        return int(np.flatnonzero(own & (schedule.pegged == pegged))[0])


def made(rules: Policy = RULES, **more: Any) -> Made:
    whole = scarce(**more)
    said = answer(whole, Question(rules, as_of=AS_OF))
    return Made(whole, rules, said.plan, said.outcome.figures)


def _set(column: Any, row: int, cell: Any) -> Any:
    changed = column.copy()
    changed[row] = cell
    return changed


def _figure(name: str) -> Callable[[Made], Made]:
    def spoil(it: Made) -> Made:
        assert it.figures is not None
        column = _set(getattr(it.figures, name), 0, getattr(it.figures, name)[0] + 1)
        return replace(it, figures=replace(it.figures, **{name: column}))

    return spoil


def _reason(name: str, change: int) -> Callable[[Made], Made]:
    def spoil(it: Made) -> Made:
        column = getattr(it.plan.reasons, name)
        reasons = replace(it.plan.reasons, **{name: _set(column, 0, column[0] + change)})
        return replace(it, plan=replace(it.plan, reasons=reasons))

    return spoil


def _blamed(order: str, cause: str) -> Callable[[Made], Made]:
    def spoil(it: Made) -> Made:
        reasons, place = it.plan.reasons, it.plan.schedule.orders.index(order)
        column = np.where(reasons.order == place, CAUSES.index(cause), reasons.cause)
        return replace(it, plan=replace(it.plan, reasons=replace(reasons, cause=column)))

    return spoil


def _status(**cells: Any) -> Callable[[Made], Made]:
    return lambda it: replace(it, plan=replace(it.plan, **cells))


def _reversed(it: Made) -> Made:
    schedule = it.plan.schedule
    names = ("order", "lot", "day", "quantity", "pegged")
    return it.grants(**{name: getattr(schedule, name)[::-1] for name in names})


def _lots_renamed(it: Made) -> Made:
    return it.grants(lots=("none", *it.plan.schedule.lots[1:]))


def _more_orders(it: Made) -> Made:
    return it.grants(orders=(*it.plan.schedule.orders, "z"))


def _one_shorter(it: Made) -> Made:
    return it.grants(quantity=it.plan.schedule.quantity[:-1])


def _at(day: str) -> int:
    return date.fromisoformat(day).toordinal()


PLANTED: dict[str, tuple[str, Callable[[Made], Made]]] = {
    "an order too many": ("wrong_orders", _more_orders),
    "a lot of another book": ("unknown_lot", _lots_renamed),
    "columns of two lengths": ("malformed_grants", _one_shorter),
    "an order that is not listed": ("malformed_grants", lambda it: it.set("order", 0, 99)),
    "a lot listed in vain": (
        "malformed_grants",
        lambda it: it.grants(lot=np.zeros_like(it.plan.schedule.lot)),
    ),
    "no units": ("quantity_not_positive", lambda it: it.set("quantity", 0, 0)),
    "grants upside down": ("unsorted_grants", _reversed),
    "one grant twice": (
        "repeated_grants",
        lambda it: it.added("d", "late", "2024-03-01", 1, pegged=False),
    ),
    "a grant before its lot": (
        "granted_too_early",
        lambda it: it.set("day", it.row("d"), _at("2024-02-21")),
    ),
    "a grant before it is due": (
        "granted_too_early",
        lambda it: it.added("d", "early", "2024-02-19", 1, pegged=False),
    ),
    "a new grant before as-of": (
        "granted_before_as_of",
        lambda it: it.set("day", it.row("a"), _at("2024-01-04")),
    ),
    "a grant after the end": (
        "granted_after_end",
        lambda it: it.set("day", it.row("d"), _at("2025-01-01")),
    ),
    "a lot of another product": (
        "wrong_product",
        lambda it: it.added("c", "odd", "2024-01-20", 1, pegged=False),
    ),
    "more than the lot has": (
        "lot_exceeded",
        lambda it: it.added("c", "early", "2024-01-20", 1, pegged=False),
    ),
    "more than the order asks": (
        "order_exceeded",
        lambda it: it.set("quantity", it.row("d"), 3),
    ),
    "a peg used twice": (
        "peg_exceeded",
        lambda it: it.set("quantity", it.row("a", pegged=True), 2),
    ),
    "a peg of another order": (
        "peg_exceeded",
        lambda it: it.set("pegged", it.row("d"), cell=True),
    ),
    "more than the site can power": (
        "power_exceeded",
        lambda it: it.set("quantity", it.row("b"), 5),
    ),
    "power that goes later": (
        "power_exceeded",
        lambda it: it.added("b", "late", "2024-03-01", 1, pegged=False),
    ),
    "over the ceiling": (
        "ceiling_exceeded",
        lambda it: replace(it, policy=replace(it.policy, ceilings={"maker": 3})),
    ),
    "over the ceiling of a group": (
        "ceiling_exceeded",
        lambda it: replace(it, policy=replace(it.policy, ceilings={"labs": 2})),
    ),
    "units left unused": ("total_short", lambda it: it.without(it.row("d"))),
    "units granted late": (
        "total_short",
        lambda it: it.set("day", it.row("d"), _at("2024-03-02")),
    ),
    "a better tier robbed": (
        "total_exceeded",
        lambda it: it.set("quantity", it.row("c"), 4),
    ),
    "another policy's plan": ("wrong_policy", _status(policy="fair")),
    "a status that is none": ("wrong_status", _status(status="perfect")),
    "optimal with a gap": ("wrong_status", _status(status="optimal", gap=0.1)),
    "a gap below 0": ("wrong_status", _status(status="feasible", gap=-0.1)),
    "a reason that is none": ("malformed_reasons", _reason("cause", 99)),
    "reasons that fall short": ("reasons_do_not_add_up", _reason("unit_days", -1)),
    "a negative reason": ("negative_reason", _reason("unit_days", -(10**6))),
    "reasons out of order": ("unsorted_reasons", _reason("order", 3)),
    "a site that an order has not": ("impossible_cause", _blamed("d", "site")),
    "a ceiling that no policy sets": ("impossible_cause", _blamed("b", "ceiling")),
    "a peg that an order has not": ("impossible_cause", _blamed("d", "peg")),
    "figures of fewer orders": (
        "malformed_figures",
        lambda it: replace(
            it,
            figures=replace(it.figures, first=np.zeros(1, np.int64)),  # type: ignore[type-var]
        ),
    ),
    **{
        f"a wrong figure: {name}": (f"wrong_{name}", _figure(name))
        for name in OrderFigures.__slots__
    },
}


@pytest.mark.parametrize("ship", ["usable", "due"])
@pytest.mark.parametrize("round_", ["unit", "lot"])
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("ahead", [None, 0, 20])
def test_a_valid_plan_has_no_violation(ship, round_, share, ahead):
    """Nothing is found in the engine's own plan, in each way to ship, to round and to share.

    Nor where better tiers hold units back only some days ahead.
    """
    rules = replace(RULES, ship=ship, round=round_, share=share, reserve_days=ahead)
    assert set() == made(rules).kinds()


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_violation_is_found_by_its_own_word(name):
    """A valid plan that is spoilt in one place has the violation that names this place."""
    kind, spoil = PLANTED[name]
    assert kind in spoil(made()).kinds()


LIMITS = ("lot_", "order_", "peg_", "power_", "ceiling_", "granted_")
"""How kinds of violations of what is there begin, as against claims of how good a plan is."""


@pytest.mark.parametrize("name", [n for n, (kind, _) in PLANTED.items() if kind.startswith(LIMITS)])
@pytest.mark.parametrize("share", ["proportional", "equal_losses", "talmud"])
@pytest.mark.parametrize("ahead", [None, 20])
def test_no_rule_hides_a_violation(name, share, ahead):
    """Supply, power, ceilings, pegs and days are looked at whatever the rule is."""
    kind, spoil = PLANTED[name]
    rules = replace(RULES, share=share, reserve_days=ahead, count_promised=True)
    assert kind in spoil(made(rules)).kinds()


def test_a_broken_lot_is_found():
    """Where a policy gives whole lots, a grant of half a lot is a violation."""
    servers = [{"product": "gpu", "lot_size": 4}, {"product": "tpu"}]
    orders = [_order("a", "maker", 8, "2024-01-05")]
    rules = replace(RULES, round="lot", ceilings={})
    it = made(rules, products=servers, orders=orders, moves=[])
    assert set() == it.kinds()
    assert "lot_broken" in it.set("quantity", 0, 2).kinds()


def test_a_transfer_is_granted_to_its_order_alone():
    """Units that leave a site for an order are granted under the id of their move."""
    moves = [
        {"kind": "opening", "move": "m1", "party": "net", "site": "hall", "product": "gpu"},
        {
            "kind": "transfer",
            "move": "m2",
            "party": "net",
            "site": "hall",
            "product": "gpu",
            "date": "2024-02-22",
            "to_order": "d",
        },
    ]
    it = made(moves=moves)
    assert set() == it.kinds()
    assert "m2" in it.plan.schedule.lots
    assert "peg_exceeded" in it.set("order", it.row("d", pegged=True), 1).kinds()


def test_a_book_without_orders_has_an_empty_plan():
    """Nothing to plan is no violation."""
    assert set() == made(orders=[], moves=[]).kinds()


def test_no_plan_without_grants_passes_for_optimal():
    """A plan that grants nothing where units are free is no optimum."""
    none = np.zeros(0, np.int64)
    it = made()
    empty = Schedule(it.plan.schedule.orders, (), none, none, none, none, none.astype(bool))
    assert "total_short" in replace(it, plan=replace(it.plan, schedule=empty)).kinds()
