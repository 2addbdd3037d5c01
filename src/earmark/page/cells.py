"""Cells and grids of a page: every number knows the place in the JSON that it was read from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from earmark.amounts import money, number
from earmark.book import Book
from earmark.sentences import Document


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; numbers stand to the right."""

    text: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together under a label of their own, or under none."""

    label: str | None
    rows: Sequence[Sequence[Markup | str]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the first cell of each row is its head; `note` says what is left out."""

    caption: str
    heads: Sequence[Head]
    groups: Sequence[Group]
    note: str = ""

    def __len__(self) -> int:
        """Return the number of rows in all groups."""
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Facts:
    """A document whose values are shown by their JSON pointer (RFC 6901)."""

    document: Document
    currency: str

    def at(self, pointer: str) -> Any:
        """Return the value at `pointer`; KeyError or IndexError if there is none."""
        value: Any = self.document
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            value = value[int(key)] if isinstance(value, Sequence) else value[key]
        return value

    def cell(self, pointer: str, unit: str = "") -> Markup:
        """Return the number at `pointer` marked with its place and its raw value."""
        value = self.at(pointer)
        text = "–" if value is None else f"{number(value)}{unit}"
        return self._marked(pointer, value, text)

    def money(self, pointer: str) -> Markup:
        """Return the amount at `pointer` with its currency."""
        value = self.at(pointer)
        return self._marked(pointer, value, "–" if value is None else money(value, self.currency))

    @staticmethod
    def _marked(pointer: str, value: object, text: str) -> Markup:
        raw = value if isinstance(value, str) else json.dumps(value)
        return Markup('<span class="n" data-json="{}" data-value="{}">{}</span>').format(
            pointer, raw, text
        )


def step(key: str) -> str:
    """Return a key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def day(text: str | date | None) -> Markup:
    """Return a day that is not broken over two lines."""
    if text is None:
        return Markup("–")
    return Markup('<time class="n" datetime="{0}">{0}</time>').format(str(text))


def joined(parts: Iterable[Markup | str], between: str = ", ") -> Markup:
    """Return parts, escaped where they are plain text, one behind the other."""
    return escape(between).join(parts)


def link(text: str, url: str | None) -> Markup:
    """Return `text`, as a link if `url` is an http or https address; nothing else is followed."""
    if url and _is_web(url):
        return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, text)
    return escape(text)


def sources(book: Book, evidence: Iterable[str]) -> Markup:
    """Return the documents behind a fact as links, by publisher and day."""
    cells: list[Markup] = []
    for source in evidence:
        record = book.evidence.get(source)
        named = [text for text in (record.publisher, record.published) if text] if record else []
        cells.append(link(", ".join(named) or source, record.url if record else None))
    return joined(cells, "; ")


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
