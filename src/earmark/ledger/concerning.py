"""What concerns an order, a lot, a party, a move or a site: rows of every table that name it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType

from earmark.ledger.history import Event
from earmark.ledger.needs import digest_of

ASKING = ("proposal", "approval")
"""Tables of events that are no rows of a book: they ask for an approval, or give one."""

HAPPENING = ("moves", "claims", *ASKING)
"""The tables of what happens: units move, something is said, something is approved."""

_TIES = ("in_return_for", "draws")

_MOVE_COLUMNS = ("lot", "order", "to_order", "party", "site", "to_site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Ids that a history is narrowed to; with several, to what concerns each of them."""

    order: str | None = None
    lot: str | None = None
    party: str | None = None
    move: str | None = None
    site: str | None = None

    def given(self) -> Mapping[str, str]:
        """Return the ids that are given, by what they are of."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: text for name, text in named if text is not None}


TABLE_OF: Mapping[str, str] = MappingProxyType(
    {"order": "orders", "lot": "lots", "party": "parties", "move": "moves", "site": "sites"}
)
"""The table that lists the ids of each kind of concern."""


def concerning(events: Sequence[Event], concern: Concern, *, everything: bool) -> list[Event]:
    """Return the events that concern something, with the evidence that they cite, in their order.

    Without any id it is what happens, or with `everything` all tables. What names what is looked up
    in these events alone: what was not known says nothing.
    """
    given = concern.given()
    if not given:
        return [event for event in events if everything or event.table in HAPPENING]
    names = _Names(events)
    found = [_FINDERS[kind](names, text) for kind, text in given.items()]
    chosen = set.intersection(*found)
    if names.asks:
        chosen |= names.asking(chosen, [_asked_about(names, *each) for each in given.items()])
    cited = {name for i in chosen for name in events[i].cells.get("evidence", "").split(";")}
    return [
        event
        for i, event in enumerate(events)
        if i in chosen or (event.table == "evidence" and event.key[0] in cited)
    ]


def ids_of(events: Iterable[Event], kind: str) -> set[str]:
    """Return all ids of a kind: its own rows, and what other rows name where there is no table."""
    table, found = TABLE_OF[kind], set[str]()
    columns = _NAMED_IN[kind]
    for event in events:
        if event.table == table:
            found.add(event.key[0])
        for column in columns.get(event.table, ()):
            if text := event.cells.get(column):
                found.add(text)
    return found


_NAMED_IN: Mapping[str, Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "order": {},
        "lot": {},
        "move": {},
        "party": {
            "orders": ("party",),
            "moves": ("party",),
            "claims": ("party",),
            "stakes": ("holder", "held"),
            "lots": ("vendor",),
            "sites": ("operator",),
        },
        "site": {
            "orders": ("site",),
            "moves": ("site", "to_site"),
            "claims": ("site",),
            "readiness": ("site",),
        },
    }
)
"""Where parties and sites may be named in a book that has no table of them."""

_Places = set[int]
"""Positions of events."""


class _Names:
    """Which events name which ids, and what is tied to what."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.by_key: dict[tuple[str, str], _Places] = defaultdict(set)
        self.by_cell: dict[tuple[str, str, str], _Places] = defaultdict(set)
        self.asks: list[int] = []
        for i, event in enumerate(events):
            self.by_key[event.table, event.key[0]].add(i)
            if event.table in ASKING:
                self.asks.append(i)
            for column in _LOOKED_UP.get(event.table, ()):
                if text := event.cells.get(column):
                    self.by_cell[event.table, column, text].add(i)

    def rows(self, table: str, names: Iterable[str]) -> _Places:
        """Return the versions of rows by the first part of their key."""
        return {i for name in names for i in self.by_key.get((table, name), ())}

    def naming(self, table: str, columns: Sequence[str], names: Iterable[str]) -> _Places:
        """Return the versions of rows that name any of `names` in any of `columns`."""
        return {
            i
            for name in names
            for column in columns
            for i in self.by_cell.get((table, column, name), ())
        }

    def cells(self, places: Iterable[int], *columns: str) -> set[str]:
        """Return what events say in columns."""
        found = (self.events[i].cells.get(column) for i in places for column in columns)
        return {text for text in found if text}

    def moves_of(self, orders: Iterable[str]) -> _Places:
        """Return the moves of orders, with those tied to them."""
        return self.tied(self.naming("moves", ("order", "to_order"), orders))

    def tied(self, moves: _Places) -> _Places:
        """Return moves with all that are tied to them, or draw on them, followed through."""
        found, fresh = set(moves), moves
        while fresh:
            ids = {self.events[i].key[0] for i in fresh} | self.cells(fresh, *_TIES)
            near = self.rows("moves", ids) | self.naming("moves", _TIES, ids)
            fresh = near - found
            found |= fresh
        return found

    def claims_of(self, orders: _Places) -> _Places:
        """Return the claims of the parties of orders, but those of another product."""
        products = self.cells(orders, "product")
        return {
            i
            for i in self.naming("claims", ("party",), self.cells(orders, "party"))
            if self.events[i].cells.get("product", "") in {"", *products}
        }

    def readiness_of(self, orders: _Places) -> _Places:
        """Return the readiness of the sites of orders, but that of another product."""
        products = self.cells(orders, "product")
        return {
            i
            for i in self.rows("readiness", self.cells(orders, "site"))
            if self.events[i].cells.get("product", "") in {"", *products}
        }

    def asking(self, chosen: _Places, about: Sequence[set[str]]) -> _Places:
        """Return the proposals about all of `about`, and the approvals of them and of `chosen`."""
        events = self.events
        proposals = {
            i
            for i in self.asks
            if events[i].table == "proposal" and all(_proposed(events[i]) & ids for ids in about)
        }
        asked = {events[i].key[0] for i in proposals} | self.cells(proposals, "digest")
        entries = {id(one.entry): one.entry.entry for i in chosen if (one := events[i]).entry}
        named = {name for entry in entries.values() for name in entry.approvals}
        asked |= {digest_of(entry.changes, entry.postings) for entry in entries.values()}
        return proposals | {
            i
            for i in self.asks
            if events[i].key[0] in named or asked & self.cells((i,), "proposal", "digest")
        }


