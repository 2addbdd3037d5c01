"""Canonical JSON: the bytes of RFC 8785 for what the ledger may hold, refusals for the rest."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.ledger.canonical import canonical, parse_canonical

# The six published cases of RFC 8785 (cyberphone/json-canonicalization, testdata); where there are
# two texts, input and output; `french` has shorter values here.
ARRAYS = (
    '[\n  56,\n  {\n    "d": true,\n    "10": null,\n    "1": [ ]\n  }\n]',
    '[56,{"1":[],"10":null,"d":true}]',
)
FRENCH = '{"peach":"1","p\xe9ch\xe9":"2","p\xeache":"3","sin":"4"}'
STRUCTURES = (
    '{"1":{"f":{"f":"hi","F":5},"\\n":56.0},"10":{},"":"empty","a":{},"111":[{"e":"yes","E":"no"}],"A":{}}',
    '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
)
UNICODE = (
    '{"Unnormalized Unicode":"\\u1e0d\\u0307"}',
    '{"Unnormalized Unicode":"\u1e0d\u0307"}',
)
VALUES = r"""{
  "numbers": [1E30, 4.50, 333333333.33333329, 2e-3, 0.000000000000000000000000001],
  "escaping": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}"""
WEIRD = r"""{
  "\u20ac": "Euro Sign",
  "1": "One",
  "\u0080": "Control\u007f",
  "\ud83d\ude02": "Smiley",
  "\u00f6": "Latin Small Letter O With Diaeresis",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "</script>": "Browser Challenge"
}"""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
keys = st.text(st.characters(max_codepoint=127), max_size=4)
numbers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(keys, parts, max_size=4),
    max_leaves=20,
)


def by_the_standard(value):
    """RFC 8785 as it is written: escapes one by one, keys by UTF-16 units."""
    if isinstance(value, str):
        short = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}
        marks = (
            f"\\{short[ord(c)]}" if ord(c) in short else f"\\u{ord(c):04x}" if c < " " else c
            for c in value
        )
        return '"' + "".join(marks) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(by_the_standard, value)) + "]"
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: key.encode("utf-16-be"))
        parts = (f"{by_the_standard(key)}:{by_the_standard(value[key])}" for key in order)
        return "{" + ",".join(parts) + "}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return {None: "null", True: "true", False: "false"}[value]


@given(values)
def test_what_the_ledger_holds_is_written_as_the_standard_says(value):
    """Sorted compact JSON is RFC 8785 where there are no floats and keys are ASCII."""
    assert by_the_standard(value).encode() == canonical(value)


@given(values)
def test_what_is_written_is_read_again(value):
    """Nothing is lost, and truth values do not become numbers."""
    read = parse_canonical(canonical(value))
    assert value == read
    assert canonical(value) == canonical(read)


@pytest.mark.parametrize(("given_text", "expected"), [ARRAYS, UNICODE], ids=["arrays", "unicode"])
def test_published_cases_inside_the_subset(given_text, expected):
    """`arrays` and `unicode` come out as published; nothing is normalised."""
    assert expected.encode() == canonical(json.loads(given_text))


def test_published_case_with_a_float_for_a_whole_number():
    """`structures` is refused for its 56.0, and is as published with 56 in its place."""
    text, expected = STRUCTURES
    with pytest.raises(ValueError, match=r"^1\.\n: 56\.0 is a float"):
        canonical(json.loads(text))
    assert expected.encode() == canonical(json.loads(text.replace("56.0", "56")))


def test_published_case_of_values():
    """`values` is refused for its floats; its escapes and literals are as published."""
    value = json.loads(VALUES)
    with pytest.raises(ValueError, match=r"^numbers\[0\]: 1e\+30 is a float"):
        canonical(value)
    del value["numbers"]
    expected = '{"escaping":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/","literals":[null,true,false]}'
    assert expected.encode() == canonical(value)


@pytest.mark.parametrize("text", [FRENCH, WEIRD], ids=["french", "weird"])
def test_published_cases_with_keys_beyond_ascii_are_refused(text):
    """There two sortings differ, and an emoji would come before what plain sorting puts first."""
    with pytest.raises(ValueError, match="is not ASCII"):
        canonical(json.loads(text))


def test_values_of_published_cases_with_such_keys():
    """The strings of `weird` are as published; U+007F is not escaped."""
    assert b'"Control\x7f"' == canonical("Control\x7f")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.0, "the whole value: 1.0 is a float"),
        (float("nan"), "the whole value: nan is a float"),
        ({"a": [0, {"b": -0.0}]}, r"a\[1\]\.b: -0\.0 is a float"),
        ({"a": 2**53}, r"a: a whole number beyond 2\^53 - 1"),
        ({"a": -(2**53)}, r"a: a whole number beyond 2\^53 - 1"),
        ({"a": {1: 2}}, "a: the key 1 is no string"),
        ({"a": {None: 2}}, "a: the key None is no string"),
        ({"a": {"\xe9": 2}}, r"a: the key '\\xe9' is not ASCII"),
        (["\ud83d"], r"\[0\]: '\\ud83d' holds half a surrogate pair"),
        ({"a": (1, 2)}, "a: a tuple has no canonical JSON"),
        ({"a": b"x"}, "a: a bytes has no canonical JSON"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_path(value, message):
    """The message names the place, since an entry has many."""
    with pytest.raises(ValueError, match=f"^{message}"):
        canonical(value)


def test_what_is_too_deep_or_holds_itself_is_refused():
    """A list in itself ends in a message, not in an endless run."""
    endless = []
    endless.append(endless)
    with pytest.raises(ValueError, match="stand more than 64 deep"):
        canonical(endless)
    with pytest.raises(ValueError, match="more than 64"):
        parse_canonical(b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":-0}',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u000F"',
        b"1\n",
        b"\xef\xbb\xbf1",
        b'"\xff"',
        b"NaN",
        b"",
    ],
)
def test_another_spelling_is_not_read(data):
    """One value has one spelling, so that a hash of bytes is a hash of the value."""
    with pytest.raises(ValueError, match=r"."):
        parse_canonical(data)
