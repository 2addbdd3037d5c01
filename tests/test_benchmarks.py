"""The benchmarks on tiny books, so that they do not rot. Nothing here asserts a time."""

import importlib.util
from argparse import Namespace
from collections import Counter
from dataclasses import replace

import numpy as np
import peers
import plan_speed
import priced_speed
import pytest
import record_speed
import scale
import shapes
from measuring.books import Size, draw, write_folder, write_workbook
from measuring.columns import book_of
from measuring.drawing import draw_growth
from measuring.records import POSTINGS, Drawn, write_beancount
from measuring.runs import Run, Stages, median_run, run_earmark
from measuring.solvers import solve_together_with_highs, solve_with_flow
from measuring.stages import engine_seconds, plan_in_stages

from earmark.stores import open_store
from earmark.tables import read_book

TINY = Size(60, weeks=12, parties=3, sites=6, tiers=3)
NO_SITES = replace(TINY, sites=0, tiers=1)
NO_ORTOOLS = importlib.util.find_spec("ortools") is None


def test_a_size_always_draws_the_same_book(tmp_path):
    """Figures of two days are of one book: the seed decides all of it."""
    digests = [read_book(write_folder(draw(TINY), tmp_path / x))[0].digest for x in ("a", "b")]
    other = write_folder(draw(replace(TINY, seed=1)), tmp_path / "c")
    assert digests[0] == digests[1]
    assert digests[0] != read_book(other)[0].digest


def test_a_book_in_memory_is_the_one_on_disk(tmp_path):
    """What is measured after reading is the book that the whole command reads."""
    drawn = draw(TINY)
    assert read_book(write_folder(drawn, tmp_path / "x"))[0].digest == book_of(drawn).digest


def test_scale_is_measured(tmp_path, capsys):
    """The command from both formats, changes of every kind and growth are printed."""
    scale.measure_command(tmp_path, TINY, 1)
    scale.measure_changes(TINY, 1)
    sides = scale.measure_growth(60, 60, 1)
    picture = draw_growth(sides, tmp_path / "growth.svg").read_text()
    assert all(f">{name}</text>" in picture for name in scale.GROWTH)
    said = capsys.readouterr().out
    assert all(name in said for name in ("from Parquet", "by tiers", *scale.changes(TINY)))


def test_a_workbook_holds_the_same_book_as_a_folder(tmp_path):
    """The shape that reads a workbook plans what the others plan."""
    drawn = draw(TINY)
    folder, warned = read_book(write_folder(drawn, tmp_path / "book"))
    workbook, _ = read_book(write_workbook(drawn, tmp_path / "book.xlsx"))
    assert () == warned
    assert folder.digest == workbook.digest


