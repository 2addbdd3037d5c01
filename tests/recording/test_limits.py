"""Ids that are too long for a record, and imports that are taken in whole or not at all."""

from command import find_problems, read_json, run_earmark
from raw_books import SMALL, small

from earmark.recording.limits import LONGEST_ID
from earmark.stores import open_store

LONG = "\u00e9" * (LONGEST_ID // 2)


def test_ids_that_are_too_long_are_refused_by_name(address, tmp_path):
    """No store is asked to hold an id that its indexes cannot; the longest one allowed fits."""
    orders = SMALL["orders.csv"]
    fits = small(tmp_path / "fits", orders_csv=orders.replace("o2", LONG))
    longer = small(tmp_path / "longer", orders_csv=orders.replace("o2", LONG + "x"))
    problem, *_ = find_problems("import", longer, "--into", address)
    assert ("E431", "orders", 3, "order") == tuple(
        problem[name] for name in ("code", "table", "row", "column")
    )
    read_json("import", fits, "--into", address)
    cells = ("kind=earmark", "date=2024-02-01", "quantity=1", "lot=l1")
    short = f"move={'%' * LONGEST_ID}"
    assert 0 == run_earmark("record", address, "move", short, *cells, f"order={LONG}")[0]
    (problem,) = find_problems("record", address, "move", short + "%", *cells, "order=o1")
    assert ("E431", "move") == (problem["code"], problem["column"])


def test_an_exported_record_is_restored_with_its_tables_or_not_at_all(address, tmp_path):
    """Where the tables beside a record contradict it, no entry of it is taken over."""
    first = f"sqlite:///{tmp_path}/first.db"
    read_json("import", small(tmp_path / "book"), "--into", first)
    assert 0 == run_earmark("export", first, tmp_path / "out")[0]
    orders = tmp_path / "out/orders.csv"
    text = orders.read_text()
    for wrong, code in (
        (text.replace(",10,", ",11,"), "E430"),
        (text.replace("o2,net", "o3,no"), "E210"),
    ):
        orders.write_text(wrong)
        problems = find_problems("import", tmp_path / "out", "--into", address)
        assert {code} == {problem["code"] for problem in problems}
        with open_store(address, create=True) as store:
            assert 0 == store.head().size
    orders.write_text(text)
    with open_store(first) as store:
        size = store.head().size
    assert size == read_json("import", tmp_path / "out", "--into", address)["restored"]
