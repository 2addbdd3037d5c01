"""HiGHS without a word: its first solver of a process prints a banner that no option turns off."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def silent_solver() -> Any:
    """Return a solver of linear programmes that prints nothing and uses one thread."""
    import highspy

    with _stdout_away():
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    # Threads are of the process: a solver that ran before with more of them would make this fail.
    solver.resetGlobalScheduler(True)  # noqa: FBT003
    solver.setOptionValue("threads", 1)
    return solver


@contextmanager
def _stdout_away() -> Iterator[None]:
    """Send what C code writes to the standard output nowhere."""
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)
