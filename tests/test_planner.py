"""Planning again after a change gives what planning the changed book gives, to the byte."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from books import book, table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning.random_books import LENGTH, START, Case, crossing_books, small_books

from earmark import Change, Planner
from earmark.answer import Answer, Question, answer, checked
from earmark.book import Book
from earmark.checks import check_book
from earmark.errors import BookError, ContradictionError, UsageError
from earmark.report import plan_document, to_json
from earmark.schema import SCHEMA

SITES = {"orders": "site", "readiness": "site"}


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_change_is_planned_as_the_changed_book_is(data: st.DataObject) -> None:
    """Rows put and dropped, one change after another, under policies of every kind."""
    case: Case = data.draw(st.one_of(small_books(), crossing_books()))
    planner = Planner(case.book)
    try:
        planner.plan(case.policy, as_of=case.as_of, audited=False)
    except ContradictionError:
        return
    for _ in range(3):
        change = data.draw(changes(case.book))
        expected = _from_the_start(case, change)
        actual = _replanned(planner, change)
        assert _told(expected) == _told(actual)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=small_books(most_orders=12, most_units=9), data=st.data())
def test_orders_that_come_and_go_without_moves(case: Case, data: st.DataObject) -> None:
    """Where nothing is pegged, lines are kept and only what changes is put among them."""
    tables = {name: t for name, t in case.book.tables.items() if name != "moves"}
    case = replace(case, book=replace(case.book, tables=tables))
    planner = Planner(case.book)
    planner.plan(case.policy, as_of=case.as_of, audited=False)
    for _ in range(3):
        change = data.draw(changes(case.book))
        expected = _from_the_start(case, change)
        assert _told(expected) == _told(_replanned(planner, change))


@st.composite
def changes(draw: Any, book: Book) -> Change:
    """Draw one to three changes of orders, lots and readiness."""
    put: dict[str, dict[Any, dict[str, Any]]] = {"orders": {}, "lots": {}, "readiness": {}}
    drop: dict[str, list[Any]] = {}
    days = st.integers(0, LENGTH - 1).map(lambda n: START + timedelta(days=n))
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(["orders", "orders", "orders", "lots", "readiness"]))
        keys = list(book.table(name).keys) if book.has(name) else []
        kind = draw(st.sampled_from(["same", "drop", "new"] if keys else ["new"]))
        if kind == "drop":
            key = draw(st.sampled_from(keys))
            if key not in put[name]:
                drop[name] = list(dict.fromkeys([*drop.get(name, ()), key]))
            continue
        cells = draw(st.fixed_dictionaries({}, optional=_cells(name, days)))
        if kind == "same":
            key = draw(st.sampled_from(keys))
        else:
            cells = {**draw(st.fixed_dictionaries(_cells(name, days))), **_whole(draw, name, book)}
            key = ("s1", None, draw(days)) if name == "readiness" else draw(_ids(name))
        if key in drop.get(name, ()):
            continue
        parts = key if isinstance(key, tuple) else (key,)
        put[name][key] = {**cells, **dict(zip(SCHEMA[name].key, parts, strict=True))}
    return Change(**{name: list(rows.values()) for name, rows in put.items()}, drop=drop)


def _ids(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["a0", "l0", "n1", "o1x", "zz"])


def _cells(name: str, days: Any) -> dict[str, Any]:
    if name == "orders":
        return {
            "quantity": st.integers(1, 6),
            "due": days,
            "tier": st.integers(1, 3),
            "party": st.sampled_from(["p1", "p2"]),
            "site": st.sampled_from([None, "s1", "s2"]),
        }
    if name == "lots":
        return {"quantity": st.integers(1, 9), "date": days}
    return {"units": st.integers(0, 9)}


def _whole(draw: Any, name: str, book: Book) -> dict[str, Any]:
    """Return cells that a new row needs beside those that are drawn anyway."""
    products = st.sampled_from(list(book.products.column("product")))
    return {} if name == "readiness" else {"product": draw(products)}


def _from_the_start(case: Case, change: Change) -> Answer | str:
    """Plan the changed book from its rows; the code of what is wrong with it if anything is."""
    whole = case.book
    for name in change.tables:
        if not whole.has(name):
            whole = whole.replace_table(table(name, []))
        old = whole.table(name)
        rows: dict[Any, Mapping[str, Any]] = {
            key: {column: cells[i] for column, cells in old.columns.items()}
            for i, key in enumerate(old.keys)
        }
        for key in change.drop.get(name, ()):
            del rows[key]
        for cells in getattr(change, name):
            parts = tuple(cells[column] for column in SCHEMA[name].key)
            key = parts if len(parts) > 1 else parts[0]
            rows[key] = {**rows.get(key, {}), **cells}
        whole = whole.replace_table(table(name, list(rows.values()), start=whole.start))
    if any(problem.code.startswith("E") for problem in check_book(whole)):
        return "wrong"
    try:
        return answer(whole, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        return "contradiction"


def _replanned(planner: Planner, change: Change) -> Answer | str:
    try:
        return checked(planner.replan(change))
    except BookError:
        return "wrong"
    except ContradictionError:
        return "contradiction"


def _told(said: Answer | str) -> str:
    """Return all that an answer says, digest of the changed book included."""
    if isinstance(said, str):
        return said
    figures = said.outcome.figures.columns().values()
    days = (said.outcome.received, said.outcome.active, *figures)
    document = plan_document(
        said.book, said.plan, said.outcome, digest=said.digest, known=None, as_of=said.as_of
    )
    return to_json(document) + repr([column.tolist() for column in days])


ORDERS = [
    {"order": "o1", "party": "a", "product": "gpu", "quantity": 4, "due": date(2024, 1, 5)},
    {"order": "o2", "party": "b", "product": "gpu", "quantity": 4, "due": date(2024, 1, 6)},
]
LOTS = [{"lot": "l1", "product": "gpu", "date": date(2024, 1, 3), "quantity": 6}]


def _opened() -> Planner:
    planner = Planner(book(orders=ORDERS, lots=LOTS))
    planner.plan("priority")
    return planner


def test_a_what_if_leaves_the_book_as_it_is() -> None:
    """Each change starts from the book; what one changed the next does not see."""
    planner = _opened()
    whole = planner.replan(Change(lots=[{"lot": "l1", "quantity": 8}]))
    dropped = planner.replan(Change(drop={"orders": ["o2"]}), audited=True)
    assert [4, 4] == whole.outcome.figures.granted.tolist()
    assert [4] == dropped.outcome.figures.granted.tolist()
    assert ("o1",) == dropped.schedule.orders
    assert [6] == list(planner.book.lots.column("quantity"))


def test_a_policy_is_changed_by_its_keys() -> None:
    """A ceiling holds what a party may have; the answer names the policy that it changes."""
    said = _opened().replan(Change(policy={"ceilings": {"a": 1}}), audited=True)
    assert [1, 4] == said.outcome.figures.granted.tolist()
    assert "priority" == said.plan.policy


@pytest.mark.parametrize(
    "change",
    [
        Change(drop={"orders": ["o9"]}),
        Change(drop={"parties": ["a"]}),
        Change(orders=[{"order": "o9"}]),
        Change(orders=[{"order": "o1", "quantity": -1}]),
        Change(orders=[{"order": "o1", "quantity": 2.0}]),
        Change(orders=[{"order": "o1", "colour": "red"}]),
        Change(orders=[{"order": "o1", "known": date(2024, 1, 2)}]),
        Change(orders=[{"order": "o1", "status": "open"}]),
        Change(orders=[{"order": "o1"}], drop={"orders": ["o1"]}),
        Change(policy={"colour": "red"}),
    ],
)
def test_changes_that_cannot_be_made(change: Change) -> None:
    """What is not there, and cells that no file could hold, are refused."""
    with pytest.raises(UsageError):
        _opened().replan(change)


def test_rows_that_do_not_fit_the_book_are_refused() -> None:
    """An order due after the end of the book is told as it is when a book is read."""
    with pytest.raises(BookError) as caught:
        _opened().replan(Change(orders=[{"order": "o1", "due": date(2999, 1, 1)}]))
    assert ["E310"] == [problem.code for problem in caught.value.problems]


def test_versions_of_a_row_give_way_to_the_changed_one() -> None:
    """The digest is that of the book in which the row stands once, as it is known."""
    versions = [{**ORDERS[0], "known": date(2024, 1, 1)}, {**ORDERS[0], "known": date(2024, 1, 2)}]
    planner = Planner(book(orders=[*versions, ORDERS[1]], lots=LOTS))
    said = planner.replan(Change(orders=[{"order": "o1", "quantity": 5}]))
    once = {**ORDERS[0], "quantity": 5, "known": date(2024, 1, 2)}
    assert book(orders=[once, ORDERS[1]], lots=LOTS).digest == said.digest
    assert 2 == len(np.unique(said.schedule.order))


def test_the_example_in_the_documents_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/planner.md shows what can be typed, and it prints what one would expect."""
    root = Path(__file__).parent.parent
    text = (root / "docs/planner.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    exec(code.replace("examples/quickstart", str(root / "examples/quickstart")), {})
    late, without = capsys.readouterr().out.splitlines()
    assert late.endswith("GPU-days late in all")
    assert without.endswith("GPUs are not served")


def test_a_priced_policy_is_planned_from_the_start():
    """Prices lend nothing to the next plan: the answer is that of the changed book."""
    made = book(
        lots=[{"lot": "l", "quantity": 5}],
        orders=[
            {"order": "a", "quantity": 5, "due": "2024-01-02"},
            {"order": "b", "quantity": 5, "due": "2024-01-03", "weight": "2"},
        ],
    )
    planner = Planner(made)
    first = planner.plan("value")
    assert "priced" == first.plan.engine
    change = Change(drop={"orders": ["b"]})
    later = planner.replan(change)
    assert ("priced", ("a",)) == (later.plan.engine, later.schedule.orders)
    planner.plan("priority")
    assert "priced" == planner.replan(Change(policy={"value": "weight"})).plan.engine
