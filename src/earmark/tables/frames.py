"""Columns of texts out of polars: cells split and told apart without a Python loop over rows.

Imported where it is needed alone: polars takes longer to load than most books take to read.
"""

from decimal import Decimal

import numpy as np
import polars as pl

from earmark.coded import Coded, coded_by, distinct
from earmark.tables.texts import text_of


def columns_of_lines(lines: bytes, width: int) -> tuple[Coded, ...]:
    """Return the columns of lines of `width` cells: UTF-8, commas and line feeds, no quotes."""
    frame = pl.read_csv(
        lines,
        has_header=False,
        schema={str(place): pl.String for place in range(width)},
        quote_char=None,
        empty_string_is_null=False,
    )
    return tuple(_coded_texts(frame[:, place]) for place in range(width))


def coded_series(series: pl.Series) -> Coded:
    """Return a series as a column of texts, '' for null: those that CSV would have.

    Its type is not nested, and holds no plain bytes.
    """
    kind = series.dtype
    if kind.is_integer() or kind.base_type() in _SPELLED:
        return _coded_texts(series.cast(pl.String).fill_null(""))
    if kind == pl.Null:
        return _coded_texts(pl.Series([""]).new_from_index(0, len(series)))
    return _coded_values(series)


_SPELLED = (pl.String, pl.Categorical, pl.Enum, pl.Date)
"""Types whose values polars spells as CSV does."""


def _coded_texts(texts: pl.Series) -> Coded:
    if texts.n_unique() == len(texts):
        return distinct(texts.to_list())
    cells = texts.unique(maintain_order=True)
    codes = texts.cast(pl.Enum(cells)).to_physical().to_numpy()
    return Coded(cells.to_list(), codes.astype(np.int64))


def _coded_values(series: pl.Series) -> Coded:
    """Return a column of values that are spelled one by one: each distinct one once."""
    ranks = series.rank("dense").fill_null(0).to_numpy()
    _, first, codes = np.unique(ranks, return_index=True, return_inverse=True)
    return coded_by([_spelled(value) for value in series[first].to_list()], codes)


def _spelled(value: object) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else text_of(value)
