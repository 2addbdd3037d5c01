"""Timed runs: of the command as a process of its own, and of calls in this one."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
SOURCE = Path(__file__).resolve().parents[2] / "src"


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took."""

    wall_seconds: float
    processor_seconds: float
    """In user and system mode; on a busy machine the steadier of the two."""
    peak_megabytes: float


def run_earmark(*arguments: str | Path, output: Path | None = None) -> Run:
    """Run `earmark ARGUMENTS` as a user does, in a process of its own; it must go well.

    Stdout goes to the file `output` where one is named.
    """
    command = [sys.executable, "-P", "-m", "earmark", *map(str, arguments)]
    path = os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    # An installed program has its bytecode; where none may be written, each start compiles it all.
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (output or Path(os.devnull)).open("wb") as out, tempfile.TemporaryFile() as measured:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(measured.fileno()), *command],
            env={**kept, "PYTHONPATH": path},
            stdout=out,
            stderr=subprocess.PIPE,
            pass_fds=[measured.fileno()],
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.decode()
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
        measured.seek(0)
        wall, processor, peak = map(float, measured.read().split())
    scale = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    return Run(wall, processor, peak * scale / 1e6)


# The system counts the memory of the process that started a child as the child's own, so a small
# one has to start it.
_LAUNCHER = """
import os, sys, time
to, *command = sys.argv[1:]
began = time.perf_counter()
child = os.posix_spawn(command[0], command, os.environ)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - began
os.write(int(to), f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
"""


def median_run(runs: Iterable[Run]) -> Run:
    """Return the median of each figure."""
    rows = [(run.wall_seconds, run.processor_seconds, run.peak_megabytes) for run in runs]
    return Run(*(statistics.median(column) for column in zip(*rows, strict=True)))


class Stages:
    """Seconds per named stage of work in this process, run after run."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, call: Callable[[], T]) -> T:
        """Call and note how long it took."""
        began = time.perf_counter()
        result = call()
        self.seconds.setdefault(name, []).append(time.perf_counter() - began)
        return result

    def medians(self) -> dict[str, float]:
        """Return the median of each stage, in the order of the stages."""
        return {name: statistics.median(seconds) for name, seconds in self.seconds.items()}


def machine() -> str:
    """Return in words what the figures were measured on, and how busy it was before they were."""
    return (
        f"{os.cpu_count()} cores ({processor()}), {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before"
    )


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")


def show(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print rows of a name and figures under a title."""
    width = max(len(name) for name, _ in rows)
    print(f"\n{title}")
    for name, figures in rows:
        print(f"  {name:{width}}  {figures}", flush=True)


def figures(run: Run) -> str:
    """Return the figures of a run in words."""
    return (
        f"{run.wall_seconds:7.2f} s wall  {run.processor_seconds:7.2f} s processor  "
        f"{run.peak_megabytes:6.0f} MB"
    )
