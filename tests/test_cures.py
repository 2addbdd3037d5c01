"""What would help a late order: each change is planned again before it is named."""

from books import book, policy
from hypothesis import given
from planning.random_books import small_books

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


def test_a_ceiling_is_raised_for_the_party_or_for_its_group():
    """Each ceiling above the order is tried by itself."""
    found = cures(
        rules=policy("own", ceilings={"a": 2, "g": 9}),
        parties=[{"party": "a", "group": "g"}],
        lots=[{"quantity": 5}],
        orders=[{"order": "o", "quantity": 5}],
    )
    assert [("A ceiling of 5 on a", 93)] == found


def test_the_least_amount_is_named():
    """Of 100 GPUs 90 are supplied: ten more cure the order, and it is ten that are named."""
    found = cures(
        lots=[{"quantity": 90}], orders=[{"order": "o", "quantity": 100, "due": "2024-01-11"}]
    )
    assert [("10 GPUs more of gpu by 2024-01-11", 210)] == found


def test_room_and_supply_together_where_neither_is_enough():
    """An order that lacks both is cured by both, in the same amount."""
    found = cures(
        lots=[{"quantity": 6}],
        readiness=[{"site": "hall", "date": "2024-01-01", "units": 4}],
        orders=[{"order": "o", "site": "hall", "quantity": 10}],
    )
    assert ("6 GPUs more of gpu by 2024-01-01, and room for 6 more at hall", 186) == found[0]


@given(small_books())
def test_a_cure_saves_what_it_says_and_no_less_would(case):
    """Every cure was planned; half of a step less saves less."""
    before = answer(case.book, Question(case.policy, None, case.as_of))
    figures = before.outcome.figures
    waits = figures.late_unit_days + figures.unserved_unit_days
    for at in waits.nonzero()[0][:2]:
        order = before.plan.schedule.orders[at]
        record = before.book.orders.get(order)
        for cure in cures_of(before, order):
            assert 0 < cure.unit_days <= waits[at]
            assert 0 <= cure.units <= record.quantity
            if "more of" not in cure.text or "room" in cure.text:
                continue
            for units, saves in ((cure.units, True), (cure.units - 1, False)):
                row = {
                    "lot": "extra",
                    "product": record.product,
                    "date": max(record.due, case.book.start),
                    "quantity": units,
                    "known": case.book.start,
                }
                if not units:
                    continue
                made = before.book.replace_table(before.book.lots.with_rows([row], "test"))
                after = answer(made, before.question)
                place = after.plan.schedule.orders.index(order)
                figures = after.outcome.figures
                rest = figures.late_unit_days[place] + figures.unserved_unit_days[place]
                assert saves == (waits[at] - rest >= cure.unit_days)
