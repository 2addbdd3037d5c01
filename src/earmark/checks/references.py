"""Ids that name nothing: in the tables of a book and in its policies."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from earmark.book import Book, Table
from earmark.checks.quotas import check_quotas
from earmark.coded import same
from earmark.errors import Problem
from earmark.findings import nearest, problem_at

OPTIONAL = ("parties", "products", "sites", "evidence")
"""Tables that declare nothing as long as a book does not have them (docs/meanings.md, item 1)."""

Declared = Mapping[str, Collection[str]]
"""Per table, ids of rows that are there but could not be read whole."""


def check_references(book: Book, declared: Declared) -> Iterator[Problem]:
    """Find each id in a table of `book` that the table it refers to does not have."""
    for table in book.tables.values():
        for column in table.schema.columns:
            target = column.refers_to
            if target is None or not len(table):
                continue
            if target not in OPTIONAL or book.has(target) or target in declared:
                wanted = {*_ids(table.column(column.name).cells)}
                if wanted:
                    names = {*book.table(target).keys, *declared.get(target, ())}
                    yield from _unknown(table, column.name, target, names, wanted - names)
    yield from _own_returns(book)


def check_names(book: Book, declared: Declared, ever: Book) -> Iterator[Problem]:
    """Find names shared by a group and a party, and policies that name neither.

    Policies are of no day: they may name who is in the book `ever`, of all versions.
    """
    parties = book.parties
    names = set(parties.columns["party"])
    for i, group in enumerate(parties.columns["group"]):
        if group in names:
            message = f"{group} is the name of a party too"
            yield problem_at(parties, i, "group", "E214", message, "rename the group or the party")
    if book.has("parties") and not declared.get("parties"):
        columns = ever.parties.columns
        people = {*columns["party"]}
        yield from check_quotas(book)
        yield from _unknown_in_policies(book, people.union(columns["group"]) - {None})
        yield from _unknown_in_approvals(book, people)


def _unknown(
    table: Table[Any],
    column: str,
    target: str,
    names: Collection[str],
    unknown: set[str],
) -> Iterator[Problem]:
    cells = table.column(column)
    hints = {name: _hint(name, target, names) for name in sorted(unknown)[:_HINTS]}
    code = "E211" if target == "evidence" else "E210"
    concerned = cells.where(lambda cell: not unknown.isdisjoint(_ids([cell])))
    for i in np.flatnonzero(concerned).tolist() if unknown else ():
        for name in _ids([cells[i]]):
            if name in unknown:
                hint = hints.get(name, f"add it to {target}")
                yield problem_at(table, i, column, code, f"{target} has no {name}", hint)


_HINTS = 100
"""Ids of one column that are looked for among the names that there are; the search takes time."""


def _ids(cells: Collection[Any]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, tuple):
            yield from cell
        elif cell is not None:
            yield from cell.split(";")  # of orders; no id has one


def _hint(name: str, target: str, names: Collection[str]) -> str:
    meant = nearest(name, names)
    return f"did you mean {meant}?" if meant else f"add it to {target}"


def _own_returns(book: Book) -> Iterator[Problem]:
    moves = book.moves
    tied = same(moves.column("move"), moves.column("in_return_for"))
    for i in np.flatnonzero(tied).tolist():
        message = f"{moves.columns['move'][i]} cannot be in return for itself"
        hint = "name the move on the other side of the swap"
        yield problem_at(moves, i, "in_return_for", "E212", message, hint)


def _unknown_in_policies(book: Book, names: Collection[str]) -> Iterator[Problem]:
    for policy in book.policies.values():
        rules: tuple[tuple[str, Collection[str]], ...] = (
            ("weights", policy.weights),
            ("ceilings", policy.ceilings),
            ("quotas", policy.quotas),
        )
        for rule, given in rules:
            for name in sorted(set(given).difference(names)):
                yield Problem(
                    "E213",
                    f"no party or group is called {name}",
                    table="book",
                    column=f"policy.{policy.name}.{rule}",
                    text=name,
                    hint=_hint(name, "parties", names),
                )


def _unknown_in_approvals(book: Book, names: Collection[str]) -> Iterator[Problem]:
    """Find approvers and declared parties that are no party; names with blanks are people."""
    if book.approval is None:
        return
    given = [("approvers", name) for name in book.approval.approvers if len(name.split()) == 1]
    given += [
        (f"declared.{reason}", name)
        for reason, parties in book.approval.declared.items()
        for name in parties
    ]
    for key, name in given:
        if name not in names:
            meant = nearest(name, names)
            hint = "add it to parties"
            if key == "approvers":
                hint += ", or name a person or a body in two words or more"
            yield Problem(
                "E349",
                f"no party is called {name}",
                table="book",
                column=f"approval.{key}",
                text=name,
                hint=f"did you mean {meant}?" if meant else hint,
            )
