"""Bundles: one file that holds all that an auditor needs, and is found out if a byte differs."""

import io
import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark

from earmark.ledger.tree import leaf_hash, root_of
from earmark.recording.archives import PackError, files_of, pack, unpack
from earmark.recording.bundles import SUMS, SUMS_CHECKPOINT, seal
from earmark.stores import open_store

QUICKSTART, CASE = EXAMPLES / "quickstart", EXAMPLES / "h100-redirect"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> str:
    """Return the address of a store that holds the quickstart."""
    address = f"sqlite:///{tmp_path_factory.mktemp('store')}/book.db"
    assert 0 == run_earmark("import", QUICKSTART, "--into", address)[0]
    return address


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> tuple[Path, str]:
    """Return the file of a key, and its public half."""
    file = tmp_path_factory.mktemp("key") / "key"
    return file, run_earmark("key", "example.com/ledger", "-o", file)[1].strip()


@pytest.fixture(scope="module")
def bundle(store, key, tmp_path_factory) -> Path:
    """Return a signed bundle of the quickstart's plan."""
    path = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    assert 0 == run_earmark("bundle", store, "-o", path, "--key", key[0])[0]
    return path


def verdict(path: str | Path, *more: str | Path, code: int = 0) -> Any:
    """Return the document of `earmark verify`, which must end with `code`."""
    ended, out, err = run_earmark("verify", path, *more, "--json")
    assert code == ended, out + err
    document = json.loads(out)
    assert document["fine"] is (code == 0) is not bool(document["findings"])
    return document


def places(document: Any) -> list[str]:
    """Return what each finding is about."""
    return [finding["what"] for finding in document["findings"]]


# What it holds


def test_a_bundle_holds_the_record_the_answer_and_the_proofs(store, bundle):
    """Any tool opens it, and every part is what the store says by itself."""
    with zipfile.ZipFile(bundle) as opened, open_store(store) as record:
        assert opened.testzip() is None
        texts = {name: opened.read(name) for name in opened.namelist()}
        assert b"".join(b"%s\n" % body for body in record.bodies()) == texts["book/record.jsonl"]
        moves = [found.seq for found in record.entries() if found.entry.kind == "move"]
    assert read_json("plan", store) == json.loads(texts["answer.json"])
    assert texts["page.html"].startswith(b"<!DOCTYPE html>")
    assert [f"proofs/{seq}.tlog-proof" for seq in sorted(moves, key=str)] == [
        name for name in texts if name.startswith("proofs/")
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--policy", "fair"),
        ("--without", "swap-december", "--known", "2024-06-30"),
        ("--with", CASE / "readings/room-from-march", "--as-of", "2024-01-01"),
        (
            "--without", "swap-december",
            "--reading", CASE / "readings/room-at-once", "--reading", CASE / "readings/none",
        ),
        ("--recorded", "100", "--include", "forecast"),
    ],
    ids=["policy", "without", "with", "readings", "recorded"],
)  # fmt: skip
def test_every_question_is_answered_again_by_verify(words, tmp_path):
    """What was asked stands in the bundle, overlays and all."""
    words = [
        word if not isinstance(word, Path) or word.exists() else CASE / "readings/room-from-march"
        for word in words
    ]
    address = f"sqlite:///{tmp_path}/book.db"
    run_earmark("import", CASE, "--into", address)
    path = tmp_path / "bundle.zip"
    assert 0 == run_earmark("bundle", address, "-o", path, *words)[0]
    found = verdict(path)
    assert [] == [remark for remark in found["remarks"] if "Nobody signed" not in remark]


def test_the_same_input_gives_the_same_bytes(store, key, bundle, tmp_path):
    """On another day, too: nothing in it is of the moment in which it was made."""
    again = tmp_path / "again.zip"
    run_earmark("bundle", store, "-o", again, "--key", key[0])
    assert bundle.read_bytes() == again.read_bytes()


def test_a_bundle_is_verified_packed_and_unpacked(bundle, key, tmp_path):
    """Also by its signature, on a machine that has nothing else."""
    folder = unpacked(bundle, tmp_path)
    for path in (bundle, folder):
        found = verdict(path, "--public", key[1])
        assert ("bundle", ["example.com/ledger"]) == (found["kind"], found["signed"])


