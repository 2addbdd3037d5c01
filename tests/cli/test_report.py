"""What a page may be asked for."""

from command import EXAMPLES, find_problems

READINGS = EXAMPLES / "h100-redirect" / "readings"


def test_a_plan_is_made_under_one_reading(tmp_path):
    """Two readings would be laid over each other without a word: no page is written."""
    page = tmp_path / "page.html"
    both = [
        word
        for name in ("room-at-once", "room-from-march")
        for word in ("--reading", READINGS / name)
    ]
    (problem,) = find_problems("report", EXAMPLES / "h100-redirect", *both, "-o", page, code=2)
    assert "a plan is made under one reading, not 2" == problem["message"]
    assert not page.exists()
