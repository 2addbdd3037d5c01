"""Entries as bytes: the quick writer writes what the careful one does."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from other_types import swapped

from earmark.ledger.canonical import canonical
from earmark.ledger.entries import (
    CHANGING,
    KINDS,
    STATES,
    Account,
    Change,
    Entry,
    Posting,
    Recorded,
    document_of,
    parse_recorded,
)

LARGEST = 2**53 - 1

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
keys = st.text(st.characters(max_codepoint=127, exclude_characters="\0"), max_size=5)
ids = st.lists(texts, max_size=3).map(tuple)
changes = st.builds(Change, texts, st.dictionaries(keys, texts, max_size=4), st.booleans())
accounts = st.builds(Account, st.sampled_from(STATES), texts, texts, texts)
postings = st.builds(Posting, accounts, st.integers(-LARGEST, LARGEST), st.dates())
entries = st.sampled_from(KINDS).flatmap(
    lambda kind: st.builds(
        Entry,
        id=texts.filter(bool),
        kind=st.just(kind),
        effective=st.dates(),
        by=st.none() | texts,
        authority=st.none() | texts,
        approvals=ids,
        reason=st.none() | texts,
        evidence=ids,
        corrects=st.none() | texts,
        facts=st.dictionaries(keys, texts, max_size=3),
        changes=st.lists(changes, min_size=int(kind in CHANGING), max_size=3).map(tuple),
        postings=st.lists(postings, max_size=3).map(tuple),
    )
)
recorded_entries = st.builds(Recorded, st.integers(1, LARGEST), texts, entries)


@given(recorded_entries)
def test_a_body_is_canonical_and_is_read_again(recorded):
    """The body is the canonical JSON of the document, byte for byte, and means the entry."""
    assert canonical(document_of(recorded)) == recorded.body
    assert recorded == parse_recorded(recorded.body)


@given(recorded_entries, st.data())
def test_a_changed_body_means_another_entry_or_none(recorded, data):
    """No two bodies mean one entry: a byte that is changed is refused or changes the entry."""
    body = bytearray(recorded.body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        other = parse_recorded(bytes(body))
    except ValueError:
        return
    assert recorded != other


FINE = Recorded(
    1,
    "2024-01-01T00:00:00.000000Z",
    Entry(
        id="a",
        kind="move",
        effective=date(2024, 1, 1),
        changes=(Change("moves", {"move": "a"}),),
        postings=(Posting(Account("supplied", "l", "p"), 1, date(2024, 1, 1)),),
    ),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "half \ud800"},
        {"reason": "nul \0"},
        {"reason": "\\\0"},
        {"by": 5},
        {"facts": {"é": "x"}},
        {"changes": (Change("moves", {"é": "x"}),)},
        {"changes": (Change("moves", {"move": 5.0}),)},
        {"postings": (FINE.entry.postings[0]._replace(quantity=2**53),)},
        {"postings": (FINE.entry.postings[0]._replace(quantity=1.0),)},
    ],
    ids=str,
)
def test_what_has_no_canonical_form_has_no_body(changes):
    """Texts, keys and numbers that the ledger cannot hold are refused with ValueError."""
    recorded = replace(FINE, entry=replace(FINE.entry, **changes))
    with pytest.raises((ValueError, TypeError)):
        recorded.body  # noqa: B018


def test_a_backslash_before_u0000_is_no_nul():
    """Only a NUL is refused, not a text that spells one."""
    recorded = replace(FINE, entry=replace(FINE.entry, reason="\\u0000"))
    assert recorded == parse_recorded(recorded.body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        FINE.body.replace(b",", b", ", 1),
        FINE.body.replace(b'"move"', b'"walk"'),
        FINE.body.replace(b'"seq":1', b'"seq":true'),
        FINE.body.replace(b'"seq":1', b'"seq":1.0'),
        FINE.body.replace(b'"seq":1', b'"seq":1,"seq":1'),
        FINE.body.replace(b'"seq":1', b'"seq":1,"sign":1'),
        FINE.body.replace(b'"supplied"', b'"supplied","supplied"'),
        FINE.body.replace(b"2024-01-01", b"20240101"),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_other_bytes_are_no_entry(body):
    """What is no entry, or one in another spelling, is refused with ValueError."""
    with pytest.raises(ValueError, match=r".+"):
        parse_recorded(body)


WHOLE = replace(
    FINE,
    entry=replace(
        FINE.entry,
        by="ann",
        authority="board",
        approvals=("p",),
        reason="why",
        evidence=("e",),
        corrects="b",
        facts={"fact": "x"},
        changes=(Change("moves", {"move": "a"}, drop=True),),
    ),
)


@pytest.mark.parametrize("body", swapped(WHOLE.body).values(), ids=swapped(WHOLE.body))
def test_a_value_of_another_type_is_no_entry(body):
    """Whatever JSON value stands in a field of another type: ValueError, and nothing else."""
    with pytest.raises(ValueError, match=r".+"):
        parse_recorded(body)


@pytest.mark.parametrize("kind", sorted(CHANGING))
def test_an_entry_that_changes_nothing_is_none(kind):
    """Settings, a row and a removal without rows say nothing that a book could follow."""
    with pytest.raises(ValueError, match="needs rows"):
        replace(FINE.entry, kind=kind, changes=())
    body = FINE.body.replace(b'"changes":[{"cells":{"move":"a"},"table":"moves"}],', b"")
    with pytest.raises(ValueError, match="needs rows"):
        parse_recorded(body.replace(b'"move"', f'"{kind}"'.encode()))
