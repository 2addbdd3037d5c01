"""earmark.page: what stands on a page equals the document, needs nothing else and is escaped."""

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from page_examples import EXAMPLES, book, hostile, make_series, plan, readings, several, single
from page_reader import Reader, spoken

from earmark.page import Page, Reading, render_page
from earmark.page.cells import Facts, link
from earmark.sentences import finding


@pytest.fixture(params=EXAMPLES, scope="module")
def example(request) -> tuple[Page, str]:
    page = EXAMPLES[request.param]()
    return page, render_page(page)


def test_every_marked_number_is_the_documents(example):
    """Raw value and shown text of each cell equal the JSON at the cell's pointer."""
    page, html = example
    facts = Facts(json.loads(json.dumps(page.document)), "USD")
    for pointer, raw, text in Reader(html).cells:
        value = facts.at(pointer)
        assert (value if isinstance(value, str) else json.dumps(value)) == raw
        assert (text == "–") if value is None else (Decimal(str(value)) == spoken(text))


def test_a_page_marks_the_numbers_it_is_about():
    """All figures of all parties in all readings, and the stated range, are on the page."""
    page = readings()
    marked = {pointer for pointer, _, _ in Reader(render_page(page)).cells}
    for i, comparison in enumerate(page.document["readings"]):
        for k, line in enumerate(comparison["parties"]):
            place = f"/readings/{i}/parties/{k}"
            pairs = [name for name, value in line.items() if isinstance(value, dict)]
            wanted = {f"{place}/{name}/{side}" for name in pairs for side in "ab"}
            assert wanted | {f"{place}/active_unit_days_lost", f"{place}/mean_shift_days"} <= marked
    assert "/range/tesla/active_unit_days_lost/1" in marked


def test_tags_are_nested_well_and_ids_are_unique(example):
    """Every element that is opened is closed in turn; no id stands twice."""
    reader = Reader(example[1])
    assert [] == reader.open
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert sorted(set(ids)) == sorted(ids)


def test_nothing_comes_from_elsewhere(example):
    """No script, image, font or style of another file: only plain links lead out."""
    _, html = example
    reader = Reader(html)
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "base", "form", "use"}
    for tag, attributes in reader.tags:
        assert not {"src", "srcset", "action", "background"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            allowed = "data:," if tag == "link" else ("http://", "https://")
            assert attributes["href"].startswith(allowed)
    assert not re.search(r"@import|@font-face|url\((?!#)", html)


def test_what_users_write_is_text():
    """Ids, names, notes and addresses that look like markup or a script are shown as they are."""
    html = render_page(hostile())
    assert "<script" not in html.lower()
    assert "javascript:" not in html.replace(">javascript:alert(1)<", "")
    assert "<script>alert(1)</script>" in "".join(Reader(html).texts)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "ftp://a",
        "https:",
        "",
        "http://[",
    ],
)
def test_only_web_addresses_are_links(url):
    """An address that is not http or https is no link."""
    assert "text" == str(link("text", url))


def test_the_same_page_gives_the_same_bytes():
    """Two runs in one process and one in another, elsewhere on the globe, agree."""
    code = (
        "import sys; from page_examples import EXAMPLES; from earmark.page import render_page;"
        "sys.stdout.buffer.write(''.join(render_page(p()) for p in EXAMPLES.values()).encode())"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "TZ": "Pacific/Apia", "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    first = "".join(render_page(make()) for make in EXAMPLES.values())
    assert first == "".join(render_page(make()) for make in EXAMPLES.values())
    assert first == other.stdout.decode()


def test_a_page_opens_with_its_finding(example):
    """The one sentence stands on the page once, and in the description for search and sharing."""
    page, html = example
    sentence = finding(page.document, sides=page.sides, names=page.names)
    texts = [text.strip() for text in Reader(html).texts]
    assert 1 == texts.count(sentence)


def test_each_table_has_a_caption_and_scoped_heads(example):
    """A screen reader hears what each table is, and the head of each cell."""
    reader = Reader(example[1])
    tables = sum(tag == "table" for tag, _ in reader.tags)
    assert tables == sum(tag == "caption" for tag, _ in reader.tags)
    assert all("scope" in attributes for tag, attributes in reader.tags if tag == "th")
    headings = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert 1 == headings[0] == headings.count(1)
    assert all(b - a <= 1 for a, b in pairwise(headings))


def test_every_given_cell_of_the_book_is_shown():
    """Whatever a row of any table gives is on the page, so nothing is read and hidden."""
    page = readings()
    text = " ".join(Reader(render_page(page)).texts).replace(",", "")
    for table in page.book.tables.values():
        for name, cells in table.columns.items():
            for cell in cells:
                if cell not in (None, ()) and name != "evidence":
                    assert str(cell) in text


def test_assumptions_of_readings_are_named():
    """A row that a reading lays over the book is shown under the name of that reading."""
    page = single()
    overlay = book(
        lots=[
            {
                "lot": "other",
                "product": "H100",
                "date": page.book.start,
                "quantity": 5,
                "basis": "assumed",
                "note": "The other split.",
            }
        ]
    )
    lots = overlay.lots
    marked = type(lots)(lots.name, lots.columns, lots.rows, ["readings/split"])
    laid = page.book.replace_table(page.book.lots.joined(marked))
    reading = Reading("another split", page.readings[0].series, laid)
    html = render_page(Page(page.book, page.document, (reading,), page.command, page.sides))
    assert "Reading: another split<" in html
    assert 1 == html.count("<td>The other split.</td>")


def test_how_sure_a_row_is_does_not_hang_on_colour():
    """Each basis has a word and a shape of its own."""
    html = render_page(readings())
    for shape, word in (("●", "reported"), ("▲", "assumed"), ("○", "unknown")):
        assert f'<span aria-hidden="true">{shape}</span> {word}</span>' in html


def test_a_hundred_thousand_orders_stay_readable():
    """A page of a big book stays below 5 MB and says how much it leaves out, and where it is."""
    page = plan(parties=300, orders=100_000)
    html = render_page(page)
    assert len(html) < 5_000_000
    late = sum(bool(line["why"]) for line in page.document["orders"])
    assert f"{late - 200:,} more late orders are left out here; earmark plan BOOK -o FILE" in html
    assert "99,500 more rows are in the book" in html


def test_many_readings_and_parties_are_cut_by_name():
    """What the chart leaves out is counted below it."""
    rooms = [(readings().book.start, f"reading {i}") for i in range(12)]
    assert "3 more readings are in the tables." in render_page(several(rooms))
    assert "2 more parties are in the table below." in render_page(plan())


def test_readings_that_agree_are_told_once():
    """Orders that move alike in every reading are listed once, under all of them."""
    html = render_page(readings())
    assert 1 == html.count('<th scope="row">tesla-1</th>\n') or "in every reading" in html


def test_a_party_of_one_side_alone_is_drawn():
    """A party that only one reading knows does not break the page."""
    page = readings()
    extra = make_series("new", *([(page.book.start, 3)] for _ in range(4)))
    first = page.readings[0]
    more = (Reading(first.label, (*first.series, extra)), *page.readings[1:])
    assert render_page(Page(page.book, page.document, more, page.command, page.sides))
