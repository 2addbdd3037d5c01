"""What the writer of a bad cell may have meant."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from earmark.findings import nearest
from earmark.schema import LARGEST

BLANKS = " \t\r\n\xa0\u2007\u202f"
"""Stripped from both ends of a cell. (`str.strip` alone would also take control characters.)"""

_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[,_' \xa0\u2007\u202f][0-9]{3})+")
_NUMBER = re.compile(
    r"(?P<number>[0-9][0-9,._' \xa0\u2007\u202f]*(?:e[0-9]{1,2})?)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MULTIPLES = {
    "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9,
}  # fmt: skip
_UNIT_WORDS = {"gpu", "gpus", "unit", "units", "pc", "pcs", "pieces", "x", "chips", "cards"}
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {
    name: number for number, month in enumerate(_MONTH_NAMES, 1) for name in (month, month[:3])
}
_MONTHS["sept"] = 9
_NUMERIC_DATE = re.compile(
    r"([0-9]{1,4})\s*[-/. ]\s*([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,4})(?:[T ]+[0-9:.]+Z?)?"
)
_DAY_MONTH = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[-. ]*([a-z]+)[-., ]*([0-9]{4}|[0-9]{2})", re.IGNORECASE
)
_MONTH_DAY = re.compile(
    r"([a-z]+)[-. ]*([0-9]{1,2})(?:st|nd|rd|th)?[-., ]+([0-9]{4}|[0-9]{2})", re.IGNORECASE
)
_SERIAL_ORIGIN = date(1899, 12, 30)
"""Day 0 of the days that spreadsheets count, for every day after February 1900."""


_LIKE = 0.5
"""How alike a word of the format must be: there are few, and they are unlike each other."""


def name_hint(word: str, names: Sequence[str], what: str) -> str:
    """Name the nearest of `names` in any case, and all of them when it is not near."""
    near = nearest(word, names, cutoff=_LIKE)
    if near is not None:
        return f"did you mean {near}?"
    least = nearest(word, names, cutoff=0.0)
    return f"the nearest is {least}; {what} are {', '.join(names)}"


def choice_hint(word: str, names: Sequence[str]) -> str | None:
    """Name the nearest choice, if one is near."""
    near = nearest(word, names, cutoff=_LIKE)
    return None if near is None else f"did you mean {near}?"


def units_hint(text: str, column: str, products: Sequence[str]) -> str | None:
    """Guess the whole number, and the product beside it, in a text such as '12,000 H100'."""
    match = _NUMBER.fullmatch(_folded(text))
    if match is None:
        return None
    if re.match(r"[-/:][0-9]", match["rest"]):  # a day, or a range
        return None
    rest = match["rest"].strip(BLANKS + "()[]*×x")
    number = match["number"]
    times = 0
    words = rest.split()
    if words and words[0].lower() in _MULTIPLES:
        times = _MULTIPLES[words[0].lower()]
        words = words[1:]
    values = [value * 10**times for value in _readings(number)]
    whole = [str(int(value)) for value in values if value == value.to_integral_value()]
    if not whole:
        return None
    words = [word for word in words if word.lower() not in _UNIT_WORDS]
    if not words:
        return "did you mean " + " or ".join(dict.fromkeys(whole)) + "?"
    if column not in ("quantity", "units"):
        return f"did you mean {whole[0]}?"
    typed = " ".join(words)
    product = nearest(typed, products, cutoff=_LIKE) or typed
    return f"did you mean {column} {whole[0]}, product {product}?"


def decimal_hint(text: str) -> str | None:
    """Guess the number in a text such as '$1,200.50' or '1,5'."""
    folded = _folded(text)
    match = re.search(r"[0-9][0-9,._' \xa0\u2007\u202f]*(?:e[0-9]{1,2})?", folded, re.IGNORECASE)
    if match is None or folded[match.end() : match.end() + 1].isdigit():
        return None
    rest = folded[match.end() :].split()
    times = _MULTIPLES.get(rest[0].lower(), 0) if rest else 0
    values = [format(value * 10**times, "f") for value in _readings(match[0])]
    return "did you mean " + " or ".join(dict.fromkeys(values)) + "?" if values else None


def date_hint(text: str) -> str | None:
    """Name the day or days that a text such as '06/15/2024' may mean, as ISO."""
    days = list(dict.fromkeys(_days(_folded(text))))
    if not days:
        return None
    if len(days) > 1:
        return "did you mean " + " or ".join(day.isoformat() for day in days) + "?"
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text):
        return f"as the day number of a spreadsheet this is {days[0].isoformat()}"
    return f"did you mean {days[0].isoformat()}?"


def _folded(text: str) -> str:
    """Return the text with full-width digits, odd blanks and the like as plain ones."""
    return unicodedata.normalize("NFKC", text).strip(BLANKS)


def _readings(number: str) -> list[Decimal]:
    """Return what a text of digits, commas and points may mean, the likeliest first."""
    number = number.strip(BLANKS + ",._'")
    mantissa, _, exponent = number.lower().partition("e")
    if len(mantissa) > 40:  # no number that anyone meant
        return []
    scale = Decimal(10) ** int(exponent or 0)
    found = []
    if _THOUSANDS.fullmatch(mantissa):
        found.append(Decimal(re.sub(r"[^0-9]", "", mantissa)))
    elif re.fullmatch(r"[0-9]+(\.[0-9]+)?", mantissa):
        found.append(Decimal(mantissa))
        if re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}", mantissa):
            found.append(Decimal(mantissa.replace(".", "")))
    elif re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", mantissa):
        found.append(Decimal(mantissa.replace(".", "").replace(",", ".")))
    elif re.fullmatch(r"[0-9]{1,3}([,_' ][0-9]{3})+\.[0-9]+", mantissa):
        found.append(Decimal(re.sub(r"[^0-9.]", "", mantissa)))
    elif re.fullmatch(r"[0-9]+,[0-9]+", mantissa):
        found.append(Decimal(mantissa.replace(",", ".")))
    return [_plain_decimal(value * scale) for value in found if value * scale <= LARGEST]


def _plain_decimal(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def _days(text: str) -> Iterable[date]:
    if match := _NUMERIC_DATE.fullmatch(text):
        first, second, third = match.groups()
        if len(first) == 4:
            yield from _day(first, second, third)
        elif len(first) <= 2:
            yield from _day(third, first, second)  # month first, as in the United States
            yield from _day(third, second, first)
    elif match := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", text):
        yield from _day(*match.groups())
    elif match := _DAY_MONTH.fullmatch(text):
        yield from _day(match[3], str(_MONTHS.get(match[2].lower(), 0)), match[1])
    elif match := _MONTH_DAY.fullmatch(text):
        yield from _day(match[3], str(_MONTHS.get(match[1].lower(), 0)), match[2])
    elif match := re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", text):
        yield _SERIAL_ORIGIN + timedelta(days=int(match[1]))


def _day(year: str, month: str, day: str) -> Iterable[date]:
    if len(year) in (2, 4):
        try:
            yield date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        except ValueError:
            return
