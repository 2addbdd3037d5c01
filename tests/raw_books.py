"""Book files as text: the same cells as a folder of CSV and as a workbook."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from earmark.book import Book
from earmark.errors import BookError, Problem
from earmark.tables import read_book

SETTINGS = {"title": "A book", "currency": "USD", "start": "2024-01-01", "end": "2025-01-01"}
TOML = "".join(f'{key} = "{value}"\n' for key, value in SETTINGS.items())

SMALL = {
    "book.toml": TOML,
    "parties.csv": "party,group\nmaker,cars\nnet,\n",
    "products.csv": "product,power_kw,unit_price\nH100,1.2,27500.50\n",
    "sites.csv": "site,operator\naustin,maker\n",
    "readiness.csv": "site,date,units\naustin,2024-03-01,100\n",
    "lots.csv": "lot,product,date,quantity\nl1,H100,2024-02-01,50\n",
    "orders.csv": (
        "order,party,product,site,quantity,due\no1,maker,H100,austin,100,2024-02-01\n"
        "o2,net,H100,,10,2024-02-01\n"
    ),
}
"""The files of a small book without a fault."""

Cells = Mapping[str, Sequence[Sequence[str]]]


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files of a book into a new folder; a text becomes UTF-8."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def small(folder: Path, **changes: str | bytes | None) -> Path:
    """Write the small book with some files changed (`orders_csv=...`), or left out (None)."""
    files: dict[str, str | bytes | None] = dict(SMALL)
    files |= {name.replace("_", "."): content for name, content in changes.items()}
    kept = {name: content for name, content in files.items() if content is not None}
    return write_folder(folder, kept)


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of texts as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def write_cells(folder: Path, tables: Cells, settings: Mapping[str, str] = SETTINGS) -> Path:
    """Write tables of texts as a folder of CSV."""
    toml = "".join(f'{key} = "{value}"\n' for key, value in settings.items())
    files = {f"{name}.csv": csv_text(rows) for name, rows in tables.items()}
    return write_folder(folder, {"book.toml": toml, **files})


def write_workbook(
    path: Path, tables: Cells, settings: Mapping[str, str] | None = SETTINGS
) -> Path:
    """Write tables of texts as a workbook whose cells are texts."""
    sheets = dict(tables)
    if settings is not None:
        sheets["book"] = [("key", "value"), *settings.items()]
    with xlsxwriter.Workbook(path, {"in_memory": True}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell:
                        sheet.write_string(row, column, cell)
    return path


def problems_of(path: Path | str, *overlays: Path | str) -> tuple[Problem, ...]:
    """Return what is wrong with a book; nothing if it can be read."""
    try:
        read_book(path, overlays=overlays)
    except BookError as error:
        return error.problems
    return ()


def the_problem(path: Path | str, *overlays: Path | str) -> Problem:
    """Return the one problem of a book that has just one."""
    (problem,) = problems_of(path, *overlays)
    return problem


def book_at(path: Path | str, *overlays: Path | str) -> Book:
    """Return a book that is fine."""
    book, _ = read_book(path, overlays=overlays)
    return book
