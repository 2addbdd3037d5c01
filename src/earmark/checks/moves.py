"""What each kind of move needs, and which of its columns must agree with each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from earmark.book import Book, Table
from earmark.coded import crossed, examples, same
from earmark.errors import Problem
from earmark.findings import problem_at
from earmark.model import Move
from earmark.options import ids_in, is_several


@dataclass(frozen=True, slots=True)
class KindRule:
    """The columns that a kind of move needs and may have; the others must be empty."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Columns of which exactly one is given."""

    @property
    def takes(self) -> str:
        """The columns in words."""
        words = [*self.needs, *(f"{column} if you like" for column in self.may)]
        return ", ".join(words) + (f", and {' or '.join(self.one_of)}" if self.one_of else "")


_PEG = KindRule(("lot", "order"), ("draws",))

KIND_RULES: Mapping[str, KindRule] = MappingProxyType(
    {
        "opening": KindRule(("party", "product"), ("site",)),
        "earmark": KindRule(("lot", "order"), ("until",)),
        "release": _PEG,
        "redirect": KindRule(("order", "to_order"), ("lot",)),
        "ship": _PEG,
        "receive": _PEG,
        "activate": _PEG,
        "transfer": KindRule(("party", "product", "site"), one_of=("to_site", "to_order")),
        "retire": KindRule(("party", "product"), ("site",)),
    }
)
"""The rule of each kind of move."""

KIND_COLUMNS = ("lot", "order", "to_order", "party", "product", "site", "to_site", "until", "draws")
"""The columns of moves that only some kinds use."""


def check_moves(book: Book) -> Iterator[Problem]:
    """Find moves with a wrong set of columns, or columns that do not fit together."""
    yield from _check_columns(book.moves)
    yield from _check_ends(book.moves)
    yield from _check_products(book)
    yield from _check_transfers(book)
    yield from _check_holds(book.moves)


def _check_columns(moves: Table[Move]) -> Iterator[Problem]:
    kinds = moves.column("kind")
    given = [moves.column(name).mapped(lambda cell: cell is not None) for name in KIND_COLUMNS]
    patterns = crossed([kinds, *given])
    found = {
        int(patterns[i]): _wrong_columns(kinds[i], *(column[i] for column in given))
        for i in examples(patterns).tolist()
    }
    wrong = np.isin(patterns, [pattern for pattern, faults in found.items() if faults])
    for i in np.flatnonzero(wrong).tolist():
        for column, code, message in found[int(patterns[i])]:
            hint = f"{kinds[i]} takes {KIND_RULES[kinds[i]].takes}"
            yield problem_at(moves, i, column, code, message, hint)


def _wrong_columns(kind: str, *given: bool) -> list[tuple[str, str, str]]:
    """Return column, code and message of what is wrong with the columns that a move gives."""
    rule = KIND_RULES[kind]
    present = {column for column, is_given in zip(KIND_COLUMNS, given, strict=True) if is_given}
    used = {*rule.needs, *rule.may, *rule.one_of}
    missing = [column for column in rule.needs if column not in present]
    found = [(column, "E330", f"{kind} needs {column}") for column in missing]
    unused = [column for column in KIND_COLUMNS if column in present - used]
    found += [(column, "E331", f"{kind} does not use {column}") for column in unused]
    chosen = present.intersection(rule.one_of)
    if rule.one_of and len(chosen) != 1:
        words = "both" if chosen else "neither"
        message = f"{kind} needs one of {' and '.join(rule.one_of)}; {words} is given"
        found.append((rule.one_of[0], "E332", message.replace("both is", "both are")))
    return found


def _check_ends(moves: Table[Move]) -> Iterator[Problem]:
    """Find moves that lead back to where they start."""
    for start, end in (("order", "to_order"), ("site", "to_site")):
        for i in np.flatnonzero(same(moves.column(start), moves.column(end))).tolist():
            message = f"{end} is the {start} that the units leave"
            yield problem_at(moves, i, end, "E334", message, f"name another {start}")


