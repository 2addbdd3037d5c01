"""Available-to-promise and capable-to-promise: what can be promised beside a plan, and when.

No grant of the plan is moved. Available is what supply and ceilings leave; capable is what the site
can power, too. A promise that is kept as `promised` leaves every earlier grant on its day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from earmark.answer import Answer, answer
from earmark.book import Book
from earmark.outcome import Outcome
from earmark.planning.pose import pose
from earmark.planning.promising import Limit, Part, Promises, day_of_all, parts_of

SOURCE = "promise"
"""How messages name the orders that were made from the question."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Units asked for by a day; several products where any of them will do, best first."""

    party: str
    products: tuple[str, ...]
    site: str | None
    quantity: int
    due: date


@dataclass(frozen=True, slots=True)
class Offer:
    """When how much of an ask can be promised; parts in the order of their days."""

    quantity: int
    due: date
    parts: tuple[Part, ...]
    at_once: Part | None
    """All of it in one product on one day: the earliest, and the best product of that day."""
    limits: tuple[Limit, ...]
    """What leaves least room by the due day, per product; none where all can be promised."""

    @property
    def by_due(self) -> int:
        """Units that can be promised for the day they are due."""
        return sum(part.quantity for part in self.parts if part.day <= self.due)

    @property
    def unserved(self) -> int:
        """Units that cannot be promised before the book ends."""
        return self.quantity - sum(part.quantity for part in self.parts)

    @property
    def complete(self) -> date | None:
        """The day by which all can be promised in parts; None for never."""
        return None if self.unserved else max(part.day for part in self.parts)


@dataclass(frozen=True, slots=True)
class Promise:
    """The two answers to an ask: `capable` is what can be delivered and run."""

    ask: Ask
    available: Offer
    capable: Offer


def promise(said: Answer, ask: Ask) -> Promise:
    """Return what can be promised beside the plan of `said`, with every grant left as it is."""
    names = _fresh_ids(said.book, len(ask.products))
    asked = list(zip(names, ask.products, strict=True))
    policy, include = said.question.policy, said.question.include
    problem = pose(_with_orders(said.book, ask, asked), policy, said.as_of, include)
    schedule = said.plan.schedule

    def offer(*, power: bool) -> Offer:
        def fresh() -> Promises:
            return Promises(problem, schedule, power=power)

        day = int((problem.days < max(ask.due.toordinal(), problem.as_of)).sum())
        alone = [
            Part(on, product, ask.quantity)
            for order, product in asked
            if (on := day_of_all(fresh(), order, ask.quantity, ask.due))
        ]
        found = Offer(
            ask.quantity,
            ask.due,
            tuple(parts_of(fresh(), asked, ask.quantity, ask.due)),
            min(alone, key=lambda part: part.day, default=None),
            (),
        )
        if found.by_due == ask.quantity:
            return found
        limits = tuple(fresh().limit(order, product, day) for order, product in asked)
        return Offer(found.quantity, found.due, found.parts, found.at_once, limits)

    return Promise(ask, offer(power=False), offer(power=True))


def _fresh_ids(book: Book, count: int) -> list[str]:
    orders = book.orders.positions
    stem = SOURCE
    while any(f"{stem}-{i}" in orders for i in range(count)):
        stem += "-"
    return [f"{stem}-{i}" for i in range(count)]


def _with_orders(book: Book, ask: Ask, asked: Sequence[tuple[str, str]], tier: int = 1) -> Book:
    """Return the book with an order per product, none of which is in the plan of it."""
    rows = [
        {
            "order": order,
            "party": ask.party,
            "product": product,
            "site": ask.site,
            "quantity": ask.quantity,
            "due": ask.due,
            "tier": tier,
            "known": book.known or book.start,
        }
        for order, product in asked
    ]
    return book.replace_table(book.orders.with_rows(rows, SOURCE))


@dataclass(frozen=True, slots=True)
class TierOffer:
    """What an order of a tier would get where it takes its turn: grants of others may move."""

    tier: int
    by_due: int
    complete: date | None
    unserved: int
    others_unit_days: int
    """Late and unserved unit-days that it would cost other orders."""


def by_tier(said: Answer, ask: Ask) -> list[TierOffer]:
    """Return what an ordinary order would get in each tier of the plan: each is planned anew.

    Of several products the best alone is asked for, and orders with options choose anew. Under a
    policy that does not rank by the tiers of orders there is one row, of tier 1.
    """
    tiers = [1]
    if said.question.policy.tiers == "order":
        planned = set(said.plan.schedule.orders)
        columns = said.book.orders.columns
        pairs = zip(columns["order"], columns["tier"], strict=True)
        tiers = sorted({1, *(tier for order, tier in pairs if order in planned)})
    (name,) = _fresh_ids(said.asked, 1)
    before = _waits(said.outcome)
    return [_tier_offer(said, ask, name, tier, before) for tier in tiers]


def _tier_offer(said: Answer, ask: Ask, name: str, tier: int, before: int) -> TierOffer:
    book = _with_orders(said.asked, ask, [(name, ask.products[0])], tier)
    after = answer(book, said.question)
    schedule, figures = after.plan.schedule, after.outcome.figures
    place = schedule.orders.index(name)
    mine = schedule.order == place
    days, units = schedule.day[mine], schedule.quantity[mine]
    unserved = ask.quantity - int(units.sum())
    own = int(figures.late_unit_days[place] + figures.unserved_unit_days[place])
    return TierOffer(
        tier,
        int(units[days <= ask.due.toordinal()].sum()),
        None if unserved else date.fromordinal(int(days.max())),
        unserved,
        _waits(after.outcome) - own - before,
    )


def _waits(outcome: Outcome) -> int:
    figures = outcome.figures
    return int(figures.late_unit_days.sum() + figures.unserved_unit_days.sum())
