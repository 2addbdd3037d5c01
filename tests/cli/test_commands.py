"""Small promises of the commands: what they say next, and what they refuse."""

import os
import shlex
import shutil

import pytest
from command import EXAMPLES, find_problems, run_earmark

from earmark.cli import init
from earmark.errors import SurroundingsError


def test_the_next_command_can_be_pasted(tmp_path, monkeypatch):
    """A path with blanks is quoted in what is proposed."""
    monkeypatch.chdir(tmp_path)
    for words in (["init"], ["check"], ["plan"]):
        _, _, err = run_earmark(*words, "Müller Plan")
        following = err.split("Next: ")[1].split(", ")
        assert "Müller Plan" in shlex.split(following[0])


def test_init_writes_all_or_nothing(tmp_path, monkeypatch):
    """A disk that is full halfway leaves no folder that the next try would refuse."""
    written = []

    def write_two(path, content):
        written.append(path.name)
        if len(written) > 2:
            raise SurroundingsError("no space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(init, "replace_file", write_two)
    find_problems("init", tmp_path / "new" / "book", code=4)
    assert (3, []) == (len(written), list(tmp_path.iterdir()))
    written.clear()
    (tmp_path / "empty").mkdir()
    find_problems("init", tmp_path / "empty", code=4)
    assert [] == list((tmp_path / "empty").iterdir())


def test_init_makes_no_folder_that_looks_like_a_workbook(tmp_path):
    """A folder book.xlsx would be mistaken for a file."""
    find_problems("init", tmp_path / "book.xlsx", code=2)
    assert [] == list(tmp_path.iterdir())


def test_a_page_is_not_named_like_another_format(tmp_path):
    """HTML in a file plan.pdf helps nobody; a name without ending may be."""
    find_problems("report", EXAMPLES / "quickstart", "-o", tmp_path / "plan.pdf", code=2)
    assert [] == list(tmp_path.iterdir())
    assert 0 == run_earmark("report", EXAMPLES / "quickstart", "-o", tmp_path / "plan")[0]


def test_a_book_may_lie_at_a_path_that_is_no_utf8(tmp_path):
    """Old disks have such names; the page is written all the same."""
    book = os.fsdecode(os.fsencode(tmp_path) + b"/pl\xfcn")
    try:
        shutil.copytree(EXAMPLES / "quickstart", book)
    except OSError:
        pytest.skip("this disk has no such names")
    code, _, err = run_earmark("report", book, "-o", tmp_path / "page.html")
    assert (0, True) == (code, "pl?n" in (tmp_path / "page.html").read_text("utf-8")), err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10,000", "'10,000' is not a whole number, 1 or more; did you mean 10000?"),
        ("0", "'0' is not a whole number, 1 or more"),
        ("ten", "'ten' is not a whole number, 1 or more"),
    ],
)
def test_a_wrong_quantity_is_told_in_words(typed, said):
    """Where a book would name the number that was meant, the command line does, too."""
    words = ("--from", "net-feed", "--to", "maker-training", "--quantity", typed)
    code, _, err = run_earmark("redirect", EXAMPLES / "quickstart", *words)
    assert (2, True) == (code, said in err)
