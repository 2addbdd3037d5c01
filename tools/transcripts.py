"""Run the examples of the documents, and renew what they show.

    python tools/transcripts.py

A ```console block is a transcript: each `$ earmark ...` is run and what follows it is exactly what
it prints, results and hints together, at 100 columns; `$ echo $?` shows the exit code of the
command before. In a ```sh block every line that begins with `earmark` is run and has to go well.
`python3 x.py earmark` means the same as `earmark`. The commands of one document run after each
other in a copy of the project's examples, so they may write files.
"""

import io
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from earmark.cli import run

PROJECT = Path(__file__).resolve().parent.parent
COLUMNS = "100"

_BLOCK = re.compile(r"^```(console|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SETTINGS = ("COLUMNS", "EARMARK_HOME")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of examples: `console` or `sh`, its text, and where that begins."""

    kind: str
    text: str
    start: int


def documents() -> list[Path]:
    """Return every document whose examples run, sorted."""
    found = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")]
    return sorted([*found, *PROJECT.glob("examples/*/README.md")])


def blocks(text: str) -> list[Block]:
    """Return the blocks of a document in order."""
    return [Block(found[1], found[2], found.start(2)) for found in _BLOCK.finditer(text)]


def rewritten(text: str) -> str:
    """Run every example of a document, and return the document with what was printed.

    Raise AssertionError where a command of a ```sh block does not end with 0.
    """
    pieces, last = [], 0
    with _copy():
        for block in blocks(text):
            printed = _transcript(block.text) if block.kind == "console" else _run_all(block.text)
            pieces += [text[last : block.start], printed]
            last = block.start + len(block.text)
    return "".join([*pieces, text[last:]])


def _transcript(text: str) -> str:
    lines, code = [], 0
    for command in _commands(text):
        lines.append(f"$ {command}")
        if command == "echo $?":
            lines.append(str(code))
            continue
        code, printed = _run(command)
        lines += [line.rstrip() for line in printed.splitlines()]
    return "\n".join(lines) + "\n"


def _run_all(text: str) -> str:
    for command in _joined(text.splitlines()):
        if _words(command):
            code, printed = _run(command)
            assert code == 0, f"{command}\n{printed}"
    return text


def _commands(text: str) -> Iterator[str]:
    """Yield what stands behind each `$ `, with the lines that go on after a backslash."""
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    for i in starts:
        yield next(_joined([lines[i][2:], *lines[i + 1 :]]))


def _joined(lines: list[str]) -> Iterator[str]:
    rest = iter(lines)
    for line in rest:
        while line.endswith("\\"):
            line += "\n" + next(rest)  # noqa: PLW2901
        yield line


def _words(command: str) -> list[str]:
    """Return the words of an `earmark` command; none for another one."""
    words = shlex.split(command.replace("\\\n", " "), comments=True)
    if words[:3] == ["python3", "x.py", "earmark"]:
        return words[2:]
    return words if words[:1] == ["earmark"] else []


def _run(command: str) -> tuple[int, str]:
    """Run a command in this process; return its exit code and all that a terminal would show."""
    words = _words(command)
    assert words, f"not an earmark command: {command}"
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(printed), redirect_stderr(printed):
        code = run(words[1:])
    printed.seek(0)
    return code, printed.read()


@contextmanager
def _copy() -> Iterator[None]:
    """Stand in a copy of the examples, with the settings of a plain terminal."""
    before = {name: os.environ.pop(name, None) for name in _SETTINGS}
    os.environ["COLUMNS"] = COLUMNS
    try:
        with TemporaryDirectory() as folder, chdir(folder):
            shutil.copytree(PROJECT / "examples", Path(folder) / "examples")
            yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def main() -> int:
    """Renew every document; return the exit code."""
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (new := rewritten(text)) != text:
            path.write_text(new, encoding="utf-8")
            print(path.relative_to(PROJECT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
