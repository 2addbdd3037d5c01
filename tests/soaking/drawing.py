"""Rows by chance, mostly such that there are units for them."""

from typing import Any

from hypothesis import strategies as st

from earmark.ledger.entries import Account
from earmark.recording import Row
from soaking.court import coin_entry
from soaking.trial import DAYS
from soaking.twin import SETTINGS, Twin

PRODUCT = {"a": "gpu", "b": "gpu", "c": "tpu"}
"""The lots, and what each is of."""

ORDERS = {"gpu": ("o1", "o2", "o3"), "tpu": ("o4", "o5")}

_LOTS = (
    ("a", "gpu", "2024-01-05", "100"),
    ("b", "gpu", "2024-01-20", "60"),
    ("c", "tpu", "2024-01-10", "50"),
)
_ORDERS = (
    ("o1", "p", "gpu", "s1", "80"),
    ("o2", "q", "gpu", "s1", "70"),
    ("o3", "p", "gpu", "s2", "50"),
    ("o4", "q", "tpu", "", "40"),
    ("o5", "p", "tpu", "s1", "30"),
)
_PLACES = (("p", "gpu", "s1"), ("p", "gpu", "s2"), ("q", "gpu", "s1"), ("p", "tpu", "s1"))
_KINDS = (
    *("earmark", "earmark", "earmark", "ship", "receive", "activate", "release"),
    *("redirect", "redirect", "opening", "transfer", "retire"),
)

days = st.sampled_from([day.isoformat() for day in DAYS])
knowns = st.one_of(st.none(), st.none(), days)
chains = st.lists(
    st.lists(
        st.builds(
            coin_entry,
            name=st.integers(0, 30),
            postings=st.lists(
                st.tuples(*(st.integers(*ends) for ends in ((0, 2), (1, 9), (0, 4), (0, 9)))),
                max_size=3,
            ),
            corrects=st.one_of(st.none(), st.none(), st.none(), st.integers(0, 30)),
        ),
        min_size=1,
        max_size=3,
    ),
    max_size=3,
)


def base() -> list[Row]:
    """Return the lots and orders of the book, known from its start."""
    known = {"known": SETTINGS["start"]}
    lots = [dict(zip(("lot", "product", "date", "quantity"), row, strict=True)) for row in _LOTS]
    names = ("order", "party", "product", "site", "quantity")
    orders = [dict(zip(names, row, strict=True)) for row in _ORDERS]
    return [
        *(Row("lots", {**cells, **known}) for cells in lots),
        *(Row("orders", given({**cells, "due": "2024-02-01", **known})) for cells in orders),
    ]


