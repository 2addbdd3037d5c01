"""An answer: a book planned, measured and audited. No plan leaves the program in another way."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from earmark.audit import audit
from earmark.book import Book
from earmark.outcome import Outcome, measure
from earmark.planning import make_plan
from earmark.policy import Policy
from earmark.pricing import make_priced_plan
from earmark.schedule import CAUSES, Plan, Reasons
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a book: under which policy, as known when, with new grants from when on."""

    policy: Policy
    known: date | None = None
    as_of: date | None = None
    include: Collection[str] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A plan with the book (as known) that it answers, and what it means day by day."""

    book: Book
    digest: str
    question: Question
    plan: Plan
    outcome: Outcome

    @property
    def as_of(self) -> date:
        """The first day of new grants."""
        return self.question.as_of or self.book.start


def answer(book: Book, question: Question) -> Answer:
    """Plan a book (all versions), measure the plan and audit it.

    Raise ContradictionError where the rules contradict each other, and AssertionError where the
    audit, which shares no code with the engine, finds anything: that is a mistake of ours.
    """
    known = book.as_known(question.known)
    make = make_plan if question.policy.value is None else make_priced_plan
    plan = make(known, question.policy, as_of=question.as_of, include=question.include)
    outcome = measure(known, plan.schedule, policy=question.policy)
    plan = replace(plan, reasons=_with_waits_for_power(known, plan, outcome))
    found = audit(
        known,
        question.policy,
        plan,
        outcome.figures,
        as_of=question.as_of or book.start,
        include=question.include,
    )
    assert not found, "the audit found " + "; ".join(f"{v.kind}: {v.message}" for v in found)
    return Answer(known, book.digest, question, plan, outcome)


def _with_waits_for_power(book: Book, plan: Plan, outcome: Outcome) -> Reasons:
    """Return the reasons with the days that granted units wait at their site without power."""
    schedule, reasons, figures = plan.schedule, plan.reasons, outcome.figures
    due = outcome.lines.due[schedule.order]
    until_granted = sum_by(
        schedule.order, schedule.quantity * (schedule.day - due), len(schedule.orders)
    )
    waits = figures.late_unit_days - until_granted
    order = np.flatnonzero(waits)
    if not len(order):
        return reasons
    sites = dict(zip(book.orders.column("order"), book.orders.column("site"), strict=True))
    names = [(sites[schedule.orders[o]],) for o in order]
    holders = {ids: len(reasons.holders) + i for i, ids in enumerate(dict.fromkeys(names))}
    columns = {
        "order": np.append(reasons.order, order),
        "cause": np.append(reasons.cause, np.full(len(order), CAUSES.index("site"))),
        "unit_days": np.append(reasons.unit_days, waits[order]),
        "by": np.append(reasons.by, [holders[ids] for ids in names]),
    }
    rank = np.lexsort((columns["cause"], columns["order"]))
    return Reasons(
        **{name: column[rank] for name, column in columns.items()},
        holders=(*reasons.holders, *holders),
    )
