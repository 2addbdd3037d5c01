"""Texts of entries in which one value is of another type: what nobody writes, and somebody may."""

import json
from collections.abc import Iterator
from typing import Any

from earmark.ledger.canonical import canonical

VALUES: tuple[Any, ...] = (5, True, None, "x", [], [5], ["x"], [[]], {}, {"x": 5}, {"x": "y"})


def swapped(body: bytes) -> dict[str, bytes]:
    """Return the text of an entry once for each field and value of another type, by both."""
    found = {}
    for place in _places(json.loads(body)):
        for value in VALUES:
            document = json.loads(body)
            *way, last = place
            holder = document
            for step in way:
                holder = holder[step]
            if _like(holder[last], value):
                continue
            holder[last] = value
            found[f"{'.'.join(map(str, place))}={value}"] = canonical(document)
    return found


def _like(here: Any, value: Any) -> bool:
    """Tell whether a value could stand where another does, as far as types go."""
    if type(here) is not type(value) or value in ([5], [[]], {"x": 5}):
        return False
    return value != ["x"] or all(isinstance(one, str) for one in here)


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (key,)
        if isinstance(inner, dict | list):
            yield from ((key, *rest) for rest in _places(inner))
