"""`earmark record`: rows into a store, as one entry."""

from collections.abc import Sequence
from typing import Any

import click

from earmark.cli.recording import as_json as json_option
from earmark.cli.recording import by_whom, open_store, said_of, tell_recorded, word_of
from earmark.errors import UsageError
from earmark.findings import nearest
from earmark.recording import Row, record
from earmark.report import to_json
from earmark.schema import SCHEMA

_SINGULAR = {
    "move": "moves", "lot": "lots", "order": "orders", "party": "parties", "stake": "stakes",
    "product": "products", "site": "sites", "claim": "claims", "assertion": "assertions",
}  # fmt: skip


@click.command()
@click.argument("address", metavar="STORE")
@click.argument("words", nargs=-1, required=True, metavar="TABLE COLUMN=TEXT...")
@by_whom
@json_option
def command(address: str, words: tuple[str, ...], as_json: bool, **said: Any) -> None:
    """Record a row: earmark record STORE move move=m7 kind=earmark lot=june order=o1 ...

    Several rows make one entry, all of it or nothing: put + between them. drop=yes takes a row
    out that was recorded by mistake. A row without known became known today.
    """
    word = word_of(said)
    rows = rows_of(words, word.by)
    with open_store(address) as store:
        done = record(store, rows, word)
    if as_json:
        click.echo(to_json(said_of(done, store.address)), nl=False)
        return
    tell_recorded(done, address)


def rows_of(words: Sequence[str], by: str | None) -> list[Row]:
    """Return the rows in words: `move move=m7 kind=ship + move move=m8 ...`."""
    rows = []
    for table, *cells in _groups(words):
        name = _SINGULAR.get(table, table)
        if name not in SCHEMA:
            near = nearest(table, (*SCHEMA, *_SINGULAR))
            raise UsageError(
                f"there is no table {table!r}", f"did you mean {near}?" if near else None
            )
        texts = _texts(cells)
        drop = texts.pop("drop", "") == "yes"
        if name == "moves" and by and not drop:
            texts.setdefault("by", by)
        rows.append(Row(name, texts, drop))
    return rows


def _groups(words: Sequence[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for word in words:
        if word == "+":
            groups.append([])
        else:
            groups[-1].append(word)
    if not all(groups):
        raise UsageError("a row has to follow each +", "move move=m1 ... + move move=m2 ...")
    return groups


def _texts(cells: Sequence[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for cell in cells:
        name, sign, text = cell.partition("=")
        if not sign or not name:
            raise UsageError(f"{cell!r} is no COLUMN=TEXT", "such as quantity=200")
        if name in texts:
            raise UsageError(f"{name} is given twice", "use + between two rows")
        texts[name] = text
    return texts
