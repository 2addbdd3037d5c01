"""A history and balances by account for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from earmark.amounts import number
from earmark.cli.terminal import blank_table, open_console
from earmark.cli.width import print_table
from earmark.report import Document

MOST_EVENTS = 200
"""Events, and accounts, that a table shows at most."""


def show_log(document: Document) -> None:
    """Print events by effective day, the documents that they cite, and what is known since."""
    out = open_console()
    out.print(_heading(document), soft_wrap=True)
    events = document["events"]
    if events:
        print_table(out, _events(document, events[-MOST_EVENTS:]))
    if len(events) > MOST_EVENTS:
        earlier = number(len(events) - MOST_EVENTS)
        out.print(f"{earlier} earlier rows: see --json, or name an order, lot, party or move.")
    if document["evidence"]:
        print_table(out, _evidence(document["evidence"]))
    if since := document["known_since"]:
        rows = "1 row" if since == 1 else f"{number(since)} rows"
        out.print(f"{rows} became known after {document['known']}.", soft_wrap=True)


def _heading(document: Document) -> str:
    title = document["book"]["title"]
    words = [f"{title}: {_rows(len(document['events']))}"]
    if named := [f"{kind} {text}" for kind, text in document["concern"].items() if text]:
        words.append("concerning " + " and ".join(named))
    return " ".join([*words, *clock_words(document)]) + "."


def clock_words(document: Document) -> list[str]:
    """Return by which days a document goes, in words."""
    words = []
    if document["as_of"]:
        words.append(f"effective by {document['as_of']}")
    if document["known"]:
        words.append(f"known by {document['known']}")
    if record := document["record"]:
        words.append(f"on record at {record['recorded_at']} ({number(record['size'])} entries)")
    return words


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{number(count)} rows"


def _events(document: Document, events: Sequence[Mapping[str, Any]]) -> Any:
    now = any(event["now"] for event in events)
    heads = ["effective", "known"]
    if document["record"]:
        heads.append("entry")
    heads.append("what was known then" if now else "what happened")
    if now:
        heads.append("what is known now")
    heads.append("on what")
    shown = blank_table(*heads, left=range(len(heads)))
    shown.show_lines = True
    for event in events:
        cells = [event["effective"], event["known"]]
        if document["record"]:
            cells.append(number(event["entry"]["seq"]))
        cells.append("\n".join(_said(event)))
        if now:
            cells.append("\n".join(_known_now(event)))
        cells.append("\n".join(_support(event)))
        shown.add_row(*cells)
    return shown


def _said(event: Mapping[str, Any]) -> list[str]:
    name = f"{_SINGULAR.get(event['table'], event['table'])} {event['id']}"
    lines = [f"{name}: {event['what']}"]
    if who := _who(event):
        lines.append(who)
    if event["reason"]:
        lines.append(f"reason: {event['reason']}")
    if changes := _changes(event["changes"]):
        lines.append(f"changed: {changes}")
    if event["entry"] and (corrects := event["entry"]["corrects"]):
        lines.append(f"corrects {corrects}")
    if successor := event["corrected_by"]:
        where = f", entry {number(successor['seq'])}" if successor["seq"] else ""
        lines.append(f"{successor['how']} by what became known on {successor['known']}{where}")
    return lines


def _who(event: Mapping[str, Any]) -> str:
    words = [f"by {event['by']}"] if event["by"] else []
    if event["approved_by"]:
        words.append(f"approved by {event['approved_by']}")
    if event["authority"]:
        words.append(f"on the authority of {event['authority']}")
    if event["approvals"]:
        words.append("approvals " + ", ".join(event["approvals"]))
    return ", ".join(words)


def _known_now(event: Mapping[str, Any]) -> list[str]:
    if now := event["now"]:
        return [f"since {now['known']}: {_changes(now['changes']) or 'the same'}"]
    return ["the same" if event["counts"] else ""]


def _changes(changes: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{one['column']} {one['before'] or 'not given'} → {one['after'] or 'not given'}"
        for one in changes
    )


def _support(event: Mapping[str, Any]) -> list[str]:
    return [*([event["basis"]] if event["basis"] else []), *event["evidence"]]


def _evidence(rows: Sequence[Mapping[str, Any]]) -> Any:
    shown = blank_table("document", "publisher", "title", "published", left=range(4))
    for row in rows:
        shown.add_row(*(row[name] or "" for name in ("evidence", "publisher", "title", "published")))
    return shown


_SINGULAR = {
    "moves": "move",
    "claims": "claim",
    "orders": "order",
    "lots": "lot",
    "parties": "party",
    "stakes": "stake",
    "products": "product",
    "sites": "site",
    "assertions": "assertion",
    "book": "settings",
}
