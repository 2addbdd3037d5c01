"""Keys, checkpoints, proofs and verify: what was changed is found, and named."""

import json
import re
import shutil
import stat
from pathlib import Path
from typing import Any

import apsw
import pytest
from command import EXAMPLES, find_problems, read_json, run_earmark
from other_types import swapped

from earmark.ledger.checkpoints import Checkpoint, Note, parse_key, parse_note, verify_note
from earmark.ledger.entries import parse_recorded
from earmark.ledger.proofs import prove_inclusion
from earmark.ledger.tree import Tree, leaf_hash, root_of
from earmark.recording import verifying
from earmark.stores import open_store, verification
from earmark.stores.signing import check, parse_signing_key

QUICKSTART = EXAMPLES / "quickstart"


@pytest.fixture
def recorded(address: str) -> str:
    """Return the address of a store that holds the quickstart, in each kind of database."""
    assert 0 == run_earmark("import", QUICKSTART, "--into", address)[0]
    return address


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the address of a store of SQLite that holds the quickstart."""
    address = f"sqlite:///{tmp_path}/book.db"
    assert 0 == run_earmark("import", QUICKSTART, "--into", address)[0]
    return address


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """Return the file of a new key, and its public half."""
    file = tmp_path / "key"
    code, out, _ = run_earmark("key", "example.com/ledger", "-o", file)
    assert 0 == code
    return file, out.strip()


def grow(address: str) -> None:
    """Record one more row."""
    assert 0 == run_earmark("record", address, "party", "party=newco", "name=Newco")[0]


def verdict(*arguments: str | Path, code: int = 0) -> Any:
    """Return the document of `earmark verify`, which must end with `code`."""
    ended, out, err = run_earmark("verify", *arguments, "--json")
    assert code == ended, out + err
    document = json.loads(out)
    assert "earmark.verification/1" == document["format"]
    assert document["fine"] is (code == 0)
    assert document["fine"] is not bool(document["findings"])
    return document


# Keys


def test_a_key_is_a_secret_and_its_public_half_is_told(key):
    """The file is for its owner alone; what is printed is what others check with."""
    file, public = key
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert parse_signing_key(file.read_text().rstrip("\n")).public == parse_key(public)


def test_a_key_is_never_overwritten(key, tmp_path):
    """Nor is the secret ever printed."""
    file, _ = key
    before = file.read_text()
    code, out, err = run_earmark("key", "example.com/ledger", "-o", file)
    assert (2, before) == (code, file.read_text())
    assert before.split("+", 4)[4].strip() not in out + err
    assert 2 == run_earmark("key", "no + such name", "-o", tmp_path / "other")[0]
    assert not (tmp_path / "other").exists()


def test_a_key_that_others_can_read_is_remarked_on(key, store):
    """It works, and the command says how to mend it."""
    file, _ = key
    file.chmod(0o644)
    code, _, err = run_earmark("checkpoint", store, "--key", file)
    assert 0 == code
    assert "chmod 600" in err


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+x", "example.com+00000000+AAAA"])
def test_what_is_no_key_is_refused(text, store, tmp_path):
    """As wrong usage, in words."""
    (tmp_path / "bad").write_text(text)
    assert 2 == run_earmark("checkpoint", store, "--key", tmp_path / "bad")[0]
    assert 2 == run_earmark("verify", store, "--public", tmp_path / "bad")[0]


# Checkpoints


def test_a_checkpoint_is_the_root_of_the_record(recorded, key, tmp_path):
    """Printed or written, it is the same; signed, it holds for the key."""
    code, out, _ = run_earmark("checkpoint", recorded)
    with open_store(recorded) as store:
        head = store.head()
        expected = Checkpoint(store.origin, head.size, head.root).text
    assert (0, expected) == (code, out)
    file, public = key
    assert 0 == run_earmark("checkpoint", recorded, "--key", file, "-o", tmp_path / "c")[0]
    note = parse_note((tmp_path / "c").read_text())
    assert expected == note.checkpoint.text
    assert (parse_key(public),) == verify_note(note, [parse_key(public)], check)


def test_nobody_signs_a_root_that_the_entries_do_not_lead_to(store, tmp_path):
    """A checkpoint, a proof or a bundle of an altered store is refused, and nothing is written."""
    alter(store, "UPDATE entry SET body = replace(body, 'row', 'raw') WHERE seq = 7")
    for words in (
        ("checkpoint", store),
        ("prove", store, "--entry", "7"),
        ("bundle", store),
    ):
        (problem,) = find_problems(*words, "-o", str(tmp_path / "out"))
        assert "E433" == problem["code"]
    assert not (tmp_path / "out").exists()


# Proofs


def test_an_entry_is_proven_by_id_and_by_number(recorded, tmp_path):
    """The proof holds the entry itself, and is verified without the store."""
    with open_store(recorded) as store:
        entry = next(found for found in store.entries() if found.entry.kind == "move")
    for name in (entry.entry.id, str(entry.seq)):
        file = tmp_path / "proof"
        assert 0 == run_earmark("prove", recorded, "--entry", name, "-o", file)[0]
        found = verdict(file)
        assert ("inclusion", entry.body.decode()) == (found["kind"], found["entry"])


def test_a_record_is_proven_to_have_grown(recorded, key, tmp_path):
    """From a checkpoint that was kept to the one in the proof."""
    file, public = key
    kept, proof = tmp_path / "kept", tmp_path / "proof"
    run_earmark("checkpoint", recorded, "--key", file, "-o", kept)
    grow(recorded)
    words = ("prove", recorded, "--since", kept, "--key", file, "-o", proof)
    assert 0 == run_earmark(*words)[0]
    found = verdict(proof, "--checkpoint", kept, "--public", public)
    assert ("consistency", ["example.com/ledger"]) == (found["kind"], found["signed"])
    assert 2 == run_earmark("verify", proof)[0]


def test_there_is_no_proof_of_what_is_not_so(store, tmp_path):
    """No such entry is wrong usage; a record that does not begin so is a finding."""
    for name in ("0", "100000", "moves/nothing"):
        assert 2 == run_earmark("prove", store, "--entry", name, "-o", tmp_path / "p")[0]
    assert 2 == run_earmark("prove", store, "-o", tmp_path / "p")[0]
    with open_store(store) as opened:
        origin, size = opened.origin, opened.head().size
    for checkpoint in (
        Checkpoint(origin, size, bytes(32)),
        Checkpoint(origin, size + 1, bytes(32)),
        Checkpoint("another", size, bytes(32)),
    ):
        (tmp_path / "c").write_text(checkpoint.text)
        words = ("prove", store, "--since", str(tmp_path / "c"), "-o", str(tmp_path / "p"))
        assert ["E433"] == [problem["code"] for problem in find_problems(*words)]
    assert not (tmp_path / "p").exists()


def test_every_flipped_byte_of_a_proof_is_found(store, key, tmp_path):
    """Of both kinds of proof and of a checkpoint: none is taken for what it was."""
    file, public = key
    kept, inclusion, consistency = (tmp_path / name for name in ("kept", "one", "two"))
    run_earmark("checkpoint", store, "--key", file, "-o", kept)
    grow(store)
    run_earmark("prove", store, "--entry", "7", "--key", file, "-o", inclusion)
    run_earmark("prove", store, "--since", kept, "--key", file, "-o", consistency)
    for path, more in (
        (kept, ()),
        (inclusion, ()),
        (consistency, ("--checkpoint", kept)),
    ):
        whole, changed = path.read_bytes(), tmp_path / "changed"
        assert 0 == run_earmark("verify", path, "--public", public, *more)[0]
        for at in range(0, len(whole), 7):
            changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert 1 == run_earmark("verify", changed, "--public", public, *more)[0], at
        for cut in (0, 1, len(whole) // 2, len(whole) - 1):
            changed.write_bytes(whole[:cut])
            assert 1 == run_earmark("verify", changed, "--public", public, *more)[0], cut


def test_a_checkpoint_by_another_key_is_refused(store, key, tmp_path):
    """--public wants that key, whoever else signed; without it nobody is believed to have."""
    file, public = key
    run_earmark("checkpoint", store, "-o", tmp_path / "unsigned")
    run_earmark("checkpoint", store, "--key", file, "-o", tmp_path / "signed")
    _, other, _ = run_earmark("key", "example.com/ledger", "-o", tmp_path / "other")
    (tmp_path / "public").write_text(public + "\n")
    signed = ("--checkpoint", tmp_path / "signed")
    assert ["example.com/ledger"] == verdict(store, *signed, "--public", public)["signed"]
    assert 0 == run_earmark("verify", store, *signed, "--public", tmp_path / "public")[0]
    for words in ((*signed, "--public", other.strip()),
                  ("--checkpoint", tmp_path / "unsigned", "--public", public)):  # fmt: skip
        (finding,) = verdict(store, *words, code=1)["findings"]
        assert "signature" == finding["what"]
    (remark,) = verdict(store, "--checkpoint", tmp_path / "unsigned")["remarks"]
    assert "Nobody signed" in remark
    assert 2 == run_earmark("verify", store, "--public", public)[0]
    assert 2 == run_earmark("verify", store, *signed, "--public", file)[0]


def test_a_kept_checkpoint_by_another_key_is_refused_with_a_proof_of_growth(store, key, tmp_path):
    """--public holds for the older checkpoint, too: who else wrote it could have written any."""
    file, public = key
    run_earmark("checkpoint", store, "-o", tmp_path / "unsigned")
    run_earmark("key", "example.com/ledger", "-o", tmp_path / "other")
    run_earmark("checkpoint", store, "--key", tmp_path / "other", "-o", tmp_path / "others")
    grow(store)
    proof = tmp_path / "proof"
    words = ("--since", tmp_path / "unsigned", "--key", file, "-o", proof)
    assert 0 == run_earmark("prove", store, *words)[0]
    for kept in ("unsigned", "others"):
        words = ("--checkpoint", tmp_path / kept)
        assert verdict(proof, *words)["fine"]
        (finding,) = verdict(proof, *words, "--public", public, code=1)["findings"]
        assert "signature of the older checkpoint" == finding["what"]


def test_an_entry_that_stands_in_another_place_is_not_proven(store, tmp_path):
    """The entry says its own number, and has to be the one that the proof leads from."""
    with open_store(store) as opened:
        bodies, origin = list(opened.bodies())[:3], opened.origin
    tree = Tree.of(map(leaf_hash, [bodies[0], bodies[2], bodies[1]]))
    note = Note(Checkpoint(origin, 3, tree.root(3)))
    (tmp_path / "proof").write_text(prove_inclusion(tree, 1, note, bodies[2]).text)
    (finding,) = verdict(tmp_path / "proof", code=1)["findings"]
    assert (2, "seq", "2", "3") == (
        finding["entry"], finding["what"], finding["expected"], finding["found"]
    )  # fmt: skip


# Stores


def test_a_store_that_is_as_it_was_is_fine(recorded, tmp_path):
    """Also against a checkpoint and an export of earlier; the words say what that proves."""
    run_earmark("checkpoint", recorded, "-o", tmp_path / "kept")
    run_earmark("export", recorded, tmp_path / "export")
    grow(recorded)
    for more in ((), ("--checkpoint", tmp_path / "kept"), ("--checkpoint", tmp_path / "export")):
        code, out, _ = run_earmark("verify", recorded, *more)
        assert 0 == code, out
        assert "This shows that the record" in out
    assert "somebody else kept" in run_earmark("verify", recorded)[1]


def test_a_record_that_grows_meanwhile_is_told_as_of_one_moment(store, monkeypatch):
    """Size, root and moment are those of one walk over the entries."""
    with open_store(store) as opened:
        head = opened.head()

    def verify_and_grow(*arguments: Any) -> Any:
        found = verification.verify(*arguments)
        grow(store)
        return found

    monkeypatch.setattr(verifying, "verify", verify_and_grow)
    found = verdict(store)
    assert (head.size, head.recorded_at) == (found["size"], found["recorded_at"])


def test_corrections_and_what_is_taken_out_leave_the_postings_right(recorded):
    """What entries post, one after the other, is what the moves of the book come to in the end."""
    hold = ("move=hold", "kind=earmark", "lot=march", "order=lab-run", "date=2027-03-08")
    ship = ("move=ship", "kind=ship", "lot=march", "order=lab-run", "date=2027-03-20")
    for words in (
        ("move", *ship, "quantity=8"),
        ("move", *hold, "quantity=16"),
        ("move", *hold, "quantity=24", "--correct"),
        ("move", *hold, "quantity=32", "known=2027-04-01"),
        ("lot", "lot=late", "product=h100", "date=2027-05-01", "quantity=64"),
        ("lot", "lot=late", "product=h100", "date=2027-06-01", "quantity=48", "--correct"),
        ("move", "move=ship", "drop=yes"),
        ("lot", "lot=late", "drop=yes"),
    ):
        code, out, err = run_earmark("record", recorded, *words)
        assert 0 == code, out + err
    assert 0 == run_earmark("redirect", recorded, "--from", "lab-run", "--to", "net-feed",
                            "--quantity", "8", "--record")[0]  # fmt: skip
    assert verdict(recorded)["fine"]


@pytest.mark.parametrize(
    ("sql", "entry", "what"),
    [
        ("UPDATE entry SET body = replace(body, '\"id\":', '\"Id\":') WHERE seq = 5", 5, "leaf"),
        ("UPDATE posting SET quantity = quantity + 1 WHERE seq = (SELECT MIN(seq) FROM posting)",
         None, "postings"),
        ("DELETE FROM entry WHERE seq = 9", 9, "seq"),
        ("UPDATE head SET size = size - 1", None, "head, size"),
    ],
)  # fmt: skip
def test_an_edited_store_is_found_out(sql, entry, what, store):
    """The first entry that differs is named, with what was expected and what was found."""
    alter(store, sql)
    findings = verdict(store, code=1)["findings"]
    found = next(finding for finding in findings if finding["what"] == what)
    assert entry in (None, found["entry"])
    assert found["expected"] != found["found"]
    code, out, _ = run_earmark("verify", store)
    assert 1 == code
    assert re.search(r"expected .*\n +found", out)


def test_a_record_written_anew_is_found_by_what_others_kept(store, tmp_path):
    """It fits itself; a checkpoint tells that it is another, an export which entry."""
    kept = tmp_path / "kept"
    run_earmark("checkpoint", store, "-o", kept)
    run_earmark("export", store, tmp_path / "export")
    forged = forge(store, tmp_path, lambda line: line.replace(b'"name":"', b'"name":"The '))
    assert verdict(forged)["fine"]
    (finding,) = verdict(forged, "--checkpoint", kept, code=1)["findings"]
    assert finding["entry"] is None
    assert "root of the first" in finding["what"]
    (finding,) = verdict(forged, "--checkpoint", tmp_path / "export", code=1)["findings"]
    lines = (tmp_path / "export/record.jsonl").read_bytes().splitlines()
    first = next(seq for seq, line in enumerate(lines, 1) if b'"name":"' in line)
    assert (first, "changes") == (finding["entry"], finding["what"])
    assert "The " in finding["found"]


def test_a_record_cut_short_is_found_by_what_others_kept(store, tmp_path):
    """Taken back to an earlier state, it fits itself again, but not the later checkpoint."""
    shutil.copy(store.removeprefix("sqlite:///"), tmp_path / "early.db")
    with open_store(store) as opened:
        size = opened.head().size
    grow(store)
    run_earmark("checkpoint", store, "-o", tmp_path / "kept")
    early = f"sqlite:///{tmp_path}/early.db"
    assert verdict(early)["fine"]
    (finding,) = verdict(early, "--checkpoint", tmp_path / "kept", code=1)["findings"]
    assert (f"{size + 1} entries", f"{size} entries") == (finding["expected"], finding["found"])


def test_another_ledger_is_not_taken_for_this_one(store, tmp_path):
    """A checkpoint of the same entries under another name is none of this record."""
    kept = tmp_path / "kept"
    run_earmark("checkpoint", store, "-o", kept)
    kept.write_text(kept.read_text().replace("earmark/", "another/"))
    assert ["origin"] == [
        finding["what"] for finding in verdict(store, "--checkpoint", kept, code=1)["findings"]
    ]


def test_postings_that_the_moves_do_not_come_to_are_found(store, tmp_path):
    """Rewritten with all hashes, the units on record are not those of the book."""

    def more(line: bytes) -> bytes:
        return re.sub(rb'("quantity":")(\d+)(".*"table":"lots")', rb"\g<1>9\2\3", line)

    forged = forge(store, tmp_path, more)
    (finding,) = verdict(forged, code=1)["findings"]
    assert "units posted to" in finding["what"]
    assert finding["id"].startswith("lots/")


def test_a_book_with_problems_is_found(store, tmp_path):
    """Rewritten so that the book does not hold, the entry is named with the problem."""

    def no_site(line: bytes) -> bytes:
        return line.replace(b'"site":"', b'"site":"no-') if b'"table":"orders"' in line else line

    forged = forge(store, tmp_path, no_site)
    assert any("no-" in finding["found"] for finding in verdict(forged, code=1)["findings"])


# Exported folders


def test_an_exported_folder_is_verified_without_the_store(store, tmp_path):
    """As it was written, and against a checkpoint."""
    folder = tmp_path / "export"
    run_earmark("checkpoint", store, "-o", tmp_path / "kept")
    run_earmark("export", store, folder)
    found = verdict(folder, "--checkpoint", tmp_path / "kept")
    assert ("folder", found["size"]) == (found["kind"], len(lines_of(folder)))


def test_every_change_of_an_exported_folder_is_found(store, tmp_path):
    """Of entries, checkpoint and tables; a bad entry is named."""
    folder = tmp_path / "export"
    run_earmark("export", store, folder)
    for name, change in (
        ("record.jsonl", lambda text: text.replace(b'"seq":4', b'"seq":5', 1)),
        ("record.jsonl", lambda text: text.replace(b'"name":"', b'"name":"The ', 1)),
        ("record.jsonl", lambda text: text[: text.rindex(b"\n", 0, -1) + 1]),
        ("record.jsonl", lambda text: text + text.splitlines(keepends=True)[0]),
        ("record.jsonl", lambda text: b""),
        ("record.checkpoint", lambda text: text[:-3] + b"A\n"),
        ("record.checkpoint", lambda text: text.replace(b"earmark/", b"Earmark/")[1:]),
        ("parties.csv", lambda text: text[:-2] + b"x\n"),
        ("lots.csv", lambda text: text.replace(b",", b";")),
    ):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(change(whole))
        assert whole != (folder / name).read_bytes()
        if name != "record.checkpoint" or not change(whole).startswith(b"arm"):
            assert verdict(folder, code=1)["findings"], name
        (folder / name).write_bytes(whole)
    assert verdict(folder)["fine"]
    (folder / "record.jsonl").write_bytes(
        (folder / "record.jsonl").read_bytes().replace(b'"seq":4', b'"seq":5', 1)
    )
    assert 4 == verdict(folder, code=1)["findings"][0]["entry"]


def test_every_flipped_byte_of_an_entry_is_found(store, tmp_path):
    """Whatever it hits: the entries lead to another root."""
    folder = tmp_path / "export"
    run_earmark("export", store, folder)
    whole = (folder / "record.jsonl").read_bytes()
    for at in range(0, len(whole), len(whole) // 60):
        (folder / "record.jsonl").write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert verdict(folder, code=1)["findings"], at


def test_a_value_of_another_type_is_found(store, tmp_path):
    """In an exported folder, its import and a store: the entry is named, and nothing breaks."""
    folder = tmp_path / "export"
    run_earmark("export", store, folder)
    lines = lines_of(folder)
    seq = next(i for i, line in enumerate(lines, 1) if b'"kind":"move"' in line)
    empty = {"": re.sub(rb'"changes":.*?\}\],', b"", lines[seq - 1]).replace(b'"move"', b'"row"')}
    bodies = empty | swapped(lines[seq - 1])
    for n, (place, body) in enumerate(bodies.items()):
        rewrite(folder, [*lines[: seq - 1], body, *lines[seq:]])
        assert seq == verdict(folder, code=1)["findings"][0]["entry"], place
        if n % 8:
            continue
        (problem,) = find_problems("import", folder, "--into", f"sqlite:///{tmp_path}/new.db")
        assert f"entry {seq}, " in problem["message"], place
        leaf = leaf_hash(body).hex()
        alter(store, f"UPDATE entry SET body = {quoted(body)}, leaf = x'{leaf}' WHERE seq = {seq}")
        assert seq == verdict(store, code=1)["findings"][0]["entry"], place


def test_rows_that_no_book_can_hold_are_found(store, tmp_path):
    """A table that there is not, settings without a key: the entry is named."""
    folder = tmp_path / "export"
    run_earmark("export", store, folder)
    lines = lines_of(folder)
    for seq, old, new in ((2, b'"table":"', b'"table":"no-'), (1, b'"key":', b'"kay":')):
        body = lines[seq - 1].replace(old, new)
        rewrite(folder, [*lines[: seq - 1], body, *lines[seq:]])
        assert seq == verdict(folder, code=1)["findings"][0]["entry"]
        (problem,) = find_problems("import", folder, "--into", f"sqlite:///{tmp_path}/new.db")
        assert f"entry {seq}, " in problem["message"]
        leaf = leaf_hash(body).hex()
        alter(store, f"UPDATE entry SET body = {quoted(body)}, leaf = x'{leaf}' WHERE seq = {seq}")
        assert not verdict(store, code=1)["fine"]


# What is none


def test_what_is_not_there_is_wrong_usage(tmp_path, store):
    """A path or store that is absent, a folder without a record."""
    for what in (tmp_path / "nothing", f"sqlite:///{tmp_path}/nothing.db", QUICKSTART):
        assert 2 == run_earmark("verify", what)[0]
    assert 2 == run_earmark("verify", store, "--checkpoint", tmp_path / "nothing")[0]
    assert 2 == run_earmark("checkpoint", f"sqlite:///{tmp_path}/nothing.db")[0]


def test_a_file_that_is_no_proof_is_a_finding(tmp_path):
    """Text, bytes or nothing at all."""
    for content in (b"hello\n", b"\xff\xfe", b""):
        (tmp_path / "file").write_bytes(content)
        assert "file" == verdict(tmp_path / "file", code=1)["kind"]


def test_the_file_of_a_store_is_the_store(store):
    """Who names the file means the store in it."""
    path = store.removeprefix("sqlite:///")
    assert verdict(store)["root"] == verdict(path)["root"]


def test_an_empty_store_is_fine(address):
    """There is nothing to prove, and nothing wrong."""
    open_store(address, create=True).close()
    assert 0 == verdict(address)["size"]
    code, out, _ = run_earmark("verify", address)
    assert (0, True) == (code, "is empty" in out)
    assert "None" not in out
    assert 0 == run_earmark("checkpoint", address)[0]


# Backups


def test_a_backup_is_the_store_and_never_overwrites(recorded, tmp_path):
    """Its root is told; what is there stays as it is."""
    copy = tmp_path / "copy.db"
    done = read_json("backup", recorded, copy)
    assert done["root"] == verdict(f"sqlite:///{copy}")["root"] == verdict(recorded)["root"]
    assert done["bytes"] == copy.stat().st_size
    before = copy.read_bytes()
    assert 2 == run_earmark("backup", recorded, copy)[0]
    assert before == copy.read_bytes()


def alter(address: str, sql: str) -> None:
    """Edit a store behind its back: without its triggers, as somebody with the file could."""
    connection = apsw.Connection(address.removeprefix("sqlite:///"))
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(sql)
    connection.close()


def forge(address: str, tmp_path: Path, change: Any) -> str:
    """Return a store whose entries were changed, with everything that follows from their texts."""
    folder = tmp_path / "forged"
    run_earmark("export", address, folder)
    lines = [change(line) for line in lines_of(folder)]
    origin = rewrite(folder, lines)
    forged = f"sqlite:///{tmp_path}/forged.db"
    with open_store(forged, create=True, origin=origin) as store:
        store.restore([parse_recorded(line) for line in lines])
    return forged


def rewrite(folder: Path, lines: list[bytes]) -> str:
    """Write other entries, with their root, into an exported folder; return its origin."""
    origin = parse_note((folder / "record.checkpoint").read_text()).checkpoint.origin
    note = Note(Checkpoint(origin, len(lines), root_of(map(leaf_hash, lines))))
    (folder / "record.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (folder / "record.checkpoint").write_text(note.text)
    return origin


def quoted(body: bytes) -> str:
    """Return a text as SQL writes it."""
    return "'" + body.decode().replace("'", "''") + "'"


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "record.jsonl").read_bytes().splitlines()
