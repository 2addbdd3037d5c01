"""Each cross-check finds what it is there for, names the cell, and leaves a sound book alone."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from books import book, policy
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.book import Book
from earmark.checks import check_book
from earmark.checks.moves import KIND_COLUMNS, KIND_RULES
from earmark.codes.rules import RULE_CODES
from earmark.errors import Problem
from earmark.policy import Borrow, Quota

Tables = dict[str, list[dict[str, Any]]]

SOUND: Tables = {
    "parties": [{"party": "a", "group": "g"}, {"party": "b"}, {"party": "maker", "group": "g"}],
    "stakes": [
        {"holder": "a", "held": "maker", "percent": 60, "until": "2024-06-01"},
        {"holder": "b", "held": "maker", "percent": 40},
        {"holder": "a", "held": "maker", "percent": "60.00", "from": "2024-06-01"},
    ],
    "products": [{"product": "gpu"}, {"product": "other"}],
    "sites": [{"site": "x", "operator": "b"}, {"site": "y"}],
    "readiness": [
        {"site": "x", "date": "2024-01-01", "units": 90, "date_late": "2024-02-01"},
        {"site": "x", "date": "2024-09-01", "units": 20},
    ],
    "lots": [
        {"lot": "l1", "vendor": "maker", "quantity": 50, "quantity_low": 50, "evidence": "e1;e2"},
        {"lot": "l2", "product": "other", "quantity": 50, "date": "2024-12-31"},
    ],
    "orders": [
        {"order": "o1", "quantity": 40, "site": "x", "due": "2024-12-31", "promised": 40},
        {"order": "o2", "quantity": 40, "party": "b", "booked": "2024-01-01"},
        {"order": "o3", "quantity": 40, "product": "other", "due": "2020-01-01"},
    ],
    "moves": [
        {"move": "m1", "kind": "earmark", "lot": "l1", "order": "o1", "quantity": 10},
        {"move": "m2", "kind": "opening", "party": "a", "product": "gpu", "site": "x"},
        {"move": "m3", "kind": "redirect", "order": "o1", "to_order": "o2", "in_return_for": "m1"},
        {"move": "m4", "kind": "opening", "party": "b", "product": "other", "date": "2024-05-05"},
    ],
    "claims": [{"claim": "c1", "metric": "units", "target": 1, "deadline": "2030-01-01"}],
    "evidence": [{"evidence": "e1"}, {"evidence": "e2"}],
}
"""A book without a problem, with cells at the edge of what is allowed."""


def changed(table: str, row: int, **cells: Any) -> Tables:
    """Return the sound tables with other cells in one row (2 is the first)."""
    rows = list(SOUND[table])
    if row - 2 == len(rows):
        rows.append({})
    rows[row - 2] = {**rows[row - 2], **cells}
    return {**SOUND, table: rows}


PEG = {"lot": "l1", "order": "o2"}
HELD: Tables = {
    **SOUND,
    "moves": [
        *SOUND["moves"],
        {**PEG, "move": "m5", "kind": "earmark", "quantity": 5, "until": "2024-02-01"},
        {**PEG, "move": "m6", "kind": "ship", "quantity": 5, "date": "2024-01-31", "draws": "m5"},
        {**PEG, "move": "m7", "kind": "earmark", "quantity": 5},
        {**PEG, "move": "m8", "kind": "release", "quantity": 5, "draws": "m7"},
    ],
    "assertions": [
        {"assertion": "a1", "date": "2024-01-31", "state": "shipped", **PEG, "quantity": 5},
        {"assertion": "a2", "date": "2024-01-30", "state": "shipped", **PEG, "quantity": 0},
    ],
}
"""The sound book with earmarks that are drawn by name, and assertions."""


def drawn(row: int, table: str = "moves", **cells: Any) -> Tables:
    """Return the tables of HELD with other cells in one row of the moves."""
    rows = list(HELD[table])
    rows[row - 2] = {**rows[row - 2], **cells}
    return {**HELD, table: rows}


def found(made: Book, declared: Mapping[str, list[str]] | None = None) -> list[tuple]:
    """Return the problems of a book in short: code, table, row, column and text."""
    return [_short(problem) for problem in check_book(made, declared or {})]


def _short(problem: Problem) -> tuple:
    return problem.code, problem.table, problem.row, problem.column, problem.text


def test_a_sound_book_has_no_problem():
    """Days and quantities at the edge of what is allowed are allowed."""
    assert [] == check_book(book(**SOUND))
    assert [] == check_book(book(**HELD))


CASES = [
    (changed("orders", 2, party="aa"), ("E210", "orders", 2, "party", "aa")),
    (changed("orders", 2, product="gpx"), ("E210", "orders", 2, "product", "gpx")),
    (changed("orders", 3, site="z"), ("E210", "orders", 3, "site", "z")),
    (changed("readiness", 3, site="z"), ("E210", "readiness", 3, "site", "z")),
    (changed("stakes", 2, holder="z"), ("E210", "stakes", 2, "holder", "z")),
    (changed("sites", 2, operator="z"), ("E210", "sites", 2, "operator", "z")),
    (changed("claims", 2, party="z"), ("E210", "claims", 2, "party", "z")),
    (changed("moves", 2, order="o9"), ("E210", "moves", 2, "order", "o9")),
    (changed("moves", 2, lot="l9"), ("E210", "moves", 2, "lot", "l9")),
    (changed("moves", 4, in_return_for="m9"), ("E210", "moves", 4, "in_return_for", "m9")),
    (changed("lots", 2, evidence="e1;e9"), ("E211", "lots", 2, "evidence", "e1;e9")),
    (changed("moves", 4, in_return_for="m3"), ("E212", "moves", 4, "in_return_for", "m3")),
    (changed("parties", 3, group="maker"), ("E214", "parties", 3, "group", "maker")),
    (changed("parties", 3, group="b"), ("E214", "parties", 3, "group", "b")),
    (
        changed(
            "moves",
            6,
            move="l1",
            kind="transfer",
            party="a",
            product="gpu",
            site="x",
            to_order="o1",
            lot=None,
            order=None,
        ),
        ("E215", "moves", 6, "move", "l1"),
    ),
    (changed("orders", 2, due="2025-01-01"), ("E310", "orders", 2, "due", "2025-01-01")),
    (
        changed("readiness", 2, date_late="2023-12-31"),
        ("E311", "readiness", 2, "date_late", "2023-12-31"),
    ),
    (
        changed("readiness", 3, date_early="2024-09-02"),
        ("E311", "readiness", 3, "date_early", "2024-09-02"),
    ),
    (changed("lots", 2, date_early="2024-01-02"), ("E311", "lots", 2, "date_early", "2024-01-02")),
    (changed("lots", 2, date_late="2023-12-31"), ("E311", "lots", 2, "date_late", "2023-12-31")),
    (changed("lots", 2, quantity_low=51), ("E312", "lots", 2, "quantity_low", "51")),
    (changed("lots", 2, quantity_high=49), ("E312", "lots", 2, "quantity_high", "49")),
    (changed("orders", 2, promised=41), ("E313", "orders", 2, "promised", "41")),
    (changed("stakes", 4, until="2024-06-01"), ("E314", "stakes", 4, "until", "2024-06-01")),
    (changed("stakes", 3, holder="maker"), ("E315", "stakes", 3, "held", "maker")),
    (changed("stakes", 4, **{"from": "2024-05-31"}), ("E316", "stakes", 4, "percent", "60")),
    (
        changed("stakes", 3, percent="40.01", until="2024-06-01"),
        ("E316", "stakes", 3, "percent", "40.01"),
    ),
    (changed("claims", 2, deadline="2023-12-31"), ("W606", "claims", 2, "deadline", "2023-12-31")),
    (changed("moves", 4, quantity=11), ("E320", "moves", 4, "quantity", "11")),
    (changed("lots", 2, quantity=9, quantity_low=1), ("E321", "moves", 2, "quantity", "10")),
    (changed("orders", 3, quantity=0), ("E322", "moves", 4, "quantity", "1")),
    (
        changed("moves", 6, kind="retire", party="a", product="gpu", site="x", quantity=2),
        ("E323", "moves", 6, "quantity", "2"),
    ),
    (drawn(7, draws="m3"), ("E324", "moves", 7, "draws", "m3")),
    (drawn(7, order="o1"), ("E325", "moves", 7, "draws", "m5")),
    (drawn(9, draws="m5"), ("E326", "moves", 7, "draws", "m5")),
    (drawn(7, date="2024-02-01"), ("E327", "moves", 7, "draws", "m5")),
    (drawn(8, date="2024-01-02"), ("E327", "moves", 9, "draws", "m7")),
    (drawn(7, quantity=6), ("E328", "moves", 7, "quantity", "6")),
    (drawn(9, quantity=4), ("E328", "moves", 9, "quantity", "4")),
    (changed("moves", 2, until="2024-01-01"), ("E329", "moves", 2, "until", "2024-01-01")),
    (changed("moves", 2, order=None), ("E330", "moves", 2, "order", "")),
    (changed("moves", 2, to_order="o2"), ("E331", "moves", 2, "to_order", "o2")),
    (
        changed("moves", 6, kind="transfer", party="a", product="gpu", site="x"),
        ("E332", "moves", 6, "to_site", ""),
    ),
    (changed("moves", 2, lot="l2"), ("E333", "moves", 2, "lot", "l2")),
    (changed("moves", 4, to_order="o3"), ("E333", "moves", 4, "order", "o1")),
    (
        changed("moves", 6, kind="transfer", party="a", product="gpu", site="x", to_order="o3"),
        ("E333", "moves", 6, "product", "gpu"),
    ),
    (changed("moves", 4, to_order="o1"), ("E334", "moves", 4, "to_order", "o1")),
    (
        changed("moves", 6, kind="transfer", party="a", product="gpu", site="x", to_site="x"),
        ("E334", "moves", 6, "to_site", "x"),
    ),
    (drawn(2, "assertions", quantity=4), ("E335", "assertions", 2, "quantity", "4")),
    (drawn(3, "assertions", date="2024-01-31"), ("E335", "assertions", 3, "quantity", "0")),
    (drawn(2, "assertions", state="active", lot=None), ("E336", "assertions", 2, "order", "o2")),
    *(
        (changed("orders", 2, **cells), (code, "orders", 2, column, cells[column]))
        for column, code, cells in (
            ("factors", "E350", {"product": "gpu;other", "factors": "2"}),
            ("factors", "E350", {"factors": "1;2"}),
            ("factors", "E351", {"product": "gpu;other", "factors": "2;3"}),
            ("split", "E352", {"split": "no"}),
            ("split", "E352", {"product": "gpu;other", "split": "yes"}),
            ("min_ship", "E353", {"product": "gpu;other", "min_ship": "1"}),
            ("together", "E353", {"site": "x;y", "together": "w"}),
        )
    ),
    (changed("orders", 2, product="gpu;gpx"), ("E210", "orders", 2, "product", "gpu;gpx")),
    (changed("orders", 2, site="x;z"), ("E210", "orders", 2, "site", "x;z")),
    (changed("lots", 3, date="2025-01-01"), ("W601", "lots", 3, "date", "2025-01-01")),
    (changed("readiness", 3, units=0), ("W602", "readiness", 3, "units", "0")),
    (changed("readiness", 2, date="2024-01-02"), ("W602", "readiness", 2, "units", "90")),
    (changed("moves", 4, date="2025-01-01"), ("W604", "moves", 4, "date", "2025-01-01")),
    (changed("orders", 3, booked="2024-01-02"), ("W605", "orders", 3, "booked", "2024-01-02")),
]


@pytest.mark.parametrize(("tables", "expected"), CASES)
def test_one_wrong_cell_is_one_problem_there(tables, expected):
    """A wrong cell in a sound book is named by table, row, column and text; nothing else is."""
    assert [expected] == found(book(**tables))


def test_a_product_without_power_is_told_once():
    """Of the orders and openings that a site's readiness does not cover, the least id is named."""
    tables = {
        **changed("readiness", 2, product="gpu"),
        "orders": [
            *SOUND["orders"],
            *({"order": o, "site": "x", "product": "other"} for o in "zy"),
        ],
    }
    tables["readiness"] = [{**row, "product": "gpu"} for row in SOUND["readiness"]]
    assert [("W603", "orders", 6, "site", "x")] == found(book(**tables))
    tables["orders"] = [{**row, "status": "cancelled"} for row in tables["orders"]]
    assert [] == found(book(**tables))


