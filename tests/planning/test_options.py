"""Orders with several products or sites: what they take, how they are shown, and laws."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from books import book, policy
from hypothesis import given, reject, settings
from planning.optional_books import optional_books

from earmark.answer import Answer, Question, answer
from earmark.audit.options import unlike_asked
from earmark.changes import Change
from earmark.cli.plan import document_of
from earmark.compare import Side, compare
from earmark.cures import cures_of
from earmark.errors import ContradictionError, UsageError
from earmark.options import own_id
from earmark.planner import Planner
from earmark.planning import make_plan
from earmark.report import grant_columns, plan_summary

DAY_1, DAY_2 = "2024-01-02", "2024-01-03"
BOTH = [
    {"lot": "l1", "product": "p1", "date": DAY_1, "quantity": 1},
    {"lot": "l2", "product": "p2", "date": DAY_2, "quantity": 1},
]


def said_of(made, **rules) -> Answer:
    return answer(made, Question(policy("own", **rules)))


def grants(said: Answer):
    """Return order, lot and day of the grants as they are shown, with their units."""
    return {
        (row["order"], row["lot"], row["date"]): row["quantity"]
        for row in document_of(said, ())["grants"]
    }


def small(**tables):
    rows = {"products": [{"product": p} for p in ("p1", "p2", "p3")], **tables}
    return book(start="2024-01-01", end="2024-01-12", **rows)


def test_lateness_counts_before_preference():
    """The second product today is taken before the first one tomorrow, and the first one first."""
    lots = [
        {"lot": "a", "product": "p1", "date": DAY_1, "quantity": 2},
        {"lot": "b", "product": "p2", "date": DAY_1, "quantity": 3},
        {"lot": "c", "product": "p1", "date": DAY_2, "quantity": 9},
    ]
    made = small(
        lots=lots, orders=[{"order": "o", "product": "p1;p2", "quantity": 6, "due": DAY_1}]
    )
    assert {("o", "a", DAY_1): 2, ("o", "b", DAY_1): 3, ("o", "c", DAY_2): 1} == grants(
        said_of(made)
    )


def test_an_order_goes_over_to_another_product_for_one_that_has_none():
    """Who could have either on its day leaves the first to who can have that alone."""
    lots = [{"lot": p, "product": p, "date": DAY_1, "quantity": 1} for p in ("p1", "p2", "p3")]
    either = {"order": "a", "product": "p1;p2", "due": DAY_1}
    for other in ("p1", "p1;p2"):
        rest = {"order": "b", "product": other, "due": DAY_2}
        last = {"order": "c", "product": "p2;p3", "due": DAY_1}
        said = said_of(small(lots=lots, orders=[either, rest, last]))
        assert ("optimal", 0.0) == (said.plan.status, said.plan.gap)
        assert 3 == sum(grants(said).values())


def test_no_plan_need_be_best_on_every_day():
    """What an order holds is not exchanged later: (1, 1) or (0, 2), and the gap says so."""
    orders = [
        {"order": "a", "product": "p1;p2", "due": DAY_1},
        {"order": "b", "product": "p1", "due": DAY_2},
    ]
    said = said_of(small(lots=BOTH, orders=orders))
    assert {("a", "l1", DAY_1): 1} == grants(said)
    # 10 unit-days of at most 1 + 9 * 2; the other plan has 18.
    assert ("feasible", pytest.approx(9 / 19)) == (said.plan.status, said.plan.gap)


def test_a_better_tier_keeps_its_day():
    """A worse tier never costs a better one a day, but may be left its first choice."""
    orders = [
        {"order": "a", "product": "p1", "due": DAY_1, "tier": 2},
        {"order": "b", "product": "p1;p2", "due": DAY_1, "tier": 1},
    ]
    said = said_of(small(lots=BOTH, orders=orders))
    assert {("b", "l1", DAY_1): 1} == grants(said)
    both = [{**row, "date": DAY_1} for row in BOTH]
    assert {("b", "l2", DAY_1): 1, ("a", "l1", DAY_1): 1} == grants(
        said_of(small(lots=both, orders=orders))
    )


SITES = [
    {"site": "s1", "date": DAY_1, "units": 4},
    {"site": "s2", "date": DAY_1, "units": 2},
    {"site": "s2", "date": "2024-01-05", "units": 9},
    {"site": "s3", "date": "2024-01-04", "units": 9},
]


@pytest.mark.parametrize(
    ("split", "units", "expected"),
    [
        (None, 8, {("s1", 4, DAY_1), ("s2", 4, "2024-01-05")}),
        ("yes", 5, {("s1", 4, DAY_1), ("s2", 1, DAY_1)}),
        ("no", 4, {("s1", 4, DAY_1)}),
        ("no", 5, {("s3", 5, "2024-01-04")}),
        ("no", 20, {("s3", 9, "2024-01-04")}),
    ],
)
def test_sites_share_an_order_or_one_takes_all(split, units, expected):
    """Not split, the first site that gives all on the earliest day takes it; else most."""
    lots = [{"lot": "l", "product": "p1", "date": DAY_1, "quantity": 20}]
    order = {"order": "o", "product": "p1", "site": "s1;s2;s3", "quantity": units, "due": DAY_1}
    rows = [row for row in SITES if row["site"] != "s3" or split]
    order["site"] = "s1;s2;s3" if split else "s1;s2"
    said = said_of(small(lots=lots, readiness=rows, orders=[{**order, "split": split}]))
    (row,) = document_of(said, ())["orders"]
    found = {(p["site"], p["granted"], p["last"]) for p in row["parts"] if p["granted"]}
    assert expected == found


def test_pegs_go_to_the_product_of_their_lot():
    """An earmark of the second product is granted from its lot, and counts for what it says."""
    lots = [
        {"lot": "a", "product": "p1", "date": DAY_1, "quantity": 9},
        {"lot": "b", "product": "p2", "date": DAY_2, "quantity": 9},
    ]
    orders = [{"order": "o", "product": "p1;p2", "quantity": 9, "due": DAY_1, "factors": "1;2"}]
    moves = [{"move": "m", "kind": "earmark", "lot": "b", "order": "o", "quantity": 3}]
    said = said_of(small(lots=lots, orders=orders, moves=moves))
    assert {("o", "b", DAY_2): 3, ("o", "a", DAY_1): 3} == grants(said)
    (row,) = document_of(said, ())["orders"]
    assert [("p1", 3, 1), ("p2", 3, 2)] == [
        (part["product"], part["granted"], part["counts_for"]) for part in row["parts"]
    ]


def test_pegs_go_to_a_site_that_can_power_them():
    """Of several sites pegged units take the first that has room."""
    lots = [{"lot": "l", "product": "p1", "date": DAY_1, "quantity": 6}]
    orders = [{"order": "o", "product": "p1", "site": "s1;s2", "quantity": 6, "due": DAY_1}]
    moves = [{"move": "m", "kind": "ship", "lot": "l", "order": "o", "quantity": 6}]
    said = said_of(small(lots=lots, orders=orders, moves=moves, readiness=SITES[:3]))
    (row,) = document_of(said, ())["orders"]
    assert [("s1", 4), ("s2", 2)] == [(part["site"], part["granted"]) for part in row["parts"]]


def test_promised_units_may_be_of_any_product():
    """A promise of three units takes two of the first and one of the second, before the tiers."""
    lots = [{"lot": p, "product": p, "date": DAY_1, "quantity": 2} for p in ("p1", "p2")]
    orders = [
        {"order": "a", "product": "p1;p2", "quantity": 3, "due": DAY_1, "tier": 3, "promised": 3},
        {"order": "b", "product": "p1", "quantity": 2, "due": DAY_1},
        {"order": "c", "product": "p2", "quantity": 2, "due": DAY_1},
    ]
    said = said_of(small(lots=lots, orders=orders))
    assert {("a", "p1", DAY_1): 2, ("a", "p2", DAY_1): 1, ("c", "p2", DAY_1): 1} == grants(said)


def test_what_cannot_be_planned_is_refused_by_name():
    """A value, a window and earlier promises elsewhere in the book are refused, exit 2."""
    orders = [{"order": "o", "product": "p1;p2", "due": DAY_1}]
    made = small(lots=BOTH, orders=orders)
    for rules in ({"value": "weight"}, {"reserve_days": 3}):
        with pytest.raises(UsageError, match="several products or sites, such as o"):
            said_of(made, **rules)
    made = small(lots=BOTH, orders=[*orders, {"order": "q", "confirm": "win", "due": DAY_1}])
    with pytest.raises(UsageError, match="confirm"):
        said_of(made)


def test_a_plan_gathers_parts_under_their_order():
    """Summary, grants and comparisons know the order alone; figures are the sums of its parts."""
    orders = [
        {"order": "o", "product": "p1;p2", "quantity": 4, "due": DAY_1, "unit_price": "2"},
        {"order": "q", "product": "p1", "quantity": 1, "due": DAY_1},
    ]
    said = said_of(small(lots=BOTH, orders=orders))
    document = document_of(said, ())
    assert ["o", "q"] == [row["order"] for row in document["orders"]]
    for row in document["orders"]:
        waits = row["late_unit_days"] + row["unserved_unit_days"]
        assert waits == sum(why["unit_days"] for why in row["why"])
        assert row["order"] not in {name for why in row["why"] for name in why["by"]}
        assert not any(";" in name for why in row["why"] for name in why["by"])
        assert len({why["cause"] for why in row["why"]}) == len(row["why"])
    for name in ("quantity", "granted", "late_unit_days", "unserved_unit_days"):
        assert document["totals"][name] == sum(row[name] for row in document["orders"])
    shown = plan_summary(
        said.book, said.plan, said.outcome, as_of=said.as_of, most_orders=9, opened=said.opened
    )
    late = [row for row in document["orders"] if row["late_unit_days"] + row["unserved_unit_days"]]
    assert {"orders": 2, "late": len(late)} == shown["counts"]
    assert sorted(row["order"] for row in late) == sorted(row["order"] for row in shown["late"])
    columns = grant_columns(said.plan, said.outcome, said.opened)
    assert ["lot", "order", "date", "quantity", "product", "site"] == list(columns)
    assert {"o", "q"} >= set(columns["order"])
    plain = answer(small(lots=BOTH, orders=orders[1:]), said.question)
    sides = [
        Side(one.book, one.plan.schedule, one.outcome, one.digest, "own") for one in (plain, said)
    ]
    changed = {change.order: change for change in compare(*sides).orders}
    assert {"o", "q"} == set(changed)
    assert sum(flow.quantity for flow in changed["o"].gained) > 0


def test_cures_are_planned_with_the_order_as_it_was_asked():
    """More of either product would help, and each cure is tried with all options open."""
    orders = [{"order": "o", "product": "p1;p2", "quantity": 4, "due": DAY_1}]
    said = said_of(small(lots=BOTH, orders=orders))
    texts = [cure.text for cure in cures_of(said, "o")]
    assert {"p1", "p2"} == {text.split(" more of ")[1][:2] for text in texts if "more of" in text}


def test_an_open_book_is_planned_again_with_options():
    """A change of a book with options gives the plan of the changed book."""
    orders = [{"order": "o", "product": "p1;p2", "quantity": 4, "due": DAY_1}]
    made = small(lots=BOTH, orders=orders)
    planner = Planner(made)
    planner.plan("priority")
    again = planner.replan(Change(lots=[{"lot": "l2", "quantity": 3}]), audited=True)
    assert {("o", "l1", DAY_1): 1, ("o", "l2", DAY_2): 3} == grants(again)
    plain = small(lots=BOTH, orders=[{**orders[0], "product": "p1"}])
    planner = Planner(plain)
    planner.plan("priority")
    opened = planner.replan(Change(orders=[{"order": "o", "product": "p1;p2"}]), audited=True)
    assert {("o", "l1", DAY_1): 1, ("o", "l2", DAY_2): 1} == grants(opened)


def test_make_plan_plans_parts():
    """The engine's own door takes orders with options, too."""
    made = small(lots=BOTH, orders=[{"order": "o", "product": "p1;p2", "quantity": 2}])
    plan = make_plan(made, policy("own"))
    assert {"o"} == {own_id(name) for name in plan.schedule.orders}
    assert 2 == plan.schedule.quantity.sum()


