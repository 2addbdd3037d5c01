"""`earmark promise`, as a user runs it."""

import pytest
from command import EXAMPLES, read_json, run_earmark

BOOK = EXAMPLES / "quickstart"
ASK = ("--party", "lab", "--product", "h100", "--site", "river", "--quantity", "200")


def test_what_can_be_promised_and_what_limits_it():
    """A site without power is named, with the room that it leaves; supply alone is told apart."""
    document = read_json("promise", BOOK, *ASK, "--due", "2027-03-01", "--tiers")
    assert ("earmark.promise/1", 0, 200) == (
        document["format"],
        document["capable"]["by_due"],
        document["capable"]["unserved"],
    )
    (limit,) = document["capable"]["limits"]
    assert ("2027-03-01", "site", "river", 0) == tuple(
        limit[name] for name in ("date", "cause", "by", "room")
    )
    assert [1, 2] == [row["tier"] for row in document["tiers"]]
    code, out, err = run_earmark("promise", BOOK, *ASK, "--due", "2027-03-01")
    assert 0 == code
    assert "0 GPUs of 200 can be promised to lab at river for 2027-03-01" in out
    assert "Next: earmark promise" in err


def test_the_table_of_weeks():
    """Each product has a row per week; one product can be chosen."""
    document = read_json("promise", BOOK, "--table", "--product", "h100")
    assert "earmark.availability/1" == document["format"]
    assert {"h100"} == {week["product"] for week in document["weeks"]}
    supplied = sum(week["supply"] for week in document["weeks"])
    assert 600 == supplied
    code, out, _ = run_earmark("promise", BOOK, "--table")
    assert 0 == code
    assert "promisable" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--party", "lab"), "--product is missing; or ask for the --table"),
        ((*ASK, "--due", "2027-07-01"), "not before the end of the book"),
        (("--table", "--party", "lab"), "--party is no part of the table"),
        (("--table", "--product", "h10"), "the book has no product h10; did you mean h100?"),
        ((*ASK[:2], *ASK[2:5], "rivr", *ASK[6:], "--due", "2027-03-01"), "did you mean river?"),
        (("--party", "makr", *ASK[2:], "--due", "2027-03-01"), "did you mean maker?"),
        ((*ASK[:-1], "12,000", "--due", "2027-03-01"), "'12,000' is not a whole number"),
    ],
)
def test_what_cannot_be_asked(words, told):
    """A wrong question ends with 2 and says what was meant."""
    code, out, err = run_earmark("promise", BOOK, *words)
    assert (2, "") == (code, out)
    assert told in err
