"""Quarters: what a fiscal rule says, and that periods tile time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.calendar import (
    CALENDAR_YEAR,
    FiscalRule,
    Period,
    calendar_quarter_of,
    fiscal_year_of,
    parse_rule,
    quarter_of,
)

SUNDAY = parse_rule("last Sunday of January")

RULES = st.sampled_from(
    [
        "last Sunday of January",
        "last saturday in september",
        "last Friday of December",
        "last day of February",
        "31 December",
        "30 June",
        "28 February",
        "30 November",
        "5 April",
        "30 May",
    ]
).map(parse_rule)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "label", "start", "last"),
    [
        (date(2023, 10, 30), "Q4 FY2024", date(2023, 10, 30), date(2024, 1, 28)),
        (date(2024, 1, 28), "Q4 FY2024", date(2023, 10, 30), date(2024, 1, 28)),
        (date(2024, 1, 29), "Q1 FY2025", date(2024, 1, 29), date(2024, 4, 28)),
        (date(2024, 7, 28), "Q2 FY2025", date(2024, 4, 29), date(2024, 7, 28)),
        (date(2024, 7, 29), "Q3 FY2025", date(2024, 7, 29), date(2024, 10, 27)),
        (date(2024, 12, 31), "Q4 FY2025", date(2024, 10, 28), date(2025, 1, 26)),
    ],
)
def test_published_quarters(day: date, label: str, start: date, last: date) -> None:
    """The quarters of a year that ends on the last Sunday of January are those published."""
    assert Period(label, start, last + timedelta(days=1)) == quarter_of(day, SUNDAY)


@pytest.mark.parametrize(
    ("rule", "day", "label", "start", "end"),
    [
        ("31 December", date(2024, 2, 29), "Q1 FY2024", date(2024, 1, 1), date(2024, 4, 1)),
        ("30 June", date(2024, 7, 1), "Q1 FY2025", date(2024, 7, 1), date(2024, 10, 1)),
        ("28 February", date(2024, 2, 29), "Q4 FY2024", date(2023, 12, 1), date(2024, 3, 1)),
        ("29 February", date(2023, 3, 1), "Q1 FY2024", date(2023, 3, 1), date(2023, 6, 1)),
        ("5 April", date(2024, 4, 6), "Q1 FY2025", date(2024, 4, 6), date(2024, 7, 6)),
        ("last day of May", date(2024, 5, 31), "Q4 FY2024", date(2024, 3, 1), date(2024, 6, 1)),
    ],
)
def test_day_rules(rule: str, day: date, label: str, start: date, end: date) -> None:
    """A rule by day ends quarters on that day of the month; a last day on the last day."""
    assert Period(label, start, end) == quarter_of(day, parse_rule(rule))


def test_calendar_quarters() -> None:
    """Calendar quarters are named after their year."""
    expected = Period("2024-Q1", date(2024, 1, 1), date(2024, 4, 1))
    assert expected == calendar_quarter_of(date(2024, 3, 31))


def test_fiscal_year_is_named_after_its_end() -> None:
    """A fiscal year that ends in January 2025 is FY2025."""
    expected = Period("FY2025", date(2024, 1, 29), date(2025, 1, 27))
    assert expected == fiscal_year_of(date(2024, 2, 1), SUNDAY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("last Sunnday of January", "did you mean Sunday?"),
        ("last Sunday of Januar", "did you mean January?"),
        ("31 Decembre", "did you mean December?"),
        ("31 June", "June has no day 31"),
        ("30 February", "February has no day 30"),
        ("0 May", "May has no day 0"),
        ("", "31 December"),
        ("first Monday of May", "last Sunday of January"),
        ("2024-12-31", "31 December"),
        ("² May", "31 December"),
    ],
)
def test_nonsense_is_refused(text: str, message: str) -> None:
    """A rule that says no day is refused with an example or the nearest name."""
    with pytest.raises(ValueError, match="expected a year end") as error:
        parse_rule(text)
    assert message in str(error.value)


@given(DAYS, RULES)
def test_each_day_is_in_its_quarter(day: date, rule: FiscalRule) -> None:
    """The quarter of a day holds it, and every day of it names the same quarter."""
    quarter = quarter_of(day, rule)
    assert day in quarter
    assert quarter == quarter_of(quarter.start, rule)
    assert quarter == quarter_of(quarter.end - timedelta(days=1), rule)


@given(DAYS, RULES)
def test_quarters_tile(day: date, rule: FiscalRule) -> None:
    """The next quarter starts where one ends, four make the fiscal year, labels count on."""
    year = fiscal_year_of(day, rule)
    quarters = [quarter_of(year.start, rule)]
    while quarters[-1].end < year.end:
        quarters.append(quarter_of(quarters[-1].end, rule))
    assert [f"Q{number} {year.label}" for number in (1, 2, 3, 4)] == [q.label for q in quarters]
    assert year.end == quarters[-1].end
    assert year.days == sum(quarter.days for quarter in quarters)


@given(DAYS, RULES)
def test_years_tile(day: date, rule: FiscalRule) -> None:
    """The next fiscal year starts where one ends and has the next number."""
    year = fiscal_year_of(day, rule)
    following = fiscal_year_of(year.end, rule)
    assert year.end == following.start
    assert int(year.label[2:]) + 1 == int(following.label[2:])


@given(DAYS)
def test_calendar_year_is_a_fiscal_year(day: date) -> None:
    """Calendar quarters are those of the fiscal year that ends on 31 December."""
    calendar, fiscal = calendar_quarter_of(day), quarter_of(day, CALENDAR_YEAR)
    assert (calendar.start, calendar.end) == (fiscal.start, fiscal.end)
    assert parse_rule("31 December") == CALENDAR_YEAR


@pytest.mark.parametrize("day", [date.min, date.max])
def test_first_and_last_date(day: date) -> None:
    """The first and the last date there is have quarters and years too."""
    assert quarter_of(day, SUNDAY).start <= day
    assert fiscal_year_of(day, SUNDAY).start <= day
    assert calendar_quarter_of(day).start <= day
