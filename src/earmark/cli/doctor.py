"""`earmark doctor`: what is in use here, what is wrong with it, and how to mend it."""

import platform
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version

import click

from earmark import __version__
from earmark.report import to_json
from earmark.stores.health import Fact, clock_facts, sqlite_facts, store_facts

_MARKS = {"fine": " ", "remark": "-", "wrong": "!"}


@click.command()
@click.argument("address", required=False, metavar="[STORE]")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
@click.pass_context
def command(ctx: click.Context, address: str | None, as_json: bool) -> None:
    """Say which versions are in use, whether a store is safe where it is, and how to mend it.

    Nothing is changed. Exit code 1 means that something is wrong with the store that is named.
    Whether entries were altered is for `earmark verify` to say.
    """
    here = [*_versions(), *sqlite_facts(), *clock_facts(), *_extras(address)]
    there = list(store_facts(address)) if address else []
    wrong = any(fact.state == "wrong" for fact in there)
    if as_json:
        document = {
            "format": "earmark.doctor/1",
            "store": address and shown(address),
            "fine": not wrong,
            "here": [_row(fact) for fact in here],
            "there": [_row(fact) for fact in there],
        }
        click.echo(to_json(document), nl=False)
    else:
        _tell(here)
        if address:
            click.echo()
            _tell(there)
            click.echo()
            click.echo("Something is wrong with the store." if wrong else "The store is fine here.")
    ctx.exit(1 if wrong else 0)


def _versions() -> Iterator[Fact]:
    yield Fact("Earmark", __version__)
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Fact("Python", f"{platform.python_version()} on {system}")
    found, missing = [], []
    for name in _needed():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    yield Fact("libraries", ", ".join(found) or "not known: Earmark is not installed as a package")
    if missing:
        mend = "pip install --upgrade --force-reinstall earmark"
        yield Fact("missing libraries", ", ".join(missing), "wrong", mend)


def _needed() -> list[str]:
    """Return the names of the libraries that Earmark says it needs."""
    try:
        lines = requires("earmark") or []
    except PackageNotFoundError:
        return []
    names = [line.partition(";") for line in lines]
    plain = [name for name, _, marker in names if "extra" not in marker]
    return sorted(
        name[: next((i for i, c in enumerate(name) if not (c.isalnum() or c in "-_.")), None)]
        for name in plain
    )


def _extras(address: str | None) -> Iterator[Fact]:
    try:
        yield Fact("psycopg", f"{version('psycopg')}, for stores in PostgreSQL")
    except PackageNotFoundError:
        needed = (address or "").startswith("postgres")
        what = "not installed: no store in PostgreSQL can be used"
        mend = "pip install 'earmark[postgres]'"
        yield Fact("psycopg", what, "wrong" if needed else "remark", mend)
    try:
        yield Fact("browser", f"{webbrowser.get().__class__.__name__}, for the pages of reports")
    except webbrowser.Error:
        mend = "open pages on another machine: each is one file"
        yield Fact("browser", "none found here", "remark", mend)
    code = sys.stdout.encoding
    if code.lower().replace("-", "") != "utf8":
        what = f"{code}: some characters are printed as others"
        yield Fact("terminal", what, "remark", "set PYTHONIOENCODING=utf-8")


def shown(address: str) -> str:
    """Return an address without the password that it may hold."""
    from earmark.errors import EarmarkError
    from earmark.stores.addresses import parse_address

    try:
        return parse_address(address).text
    except EarmarkError:
        return address.partition("://")[0] + "://…" if "://" in address else address


def _tell(facts: Sequence[Fact]) -> None:
    width = max((len(fact.name) for fact in facts), default=0)
    for fact in facts:
        click.echo(f"{_MARKS[fact.state]} {fact.name:<{width}}  {fact.value}")
        if fact.mend and fact.state != "fine":
            click.echo(f"  {'':<{width}}  -> {fact.mend}")


def _row(fact: Fact) -> dict[str, str | None]:
    return {
        "name": fact.name,
        "value": fact.value,
        "state": fact.state,
        "mend": fact.mend if fact.state != "fine" else None,
    }