def test_units_stand_at_one_site():
    """What is received for an order of several sites stands nowhere; what is shipped is fine."""
    rows = {
        "orders": [{"order": "o1", "site": "x;y", "quantity": 5}],
        "lots": [{"lot": "l1", "quantity": 5}],
    }
    peg = {"move": "m1", "lot": "l1", "order": "o1", "quantity": 2}
    for kind, codes in (("ship", []), ("receive", ["E354"]), ("activate", ["E354"])):
        made = book(**rows, moves=[peg | {"kind": kind}])
        assert codes == [problem.code for problem in check_book(made)]


def test_moves_go_between_orders_that_take_the_product():
    """Of several products one that both take is enough; what neither takes is refused."""
    rows = {
        "orders": [
            {"order": "o1", "product": "gpu;tpu", "quantity": 5},
            {"order": "o2", "product": "tpu;npu", "quantity": 5},
            {"order": "o3", "product": "npu", "quantity": 5},
            {"order": "o4", "product": "gpu;npu", "quantity": 5},
        ],
        "lots": [{"lot": "l1", "product": "tpu", "quantity": 5}],
    }
    peg = {"move": "m1", "kind": "earmark", "lot": "l1", "order": "o1", "quantity": 2}
    for to, columns in (("o2", []), ("o3", ["order", "lot"]), ("o4", ["lot"])):
        move = {"move": "m2", "kind": "redirect", "lot": "l1", "order": "o1", "to_order": to}
        found_there = check_book(book(**rows, moves=[peg, move]))
        assert [("E333", column) for column in columns] == [
            (problem.code, problem.column) for problem in found_there
        ]