def test_the_book_is_as_large_and_as_scarce_as_its_size_says():
    """Four fifths of what is ordered is supplied, in whole servers, to parties' own sites."""
    drawn = draw(Size(5_000))
    assert 0.79 < drawn.lot_quantity.sum() / drawn.quantity.sum() <= 0.8
    assert 156 == len(drawn.lot_day)
    assert {1, 2, 3, 4, 5} == set(drawn.tier.tolist())
    assert (drawn.party == drawn.site // 5).all()
    assert not (drawn.quantity % 8).any()
    assert not (drawn.ready_units % 8).any()


@pytest.mark.parametrize("solve", peers.WITH_HIGHS.values())
@pytest.mark.parametrize("seed", [1, 2])
def test_linear_programmes_use_as_many_units_per_tier_and_week_as_the_plan(tmp_path, solve, seed):
    """All models of the comparison give the plan's own totals."""
    drawn = draw(replace(TINY, seed=seed))
    said = plan_in_stages(write_folder(drawn, tmp_path / "book"), Stages())
    solved = solve(drawn, 60.0)
    found = said.outcome.figures
    assert np.array_equal(solved.in_use, peers.units_in_use(said.plan.schedule, drawn))
    assert (
        solved.late_and_unserved_unit_days
        == (found.late_unit_days + found.unserved_unit_days).sum()
    )


@pytest.mark.skipif(NO_ORTOOLS, reason="OR-Tools is not installed: `x.py bench` installs it")
def test_minimum_cost_flow_costs_what_the_plan_is_late(tmp_path):
    """The flow's cost is the plan's late and unserved unit-days, and uses the same units a week."""
    drawn = draw(NO_SITES)
    said = plan_in_stages(write_folder(drawn, tmp_path / "book"), Stages())
    solved = solve_with_flow(drawn)
    found = said.outcome.figures
    assert (
        solved.late_and_unserved_unit_days
        == (found.late_unit_days + found.unserved_unit_days).sum()
    )
    assert np.array_equal(solved.in_use, peers.units_in_use(said.plan.schedule, drawn))


def test_every_stage_is_timed(tmp_path):
    """No stage of a plan goes unwatched, and the engine's are among them."""
    stages = Stages()
    plan_in_stages(write_folder(draw(TINY), tmp_path / "book"), stages)
    assert {
        *("read, check", "digest", "pose", "serve", "gap", "split"),
        *("reasons", "outcome", "audit", "document", "json"),
    } == set(stages.seconds)
    assert 0 < engine_seconds(stages.medians())


def test_a_run_is_measured_and_a_failed_one_is_told(tmp_path):
    """A command that fails must not pass for a fast one."""
    assert 1 < run_earmark("--version").peak_megabytes < 1000
    with pytest.raises(RuntimeError, match="ended with 2"):
        run_earmark("plan", tmp_path / "none")


def test_the_median_is_taken_of_each_figure():
    """One slow run, or one large one, changes no figure."""
    assert Run(2, 2, 2) == median_run([Run(1, 2, 9), Run(2, 9, 1), Run(9, 1, 2)])


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_every_shape_plans(name, tmp_path, capsys):
    """Each shape is a book without problems, and its figures are printed."""
    shapes.measure_shape(name, tmp_path, share=0.001)
    assert f"{name}: " in capsys.readouterr().out


def test_the_large_book_is_measured(tmp_path, capsys):
    """The stages and the whole command are printed."""
    plan_speed.measure_large(tmp_path, TINY, runs=1)
    assert "engine alone" in capsys.readouterr().out


def test_peers_are_compared_before_times_are_printed(capsys):
    """All formulations run, and a wrong answer would have ended it."""
    chosen = Namespace(runs=1, limit=60.0)
    peers.compare("HiGHS", TINY, peers.WITH_HIGHS, chosen)
    said = capsys.readouterr().out
    assert all(f"| {name} |" in said for name in peers.WITH_HIGHS)
    assert "over" not in said.split("|---|")[-1]


def test_a_solver_that_does_not_end_is_told():
    """Seconds at a limit are a lower bound, and are called so."""
    solved = solve_together_with_highs(draw(TINY), 0.0)
    assert not solved.finished


def test_the_priced_engine_is_measured_beside_the_compressed_model(capsys):
    """Both costs are compared before times are printed."""
    priced_speed.measure(replace(TINY, lines=300, tiers=1), 1, beside=True)
    assert "HiGHS" in capsys.readouterr().out


@pytest.mark.parametrize("part", ["appends", "views", "import"])
def test_the_speed_of_records_is_measured_in_both_stores(part, tmp_path, capsys):
    """Balances are compared with plain sums before times are printed."""
    options = record_speed.Options(share=0.0001, runs=1, folder=tmp_path, beancount=None)
    record_speed.PARTS[part](options)
    said = capsys.readouterr().out
    assert "SQLite" in said
    assert "PostgreSQL" in said


def test_entries_come_to_the_same_in_each_form(tmp_path):
    """Beancount is handed the same units as a record, each transaction balanced."""
    drawn = Drawn(accounts=50)
    text = write_beancount(tmp_path / "entries.beancount", drawn, 20).read_text()
    legs = [line.split() for line in text.splitlines() if line.startswith("  ")]
    assert 20 * POSTINGS == len(legs)
    assert 0 == sum(int(units) for _, units, _ in legs)
    with open_store(f"sqlite:///{tmp_path}/book.db", create=True) as store:
        for chain in drawn.chains(20):
            store.append([chain])
        held = {account.holder.upper(): units for account, units in store.balances().items()}
    named = Counter[str]()
    for account, units, _ in legs:
        named[account.split(":")[2]] += int(units)
    assert held == dict(named)


def test_a_wrong_answer_ends_the_comparison():
    """Times of different answers are never set beside each other."""
    with pytest.raises(AssertionError, match="the answers differ in units"):
        peers.same(np.array([1, 2]), np.array([1, 3]), "units")
