"""From the text of a cell to its typed value, or to what is wrong with it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earmark.schema import LARGEST, Column
from earmark.tables.hints import BLANKS, choice_hint, date_hint, decimal_hint, units_hint

LONGEST = 32_767
"""Most characters of a cell: what a spreadsheet can hold."""

DROP = Column("drop", "yes", what="yes or nothing")
"""The column that only overlays have: yes removes the row's key."""

ERROR_TEXTS = frozenset(
    ("#DIV/0!", "#REF!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!",
     "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!")
)  # fmt: skip
"""What a spreadsheet shows in place of a result."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ODD = re.compile(
    rf"[\x00-\x1e\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff;#]"
    rf"|\x1f[{BLANKS}]|[{BLANKS}]\x1f"
)
"""What a text between two unit separators holds that has to be looked at by itself."""

_WHOLE = re.compile(r"[0-9]+(?:\.0{1,2})?")
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_NEGATIVE = re.compile(r"[-\u2212][0-9]+(?:\.[0-9]+)?")
_FACTOR = re.compile(r"[1-9][0-9]{0,5}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a cell; stands in its place until the row is left out."""

    code: str
    message: str
    hint: str | None = None


class Cells(dict[str, object]):
    """The typed value of each distinct text of one column: columns repeat themselves.

    `cells[text]` is the value or a `Flaw`; `flawed` tells whether any text had one. `products`
    are the ids that a hint may name.
    """

    def __init__(
        self, table: str, column: Column, default: object, products: Sequence[str]
    ) -> None:
        """Prepare for the cells of `column`; an empty one is `default` unless it is required."""
        super().__init__()
        self.flawed = False
        self._default = default
        self._column = column
        self._products = products
        self._parse = _PARSERS[column.kind]

    def plain(self, distinct: Sequence[str]) -> bool:
        """Tell whether distinct texts of a column of ids or words are their own values.

        One search over all of them together saves a call for each.
        """
        if self._column.kind not in ("id", "options", "text") or not distinct:
            return False
        together = "\x1f".join(distinct)
        return (
            together.count("\x1f") == len(distinct) - 1
            and max(map(len, distinct)) <= LONGEST
            and "\x1f\x1f" not in f"\x1f{together}\x1f"  # an empty one
            and not _ODD.search(f"\x1f{together}\x1f")
        )

    def __missing__(self, text: str) -> object:
        """Parse a text that was not seen before."""
        self[text] = value = self._value(text)
        if isinstance(value, Flaw):
            self.flawed = True
        return value

    def _value(self, raw: str) -> object:
        if control := _CONTROL.search(raw):
            return _hidden(control[0])
        text = raw.strip(BLANKS)
        column = self._column
        if not text:
            if column.required:
                return Flaw("E101", f"expected {column.what}; the cell is empty")
            return self._default
        if text in ERROR_TEXTS:
            hint = "mend the formula, or empty the cell"
            return Flaw("E108", f"expected {column.what}; the spreadsheet shows an error", hint)
        if len(text) > LONGEST:
            return Flaw("E111", f"expected at most {LONGEST} characters, found {len(text)}")
        value = self._parse(text, column, self._products)
        if column.name == "weight" and value == 0:
            return Flaw("E107", f"expected {column.what}")
        return value


def _hidden(character: str) -> Flaw:
    return Flaw(
        "E109",
        f"expected plain text, found the character U+{ord(character):04X} that cannot be seen",
        "type the cell again",
    )


def setting(column: Column) -> Callable[[str], object]:
    """Return the parser of a setting of that kind: settings follow the rules of cells."""
    return lambda text: Cells("book", column, None, ())[text]


def parse_id(text: str, column: Column, products: Sequence[str]) -> object:
    """Return an id: any text on one line without `;`."""
    if hidden := _HIDDEN.search(text):
        return _hidden(hidden[0])
    if ";" in text:
        return Flaw("E110", "expected one id; ; stands between ids only in evidence, and in orders")
    return text