RULES = (("weights", {"g": Decimal(2), "makr": Decimal(1)}), ("ceilings", {"b": 5, "makr": 6}))


@pytest.mark.parametrize(("rule", "given"), RULES)
def test_a_policy_names_parties_or_groups(rule, given):
    """A weight or ceiling of nobody is refused, with the name that was meant."""
    policies = {"board": policy("board", **{rule: given})}
    (problem,) = check_book(book(policies=policies, **SOUND))
    assert ("E213", "book", None, f"policy.board.{rule}", "makr") == _short(problem)
    assert "did you mean maker?" == problem.hint
    known_later = book(policies={"b": policy("b", **{rule: {"maker": 1}})}, **SOUND)
    before = known_later.start - timedelta(days=1)
    assert [] == check_book(known_later.as_known(before), ever=known_later)
    free = {name: rows for name, rows in SOUND.items() if name != "parties"}
    assert [] == check_book(book(policies=policies, **free))


def test_quotas_of_more_than_all_are_refused():
    """Parts of parties, and parts of groups, come to all at most, each level by itself."""
    fine = {"g": Quota(1, 1), "maker": Quota(1, 2), "b": Quota(1, 2)}
    assert [] == check_book(book(policies={"p": policy("p", quotas=fine)}, **SOUND))
    more = {**fine, "maker": Quota(600_000, 1_000_000)}
    (problem,) = check_book(book(policies={"p": policy("p", quotas=more)}, **SOUND))
    assert ("E216", "book", None, "policy.p.quotas", None) == _short(problem)
    assert "60%" in problem.message


