"""The project's own arrangements: what is locked, what x.py answers, what a wheel holds."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def run_x(*args: str, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROJECT / "x.py", *args],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_package_has_one_version_in_every_level():
    """Bench, test and run may be installed into one environment."""
    together = [pins(PROJECT / f"requirements/{n}.txt") for n in ("run", "test", "check", "bench")]
    versions = {(name, version) for lock in together for name, version in lock.items()}
    assert len({name for name, _ in versions}) == len(versions)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_checksums(lock):
    """Nothing is installed that was not locked with a checksum."""
    entries = re.split(r"^(?=[a-z])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert len(pins(lock)) == len(entries) > 0
    assert [] == [entry for entry in entries if "--hash=sha256:" not in entry]


def test_what_is_locked_is_what_the_package_asks_for():
    """requirements/run.in and the dependencies in pyproject.toml, with extras, are one list."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    assert sorted([*project["dependencies"], *(name for extra in extras for name in extra)]) == (
        (PROJECT / "requirements/run.in").read_text().split()
    )


def test_x_refuses_an_unknown_command_on_stderr(tmp_path):
    """Wrong usage is exit code 2, and stdout stays empty for the command's own results."""
    done = run_x("earmrk", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "x.py: no command 'earmrk'" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_x_runs_with_a_closed_stream(closed):
    """Whoever closes stdout or stderr gets the exit code of the command, and no traceback."""
    line = f'"$0" "$1" earmark check "$2" {closed}'
    book = PROJECT / "examples" / "quickstart"
    done = subprocess.run(
        ["sh", "-c", line, sys.executable, PROJECT / "x.py", book],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (0, True) == (done.returncode, "Traceback" not in done.stderr)


def test_an_older_python_can_read_x_py_far_enough_to_be_refused():
    """The message about the version is worth nothing where the file is a syntax error."""
    ast.parse((PROJECT / "x.py").read_text(), feature_version=(3, 7))


def test_a_wheel_holds_every_file_of_the_package(tmp_path):
    """Templates, style sheets and the case of the demo reach who installs the package."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "LICENSE", "NOTICE"):
        shutil.copy(PROJECT / name, tree)
    (tree / "README.md").write_text("# Earmark\n")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(PROJECT / "src", tree / "src", ignore=ignored)
    shutil.copytree(PROJECT / "examples", tree / "examples")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path]
    subprocess.run([*command, tree], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("earmark-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("earmark/")}
    source = tree / "src"
    files = {str(p.relative_to(source)) for p in source.rglob("*") if p.is_file()}
    case = (tree / "examples" / "h100-redirect").rglob("*")
    files |= {f"earmark/{p.relative_to(tree)}" for p in case if p.is_file()}
    assert held == files
