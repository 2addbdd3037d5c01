"""Malformed books: named problems or a clean read, and never anything else."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import run_earmark
from raw_books import SMALL, problems_of, write_folder

from earmark.codes import CODES
from earmark.errors import BookError
from earmark.schema import SCHEMA
from earmark.tables import read_book, write_book

EXAMPLES = Path(__file__).parents[2] / "examples"
BOOKS = sorted(path.parent for path in EXAMPLES.glob("*/book.toml"))
SEEDS = range(120)
"""Mutations of each example and of a small book of the tests' own."""

ODD = (
    "", "-1", "1.5", "12,000 H100", "NaN", "inf", "1e999", "9" * 5000, "31/12/2024", "0000-00-00",
    "2024-02-30", "99999-01-01", "9999-12-31", "0001-01-01", "yes", "#REF!", "=1+1", "a;b;c", ";",
    "\x00", "\x1f", "\ufeff", "\u202e", "\U0001f600", '"', '""', "a\nb", "x" * 40_000, "\ud7ff",
)  # fmt: skip


def _bytes(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    match chance.randrange(8):
        case 0:
            return b""
        case 1:
            return content[:place]
        case 2:
            return content[:place] + chance.randbytes(chance.randrange(1, 40)) + content[place:]
        case 3:
            return content.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-32"]))
        case 4:
            return content[:place] + b"\xe9\xff" + content[place:]
        case 5:
            old, new = chance.choice([(b",", b";"), (b"\n", b"\r"), (b",", b"\t"), (b'"', b"")])
            return content.replace(old, new)
        case 6:
            return content[:place] + b'"' + content[place:]
        case _:
            changed = bytearray(content or b"\0")
            for _ in range(chance.randrange(1, 9)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            return bytes(changed)


def _lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.decode().splitlines()
    if not lines:
        return content
    row = chance.randrange(len(lines))
    cells = lines[row].split(",")
    column = chance.randrange(len(cells))
    match chance.randrange(7):
        case 0:
            lines.insert(row, lines[row])
        case 1:
            del lines[row]
        case 2:
            cells.insert(column, chance.choice(ODD))
            lines[row] = ",".join(cells)
        case 3:
            del cells[column]
            lines[row] = ",".join(cells)
        case 4:
            names = lines[0].split(",")
            first, second = chance.randrange(len(names)), chance.randrange(len(names))
            names[first], names[second] = names[second], names[first]
            lines[0] = ",".join(names)
        case _:
            cells[column] = chance.choice(ODD)
            lines[row] = ",".join(cells)
    return "\n".join(lines).encode("utf-8", "replace")


def _settings(content: bytes, chance: random.Random) -> bytes:
    lines = content.decode().splitlines()
    row = chance.randrange(len(lines))
    key = lines[row].partition("=")[0]
    value = chance.choice(
        ['"x"', "3", "-1", "nan", "[1]", "{}", "true", "2024-01-01", "1979-05-27T07:32:00Z", "",
         '"2024-02-30"', "07:32:00", "{ a = { b = 1 } }", '"""', "9" * 5000, "0x" + "f" * 5000]
    )  # fmt: skip
    lines[row] = f"{key}= {value}"
    return "\n".join(lines).encode()


def _mutate(folder: Path, chance: random.Random) -> None:
    """Change one to three things about the files of a book."""
    for _ in range(chance.randrange(1, 4)):
        files = sorted(path for path in folder.iterdir() if path.suffix in (".csv", ".toml"))
        if not files:
            return
        file = chance.choice(files)
        match chance.randrange(10):
            case 0:
                file.unlink()
            case 1:
                name = chance.choice([*SCHEMA, "book", "tenancies", "Orders", "x"])
                file.rename(folder / f"{name}{chance.choice(['.csv', '.CSV', '.toml', '.xlsx'])}")
            case 2:
                (folder / f"{chance.choice([*SCHEMA])}.csv").write_bytes(file.read_bytes())
            case 3 | 4:
                file.write_bytes(_bytes(file.read_bytes(), chance))
            case _ if file.suffix == ".toml":
                _apply(file, _settings, chance)
            case _:
                _apply(file, _lines, chance)


def _apply(
    file: Path, change: Callable[[bytes, random.Random], bytes], chance: random.Random
) -> None:
    try:
        file.write_bytes(change(file.read_bytes(), chance))
    except (UnicodeDecodeError, ValueError):  # a file that is broken already
        file.write_bytes(_bytes(file.read_bytes(), chance))


def _read(path: Path) -> bool:
    """Read a book and tell whether it is fine; what is wrong must be named and explained."""
    problems = problems_of(path)
    for problem in problems:
        assert problem.code in CODES
        assert problem.message
        assert problem.row is None or (problem.row >= 1 and problem.table)
    return not problems


def _copy(source: Path | None, target: Path) -> Path:
    if source is None:
        return write_folder(target, SMALL)
    ignored = shutil.ignore_patterns("readings", "*.md")
    return Path(shutil.copytree(source, target, ignore=ignored))


@pytest.mark.parametrize("source", [None, *BOOKS], ids=lambda path: path.name if path else "small")
def test_mutated_folders(source: Path | None, tmp_path: Path) -> None:
    """A folder with anything wrong in it gives problems, or is still a book."""
    outcomes = []
    for seed in SEEDS:
        folder = _copy(source, tmp_path / str(seed))
        _mutate(folder, random.Random(seed))
        outcomes.append(_read(folder))
        shutil.rmtree(folder)
    assert outcomes.count(False) > len(SEEDS) / 3


@pytest.mark.parametrize("source", [None, *BOOKS], ids=lambda path: path.name if path else "small")
def test_mutated_workbooks(source: Path | None, tmp_path: Path) -> None:
    """A workbook cut off or with bytes changed gives problems, or is still a book."""
    whole = tmp_path / "whole.xlsx"
    try:
        book, _ = read_book(_copy(source, tmp_path / "b"))
    except BookError:
        pytest.skip("the book itself has problems")
    write_book(book, whole)
    content = whole.read_bytes()
    assert _read(whole)
    for seed in SEEDS:
        broken = tmp_path / "broken.xlsx"
        broken.write_bytes(_bytes(content, random.Random(seed)))
        _read(broken)
    for half in range(0, len(content), max(1, len(content) // 40)):
        broken.write_bytes(content[:half])
        assert not _read(broken)


@pytest.mark.parametrize("source", BOOKS, ids=lambda path: path.name)
def test_the_command_names_what_is_wrong_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    """`earmark plan` ends with 1 and named problems, or with a plan; never with half a file."""
    grants = tmp_path / "grants.csv"
    endings = []
    for seed in SEEDS:
        folder = _copy(source, tmp_path / str(seed))
        _mutate(folder, random.Random(seed))
        code, out, err = run_earmark("plan", folder, "--json", "-o", grants)
        document = json.loads(out)
        assert "Traceback" not in err
        if code == 0:
            assert "earmark.plan/1" == document["format"]
            assert grants.read_text(encoding="utf-8").startswith("lot,order,date,quantity")
            grants.unlink()
        else:
            assert (1, "earmark.problems/1") == (code, document["format"])
            assert document["problems"]
            assert not grants.exists()
        endings.append(code)
        shutil.rmtree(folder)
    assert endings.count(1) > len(SEEDS) / 3
