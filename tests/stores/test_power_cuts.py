"""What is acknowledged outlives a power cut; weaker settings lose it, so the trial can tell."""

import pytest
from soaking.cuts import Figures, appended, cut


def cut_often(folder, *, works, cuts, pragmas=()):
    figures = Figures()
    for seed in range(works):
        (folder / str(seed)).mkdir()
        work = appended(folder / str(seed), seed, pragmas)
        for number in range(cuts):
            cut(work, seed * 1_000_000 + number, figures)
    return figures


def test_what_is_acknowledged_outlives_a_power_cut(tmp_path):
    """After a cut at any point all acknowledged entries are there, and the record is sound."""
    figures = cut_often(tmp_path, works=6, cuts=15)
    assert [] == figures.faults
    assert 90 == figures.cuts
    assert {"acknowledged", "more"} == set(figures.left)


@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "synchronous=OFF"])
def test_weaker_settings_lose_what_was_acknowledged(tmp_path, pragma):
    """The control: without a sync of each commit the same cuts lose entries."""
    figures = cut_often(tmp_path, works=2, cuts=15, pragmas=(pragma, "wal_autocheckpoint=1000"))
    assert figures.lost + figures.broken > 10
    assert figures.lost > 0