@pytest.mark.parametrize(
    ("quotas", "words"),
    [
        ({"g": Quota(1, 2), "a": Quota(1, 4)}, "its party b has none"),
        ({"g": Quota(1, 2), "a": Quota(1, 4), "b": Quota(9)}, "of two kinds"),
        ({"g": Quota(1, 2), "a": Quota(1, 4), "b": Quota(1, 3)}, "1 of 4 + 1 of 3"),
        ({"g": Quota(9), "a": Quota(5), "b": Quota(5)}, "5 + 5"),
    ],
)
def test_every_unit_of_a_group_that_lends_has_one_owner(quotas, words):
    """Parties without a quota, of another kind, or of more than the group's cannot be lent."""
    parties = [{"party": "a", "group": "g"}, {"party": "b", "group": "g"}]
    for name in ("a", "g"):
        rule = policy("p", quotas=quotas, borrow={name: Borrow(1)})
        (problem,) = check_book(book(policies={"p": rule}, parties=parties))
        assert ("E217", "book", None, "policy.p.quotas", "g") == _short(problem)
        assert words in problem.message
    assert [] == check_book(book(policies={"p": policy("p", quotas=quotas)}, parties=parties))
    alone = {name: quota for name, quota in quotas.items() if name == "g"}
    rule = policy("p", quotas=alone, borrow={"g": Borrow(1)})
    assert [] == check_book(book(policies={"p": rule}, parties=parties))


