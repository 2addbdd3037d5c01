"""An answer: a book planned, measured and audited. No plan leaves the program in another way."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from earmark.audit import audit
from earmark.audit.options import unlike_asked
from earmark.book import Book
from earmark.outcome import Outcome, measure
from earmark.planning import (
    Planning,
    as_asked,
    choose,
    has_options,
    planned,
    raised,
    reopened,
)
from earmark.planning.asked import Raised
from earmark.policy import Policy
from earmark.pricing import make_priced_plan
from earmark.schedule import CAUSES, Plan, Reasons, Schedule
from earmark.sums import sum_by


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a book: under which policy, as known when, with new grants from when on."""

    policy: Policy
    known: date | None = None
    as_of: date | None = None
    include: Collection[str] = ()
    previous: Schedule | None = None
    """Grants of an earlier plan, by which orders with a word in `confirm` stand; else earmarks."""


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan with the book (as known) that it answers, and what it means day by day.

    In `book`, `schedule` and `outcome` orders with several products or sites are parts (`options`).
    Reasons, digest and the whole book are made when they are first asked for.
    """

    question: Question
    book: Book
    schedule: Schedule
    outcome: Outcome
    explain: Callable[[], Plan] = field(repr=False)
    """Makes the plan, which holds the schedule, its proof and its reasons."""
    gather: Callable[[], Book] = field(repr=False)
    """Makes the book with all versions of its rows."""
    opened: Book | None = None
    """The book as known before its orders with options became parts; None where it has none."""

    @property
    def asked(self) -> Book:
        """The book as known with its orders as they are asked for."""
        return self.opened or self.book

    @cached_property
    def plan(self) -> Plan:
        """The plan with its proof and its reasons."""
        return self.explain()

    @cached_property
    def whole(self) -> Book:
        """The book with all versions of its rows."""
        return self.gather()

    @property
    def raised(self) -> tuple[Raised, ...]:
        """The orders that are planned for more units than they ask, by id."""
        question = self.question
        return tuple(raised(self.whole.as_known(question.known), question.policy))

    @property
    def digest(self) -> str:
        """The digest of the whole book."""
        return self.whole.digest

    @property
    def as_of(self) -> date:
        """The first day of new grants."""
        return self.question.as_of or self.book.start


def answer(book: Book, question: Question) -> Answer:
    """Plan a book (all versions), measure the plan and audit it.

    Raise ContradictionError where the rules contradict each other, and AssertionError where the
    audit, which shares no code with the engine, finds anything: that is a mistake of ours.
    """
    known = as_asked(book.as_known(question.known), question.policy)
    if has_options(known):
        return checked(_chosen(known, question, lambda: book))
    if question.policy.value is not None:
        return checked(_priced(known, question, lambda: book))
    known, previous = reopened(known, question.previous)
    made = planned(
        known,
        question.policy,
        as_of=question.as_of,
        include=question.include,
        previous=previous,
    )
    return checked(measured(known, question, made, lambda: book), previous)


def measured(book: Book, question: Question, made: Planning, whole: Callable[[], Book]) -> Answer:
    """Return the answer that a plan of a book as known is, not audited yet."""
    outcome = measure(book, made.schedule, policy=question.policy, rows=made.orders[0])

    def explain() -> Plan:
        plan = made.plan()
        return replace(plan, reasons=_with_waits_for_power(plan, outcome))

    return Answer(question, book, made.schedule, outcome, explain, whole)


def _chosen(book: Book, question: Question, whole: Callable[[], Book]) -> Answer:
    """Return the answer of a book as known whose orders have options, not audited yet."""
    policy, as_of, include = question.policy, question.as_of, question.include
    choice = choose(book, policy, as_of=as_of, include=include)
    made = planned(choice.book, policy, as_of=as_of, include=include, choice=choice)
    return replace(measured(choice.book, question, made, whole), opened=book)


def _priced(book: Book, question: Question, whole: Callable[[], Book]) -> Answer:
    """Return the answer that a priced plan of a book as known is, not audited yet."""
    policy, include = question.policy, question.include
    made = make_priced_plan(book, policy, as_of=question.as_of, include=include)
    outcome = measure(book, made.schedule, policy=policy)

    def explain() -> Plan:
        return replace(made, reasons=_with_waits_for_power(made, outcome))

    return Answer(question, book, made.schedule, outcome, explain, whole)


def checked(said: Answer, previous: Schedule | None = None) -> Answer:
    """Return an answer that the audit finds nothing in; else AssertionError.

    `previous` are the earlier promises that it had to keep.
    """
    question = said.question
    found = audit(
        said.book,
        question.policy,
        said.plan,
        said.outcome.figures,
        as_of=said.as_of,
        include=question.include,
        previous=previous,
    )
    parts = [f"{kind}: {o}" for kind, o in unlike_asked(said.asked, said.book, question.include)]
    assert not parts, "the audit found " + "; ".join(parts)
    assert not found, "the audit found " + "; ".join(f"{v.kind}: {v.message}" for v in found)
    return said


def _with_waits_for_power(plan: Plan, outcome: Outcome) -> Reasons:
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
    lines = outcome.lines
    names = [(lines.sites[site],) for site in lines.site[order].tolist()]
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
