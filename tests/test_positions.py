"""Laws, a simulation of single units, and examples of what moves come to."""

from collections import Counter
from datetime import date, timedelta
from itertools import groupby

import pytest
from books import book
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.book import Book
from earmark.ledger.positions import Arrival, Running, judge_moves, positions

STAGES = ("earmark", "ship", "receive", "activate")
LOTS = [
    {"lot": "late", "date": "2024-05-01", "quantity": 12},
    {"lot": "early", "date": "2024-03-01", "quantity": 9},
]
ORDERS = [
    {"order": "o1", "party": "a", "site": "x", "quantity": 10},
    {"order": "o2", "party": "b", "site": "y", "quantity": 8},
    {"order": "o3", "party": "a", "site": "x", "quantity": 12},
]
LOT_IDS, ORDER_IDS = ("early", "late"), ("o1", "o2", "o3")


def _made(moves: list[dict]) -> Book:
    return book(lots=LOTS, orders=ORDERS, moves=moves)


def _one(draw, number: int) -> dict:
    kind = draw(st.sampled_from((*STAGES, "earmark", "redirect", "redirect", "release", "runs")))
    move = {
        "move": f"m{number}",
        "date": date(2024, 1, draw(st.integers(1, 3))),
        "quantity": draw(st.integers(1, 4)),
    }
    order = draw(st.sampled_from(ORDER_IDS))
    if kind in (*STAGES, "release"):
        move |= {"kind": kind, "order": order, "lot": draw(st.sampled_from(LOT_IDS))}
        if kind == "earmark" and draw(st.integers(0, 3)) == 0:
            move["until"] = move["date"] + timedelta(draw(st.integers(1, 3)))
        return move
    if kind == "redirect":
        to_order = draw(st.sampled_from([other for other in ORDER_IDS if other != order]))
        lot = draw(st.sampled_from((*LOT_IDS, None)))
        return {**move, "kind": kind, "order": order, "to_order": to_order, "lot": lot}
    kind = draw(st.sampled_from(("opening", "retire", "transfer")))
    place = {"party": "a", "product": "gpu", "site": "x"}
    if kind == "transfer":
        place |= draw(st.sampled_from(({"to_site": "y"}, {"to_order": order})))
    return {**move, "kind": kind, **place}


FIRST = {"date": date(2024, 1, 1), "quantity": 4}
STOCK = [
    {**FIRST, "move": "m8", "kind": "earmark", "lot": "early", "order": "o1"},
    {**FIRST, "move": "m9", "kind": "earmark", "lot": "late", "order": "o1"},
    {**FIRST, "move": "n0", "kind": "earmark", "lot": "late", "order": "o2"},
    {**FIRST, "move": "n1", "kind": "opening", "party": "a", "product": "gpu", "site": "x"},
]


@st.composite
def moves_of(draw, *, ties: bool = True) -> list[dict]:
    """Draw up to eight moves over three days, some of them tied, often with pegs to draw on."""
    moves = [_one(draw, number) for number in range(draw(st.integers(1, 8)))]
    moves += STOCK if draw(st.booleans()) else []
    for move in moves if ties else ():
        if draw(st.integers(0, 3)) == 0:
            others = [other["move"] for other in moves if other["move"] != move["move"]]
            tied = {"in_return_for": draw(st.sampled_from([*others, None]))}
            moves = [{**other, **tied} if other is move else other for other in moves]
    return moves + [
        _drawing(draw, move)
        for move in moves
        if move["kind"] == "earmark" and draw(st.integers(0, 5)) == 0
    ]


def _drawing(draw, earmark: dict) -> dict:
    """Return a move that draws an earmark by name, before it ends."""
    most = (earmark.get("until") or date(2024, 1, 4)) - earmark["date"] - timedelta(1)
    all_of_it = draw(st.booleans())
    return {
        "move": f"{earmark['move']}-drawn",
        "kind": draw(st.sampled_from((*STAGES[1:], "release"))),
        "date": earmark["date"] + timedelta(draw(st.integers(0, min(2, most.days)))),
        "quantity": earmark["quantity"] if all_of_it else draw(st.integers(1, 4)),
        "lot": earmark["lot"],
        "order": earmark["order"],
        "draws": earmark["move"],
    }


