"""Tables for the terminal: the same documents, in words and columns."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from earmark.amounts import number
from earmark.book import Book
from earmark.cli.width import print_table
from earmark.report import Document
from earmark.sentences import Sides, comparisons_of, finding

MOST_ORDERS = 20
"""Late orders that a table shows at most."""
MOST_WEEKS = 12
"""Rows of prices per product, and of limits, that a table shows at most."""
MOST_QUOTAS = 20
"""Quotas that a table shows at most."""
MOST_RAISED = 5
"""Orders that are planned for more than they ask and named."""
_MEASURES = {
    "weight": "weighted days",
    "money": "money times days",
    "tier": "days of the last tier",
}


def show_plan(document: Document, currency: str) -> None:
    """Print the summary of a plan: the finding, the parties, the late orders, the proof."""
    console = open_console()
    console.print(finding(document), soft_wrap=True)
    parties = blank_table(
        "party",
        "GPUs asked",
        "granted",
        "unserved",
        "late\nGPU-days",
        "unserved\nGPU-days",
        "idle\nGPU-days",
        f"value, {currency}",
    )
    for row in document["parties"]:
        parties.add_row(row["party"], *_figures(row))
    parties.add_section()
    parties.add_row("all", *_figures(document["totals"]))
    print_table(console, parties)
    _show_quotas(console, document["quotas"])
    late = document["late"]
    if late:
        orders = blank_table(
            "order",
            "party",
            "granted",
            "of",
            "late\nGPU-days",
            "unserved\nGPU-days",
            "why",
            left=(0, 1, 6),
        )
        for row in late:
            orders.add_row(
                row["order"],
                row["party"],
                number(row["granted"]),
                number(row["quantity"]),
                number(row["late_unit_days"]),
                number(row["unserved_unit_days"]),
                _why(row["why"]),
            )
        print_table(console, orders)
        if more := document["counts"]["late"] - len(late):
            console.print(f"{number(more)} more late orders: see --json or -o.")
    if "prices" in document:
        _show_prices(console, document["prices"])
    for row in document["raised"][:MOST_RAISED]:
        console.print(
            f"{row['order']} asks for {number(row['ordered'])} and is planned for"
            f" {number(row['planned'])}, by {row['rule']}.",
            soft_wrap=True,
        )
    if (more := len(document["raised"]) - MOST_RAISED) > 0:
        console.print(f"{number(more)} more are planned for more than they ask: see --json.")
    for row in document["missed"][:MOST_RAISED]:
        short = (
            f"{number(row['units'])} GPUs short by the end" if row["units"] else "all by the end"
        )
        console.print(
            f"{row['order']} was to {row['confirm']} and does not: {short},"
            f" {number(row['unit_days'])} GPU-days later.",
            soft_wrap=True,
        )
    if (more := len(document["missed"]) - MOST_RAISED) > 0:
        console.print(f"{number(more)} more do not keep an earlier promise: see --json.")
    console.print(_proof(document), soft_wrap=True)


def _show_quotas(console: Console, quotas: Sequence[Mapping[str, Any]]) -> None:
    """Print what quotas came to: those that bind first, then those of which most is used."""
    heads = ("allowed", "used", "borrowed", "lent")
    table = blank_table("quota of", "product", "is", *heads, "binds from", left=(0, 1, 2, 7))
    ranked = sorted(
        quotas, key=lambda row: (row["binds"] is None, row["binds"] or "", -row["used"])
    )
    for row in ranked[:MOST_QUOTAS]:
        of = {"whole": " of all", "remaining": f" of what tier {row['tier']} finds"}
        said = row["quota"] + of.get(row["of"], " units")
        cells = (number(row[head]) for head in heads)
        table.add_row(row["name"], row["product"], said, *cells, row["binds"] or "")
    if table.row_count:
        print_table(console, table)
    if (more := len(quotas) - MOST_QUOTAS) > 0:
        console.print(f"{number(more)} more quotas: see --json.")


def _show_prices(console: Console, prices: Mapping[str, Any]) -> None:
    """Print what most would save: a unit more of each product by the week, and of each limit."""
    weeks = blank_table("product", "week from", "one more unit", "a day of one", left=(0, 1))
    for row in prices["products"]:
        shown = [week for week in row["weeks"] if week["unit_day"]]
        for week in shown[:MOST_WEEKS]:
            cells = (f"{week[key]:,.2f}" for key in ("unit", "unit_day"))
            weeks.add_row(row["product"], week["from"], *cells)
    if weeks.row_count:
        weeks.title = f"worth at most, in {_MEASURES[prices['measure']]}"
        print_table(console, weeks)
    limits = blank_table("limit", "one more unit", "a week earlier")
    rows = sorted(prices["limits"], key=lambda row: -max(row["unit"], row["week_earlier"] or 0))
    for row in rows[:MOST_WEEKS]:
        earlier = row["week_earlier"]
        words = "" if earlier is None else f"{earlier:,.2f}"
        limits.add_row(row["name"], f"{row['unit']:,.2f}", words)
    if limits.row_count:
        print_table(console, limits)


def show_comparison(document: Document, sides: Sides, book: Book) -> None:
    """Print a comparison, or several as a range and never as one verdict."""
    console = open_console()
    names = {party.party: party.name for party in book.parties if party.name}
    console.print(finding(document, sides=sides, names=names), soft_wrap=True)
    for comparison in comparisons_of(document):
        table = _comparison(comparison, sides)
        if table.row_count:
            print_table(console, table)
    if document["format"] == "earmark.comparisons/1":
        ranges = blank_table("party", "active GPU-days lost, over the readings", left=(0,))
        for party, bounds in document["range"].items():
            low, high = bounds["active_unit_days_lost"]
            if low or high:
                span = number(low) if low == high else f"{number(low)} to {number(high)}"
                ranges.add_row(party, span)
        if ranges.row_count:
            print_table(console, ranges)


def _comparison(comparison: Mapping[str, Any], sides: Sides) -> Table:
    table = blank_table(
        "party",
        f"active {sides.a}",
        f"active {sides.b}",
        "lost",
        f"idle {sides.a}",
        f"idle {sides.b}",
        "days later",
    )
    table.title = comparison.get("reading") or None
    for row in comparison["parties"]:
        active, idle = row["active_unit_days"], row["idle_unit_days"]
        if active["a"] != active["b"] or idle["a"] != idle["b"]:
            shift = row["mean_shift_days"]
            table.add_row(
                row["party"],
                *(number(n) for n in (active["a"], active["b"], row["active_unit_days_lost"])),
                number(idle["a"]),
                number(idle["b"]),
                "" if shift is None else number(shift),
            )
    return table


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command how it ends: rich would end it as if a book were wrong."""
        raise BrokenPipeError


