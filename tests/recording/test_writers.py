"""Several processes that record moves at once, each judged on what the others recorded."""

from raw_books import TOML, write_folder
from soaking.writers import TODAY, earmark_at_once

from earmark.recording import Word, import_book
from earmark.stores import open_store
from earmark.stores.verification import verify

WRITERS, MOVES, UNITS = 4, 15, 50


def test_writers_share_a_lot_to_the_last_unit(address, tmp_path):
    """4 processes earmark one lot until it is empty: no unit twice, none left; repeats add none."""
    files = {
        "book.toml": TOML,
        "lots.csv": f"lot,product,date,quantity\nl1,gpu,2024-03-01,{UNITS}\n",
        "orders.csv": "order,party,product,quantity,due\n"
        + "".join(f"o{n},p,gpu,100,2024-03-01\n" for n in range(WRITERS)),
    }
    with open_store(address, create=True) as store:
        import_book(write_folder(tmp_path / "book", files), store, Word(today=TODAY))
        before = store.head().size
        done = earmark_at_once(address, WRITERS, MOVES)
        recorded = [name for names in done for name in names]
        assert UNITS == len(recorded)
        found = [entry.entry.id for entry in store.entries(before + 1)]
        assert sorted(recorded) == sorted(found)
        held = store.balances()
    pegged = sum(units for account, units in held.items() if account.state == "earmarked")
    assert UNITS == pegged
    assert not any(account.state == "supplied" for account in held)
    assert () == verify(address).findings
