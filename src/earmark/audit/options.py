"""Parts of orders with several products or sites, held against the orders as they were asked."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from earmark.audit.facts import pegged_units
from earmark.book import Book
from earmark.model import Order


def unlike_asked(asked: Book, book: Book, include: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield, as kind and order, where `book` is not `asked` with its orders with options in parts.

    Each part is of a product and at a site that its order takes, none twice; together they are all
    of it, counted as it says; where sites must not share it there is one; what is pegged to the
    order is pegged to its parts.
    """
    if asked is book:
        return
    counted = {"booked", *({"forecast", "quoted"} & set(include))}
    parts: dict[str, list[Order]] = defaultdict(list)
    for order in book.orders:
        parts[order.order.split(";")[0]].append(order)
    pegs = _by_order(pegged_units(book))
    for order in asked.orders:
        mine = parts.pop(order.order, [])
        if order.status in counted:
            yield from ((kind, order.order) for kind in _wrong(order, mine))
    yield from (("part_of_nothing", order) for order in parts)
    before = _by_order(pegged_units(asked))
    changed = (name for name in sorted({*pegs, *before}) if pegs.get(name) != before.get(name))
    yield from (("pegs_changed", order) for order in changed)


def _wrong(order: Order, parts: Sequence[Order]) -> Iterator[str]:
    products = order.product.split(";")
    factors = map(int, order.factors.split(";")) if order.factors else [1] * len(products)
    counts = dict(zip(products, factors, strict=True))
    sites = order.site.split(";") if order.site else [None]
    places = [(part.product, part.site) for part in parts]
    if not all(product in counts and site in sites for product, site in places):
        yield "option_not_asked"
    elif sum(part.quantity * counts[part.product] for part in parts) != order.quantity:
        yield "parts_are_not_the_order"
    if len(set(places)) < len(places) or order.order not in {part.order for part in parts}:
        yield "parts_are_not_the_order"
    if order.split == "no" and len({site for _, site in places}) > 1:
        yield "split_between_sites"
    same = ("party", "due", "tier", "booked", "status")
    if any(getattr(part, name) != getattr(order, name) for part in parts for name in same):
        yield "parts_unlike_the_order"


def _by_order(pegs: Mapping[tuple[str, str], int]) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for (lot, part), units in pegs.items():
        order = part.split(";")[0]
        found[order][lot] = found[order].get(lot, 0) + units
    return dict(found)
