"""What would help a late order: each change is planned again before it is named."""

from books import book, policy

from earmark.answer import Question, answer
from earmark.cures import cures_of

DAYS = {"start": "2024-01-01", "end": "2024-02-01"}


def cures(order="o", rules=None, **tables):
    """Return (what helps, unit-days saved) of an order, best first."""
    before = answer(book(**DAYS, **tables), Question(rules or policy("own")))
    return [(cure.text, cure.unit_days) for cure in cures_of(before, order)]


def test_an_order_that_is_served_when_due_needs_no_cure():
    """Nothing is proposed where nothing is late."""
    assert [] == cures(lots=[{"quantity": 5}], orders=[{"order": "o", "quantity": 5}])


def test_room_at_the_site_cures_what_waits_for_power():
    """Supply that is there needs room alone; more supply saves nothing and is not named."""
    found = cures(
        lots=[{"quantity": 5}],
        readiness=[{"site": "hall", "date": "2024-01-11", "units": 5}],
        orders=[{"order": "o", "site": "hall", "quantity": 5, "due": "2024-01-01"}],
    )
    assert [("Room for all of it at hall from 2024-01-01", 50)] == found


def test_supply_cures_what_no_lot_can_serve():
    """Units that nobody supplies are unserved to the end; as many more by the due day cure it."""
    found = cures(lots=[], orders=[{"order": "o", "quantity": 5, "due": "2024-01-11"}])
    assert [("5 GPUs more of gpu by 2024-01-11", 105)] == found


def test_a_late_lot_is_named_also_where_a_redirect_brought_it():
    """A lot that units were redirected from without naming it is pegged to the order as well."""
    found = cures(
        lots=[{"lot": "own", "date": "2024-01-11", "quantity": 5}],
        moves=[
            {"move": "m1", "kind": "earmark", "lot": "own", "order": "p", "quantity": 5},
            {
                "move": "m2",
                "kind": "redirect",
                "order": "p",
                "to_order": "o",
                "quantity": 5,
                "date": "2024-01-02",
            },
        ],
        orders=[{"order": "o", "quantity": 5}, {"order": "p", "quantity": 5}],
    )
    assert [("Lot own by 2024-01-01", 50)] == found


def test_a_released_lot_is_not_named():
    """What is pegged no more would not help by coming earlier to others."""
    found = cures(
        lots=[{"lot": "own", "date": "2024-01-11", "quantity": 5}],
        moves=[
            {"move": "m1", "kind": "earmark", "lot": "own", "order": "o", "quantity": 5},
            {"move": "m2", "kind": "release", "lot": "own", "order": "o", "quantity": 5},
        ],
        orders=[{"order": "o", "quantity": 5}],
    )
    assert [("5 GPUs more of gpu by 2024-01-01", 50)] == found


def test_a_ceiling_is_lifted_for_the_party_or_for_its_group():
    """Each ceiling above the order is tried by itself."""
    found = cures(
        rules=policy("own", ceilings={"a": 2, "g": 9}),
        parties=[{"party": "a", "group": "g"}],
        lots=[{"quantity": 5}],
        orders=[{"order": "o", "quantity": 5}],
    )
    assert [("No ceiling on a", 93)] == found
