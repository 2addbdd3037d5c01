"""`earmark init`: write a small commented book."""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import click

from earmark.errors import UsageError
from earmark.report import to_json
from earmark.tables.files import replace_file, surroundings


@click.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--sample", is_flag=True, help="With three parties, two sites, a move and a policy of its own."
)
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(folder: str, sample: bool, as_json: bool) -> None:
    """Write a small commented book that plans at once into DIR, which must be new or empty."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{folder} is there already", "name a new or an empty folder")
    if target.suffix.lower() == ".xlsx" and not target.exists():
        raise UsageError(f"{folder}: init writes a folder of CSV files", "name it without .xlsx")
    starter = files("earmark") / "starter" / ("sample" if sample else "empty")
    names = sorted(file.name for file in starter.iterdir() if file.is_file())
    _write(target, {name: (starter / name).read_bytes() for name in names})
    if as_json:
        document = {"format": "earmark.init/1", "folder": folder, "files": names}
        click.echo(to_json(document), nl=False)
        return
    click.echo(f"{folder}: " + ", ".join(names))
    click.echo(f"Next: earmark plan {shlex.quote(folder)}", err=True)


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files into a new or empty folder, all of them or none."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        with surroundings(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            replace_file(folder / name, content)
    except BaseException:
        with suppress(OSError):
            for name in contents:
                (folder / name).unlink(missing_ok=True)
            for place in new:
                place.rmdir()
        raise
