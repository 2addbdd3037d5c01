"""Each unit-day of a shortfall has the cause that a person would name."""

from books import book, policy

from earmark.answer import Question, answer
from earmark.schedule import CAUSES

DAYS = {"start": "2024-01-01", "end": "2024-02-01"}


def causes(rules=None, **tables):
    """Return {order: {cause: (unit-days, by)}} of a plan."""
    said = answer(book(**DAYS, **tables), Question(rules or policy("own")))
    reasons, orders = said.plan.reasons, said.plan.schedule.orders
    found: dict[str, dict[str, tuple[int, tuple[str, ...]]]] = {}
    for order, cause, unit_days, by in zip(
        reasons.order, reasons.cause, reasons.unit_days, reasons.by, strict=True
    ):
        entry = int(unit_days), reasons.holders[by]
        found.setdefault(orders[order], {})[CAUSES[cause]] = entry
    return found


def test_a_ready_site_is_not_to_blame_for_a_late_lot():
    """A site that has room waits for supply, though the order fills it later."""
    found = causes(
        lots=[{"lot": "late", "date": "2024-01-11", "quantity": 5}],
        readiness=[{"site": "hall", "date": "2024-01-01", "units": 5}],
        orders=[{"order": "o", "site": "hall", "quantity": 5, "due": "2024-01-01"}],
    )
    assert {"o": {"supply": (50, ())}} == found


def test_a_site_that_is_not_ready_is_named():
    """Supply that waits for power is late by the site."""
    found = causes(
        lots=[{"lot": "early", "quantity": 5}],
        readiness=[{"site": "hall", "date": "2024-01-11", "units": 5}],
        orders=[{"order": "o", "site": "hall", "quantity": 5, "due": "2024-01-01"}],
    )
    assert {"o": {"site": (50, ("hall",))}} == found


def test_units_held_for_a_better_order_are_reserved_until_it_takes_them():
    """Before the better order is due its units are reserved, after that they are its supply."""
    found = causes(
        lots=[{"lot": "all", "quantity": 5}],
        orders=[
            {"order": "best", "quantity": 5, "due": "2024-01-11", "tier": 1},
            {"order": "next", "quantity": 5, "due": "2024-01-01", "tier": 2},
        ],
    )
    assert {"next": {"reserved": (50, ("best",)), "supply": (105, ("best",))}} == found


def test_power_that_falls_later_holds_units_back():
    """A unit keeps its power, so a dip to come is the site's, by name."""
    found = causes(
        lots=[{"lot": "all", "quantity": 5}],
        readiness=[
            {"site": "hall", "date": "2024-01-01", "units": 5},
            {"site": "hall", "date": "2024-01-11", "units": 2},
        ],
        orders=[{"order": "o", "site": "hall", "quantity": 5}],
    )
    assert {"o": {"site": (93, ("hall",))}} == found


def test_a_ceiling_and_a_peg_are_named():
    """What a ceiling keeps away is the ceiling's; what waits for its own lot is the peg's."""
    found = causes(
        policy("own", ceilings={"a": 2}),
        parties=[{"party": "a"}, {"party": "b"}],
        lots=[{"lot": "all", "quantity": 9}, {"lot": "own", "date": "2024-01-11", "quantity": 3}],
        moves=[{"move": "m", "kind": "earmark", "lot": "own", "order": "p", "quantity": 3}],
        orders=[
            {"order": "o", "party": "a", "quantity": 5},
            {"order": "p", "party": "b", "quantity": 3},
        ],
    )
    assert {"o": {"ceiling": (93, ("a",))}, "p": {"peg": (30, ("own",))}} == found


def test_backlog_and_days_before_the_plan_are_a_rule():
    """Days on which nothing could be granted yet are named by what forbade it."""
    whole = book(
        **DAYS,
        lots=[{"lot": "all", "quantity": 2}],
        orders=[{"order": "o", "quantity": 2, "due": "2023-12-27"}],
    )
    said = answer(whole, Question(policy("own"), as_of=whole.start.replace(day=6)))
    reasons = said.plan.reasons
    assert [20] == reasons.unit_days.tolist()
    assert ("start", "as_of") == reasons.holders[reasons.by[0]]


def test_waiting_for_power_after_delivery_is_the_sites():
    """Units that are delivered when due and wait for power are late by their site."""
    found = causes(
        policy("own", ship="due"),
        lots=[{"lot": "all", "quantity": 5}],
        readiness=[{"site": "hall", "date": "2024-01-11", "units": 5}],
        orders=[{"order": "o", "site": "hall", "quantity": 5}],
    )
    assert {"o": {"site": (50, ("hall",))}} == found


def test_room_kept_for_pegged_units_of_its_own_is_named_after_the_order():
    """An order may wait for room that its own pegged units will need: nobody else is to blame."""
    found = causes(
        lots=[{"lot": "all", "quantity": 9}, {"lot": "own", "date": "2024-01-11", "quantity": 4}],
        readiness=[{"site": "hall", "date": "2024-01-01", "units": 6}],
        moves=[{"move": "m", "kind": "earmark", "lot": "own", "order": "o", "quantity": 4}],
        orders=[{"order": "o", "site": "hall", "quantity": 9, "due": "2024-01-01"}],
    )
    assert (30, ("o",)) == found["o"]["reserved"]


def test_less_than_a_whole_lot_is_a_rule():
    """Units that are there but make no whole lot are kept away by rounding."""
    found = causes(
        policy("own", round="lot"),
        products=[{"product": "gpu", "lot_size": 8}],
        lots=[{"lot": "all", "quantity": 12}],
        orders=[{"order": "o", "quantity": 10}],
    )
    assert {"o": {"rule": (62, ("round",))}} == found
