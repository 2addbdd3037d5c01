"""Who is related to whom: groups, stakes followed through, common holders, declarations."""

from datetime import date
from decimal import Decimal

import pytest
from approval_books import DAY, stakes_book
from hypothesis import given
from hypothesis import strategies as st

from earmark.ledger.relations import Relations, related
from earmark.policy import ApprovalRules
from earmark.report.approval_words import relation_words


def _related(book, a, b, day=DAY, **more):
    return related(book, a, b, day, **more)


@pytest.mark.parametrize(
    ("stakes", "kind", "percent"),
    [
        (["a 10 b"], "stake", "10"),
        (["a 9.99 b"], None, None),
        (["a 51 b"], "stake", "100"),
        (["a 50 b"], "stake", "50"),
        (["a 60 m", "m 12 b"], "stake", "12"),
        (["a 40 m", "m 25 b"], "stake", "10"),
        (["a 40 m", "m 24 b"], None, None),
        (["a 40 m", "m 60 b"], "stake", "40"),
        (["a 60 m", "a 6 b", "m 4 b"], "stake", "10"),
        (["a 60 m", "a 26 b", "m 26 b"], "stake", "100"),
        (["h 20 a", "h 15 b"], "holder", "15"),
        (["h 20 a", "h 9 b"], None, None),
        (["h 70 m", "m 60 a", "h 10 b"], "holder", "10"),
        (["h 20 a", "g 20 b"], None, None),
        (["a 8 m", "m 8 b", "b 8 a"], None, None),
        (["a 100 b", "b 100 a"], "stake", "100"),
    ],
    ids=str,
)
def test_stakes_are_followed_through(stakes, kind, percent):
    """Control counts wholly, smaller stakes are multiplied, those of what one controls added."""
    relation = _related(stakes_book(*stakes, "a 0 x", "b 0 x"), "a", "b")
    assert (kind, percent and Decimal(percent)) == (
        relation and relation.kind,
        relation and relation.percent,
    )


def test_two_minority_ways_are_not_added():
    """What is held by companies that nobody of the two controls is not added up (documented)."""
    book = stakes_book("a 40 m", "a 40 n", "m 24 b", "n 24 b")
    assert _related(book, "a", "b") is None


def test_a_company_bought_with_another():
    """A parent of a subsidiary that holds a fifth of the other side is related, and is told how."""
    book = stakes_book("parent 80 arm", "arm 20 site")
    relation = _related(book, "site", "parent")
    assert relation is not None
    words = "parent holds 80 % of arm (control), which holds 20 % of site, 20 % in all"
    assert words == relation_words(relation)


def test_a_fund_with_a_seat_in_both():
    """One holder above the threshold in both relates two companies that hold nothing."""
    relation = _related(stakes_book("fund 20 maker", "fund 60 net"), "net", "maker")
    assert relation is not None
    assert ("holder", "fund", "maker", "net") == (
        relation.kind,
        relation.holder,
        relation.a,
        relation.b,
    )


def test_a_group_is_one():
    """Members of a group are related, and what leads to one of them leads to all."""
    book = stakes_book("h 15 b", "h 30 other", groups=["a cars", "b cars"])
    assert "group" == _related(book, "a", "b").kind
    assert "stake" == _related(book, "a", "h").kind
    assert "holder" == _related(book, "a", "other").kind


def test_a_declaration_names_its_reason():
    """Parties may be declared related for what no stake shows."""
    rules = ApprovalRules(declared={"one decision maker": ("a", "b")})
    relation = _related(stakes_book("a 1 c", "b 1 c", rules=rules), "b", "a")
    assert ("declared", "one decision maker") == (relation.kind, relation.words)


