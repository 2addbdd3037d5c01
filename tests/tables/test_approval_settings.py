"""The rules of approval in book.toml, in the sheet `book`, in a file of their own."""

from decimal import Decimal
from pathlib import Path

import pytest
from raw_books import TOML, book_at, problems_of, small, write_workbook

from earmark.errors import BookError, UsageError
from earmark.policy import ApprovalRules
from earmark.tables import write_book
from earmark.tables.rules import read_rules

ALL = """[approval]
units = 1000
money = 1500.50
related = 12.5
related_units = 8
related_money = 0
approvers = ["maker", "Audit committee"]
days = 14
override = true
kinds = ["redirect", "transfer", "release"]
window = 30
[approval.declared]
"one. decision maker" = ["net", "maker"]
"""

RULES = ApprovalRules(
    units=1000,
    money=Decimal("1500.50"),
    related=Decimal("12.5"),
    related_units=8,
    related_money=Decimal(0),
    declared={"one. decision maker": ("net", "maker")},
    approvers=("maker", "Audit committee"),
    days=14,
    override=True,
    kinds=("redirect", "transfer", "release"),
    window=30,
)

SHEET = {
    "title": "A book",
    "currency": "USD",
    "start": "2024-01-01",
    "end": "2025-01-01",
    "approval.units": "1000",
    "approval.money": "1500.50",
    "approval.related": "12.5",
    "approval.related_units": "8",
    "approval.related_money": "0",
    "approval.approvers": "maker; Audit committee",
    "approval.days": "14",
    "approval.override": "yes",
    "approval.kinds": "redirect;transfer;release",
    "approval.window": "30",
    "approval.declared.one. decision maker": "net;maker",
}


def test_both_spellings_say_the_same(tmp_path: Path) -> None:
    """Lists in TOML are ids with `;` between in a sheet, and true is yes."""
    toml = book_at(small(tmp_path / "a", **{"book.toml": TOML + ALL}))
    tables = {"parties": [["party"], ["maker"], ["net"]]}
    sheet = book_at(write_workbook(tmp_path / "b.xlsx", tables, SHEET))
    assert RULES == toml.approval
    assert RULES == sheet.approval


@pytest.mark.parametrize("rules", [ALL, "[approval]\n", "[approval]\nunits = 5\n"])
@pytest.mark.parametrize("name", ["copy", "copy.xlsx"])
def test_what_is_written_is_read_back(rules: str, name: str, tmp_path: Path) -> None:
    """Written to a folder or a workbook, the rules and the digest stay the same."""
    book = book_at(small(tmp_path / "a", **{"book.toml": TOML + rules}))
    write_book(book, tmp_path / name)
    copy = book_at(tmp_path / name)
    assert (book.approval, book.digest) == (copy.approval, copy.digest)


def test_the_digest_covers_the_rules(tmp_path: Path) -> None:
    """A book without rules has the digest it had, and each rule changes it."""
    texts = ["", "[approval]\n", "[approval]\nunits = 5\n", "[approval]\nunits = 6\n", ALL]
    books = [
        book_at(small(tmp_path / str(i), **{"book.toml": TOML + text}))
        for i, text in enumerate(texts)
    ]
    assert books[0].approval is None
    assert ApprovalRules() == books[1].approval
    assert len(texts) == len({book.digest for book in books})


@pytest.mark.parametrize(
    ("rules", "code", "key"),
    [
        ("approval = 5\n", "E414", "approval"),
        ("[approval]\nunit = 5\n", "E412", "approval.unit"),
        ("[approval]\nunits = 0\n", "E414", "approval.units"),
        ("[approval]\nunits = 1.5\n", "E414", "approval.units"),
        ("[approval]\nmoney = -1\n", "E414", "approval.money"),
        ("[approval]\nrelated = 0\n", "E414", "approval.related"),
        ("[approval]\nrelated = 101\n", "E414", "approval.related"),
        ("[approval]\ndays = 0\n", "E414", "approval.days"),
        ("[approval]\nwindow = -1\n", "E414", "approval.window"),
        ('[approval]\noverride = "perhaps"\n', "E414", "approval.override"),
        ('[approval]\nkinds = ["sell"]\n', "E414", "approval.kinds"),
        ("[approval]\napprovers = [1, 2]\n", "E414", "approval.approvers"),
        ('[approval]\napprovers = ["a;b"]\n', "E414", "approval.approvers"),
        ('[approval]\napprovers = ["makr"]\n', "E349", "approval.approvers"),
        ('[approval]\ndeclared = ["maker", "net"]\n', "E414", "approval.declared"),
        ('[approval.declared]\nx = ["maker"]\n', "E414", "approval.declared.x"),
        ('[approval.declared]\nx = ["maker", "nett"]\n', "E349", "approval.declared.x"),
        ("[approval.units]\nx = 1\n", "E414", "approval.units.x"),
    ],
)
def test_wrong_rules(rules: str, code: str, key: str, tmp_path: Path) -> None:
    """Every mistake is named by its key."""
    toml = rules + TOML if rules.startswith("approval") else TOML + rules
    (problem,) = problems_of(small(tmp_path / "a", **{"book.toml": toml}))
    assert (code, "book", key) == (problem.code, problem.table, problem.column)


def test_a_file_of_rules_holds_nothing_else(tmp_path: Path) -> None:
    """Other keys, other mistakes, an empty file and no file are each refused by name."""
    path = tmp_path / "rules.toml"
    path.write_text(ALL)
    assert RULES == read_rules(path)
    for text, code in (
        ("title = 'x'\n" + ALL, "E412"),
        ("[approval]\ndays = 0\n", "E414"),
        ("title = 'x'\n", "E413"),
        ("", "E401"),
        ("[approval", "E411"),
    ):
        path.write_text(text)
        with pytest.raises(BookError) as wrong:
            read_rules(path)
        assert code in {problem.code for problem in wrong.value.problems}
        assert {"rules.toml"} == {problem.source for problem in wrong.value.problems}
    with pytest.raises(UsageError):
        read_rules(tmp_path / "nothing.toml")
