"""What would make an order less late: single changes, each tried by planning again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from earmark.amounts import gpus
from earmark.answer import Answer, Question, answer
from earmark.book import Book
from earmark.ledger.positions import positions
from earmark.model import Order

SOURCE = "cure"


@dataclass(frozen=True, slots=True)
class Cure:
    """Something that was tried by planning again, and the unit-days that it saves the order."""

    text: str
    unit_days: int


@dataclass(frozen=True, slots=True)
class _Change:
    text: str
    book: Book
    question: Question


def cures_of(before: Answer, order: str) -> list[Cure]:
    """Return the single changes that save `order` unit-days, best first; each was planned.

    Only changes that could help at all are tried: room at its site, supply by its due day, a lot
    on time, a lifted ceiling.
    """
    record = before.book.orders.get(order)
    if record is None or not (waits := _waits(before, order)):
        return []
    found = []
    for change in _changes(before, record):
        saved = waits - _waits(answer(change.book, change.question), order)
        if saved > 0:
            found.append(Cure(change.text, saved))
    return sorted(found, key=lambda cure: (-cure.unit_days, cure.text))


def _waits(said: Answer, order: str) -> int:
    figures = said.outcome.figures
    at = said.plan.schedule.orders.index(order)
    return int(figures.late_unit_days[at] + figures.unserved_unit_days[at])


def _changes(before: Answer, order: Order) -> Iterator[_Change]:
    known, question = before.book, before.question
    due = max(order.due, known.start)
    if order.site is not None and order.site in set(known.readiness.column("site")):
        yield _Change(
            f"Room for all of it at {order.site} from {due}",
            _with_room(known, order, due),
            question,
        )
    yield _Change(
        f"{gpus(order.quantity)} more of {order.product} by {due}",
        _with_lot(known, order, due),
        question,
    )
    for lot in _late_pegs(known, order):
        yield _Change(f"Lot {lot} by {due}", _with_lot_by(known, lot, due), question)
    for name in sorted({order.party, known.group_of.get(order.party, "")}):
        if name in question.policy.ceilings:
            ceilings = {k: v for k, v in question.policy.ceilings.items() if k != name}
            policy = replace(question.policy, ceilings=MappingProxyType(ceilings))
            yield _Change(f"No ceiling on {name}", known, replace(question, policy=policy))


def _with_room(book: Book, order: Order, due: date) -> Book:
    """Return the book with the order's quantity of room more at its site from `due` on."""
    rows = book.readiness
    whole = order.quantity
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


def _with_lot(book: Book, order: Order, due: date) -> Book:
    lot = {
        "lot": f"more for {order.order}",
        "product": order.product,
        "date": due,
        "quantity": order.quantity,
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
