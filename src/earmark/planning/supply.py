"""Supply: lots and transfers to orders, and what no peg holds of them."""

from collections.abc import Collection, Mapping, Sequence

from earmark.book import Book
from earmark.coded import whole_numbers
from earmark.ledger.positions import Positions
from earmark.planning.problem import Supply


def supply_of(
    book: Book, what: Positions, include: Collection[str], products: Sequence[str]
) -> tuple[Supply, Mapping[str, int]]:
    """Return lots and arrivals, and where each stands; what never comes arrives at the end."""
    end = book.end.toordinal()
    committed = {"committed", *(set(include) & {"forecast"})}
    pegged: dict[str, int] = {}
    for (lot, _), units in what.pegs.items():
        pegged[lot] = pegged.get(lot, 0) + units
    columns = [book.lots.column(c) for c in ("lot", "product", "date", "quantity", "status")]
    rows = []
    for lot, product, day, quantity, status in zip(*columns, strict=True):
        comes = status in committed and day < book.end
        if comes or lot in pegged:
            free = quantity - pegged.get(lot, 0) if comes else 0
            rows.append((lot, product, day.toordinal() if comes else end, free))
    rows += [(a.move, a.product, min(a.day.toordinal(), end), 0) for a in what.arrivals]
    rows.sort(key=lambda row: (row[2], row[0]))
    codes = {product: i for i, product in enumerate(products)}
    rows = [row for row in rows if row[1] in codes]
    supply = Supply(
        tuple(row[0] for row in rows),
        whole_numbers(codes[row[1]] for row in rows),
        whole_numbers(row[2] for row in rows),
        whole_numbers(row[3] for row in rows),
    )
    return supply, {name: i for i, name in enumerate(supply.names)}
