"""A process that starts children who append to a store, and kills them when it is told to.

It has everything imported and no store open, so that a child is there within milliseconds. A child
appends until it is killed, and tells each entry once it is acknowledged. The one who started a
child is the one who kills it, and has not waited for it before: no other process can be meant.
"""

import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from typing import Any

from earmark.cli import record, run  # noqa: F401  # so that no child imports them anew
from earmark.ledger.entries import Account, Entry, Posting
from earmark.stores import open_store, postgres, sqlite  # noqa: F401  # the same

_DAY = date(2024, 6, 1)


def main() -> None:
    """Obey lines of JSON: `{"way": ..., "address": ..., "seed": ..., "from": ...}`, then `kill`."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _append(json.loads(line))
        sys.stdin.readline()
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        _say({"ended": os.waitstatus_to_exitcode(status)})


def _append(order: dict[str, Any]) -> None:
    """Append until killed, whatever happens; what happens is told."""
    try:
        _WAYS[order["way"]](order["address"], order["seed"], order["from"])
    except BaseException:  # noqa: BLE001 - told to the one who waits
        _say({"failed": traceback.format_exc()})
    while True:
        signal.pause()


def _through_the_store(address: str, seed: int, start: int) -> None:
    with open_store(address, create=True) as store:
        _say({"begun": 1})
        number = start
        while True:
            chains = chains_of(seed, number)
            results = store.append(chains)
            _say({"acknowledged": [[r.id, r.code] for chain in results for r in chain]})
            number += 1


def _through_the_command(address: str, seed: int, start: int) -> None:
    _say({"begun": 1})
    out = os.open(os.devnull, os.O_WRONLY)
    told = os.dup(1)
    os.dup2(out, 1)  # what the command prints is not for the one who waits
    os.dup2(out, 2)
    number = start
    while True:
        code = run(["record", address, *words_of(seed, number)])
        said = {"acknowledged": [[id_of(number), str(code)]]}
        os.write(told, json.dumps(said).encode() + b"\n")
        number += 1


_WAYS = {"store": _through_the_store, "command": _through_the_command}


def chains_of(seed: int, number: int) -> list[list[Entry]]:
    """Return what is appended at once: the same for the same seed and number."""
    chance = random.Random(f"{seed} {number}")
    return [
        [
            _entry(f"{seed}/{number}/{which}/{place}", chance)
            for place in range(chance.randint(1, 4))
        ]
        for which in range(chance.randint(1, 3))
    ]


def words_of(seed: int, number: int) -> Sequence[str]:
    """Return a move in words, as `earmark record` takes it; each holds one unit more of lot l1."""
    kinds = ("earmark", "ship", "receive")
    cells = (f"move=m{number}", f"kind={kinds[(seed + number) % 3]}", "date=2024-06-01")
    return ["move", *cells, "quantity=1", "lot=l1", "order=o1"]


def id_of(number: int) -> str:
    """Return the id of the entry that `words_of` make."""
    return f"moves/m{number}"


def _entry(name: str, chance: random.Random) -> Entry:
    account = Account("earmarked", f"o{chance.randint(1, 9)}", "H100", "l1")
    supply = Account("supply", "l1", "H100")
    postings = (Posting(supply, -1, _DAY), Posting(account, 1, _DAY))
    return Entry(id=name, kind="move", effective=_DAY, postings=postings)


def _say(what: object) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