def test_a_missing_table_declares_nothing_and_an_empty_one_that_there_are_none():
    """Without parties, products, sites or evidence their ids are free; lots and orders never."""
    orders = [{"order": "o1", "site": "x", "evidence": "e1"}]
    assert [] == found(book(orders=orders))
    for name, column in (("parties", "party"), ("products", "product"), ("sites", "site")):
        made = book(orders=orders, **{name: []})
        assert [("E210", column)] == [(code, at) for code, _, _, at, _ in found(made)]
    assert ["E211"] == [code for code, *_ in found(book(orders=orders, evidence=[]))]
    moves = [{"kind": "earmark", "lot": "l1", "order": "o1"}]
    assert {"lot", "order"} == {column for *_, column, _ in found(book(moves=moves))}


def test_rows_with_bad_cells_still_declare_their_ids():
    """What names a row that could not be read is no unknown id, and moves are not judged."""
    tables = {**SOUND, "orders": SOUND["orders"][1:]}
    assert ["E210", "E210"] == [code for code, *_ in found(book(**tables))]
    assert [] == found(book(**tables), {"orders": ["o1"]})


def test_a_hint_names_the_nearest_id():
    """Few ids are compared as a whole, many by one keystroke; case alone counts too."""
    for count in (10, 5000):
        lots = [{"lot": f"Lot-{number}"} for number in range(count)]
        for text in ("Lot7", "Lot-7x", "lot-7"):
            move = {"kind": "earmark", "lot": text, "order": "o1"}
            made = book(lots=lots, orders=[{"order": "o1"}], moves=[move])
            (problem,) = check_book(made)
            assert ("Lot-7" in problem.hint) or (count, text) == (5000, "lot-7")


def test_names_shared_by_a_version_that_does_not_count_are_no_problem():
    """References are checked in the book as known on the day asked."""
    orders = [
        {"order": "o1", "site": "x", "known": "2024-01-01"},
        {"order": "o1", "site": "z", "known": "2024-05-01"},
    ]
    made = book(sites=[{"site": "x"}], orders=orders)
    assert [] == check_book(made.as_known(made.start))
    assert ["E210"] == [problem.code for problem in check_book(made.as_known(None))]


