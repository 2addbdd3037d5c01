"""Reads a page back: its tags, its marked numbers, its text."""

import re
from decimal import Decimal
from html.parser import HTMLParser

VOID = {"br", "link", "meta", "img", "input", "hr"}


class Reader(HTMLParser):
    """Reads a page: its tags, marked cells and text, and whether the tags are nested well."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.cells: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append((tag, {name: value or "" for name, value in attrs}))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert tag == self.open.pop()[0]

    def handle_data(self, data):
        self.texts.append(data)
        attributes = self.open[-1][1] if self.open else {}
        if "data-json" in attributes:
            self.cells.append((attributes["data-json"], attributes["data-value"], data))


def spoken(value: str) -> Decimal:
    """Read a number as a page writes it: separators, a true minus sign, a unit or a currency."""
    plain = re.sub("GPU-days|GPUs without a price", "", value).replace("\N{MINUS SIGN}", "-")
    return Decimal(re.sub(r"[A-Z]{3}|[,\s]", "", plain))