def test_stakes_count_while_held_and_once_known():
    """A stake counts from its first day, up to and without its last, and once it was known."""
    book = stakes_book("a 20 b 2024-02-01 2024-05-01 2024-03-01")
    assert _related(book, "a", "b", date(2024, 3, 1)) is not None
    assert _related(book, "a", "b", date(2024, 2, 28)) is None  # not known yet
    assert _related(book, "a", "b", date(2024, 2, 1), known=date(2024, 3, 1)) is not None
    assert _related(book, "a", "b", date(2024, 1, 31), known=date(2024, 3, 1)) is None
    assert _related(book, "a", "b", date(2024, 4, 30)) is not None
    assert _related(book, "a", "b", date(2024, 5, 1)) is None


def test_a_later_version_of_a_stake_counts():
    """Of two versions of a stake the one known last by the day counts."""
    book = stakes_book("a 20 b 2024-01-01 2025-01-01", "a 5 b 2024-01-01 2025-01-01 2024-06-01")
    assert _related(book, "a", "b", date(2024, 5, 31)) is not None
    assert _related(book, "a", "b", date(2024, 6, 1)) is None


NAMES = st.sampled_from("abcdef")
STAKES = st.lists(
    st.tuples(NAMES, st.integers(1, 100), NAMES).filter(lambda stake: stake[0] != stake[2]),
    max_size=9,
).map(lambda stakes: {(holder, held): percent for holder, percent, held in stakes})


def _book(stakes, rules=None):
    rows = [f"{holder} {percent} {held}" for (holder, held), percent in stakes.items()]
    return stakes_book(*rows, "a 0 z", "b 0 z", rules=rules)


@given(STAKES, NAMES, NAMES)
def test_relations_are_symmetric(stakes, a, b):
    """Who is related to whom does not depend on who is asked first, and nobody is to himself."""
    relations = Relations(_book(stakes), ApprovalRules(), DAY)
    assert relations.between(a, b) == relations.between(b, a)
    assert relations.between(a, a) is None


@given(STAKES, NAMES, NAMES)
def test_the_percentages_are_those_of_the_strongest_way(stakes, a, b):
    """By brute force: the largest product over all simple ways, control counting wholly."""
    relations = Relations(_book(stakes), ApprovalRules(), DAY)
    found = relations.held_by(a).get(b, (Decimal(0), ()))[0]
    assert (_strongest(stakes, a, b) if a != b else 0) == found


@given(STAKES, NAMES, NAMES, st.integers(1, 100))
def test_more_stakes_relate_no_fewer(stakes, a, b, percent):
    """Another stake never makes two parties unrelated, and a lower threshold neither."""
    more = {("f", "g"): percent, **stakes}
    before = Relations(_book(stakes), ApprovalRules(), DAY).between(a, b)
    after = Relations(_book(more), ApprovalRules(related=Decimal(5)), DAY).between(a, b)
    assert before is None or after is not None


@given(STAKES, NAMES, NAMES)
def test_the_threshold_is_exact(stakes, a, b):
    """At the percentage found two parties are related, and just above it no longer."""
    relation = Relations(_book(stakes), ApprovalRules(), DAY).between(a, b)
    if relation is not None:
        at = ApprovalRules(related=relation.percent)
        above = ApprovalRules(related=relation.percent + Decimal("0.0000000001"))
        assert relation == Relations(_book(stakes), at, DAY).between(a, b)
        assert Relations(_book(stakes), above, DAY).between(a, b) is None


def _strongest(stakes, start, end):
    """Return the largest product over all simple ways, in percent."""
    names = sorted({name for pair in stakes for name in pair})

    def reach(holder):
        controlled = {holder}
        while fresh := {
            name for name in names if name not in controlled and held(controlled, name) > 50
        }:
            controlled |= fresh
        return {
            name: Decimal(100) if name in controlled else Decimal(held(controlled, name))
            for name in names
            if name != holder
        }

    def held(holders, name):
        return sum(stakes.get((holder, name), 0) for holder in holders)

    def follow(here, seen, percent):
        if here == end:
            return percent
        ways = (
            follow(name, seen | {name}, percent * share / 100)
            for name, share in reach(here).items()
            if share and name not in seen
        )
        return max(ways, default=Decimal(0))

    return follow(start, {start}, Decimal(100))