def test_the_readme_says_truly_how_to_check_without_earmark(bundle, tmp_path):
    """The sums are in the form of sha256sum, and the lines of Python find the root."""
    folder = unpacked(bundle, tmp_path)
    for line in (folder / SUMS).read_text().splitlines():
        digest, _, name = line.partition("  ")
        assert digest == sha256((folder / name).read_bytes()).hexdigest()
    text = (folder / "README.txt").read_text()
    start = text.index("  import base64")
    lines = text[start : text.index("\n\n", start)].splitlines()
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line[2:] for line in lines)],
        cwd=folder, capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert "True\n" == done.stdout


def test_the_book_in_a_bundle_is_a_book_and_a_record(bundle, store, tmp_path):
    """Every command reads it, and an import restores the record."""
    folder = unpacked(bundle, tmp_path)
    assert read_json("plan", folder / "book") == read_json("plan", store)
    other = f"sqlite:///{tmp_path}/other.db"
    assert 0 == run_earmark("import", folder / "book", "--into", other)[0]
    with open_store(store) as one, open_store(other) as two:
        assert one.head() == two.head()


def test_evidence_is_compared_with_its_digests(tmp_path):
    """A file that is the one on record, one that is another, and one that is not there."""
    book, files = tmp_path / "book", tmp_path / "files"
    run_earmark("init", book)
    files.mkdir()
    (files / "scan.pdf").write_bytes(b"the memo")
    (files / "mail.txt").write_bytes(b"another mail")
    digests = [sha256(text).hexdigest() for text in (b"the memo", b"the mail")]
    (book / "evidence.csv").write_text(
        f"evidence,sha256\nmemo,{digests[0]}\nmail,{digests[1]}\nlost,{digests[1][::-1]}\n"
    )
    address = f"sqlite:///{tmp_path}/book.db"
    run_earmark("import", book, "--into", address)
    path = tmp_path / "bundle.zip"
    code, _, err = run_earmark("bundle", address, "-o", path, "--evidence", files)
    assert (0, True) == (code, "mail.txt is not the mail on record" in err)
    with zipfile.ZipFile(path) as opened:
        rows = json.loads(opened.read("evidence.json"))["evidence"]
    found = {row["evidence"]: (row["file"], row["same"]) for row in rows}
    assert {"memo": ("scan.pdf", True), "mail": ("mail.txt", False), "lost": (None, None)} == found
    assert verdict(path)["fine"]


# What is found


def test_every_flipped_byte_is_found(bundle, tmp_path):
    """In headers, names, contents and the list at the end, in each part of the file."""
    whole, changed = bundle.read_bytes(), tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle) as opened:
        starts = [info.header_offset for info in opened.infolist()]
        ends = [*starts[1:], opened.start_dir]
    spots = {at for start in starts for at in range(start, start + 34, 3)}
    spots |= {at for start, end in zip(starts, ends, strict=True) for at in (end - 1, end - 9)}
    spots |= set(range(ends[-1], len(whole), 23))
    for at in sorted(spots):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 2]) + whole[at + 1 :])
        assert verdict(changed, code=1)["findings"], at


