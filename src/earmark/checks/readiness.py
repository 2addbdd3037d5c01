"""Sites that cannot power what is ordered there, or what runs there already: warnings."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from earmark.book import Book, Table
from earmark.coded import crossed, examples
from earmark.errors import Problem
from earmark.findings import problem_at
from earmark.ledger.positions import Running, positions
from earmark.options import ids_in


def check_coverage(book: Book) -> Iterator[Problem]:
    """Find products that are ordered, or run, at a site whose readiness covers others alone."""
    covered: dict[str, set[str | None]] = {}
    for site, product in _distinct(book.readiness, "site", "product"):
        covered.setdefault(site, set()).add(product)
    if covered:
        live = {"forecast", "quoted", "booked"}
        yield from _bare(book.orders, "site", "status", live, covered)
        yield from _bare(book.moves, "site", "kind", {"opening"}, covered)
        yield from _bare(book.moves, "to_site", "kind", {"transfer"}, covered)


def check_running(book: Book) -> Iterator[Problem]:
    """Find readiness below what runs at the site: each row once, on the first day it is short."""
    kinds = {"opening", "transfer", "retire"}
    if not len(book.readiness) or kinds.isdisjoint(book.moves.column("kind").cells):
        return
    running = positions(book).running
    rows: dict[tuple[str, str | None], list[tuple[date, int]]] = {}
    days = enumerate(book.readiness.columns["date"])
    for (i, day), site, product in zip(
        days, book.readiness.columns["site"], book.readiness.columns["product"], strict=True
    ):
        rows.setdefault((site, product), []).append((day, i))
    for (site, product), steps in rows.items():
        there = [
            change
            for change in running
            if change.site == site and product in (None, change.product)
        ]
        yield from _short(book, sorted(steps), there)


def _distinct(table: Table[Any], *columns: str) -> set[tuple[Any, ...]]:
    cells = [table.column(column) for column in columns]
    return {tuple(column[i] for column in cells) for i in examples(crossed(cells)).tolist()}


def _bare(
    table: Table[Any],
    site_column: str,
    choice_column: str,
    choices: set[str],
    covered: Mapping[str, set[str | None]],
) -> Iterator[Problem]:
    """Find, once per site and product, the row with the least key that has no power at all."""
    columns = site_column, "product", choice_column
    bare = {
        cells
        for cells in _distinct(table, *columns)
        if cells[2] in choices
        and ids_in(cells[0])  # of several sites and products any that has power will do
        and all(
            site in covered and covered[site].isdisjoint((None, *ids_in(cells[1])))
            for site in ids_in(cells[0])
        )
    }
    if not bare:
        return
    first: dict[tuple[str, str], int] = {}
    rows = zip(*(table.columns[column] for column in columns), strict=True)
    for i, cells in enumerate(rows):
        if cells in bare:
            place = cells[:2]
            if place not in first or table.keys[i] < table.keys[first[place]]:
                first[place] = i
    for (site, product), i in first.items():
        message = f"{site} has readiness, but none for {product}: it has no power there"
        hint = f"add a row to readiness for {site} and {product}, or one for {site} alone"
        yield problem_at(table, i, site_column, "W603", message, hint)


def _short(book: Book, steps: list[tuple[date, int]], running: list[Running]) -> Iterator[Problem]:
    """Find the rows of one readiness that are below what runs. Before the first row there is 0."""
    readiness = book.readiness
    starts = [day for day, _ in steps]
    days = {max(day, book.start) for day in (*starts, *(change.day for change in running))}
    told = set()
    for day in sorted(day for day in days if day < book.end):
        step = bisect_right(starts, day) - 1
        power = readiness.columns["units"][steps[step][1]] if step >= 0 else 0
        runs = sum(change.units for change in running if change.day <= day)
        if runs > power and step not in told:
            told.add(step)
            message = f"{runs - power} of {runs} units that run there on {day} have no power"
            hint = "there is no room for more, and what lacks power counts as idle"
            yield problem_at(readiness, steps[max(step, 0)][1], "units", "W602", message, hint)
