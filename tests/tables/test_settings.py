"""book.toml and the sheet `book` say the same in two ways."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from raw_books import TOML, book_at, problems_of, small, write_workbook

from earmark.errors import Problem
from earmark.tables.settings import (
    Settings,
    check_settings,
    settings_of_cells,
)
from earmark.tables.toml_files import settings_of_toml


def _settings(toml: str) -> tuple[Settings, list[Problem]]:
    texts = settings_of_toml(toml.encode())
    assert not isinstance(texts, Problem), texts
    return check_settings(texts)


def _good(toml: str) -> Settings:
    settings, problems = _settings(toml)
    assert [] == problems
    return settings


BOARD = '[policy.board]\ntiers = "one"\nweights = { maker = 2.50, "x.ai" = 1 }\n'


@pytest.mark.parametrize(
    "toml",
    [
        'policy = "board"\n' + TOML + BOARD,
        TOML + 'policy = "board"  # ours\n[fiscal]\n' + BOARD,
        "  'policy'= \"board\"\n" + TOML + BOARD,
        TOML + 'policy.default = "board"\n[policy.board]\n' + BOARD.partition("\n")[2],
        TOML + '[policy]\ndefault = "board"\n' + BOARD,
        'policy = "board"\r\n' + (TOML + BOARD).replace("\n", "\r\n"),
        "\ufeff" + 'policy = "board"\n' + TOML + BOARD,
    ],
)
def test_spellings_of_the_policy(toml: str) -> None:
    """The name of the policy may stand beside the tables of policies, as the contract writes it."""
    settings = _good(toml)
    assert ("board", "one", "max_min") == (
        settings.policy,
        settings.policies["board"].tiers,
        settings.policies["board"].share,
    )
    assert {"maker": Decimal("2.5"), "x.ai": 1} == settings.policies["board"].weights


def test_the_name_of_a_built_in_policy_needs_no_table() -> None:
    """A book without policies of its own may name one that is built in."""
    assert "fair" == _good('policy = "fair"\n' + TOML).policy
    assert "priority" == _good(TOML).policy


def test_a_policy_without_keys_has_the_defaults() -> None:
    """All keys of a policy may be left out."""
    settings = _good('policy = "plain"\n' + TOML + "[policy.plain]\nweights = {}\n[policy.p]\n")
    assert ("plain", ["p", "plain"]) == (settings.policy, list(settings.policies))
    plain = settings.policies["plain"]
    assert ("order", "max_min", "usable", "unit") == (
        plain.tiers,
        plain.share,
        plain.ship,
        plain.round,
    )


def test_weights_and_ceilings_are_those_of_their_own_policy() -> None:
    """What one policy weighs and caps means nothing to another of the same book."""
    settings = _good(
        TOML
        + "[policy.a]\nweights = { x = 2 }\nceilings = { x = 9 }\n[policy.b]\nweights = { y = 3 }\n"
    )
    assert {"a": {"x": 2}, "b": {"y": 3}} == {n: p.weights for n, p in settings.policies.items()}
    assert {"a": {"x": 9}, "b": {}} == {n: p.ceilings for n, p in settings.policies.items()}


def test_what_shares_count_and_how_far_tiers_look_ahead() -> None:
    """Both keys are read as TOML or a sheet writes them, and left out they change nothing."""
    for word in ("true", '"yes"', '"true"'):
        own = _good(TOML + f"[policy.p]\ncount_promised = {word}\nreserve_days = 9\n").policies["p"]
        assert (True, 9) == (own.count_promised, own.reserve_days)
    plain = _good(TOML + "[policy.p]\ncount_promised = false\n").policies["p"]
    assert (False, None) == (plain.count_promised, plain.reserve_days)


def test_dates_may_be_quoted_or_not() -> None:
    """2024-01-01 is the same day in quotes."""
    plain = TOML.replace('"2024-01-01"', "2024-01-01")
    assert plain != TOML
    assert date(2024, 1, 1) == _good(plain).start == _good(TOML).start


def test_days_of_booking_are_served_first_come() -> None:
    """With tiers = "booked" the share is first_come, unless the policy names another."""
    settings = _good(
        TOML + '[policy.a]\ntiers = "booked"\n[policy.b]\ntiers = "booked"\nshare = "max_min"\n'
    )
    assert ["first_come", "max_min"] == [settings.policies[name].share for name in "ab"]


@pytest.mark.parametrize(
    "rule", ["last Sunday of January", "31 December", "29 February", "last day of May"]
)
def test_year_ends(rule: str) -> None:
    """A fiscal year ends on a weekday's last day in a month, or on a day of a month."""
    assert {"maker": rule} == _good(TOML + f'[fiscal]\nmaker = "{rule}"\n').fiscal