SPOILED = [
    ("option_not_asked", lambda row: {"product": "p3"}),
    ("parts_are_not_the_order", lambda row: {"quantity": row["quantity"] + 1}),
    ("parts_unlike_the_order", lambda row: {"tier": 7}),
    ("parts_unlike_the_order", lambda row: {"party": "z"}),
    ("part_of_nothing", lambda row: {"order": "zz;2"}),
    ("split_between_sites", lambda row: {"site": "s1"}),
]


@pytest.mark.parametrize(("kind", "change"), SPOILED)
def test_the_audit_finds_parts_that_are_not_the_order(kind, change):
    """Each way in which parts could differ from what was asked is found."""
    orders = [
        {
            "order": "o",
            "product": "p1;p2",
            "site": "s2;s1",
            "quantity": 4,
            "due": DAY_1,
            "split": "no",
        }
    ]
    said = said_of(small(lots=BOTH, orders=orders, readiness=SITES[:3]))
    assert [] == list(unlike_asked(said.asked, said.book, ()))
    table = said.book.orders
    columns = {name: list(column) for name, column in table.columns.items()}
    last = len(table) - 1
    assert last, "there are two parts"
    row = {name: column[last] for name, column in columns.items()}
    for name, cell in change(row).items():
        columns[name][last] = cell
    spoiled = said.book.replace_table(replace(table, columns=MappingProxyType(columns)))
    assert kind in {found for found, _ in unlike_asked(said.asked, spoiled, ())}


