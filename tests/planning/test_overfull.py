"""A ceiling below what is pegged and promised: the smallest set of facts that cannot all hold."""

import pytest
from books import book, policy
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.errors import ContradictionError
from earmark.planning import planned

PROMISES = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def named(promises, ceiling):
    """Return the orders that the contradiction of a plan names, none where there is a plan."""
    orders = [
        {"order": f"o{i}", "quantity": 20, "promised": units} for i, units in enumerate(promises)
    ]
    rules = policy("own", ceilings={"a": ceiling})
    made = book(lots=[{"lot": "l", "quantity": 500}], orders=orders)
    try:
        planned(made, rules)
    except ContradictionError as error:
        (problem,) = error.problems
        assert "E501" == problem.code
        return [f"o{i}" for i in range(len(promises)) if f" o{i} " in problem.message]
    return []


@settings(max_examples=100, deadline=None)
@given(PROMISES, st.integers(1, 60))
def test_without_any_one_of_the_facts_the_rest_holds(promises, ceiling):
    """Those named do not fit under the ceiling, and without any one of them they do."""
    found = named(promises, ceiling)
    assert bool(found) == (sum(promises) > ceiling)
    units = [promises[int(order[1:])] for order in found]
    if found:
        assert sum(units) > ceiling
        assert all(sum(units) - one <= ceiling for one in units)


def test_what_is_pegged_is_named_with_its_lot():
    """30 under a ceiling of 25: 12 pegged and 18 promised."""
    rules = policy("own", ceilings={"a": 25})
    made = book(
        lots=[{"lot": "l", "quantity": 500}],
        orders=[
            {"order": "o1", "quantity": 12},
            {"order": "o2", "quantity": 18, "promised": 18},
        ],
        moves=[{"move": "m", "kind": "earmark", "lot": "l", "order": "o1", "quantity": 12}],
    )
    with pytest.raises(ContradictionError) as caught:
        planned(made, rules)
    (problem,) = caught.value.problems
    assert (
        "policy own: the ceiling of a is 25; no plan can keep it and 18 promised to o2"
        " (orders row 3), 12 pegged from l to o1 (orders row 2)"
    ) == problem.message
