"""Books with quotas of groups and parties, some of which lend and borrow."""

from datetime import timedelta
from typing import Any

from books import book, policy
from hypothesis import strategies as st
from planning.random_books import START, Case

from earmark.policy import PERCENT, Borrow, Quota

GROUPS = {"a": "g", "b": "g", "c": "h", "d": "h", "e": None}


@st.composite
def lending_books(
    draw: Any, *, most: int = 7, units: int = 12, days: int = 8, plain: bool = False
) -> Case:
    """Draw a book whose groups have no quota, or one that holds all of their parties' quotas.

    A `plain` one has no sites, pegs, promises, ceilings, lots or tiers.
    """
    day = st.integers(0, days - 1).map(lambda n: START + timedelta(days=n))
    one = st.sampled_from
    orders = [
        {
            "order": f"o{i}",
            "party": draw(one("aabc" if plain else "abcde")),
            "quantity": draw(st.integers(1, units)),
            "due": draw(day),
            "tier": 1 if plain else draw(st.integers(1, 2)),
            "site": None if plain else draw(one([None, None, "s", "z"])),
            "promised": 0 if plain else draw(one([0, 0, 0, 1])),
        }
        for i in range(draw(st.integers(1, most)))
    ]
    lots = [
        {"lot": f"l{i}", "quantity": draw(st.integers(0, 2 * units)), "date": draw(day)}
        for i in range(draw(st.integers(1, 3)))
    ]
    tables: dict[str, Any] = {"orders": orders, "lots": lots}
    if not plain and draw(st.booleans()):
        tables["readiness"] = [
            {"site": "s", "date": draw(day), "units": draw(st.integers(0, units))} for _ in range(1)
        ]
        tables["products"] = [{"product": "gpu", "lot_size": draw(st.integers(1, 4))}]
    parties = [{"party": party, "group": group} for party, group in GROUPS.items()]
    quotas = draw(_quotas())
    each = {name: _borrow() for name in quotas}
    rules = draw(st.fixed_dictionaries(each if plain else {}, optional={} if plain else each))
    ceilings = st.dictionaries(one("abcdegh"), st.integers(2, units), max_size=2)
    rule = policy(
        "own",
        quotas=quotas,
        borrow=rules,
        ceilings={} if plain else draw(ceilings),
        share="max_min" if plain else draw(one(["max_min", "proportional", "first_come"])),
        round="unit" if plain else draw(one(["unit", "unit", "lot"])),
    )
    made = book(
        start=START,
        end=START + timedelta(days=days),
        parties=parties,
        sites=[{"site": "s"}, {"site": "z"}],
        **tables,
    )
    return Case(made, rule, START)


@st.composite
def _quotas(draw: Any) -> dict[str, Quota]:
    """Draw quotas in tenths, or in units, per group of one kind."""
    quotas: dict[str, Quota] = {}
    for group in ("g", "h"):
        members = [party for party, of in GROUPS.items() if of == group]
        parts = [draw(st.integers(0, 4)) for _ in members]
        whole = draw(st.sampled_from([None, sum(parts), sum(parts) + 1]))
        number = draw(st.booleans())
        named = {**dict(zip(members, parts, strict=True))}
        if whole is not None:
            named[group] = whole
        quotas |= {k: Quota(2 * n) if number else Quota(n, 10) for k, n in named.items()}
    if draw(st.booleans()):
        quotas["e"] = Quota(draw(st.integers(0, 2)), 10)
    return {name: quotas[name] for name in sorted(quotas)}


def _borrow() -> st.SearchStrategy[Borrow]:
    part = st.sampled_from([0, 0, 300_000, 500_000, PERCENT])
    return st.builds(Borrow, st.sampled_from([None, 1, 1, 2, 3]), part)
