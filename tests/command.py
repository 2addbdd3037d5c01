"""The command as a user runs it: what it prints and how it ends."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from earmark.cli import run

PROJECT = Path(__file__).parents[1]
EXAMPLES = PROJECT / "examples"


def run_earmark(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command line of `earmark` in this process; return exit code, stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return code, _text(out), _text(err)


def start_earmark(*arguments: str | Path) -> tuple[int, str, str]:
    """Run `python -m earmark` in a process of its own: slower, and all there is to it."""
    path = os.pathsep.join([str(PROJECT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "earmark", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep)},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


def read_json(*arguments: str | Path) -> Any:
    """Run `earmark ... --json`, which must go well, and return the document."""
    code, out, err = run_earmark(*arguments, "--json")
    assert 0 == code, out + err
    return json.loads(out)


def find_problems(*arguments: str | Path, code: int = 1) -> list[dict[str, Any]]:
    """Run `earmark ... --json`, which must end with `code`, and return the problems."""
    ended, out, err = run_earmark(*arguments, "--json")
    assert code == ended, out + err
    document = json.loads(out)
    assert "earmark.problems/1" == document["format"]
    return list(document["problems"])


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
