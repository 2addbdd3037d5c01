"""The documents: what they show is what the program does, and nothing of it is left out."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import check_reference
import make_reference
import pytest
import transcripts
from command import EXAMPLES, PROJECT, find_problems, read_json, run_earmark
from raw_books import write_folder

from earmark.checks.moves import KIND_RULES
from earmark.cli import COMMANDS
from earmark.policy import BUILT_IN
from earmark.schedule import CAUSES
from earmark.tables.writing import ENDINGS

QUICKSTART, CASE = EXAMPLES / "quickstart", EXAMPLES / "h100-redirect"
ASK = (
    "--party",
    "maker",
    "--product",
    "h100",
    "--site",
    "river",
    "--quantity",
    "40",
    "--due",
    "2027-03-01",
)
JSON = PROJECT / "docs/reference/json.md"

DOCUMENTS = transcripts.documents()
WITH_EXAMPLES = [path for path in DOCUMENTS if transcripts.blocks(path.read_text())]

_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def names(path: Path) -> str:
    return str(path.relative_to(PROJECT))


# Examples


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=names)
def test_examples_print_what_the_document_shows(path):
    """Every command runs and prints what stands below it; tools/transcripts.py renews that."""
    text = path.read_text()
    assert transcripts.rewritten(text) == text


def test_documents_with_examples_are_found():
    """A change of the marks around examples does not switch this off."""
    assert {"README.md", "examples/quickstart/README.md", "examples/h100-redirect/README.md"} <= {
        names(path) for path in WITH_EXAMPLES
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_every_transcript_is_one_that_runs(path):
    """No line `$ earmark` stands outside a block that is run."""
    text = path.read_text()
    run = "".join(block.text for block in transcripts.blocks(text))
    shown = re.findall(r"^\s*\$ (?:earmark|python3 x\.py earmark).*$", text, re.MULTILINE)
    assert [] == [line for line in shown if line not in run]


def test_a_changed_output_is_noticed():
    """A transcript that shows something else is rewritten to what the command prints."""
    shown = "```console\n$ earmark --version\nearmark 99\n```\n"
    code, printed, _ = run_earmark("--version")
    assert (0, f"```console\n$ earmark --version\n{printed}```\n") == (
        code,
        transcripts.rewritten(shown),
    )


# Links


@pytest.mark.parametrize("path", DOCUMENTS, ids=names)
def test_links_lead_somewhere(path):
    """Every link to a file of the project names a file that is there, and a heading in it."""
    assert [] == [link for link in links(path.read_text()) if not leads_somewhere(path, link)]


def links(text: str) -> Iterator[str]:
    for found in _LINK.finditer(_CODE.sub("", text)):
        link = found[1] or found[2]
        if not re.match(r"[a-z]+:", link):
            yield link


def leads_somewhere(path: Path, link: str) -> bool:
    file, _, heading = link.partition("#")
    target = path.parent / file if file else path
    if not target.exists():
        return False
    return not heading or heading in headings(target.read_text())


def headings(text: str) -> set[str]:
    """Return the anchors of a document, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


# The reference


def test_the_reference_is_what_the_code_says():
    """A new table, column, policy, command or code is in docs/reference, or this fails."""
    assert [] == check_reference.find_problems()


def test_what_has_no_meaning_is_named(monkeypatch):
    """A policy without a line in tools/meanings.toml is not passed over."""
    policies = {**BUILT_IN, "by_dice": BUILT_IN["fair"]}
    monkeypatch.setattr(make_reference, "BUILT_IN", policies)
    with pytest.raises(KeyError, match="by_dice"):
        make_reference.pages()


def test_a_page_that_differs_is_named(monkeypatch):
    """The check says which file to make again."""
    monkeypatch.setattr(make_reference, "COMMANDS", {"plan": "Something else."})
    assert ["docs/reference/commands.md"] == [
        problem.partition(":")[0] for problem in check_reference.find_problems()
    ]


def test_the_readme_shows_every_command():
    """Who reads the first page has met every command."""
    text = (PROJECT / "README.md").read_text()
    assert [] == [name for name in COMMANDS if not re.search(rf"(earmark|x\.py) {name}\b", text)]


def test_every_export_is_documented():
    """The endings that grants can be written with stand in the reference."""
    text = (PROJECT / "docs/reference/commands.md").read_text()
    assert [] == [ending for ending in ENDINGS if ending not in text]


def test_the_glossary_has_every_cause_and_kind_of_move():
    """The words that plans and books use are explained."""
    text = (PROJECT / "docs/glossary.md").read_text()
    assert [] == [cause for cause in CAUSES if f"| `{cause}` |" not in text]
    assert [] == [kind for kind in KIND_RULES if not re.search(rf"\b{kind}\b", text)]


