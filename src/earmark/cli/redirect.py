"""`earmark redirect`: what a redirect or swap would change."""

from typing import Any

import click

from earmark.cli.asking import Asked, Day, asks
from earmark.cli.compare import show
from earmark.cli.comparing import Between, compare_all
from earmark.compare.redirects import Redirect
from earmark.errors import UsageError
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
@click.option("--from", "from_order", required=True, metavar="ORDER", help="Who gives units up.")
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
@asks
def command(book: str, as_json: bool, **words: Any) -> None:
    """Ask what a redirect or swap would change; nothing is recorded."""
    line = Redirect(
        from_order=words["from_order"],
        to_order=words["to_order"],
        quantity=words["quantity"],
        lot=words["lot"],
        day=words["day"],
        in_return=_returns(words["in_return"]),
    )
    what = Between(
        policies=(words["policy"],) if words["policy"] else (),
        readings=words["readings"],
        redirect=line,
    )
    show(compare_all(book, what, Asked.of(words)), as_json=as_json)


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
