"""`earmark accounts`: where units are, by account, on a day."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import click

from earmark.book import Book, Extent
from earmark.cli.asking import Asked, Day, clocks, progress, read
from earmark.cli.problems import warn
from earmark.errors import Problem, UsageError
from earmark.findings import nearest
from earmark.ledger.accounts import NOBODY, Choice, Owners, chosen, lot_of, order_of, owners_of
from earmark.ledger.entries import STATES, Account
from earmark.ledger.journal import postings_of
from earmark.ledger.naming import SETTINGS_ID, next_id
from earmark.report import to_json
from earmark.report.histories import accounts_document
from earmark.stores import Store, is_address, open_store
from earmark.tables.records import extent_at


@click.command()
@click.argument("book")
@click.option("--order", metavar="ORDER", help="Accounts of this order.")
@click.option("--lot", metavar="LOT", help="Accounts of units of this lot.")
@click.option("--party", metavar="PARTY", help="Accounts of this party, its orders and its lots.")
@click.option("--product", metavar="PRODUCT", help="Accounts of this product.")
@click.option("--state", type=click.Choice(STATES), help="Accounts of this state.")
@click.option("--as-of", type=Day(), metavar="DAY", help="Only what is effective by this day.")
@clocks
@click.option("--json", "as_json", is_flag=True, help="Print the document, not a table.")
def command(
    book: str,
    as_of: date | None,
    known: date | None,
    recorded: str | None,
    as_json: bool,
    **of: str | None,
) -> None:
    """Show where units are: what each account holds on a day, by what was known on another.

    Units are supplied in a lot, earmarked or shipped for an order, received, active or retired at a
    party; demand is what an order still lacks. Below zero stands where they came from.
    """
    choice = Choice(**of)
    # A store sums its postings by itself, but not by what was known, or by party.
    if is_address(book) and known is None and choice.party is None:
        found = _summed(book, recorded, as_of)
    else:
        found = _followed(book, Asked(known, recorded=recorded), as_of)
    found.refuse_unknown(choice)
    document = accounts_document(
        found.title,
        found.extent,
        chosen(found.balances, choice, found.owners),
        known=known,
        as_of=as_of,
        filters=choice.given(),
        warnings=found.warnings,
    )
    if as_json:
        click.echo(to_json(document), nl=False)
        return
    from earmark.cli.histories import show_accounts

    warn(found.warnings)
    show_accounts(document)
    click.echo(f"Next: earmark log {shlex.quote(book)}", err=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """Balances, and what the book is called that they are of."""

    title: str
    extent: Extent | None
    balances: Mapping[Account, int]
    owners: Owners
    names: Mapping[str, Iterable[str | None]]
    """The ids that there are of each criterion, on whatever day they became known."""
    warnings: tuple[Problem, ...]

    def refuse_unknown(self, choice: Choice) -> None:
        for kind, text in choice.given().items():
            names = {name for name in self.names.get(kind, ()) if name}
            if text is not None and kind != "state" and text not in names:
                near = nearest(text, names)
                hint = f"did you mean {near}?" if near else None
                raise UsageError(f"the book has no {kind} {text}", hint)


def _followed(path: str, asked: Asked, as_of: date | None) -> _Found:
    """Return balances by following the moves of a book as known on a day."""
    book, warnings = read(path, asked)
    then = book.as_known(asked.known)
    return _Found(
        book.title,
        book.extent,
        postings_of(then).balances(as_of),
        owners_of(then),
        _names(book),
        warnings,
    )


def _names(book: Book) -> Mapping[str, Iterable[str | None]]:
    orders, lots, moves = book.orders.columns, book.lots.columns, book.moves.columns
    return {
        "order": orders["order"],
        "lot": [*lots["lot"], *moves["move"]],  # a transfer stands where a lot would
        "party": [
            *book.parties.columns["party"],
            *orders["party"],
            *lots["vendor"],
            *moves["party"],
        ],
        "product": [
            *book.products.columns["product"],
            *orders["product"],
            *lots["product"],
            *moves["product"],
        ],
    }


def _summed(address: str, recorded: str | None, as_of: date | None) -> _Found:
    """Return balances as a store sums its postings."""
    with open_store(address) as store, progress(f"Reading {address}"):
        extent, warnings = extent_at(store, recorded)
        whole = store.balances(size=extent.size)
        return _Found(
            _title(store, extent.size),
            extent,
            whole if as_of is None else store.balances(size=extent.size, as_of=as_of),
            NOBODY,
            {
                "order": map(order_of, whole),
                "lot": map(lot_of, whole),
                "product": (account.product for account in whole),
            },
            warnings,
        )


def _title(store: Store, size: int) -> str:
    """Return the title in the last settings among the first entries of a store."""
    title, name = "", SETTINGS_ID
    while (recorded := store.entry(name)) is not None and recorded.seq <= size:
        cells = {change.cells["key"]: change.cells["value"] for change in recorded.entry.changes}
        title, name = cells.get("title", title), next_id(name)
    return title