# JSON


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> list[dict[str, Any]]:
    """One document or more of every kind, with every key that any has."""
    folder = tmp_path_factory.mktemp("documents")
    overlay = folder / "more"
    overlay.mkdir()
    (overlay / "lots.csv").write_text("lot,product,date,quantity\nmore,h100,2027-02-01,50\n")
    readings = (CASE / "readings/room-at-once", CASE / "readings/room-from-march")
    laid = [word for reading in readings for word in ("--reading", reading)]
    too_many = ("--from", "net-feed", "--to", "maker-training", "--quantity", 100)
    problems = find_problems("redirect", QUICKSTART, *map(str, too_many))
    store = f"sqlite:///{folder}/case.db"
    run_earmark("import", CASE, "--into", store)
    return [
        read_json("check", QUICKSTART),
        read_json("plan", QUICKSTART),
        read_json("plan", QUICKSTART, "--policy", "value"),
        read_json("plan", QUICKSTART, "--compare-rules"),
        read_json("plan", PROJECT / "examples/quotas"),
        read_json("plan", _with_least(folder)),
        read_json("plan", _with_options(folder)),
        _with_a_win(folder),
        read_json("compare", QUICKSTART, "--with", overlay),
        read_json("compare", QUICKSTART, "--policy", "priority", "--policy", "fair"),
        read_json("redirect", QUICKSTART, *map(str, (*too_many[:-1], 40))),
        read_json("compare", CASE, "--without", "swap-december", *laid),
        read_json("log", CASE, "--known", "2024-06-30"),
        read_json("log", store, "--known", "2024-06-30", "--all"),
        read_json("log", store),
        read_json("accounts", store),
        read_json("promise", QUICKSTART, *ASK, "--tiers"),
        read_json("promise", QUICKSTART, *ASK[:2], *ASK[2:-1], "2027-06-30"),
        read_json("promise", QUICKSTART, "--table"),
        read_json("explain", QUICKSTART, "lab-run"),
        read_json("explain", "E102"),
        read_json("report", QUICKSTART, "-o", folder / "page.html"),
        read_json("init", folder / "book"),
        *approvals(folder),
        read_json("promise", _with_stock(folder), *("--party", "b", "--product", "gpu"), *ASK[-4:]),
        *proofs(folder, store),
        {"format": "earmark.problems/1", "problems": problems},
    ]


def proofs(folder: Path, store: str) -> Iterator[dict[str, Any]]:
    """Yield what the commands around a record print, of one that is fine and one that is not."""
    yield read_json("import", CASE, "--into", store)
    yield read_json("key", "example.com/ledger", "-o", folder / "key")
    yield read_json("checkpoint", store, "-o", folder / "kept")
    yield read_json("prove", store, "--entry", "7", "-o", folder / "proof")
    yield read_json("verify", folder / "proof")
    yield read_json("backup", store, folder / "copy.db")
    yield read_json("doctor", store)
    yield read_json("bundle", store, "-o", folder / "bundle.zip")
    with zipfile.ZipFile(folder / "bundle.zip") as opened:
        yield json.loads(opened.read("evidence.json"))
    (folder / "proof").write_text("changed")
    yield json.loads(run_earmark("verify", folder / "proof", "--json")[1])


HALF_A_YEAR = 'title = "t"\ncurrency = "USD"\nstart = 2027-01-01\nend = 2027-07-01\n'


def _with_stock(folder: Path) -> Path:
    """Write a book with more supply than demand."""
    files = {
        "book.toml": HALF_A_YEAR,
        "lots.csv": "lot,product,date,quantity\nl1,gpu,2027-02-01,90\n",
        "orders.csv": "order,party,product,quantity,due\no1,a,gpu,40,2027-02-01\n",
    }
    return write_folder(folder / "stock", files)


def _with_least(folder: Path) -> Path:
    """Write a book with an order that asks for less than its least shipment."""
    files = {
        "book.toml": HALF_A_YEAR,
        "lots.csv": "lot,product,date,quantity\nl1,gpu,2027-02-01,90\n",
        "orders.csv": "order,party,product,quantity,due,min_ship\no1,a,gpu,40,2027-02-01,60\n",
    }
    return write_folder(folder / "least", files)


def _with_options(folder: Path) -> Path:
    """Write a book with an order that takes two products."""
    files = {
        "book.toml": HALF_A_YEAR,
        "lots.csv": "lot,product,date,quantity\nl1,gpu,2027-02-01,30\nl2,tpu,2027-03-01,30\n",
        "orders.csv": "order,party,product,quantity,due\no1,a,gpu;tpu,40,2027-02-01\n",
    }
    return write_folder(folder / "options", files)


