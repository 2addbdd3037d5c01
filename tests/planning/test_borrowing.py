"""Quotas that are lent: what owners keep, what borrowers get, and how far the plan may be off."""

from dataclasses import replace

from hypothesis import given, reject, settings
from planning.lending_books import lending_books
from planning.test_oracles import kinds_found, planned, slow

from earmark.errors import ContradictionError


@settings(slow, max_examples=200)
@given(case=lending_books())
def test_plans_with_borrowing_pass_the_audit(case):
    """No protected unit is used by another, no limit is passed, and reasons add up."""
    try:
        plan = planned(case)
    except ContradictionError:
        reject()
    assert set() == kinds_found(case, plan)