class Drawing:
    """Draws rows for a record as its twin has it."""

    def __init__(self, data: Any, twin: Twin) -> None:
        self.data, self.twin = data, twin

    def of(self, choices: Any) -> Any:
        """Draw one of some things, or from a strategy."""
        strategy = choices if isinstance(choices, st.SearchStrategy) else st.sampled_from(choices)
        return self.data.draw(strategy)

    def one_in(self, count: int) -> bool:
        """Draw whether something happens that does so once in a while."""
        return bool(self.data.draw(st.integers(1, count)) == count)

    def move(self, known: str | None) -> Row:
        """Draw a move of any kind."""
        pegged = any(account.state in ("earmarked", "shipped") for account in self.twin.held)
        kind = self.of(_KINDS if pegged else ("earmark", "opening"))
        # What gives units is mostly early and what takes them late, or most would be refused.
        two = self.of(days), self.of(days)
        cells = {"move": self.id(), "kind": kind, "known": known or ""}
        cells["date"] = min(two) if kind in ("earmark", "opening") else max(two)
        more, room = self._run(kind) if kind in _RUNNING else self._peg(kind)
        most = max(1, room) + (20 if self.one_in(10) else 0)
        return Row(
            "moves", given({**cells, **more, "quantity": str(self.of(st.integers(1, most)))})
        )

    def swap(self, known: str | None, *, later: bool) -> list[Row]:
        """Draw two redirects that are tied; they may lie days apart."""
        one, other = self.of(st.permutations(ORDERS[self.of(("gpu", "tpu"))]))[:2]
        pegs = [peg for peg in self._pegs() if peg[1] in (one, other)] or [("a", one, 1)]
        lot, order, units = self.of(pegs)
        first, day = self.id(), max(self.of(days), self.of(days))
        rows = []
        for name, tie in ((first, ""), (self.id(), first)):
            to_order = other if order == one else one
            cells = {"move": name, "kind": "redirect", "date": day, "quantity": str(units)}
            cells |= {"order": order, "to_order": to_order, "in_return_for": tie}
            cells |= {"lot": "" if self.one_in(2) else lot, "known": known or ""}
            rows.append(Row("moves", given(cells)))
            day, order = self.of(days) if later else day, to_order
            lot = self.of([peg[0] for peg in pegs if peg[1] == order] or [lot])
        return rows if rows[0].cells["move"] != rows[1].cells["move"] else rows[:1]

    def version(self, known: str | None) -> Row:
        """Draw another version of a lot or an order."""
        row = self.of(base())
        units = int(row.cells["quantity"]) + self.of(st.integers(-20, 40))
        cells = {**row.cells, "quantity": str(units), "known": known or ""}
        return Row(
            row.table, given(cells | ({"date": self.of(days)} if row.table == "lots" else {}))
        )

    def drop(self) -> list[Row]:
        """Draw what takes a row out, and perhaps says another before or after it."""
        if self.one_in(10):
            return [Row("lots", {"lot": self.of(tuple(PRODUCT))}, drop=True)]
        name = "m99" if self.one_in(10) else self.of(self._taken() or ["m99"])
        rows = [Row("moves", {"move": name}, drop=True)]
        if self.one_in(2):
            rows.append(self.move(None))
        return rows[::-1] if self.one_in(2) else rows

    def id(self) -> str:
        """Draw an id that is new; now and then one that is taken."""
        taken = self._taken()
        if taken and self.one_in(6):
            return str(self.of(taken))
        return f"m{self.of(st.integers(0, 10**6))}"

    def _taken(self) -> list[str]:
        return sorted({one.key[0] for one in self.twin.said if one.table == "moves"})

    def _run(self, kind: str) -> tuple[dict[str, str], int]:
        party, product, site = self.of(_PLACES)
        cells = {"party": party, "product": product, "site": site}
        if kind == "opening":
            return cells, 60
        if kind == "transfer" and self.one_in(2):
            cells["to_order"] = self.of(ORDERS[product])
        elif kind == "transfer":
            cells["to_site"] = self.of([place for place in ("s1", "s2", "s3") if place != site])
        return cells, self.twin.held.get(Account("active", party, product, site), 1)

    def _peg(self, kind: str) -> tuple[dict[str, str], int]:
        lot, order, room = self.of((self._pegs() if kind != "earmark" else []) or self._free())
        cells = {"lot": lot, "order": order}
        if kind == "redirect":
            cells["to_order"] = self.of([to for to in ORDERS[PRODUCT[lot]] if to != order])
            cells["lot"] = "" if self.one_in(3) else lot
        elif kind == "earmark":
            cells["until"] = self.of(days) if self.one_in(4) else ""
        else:
            moves = [one for one in self.twin.said if one.cells.get("kind") == "earmark"]
            drawn = [o.key[0] for o in moves if (o.cells["lot"], o.cells["order"]) == (lot, order)]
            cells["draws"] = self.of(drawn) if drawn and self.one_in(3) else ""
        return cells, room

    def _pegs(self) -> list[tuple[str, str, int]]:
        """Return the lots and orders that units are pegged of, and how many."""
        return [
            (account.place, account.holder, units)
            for account, units in sorted(self.twin.held.items())
            if account.state in ("earmarked", "shipped") and account.place in PRODUCT
        ]

    def _free(self) -> list[tuple[str, str, int]]:
        """Return the lots and orders that units could be pegged of, and how many."""
        free = self.twin.free()
        return [
            (lot, order, min(free.get(("supplied", lot), 0), free.get(("demand", order), 0)))
            for lot, product in PRODUCT.items()
            for order in ORDERS[product]
        ]


_RUNNING = ("opening", "transfer", "retire")


def given(cells: dict[str, str]) -> dict[str, str]:
    """Return the cells that are not empty."""
    return {name: text for name, text in cells.items() if text}
