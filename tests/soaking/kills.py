"""Trials of kill -9: children append and are killed at random; what they left is judged."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import run_earmark

from earmark.stores import Store, open_store
from earmark.stores.verification import verify
from soaking.appender import chains_of, id_of, words_of
from soaking.soundness import faults_of

TESTS = Path(__file__).parents[1]

_LONGEST_SECONDS = 0.03
"""How long a child goes on at most after it began, or after its first append."""


@dataclass(slots=True)
class Figures:
    """What kills left."""

    kills: int = 0
    acknowledged: int = 0
    """Entries that were acknowledged before a kill."""
    retried: Counter[str] = field(default_factory=Counter)
    """What the append that was under way answered when it was repeated."""
    faults: list[str] = field(default_factory=list)


class Appender:
    """The process that starts children and kills them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def killed(self, order: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
        """Start a child, kill it at a random moment, and return what it said.

        One in four is killed while it begins, the others some time after their first append.
        """
        self._tell(json.dumps(order))
        said = []
        if chance.random() < 0.75:
            while not {"acknowledged", "failed"} & set(line := self._hear()):
                said.append(line)
            said.append(line)
        time.sleep(chance.uniform(0, _LONGEST_SECONDS))
        self._tell("kill")
        while "ended" not in (line := self._hear()):
            said.append(line)
        return said

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return dict(json.loads(line))

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextmanager
def appender() -> Iterator[Appender]:
    """Start the process that starts children; it ends when its input does."""
    path = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    process = subprocess.Popen(
        [sys.executable, "-m", "soaking.appender"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    with process:
        yield Appender(process)


def kill_often(address: str, appender: Appender, kills: int, seed: int) -> Figures:
    """Kill children that append through the store."""
    chance, figures, number = random.Random(seed), Figures(), 0
    wanted: list[str] = []
    for _ in range(kills):
        order = {"way": "store", "address": address, "seed": seed, "from": number}
        said = appender.killed(order, chance)
        figures.kills += 1
        figures.faults += [line["failed"] for line in said if "failed" in line]
        for line in said:
            for id_, code in line.get("acknowledged", ()):
                wanted.append(id_)
                figures.acknowledged += 1
                if code != "recorded":
                    figures.faults.append(f"{id_}: {code}")
            number += "acknowledged" in line
        with open_store(address, create=True) as store:
            figures.faults += _missing(store, wanted)
            codes = _retried(store, seed, number)
            figures.retried[" ".join(sorted(set(codes)))] += 1
            wanted += [entry.id for chain in chains_of(seed, number) for entry in chain]
            number += 1
    with open_store(address) as store:
        figures.faults += _missing(store, wanted)
        figures.faults += faults_of(store)
        if len(wanted) != store.head().size:
            figures.faults.append(f"{store.head().size} entries of {len(wanted)}")
    figures.faults += [finding.text for finding in verify(address).findings]
    return figures


def kill_commands(address: str, appender: Appender, kills: int, seed: int) -> Figures:
    """Kill children that run `earmark record`, move after move, on a book that is there."""
    chance, figures, number = random.Random(seed), Figures(), 0
    with open_store(address) as store:
        before = store.head().size
    for _ in range(kills):
        order = {"way": "command", "address": address, "seed": seed, "from": number}
        said = appender.killed(order, chance)
        figures.kills += 1
        figures.faults += [line["failed"] for line in said if "failed" in line]
        for _, code in (pair for line in said for pair in line.get("acknowledged", ())):
            figures.acknowledged += 1
            number += 1
            if code != "0":
                figures.faults.append(f"{id_of(number)}: exit {code}")
        code, out, err = run_earmark("record", address, *words_of(seed, number), "--json")
        if code:
            figures.faults.append(out + err)
            break
        figures.retried[json.loads(out)["results"][0]["result"]] += 1
        number += 1
    with open_store(address) as store:
        found = [json.loads(body)["id"] for body in store.bodies(before + 1)]
        if found != [id_of(n) for n in range(number)]:
            figures.faults.append(f"{number} moves were recorded, and found {found[-3:]}")
        figures.faults += faults_of(store)
    figures.faults += [finding.text for finding in verify(address).findings]
    return figures


def _retried(store: Store, seed: int, number: int) -> list[str]:
    """Repeat what may have been under way, twice; return what the first repeat answered."""
    chains = chains_of(seed, number)
    codes = [result.code for chain in store.append(chains) for result in chain]
    again = [result.code for chain in store.append(chains) for result in chain]
    assert {"exists"} == set(again)
    return codes


def _missing(store: Store, wanted: Sequence[str]) -> list[str]:
    """Return the last ids that should be on record, and are not, or not in their order."""
    found = [json.loads(body)["id"] for body in store.bodies(max(1, len(wanted) - 200))]
    expected = wanted[max(0, len(wanted) - 201) :]
    return [] if expected == found[: len(expected)] else [f"{expected[-1]} or one before is lost"]
