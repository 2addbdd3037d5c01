"""Fail when a tracked text names a package index or a path of one machine, or was merged badly.

Such names make a checkout work in one place alone, and nobody notices until it is somewhere else.
"""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

# Put together from pieces, so that this file does not find itself.
HOSTS = ["py" + "pi.org", "py" + "pi.python.org", "python" + "hosted.org", "npm" + "js.org"]
# A checkout may stand in one of these; a text may speak of them all the same.
COMMON = {"/", "/tmp", "/var/tmp", "/opt", "/srv", "/mnt", "/usr/src", "/data"}  # noqa: S108


def main() -> int:
    problems = [
        f"{path}:{number}: {problem}"
        for path in tracked_files()
        for number, problem in find_problems(read_text(PROJECT / path), forbidden())
    ]
    print("\n".join(problems) or "texts: nothing found")
    return 1 if problems else 0


def find_problems(text: str, patterns: dict[str, re.Pattern[str]]) -> list[tuple[int, str]]:
    """Return (line number, what is wrong) for each line that a pattern finds."""
    return [
        (number, f"{name}: {match.group().strip()}")
        for number, line in enumerate(text.splitlines(), start=1)
        for name, pattern in patterns.items()
        if (match := pattern.search(line))
    ]


def forbidden(parent: str = str(PROJECT.parent)) -> dict[str, re.Pattern[str]]:
    """Return the patterns; `parent` is the folder that this checkout stands in."""
    start = r"(?<![\w./-])"  # where a path begins: not inside an address or a longer path
    homes = [r"/(?:root|home/[\w.-]+|Users/[\w.-]+)/"]
    if parent not in COMMON:
        homes.append(re.escape(parent) + "/")
    return {
        "package index": re.compile("|".join(map(re.escape, HOSTS)), re.IGNORECASE),
        "path of one machine": re.compile(f"{start}(?:{'|'.join(homes)})"),
        "merge marker": re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)"),
    }


def tracked_files() -> list[str]:
    # Another user than the owner may run this; git must not refuse for that.
    command = ["git", "-c", f"safe.directory={PROJECT}", "ls-files", "-z"]
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return unpacked_files()
    return [name for name in done.stdout.decode().split("\0") if (PROJECT / name).is_file()]


def unpacked_files() -> list[str]:
    """Return what would be tracked, near enough, where there is no git or no checkout."""
    made = {"__pycache__", "dist", "out"}
    found = (path.relative_to(PROJECT) for path in PROJECT.rglob("*") if path.is_file())
    return sorted(
        str(path)
        for path in found
        if not made.intersection(path.parts) and not path.parts[0].startswith(".")
    )


def read_text(path: Path) -> str:
    """Return the file's text, or nothing for a file that is not text."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