def open_console() -> Console:
    """Return where tables go: as wide as the terminal, else 120 columns or COLUMNS."""
    columns = os.environ.get("COLUMNS", "")
    wide = int(columns) if columns.isdecimal() and int(columns) else 120
    return _Console(width=None if sys.stdout.isatty() else wide, highlight=False, markup=False)


def blank_table(*heads: str, left: Sequence[int] = (0,)) -> Table:
    """Return a table with its heads; columns hold numbers unless `left` names them."""
    table = Table()
    for i, head in enumerate(heads):
        table.add_column(head, justify="left" if i in left else "right", overflow="fold")
    return table


def _figures(row: Mapping[str, Any]) -> list[str]:
    names = (
        "quantity",
        "granted",
        "unserved",
        "late_unit_days",
        "unserved_unit_days",
        "idle_unit_days",
    )
    value = row["value"]
    return [
        *(number(row[name]) for name in names),
        "" if value is None else number(value),
    ]


def _why(reasons: Sequence[Mapping[str, Any]]) -> str:
    said = []
    ranked = sorted(reasons, key=lambda why: -why["unit_days"])
    for why in ranked[:2]:
        by = ", ".join(why["by"][:3])
        said.append(f"{why['cause']} {number(why['unit_days'])}" + (f" ({by})" if by else ""))
    if rest := sum(why["unit_days"] for why in ranked[2:]):
        said.append(f"other {number(rest)}")
    return "; ".join(said)


def _proof(document: Document) -> str:
    if document["status"] == "optimal":
        proof = "no better plan is possible"
    elif "prices" in document:
        proof = f"a better plan could cost at most {document['gap']:.2%} less"
    else:
        part = f"{document['gap']:.2%} of the unit-days that a better plan could serve"
        proof = f"at most {part} are missing"
    return f"Policy {document['policy']}, as of {document['as_of']}: {proof}. Audited."
