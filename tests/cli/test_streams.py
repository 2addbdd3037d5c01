"""What becomes of the command where its output is closed, full, or in a poor encoding."""

import os
import subprocess
import sys

import pytest
from command import EXAMPLES, PROJECT

BOOK = EXAMPLES / "quickstart"


def in_shell(line: str, **extra: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash in which $E is the command."""
    command = f"E='{sys.executable} -W error -m earmark'; {line}"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src"), **extra}
    return subprocess.run(
        ["bash", "-c", command], env=environment, check=False, capture_output=True
    )


@pytest.mark.parametrize("words", ["plan", "plan --json"])
def test_a_reader_that_has_seen_enough_is_no_finding(words: str) -> None:
    """`earmark ... | head -1` ends with 0, whether tables or JSON are printed."""
    done = in_shell(f"$E {words} {BOOK} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (0, False) == (done.returncode, b"Traceback" in done.stderr)


@pytest.mark.parametrize("words", ["plan", "plan --json", "check"])
def test_no_room_for_the_output_is_the_environment(words: str) -> None:
    """A full disk behind stdout is exit code 4, and one line says so."""
    done = in_shell(f"$E {words} {BOOK} > /dev/full")
    assert (4, b"") == (done.returncode, done.stdout)
    assert b"The environment failed: No space left on device.\n" in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_closed_streams_change_no_exit_code(closed: str) -> None:
    """A caller may close what it does not want."""
    done = in_shell(f"$E plan {BOOK} {closed}")
    assert (0, False) == (done.returncode, b"Traceback" in done.stderr)


def test_an_encoding_without_the_characters_prints_their_like() -> None:
    """Words that ASCII lacks do not end the command."""
    line = f"$E compare {BOOK} --policy priority --policy fair"
    done = in_shell(line, PYTHONIOENCODING="ascii")
    assert 0 == done.returncode, done.stderr
    assert b" -4,160 " in done.stdout