def test_what_is_cut_off_or_added_is_found(bundle, tmp_path):
    """At the beginning, in the middle and at the end."""
    whole, changed = bundle.read_bytes(), tmp_path / "changed.zip"
    for content in (b"", whole[:20], whole[: len(whole) // 2], whole[:-1], whole + b"\0",
                    b"\0" + whole, whole[:-22]):  # fmt: skip
        changed.write_bytes(content)
        assert verdict(changed, code=1)["findings"]


@pytest.mark.parametrize(
    ("name", "change", "what"),
    [
        (
            "answer.json",
            lambda text: text.replace(b'"granted": ', b'"granted": 1', 1),
            "answer.json",
        ),
        ("evidence.json", lambda text: text.replace(b"e/1", b"e/2"), "evidence.json"),
        ("book/parties.csv", lambda text: text[:-2] + b"x\n", "parties"),
        ("book/book.toml", lambda text: text.replace(b'title = "', b'title = "X'), "tables beside"),
        ("book/record.jsonl", lambda text: text.replace(b'"name":"', b'"name":"X', 1), "root"),
        ("book/record.jsonl", lambda text: text[:-10], "text"),
        ("book/record.checkpoint", lambda text: text[:-9] + b"AAAAAAA=\n", "signature"),
        ("bundle.json", lambda text: text.replace(b'"as_of": null', b'"as_of": 7'), "bundle.json"),
        ("bundle.json", lambda text: text.replace(b'"size": ', b'"size": 1'), "bundle.json"),
        ("bundle.json", lambda text: b"[]", "bundle.json"),
        ("proofs/{move}.tlog-proof", lambda text: text.replace(b"index ", b"index 1"), "proofs"),
        ("proofs/{move}.tlog-proof", lambda text: None, "proofs"),
        ("book/book.toml", lambda text: None, "book/book.toml"),
        ("README.txt", lambda text: None, "README.txt"),
    ],
)
def test_a_change_with_a_new_list_of_files_is_found(name, change, what, bundle, key, tmp_path):
    """Who writes the list of files anew still meets entries, checkpoint, proofs and answer."""
    folder = unpacked(bundle, tmp_path)
    move = min(path.name.partition(".")[0] for path in (folder / "proofs").iterdir())
    path = folder / name.format(move=move)
    text = change(path.read_bytes())
    if text is None:
        path.unlink()
    else:
        assert text != path.read_bytes()
        path.write_bytes(text)
    seal(folder, "none")
    signed = verdict(repacked(folder, tmp_path), "--public", key[1], code=1)
    assert SUMS_CHECKPOINT in places(signed) or not path.exists()
    (folder / SUMS_CHECKPOINT).unlink()
    seal(folder, "none")
    more = ("--public", key[1]) if what == "signature" else ()
    found = verdict(repacked(folder, tmp_path), *more, code=1)
    assert any(place.startswith(what) for place in places(found)), places(found)


def test_an_altered_move_is_named_by_its_proof(bundle, tmp_path):
    """The proof holds the entry as it was, so that the first field that differs is told."""
    folder = unpacked(bundle, tmp_path)
    record = folder / "book/record.jsonl"
    lines = record.read_bytes().splitlines()
    seq = next(i for i, line in enumerate(lines, 1) if b'"kind":"move"' in line)
    lines[seq - 1] = lines[seq - 1].replace(b'"effective":"20', b'"effective":"21', 1)
    record.write_bytes(b"".join(line + b"\n" for line in lines))
    seal(folder, "none")
    first = verdict(repacked(folder, tmp_path), code=1)["findings"][0]
    assert (seq, "effective") == (first["entry"], first["what"])
    assert first["found"].startswith("21")


@pytest.mark.parametrize("field", ["with", "readings"])
def test_an_overlay_outside_a_bundle_is_never_read(field, bundle, tmp_path):
    """Whatever its facts name: only files below `overlays` in the bundle answer its question."""
    folder = unpacked(bundle, tmp_path)
    (folder / SUMS_CHECKPOINT).unlink()
    (tmp_path / "outside").mkdir()
    for name in (
        str(tmp_path / "outside"),
        "../outside",
        "overlays/1/../../../outside",
        "overlays/1/absent",
        "overlays",
        "book",
        "",
    ):
        facts = json.loads((bundle_facts := folder / "bundle.json").read_text())
        facts["question"][field] = [name]
        bundle_facts.write_text(json.dumps(facts))
        seal(folder, "none")
        (finding,) = verdict(folder, code=1)["findings"]
        assert ("bundle.json", True) == (
            finding["what"],
            "overlays of the bundle" in finding["found"],
        )


def test_files_that_are_missing_or_added_are_found(bundle, tmp_path):
    """By the list, whatever they hold."""
    folder = unpacked(bundle, tmp_path)
    (folder / "more.txt").write_text("more")
    assert "more.txt" in places(verdict(repacked(folder, tmp_path), code=1))
    (folder / "more.txt").unlink()
    (folder / "evidence.json").unlink()
    assert "evidence.json" in places(verdict(repacked(folder, tmp_path), code=1))


def test_a_page_that_says_something_else_is_remarked_on(bundle, tmp_path):
    """Another machine may draw it otherwise, so it is no finding by itself; the answer counts."""
    folder = unpacked(bundle, tmp_path)
    page = folder / "page.html"
    page.write_bytes(page.read_bytes().replace(b"GPU", b"gpu", 1))
    (folder / SUMS_CHECKPOINT).unlink()
    seal(folder, "none")
    assert any("page.html" in remark for remark in verdict(folder)["remarks"])


def test_an_answer_of_another_version_is_compared_and_told(bundle, tmp_path):
    """The same answer is fine and the version told; another one is a finding that names it."""
    folder = unpacked(bundle, tmp_path)
    facts = folder / "bundle.json"
    facts.write_text(facts.read_text().replace('"earmark": "', '"earmark": "9.'))
    (folder / SUMS_CHECKPOINT).unlink()
    seal(folder, "none")
    assert any("9." in remark for remark in verdict(folder)["remarks"])
    answer = folder / "answer.json"
    answer.write_bytes(answer.read_bytes().replace(b'"granted": ', b'"granted": 1', 1))
    seal(folder, "none")
    assert any("made by Earmark 9." in place for place in places(verdict(folder, code=1)))


def test_a_kept_checkpoint_is_held_against_a_bundle(bundle, store, tmp_path):
    """One that it begins with, and one of another record."""
    kept = tmp_path / "kept"
    run_earmark("checkpoint", store, "-o", kept)
    assert verdict(bundle, "--checkpoint", kept)["fine"]
    origin, size, _ = kept.read_text().splitlines()
    kept.write_text(f"{origin}\n{size}\n{'A' * 43}=\n")
    assert any("root" in place for place in places(verdict(bundle, "--checkpoint", kept, code=1)))


def test_an_unsigned_bundle_is_refused_where_a_key_is_asked_for(store, key, tmp_path):
    """Its checkpoint and its list of files have no signature."""
    path = tmp_path / "bundle.zip"
    run_earmark("bundle", store, "-o", path)
    assert {"signature", SUMS} == set(places(verdict(path, "--public", key[1], code=1)))


# Files that mean harm


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "a\\..\\out", "a//b", "C:out"])
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path):
    """Nothing is written outside, and the name is told."""
    path = tmp_path / "bad.zip"
    header = local_header(name.encode(), b"hello")
    path.write_bytes(header)
    (finding,) = verdict(path, code=1)["findings"]
    assert "no name of a file" in finding["found"]
    assert ["bad.zip"] == files_of(tmp_path)


