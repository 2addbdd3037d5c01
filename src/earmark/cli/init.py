"""`earmark init`: write a small commented book."""

from importlib.resources import files
from pathlib import Path

import click

from earmark.errors import SurroundingsError, UsageError
from earmark.report import to_json


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--sample", is_flag=True, help="With three parties, a site and two policies.")
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(folder: str, sample: bool, as_json: bool) -> None:
    """Write a small commented book that plans at once into DIR, which must be new or empty."""
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{folder} is there already", "name a new or an empty folder")
    starter = files("earmark") / "starter" / ("sample" if sample else "empty")
    names = sorted(file.name for file in starter.iterdir() if file.is_file())
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            (target / name).write_bytes((starter / name).read_bytes())
    except OSError as error:
        raise SurroundingsError(f"cannot write to {folder}: {error.strerror}") from error
    if as_json:
        document = {"format": "earmark.init/1", "folder": folder, "files": names}
        click.echo(to_json(document), nl=False)
        return
    click.echo(f"{folder}: " + ", ".join(names))
    click.echo(f"Next: earmark plan {folder}", err=True)
