"""Processes that append and read at once; here, where a new process can import what it is to do.

A module of tests has a name that only pytest knows: `python -P` would not find it in a child.
"""

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from ledger_entries import LOT, SUPPLY, move, order

from earmark.errors import BookError
from earmark.recording import Row, Word, record
from earmark.stores import open_store

TODAY = date(2024, 6, 1)
"""When processes record what they earmark."""

PROCESSES = multiprocessing.get_context("spawn")


def write_and_read_at_once(
    address: str, writers: int, appends: int
) -> tuple[list[list[tuple[str, int]]], list[int]]:
    """Return the id and number of each entry that each writer appended, and the sizes a reader saw.

    A process that ends before its work is done ends the trial with BrokenProcessPool.
    """
    stop = PROCESSES.Event()
    with ProcessPoolExecutor(writers + 1, PROCESSES, initializer=_keep, initargs=(stop,)) as pool:
        reader = pool.submit(_read, address)
        try:
            work = [pool.submit(_write, address, number, appends) for number in range(writers)]
            written = [one.result() for one in work]
        finally:
            stop.set()
        return written, reader.result()


def earmark_at_once(address: str, writers: int, moves: int) -> list[list[str]]:
    """Return what each of some processes recorded: ids of entries, one unit of lot l1 each."""
    with ProcessPoolExecutor(writers, PROCESSES) as pool:
        work = [pool.submit(_earmark, address, number, moves) for number in range(writers)]
        return [one.result() for one in work]


def append_one_by_one(address: str, count: int) -> None:
    """Append so many entries of one unit."""
    store = open_store(address)
    for n in range(count):
        assert store.append([[move(f"w{n}", SUPPLY, LOT, 1, "2024-01-01")]])[0][0].fine
    store.close()


def _keep(stop):
    globals()["_stop"] = stop


def _write(address, number, appends):
    store = open_store(address)
    chance = random.Random(number)
    answers, repeats = [], 0
    for n in range(appends):
        entry = move(f"{number}-{n}", LOT, order(f"o{n % 7}"), 1, f"2024-01-{n % 28 + 1:02}")
        ((result,),) = store.append([[entry]])
        assert result.code == "recorded", result
        if chance.random() < 0.1:
            ((again,),) = store.append([[entry]])
            assert ("exists", result.seq) == (again.code, again.seq)
            repeats += 1
        answers.append((entry.id, result.seq))
    store.close()
    assert repeats > 0
    return answers


def _read(address):
    store = open_store(address)
    sizes = []
    while not globals()["_stop"].is_set():
        size = store.head().size
        balances = store.balances(size=size)
        assert 100_000 == sum(units for account, units in balances.items() if units > 0)
        assert 0 == sum(balances.values())
        sizes.append(size)
    store.close()
    return sizes


def _earmark(address, number, moves):
    """Earmark unit after unit, each said twice; return the ids of those that were recorded."""
    done = []
    with open_store(address) as store:
        for n in range(moves):
            cells = {"move": f"m{number}-{n}", "kind": "earmark", "date": "2024-06-01"}
            cells |= {"quantity": "1", "lot": "l1", "order": f"o{number}"}
            try:
                (result,) = record(store, [Row("moves", cells)], Word(today=TODAY)).results
            except BookError as error:
                done += [p.code for p in error.problems if p.code != "E321"]
                continue
            assert "recorded" == result.code
            (again,) = record(store, [Row("moves", cells)], Word(today=TODAY)).results
            assert ("exists", result.id) == (again.code, again.id)
            done.append(result.id)
    return done
