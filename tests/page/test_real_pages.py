"""Pages of real answers: every number on them equals what the same command prints as JSON."""

import json
from pathlib import Path

import pytest
from command import EXAMPLES, read_json, run_earmark
from measuring.books import Size, draw, write_folder
from page_reader import Reader, spoken

from earmark.page.cells import Facts

CASE = EXAMPLES / "h100-redirect"
SWAP: list[str | Path] = [CASE, "--without", "swap-december"]
READINGS = ["no-room-before-july", "room-from-march", "room-at-once"]
RANGE: list[str | Path] = [
    word for name in READINGS for word in ("--reading", CASE / "readings" / name)
]

ASKED: dict[str, tuple[str, list[str | Path]]] = {
    "case": ("compare", [*SWAP, *RANGE]),
    "one reading": ("compare", [*SWAP, *RANGE[:2]]),
    "quickstart": ("plan", [EXAMPLES / "quickstart"]),
    "policies": ("compare", [EXAMPLES / "quickstart", "--policy", "priority", "--policy", "fair"]),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_page_equals_the_json_of_its_command(asked, tmp_path):
    """Each marked cell of the page holds the value at its place in the command's own JSON."""
    _page_equals_json(*ASKED[asked], tmp_path)


def _page_equals_json(command: str, arguments: list[str | Path], tmp_path: Path) -> None:
    code, _, err = run_earmark("report", *arguments, "-o", tmp_path / "page.html")
    assert 0 == code, err
    cells = Reader((tmp_path / "page.html").read_text(encoding="utf-8")).cells
    facts = Facts(read_json(command, *arguments), "USD")
    assert len(cells) > 10
    for pointer, raw, text in cells:
        value = facts.at(pointer)
        assert (value if isinstance(value, str) else json.dumps(value)) == raw
        assert (text == "–") if value is None else (str(value) and spoken(text) == spoken(raw))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("policies", [[], ["priority", "fair"]], ids=["plan", "policies"])
def test_the_page_of_a_random_book_equals_its_json(seed, policies, tmp_path):
    """Books drawn by chance have pages like any other, equal to the JSON of the command."""
    size = Size(lines=60, weeks=12, parties=4, sites=8, tiers=3, seed=seed)
    folder = write_folder(draw(size), tmp_path / "book")
    options = [word for policy in policies for word in ("--policy", policy)]
    _page_equals_json("compare" if policies else "plan", [folder, *options], tmp_path)


def test_the_case_is_a_range():
    """The worked numbers of the case stand on its page as a range."""
    document = read_json("compare", *SWAP, *RANGE)
    span = document["range"]["tesla"]
    assert [0, 1284000] == span["active_unit_days_lost"]
    assert {"a": [0, 2652000], "b": [0, 1368000]} == span["idle_unit_days"]
