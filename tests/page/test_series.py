"""earmark.page.series: steps of outcomes have the areas that the outcome counts."""

from datetime import date

from books import book
from h100 import READINGS, swap_book, with_swap, without_swap
from schedules import schedule

from earmark.outcome import measure
from earmark.page.series import compared_series, plan_series


def area(series, line) -> int:
    ends = [*series.days[1:], series.end]
    return sum(n * (b - a).days for a, b, n in zip(series.days, ends, line, strict=True))


def test_areas_under_the_steps_are_the_unit_days():
    """Both sides of the case, in each reading: received and active GPU-days of both parties."""
    for ready in READINGS.values():
        case = swap_book(ready)
        sides = [measure(case, made(case)) for made in (without_swap, with_swap)]
        for p, series in enumerate(compared_series(*sides)):
            lines = [(series.received_a, series.active_a), (series.received_b, series.active_b)]
            for side, (received, active) in zip(sides, lines, strict=True):
                assert side.party_figures.received_unit_days[p] == area(series, received)
                assert side.party_figures.active_unit_days[p] == area(series, active)


def test_what_is_due_lies_over_what_is_active_by_the_unit_days_late():
    """Without backlog the area between due and active is what is late and unserved."""
    case = swap_book("2024-03-01")
    made = without_swap(case)
    outcome = measure(case, made)
    for p, series in enumerate(plan_series(made, outcome)):
        late = area(series, series.due) - area(series, series.active_a)
        figures = outcome.party_figures
        assert figures.late_unit_days[p] + figures.unserved_unit_days[p] == late


def test_running_units_stand_in_every_line():
    """What runs anyway is received, active and part of what is due; a backlog is due at once."""
    case = book(
        moves=[{"kind": "opening", "party": "p", "product": "gpu", "quantity": 5, "site": "s"}],
        orders=[{"order": "o", "party": "p", "quantity": 3, "due": "2023-06-01"}],
        lots=[{"lot": "l", "quantity": 2, "date": "2024-02-01"}],
    )
    made = schedule(case, ("l", "o", "2024-02-01", 2))
    (series,) = plan_series(made, measure(case, made))
    assert (date(2024, 1, 1), date(2024, 2, 1)) == series.days
    assert (5, 7) == series.received_a == series.active_a
    assert (8, 8) == series.due


def test_a_party_of_one_side_alone_has_nothing_on_the_other():
    """Both sides have a line for every party of either."""
    days = {"quantity": 1, "due": "2024-01-01"}
    one = book(orders=[{"order": "o", "party": "p", **days}], lots=[{"lot": "l"}])
    two = book(orders=[{"order": "o", "party": "q", **days}], lots=[{"lot": "l"}])
    a, b = (measure(x, schedule(x, ("l", "o", "2024-01-01", 1))) for x in (one, two))
    p, q = compared_series(a, b)
    assert ((1,), (0,)) == (p.active_a, p.active_b)
    assert ((0,), (1,)) == (q.active_a, q.active_b)