def _found(made: Book) -> set[tuple]:
    """Return the problems of a book with the move's id in place of its row."""
    ids = dict(zip(made.moves.rows, made.moves.keys, strict=True))
    return {(p.code, ids[p.row], p.message, p.hint) for p in judge_moves(made)}


class ShortError(Exception):
    """A unit was taken that is not there, if only for a moment."""


FREE = (date.max, False, date.max, "")
"""What no special earmark holds: it ends never, and is not drawn by name."""


class Simulation:
    """Units one by one. It knows no debts: what is taken must be there at once."""

    def __init__(self, moves: list[dict]) -> None:
        self.units: list[list] = []
        """Lot, order, stage, and while it is held by a special earmark: when, whether, which."""
        self.levels, self.arrived = Counter(), Counter()
        self.holds = True
        self.drawn = {move.get("draws") for move in moves}
        turns = ("opening", "earmark", "draws", *STAGES[1:], "redirect", "release", "any")

        def turn(move: dict) -> tuple:
            kind = "draws" if move.get("draws") else move["kind"]
            aimless = kind == "redirect" and move["lot"] is None
            late = (*turns, "transfer", "retire")
            return move["date"], late.index("any" if aimless else kind), move["move"]

        for today, day in groupby(sorted(moves, key=turn), key=lambda move: move["date"]):
            self.lapse(today)
            self.day(list(day))
        self.lapse(date(2024, 12, 31))

    def lapse(self, today: date) -> None:
        self.units = [unit for unit in self.units if unit[3][0] > today]

    def day(self, moves: list[dict]) -> None:
        aimless = [[move, move["quantity"]] for move in moves if not move.get("lot", "none")]
        for move in moves:
            if move.get("draws"):
                self.draw(move)
            elif move.get("lot", "none"):
                for _ in range(move["quantity"]):
                    self.post(move)
        before = None
        while before != (before := [missing for _, missing in aimless]):
            for entry in aimless:
                while entry[1] and self.redirect(entry[0], LOT_IDS):
                    entry[1] -= 1
        self.holds &= not any(missing for _, missing in aimless) and self.sound()

    def draw(self, move: dict) -> None:
        own = [unit for unit in self.units if unit[3][3] == move["draws"]]
        released = move["kind"] == "release"
        self.holds &= len(own) == move["quantity"] if released else len(own) >= move["quantity"]
        for number, unit in enumerate(own):
            if released or number >= move["quantity"]:
                self.units.remove(unit)
            else:
                unit[2:] = STAGES.index(move["kind"]), FREE

    def post(self, move: dict) -> None:
        kind, order, lot = move["kind"], move.get("order"), move.get("lot")
        if kind in STAGES:
            target = STAGES.index(kind)
            own = [u for u in self.units if u[:2] == [lot, order] and u[2] < target]
            if own and kind != "earmark":
                min(own, key=lambda unit: (-unit[2], unit[3]))[2:] = target, FREE
            else:
                named = move["move"] in self.drawn
                until = move.get("until")
                held = until or date.max, named, move["date"], move["move"]
                self.units.append([lot, order, target, held if kind == "earmark" else FREE])
        elif kind == "release":
            self.units.remove(self.least(lot, order))
        elif kind == "redirect":
            if not self.redirect(move, [lot]):
                raise ShortError
        else:
            place = move["party"], move["site"]
            self.levels[place] += 1 if kind == "opening" else -1
            if move.get("to_site"):
                self.levels[move["party"], move["to_site"]] += 1
            if move.get("to_order"):
                self.arrived[move["to_order"]] += 1

    def least(self, lot: str, order: str) -> list:
        own = [unit for unit in self.units if unit[:2] == [lot, order]]
        if not own:
            raise ShortError
        return min(own, key=lambda unit: unit[2:])

    def redirect(self, move: dict, lots) -> bool:
        for lot in lots:
            if any(unit[:2] == [lot, move["order"]] for unit in self.units):
                unit = self.least(lot, move["order"])
                same_place = {move["order"], move["to_order"]} == {"o1", "o3"}
                unit[1:] = move["to_order"], unit[2] if same_place else min(unit[2], 1), FREE
                return True
        return False

    def sound(self) -> bool:
        levels = self.levels.copy()
        by_lot, by_order = Counter(), self.arrived.copy()
        for lot, order, stage, _ in self.units:
            by_lot[lot] += 1
            by_order[order] += 1
            if stage >= 2:
                levels["b" if order == "o2" else "a", "y" if order == "o2" else "x"] += 1
        return (
            all(by_lot[row["lot"]] <= row["quantity"] for row in LOTS)
            and all(by_order[row["order"]] <= row["quantity"] for row in ORDERS)
            and min(levels.values(), default=0) >= 0
        )


