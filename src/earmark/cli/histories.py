"""A history and balances by account for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from earmark.amounts import number
from earmark.cli.terminal import blank_table, open_console
from earmark.cli.width import print_table
from earmark.report import Document

MOST_ROWS = 200
"""Events, or accounts, that a table shows at most."""


def show_log(document: Document) -> None:
    """Print events by effective day, the documents that they cite, and what is known since."""
    out = open_console()
    out.print(_heading(document), soft_wrap=True)
    events = document["events"]
    if events:
        print_table(out, _events(events[-MOST_ROWS:]))
    if document["known"] and events and not any(event["now"] for event in events):
        out.print("Nothing of this reads otherwise now.", soft_wrap=True)
    if len(events) > MOST_ROWS:
        earlier = number(len(events) - MOST_ROWS)
        out.print(f"{earlier} earlier rows: see --json, or name an order, lot, party or move.")
    told = {event["id"] for event in events if event["table"] == "evidence"}
    if documents := [row for row in document["evidence"] if row["evidence"] not in told]:
        print_table(out, _evidence(documents))
    if since := document["known_since"]:
        rows = "1 row" if since == 1 else f"{number(since)} rows"
        out.print(f"{rows} became known after {document['known']}.", soft_wrap=True)


def show_accounts(document: Document) -> None:
    """Print what states hold together, then account by account."""
    out = open_console()
    accounts, totals = document["accounts"], document["totals"]
    count = "1 account" if len(accounts) == 1 else f"{number(len(accounts))} accounts"
    words = [f"{document['book']['title']}: {count}", *_named(document["filters"])]
    out.print(", ".join([*words, *_clocks(document)]) + ".", soft_wrap=True)
    if not accounts:
        return
    if len(totals) < len(accounts):
        sums = blank_table("state", "product", "GPUs", left=(0, 1))
        for row in totals:
            sums.add_row(row["state"], row["product"], number(row["units"]))
        print_table(out, sums)
    print_table(out, _accounts(accounts[:MOST_ROWS]))
    if len(accounts) > MOST_ROWS:
        more = number(len(accounts) - MOST_ROWS)
        out.print(f"{more} more accounts: see --json, or name an order, lot, party or state.")
    if not any(document["filters"].values()):
        out.print("All accounts of a product are 0 GPUs together.", soft_wrap=True)


def _accounts(accounts: Sequence[Mapping[str, Any]]) -> Table:
    shown = blank_table("state", "holder", "product", "place", "GPUs", left=range(4))
    for i, row in enumerate(accounts):
        if i and row["state"] != accounts[i - 1]["state"]:
            shown.add_section()
        cells = (row["state"], row["holder"], row["product"], row["place"] or "")
        shown.add_row(*cells, number(row["units"]))
    return shown


def _heading(document: Document) -> str:
    words = [f"{document['book']['title']}: {_rows(len(document['events']))}"]
    return ", ".join([*words, *_named(document["concern"]), *_clocks(document)]) + "."


def _named(ids: Mapping[str, str | None]) -> list[str]:
    """Return what a document is narrowed to, in words."""
    return [f"{kind} {text}" for kind, text in ids.items() if text]


def _clocks(document: Document) -> list[str]:
    """Return by which days a document goes, in words."""
    words = []
    if document["as_of"]:
        words.append(f"effective by {document['as_of']}")
    if document["known"]:
        words.append(f"known by {document['known']}")
    if record := document["record"]:
        entries = "1 entry" if record["size"] == 1 else f"{number(record['size'])} entries"
        words.append(f"{entries} on record, the last of {record['recorded_at']}")
    return words


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{number(count)} rows"


def _events(events: Sequence[Mapping[str, Any]]) -> Table:
    now = any(event["now"] for event in events)
    rests = any(_support(event) for event in events)
    heads = ["effective", "known", "what was known then" if now else "what happened"]
    heads += ["what is known now"] * now + ["evidence"] * rests
    shown = blank_table(*heads, left=range(len(heads)))
    for event in events:
        cells = [event["effective"], _learned(event), _said(event)]
        cells += [_known_now(event)] * now + [_support(event)] * rests
        shown.add_row(*cells)
    return shown


def _learned(event: Mapping[str, Any]) -> str:
    return (
        f"{event['known']}\n{_entry(event['entry']['seq'])}" if event["entry"] else event["known"]
    )


def _entry(seq: int) -> str:
    return f"entry {number(seq)}"


def _said(event: Mapping[str, Any]) -> Text:
    name = " ".join([_SINGULAR.get(event["table"], event["table"]), event["id"]])
    lines = [event["what"]] if event["what"] else []
    if who := _who(event):
        lines.append(who)
    if event["reason"]:
        lines.append(f"reason: {event['reason']}")
    if event["entry"] and (override := event["entry"]["facts"].get("override")):
        lines.append(f"recorded without the approval needed: {override}")
    if changes := _changes(event["changes"]):
        lines.append(f"changed: {changes}")
    if event["entry"] and (corrects := event["entry"]["corrects"]):
        lines.append(f"corrects {corrects}")
    if (successor := event["corrected_by"]) and not event["now"]:
        lines.append(_gave_way(successor))
    return Text.assemble((name, "bold"), *(f"\n{line}" for line in lines))


def _gave_way(successor: Mapping[str, Any]) -> str:
    how = successor["how"] + (f" by {_entry(successor['seq'])}" if successor["seq"] else "")
    return f"{how} as known from {successor['known']}" if successor["how"] == "replaced" else how


def _who(event: Mapping[str, Any]) -> str:
    words = [f"by {event['by']}"] if event["by"] else []
    if event["approved_by"]:
        words.append(f"approved by {event['approved_by']}")
    if event["authority"]:
        words.append(f"on the authority of {event['authority']}")
    if event["approvals"]:
        words.append("approvals " + ", ".join(event["approvals"]))
    return ", ".join(words)


def _known_now(event: Mapping[str, Any]) -> str:
    if now := event["now"]:
        where = f", {_entry(now['seq'])}" if now["seq"] else ""
        return f"since {now['known']}{where}: {_changes(now['changes']) or 'the same'}"
    if event["counts"]:
        return "the same"
    return "" if event["corrected_by"] is None else _gave_way(event["corrected_by"])


def _changes(changes: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(map(_change, changes))


def _change(change: Mapping[str, Any]) -> str:
    texts = [change[side] or "not given" for side in ("before", "after")]
    if max(map(len, texts)) > _LONGEST:
        return f"another {change['column']}"
    return f"{change['column']} {texts[0]} → {texts[1]}"


def _support(event: Mapping[str, Any]) -> str:
    """Return what an event rests on, a line each."""
    return "\n".join([*filter(None, [event["basis"]]), *event["evidence"]])


def _evidence(rows: Sequence[Mapping[str, Any]]) -> Table:
    shown = blank_table("document", "publisher", "title", "published", left=range(4))
    for row in rows:
        shown.add_row(
            *(row[name] or "" for name in ("evidence", "publisher", "title", "published"))
        )
    return shown


_LONGEST = 40
"""Texts of changes up to this long are shown; the others stand in --json."""

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
