"""What would make an order less late: the least changes, each tried by planning again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.amounts import gpus
from earmark.answer import Answer, Question, answer
from earmark.book import Book
from earmark.ledger.positions import positions
from earmark.model import Order
from earmark.options import options_of, own_id

SOURCE = "cure"

FEW_ORDERS = 5000
"""Up to here the least change is sought, which takes a dozen plans; beyond, the whole is named."""


@dataclass(frozen=True, slots=True)
class Cure:
    """Something that was tried by planning again, and the unit-days that it saves the order.

    `units` is how much is changed: GPUs more, or of room; 0 for what has no amount.
    """

    text: str
    unit_days: int
    units: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of some amount, from 1 to `most`; `most` 0 for one that has none."""

    text: Callable[[int], str]
    made: Callable[[int], tuple[Book, Question]]
    most: int = 0


def cures_of(before: Answer, order: str) -> list[Cure]:
    """Return the least changes that save `order` unit-days, best first; each was planned.

    Tried are room at its site, supply by its due day, both of these where neither is enough, a lot
    on time, a higher ceiling. Of each kind it is the least amount that saves as much as any would,
    found by halving; of those that save as much the one that changes fewest units stands first.
    """
    record = before.asked.orders.get(order)
    if record is None or not (waits := _waits(before, order)):
        return []
    search = _Search(order, waits, few=len(before.asked.orders) <= FEW_ORDERS)
    changes = list(_changes(before, record))
    found = [cure for change in changes if (cure := search.least(change))]
    if all(cure.unit_days < waits for cure in found):
        tried = (search.least(both) for both in _both(before, record))
        most = max((cure.unit_days for cure in found), default=0)
        found += [cure for cure in tried if cure and cure.unit_days > most]
    return sorted(found, key=lambda cure: (-cure.unit_days, cure.units, cure.text))


@dataclass(frozen=True, slots=True)
class _Search:
    order: str
    waits: int
    few: bool

    def least(self, change: _Change) -> Cure | None:
        """Return the least amount of a change that saves as much as the most; None if none does."""
        whole = self._saved(change, change.most)
        if whole <= 0:
            return None
        low, high = 0, change.most
        while self.few and high - low > 1:
            middle = (low + high) // 2
            if self._saved(change, middle) >= whole:
                high = middle
            else:
                low = middle
        return Cure(change.text(high), whole, high)

    def _saved(self, change: _Change, units: int) -> int:
        return self.waits - _waits(answer(*change.made(units)), self.order)


def _waits(said: Answer, order: str) -> int:
    figures = said.outcome.figures
    parts = np.array([own_id(name) == order for name in said.plan.schedule.orders])
    return int((figures.late_unit_days + figures.unserved_unit_days)[parts].sum())


def _options(order: Order) -> list[Order]:
    """Return the order with each of its products and sites; as it is where it has one."""
    options = options_of(order.product, order.site, order.factors)
    return [replace(order, product=option.product, site=option.site) for option in options]


def _changes(before: Answer, order: Order) -> Iterator[_Change]:
    known, question = before.asked, before.question
    due, options = max(order.due, known.start), _options(order)
    for one in {one.site: one for one in reversed(options)}.values():
        if _has_room_rows(known, one):
            yield _room(before, one, due)
    for one in {one.product: one for one in reversed(options)}.values():
        yield _supply(before, one, due)
    yield from (_lot(before, lot, due) for lot in _late_pegs(known, order))
    for name in sorted({order.party, known.group_of.get(order.party, "")}):
        if name in question.policy.ceilings:
            yield _ceiling(before, name, order.quantity)


def _room(before: Answer, order: Order, due: date) -> _Change:
    known, question = before.asked, before.question
    return _Change(
        lambda units: f"Room for {_amount(order, units)} at {order.site} from {due}",
        lambda units: (_with_room(known, order, due, units), question),
        order.quantity,
    )