@settings(max_examples=600, deadline=None)
@given(moves_of(ties=False))
def test_positions_are_those_of_single_units(moves):
    """Where no unit is ever owed, pegs and problems are those of units moved one by one."""
    try:
        simulation = Simulation(moves)
    except ShortError:
        return
    made = _made(moves)
    assert simulation.holds == (not judge_moves(made))
    if simulation.holds:
        pegs = Counter((lot, order) for lot, order, *_ in simulation.units)
        assert dict(pegs) == dict(positions(made).pegs)


@settings(max_examples=300, deadline=None)
@given(moves_of(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(moves, chance):
    """Positions and problems are the same however the rows of each table are ordered."""
    shuffled = [chance.sample(rows, len(rows)) for rows in (LOTS, ORDERS, moves)]
    other = book(**dict(zip(("lots", "orders", "moves"), shuffled, strict=True)))
    assert positions(_made(moves)) == positions(other)
    assert _found(_made(moves)) == _found(other)


@settings(max_examples=500, deadline=None)
@given(moves_of(), st.integers(0, 7), st.integers(1, 3))
def test_splitting_a_move_changes_nothing(moves, chosen, part):
    """Two moves of one day that come to one move change neither positions nor the judgement."""
    move = moves[chosen % len(moves)]
    by_name = {move["draws"] for move in moves if move.get("draws")}
    if move["quantity"] <= part or move.get("draws") or move["move"] in by_name:
        return
    first = {**move, "quantity": part}
    second = {
        **move,
        "move": move["move"] + "+",
        "quantity": move["quantity"] - part,
        "in_return_for": move["move"],
    }
    whole = _made(moves)
    split = _made([other for other in moves if other is not move] + [first, second])
    assert positions(whole).pegs == positions(split).pegs
    assert positions(whole).running == positions(split).running
    assert _arrived(whole) == _arrived(split)
    assert bool(judge_moves(whole)) == bool(judge_moves(split))


def _arrived(made: Book) -> Counter:
    arrived = Counter()
    for arrival in positions(made).arrivals:
        arrived[arrival.order, arrival.day] += arrival.quantity
    return arrived


@settings(max_examples=300, deadline=None)
@given(moves_of())
def test_pegs_fit_lots_and_orders(moves):
    """Without a problem no lot and no order has more pegged, or arriving, than it has."""
    made = _made(moves)
    if judge_moves(made):
        return
    found = positions(made)
    by_lot, by_order = Counter(), Counter()
    for (lot, order), units in found.pegs.items():
        by_lot[lot] += units
        by_order[order] += units
    for arrival in found.arrivals:
        by_order[arrival.order] += arrival.quantity
    assert all(by_lot[row["lot"]] <= row["quantity"] for row in LOTS)
    assert all(by_order[row["order"]] <= row["quantity"] for row in ORDERS)


def _move(kind: str, quantity: int, day: str = "2024-01-15", **cells) -> dict:
    return {"kind": kind, "quantity": quantity, "date": day, **cells}


def _earmark(quantity: int, lot: str, order: str, day: str = "2024-01-10") -> dict:
    return _move("earmark", quantity, day, lot=lot, order=order)


def test_advances_draw_on_earlier_stages_first():
    """Ship, receive and activate peg only what no earlier stage has."""
    moves = [
        _earmark(2, "late", "o3"),
        _move("ship", 3, "2024-02-01", lot="late", order="o3"),
        _move("activate", 2, "2024-02-02", lot="late", order="o3"),
        _move("receive", 2, "2024-02-03", lot="late", order="o3"),
    ]
    assert {("late", "o3"): 4} == dict(positions(_made(moves)).pegs)


def test_redirect_without_a_lot_takes_the_earliest_lot_first():
    """Of the pegged lots, the day of the lot decides, not the day of the earmark."""
    moves = [
        _earmark(3, "late", "o1"),
        _earmark(2, "early", "o1", "2024-01-11"),
        _move("redirect", 3, order="o1", to_order="o3"),
    ]
    expected = {("early", "o3"): 2, ("late", "o1"): 2, ("late", "o3"): 1}
    assert expected == dict(positions(_made(moves)).pegs)


def test_redirects_of_one_day_wait_for_each_other():
    """A redirect without a lot finds what another one of its day brings, whatever their ids."""
    moves = [
        _earmark(3, "late", "o1"),
        {**_move("redirect", 3, order="o2", to_order="o3"), "move": "first"},
        {**_move("redirect", 3, order="o1", to_order="o2"), "move": "second"},
    ]
    assert [] == judge_moves(_made(moves))
    assert {("late", "o3"): 3} == dict(positions(_made(moves)).pegs)


def test_a_release_that_names_its_lot_comes_before_a_redirect_that_does_not():
    """Moves of a day hold if their sum does: the redirect takes the lot that is left."""
    moves = [
        _earmark(3, "early", "o3"),
        _earmark(3, "late", "o3"),
        _move("redirect", 3, order="o3", to_order="o1"),
        _move("release", 3, lot="early", order="o3"),
    ]
    assert [] == judge_moves(_made(moves))
    assert {("late", "o1"): 3} == dict(positions(_made(moves)).pegs)


def test_transfer_to_an_order_is_an_arrival():
    """Transferred units leave the site and reach the order as a lot of their own."""
    place = {"party": "a", "product": "gpu", "site": "x"}
    moves = [
        _move("opening", 9, "2024-01-01", **place),
        {**_move("transfer", 4, "2024-03-01", **place, to_order="o2"), "move": "t"},
        _move("transfer", 2, "2024-03-01", **place, to_site="y"),
    ]
    found = positions(_made(moves))
    march = date(2024, 3, 1)
    assert (Arrival("t", "o2", "gpu", march, 4),) == found.arrivals
    assert (
        Running("a", "gpu", "x", date(2024, 1, 1), 9),
        Running("a", "gpu", "x", march, -6),
        Running("a", "gpu", "y", march, 2),
    ) == found.running


def test_units_received_for_an_order_can_be_retired():
    """They are no opening, yet taking them out is a change of what runs."""
    moves = [
        _move("receive", 3, "2024-03-01", lot="early", order="o1"),
        _move("retire", 2, "2024-06-01", party="a", product="gpu", site="x"),
    ]
    found = positions(_made(moves))
    assert [] == judge_moves(_made(moves))
    assert (Running("a", "gpu", "x", date(2024, 6, 1), -2),) == found.running
    assert {("early", "o1"): 3} == dict(found.pegs)


def _swap(*, tied: bool) -> Book:
    """Return a book in which o1 and o2, both full, swap their lots over the turn of a year."""
    lots = [
        {"lot": "december", "date": "2023-12-20", "quantity": 12},
        {"lot": "january", "date": "2024-01-20", "quantity": 6},
        {"lot": "june", "date": "2024-06-20", "quantity": 6},
    ]
    orders = [{"order": "o1", "quantity": 12}, {"order": "o2", "quantity": 12, "party": "b"}]
    there = {"order": "o1", "to_order": "o2"}
    back = {"order": "o2", "to_order": "o1", "in_return_for": "there" if tied else None}
    moves = [
        _earmark(12, "december", "o1", "2023-11-01"),
        _earmark(6, "january", "o2", "2023-11-01"),
        _earmark(6, "june", "o2", "2023-11-01"),
        {**_move("redirect", 12, "2023-12-15", lot="december", **there), "move": "there"},
        {**_move("redirect", 6, "2024-01-10", lot="january", **back), "move": "back1"},
        {**_move("redirect", 6, "2024-01-11", lot="june", **back), "move": "back2"},
    ]
    return book(start="2023-12-01", lots=lots, orders=orders, moves=moves)


def test_a_tied_swap_is_judged_when_its_last_move_is_in():
    """Over the turn of the year o2 has twice its quantity; only the sum of the swap must hold."""
    assert [] == judge_moves(_swap(tied=True))
    expected = {("december", "o2"): 12, ("january", "o1"): 6, ("june", "o1"): 6}
    assert expected == dict(positions(_swap(tied=True)).pegs)


def test_an_untied_swap_is_judged_day_by_day():
    """The same moves without their tie break the quantity of o2 in December."""
    (problem,) = judge_moves(_swap(tied=False))
    assert ("E322", 5, "12") == (problem.code, problem.row, problem.text)
    assert "12 more than the order has on 2023-12-15" == problem.message


def test_a_tie_that_does_not_close_is_judged_on_its_last_day():
    """If one half of the return is missing, the move that broke the balance is named."""
    swap = _swap(tied=True).without_moves([])
    short = swap.replace_table(swap.moves.take(range(5)))
    (problem,) = judge_moves(short)
    assert ("E322", 5) == (problem.code, problem.row)
    assert "6 more than the order has on 2024-01-10" == problem.message


def test_a_tied_redirect_without_a_lot_waits_for_its_return():
    """What it cannot find on its own day it finds when the units come back."""
    moves = [
        _earmark(3, "late", "o3"),
        {**_move("redirect", 3, "2024-01-15", order="o1", to_order="o2"), "move": "first"},
        {
            **_move("redirect", 3, "2024-02-15", order="o3", to_order="o1"),
            "move": "second",
            "in_return_for": "first",
        },
    ]
    assert [] == judge_moves(_made(moves))
    assert {("late", "o2"): 3} == dict(positions(_made(moves)).pegs)


PLACE = {"party": "a", "product": "gpu", "site": "x"}


@pytest.mark.parametrize(
    ("moves", "code", "row", "message"),
    [
        (
            [_earmark(3, "late", "o3"), _move("release", 5, lot="late", order="o3")],
            "E320",
            3,
            "2 more than is pegged on 2024-01-15",
        ),
        (
            [_earmark(3, "late", "o3"), _move("redirect", 4, order="o3", to_order="o1")],
            "E320",
            3,
            "1 more than is pegged on 2024-01-15",
        ),
        (
            [_earmark(4, "early", "o1"), _move("ship", 10, lot="early", order="o1")],
            "E321",
            3,
            "1 more than the lot has on 2024-01-15",
        ),
        (
            [_earmark(4, "early", "o2"), _earmark(5, "late", "o2")],
            "E322",
            3,
            "1 more than the order has on 2024-01-10",
        ),
        (
            [
                _earmark(7, "late", "o2"),
                _move("opening", 2, "2024-01-01", **PLACE),
                _move("transfer", 2, **PLACE, to_order="o2"),
            ],
            "E322",
            4,
            "1 more than the order has on 2024-01-15",
        ),
        (
            [_move("opening", 2, "2024-01-20", **PLACE), _move("retire", 2, **PLACE)],
            "E323",
            3,
            "2 more than runs there on 2024-01-15",
        ),
        (
            [
                _move("receive", 3, "2024-01-10", lot="late", order="o1"),
                _move("retire", 3, "2024-01-11", **PLACE),
                _move("release", 1, lot="late", order="o1"),
            ],
            "E323",
            4,
            "1 more than runs there on 2024-01-15",
        ),
    ],
)
def test_a_broken_balance_names_the_move_that_broke_it(moves, code, row, message):
    """The last move that made the balance worse is named, with the units and the day."""
    (problem,) = judge_moves(_made(moves))
    assert (code, row, message) == (problem.code, problem.row, problem.message)
    assert ("moves", "quantity") == (problem.table, problem.column)
    assert str(moves[row - 2]["quantity"]) == problem.text
