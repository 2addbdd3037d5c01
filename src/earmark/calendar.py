"""Quarters of the calendar year and of fiscal years: ranges of days that tile time.

A fiscal calendar is a rule that says on which day the fiscal year ends. Its quarters end on the
same kind of day 3, 6 and 9 months later; a fiscal year is named after the calendar year in which
it ends.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTHS = (29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FORMS = 'expected a year end such as "31 December" or "last Sunday of January"'


@dataclass(frozen=True, slots=True)
class Period:
    """A named half-open range of days [start, end)."""

    label: str
    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        """Tell whether `day` is in the period."""
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """The number of days in the period."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class FiscalRule:
    """The last day of a fiscal year: in `month`, the last such weekday, or that day of the month.

    Just one of `weekday` (Monday 0) and `day` is given; `day` 31 is the last day of any month.
    """

    month: int
    weekday: int | None
    day: int | None


CALENDAR_YEAR = FiscalRule(12, None, 31)
"""The rule of the calendar year."""


def parse_rule(text: str) -> FiscalRule:
    """Return the rule that a text such as "last Sunday of January" or "31 December" states.

    The last day of a month stands for that, also in leap years: "28 February", "last day of May".
    Raises ValueError with a message for the person who wrote the text.
    """
    words = text.split()
    if len(words) == 4 and words[0].lower() == "last" and words[2].lower() in ("of", "in"):
        month = _named(words[3], _MONTHS, text) + 1
        if words[1].lower() == "day":
            return FiscalRule(month, None, 31)
        return FiscalRule(month, _named(words[1], _WEEKDAYS, text), None)
    if len(words) == 2 and words[0].isascii() and words[0].isdigit():
        return _day_rule(int(words[0]), _named(words[1], _MONTHS, text) + 1, text)
    raise ValueError(f"{_FORMS}, not {text!r}")


def quarter_of(day: date, rule: FiscalRule) -> Period:
    """Return the fiscal quarter that holds `day`, labelled as `Q1 FY2025`."""
    index = _quarter_index(day, rule)
    number = _number(index, rule)
    return _quarter(f"Q{number} FY{_fiscal_year(index, number)}", index, rule)


def calendar_quarter_of(day: date) -> Period:
    """Return the quarter of the calendar year that holds `day`, labelled as `2024-Q1`."""
    index = _quarter_index(day, CALENDAR_YEAR)
    return _quarter(f"{day.year}-Q{_number(index, CALENDAR_YEAR)}", index, CALENDAR_YEAR)


def fiscal_year_of(day: date, rule: FiscalRule) -> Period:
    """Return the fiscal year that holds `day`, labelled as `FY2025`."""
    index = _quarter_index(day, rule)
    number = _number(index, rule)
    last = index + 3 * (4 - number)
    label = f"FY{_fiscal_year(index, number)}"
    return Period(label, _day_after(last - 12, rule), _day_after(last, rule))


def _named(word: str, names: tuple[str, ...], text: str) -> int:
    """Return the position of a name, whatever its case."""
    lower = [name.lower() for name in names]
    if word.lower() in lower:
        return lower.index(word.lower())
    near = get_close_matches(word.lower(), lower, 1)
    hint = f"; did you mean {names[lower.index(near[0])]}?" if near else ""
    raise ValueError(f"{_FORMS}, not {text!r}{hint}")


def _day_rule(day: int, month: int, text: str) -> FiscalRule:
    length = _LENGTHS[month - 2] if month > 1 else 31
    if not 1 <= day <= length:
        raise ValueError(f"{_FORMS}: {_MONTHS[month - 1]} has no day {day} in {text!r}")
    is_last = day == length or (month == 2 and day == 28)
    return FiscalRule(month, None, 31 if is_last else day)


# Below, a month is one number, 12 * year + month - 1, so that months can be counted on.


def _quarter_index(day: date, rule: FiscalRule) -> int:
    """Return the month in which the quarter that holds `day` ends."""
    month = 12 * day.year + day.month - 1
    index = month + (rule.month - 1 - month) % 3
    return index if day <= _last_day(index, rule) else index + 3


def _number(index: int, rule: FiscalRule) -> int:
    """Return which quarter of its fiscal year ends in that month: 1 to 4."""
    return ((index - rule.month) % 12) // 3 + 1


def _fiscal_year(index: int, number: int) -> int:
    return (index + 3 * (4 - number)) // 12


def _quarter(label: str, index: int, rule: FiscalRule) -> Period:
    return Period(label, _day_after(index - 3, rule), _day_after(index, rule))


def _last_day(index: int, rule: FiscalRule) -> date:
    """Return the day on which a quarter that ends in that month ends, at most the last date."""
    if index >= 12 * date.max.year + 11:
        return date.max
    last = date((index + 1) // 12, (index + 1) % 12 + 1, 1) - timedelta(days=1)
    if rule.weekday is not None:
        return last - timedelta(days=(last.weekday() - rule.weekday) % 7)
    return last.replace(day=min(rule.day or last.day, last.day))


def _day_after(index: int, rule: FiscalRule) -> date:
    """Return the day after a quarter that ends in that month, within what dates can say."""
    if index < 12 * date.min.year:
        return date.min
    last = _last_day(index, rule)
    return last if last == date.max else last + timedelta(days=1)