def _supply(before: Answer, order: Order, due: date) -> _Change:
    known, question = before.asked, before.question
    return _Change(
        lambda units: f"{gpus(units)} more of {order.product} by {due}",
        lambda units: (_with_lot(known, order, due, units), question),
        order.quantity,
    )


def _both(before: Answer, order: Order) -> Iterator[_Change]:
    """Yield room and supply together, in the same amount."""
    due = max(order.due, before.asked.start)
    for one in _options(order):
        if _has_room_rows(before.asked, one):
            yield _room_and_supply(before, one, due)


def _room_and_supply(before: Answer, order: Order, due: date) -> _Change:
    known, question = before.asked, before.question
    return _Change(
        lambda units: (
            f"{gpus(units)} more of {order.product} by {due}, and room for "
            f"{_amount(order, units)} at {order.site}"
        ),
        lambda units: (
            _with_lot(_with_room(known, order, due, units), order, due, units),
            question,
        ),
        order.quantity,
    )


def _lot(before: Answer, lot: str, due: date) -> _Change:
    made = (_with_lot_by(before.asked, lot, due), before.question)
    return _Change(lambda _: f"Lot {lot} by {due}", lambda _: made)


def _ceiling(before: Answer, name: str, most: int) -> _Change:
    known, question = before.asked, before.question
    ceilings = question.policy.ceilings

    def made(units: int) -> tuple[Book, Question]:
        raised = MappingProxyType({**ceilings, name: ceilings[name] + units})
        return known, replace(question, policy=replace(question.policy, ceilings=raised))

    return _Change(lambda units: f"A ceiling of {ceilings[name] + units} on {name}", made, most)


def _has_room_rows(book: Book, order: Order) -> bool:
    return order.site is not None and order.site in set(book.readiness.column("site"))


def _amount(order: Order, units: int) -> str:
    return "all of it" if units == order.quantity else f"{units:,} more"


def _with_room(book: Book, order: Order, due: date, whole: int) -> Book:
    """Return the book with room for `whole` more at the order's site from `due` on."""
    rows = book.readiness
    units = list(rows.column("units"))
    here = [
        i
        for i, (site, product) in enumerate(
            zip(rows.column("site"), rows.column("product"), strict=True)
        )
        if site == order.site and product in (None, order.product)
    ]
    before: dict[str | None, tuple[date, int]] = {}
    for i in sorted(here, key=lambda i: rows.column("date")[i]):
        day, product = rows.column("date")[i], rows.column("product")[i]
        if day <= due:
            before[product] = (day, units[i])
        if day >= due:
            units[i] += whole
    products = {rows.column("product")[i] for i in here} or {order.product}
    changed = replace(rows, columns={**rows.columns, "units": units})
    fresh = [
        {
            "site": order.site,
            "product": product,
            "date": due,
            "units": before.get(product, (due, 0))[1] + whole,
        }
        for product in sorted(products, key=str)
        if before.get(product, (None, 0))[0] != due
    ]
    return book.replace_table(changed.with_rows(_known(book, fresh), SOURCE))


def _with_lot(book: Book, order: Order, due: date, quantity: int) -> Book:
    lot = {
        "lot": f"more for {order.order}",
        "product": order.product,
        "date": due,
        "quantity": quantity,
    }
    return book.replace_table(book.lots.with_rows(_known(book, [lot]), SOURCE))


def _with_lot_by(book: Book, lot: str, due: date) -> Book:
    lots = book.lots
    days = [
        due if name == lot else day
        for name, day in zip(lots.column("lot"), lots.column("date"), strict=True)
    ]
    return book.replace_table(replace(lots, columns={**lots.columns, "date": days}))


def _late_pegs(book: Book, order: Order) -> list[str]:
    """Return the lots that units of the order are pegged to, and that come after it is due."""
    pegged = {lot for lot, to in positions(book).pegs if to == order.order}
    days = zip(book.lots.column("lot"), book.lots.column("date"), strict=True)
    return sorted(lot for lot, day in days if lot in pegged and day > order.due)


def _known(book: Book, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"known": book.start, **row} for row in rows]