def parse_ids(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the ids between `;`, each once, in their order."""
    if hidden := _HIDDEN.search(text):
        return _hidden(hidden[0])
    ids = (part.strip(BLANKS) for part in text.split(";"))
    return tuple(dict.fromkeys(part for part in ids if part))


def parse_options(text: str, column: Column, products: Sequence[str]) -> object:
    """Return ids of which any will do, best first, as one text with `;` between."""
    if hidden := _HIDDEN.search(text):
        return _hidden(hidden[0])
    if ";" not in text:
        return text
    ids = [part.strip(BLANKS) for part in text.split(";")]
    if "" in ids:
        return Flaw("E113", "expected an id on either side of each ;", "take out one ;")
    for i, name in enumerate(ids):
        if name in ids[:i]:
            return Flaw("E113", f"{name} stands there twice", "name each once, best first")
    return ";".join(ids)


def parse_factors(text: str, column: Column, products: Sequence[str]) -> object:
    """Return whole numbers of 1 or more as one text with `;` between."""
    factors = []
    for part in text.split(";"):
        digits = part.strip(BLANKS)
        if not _FACTOR.fullmatch(digits):
            hint = "count the order in the smallest unit, so that each factor is a whole number"
            return Flaw("E114", f"expected {column.what}", hint)
        factors.append(digits)
    return ";".join(factors)


def parse_text(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the text with one kind of line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse_integer(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the whole number; '12000.0' is one, too."""
    if _NEGATIVE.fullmatch(text):
        return Flaw("E107", _at_least(column))
    if not _WHOLE.fullmatch(text):
        code = "E102" if column.what.endswith("of GPUs") else "E103"
        return Flaw(code, f"expected {column.what}", units_hint(text, column.name, products))
    digits = text.partition(".")[0].lstrip("0") or "0"
    most = LARGEST if column.most is None else column.most
    if len(digits) > 15 or int(digits) > most:
        return Flaw("E107", f"expected {column.what}, at most {most}")
    number = int(digits)
    if column.least is not None and number < column.least:
        return Flaw("E107", _at_least(column))
    return number


def _at_least(column: Column) -> str:
    bound = f", {column.least or 0} or more"
    return f"expected {column.what.removesuffix(bound)}{bound}"


def parse_decimal(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the number as Decimal: at most 12 digits before the point and 15 after it."""
    if _NEGATIVE.fullmatch(text):
        return Flaw("E107", f"expected {column.what}, 0 or more")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return Flaw("E104", f"expected {column.what}", decimal_hint(text))
    if len(match[1].lstrip("0")) > 13 or len(match[2] or "") > 15:
        return Flaw("E107", f"expected {column.what}, at most {LARGEST} and 15 decimals")
    number = Decimal(text)
    most = LARGEST if column.most is None else column.most
    if number > most:
        bound = f", at most {most}" if column.most is None else ""
        return Flaw("E107", f"expected {column.what}{bound}")
    return number


def parse_date(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the day of an ISO date."""
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return Flaw("E105", f"expected {column.what}; there is no such day")
    return Flaw("E105", f"expected {column.what}", date_hint(text))


def parse_choice(text: str, column: Column, products: Sequence[str]) -> object:
    """Return the choice, spelled as the schema spells it."""
    if text in column.choices:
        return text
    return Flaw("E106", f"expected {column.what}", choice_hint(text, column.choices))


def parse_yes(text: str, column: Column, products: Sequence[str]) -> object:
    """Return True for yes and False for no."""
    if text in ("yes", "no"):
        return text == "yes"
    return Flaw("E112", f"expected {column.what}", choice_hint(text, ("yes", "no")))


_PARSERS: dict[str, Callable[[str, Column, Sequence[str]], object]] = {
    "id": parse_id,
    "ids": parse_ids,
    "options": parse_options,
    "factors": parse_factors,
    "text": parse_text,
    "integer": parse_integer,
    "decimal": parse_decimal,
    "date": parse_date,
    "choice": parse_choice,
    "yes": parse_yes,
}
