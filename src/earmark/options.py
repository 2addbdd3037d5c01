"""Options of an order: products and sites of which any will do, best first, and its parts.

An order that names several has them in one cell with `;` between, which no id can hold. A plan
turns it into parts with one product and one site each; the first part keeps the order's id, the
others have one that no order can have: the order's id, `;` and a number.
"""

from dataclasses import dataclass

SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Option:
    """A product at a site that an order takes."""

    product: str
    site: str | None
    factor: int
    """How many units of the order one unit of the product counts for."""


def is_several(cell: str | None) -> bool:
    """Tell whether a cell names several ids."""
    return cell is not None and SEPARATOR in cell


def ids_in(cell: str | None) -> tuple[str, ...]:
    """Return the ids of a cell, best first."""
    return tuple(cell.split(SEPARATOR)) if cell is not None else ()


def factors_of(product: str, factors: str | None) -> dict[str, int]:
    """Return, per product of an order, how many units of the order one unit of it counts for."""
    products = ids_in(product)
    if factors is None:
        return dict.fromkeys(products, 1)
    return dict(zip(products, map(int, factors.split(SEPARATOR)), strict=True))


def options_of(product: str, site: str | None, factors: str | None) -> tuple[Option, ...]:
    """Return the options of an order: the best product at every site, then the next product."""
    return tuple(
        Option(name, place, factor)
        for name, factor in factors_of(product, factors).items()
        for place in (ids_in(site) or (None,))
    )


def part_id(order: str, number: int) -> str:
    """Return the id of a part of an order: of the first, number 0, it is the order's own."""
    return f"{order}{SEPARATOR}{number + 1}" if number else order


def own_id(part: str) -> str:
    """Return the id of the order that a part belongs to."""
    return part.partition(SEPARATOR)[0]