def _check_products(book: Book) -> Iterator[Problem]:
    """Find moves between lots, orders and units of different products."""
    moves = book.moves
    if not len(moves):
        return
    columns = moves.columns
    of_lot, of_order = _products(book, "lots", "lot"), _products(book, "orders", "order")
    of_itself = _products(book, "moves", "product")
    for one, of_one, other in (
        ("lot", of_lot, "order"),
        ("order", of_order, "to_order"),
        ("lot", of_lot, "to_order"),
        ("product", of_itself, "to_order"),
    ):
        products = moves.column(one).mapped(of_one.get)
        others = moves.column(other).mapped(of_order.get)
        known = products.where(bool) & others.where(bool)
        for i in np.flatnonzero(known & ~same(products, others)).tolist():
            is_of, needed = products[i], others[i]
            if not set(ids_in(is_of)).isdisjoint(ids_in(needed)):
                continue
            if (one, other) == ("lot", "to_order") and not is_several(
                of_order[columns["order"][i]]
            ):
                continue  # the orders are of different products, which is told above
            place = moves.columns[other][i]
            message = f"{one} {moves.columns[one][i]} is of {is_of}, {other} {place} of {needed}"
            if one == "product":
                message = f"these are {is_of}, {other} {place} is of {needed}"
            yield problem_at(moves, i, one, "E333", message, f"name one of {needed}")


def _check_transfers(book: Book) -> Iterator[Problem]:
    """Find transfers to an order that are called like a lot: grants name both in one column."""
    moves = book.moves
    transfers = moves.column("kind").where("transfer".__eq__) & moves.column("to_order").where(bool)
    for i in np.flatnonzero(transfers).tolist():
        move = moves.columns["move"][i]
        if move in book.lots.positions:
            message = f"{move} is the name of a lot too"
            yield problem_at(moves, i, "move", "E215", message, "rename the move or the lot")


def _check_holds(moves: Table[Move]) -> Iterator[Problem]:
    """Find earmarks that end before they begin, and moves that cannot draw what they name."""
    columns = moves.columns
    for i in np.flatnonzero(moves.column("until").where(bool)).tolist():
        until = columns["until"][i]
        if until <= columns["date"][i]:
            message = f"date {columns['date'][i]} is not before until {until}"
            yield problem_at(moves, i, "until", "E329", message, "name a later day, or none")
    named = np.flatnonzero(moves.column("draws").where(bool)).tolist()
    drawing = [i for i in named if columns["draws"][i] in moves.positions]
    drawn_by: dict[str, str] = {}
    for i in sorted(drawing, key=lambda i: (columns["date"][i], columns["move"][i])):
        earmark = columns["draws"][i]
        first = drawn_by.setdefault(earmark, columns["move"][i])
        if found := _wrong_draw(moves, i, moves.positions[earmark], first):
            yield problem_at(moves, i, "draws", *found)


def _wrong_draw(moves: Table[Move], i: int, j: int, first: str) -> tuple[str, str, str] | None:
    """Return code, message and hint of why the i-th move cannot draw the j-th, if it cannot."""
    columns = moves.columns
    earmark, day, until = (columns[name][j] for name in ("move", "date", "until"))
    if columns["kind"][j] != "earmark":
        return (
            "E324",
            f"{earmark} is no earmark, but a move of kind {columns['kind'][j]}",
            "name an earmark",
        )
    for name in ("lot", "order"):
        if columns[name][i] != columns[name][j]:
            message = f"{earmark} is of {name} {columns[name][j]}, this of {columns[name][i]}"
            return "E325", message, f"name an earmark of the same {name}"
    if first != columns["move"][i]:
        return "E326", f"{first} has drawn {earmark} before", "leave out draws, or name another"
    if until is not None and until <= columns["date"][i]:
        return "E327", f"{earmark} ended on {until}", "leave out draws, or correct one of the days"
    if columns["date"][i] < day:
        return "E327", f"{earmark} was made on {day} only", "correct one of the days"
    return None


def _products(book: Book, name: str, column: str) -> Mapping[str, str]:
    """Return the product of each id in a column. An unknown product is told of once, elsewhere."""
    columns = book.table(name).columns
    pairs = zip(columns[column], columns["product"], strict=True)
    if not book.has("products"):
        return dict(pairs)
    known = set(book.products.keys)
    return {key: product for key, product in pairs if known.issuperset(ids_in(product))}
