#!/usr/bin/env python3
"""Set up and run Earmark with nothing but Python 3.11 or newer and pip.

  python3 x.py demo                  the example: writes out/h100-redirect.html
  python3 x.py earmark ARGS...       the command itself, from any folder
  python3 x.py test [PYTEST ARGS]    the tests
  python3 x.py check [--fix]         format, lint, types, imports, texts
  python3 x.py bench [NAME ARGS]     one benchmark of benchmarks/, or all of them
  python3 x.py lock [--upgrade]      requirements/*.in -> requirements/*.txt
  python3 x.py clean                 remove what x.py made

Everything is installed into .venv beside this file, by exact version and checksum. What x.py says
itself goes to stderr; the exit code is that of what it ran, 2 for wrong usage, 4 when the machine
is in the way.
"""

import os
import sys

if sys.version_info < (3, 11):  # before anything that an older Python cannot even import
    sys.stderr.write(
        "x.py: Earmark needs Python 3.11 or newer; this is %d.%d (%s).\n"
        "x.py: run it with a newer one, for example: python3.11 x.py demo\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    sys.exit(4)

# What only a set-up or a check needs is imported there: `x.py earmark` should start at once.

PROJECT = os.path.dirname(os.path.realpath(__file__))
REQUIREMENTS = os.path.join(PROJECT, "requirements")
VENV = os.path.join(PROJECT, ".venv")
BOOT = os.path.join(PROJECT, ".venv-boot")
PYTHON = os.path.join(VENV, "bin", "python")
STAMPS = os.path.join(VENV, "stamps")
UNFINISHED = os.path.join(STAMPS, "unfinished")

LEVELS = {
    "run": ["run"],
    "test": ["run", "test"],
    "check": ["run", "test", "check"],
    "bench": ["run", "bench"],
}
LOCKED_TOGETHER = ("run", "test", "check", "bench")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
USAGE, ENVIRONMENT = 2, 4


class StopError(Exception):
    """Something x.py cannot get past: what to say, and the exit code."""

    def __init__(self, message: str, code: int = ENVIRONMENT) -> None:
        super().__init__(message)
        self.code = code


def main(args: list[str]) -> int:
    commands = {
        "demo": demo,
        "earmark": earmark,
        "test": test,
        "check": check,
        "bench": bench,
        "lock": lock,
        "clean": clean,
    }
    if not args or args[0] in ("-h", "--help", "help"):
        sys.stderr.write(str(__doc__))
        return 0 if args else USAGE
    if args[0] not in commands:
        raise StopError(f"no command {args[0]!r}; there are {', '.join(commands)}", USAGE)
    os.environ["EARMARK_HOME"] = PROJECT  # where the command finds the project's own files
    return commands[args[0]](args[1:])


# The commands


def demo(args: list[str]) -> int:
    set_up("run")
    return become([PYTHON, "-P", "-m", "earmark", "demo", *args])


def earmark(args: list[str]) -> int:
    set_up("run")
    # -P: a click.py in the folder that the caller happens to stand in must not become ours.
    return become([PYTHON, "-P", "-m", "earmark", *args])


def test(args: list[str]) -> int:
    set_up("test")
    os.environ["EARMARK_TEST_BROWSER"] = find_browser()
    os.chdir(PROJECT)
    if not any(arg.startswith(("-n", "--numprocesses", "--pdb")) for arg in args):
        args = ["-n", str(min(2, os.cpu_count() or 1)), *args]
    return become([PYTHON, "-P", "-m", "pytest", *args])


def check(args: list[str]) -> int:
    import glob
    import subprocess

    if args not in ([], ["--fix"]):
        raise StopError("check takes no argument but --fix", USAGE)
    set_up("check")
    os.chdir(PROJECT)
    if args:
        subprocess.run([tool("ruff"), "check", "--fix", "--quiet", "."], check=False)
        subprocess.run([tool("ruff"), "format", "--quiet", "."], check=False)
    relaxed = ["--allow-untyped-defs", "--allow-incomplete-defs", "--allow-untyped-calls"]
    beside = [path for path in ("tools", "benchmarks") if python_files(path)]
    steps = {
        "format": [tool("ruff"), "format", "--check", "."],
        "lint": [tool("ruff"), "check", "--quiet", "."],
        "types of src": [PYTHON, "-P", "-m", "mypy", "src"],
        "types beside src": [PYTHON, "-P", "-m", "mypy", *relaxed, "x.py", *beside],
        "imports": [tool("lint-imports"), "--no-cache"],
    }
    for script in sorted(glob.glob("tools/check_*.py")):
        name = os.path.basename(script)[len("check_") : -len(".py")].replace("_", " ")
        steps[name] = [PYTHON, script]
    failed = [name for name, command in steps.items() if not step(name, command)]
    return 1 if failed else 0


def bench(args: list[str]) -> int:
    import glob
    import subprocess

    set_up("bench")
    found = {
        os.path.splitext(os.path.basename(path))[0]: path
        for path in sorted(glob.glob(os.path.join(PROJECT, "benchmarks", "*.py")))
    }
    if args:
        if args[0] not in found:
            known = ", ".join(found) or "none yet"
            raise StopError(f"no benchmark {args[0]!r}; there are: {known}", USAGE)
        return become([PYTHON, found[args[0]], *args[1:]])
    return max((subprocess.run([PYTHON, path]).returncode for path in found.values()), default=0)


def lock(args: list[str]) -> int:
    import tempfile

    if args not in ([], ["--upgrade"]):
        raise StopError("lock takes no argument but --upgrade", USAGE)
    if sys.version_info[:2] != (3, 11):
        raise StopError("lock needs Python 3.11: a newer one may choose what 3.11 cannot install")
    with tempfile.TemporaryDirectory(prefix="earmark-lock-") as folder:
        venv = os.path.join(folder, "venv")
        make_venv(venv, os.path.join(folder, "boot"))
        install(os.path.join(venv, "bin", "python"), ["lock"])
        everything = os.path.join(folder, "everything.txt")
        if not args:  # what is locked already stays, as long as it satisfies the .in files
            write(everything, "".join(read(requirement(name)) for name in LOCKED_TOGETHER))
        # One resolution over all levels first: a package has one version, whoever asks for it.
        compile_lock(venv, [f"{name}.in" for name in LOCKED_TOGETHER], everything)
        for name in LOCKED_TOGETHER:
            compile_lock(
                venv, [f"{name}.in"], f"{name}.txt", "--upgrade", "--constraint", everything
            )
        for name in ("bootstrap", "lock"):
            compile_lock(venv, [f"{name}.in"], f"{name}.txt", *args)
    return 0


def clean(args: list[str]) -> int:
    import shutil

    if args:
        raise StopError("clean takes no argument", USAGE)
    made = [".venv", ".venv-boot", ".cache", "dist"]
    made += [".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"]
    with locked():
        for name in made:
            shutil.rmtree(os.path.join(PROJECT, name), ignore_errors=True)
    return 0


# Set-up


def set_up(level: str) -> None:
    """Make .venv hold all that a level needs; at once when it does already.

    Each requirement file has a stamp, written last. A stamp of other contents, another Python or
    another place, or a mark that a set-up was begun and not finished: all is made anew, since a
    half-written package looks whole to pip.
    """
    if ready(level):
        return
    import time

    began = time.monotonic()
    with locked():
        if ready(level):  # another x.py did it while this one waited
            return
        if os.path.exists(UNFINISHED) or not stamped("bootstrap") or outdated():
            say(f"making {VENV}")
            make_venv(VENV, BOOT)
            put_source_on_path()
            stamp("bootstrap")
        missing = [name for name in LEVELS[level] if not stamped(name)]
        say(f"installing what {level!r} needs, once; this can take a minute")
        write(UNFINISHED, "")
        install(PYTHON, missing)
        for name in missing:
            stamp(name)
        os.remove(UNFINISHED)
        say(f"ready after {time.monotonic() - began:.0f} s")


def ready(level: str) -> bool:
    return (
        os.path.exists(PYTHON)
        and not os.path.exists(UNFINISHED)
        and all(stamped(name) for name in ["bootstrap", *LEVELS[level]])
    )


def stamped(name: str) -> bool:
    return read(os.path.join(STAMPS, name)) == fingerprint(name)


def outdated() -> bool:
    """Say whether some level was installed from requirements that have changed since."""
    installed = [name for name in LOCKED_TOGETHER if read(os.path.join(STAMPS, name))]
    return not os.path.exists(PYTHON) or not all(stamped(name) for name in installed)


def stamp(name: str) -> None:
    write(os.path.join(STAMPS, name), fingerprint(name))


def fingerprint(name: str) -> str:
    import hashlib

    requirements = read(os.path.join(REQUIREMENTS, f"{name}.txt"))
    python = f"{sys.implementation.cache_tag} {os.uname().sysname} {os.uname().machine}"
    return hashlib.sha256(f"{python}\n{PROJECT}\n{requirements}".encode()).hexdigest()


def make_venv(venv: str, boot: str) -> None:
    """Make a virtual environment where Python may lack venv and refuse installs into itself."""
    remove(boot)
    pip = [sys.executable, "-m", "pip"]
    if quiet([*pip, "--version"])[0] != 0:
        raise StopError(
            f"{sys.executable} has no pip. Install it first, for example on Debian or Ubuntu:\n"
            "  apt-get install python3-pip"
        )
    # Debian's Python refuses installs into the system (PEP 668), not into a folder of ours.
    target = ["--target", boot, "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    run_pip([*pip, "install", *target, "-r", requirement("bootstrap")])
    make = [sys.executable, "-m", "virtualenv", "--python", sys.executable, "--no-download"]
    remove(venv)  # not before now: a machine without network keeps what it had
    code, output = quiet(
        [*make, "--no-periodic-update", venv],
        PYTHONPATH=boot,
        VIRTUALENV_CONFIG_FILE=os.devnull,
        VIRTUALENV_OVERRIDE_APP_DATA=os.path.join(boot, "app-data"),  # HOME may be read-only
    )
    if code != 0:
        raise StopError(f"the virtual environment could not be made:\n{last_lines(output)}")
    remove(boot)


def put_source_on_path() -> None:
    """Let the environment import src/ as it stands: nothing to build, nothing to install again."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = os.path.join(VENV, "lib", version, "site-packages")
    write(os.path.join(packages, "earmark-source.pth"), os.path.join(PROJECT, "src") + "\n")


def install(python: str, names: list[str]) -> None:
    # Wheels alone: building would run code from sources whose own requirements nobody locked.
    command = [python, "-m", "pip", "install", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:"]
    for name in names:
        command += ["-r", requirement(name)]
    run_pip(command)


def run_pip(command: list[str]) -> None:
    code, output = quiet(command)
    if code != 0:
        raise StopError(f"pip failed (exit code {code}); its last lines:\n{last_lines(output)}")


def compile_lock(venv: str, inputs: list[str], output: str, *options: str) -> None:
    import subprocess

    command = [os.path.join(venv, "bin", "pip-compile"), "--quiet", "--generate-hashes"]
    command += ["--strip-extras", "--allow-unsafe", "--no-header", "--no-annotate"]
    command += ["--no-emit-options", "--no-emit-index-url", "--no-emit-trusted-host"]
    command += ["--no-emit-find-links", "--pip-args=--only-binary=:all:"]
    command += [*options, "--output-file", output, *inputs]
    done = subprocess.run(command, cwd=REQUIREMENTS, env=pip_environment())
    if done.returncode != 0:
        raise StopError(f"pip-compile failed for {', '.join(inputs)}")
    if "://" in read(os.path.join(REQUIREMENTS, output)):
        raise StopError(f"{output} names an address; locked files name none")
    say(f"locked {os.path.basename(output)}")


def find_browser() -> str:
    """Return the path of the browser for browser tests, or "" when they must be skipped."""
    import shutil

    if "EARMARK_TEST_BROWSER" in os.environ:
        named = shutil.which(os.environ["EARMARK_TEST_BROWSER"])
        if named is None:
            say("browser tests will be skipped: EARMARK_TEST_BROWSER names no program")
        return named or ""
    found = which_browser()
    if found:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        say("browser tests will be skipped: no chromium here, and no right to install it")
        return ""
    with locked():
        output = "" if which_browser() else install_browser()
    found = which_browser()
    if not found:
        last = (output.strip().splitlines() or ["no reason given"])[-1]
        say(f"browser tests will be skipped: chromium could not be installed ({last})")
    return found


def install_browser() -> str:
    """Install Debian's chromium, and what the tests' driver needs beside it; return the words."""
    say("installing chromium for browser tests, once; this can take some minutes")
    options = ["-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1"]
    options += ["-o", "Acquire::http::Timeout=30"]
    install = ["install", "-y", "--no-install-recommends", "chromium", "libatomic1"]
    # An update that failed in part may still do for the install.
    quiet(["apt-get", *options, "update"], timeout=180, DEBIAN_FRONTEND="noninteractive")
    return quiet(["apt-get", *options, *install], timeout=900, DEBIAN_FRONTEND="noninteractive")[1]


def which_browser() -> str:
    import shutil

    return next(filter(None, map(shutil.which, BROWSERS)), "")


# Small parts


def step(name: str, command: list[str]) -> bool:
    """Run one step of check, report it in a line, and show its output when it failed."""
    code, output = quiet(command)
    say(f"{name:18} {'ok' if code == 0 else 'failed'}")
    if code != 0:
        sys.stderr.write(f"{output.rstrip()}\n")
    return code == 0


def quiet(command: list[str], timeout: float | None = None, **extra: str) -> tuple[int, str]:
    """Run a command that asks nothing; return its exit code and all it wrote."""
    import subprocess

    try:
        done = subprocess.run(
            command,
            env={**pip_environment(), **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            close_fds=False,  # a child that outlives a killed x.py keeps the lock until it ends
            timeout=timeout,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return 1, f"{command[0]} was stopped after {timeout:.0f} s"
    return done.returncode, done.stdout


def pip_environment() -> dict[str, str]:
    """Return the environment without those of the user's pip settings that would get in the way."""
    turned_off = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PYTHONPATH")
    kept = {key: value for key, value in os.environ.items() if key not in turned_off}
    return {
        **kept,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_USER": "0",
    }


def become(command: list[str]) -> int:
    """Replace x.py by a command, so that its signals, output and exit code are its own."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a stream is None where the caller has closed it
            stream.flush()
    os.execv(command[0], command)


class locked:
    """Holds off every other x.py of this project, in a lock on the project folder itself."""

    def __enter__(self) -> None:
        import fcntl

        self.folder = os.open(PROJECT, os.O_RDONLY)
        os.set_inheritable(self.folder, True)
        try:
            fcntl.flock(self.folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another x.py")
            fcntl.flock(self.folder, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self.folder)


def requirement(name: str) -> str:
    return os.path.join(REQUIREMENTS, f"{name}.txt")


def tool(name: str) -> str:
    return os.path.join(VENV, "bin", name)


def python_files(folder: str) -> bool:
    return any(name.endswith(".py") for _, _, names in os.walk(folder) for name in names)


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def remove(folder: str) -> None:
    import shutil

    if os.path.lexists(folder):
        shutil.rmtree(folder)


def last_lines(text: str, count: int = 15) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])


def say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"x.py: {text}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StopError as stop:
        say(str(stop))
        sys.exit(stop.code)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    except OSError as error:
        say(f"{error.filename or 'the system'}: {error.strerror or error}")
        sys.exit(ENVIRONMENT)