def _proposed(proposal: Event) -> set[str]:
    """Return the moves, lots and orders that the moves of a proposal name."""
    assert proposal.entry is not None
    columns = ("move", "lot", "order", "to_order")
    cells = [change.cells for change in proposal.entry.entry.changes]
    return {row[name] for row in cells for name in columns if name in row}


def _asked_about(names: _Names, kind: str, text: str) -> set[str]:
    """Return the orders, lot or move that a proposal has to name in order to concern an id."""
    if kind in ("party", "site"):
        orders = names.naming("orders", (kind,), (text,))
        return {names.events[i].key[0] for i in orders}
    return {text}


_LOOKED_UP: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "moves": (*_MOVE_COLUMNS, "in_return_for", "draws"),
        "assertions": ("order", "lot", "party", "site"),
        "orders": ("party", "site"),
        "lots": ("vendor",),
        "claims": ("party", "site"),
        "stakes": ("holder", "held"),
        "sites": ("operator",),
    }
)


def _of_order(names: _Names, order: str) -> _Places:
    orders = names.rows("orders", (order,))
    moves = names.moves_of((order,))
    lots = names.rows("lots", names.cells(moves, "lot"))
    asserted = names.naming("assertions", ("order",), (order,))
    near = names.readiness_of(orders) | names.claims_of(orders)
    return orders | moves | lots | asserted | near


def _of_lot(names: _Names, lot: str) -> _Places:
    """Return a lot and its moves; and redirects that may take from any lot of the same orders."""
    moves = names.naming("moves", ("lot",), (lot,))
    reached, fresh = set[str](), names.cells(moves, "order", "to_order")
    while fresh:
        reached |= fresh
        any_lot = {
            i
            for i in names.naming("moves", ("order",), fresh)
            if names.events[i].cells.get("kind") == "redirect"
            and "lot" not in names.events[i].cells
        }
        moves |= any_lot
        fresh = names.cells(any_lot, "to_order") - reached
    asserted = names.naming("assertions", ("lot",), (lot,))
    return names.rows("lots", (lot,)) | names.tied(moves) | asserted


def _of_party(names: _Names, party: str) -> _Places:
    orders = names.naming("orders", ("party",), (party,))
    ids = {names.events[i].key[0] for i in orders}
    own = names.tied(names.naming("moves", ("party",), (party,)))
    return (
        names.rows("parties", (party,))
        | names.naming("stakes", ("holder", "held"), (party,))
        | names.naming("lots", ("vendor",), (party,))
        | names.naming("sites", ("operator",), (party,))
        | orders
        | own
        | names.moves_of(ids)
        | names.readiness_of(orders)
        | names.naming("claims", ("party",), (party,))
        | names.naming("assertions", ("party",), (party,))
    )


def _of_move(names: _Names, move: str) -> _Places:
    moves = names.tied(names.rows("moves", (move,)))
    return (
        moves
        | names.rows("lots", names.cells(moves, "lot"))
        | names.rows("orders", names.cells(moves, "order", "to_order"))
    )


def _of_site(names: _Names, site: str) -> _Places:
    orders = names.naming("orders", ("site",), (site,))
    ids = {names.events[i].key[0] for i in orders}
    return (
        names.rows("sites", (site,))
        | names.rows("readiness", (site,))
        | orders
        | names.tied(names.naming("moves", ("site", "to_site"), (site,)))
        | names.moves_of(ids)
        | names.naming("claims", ("site",), (site,))
        | names.naming("assertions", ("site",), (site,))
    )


_FINDERS: Mapping[str, Callable[[_Names, str], _Places]] = MappingProxyType(
    {
        "order": _of_order,
        "lot": _of_lot,
        "party": _of_party,
        "move": _of_move,
        "site": _of_site,
    }
)