def test_a_compressed_file_is_refused(tmp_path):
    """So that no small file unpacks to a large one."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("README.txt", b"\0" * 10_000_000)
    (finding,) = verdict(path, code=1)["findings"]
    assert "compressed" in finding["found"]


def test_files_in_the_wrong_order_or_below_a_file_are_refused(tmp_path):
    """One name twice cannot hide one file behind another."""
    for names in (("b", "a"), ("a", "a"), ("a", "a/b")):
        path = tmp_path / "bad.zip"
        path.write_bytes(b"".join(local_header(name.encode(), b"x") for name in names))
        with pytest.raises(PackError, match=r"wrong place|below a file"):
            unpack(path, tmp_path / f"out-{'-'.join(names).replace('/', '+')}")


def test_what_is_packed_is_unpacked(tmp_path):
    """Empty files, names beyond ASCII, folders in folders."""
    folder = tmp_path / "folder"
    for name in ("a/b/c.txt", "größe.txt", "empty"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode() if name != "empty" else b"")
    pack(folder, tmp_path / "file.zip")
    assert [] == unpack(tmp_path / "file.zip", tmp_path / "again")
    assert files_of(folder) == files_of(tmp_path / "again")
    with zipfile.ZipFile(tmp_path / "file.zip") as opened:
        assert files_of(folder) == opened.namelist()
        assert "größe.txt".encode() == opened.read("größe.txt")


# What is refused


def test_a_bundle_of_what_cannot_be_answered_is_not_written(store, tmp_path):
    """Wrong words, a move that is not there, an empty store: nothing is left behind."""
    path = str(tmp_path / "bundle.zip")
    for words in (
        ("--policy", "nobody"),
        ("--without", "nothing"),
        ("--evidence", str(tmp_path / "nowhere")),
        ("--key", str(tmp_path / "nowhere")),
        ("--with", str(tmp_path / "nowhere")),
        ("--recorded", "2000-01-01"),
    ):
        assert 2 == run_earmark("bundle", store, "-o", path, *words)[0], words
    empty = f"sqlite:///{tmp_path}/empty.db"
    open_store(empty, create=True).close()
    assert ["E422"] == [row["code"] for row in find_problems("bundle", empty, "-o", path)]
    assert not Path(path).exists()


def test_the_root_in_a_bundle_is_that_of_its_lines(bundle, tmp_path):
    """Computed here from the lines alone."""
    folder = unpacked(bundle, tmp_path)
    lines = (folder / "book/record.jsonl").read_bytes().splitlines()
    facts = json.loads((folder / "bundle.json").read_text())
    assert root_of(map(leaf_hash, lines)).hex() == facts["root"]


def unpacked(bundle: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(folder)
    return folder


def repacked(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "repacked.zip"
    pack(folder, path)
    return path


def local_header(name: bytes, content: bytes) -> bytes:
    """Return a file as it stands in a zip file, under any name; our marks, no compression."""
    info = zipfile.ZipInfo("x" * len(name), (1980, 1, 1, 0, 0, 0))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr(info, content)
        end = opened.start_dir
    data = bytearray(written.getvalue()[:end])
    data[6:8] = b"\x00\x08"
    data[30 : 30 + len(name)] = name
    return bytes(data)
