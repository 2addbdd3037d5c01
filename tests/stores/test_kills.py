"""What is acknowledged outlives kill -9 at any moment, in both stores."""

import pytest
from command import run_earmark
from raw_books import TOML, write_folder
from soaking.kills import appender, kill_commands, kill_often

BOOK = {
    "book.toml": TOML,
    "lots.csv": "lot,product,date,quantity\nl1,gpu,2024-03-01,1000000\n",
    "orders.csv": "order,party,product,quantity,due\no1,p,gpu,1000000,2024-03-01\n",
}


@pytest.fixture(scope="module")
def children():
    with appender() as one:
        yield one


@pytest.mark.parametrize("seed", range(4))
def test_nothing_acknowledged_is_lost_to_a_kill(address, children, seed):
    """Killed while appending, a store has all it acknowledged; a repeat adds what it has not."""
    figures = kill_often(address, children, 25, seed, longest=0.04)
    assert [] == figures.faults
    assert figures.acknowledged
    assert {"exists", "recorded"} >= set(figures.retried)


def test_nothing_that_a_command_recorded_is_lost_to_a_kill(address, children, tmp_path):
    """`earmark record`, killed: what it answered for is on record, and repeating it is safe."""
    book = write_folder(tmp_path / "book", BOOK)
    assert 0 == run_earmark("import", book, "--into", address)[0]
    figures = kill_commands(address, children, 20, 1, longest=0.2)
    assert [] == figures.faults
    assert figures.acknowledged