def test_the_audit_finds_pegs_that_went_elsewhere():
    """What is pegged to an order has to be pegged to its parts, lot by lot."""
    orders = [{"order": "o", "product": "p1;p2", "quantity": 4, "due": DAY_1}]
    moves = [{"move": "m", "kind": "earmark", "lot": "l2", "order": "o", "quantity": 1}]
    said = said_of(small(lots=BOTH, orders=orders, moves=moves))
    spoiled = said.book.replace_table(said.book.moves.take([]))
    assert [("pegs_changed", "o")] == list(unlike_asked(said.asked, spoiled, ()))


# Laws


@settings(max_examples=60)
@given(optional_books(crossing=True, rounds=("unit", "lot", "lot_down", "lot_up")))
def test_every_plan_with_options_is_audited_and_adds_up(case):
    """Parts are the order, reasons close, sums are those of the rows, under every rule."""
    try:
        said = answer(case.book, Question(case.policy, as_of=case.as_of))
    except ContradictionError:
        reject()
    document = document_of(said, ())
    assert [order.order for order in case.book.orders] == [r["order"] for r in document["orders"]]
    for row in document["orders"]:
        waits = row["late_unit_days"] + row["unserved_unit_days"]
        assert waits == sum(why["unit_days"] for why in row["why"])
        parts = row.get("parts", [])
        if parts:
            for name in ("quantity", "granted", "unserved"):
                assert row[name] == sum(part[name] for part in parts)
    for name in ("quantity", "granted", "unserved", "late_unit_days"):
        assert document["totals"][name] == sum(row[name] for row in document["orders"])
        assert document["totals"][name] == sum(row[name] for row in document["parties"])


