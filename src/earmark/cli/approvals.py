"""`earmark approvals`: which redirects need an approval, and how each of them stands."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import click

from earmark.book import Book
from earmark.cli.asking import Asked, Day, checked, clocks, read
from earmark.cli.problems import warn
from earmark.ledger.cases import Case, cases, linked_sets, rule_changes, stated_cases
from earmark.report import to_json
from earmark.report.approval_words import case_sentences
from earmark.report.approvals import approvals_document, status_counts
from earmark.stores import open_store
from earmark.tables.rules import read_rules


@click.command()
@click.argument("book")
@click.option("--rules", metavar="FILE", help="Lay the [approval] of this TOML file over the book.")
@click.option("--as-of", type=Day(), metavar="DAY", help="Only what is effective by this day.")
@clocks
@click.option("--json", "as_json", is_flag=True, help="Print the document, not words.")
def command(book: str, rules: str | None, as_json: bool, **words: Any) -> None:
    """List the redirects that need an approval: open, given, late, overridden.

    Of a book in files, which keeps no record of approvals, it says what each redirect or swap would
    have needed under its rules, not what was or was not done. A list is no finding: it ends with 0.
    """
    asked = Asked(words["known"], words["as_of"], recorded=words["recorded"])
    found, warnings = read(book, asked)
    warn(warnings)
    rules_from = None if found.approval is None else "book"
    if rules is not None:
        found = checked(replace(found, approval=read_rules(rules)), asked)
        rules_from = "file"
    listed = _listed(found, asked)
    record = found.extent is not None
    if as_json:
        document = approvals_document(
            found,
            listed,
            known=asked.known,
            as_of=asked.as_of,
            rules_from=rules_from,
            record=record,
        )
        click.echo(to_json(document), nl=False)
        return
    _tell_rule_changes(found)
    if found.approval is None and not listed:
        click.echo("The book has no rules of approval. Lay some over it: --rules FILE.toml")
    elif record:
        _tell_record(listed, found.currency)
    else:
        _tell_book(found, listed, asked, rules)


def _listed(book: Book, asked: Asked) -> tuple[Case, ...]:
    """Return the cases, but for those of which every move is effective after the day asked."""
    found = _all_cases(book, asked)
    if asked.as_of is None:
        return found
    days = dict(zip(book.moves.columns["move"], book.moves.columns["date"], strict=True))
    day = asked.as_of
    # What is only proposed is in no book: the day on which it is judged stands for its own.
    return tuple(
        case
        for case in found
        if any(days[move] <= day for move in case.moves if move in days)
        or (case.need and case.need.on <= day and not days.keys() & set(case.moves))
    )


def _all_cases(book: Book, asked: Asked) -> tuple[Case, ...]:
    if book.extent is None:
        return stated_cases(book, known=asked.known)
    now = datetime.now(UTC).date()
    if asked.recorded is not None:
        now = date.fromisoformat(book.extent.recorded_at[:10])
    with open_store(book.extent.address) as store:
        entries = list(store.entries(1, book.extent.size))
    return cases(entries, book, now=now, known=asked.known)


def _tell_rule_changes(book: Book) -> None:
    if book.extent is None:
        return
    with open_store(book.extent.address) as store:
        changed = rule_changes(store.entries(1, book.extent.size))
    for one in changed:
        by = f" by {one.entry.by}" if one.entry.by else ""
        click.echo(f"The rules were changed in entry {one.seq}{by} ({one.recorded_at[:10]}).")


def _tell_record(listed: tuple[Case, ...], currency: str) -> None:
    counts = ", ".join(f"{status} {count}" for status, count in status_counts(listed).items())
    click.echo(f"Approvals: {counts or 'nothing needs one'}.")
    _tell(listed, currency)


def _tell_book(book: Book, listed: tuple[Case, ...], asked: Asked, rules: str | None) -> None:
    assert book.approval is not None
    kinds = set(book.approval.kinds)
    sets = sum(
        any(change.cells["kind"] in kinds for change in changes)
        for changes in linked_sets(book.as_known(asked.known).moves)
        if asked.as_of is None or changes[0].cells["date"] <= asked.as_of.isoformat()
    )
    what = f"the rules of {rules}" if rules else "the rules of the book"
    click.echo(f"Under {what}, {len(listed)} of {sets} would have needed an approval.")
    _tell(listed, book.currency)
    click.echo(
        "This says what the rules ask for. A book in files keeps no record of approvals, so "
        "nothing is said of what was or was not done."
    )


def _tell(listed: tuple[Case, ...], currency: str) -> None:
    for case in listed:
        at = case.at[:10] if case.at and case.status != "would_need" else None
        at = at or str(case.need.on if case.need else "")
        click.echo(f"\n{', '.join(case.moves) or case.proposal} ({at})")
        for sentence in case_sentences(case, currency):
            click.echo(f"  {sentence}")
    if listed:
        click.echo("")
