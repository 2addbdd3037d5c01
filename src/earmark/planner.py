"""An open book: planned once, then planned again after each change that is thought of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np

from earmark.answer import Answer, Question, answer, checked, measured
from earmark.book import Book
from earmark.changes import Change, Indexes, Patch, changed_book
from earmark.coded import coded
from earmark.errors import UsageError
from earmark.planning import (
    Planning,
    Since,
    as_asked,
    confirms,
    has_options,
    plan_again,
    planned,
)
from earmark.planning.demand import Planned, planned_orders
from earmark.policy import Policy
from earmark.schedule import Ints


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """A book as known, planned: what the next plan starts from."""

    question: Question
    book: Book
    planning: Planning
    indexes: Indexes


class Planner:
    """Plans a book, and plans it again after a change faster than from the start.

    What a change does not touch is kept: classes and their lines, capacities, and the stages
    that have the demand and the room that they had. The answer is, to the byte, that of planning
    the changed book from the start.
    """

    def __init__(self, book: Book) -> None:
        """Open a book that was read and checked (all versions of its rows)."""
        self.book = book
        self._state: _State | None = None
        self._afresh: Question | None = None
        """The question, where a plan lends nothing to the next one."""

    def plan(
        self,
        policy: str | Policy | None = None,
        *,
        known: date | None = None,
        as_of: date | None = None,
        include: Collection[str] = (),
        audited: bool = True,
    ) -> Answer:
        """Plan the book under a policy, by name or as such (the book's own where none is named).

        Later changes are changes of this plan. Raises UsageError for a name that the book does not
        have, ContradictionError where the rules contradict each other.
        """
        question = Question(self._policy(policy), known, as_of, tuple(include))
        self._afresh = None
        book = self.book.as_known(known)
        if _alone(book, question.policy):
            self._afresh = question
            return answer(self.book, question)
        made = planned(book, question.policy, as_of=as_of, include=include)
        self._state = _State(question, book, made, Indexes(book))
        said = measured(book, question, made, lambda: self.book)
        return checked(said) if audited else said

    def replan(self, change: Change, *, audited: bool = False) -> Answer:
        """Plan the book as it would be with a change; the next change starts from the book again.

        Reasons are made when they are looked at. The audit, which looks at everything again, is
        done where it is asked for. Raises as `plan` does, UsageError where the change names what
        is not there, and BookError with every problem of its rows.
        """
        if self._afresh is not None:
            return self._again(self._afresh, change)
        if self._state is None:
            self.plan(audited=audited)
            return self.replan(change, audited=audited)
        before = self._state
        question = replace(before.question, policy=_changed(before.question.policy, change.policy))
        book, patches = changed_book(before.book, change, before.indexes)
        if _alone(book, question.policy):
            return self._again(before.question, change)
        orders = _orders(before, book, patches.get("orders"))
        gone, new = _touched(before, orders, patches.get("orders"))
        since = Since(before.planning.posed, gone, new, sites="readiness" in patches)
        made = plan_again(
            book,
            question.policy,
            before.planning,
            since,
            orders,
            as_of=question.as_of,
            include=question.include,
        )
        said = measured(
            book, question, made, lambda: self._whole(change, patches, book, before.book)
        )
        return checked(said) if audited else said

    def _again(self, question: Question, change: Change) -> Answer:
        """Plan a changed book from the start, as known by the day of the question."""
        known = self.book.as_known(question.known)
        book, patches = changed_book(known, change, Indexes(known))
        policy = _changed(question.policy, change.policy)
        return answer(self._whole(change, patches, book, known), replace(question, policy=policy))

    def _policy(self, policy: str | Policy | None) -> Policy:
        if isinstance(policy, Policy):
            return policy
        name = policy or self.book.policy
        found = self.book.policy_named(name)
        if found is None:
            raise UsageError(f"the book has no policy {name}")
        return found

    def _whole(
        self, change: Change, patches: Mapping[str, Patch], changed: Book, before: Book
    ) -> Book:
        """Return the whole book with the change: rows take the place of all versions of theirs."""
        tables = dict(self.book.tables)
        for name, patch in patches.items():
            base, now = self.book.table(name), changed.table(name)
            if len(base) == len(before.table(name)):
                tables[name] = now
                continue
            put = now.take(patch.new.tolist())
            out = {*put.keys, *change.drop.get(name, ())}
            left = base.take(i for i, key in enumerate(base.keys) if key not in out)
            tables[name] = left.joined(put)
        return replace(self.book, tables=MappingProxyType(tables))


def _alone(book: Book, policy: Policy) -> bool:
    """Tell whether a plan lends nothing to the next one."""
    return (
        policy.value is not None
        or confirms(book)
        or has_options(book)
        or as_asked(book, policy) is not book
    )


def _changed(policy: Policy, keys: Mapping[str, Any]) -> Policy:
    if not keys:
        return policy
    names = set(Policy.__slots__) - {"name"}
    if unknown := sorted(set(keys) - names):
        raise UsageError(f"a policy has no key {unknown[0]}", f"it has {', '.join(sorted(names))}")
    return replace(policy, **keys)


def _orders(before: _State, book: Book, patch: Patch | None) -> Planned:
    """Return the rows and ids of the planned orders of the changed book."""
    rows, ids = before.planning.orders
    if patch is None:
        return rows, ids
    status = coded(book.orders.column("status"))
    counted = {"booked", *({"forecast", "quoted"} & set(before.question.include))}
    plain = len(ids) == len(before.book.orders) and before.indexes["orders"].sorted
    if plain and all(status[i] in counted for i in patch.new.tolist()):
        names = book.orders.column("order")
        if patch.keys_stay:
            return rows, ids
        return np.arange(len(names)), tuple(names)
    return planned_orders(book, before.question.include)


def _touched(before: _State, orders: Planned, patch: Patch | None) -> tuple[Ints, Ints]:
    """Return where the planned orders stood that the patch takes out, and stand that it puts in."""
    if patch is None:
        none = np.zeros(0, np.int64)
        return none, none
    found = []
    for (rows, _), touched in ((before.planning.orders, patch.gone), (orders, patch.new)):
        inside = np.zeros(int(max(rows.max(initial=0), touched.max(initial=0))) + 1, np.bool_)
        inside[touched] = True
        found.append(np.flatnonzero(inside[rows]))
    return found[0], found[1]
