"""The command as a user runs it: what it prints and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[1]
EXAMPLES = PROJECT / "examples"


def run_earmark(*arguments: str | Path) -> tuple[int, str, str]:
    """Run `earmark` in a process of its own; return exit code, stdout and stderr."""
    path = os.pathsep.join([str(PROJECT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "earmark", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path.rstrip(os.pathsep), "NO_COLOR": "1"},
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
