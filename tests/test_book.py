"""Tables in coded columns against the same tables row by row, and the digest against its bytes."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import books
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.book import Table, canonical_text
from earmark.coded import Coded, coded, crossed, examples, same
from earmark.tables.columns import duplicates

DAYS = [date(2027, 1, 1) + timedelta(days=day) for day in (0, 1, 400)]

CELLS = st.sampled_from(["a", "b", "c", None])


@st.composite
def tables(draw: st.DrawFn) -> Table[Any]:
    """Draw a table of readiness: a key of three columns, one of them often empty."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "site": st.sampled_from(["s1", "s10", "s2"]),
                    "product": st.sampled_from([None, "gpu", "cpu"]),
                    "date": st.sampled_from(DAYS),
                    "units": st.integers(0, 3),
                    "known": st.sampled_from(DAYS),
                    "evidence": st.sampled_from([(), ("e1",), ("e1", "e2")]),
                    "note": st.sampled_from([None, "x\u00e9"]),
                }
            ),
            max_size=12,
        )
    )
    names = [column.name for column in books.SCHEMA["readiness"].columns]
    columns = {name: [row.get(name) for row in rows] for name in names}
    sources = [draw(st.sampled_from([None, "overlay"])) for _ in rows]
    return Table("readiness", columns, range(2, 2 + len(rows)), sources)


def _rows(table: Table[Any]) -> list[tuple[Any, ...]]:
    cells = [list(column) for column in table.columns.values()]
    return list(zip(*cells, table.rows, table.sources, strict=True))


def _key(table: Table[Any], i: int) -> tuple[Any, ...]:
    return tuple(table.columns[name][i] for name in table.schema.key)


def _distinct(column: Sequence[Any]) -> bool:
    """Tell whether a column keeps each cell once, and none that no row holds."""
    assert isinstance(column, Coded)
    return len(set(column.cells)) == len(column.cells) == len(set(column.codes.tolist()))


@given(tables(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_rows_taken_and_joined(table: Table[Any], chance: Any) -> None:
    """Rows are taken and put together as they would be in lists; numbers of rows are plain."""
    chosen = [i for i in range(len(table)) if chance.random() < 0.6]
    chance.shuffle(chosen)
    taken = table.take(chosen)
    assert [_rows(table)[i] for i in chosen] == _rows(taken)
    joined = taken.joined(table)
    assert [*_rows(taken), *_rows(table)] == _rows(joined)
    assert all(type(row) is int for row in joined.rows)
    assert all(_distinct(column) for column in (*joined.columns.values(), *taken.columns.values()))


@given(tables(), st.sampled_from([None, *DAYS, date(2020, 1, 1)]))
@settings(max_examples=200, deadline=None)
def test_versions_of_a_day(table: Table[Any], day: date | None) -> None:
    """Of each key the version known last by the day counts; of two of one day, the first."""
    latest: dict[Any, int] = {}
    for i, known in enumerate(table.columns["known"]):
        if day is None or known <= day:
            before = latest.get(_key(table, i))
            if before is None or known > table.columns["known"][before]:
                latest[_key(table, i)] = i
    assert [_rows(table)[i] for i in sorted(latest.values())] == _rows(table.as_known(day))


@given(tables())
@settings(max_examples=100, deadline=None)
def test_duplicates_are_found_row_by_row(table: Table[Any]) -> None:
    """Each row whose key and day known an earlier row has is named, with that row."""
    first: dict[Any, int] = {}
    twice = []
    for i, known in enumerate(table.columns["known"]):
        before = first.setdefault((_key(table, i), known), i)
        if before != i:
            twice.append((table.rows[i], f"row {table.rows[before]} has the same"))
    found = duplicates(table)
    assert [row for row, _ in twice] == [problem.row for problem in found]
    assert all(
        problem.message.startswith(words) for problem, (_, words) in zip(found, twice, strict=True)
    )


@given(tables())
@settings(max_examples=150, deadline=None)
def test_the_digest_is_over_the_canonical_rows(table: Table[Any]) -> None:
    """The digest is SHA-256 over lines of settings and of columns, rows by key and day known."""
    book = books.book().replace_table(table)
    lines = ["title=A book", "currency=USD", "start=2024-01-01", "end=2025-01-01"]
    lines.append("policy=priority")
    if len(table):
        rank = sorted(
            range(len(table)),
            key=lambda i: (
                tuple("" if part is None else str(part) for part in _key(table, i)),
                table.columns["known"][i],
            ),
        )
        lines.append("table readiness")
        for name in sorted(table.columns):
            cells = table.columns[name]
            if any(cell is not None and cell != () for cell in cells):
                lines.append(name + "\x1f" + "\x1f".join(canonical_text(cells[i]) for i in rank))
    whole = "".join(f"{line}\n" for line in lines).encode()
    assert "sha256:" + hashlib.sha256(whole).hexdigest() == book.digest


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 2)), max_size=20))
@settings(max_examples=150, deadline=None)
def test_columns_crossed_and_compared(rows: list[tuple[Any, ...]]) -> None:
    """Numbers are the same where rows are; each has one example; cells that are given compare."""
    columns = [coded([row[place] for row in rows]) for place in range(3)]
    numbers = crossed(columns).tolist()
    for i, one in enumerate(rows):
        assert [one == other for other in rows] == [numbers[i] == number for number in numbers]
    assert sorted(set(numbers)) == [numbers[i] for i in examples(crossed(columns)).tolist()]
    expected = [one is not None and one == other for one, other, _ in rows]
    assert expected == same(columns[0], columns[1]).tolist()


def test_one_cell_for_equal_decimals() -> None:
    """Prices that differ in how they are written are one cell, and have one text."""
    column = coded([Decimal("1.50"), Decimal("1.5"), None])
    assert ["1.5", "1.5", ""] == [canonical_text(cell) for cell in column]
    assert 2 == len(column.cells)
    assert Decimal("1.5") in column
    assert Decimal(2) not in column
