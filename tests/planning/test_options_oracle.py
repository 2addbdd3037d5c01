"""Orders with several products or sites against every whole plan, and against HiGHS."""

from datetime import date

from hypothesis import given, reject, settings
from hypothesis import strategies as st
from oracles.options import best_prefixes, bunches, held_prefixes, read
from oracles.order_rules import best_prefixes as best_by_trying
from planning.optional_books import optional_books
from planning.random_books import Case

from earmark.answer import Answer, Question, answer
from earmark.errors import ContradictionError
from earmark.options import own_id

SLACK = 1e-12


def _answered(case: Case) -> Answer:
    try:
        return answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()


def grants_of(said: Answer) -> list[tuple[str, str, date, int, bool]]:
    """Return order, product, day, units and whether they were pegged of every grant."""
    schedule, lines = said.schedule, said.outcome.lines
    return [
        (
            own_id(schedule.orders[order]),
            lines.products[lines.product[order]],
            date.fromordinal(day),
            units,
            pegged,
        )
        for order, day, units, pegged in zip(
            schedule.order.tolist(),
            schedule.day.tolist(),
            schedule.quantity.tolist(),
            schedule.pegged.tolist(),
            strict=True,
        )
    ]


def true_gap(best: list[int], held: list[int]) -> float:
    """Return the largest part of the best plan's unit-days that is missing, over the prefixes."""
    assert all(most >= got for most, got in zip(best, held, strict=True)), (best, held)
    parts = [(most - got) / most for most, got in zip(best, held, strict=True) if most]
    return max(parts, default=0.0)


@settings(max_examples=60)
@given(optional_books(firm=False, factors=False, most_orders=3, most_units=2))
def test_the_gap_is_never_smaller_than_that_to_the_best_of_all_plans(case):
    """Of every whole plan of a tiny book none is better than the gap allows."""
    said = _answered(case)
    problem, picks = read(case.book, case.policy, case.as_of)
    if not picks:
        reject()
    held = held_prefixes(problem, picks, grants_of(said))
    best = best_by_trying(problem, bunches(problem, picks), {}, held)
    if best is None:
        reject()
    assert true_gap(best, held) <= said.plan.gap + SLACK
    assert best == best_prefixes(problem, picks, held), "the oracles agree"


@settings(max_examples=120)
@given(
    st.tuples(st.booleans(), st.sampled_from(["unit", "unit", "lot"])).flatmap(
        lambda drawn: optional_books(crossing=drawn[0], rounds=drawn[1:])
    )
)
def test_the_gap_is_never_smaller_than_that_to_the_best_of_a_solver(case):
    """With pegs, promises, factors, ceilings and shared power: HiGHS finds nothing better.

    It plans in units, which can only be more than in lots.
    """
    said = _answered(case)
    problem, picks = read(case.book, case.policy, case.as_of)
    if not picks:
        reject()
    held = held_prefixes(problem, picks, grants_of(said))
    best = best_prefixes(problem, picks, held)
    assert true_gap(best, held) <= said.plan.gap + SLACK