@settings(max_examples=40)
@given(optional_books(firm=False))
def test_row_order_never_matters(case):
    """The rows of a book in another order give the same document."""
    said = answer(case.book, Question(case.policy, as_of=case.as_of))
    tables = {name: table.take(range(len(table))[::-1]) for name, table in case.book.tables.items()}
    turned = replace(case.book, tables=MappingProxyType(tables))
    again = answer(turned, Question(case.policy, as_of=case.as_of))
    assert document_of(said, ()) == document_of(again, ())


def test_orders_with_rules_stand_beside_orders_with_options():
    """What a rule keeps an order from taking is not looked for among the options of others."""
    lots = [{"lot": p, "product": p, "date": DAY_1, "quantity": 3} for p in ("p1", "p2")]
    orders = [
        {"order": "a", "product": "p1;p2", "quantity": 2, "due": DAY_1},
        {"order": "b", "product": "p1", "quantity": 9, "due": DAY_1, "min_ship": 5},
        {"order": "c", "product": "p1", "quantity": 2, "due": DAY_1, "min_ship": 2},
    ]
    said = said_of(small(lots=lots, orders=orders))
    given = grants(said)
    assert not [key for key in given if key[0] == "b"]
    assert 4 == sum(given.values())
    assert "feasible" == said.plan.status