FILLED = {
    "lot": "l1",
    "order": "o1",
    "to_order": "o2",
    "party": "a",
    "product": "gpu",
    "site": "x",
    "to_site": "y",
    "until": "2024-03-01",
    "draws": "m0",
}
"""A sound cell for each column that only some kinds use."""

KIND_CELLS = {kind: (*rule.needs, *rule.one_of[:1]) for kind, rule in KIND_RULES.items()}


def _codes(kind: str, columns: set[str]) -> set[tuple[str, str]]:
    cells = {column: FILLED[column] for column in columns}
    moves = [
        {"kind": "opening", "party": "a", "product": "gpu", "site": "x", "quantity": 5},
        {"kind": "opening", "party": "a", "product": "gpu", "quantity": 5},
        {"move": "m0", "kind": "earmark", "lot": "l1", "order": "o1", "quantity": 1},
        {"kind": "earmark", "lot": "l1", "order": "o1", "quantity": 5},
        {"kind": kind, "date": "2024-02-02", **cells},
    ]
    lots = [{"lot": "l1", "quantity": 50}]
    orders = [{"order": order, "quantity": 50} for order in ("o1", "o2")]
    made = book(lots=lots, orders=orders, moves=moves)
    return {(problem.code, problem.column) for problem in check_book(made)}


@pytest.mark.parametrize("kind", KIND_RULES)
def test_each_kind_of_move_takes_its_own_columns_alone(kind):
    """Every column that a kind lacks, or has and does not use, is refused by name."""
    rule, own = KIND_RULES[kind], set(KIND_CELLS[kind])
    assert set() == _codes(kind, own)
    for column in rule.needs:
        assert {("E330", column)} == _codes(kind, own - {column})
    for column in rule.may:
        assert set() == _codes(kind, own | {column})
    for column in set(KIND_COLUMNS) - own - set(rule.may) - set(rule.one_of):
        assert ("E331", column) in _codes(kind, own | {column})
    if rule.one_of:
        assert {("E332", "to_site")} == _codes(kind, own - set(rule.one_of))
        assert {("E332", "to_site")} == _codes(kind, own | set(rule.one_of))


def test_each_code_is_explained_and_found_by_an_example():
    """Every code of the checks has an example here, and every example a code."""
    shown = {expected[0] for _, expected in CASES} | {"E213", "E216", "E217", "E354", "W603"}
    assert set(RULE_CODES) == shown
    for code, explained in RULE_CODES.items():
        assert code == explained.code
        assert explained.title
        assert "Example: " in explained.explanation
        assert "To mend it: " in explained.explanation


@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(0, len(CASES) - 1), min_size=1, max_size=3), st.randoms())
def test_the_order_of_rows_never_matters(chosen, chance):
    """A book whose rows are shuffled has the same problems at the rows' new places."""
    tables = dict(SOUND)
    for number in sorted(chosen):
        tables |= {name: rows for name, rows in CASES[number][0].items() if rows != SOUND.get(name)}
    made = book(**tables)
    shuffled = made
    for table in made.tables.values():
        shuffled = shuffled.replace_table(table.take(chance.sample(range(len(table)), len(table))))
    assert sorted(map(repr, check_book(made))) == sorted(map(repr, check_book(shuffled)))


def test_problems_name_their_overlay():
    """A row of an overlay keeps its row number and the overlay's name."""
    made = book(orders=[{"order": "o1"}])
    added = book(orders=[{"order": "o2", "due": "2030-01-01"}]).orders
    overlay = type(added)("orders", added.columns, added.rows, ["room.csv"])
    (problem,) = check_book(made.replace_table(made.orders.joined(overlay)))
    assert ("E310", 2, "room.csv") == (problem.code, problem.row, problem.source)
