"""How cases stand on record: open, given, expired, late, overridden, missing."""

from dataclasses import replace
from datetime import date

import pytest
from approval_books import DAY, move_entry, orders_book, recorded, redirect

from earmark.ledger.approvals import approval_entry, proposal_entry
from earmark.ledger.cases import cases, linked_sets, stated_cases
from earmark.ledger.entries import Change, Entry
from earmark.ledger.needs import digest_of, needs
from earmark.policy import ApprovalRules

RULES = ApprovalRules(units=100)
BOOK = orders_book("h 20 b", rules=RULES)
ROWS = (redirect("m", "a", "b", 100),)
DIGEST = digest_of(ROWS, ())


def _proposal(**changed):
    need = needs(BOOK, ROWS, (), on=DAY, proposers=["vendor"])
    entry = proposal_entry(need, by="vendor", changes=ROWS, postings=(), effective=DAY)
    return replace(entry, **changed)


def _approval(by="The committee", day="2024-06-01"):
    return approval_entry(DIGEST, by=by, on=date.fromisoformat(day), rules=RULES)


def _statuses(*entries, now=date(2024, 6, 1), book=BOOK):
    """Return how the cases stand; an entry is given alone or with the day of its recording."""
    record = [
        recorded(seq, *(entry if isinstance(entry, tuple) else (entry,)))
        for seq, entry in enumerate(entries, 1)
    ]
    return [case.status for case in cases(record, book, now=now)]


MOVE = move_entry("m", ROWS)


@pytest.mark.parametrize(
    ("entries", "status"),
    [
        ([_proposal()], "open"),
        ([_proposal(), _approval()], "given"),
        ([_proposal(), _approval(by="h")], "open"),
        ([_proposal(), _approval(by="vendor")], "open"),
        ([_proposal(changes=(redirect("m", "a", "b", 999),))], "void"),
        ([_proposal(), _approval(), MOVE], "given"),
        ([_approval(), replace(MOVE, by="The committee")], "missing"),
        ([_proposal(), replace(_approval(by="clerk"))], "given"),
        ([MOVE], "missing"),
        ([MOVE, _approval()], "late"),
        ([MOVE, _approval(by="h")], "missing"),
        ([replace(MOVE, facts={"override": "urgent"})], "overridden"),
        ([replace(MOVE, facts={"override": "urgent"}), _approval()], "overridden"),
        ([_approval(), (MOVE, "2024-07-01")], "expired"),
        ([_approval(), (MOVE, "2024-06-30")], "given"),
    ],
)
def test_statuses(entries, status):
    """A case stands by what was on record before its move, and what came afterwards is late."""
    assert [status] == _statuses(*entries)


def test_a_proposal_expires():
    """What was approved and not recorded in time is expired."""
    assert ["expired"] == _statuses(_proposal(), _approval(), now=date(2024, 7, 1))


def test_who_proposed_cannot_approve_what_another_records():
    """Proposer and approver are told apart by the proposal, whoever records the move."""
    entries = (_proposal(), _approval(by="vendor"), replace(MOVE, by="clerk"))
    assert ["missing"] == _statuses(*entries)


def test_what_needs_none_is_no_case():
    """Moves below the thresholds are not listed, and nothing is in a book without rules."""
    small = move_entry("s", [redirect("s", "a", "b", 99)])
    assert [] == _statuses(small)
    assert [] == _statuses(MOVE, _proposal(), book=replace(BOOK, approval=None))


def test_rules_of_today_that_ask_for_nothing():
    """A proposal stays on the list when the rules have become milder."""
    assert ["not_needed"] == _statuses(
        _proposal(), book=orders_book(rules=ApprovalRules(units=101))
    )


@pytest.mark.parametrize("rules", [ApprovalRules(units=9999), None])
def test_what_went_through_stays_listed(rules):
    """An override, or what rests on an approval, is a case whatever the rules of today ask for."""
    book = replace(orders_book(), approval=rules)
    approval = _approval()
    entries = (approval, replace(MOVE, approvals=(approval.id,)))
    assert ["given"] == _statuses(*entries, book=book)
    assert ["overridden"] == _statuses(replace(MOVE, facts={"override": "urgent"}), book=book)


def test_what_was_brought_in_is_not_called_missing():
    """Rows that were known before they were recorded are told as what they would have needed."""
    past = (redirect("m", "a", "b", 100, known="2024-05-01", date="2024-04-01"),)
    (case,) = cases([recorded(1, move_entry("m", past))], BOOK, now=DAY)
    assert ("would_need", True, date(2024, 4, 1)) == (case.status, case.brought_in, case.need.on)


def test_what_was_recorded_before_the_rules():
    """A case says so when the book had no rules yet."""
    cells = {"key": "approval.units", "value": "100"}
    rules = Entry(id="book#2", kind="settings", effective=DAY, changes=(Change("book", cells),))
    (case,) = cases([recorded(1, MOVE), recorded(2, rules)], BOOK, now=DAY)
    assert case.before_rules
    (case,) = cases([recorded(1, rules), recorded(2, MOVE)], BOOK, now=DAY)
    assert not case.before_rules


def test_a_window_over_the_record():
    """The redirect with which the threshold is reached within the window needs the approval."""
    book = orders_book(rules=replace(RULES, window=10))
    entries = [
        recorded(seq, move_entry(f"m{seq}", [redirect(f"m{seq}", "a", "b", 40)]), day)
        for seq, day in enumerate(("2024-05-01", "2024-05-30", "2024-05-31", "2024-06-01"), 1)
    ]
    assert [("m4",)] == [case.moves for case in cases(entries, book, now=DAY)]


def test_a_book_states_its_moves():
    """Of a book in files a swap is one case, on the day it was done, and no status claims more."""
    moves = [
        {"move": "m1", "kind": "redirect", "date": "2024-03-01", "quantity": 100, "order": "o-a",
         "to_order": "o-b", "lot": "l1", "approved_by": "the board"},
        {"move": "m2", "kind": "redirect", "date": "2024-03-02", "quantity": 100, "order": "o-b",
         "to_order": "o-a", "lot": "l1", "in_return_for": "m1"},
        {"move": "m3", "kind": "redirect", "date": "2024-03-02", "quantity": 1, "order": "o-b",
         "to_order": "o-c", "lot": "l1"},
    ]  # fmt: skip
    book = orders_book(rules=RULES, moves=moves)
    assert [("m1", "m2"), ("m3",)] == [
        tuple(change.cells["move"] for change in rows) for rows in linked_sets(book.moves)
    ]
    (case,) = stated_cases(book)
    assert ("would_need", ("m1", "m2"), ("the board",), date(2024, 3, 2)) == (
        case.status, case.moves, case.stated, case.need.on,
    )  # fmt: skip


def test_relations_known_only_afterwards_say_so():
    """A stake that became known after the move relates its parties with hindsight."""
    moves = [
        {"move": "m1", "kind": "redirect", "date": "2024-03-01", "quantity": 1, "order": "o-a",
         "to_order": "o-b", "lot": "l1"},
    ]  # fmt: skip
    late = orders_book("a 20 b 2024-01-01 2025-01-01 2024-04-01", moves=moves)
    (case,) = stated_cases(late)
    assert case.need.pairs[0].relation.hindsight
    assert () == stated_cases(late, known=date(2024, 3, 31))
    (case,) = stated_cases(orders_book("a 20 b", moves=moves))
    assert not case.need.pairs[0].relation.hindsight
