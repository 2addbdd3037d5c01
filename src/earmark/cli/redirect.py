"""`earmark redirect`: what a redirect or swap would change."""

import hashlib
from dataclasses import replace
from typing import Any

import click

from earmark.book import canonical_text
from earmark.cli.asking import Asked, Day, asks, read
from earmark.cli.compare import show
from earmark.cli.comparing import Between, compare_all
from earmark.cli.recording import by_whom, open_store, said_of, tell_recorded, word_of
from earmark.compare.redirects import Redirect, redirect_rows
from earmark.errors import UsageError
from earmark.recording import Row, Word, record
from earmark.report import to_json
from earmark.stores.addresses import is_address
from earmark.tables.hints import units_hint


class Units(click.ParamType[int]):
    """A number of GPUs, 1 or more, in plain digits."""

    name = "units"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; fail in words."""
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) <= 15 and int(text)):
            hint = units_hint(text, "", ())
            wrong = f"'{text}' is not a whole number, 1 or more"
            self.fail(f"{wrong}; {hint}" if hint else wrong, param, ctx)
        return int(text)


@click.command()
@click.argument("book")
@click.option(
    "--from", "from_orders", required=True, metavar="ORDER[,...]",
    help="Who gives units up; of several the first gives what it has, then the next.",
)  # fmt: skip
@click.option("--to", "to_order", required=True, metavar="ORDER", help="Who gets them.")
@click.option("--quantity", required=True, type=Units(), metavar="N", help="How many GPUs.")
@click.option("--lot", metavar="LOT", help="From this lot; else the earliest pegged first.")
@click.option("--on", "day", type=Day(), metavar="DAY", help="The day of the redirect.")
@click.option("--in-return", metavar="LOT:N,...", help="Lots that go the other way: a swap.")
@click.option("--policy", metavar="NAME", help="The policy of both sides.")
@click.option(
    "--reading", "readings", multiple=True, metavar="OVERLAY",
    help="Lay an assumption under both sides; several give a range.",
)  # fmt: skip
@click.option("--record", "recording", is_flag=True, help="Record it in the store that is named.")
@click.option("--move", metavar="ID", help="The id of the move that is recorded.")
@by_whom
@asks
def command(book: str, as_json: bool, recording: bool, **words: Any) -> None:
    """Ask what a redirect or swap would change; with --record it is recorded, else nothing is.

    All of it is recorded as one entry, or nothing. The same line recorded again adds nothing;
    --move names another of the same kind.
    """
    word = word_of(words)
    _refuse_loose_words(word, words["move"], book, recording=recording)
    line = Redirect(
        from_orders=tuple(part.strip() for part in words["from_orders"].split(",")),
        to_order=words["to_order"],
        quantity=words["quantity"],
        lot=words["lot"],
        day=words["day"],
        in_return=_returns(words["in_return"]),
        move=words["move"],
    )
    what = Between(
        policies=(words["policy"],) if words["policy"] else (),
        readings=words["readings"],
        redirect=line,
    )
    asked = Asked.of(words)
    if not recording:
        show(compare_all(book, what, asked), as_json=as_json)
        return
    _record(book, replace(line, move=line.move or _name(line)), what, asked, word, as_json=as_json)


def _record(
    address: str, line: Redirect, what: Between, asked: Asked, word: Word, *, as_json: bool
) -> None:
    """Record a redirect, and show what it changes; repeated, say that it is on record."""
    found, _ = read(address, asked)
    own = {line.move, *(move for move in found.moves.positions if move.startswith(f"{line.move}-"))}
    again = line.move in found.moves.positions
    compared = None if again else compare_all(address, replace(what, redirect=line), asked)
    rows = redirect_rows(found.without_moves(own) if again else found, line)
    said = {name: text for name, text in (("by", word.by), ("reason", word.reason)) if text}
    texts = [
        {name: canonical_text(cell) for name, cell in row.items() if cell is not None} | said
        for row in rows
    ]
    with open_store(address) as store:
        done = record(store, [Row("moves", row) for row in texts], word)
    if as_json:
        document = {} if compared is None else compared.document
        click.echo(to_json({**document, "recorded": said_of(done, address)}), nl=False)
        return
    if compared is not None:
        show(compared, as_json=False)
    tell_recorded(done, address)


def _name(line: Redirect) -> str:
    """Return an id that the same line always has, so that repeating it adds nothing."""
    return f"redirect-{hashlib.sha256(repr(line).encode()).hexdigest()[:8]}"


def _refuse_loose_words(word: Word, move: str | None, book: str, *, recording: bool) -> None:
    said = {
        "--by": word.by, "--authority": word.authority, "--reason": word.reason, "--move": move,
        "--correct": word.correct, "--propose": word.propose, "--override": word.override,
    }  # fmt: skip
    if not recording and (loose := [name for name, value in said.items() if value]):
        raise UsageError(f"{loose[0]} is about recording, and nothing is", "add --record")
    if recording and not is_address(book):
        raise UsageError(
            f"{book} has no record", f"earmark import {book} --into sqlite:///book.db makes one"
        )


def _returns(text: str | None) -> tuple[tuple[str, int], ...]:
    """Return lots and quantities of LOT:N,LOT:N."""
    found = []
    for part in (text or "").split(","):
        lot, colon, units = part.strip().rpartition(":")
        if part.strip():
            if not colon or not units.isdecimal() or not int(units):
                raise UsageError(f"--in-return {part} is no LOT:N", "write it as june:6000")
            found.append((lot, int(units)))
    return tuple(found)
