"""A plan is called optimal where that is proven, and has a gap where it is not."""

from books import book, policy

from earmark.planning import make_plan
from earmark.schedule import Plan

LOTS = policy("lots", round="lot")


def plan_of_two_sizes(*, room: int) -> Plan:
    """Plan 8 lots of one unit and, from September on, one lot of 8, at a site with that room."""
    made = book(
        products=[{"product": "small"}, {"product": "large", "lot_size": 8}],
        readiness=[{"site": "hall", "date": "2024-01-01", "units": room}],
        lots=[
            {"lot": "l", "product": "large", "quantity": 8},
            {"lot": "s", "product": "small", "quantity": 8},
        ],
        orders=[
            {"order": "o", "product": "small", "site": "hall", "quantity": 8, "due": "2024-01-01"},
            {"order": "p", "product": "large", "site": "hall", "quantity": 8, "due": "2024-09-01"},
        ],
    )
    return make_plan(made, LOTS)


def test_room_for_all_lots_holds_them_whatever_their_sizes():
    """Where a site powers all that is asked for, lots of several sizes do not get in its way."""
    plan = plan_of_two_sizes(room=16)
    assert ("optimal", 16) == (plan.status, plan.schedule.quantity.sum())


def test_lots_of_several_sizes_in_one_short_site_are_not_called_optimal():
    """Room counted in the largest lots leaves some unused, so the plan has a gap and says so."""
    plan = plan_of_two_sizes(room=12)
    assert "feasible" == plan.status
    assert 0 < plan.gap <= 1
