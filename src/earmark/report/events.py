"""Events in words: what a row of a book says, in one line with the unit of every number."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from earmark.amounts import gpus, number
from earmark.schema import SCHEMA

Cells = Mapping[str, str]


def event_in_words(table: str, cells: Cells, *, drop: bool = False) -> str:
    """Return what a row says; with `drop`, that it was taken out of the record."""
    words = _WORDS[table](cells) if table in _WORDS else _columns(table, cells)
    return f"taken out of the record: {words}" if drop else words


def _move(cells: Cells) -> str:
    words = _MOVES[cells["kind"]](cells)
    if "draws" in cells:
        words += f", drawing on {cells['draws']}"
    if "until" in cells:
        words += f", back in the lot on {cells['until']} as far as not drawn"
    if "in_return_for" in cells:
        words += f", in return for {cells['in_return_for']}"
    return words


def _opening(cells: Cells) -> str:
    return f"{cells['party']} runs {_units(cells)}{_at(cells)}"


def _redirect(cells: Cells) -> str:
    way = f"redirected from {cells['order']} to {cells['to_order']}"
    return f"{_of_lot(cells)} {way}" + ("" if "lot" in cells else ", earliest lots first")


def _transfer(cells: Cells) -> str:
    to = f"order {cells['to_order']}" if "to_order" in cells else cells.get("to_site", "")
    origin = f" from {cells['site']}" if "site" in cells else ""
    return f"{cells['party']} moves {_units(cells)}{origin} to {to}"


def _retire(cells: Cells) -> str:
    return f"{cells['party']} retires {_units(cells)}{_at(cells)}"


def _with_lot(verb: str) -> Callable[[Cells], str]:
    return lambda cells: f"{_of_lot(cells)} {verb} {cells['order']}"


_MOVES: Mapping[str, Callable[[Cells], str]] = MappingProxyType(
    {
        "opening": _opening,
        "earmark": _with_lot("earmarked for"),
        "release": _with_lot("released from"),
        "redirect": _redirect,
        "ship": _with_lot("shipped for"),
        "receive": _with_lot("received for"),
        "activate": _with_lot("active for"),
        "transfer": _transfer,
        "retire": _retire,
    }
)


def _claim(cells: Cells) -> str:
    speaker = f"{cells['speaker']}: " if "speaker" in cells else ""
    unit = {"units": " GPUs", "h100e": " H100-equivalents"}.get(cells.get("unit_basis", ""), "")
    about = cells["metric"] + (f" of {cells['product']}" if "product" in cells else "")
    target = f"{cells['comparator']} {number(cells['target'])}{unit}"
    return f"{speaker}{cells['party']}, {about}{_at(cells)} {target} by {cells['deadline']}"


def _order(cells: Cells) -> str:
    words = f"{cells['party']} orders {_units(cells)}{_at(cells)}, due {cells['due']}"
    words += f", tier {cells.get('tier', '1')}"
    if (promised := int(cells.get("promised", "0"))) > 0:
        words += f", {gpus(promised)} promised"
    return f"{words}, {cells.get('status', 'booked')}"


def _lot(cells: Cells) -> str:
    vendor = f" from {cells['vendor']}" if "vendor" in cells else ""
    status = cells.get("status", "committed")
    return f"{_units(cells)}{vendor} on {cells['date']}, {status}"


def _readiness(cells: Cells) -> str:
    units = gpus(int(cells["units"]))
    product = f" of {cells['product']}" if "product" in cells else ""
    return f"{cells['site']} can power {units}{product} from {cells['date']} on"


def _stake(cells: Cells) -> str:
    words = f"{cells['holder']} holds {number(cells['percent'])} % of {cells['held']}"
    return words + (f" until {cells['until']}" if "until" in cells else "")


def _evidence(cells: Cells) -> str:
    words = ": ".join(cells[name] for name in ("publisher", "title") if name in cells)
    return words + (f" ({cells['published']})" if "published" in cells else "")


def _proposal(cells: Cells) -> str:
    units = f" of {gpus(int(cells['units']))}" if cells.get("units", "").isdecimal() else ""
    return f"an approval is asked for{units}"


def _approval(cells: Cells) -> str:
    return "approved" + (f", until {cells['until']}" if "until" in cells else "")


def _settings(cells: Cells) -> str:
    return f"{cells['title']}, {cells['start']} to {cells['end']}"


def _columns(table: str, cells: Cells) -> str:
    """Return a row of any other table as its columns beside the key."""
    aside = {*_ASIDE, *SCHEMA[table].key} if table in SCHEMA else set(_ASIDE)
    return ", ".join(f"{name} {text}" for name, text in cells.items() if name not in aside)


_ASIDE = ("known", "evidence", "basis", "note")
"""What is told beside the words."""

_WORDS: Mapping[str, Callable[[Cells], str]] = MappingProxyType(
    {
        "moves": _move,
        "claims": _claim,
        "orders": _order,
        "lots": _lot,
        "readiness": _readiness,
        "stakes": _stake,
        "evidence": _evidence,
        "proposal": _proposal,
        "approval": _approval,
        "book": _settings,
    }
)


def _units(cells: Cells) -> str:
    return f"{gpus(int(cells['quantity']))} ({cells['product']})"


def _of_lot(cells: Cells) -> str:
    return gpus(int(cells["quantity"])) + (f" of {cells['lot']}" if "lot" in cells else "")


def _at(cells: Cells) -> str:
    return f" at {cells['site']}" if "site" in cells else ""
