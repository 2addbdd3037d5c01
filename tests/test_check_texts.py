"""tools/check_texts.py."""

import check_texts
import pytest

SLASH = "/"


@pytest.mark.parametrize(
    "line",
    [
        "see https://py" + "pi.org/simple",
        f"open({SLASH}root/book)",
        f"cd '{SLASH}home/{{}}/book'".format("somebody"),
        f"cd {SLASH}build/place/earmark/src",
        "<" * 7 + " HEAD",
        ">" * 7 + " a-branch",
    ],
)
def test_what_ties_a_text_to_one_machine_is_found(line):
    """An index host, a path of one machine, a merge marker: found, with its line."""
    found = check_texts.find_problems(f"fine\n{line}\n", check_texts.forbidden("/build/place"))
    assert [2] == [number for number, _ in found]


@pytest.mark.parametrize(
    "line",
    [
        "https://example.org/" + "root/build/place/",
        "/tmp/book and out/book/" + "root/",
        "a folder such as /home/<name>/",
        "Title\n=======",
        "a <<<<<<<< b",
    ],
)
def test_what_only_looks_alike_is_left_alone(line):
    """Addresses, relative paths, underlines and quoted arrows are no problem."""
    assert [] == check_texts.find_problems(line, check_texts.forbidden("/build/place"))


def test_a_checkout_in_a_common_folder_forbids_no_word_of_it():
    """Who checks out into /tmp may still write about /tmp."""
    assert [] == check_texts.find_problems("look into /tmp/book", check_texts.forbidden("/tmp"))
