"""The streams of the command: closed, full, or in an encoding without some characters."""

import codecs
import io
import os
import sys
from pathlib import Path
from typing import TextIO

_PLAIN = {"\N{NO-BREAK SPACE}": " ", "\N{MINUS SIGN}": "-", "\N{HORIZONTAL ELLIPSIS}": "..."}


def prepare_streams() -> None:
    """Open what the caller has closed, and let no character that stdout lacks end the command."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if isinstance(sys.stdout, io.TextIOWrapper):
        codecs.register_error("earmark.plain", _plain)
        sys.stdout.reconfigure(errors="earmark.plain")


def give_up_stdout() -> None:
    """Send what is still to be written nowhere: the end of the process would fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks by its like in ASCII, or by a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in lacking), error.end
