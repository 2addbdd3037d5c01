"""The nearest name is what a person meant."""

import pytest

from earmark.findings import nearest


@pytest.mark.parametrize(
    ("text", "meant"),
    [("memphsi", "memphis"), ("h100", "H100"), ("Texas Hall", "texas-hall"), ("mars", None)],
)
def test_a_name_is_found_by_likeness(text, meant):
    """Case, blanks and dashes do not count; what is like nothing is no name at all."""
    assert meant == nearest(text, {"memphis", "H100", "texas-hall"})


@pytest.mark.parametrize(("text", "meant"), [("o-1234x", "o-1234"), ("O-77", "o-77"), ("p", None)])
def test_in_a_large_collection_one_keystroke_is_looked_for(text, meant):
    """Where there are thousands of names, one wrong, missing or added key is found all the same."""
    assert meant == nearest(text, {f"o-{i}" for i in range(5000)})