def _with_a_win(folder: Path) -> dict[str, Any]:
    """Return the plan of a book whose order was to win and cannot."""
    files = {
        "book.toml": HALF_A_YEAR,
        "lots.csv": "lot,product,date,quantity\nl1,gpu,2027-02-01,30\n",
        "orders.csv": "order,party,product,quantity,due,confirm\no1,a,gpu,40,2027-02-01,win\n",
    }
    code, out, _ = run_earmark("plan", write_folder(folder / "win", files), "--json")
    assert 1 == code
    found: dict[str, Any] = json.loads(out)
    return found


def approvals(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield an approval, and a list with one that stands and somebody who could not give it."""
    address = f"sqlite:///{folder}/approvals.db"
    files = {
        "book.toml": 'title = "t"\ncurrency = "USD"\nstart = 2024-01-01\nend = 2030-01-01\n'
        '[approval]\napprovers = ["fund", "Audit committee"]\n'
        '[approval.declared]\n"one decision maker" = ["holder", "fund"]\n',
        "parties.csv": "party\nmaker\nnet\nholder\nfund\n",
        "stakes.csv": "holder,held,percent\nholder,maker,20\nholder,net,60\nfund,holder,50\n",
        "lots.csv": "lot,product,date,quantity\nl1,h,2024-02-01,100\n",
        "orders.csv": "order,party,product,quantity,due\no1,maker,h,100,2024-02-01\n"
        "o2,net,h,100,2024-02-01\n",
        "moves.csv": "move,kind,date,quantity,lot,order\ne1,earmark,2024-02-01,100,l1,o1\n",
    }
    book = write_folder(folder / "approvals", files)
    cells = "move=r1 kind=redirect date=2024-03-01 quantity=40 lot=l1 order=o1 to_order=o2"
    for words in (
        ("import", book, "--into", address),
        ("record", address, "move", *cells.split(), "--by", "vendor", "--propose"),
    ):
        code, _, err = run_earmark(*words)
        assert 0 == code, err
    proposal = read_json("approvals", address)["cases"][0]["proposal"]
    yield read_json("approve", address, proposal, "--by", "Audit committee")
    yield read_json("approvals", address)


def test_every_key_of_every_document_is_named(printed):
    """docs/reference/json.md names exactly the keys that documents have."""
    found: dict[str, set[str]] = {}
    for document in printed:
        gather(document, found)
    assert documented() == found


def test_every_format_is_named():
    """A new kind of document is in docs/reference/json.md."""
    source = "".join(path.read_text() for path in (PROJECT / "src").rglob("*.py"))
    assert set(documented()) == set(re.findall(r"\"(earmark\.\w+/\d+)\"", source))


def test_warnings_look_like_problems(printed):
    """One reader does for both."""
    book = PROJECT / "tests/cases/books/one-of-everything"
    (problem,) = printed[-1]["problems"]
    for document in (read_json("check", book), read_json("plan", book)):
        assert all(problem.keys() == warning.keys() for warning in document["warnings"])


def documented() -> dict[str, set[str]]:
    """Return the keys that each section of json.md names."""
    sections = re.split(r"^## (earmark\S+)\n", JSON.read_text(), flags=re.MULTILINE)[1:]
    return {
        name: {
            key for row in re.findall(r"^\| `([^`]+)`", text, re.MULTILINE) for key in expanded(row)
        }
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def expanded(row: str) -> Iterator[str]:
    """Yield the keys of a row: `x.{a,b}` are x, x.a and x.b."""
    stem, both, _ = row.partition(".{a,b}")
    yield stem
    if both:
        yield from (f"{stem}.a", f"{stem}.b")


NAMES = {"range", "rows", "cells", "facts"}
"""Keys that hold names of the book and not keys of ours."""
ELSEWHERE = {("earmark.explanation/1", "order")}
"""What is described in another section."""


def gather(document: dict[str, Any], found: dict[str, set[str]]) -> None:
    """Add the paths of a document's keys to those of its format; documents inside it to theirs."""
    name = document["format"]

    def walk(cells: dict[str, Any], before: str) -> None:
        for key, value in cells.items():
            path = before + key
            found.setdefault(name, set()).add(path)
            if key == "warnings" or (name, path) in ELSEWHERE:
                continue
            if key in NAMES:
                for cell in value.values():
                    walk({"*": cell} if isinstance(cell, dict) else {}, f"{path}.")
            elif isinstance(value, dict):
                walk(value, f"{path}.")
            elif isinstance(value, list):
                for item in value:
                    if isinstance(item, dict) and "format" in item:
                        gather(item, found)
                    elif isinstance(item, dict):
                        walk(item, f"{path}[].")

    walk(json.loads(json.dumps(document)), "")
