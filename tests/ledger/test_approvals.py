"""When an approval is needed, who could give it, and which one counts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from approval_books import DAY, orders_book, posted, recorded, redirect
from hypothesis import given
from hypothesis import strategies as st

from earmark.ledger.approvals import (
    approval_entry,
    is_whole,
    judge_approval,
    proposal_entry,
)
from earmark.ledger.entries import Change
from earmark.ledger.needs import digest_of, needs, recorded_within
from earmark.policy import ApprovalRules

UNITS = ApprovalRules(units=100)


def _needs(book, *rows, on=DAY, **more):
    return needs(book, rows, more.pop("postings", ()), on=on, **more)


def _book(**rules):
    return orders_book(rules=ApprovalRules(**rules))


@pytest.mark.parametrize(
    ("rules", "quantity", "asked"),
    [
        ({"units": 100}, 99, []),
        ({"units": 100}, 100, ["units"]),
        ({"money": Decimal(1000)}, 99, []),
        ({"money": Decimal(1000)}, 100, ["money"]),
        ({"money": Decimal("1000.01")}, 100, []),
        ({"units": 100, "money": Decimal(1000)}, 100, ["units", "money"]),
        ({}, 1000, []),
    ],
)
def test_thresholds_are_reached_not_passed(rules, quantity, asked):
    """Exactly so many units, or so much value, needs an approval; one less does not."""
    need = _needs(_book(**rules), redirect("m", "a", "b", quantity))
    assert asked == ([] if need is None else [reason.rule for reason in need.pairs[0].reasons])


@pytest.mark.parametrize(
    ("rules", "quantity", "asked"),
    [
        ({}, 1, ["related"]),
        ({"related_units": 10}, 9, []),
        ({"related_units": 10}, 10, ["related_units"]),
        ({"related_money": Decimal(100)}, 9, []),
        ({"related_money": Decimal(100)}, 10, ["related_money"]),
        ({"units": 100, "related_units": 10}, 100, ["units", "related_units"]),
    ],
)
def test_related_parties_have_thresholds_of_their_own(rules, quantity, asked):
    """Between related parties every redirect needs one, unless the rules name a threshold."""
    book = orders_book("a 10 b", rules=ApprovalRules(**rules))
    need = _needs(book, redirect("m", "a", "b", quantity))
    assert asked == ([] if need is None else [reason.rule for reason in need.pairs[0].reasons])


def test_a_book_without_rules_asks_for_nothing():
    """No [approval], no approval."""
    assert _needs(replace(_book(), approval=None), redirect("m", "a", "b", 1000)) is None


def test_a_swap_is_one_case():
    """Units that go both ways are told once per pair, and are not set off against each other."""
    rows = (
        redirect("m1", "a", "b", 100),
        redirect("m2", "b", "a", 60),
        redirect("m3", "b", "a", 39),
    )
    need = _needs(_book(units=100), *rows)
    (pair,) = need.pairs
    assert (("a", "b"), 100, 99) == (need.sides, pair.there.units, pair.back.units)
    assert (100, Decimal(1000)) == (need.units, need.money)


def test_splitting_inside_a_set_does_not_help():
    """Several redirects of one set are added up."""
    need = _needs(_book(units=100), redirect("m1", "a", "b", 50), redirect("m2", "a", "b", 50))
    assert 100 == need.units


def test_a_party_between_does_not_help():
    """What goes from a to c by way of b in one set goes from a to c."""
    book = orders_book("a 20 c", rules=ApprovalRules())
    need = _needs(book, redirect("m1", "a", "b", 50), redirect("m2", "b", "c", 40))
    assert [("a", "c", 40)] == [(pair.a, pair.b, pair.there.units) for pair in need.pairs]
    assert ("a", "b", "c") == need.sides


def test_splitting_over_days_is_seen_within_the_window():
    """With a window of 10 days what was recorded in the 9 days before and on the day counts."""
    rules = ApprovalRules(units=100, window=10)
    book = orders_book(rules=rules)
    entries = [
        recorded(seq, _move(f"e{seq}", quantity), day)
        for seq, quantity, day in ((1, 500, "2024-05-22"), (2, 60, "2024-05-23"))
    ]
    earlier = recorded_within(entries, rules, DAY)
    row = redirect("m", "a", "b", 40)
    assert 60 == _needs(book, row, earlier=earlier).pairs[0].earlier_there.units
    assert _needs(book, redirect("m", "a", "b", 39), earlier=earlier) is None
    assert _needs(orders_book(rules=UNITS), row, earlier=earlier) is None


def _move(name, quantity):
    from approval_books import move_entry

    return move_entry(name, [redirect(name, "a", "b", quantity)])


def test_without_a_price_no_value_is_known_to_be_below():
    """A threshold in money is reached by what has no price: nothing shows it to be below."""
    book = orders_book(rules=ApprovalRules(money=Decimal(10**9)), price=None)
    need = _needs(book, redirect("m", "a", "b", 1))
    assert [("money", None)] == [(r.rule, r.amount) for r in need.pairs[0].reasons]
    assert need.money is None


@pytest.mark.parametrize(
    ("kinds", "row", "asked"),
    [
        (("redirect", "transfer"), {"kind": "transfer", "party": "a", "product": "gpu",
                                    "site": "s", "order": ""}, True),
        (("redirect",), {"kind": "transfer", "party": "a", "product": "gpu", "order": ""}, False),
        (("redirect", "release"), {"kind": "release", "to_order": ""}, True),
        (("redirect", "transfer"), {"kind": "release", "to_order": ""}, False),
        (("redirect", "transfer"), {"kind": "earmark", "to_order": ""}, False),
        (("redirect", "transfer"), {"to_order": "o-a"}, False),
        (("redirect", "transfer"), {"to_order": "nothing"}, False),
    ],
)  # fmt: skip
def test_the_kinds_of_moves_that_count(kinds, row, asked):
    """Redirects and transfers to another party count, releases where the rules say so."""
    need = _needs(_book(units=100, kinds=kinds), redirect("m", "a", "b", 100, **row))
    assert asked == (need is not None)


def test_who_could_approve():
    """Not who proposes or makes it, not a side, not who is related to one; a named body may."""
    rules = ApprovalRules(
        units=1, approvers=("a", "h", "vendor", "Legal", "maker", "The committee")
    )
    book = orders_book("h 20 b", rules=rules)
    need = _needs(book, redirect("m", "a", "b", 1, by="maker"), proposers=["vendor"])
    assert ("Legal", "The committee") == need.could
    assert {
        "a": "not_independent",
        "h": "not_independent",
        "vendor": "by_proposer",
        "maker": "by_proposer",
    } == {one.who: one.code for one in need.could_not}


def test_a_party_is_itself_under_its_name_too():
    """Who approves under the name of a side, or in other capitals, is that side."""
    parties = [{"party": "a", "name": "Maker Inc"}, {"party": "b"}, {"party": "c"}]
    book = orders_book(rules=UNITS, parties=parties)
    need = _needs(book, redirect("m", "a", "b", 100))
    assert ["not_independent"] * 3 == [
        _verdict(book, need, by=who).code for who in ("a", "A", "maker  inc")
    ]


def _approval(need, *, by="The committee", day="2024-06-01", seq=1, digest=None, **more):
    on = date.fromisoformat(day)
    entry = approval_entry(
        digest or need.digest, by=by, on=on, rules=more.pop("rules", UNITS), **more
    )
    return recorded(seq, entry, day)


def _verdict(book, need, *, now=DAY, override=None, **approval):
    given_one = [_approval(need, **approval)] if approval else []
    return judge_approval(book, need, given_one, now=now, override=override)


def _standing(rules=None, **approval):
    book = orders_book("h 20 b", rules=rules or UNITS)
    need = _needs(book, redirect("m", "a", "b", 100), proposers=["vendor"], postings=posted(100))
    now = approval.pop("now", DAY)
    return _verdict(book, need, now=now, **approval).code


@pytest.mark.parametrize(
    ("approval", "code"),
    [
        ({}, "none"),
        ({"by": "The committee"}, "given"),
        ({"by": "vendor"}, "by_proposer"),
        ({"by": "Vendor"}, "by_proposer"),
        ({"by": "b"}, "not_independent"),
        ({"by": "h"}, "not_independent"),
        ({"by": " "}, "unknown_approver"),
        ({"digest": "sha256:" + "0" * 64}, "other_digest"),
        ({"by": "The committee", "now": date(2024, 6, 30)}, "given"),
        ({"by": "The committee", "now": date(2024, 7, 1)}, "expired"),
        ({"by": "The committee", "until": date(2024, 6, 2)}, "given"),
        ({"by": "The committee", "until": date(2024, 6, 2), "now": date(2024, 6, 2)}, "expired"),
        ({"override": "urgent"}, "override_not_allowed"),
    ],
    ids=str,
)
def test_verdicts(approval, code):
    """An approval counts from an independent approver, for exactly this, until its last day."""
    assert code == _standing(**approval)


@pytest.mark.parametrize(
    ("override", "code"), [("urgent", "overridden"), (" ", "override_without_reason")]
)
def test_an_override_needs_leave_and_a_reason(override, code):
    """Where the rules allow it, an override with a reason goes through."""
    assert code == _standing(replace(UNITS, override=True), override=override)


def test_only_those_whom_the_rules_name():
    """An approver whom the rules do not name does not count, in whatever spelling."""
    rules = replace(UNITS, approvers=("The committee",))
    assert "unknown_approver" == _standing(rules, by="Another committee")
    assert "given" == _standing(rules, by="the  COMMITTEE")


def test_an_approver_has_to_stay_independent():
    """Who gains a stake between approval and recording is no longer independent."""
    book = orders_book("h 20 b 2024-06-10", rules=UNITS)
    need = _needs(book, redirect("m", "a", "b", 100))
    assert "given" == _verdict(book, need, by="h", now=date(2024, 6, 9)).code
    assert "not_independent" == _verdict(book, need, by="h", now=date(2024, 6, 10)).code


def test_the_best_of_several_approvals_decides():
    """One good approval is enough, whatever others stand beside it."""
    book = orders_book("h 20 b", rules=UNITS)
    need = _needs(book, redirect("m", "a", "b", 100))
    several = [_approval(need, by=by, seq=i) for i, by in enumerate(("h", "The committee", "a"), 1)]
    verdict = judge_approval(book, need, several, now=DAY)
    assert ("given", "The committee") == (verdict.code, verdict.by)


def test_rules_that_shorten_approvals_hold_for_those_on_record():
    """An approval never lasts longer than the rules of the day allow."""
    book = orders_book(rules=replace(UNITS, days=3))
    need = _needs(book, redirect("m", "a", "b", 100))
    assert "expired" == _verdict(book, need, by="The committee", now=date(2024, 6, 4)).code


@given(st.integers(1, 400), st.integers(1, 400), st.integers(-3, 500))
def test_expired_never_counts(days, length, later):
    """On and after its last day, or the days of the rules, an approval does not count."""
    book = orders_book(rules=replace(UNITS, days=days))
    need = _needs(book, redirect("m", "a", "b", 100))
    now = DAY + timedelta(days=max(later, 0))
    verdict = _verdict(book, need, by="Some body", until=DAY + timedelta(days=length), now=now,
                       rules=replace(UNITS, days=days))  # fmt: skip
    assert ("given" if max(later, 0) < min(days, length) else "expired") == verdict.code


@given(
    st.lists(
        st.tuples(st.sampled_from("abch"), st.integers(1, 100), st.sampled_from("abch"))
        .filter(lambda stake: stake[0] != stake[2])
        .map(lambda stake: f"{stake[0]} {stake[1]} {stake[2]}"),
        max_size=5, unique_by=lambda stake: (stake.split()[0], stake.split()[2]),
    ),
    st.sampled_from(["a", "b", "c", "h", "Some body"]),
    st.sampled_from(["a", "c", "h", "Some body", "vendor"]),
)  # fmt: skip
def test_who_counts_is_never_the_proposer_or_related(stakes, approver, proposer):
    """Whatever the stakes, an approval that counts is by somebody else, independent of both."""
    from earmark.ledger.relations import related

    book = orders_book(*stakes, rules=UNITS)
    need = _needs(book, redirect("m", "a", "b", 100), proposers=[proposer])
    if _verdict(book, need, by=approver).passes:
        assert approver not in (proposer, "a", "b")
        assert [None, None] == [related(book, approver, side, DAY) for side in ("a", "b")]


CELLS = ("move", "quantity", "lot", "order", "to_order", "date", "reason", "in_return_for")


@given(st.sampled_from(CELLS), st.text("xyz0", min_size=1))
def test_any_change_of_the_rows_changes_the_digest(column, text):
    """Another unit, day, lot, order or reason is something else to approve."""
    row = redirect("m", "a", "b", 100)
    other = Change("moves", {**row.cells, column: text})
    assert (row.cells.get(column) == text) == (digest_of([row], ()) == digest_of([other], ()))


@given(st.integers(0, 1), st.sampled_from(["quantity", "effective", "account"]), st.integers(1, 9))
def test_any_change_of_the_postings_changes_the_digest(place, field, by):
    """A unit more, another day or another account is another digest."""
    before = list(posted(100))
    one = before[place]
    changed = {
        "quantity": one._replace(quantity=one.quantity + by),
        "effective": one._replace(effective=one.effective + timedelta(days=by)),
        "account": one._replace(account=one.account._replace(place=f"l{by + 1}")),
    }[field]
    after = [changed if i == place else posting for i, posting in enumerate(before)]
    row = redirect("m", "a", "b", 100)
    assert digest_of([row], before) != digest_of([row], after)
    assert digest_of([row], before) == digest_of([row], before[::-1])


def test_who_records_it_and_when_is_no_part_of_the_digest():
    """The proposal of yesterday and the move of today are the same."""
    row = redirect("m", "a", "b", 100)
    later = redirect("m", "a", "b", 100, known="2024-07-01", by="vendor", approved_by="somebody")
    assert digest_of([row], ()) == digest_of([later], ())


def test_a_proposal_is_whole_and_the_same_twice():
    """The digest of a proposal is that of its rows, and a repeat has the same id."""
    rows, postings = (redirect("m", "a", "b", 100),), posted(100)
    need = _needs(_book(units=100), *rows, postings=postings)
    entry = proposal_entry(need, by="vendor", changes=rows, postings=postings, effective=DAY)
    again = proposal_entry(need, by="vendor", changes=rows, postings=postings, effective=DAY)
    assert entry == again
    assert is_whole(entry)
    assert not is_whole(replace(entry, changes=(redirect("m", "a", "b", 900),)))
    assert ("100", "1000") == (entry.facts["units"], entry.facts["money"])


def test_what_an_approval_cannot_be():
    """An approval that ends on its first day, or of what is no digest, is refused."""
    with pytest.raises(ValueError, match="cannot end on"):
        approval_entry("sha256:" + "0" * 64, by="x", on=DAY, rules=UNITS, until=DAY)
    for digest in ("", "sha256:", "md5:" + "0" * 64, "sha256:" + "G" * 64):
        with pytest.raises(ValueError, match="no digest"):
            approval_entry(digest, by="x", on=DAY, rules=UNITS)
