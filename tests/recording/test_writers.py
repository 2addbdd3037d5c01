"""Several processes that record moves at once, each judged on what the others recorded."""

import multiprocessing
from datetime import date

from raw_books import TOML, write_folder

from earmark.errors import BookError
from earmark.recording import Row, Word, import_book, record
from earmark.stores import open_store
from earmark.stores.verification import verify

WRITERS, MOVES, UNITS = 4, 15, 50

_TODAY = date(2024, 6, 1)


def test_writers_share_a_lot_to_the_last_unit(address, tmp_path):
    """4 processes earmark one lot until it is empty: no unit twice, none left; repeats add none."""
    files = {
        "book.toml": TOML,
        "lots.csv": f"lot,product,date,quantity\nl1,gpu,2024-03-01,{UNITS}\n",
        "orders.csv": "order,party,product,quantity,due\n"
        + "".join(f"o{n},p,gpu,100,2024-03-01\n" for n in range(WRITERS)),
    }
    with open_store(address, create=True) as store:
        import_book(write_folder(tmp_path / "book", files), store, Word(today=_TODAY))
        before = store.head().size
        with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
            done = pool.starmap(_write, [(address, number) for number in range(WRITERS)])
        recorded = [name for names in done for name in names]
        assert UNITS == len(recorded)
        found = [entry.entry.id for entry in store.entries(before + 1)]
        assert sorted(recorded) == sorted(found)
        held = store.balances()
    pegged = sum(units for account, units in held.items() if account.state == "earmarked")
    assert UNITS == pegged
    assert not any(account.state == "supplied" for account in held)
    assert () == verify(address).findings


def _write(address, number):
    """Earmark unit after unit, each said twice; return the ids of those that were recorded."""
    done = []
    with open_store(address) as store:
        for n in range(MOVES):
            cells = {"move": f"m{number}-{n}", "kind": "earmark", "date": "2024-06-01"}
            cells |= {"quantity": "1", "lot": "l1", "order": f"o{number}"}
            try:
                (result,) = record(store, [Row("moves", cells)], Word(today=_TODAY)).results
            except BookError as error:
                done += [p.code for p in error.problems if p.code != "E321"]
                continue
            assert "recorded" == result.code
            (again,) = record(store, [Row("moves", cells)], Word(today=_TODAY)).results
            assert ("exists", result.id) == (again.code, again.id)
            done.append(result.id)
    return done