LENT = TOML + '[policy.p]\nquotas = { a = "50%" }\n'


@pytest.mark.parametrize(
    ("toml", "code", "key", "text"),
    [
        (TOML + "colour = 1\n", "E412", "colour", "1"),
        (TOML + "[colour]\n", "E412", "colour", ""),
        (TOML + "[policy.p.shares]\n", "E412", "policy.p.shares", ""),
        (TOML + "[policy.p]\nshares = 1\n", "E412", "policy.p.shares", "1"),
        (TOML.replace('title = "A book"', ""), "E413", "title", None),
        (TOML.replace('"A book"', '" "'), "E413", "title", None),
        (TOML.replace('"A book"', "[1]"), "E414", "title", "[1]"),
        (TOML.replace('"A book"', "true"), "E414", "title", "true"),
        ('policy = ["a"]\n' + TOML, "E416", "policy", "[a]"),
        (TOML.replace('"2024-01-01"', "20240101"), "E414", "start", "20240101"),
        (TOML.replace('"2024-01-01"', "0x" + 5000 * "f"), "E414", "start", "0x" + 78 * "f"),
        (TOML.replace('"2024-01-01"', "{ a = 1 }"), "E414", "start.a", "1"),
        (TOML + '[fiscal]\nmaker = "30 Febuary"\n', "E414", "fiscal.maker", "30 Febuary"),
        (TOML + '[fiscal]\nmaker = "31 June"\n', "E414", "fiscal.maker", "31 June"),
        (TOML + '[policy.p]\nship = "never"\n', "E414", "policy.p.ship", "never"),
        (TOML + "[policy.p]\nweights = 2\n", "E414", "policy.p.weights", "2"),
        (TOML + "[policy.p]\nweights = { a = 0 }\n", "E414", "policy.p.weights.a", "0"),
        (TOML + "[policy.p]\nweights = { a = nan }\n", "E414", "policy.p.weights.a", "NaN"),
        (TOML + "[policy.p]\nceilings = { a = 1.5 }\n", "E414", "policy.p.ceilings.a", "1.5"),
        (TOML + "[policy.p]\nceilings = { a = true }\n", "E414", "policy.p.ceilings.a", "true"),
        (TOML + "[policy]\nshare = 1\n", "E414", "policy.share", "1"),
        (TOML.replace("2025", "2023"), "E415", "end", "2023-01-01"),
        (TOML + 'policy = "fare"\n', "E416", "policy", "fare"),
        (TOML + '[policy.p]\nshare = "talmut"\n', "E414", "policy.p.share", "talmut"),
        (TOML + "[policy.p]\nreserve_days = -1\n", "E414", "policy.p.reserve_days", "-1"),
        (TOML + '[policy.p]\nquotas = { a = "120%" }\n', "E414", "policy.p.quotas.a", "120%"),
        (TOML + '[policy.p]\nquotas = { a = "half" }\n', "E414", "policy.p.quotas.a", "half"),
        (TOML + '[policy.p]\nquotas = { a = "1 of 0" }\n', "E414", "policy.p.quotas.a", "1 of 0"),
        (
            TOML + '[policy.p]\nquota_of = "remaining"\nreserve_days = 3\n',
            "E414",
            "policy.p.reserve_days",
            "3",
        ),
        (TOML + "[policy.p]\ncount_promised = 1\n", "E414", "policy.p.count_promised", "1"),
        (LENT + "borrow = { a = 1 }\n", "E414", "policy.p.borrow.a", "1"),
        (LENT + "borrow = { a = {} }\n", "E414", "policy.p.borrow.a", ""),
        (LENT + "borrow = { a = { rang = 1 } }\n", "E412", "policy.p.borrow.a.rang", "1"),
        (LENT + "borrow = { a = { rank = 0 } }\n", "E414", "policy.p.borrow.a.rank", "0"),
        (LENT + "borrow = { a = { protect = 30 } }\n", "E414", "policy.p.borrow.a.protect", "30"),
        (LENT + "borrow = { b = { rank = 1 } }\n", "E414", "policy.p.borrow.b", None),
        (
            LENT + 'quota_of = "remaining"\nborrow = { a = { rank = 1 } }\n',
            "E414",
            "policy.p.borrow",
            None,
        ),
        (
            LENT + "reserve_days = 1\nborrow = { a = { rank = 1 } }\n",
            "E414",
            "policy.p.borrow",
            None,
        ),
    ],
)
def test_wrong_settings(toml: str, code: str, key: str, text: str | None) -> None:
    """Each wrong key or value is named with its text."""
    (problem,) = _settings(toml)[1]
    assert (code, key, text) == (problem.code, problem.column, problem.text)


@pytest.mark.parametrize(
    ("toml", "row"),
    [
        (TOML + "x = \n", 5),
        ("title = A\n" + TOML, 1),
        ('policy = "p"\n' + TOML + "\n[policy.p]\ntiers = one\n", 8),
        (TOML + TOML, 5),
        (TOML + 'policy = "p"\npolicy = "q"\n[policy.p]\n', 6),
        (TOML + 'policy = 3\n[policy.p]\ntiers = "one"\n', 6),
        ("x = " + 5000 * "[" + "\n", 2),
        ("x = " + 5000 * "9" + "\n", 2),
        ('"""', 1),
    ],
)
def test_syntax_errors_name_their_line(toml: str, row: int) -> None:
    """A line that is no TOML is found, also beside a policy's name that had to be read around."""
    problem = settings_of_toml(toml.encode())
    assert isinstance(problem, Problem)
    assert ("E411", "book", row) == (problem.code, problem.table, problem.row)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("start = 2027-13-01", "there is no such day; a day is written as 2027-01-31"),
        ("start = 15.04.2027", "did you mean 2027-04-15?"),
        ("title = My plan", 'texts stand in double quotes: title = "..."'),
    ],
)
def test_syntax_errors_hint_at_days(line: str, hint: str) -> None:
    """Where a day is no TOML, quotes are not what is missing."""
    problem = settings_of_toml(f"{line}\n".encode())
    assert isinstance(problem, Problem)
    assert hint == problem.hint


def test_all_settings_at_once() -> None:
    """A missing key, a wrong date and an unknown policy are told together."""
    _, problems = _settings('start = "soon"\nend = 2025-01-01\npolicy = "best"\ntitle = "T"\n')
    assert ["E413", "E414", "E416"] == sorted(problem.code for problem in problems)


def test_bad_settings_hide_no_bad_cells(tmp_path: Path) -> None:
    """The tables are checked even when the book's first day cannot be read."""
    path = small(
        tmp_path / "b",
        book_toml=TOML.replace("2024-01-01", "soon"),
        lots_csv="lot,product,date,quantity\nl1,H200,2024-02-01,x\nl2,H200,2024-02-01,5\n",
    )
    assert ["E414", "E102", "E210"] == [problem.code for problem in problems_of(path)]


def test_keys_of_the_sheet_book() -> None:
    """Keys are split at points, but a name may hold points itself."""
    pairs = [
        ("title", "T"),
        ("policy.board.weights.x.ai", "2"),
        ("policy.v1.5.share", "max_min"),
        ("fiscal.x.ai", "31 December"),
    ]
    texts, problems = settings_of_cells(pairs)
    assert [] == problems
    assert [
        ("title",),
        ("policy", "board", "weights", "x.ai"),
        ("policy", "v1.5", "share"),
        ("fiscal", "x.ai"),
    ] == list(texts)


@pytest.mark.parametrize(
    "change", [{"start": "soon"}, {"policy": "fare"}, {"policy.p.share": "equal"}, {"titel": "T"}]
)
def test_both_spellings_have_the_same_problems(change: Mapping[str, str], tmp_path: Path) -> None:
    """What is wrong in book.toml is wrong in the sheet `book`, in the same words."""
    settings = {"title": "T", "currency": "USD", "start": "2024-01-01", "end": "2025-01-01"}
    settings |= change
    toml = "".join(f'{key} = "{value}"\n' for key, value in settings.items())
    workbook = write_workbook(tmp_path / "b.xlsx", {}, settings)
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "book.toml").write_text(toml)
    problems = problems_of(folder)
    assert problems
    assert problems == problems_of(workbook)


def test_settings_of_the_small_book(tmp_path: Path) -> None:
    """What stands in book.toml stands in the book."""
    book = book_at(small(tmp_path / "b"))
    assert ("A book", "USD", date(2024, 1, 1), date(2025, 1, 1)) == (
        book.title,
        book.currency,
        book.start,
        book.end,
    )
