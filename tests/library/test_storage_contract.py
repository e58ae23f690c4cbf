"""The behaviour of a storage, tested on FolderStorage and on TinyDB's MemoryStorage alike."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from papertrack.library.database import Database
from papertrack.storage.folder import FolderStorage


@pytest.fixture(params=["folder", "memory"])
def database(request, tmp_path):
    """A database in a folder and one in memory."""
    return Database(str(tmp_path / "library") if request.param == "folder" else None)


def _reopened(database):
    folder = getattr(database.storage, "folder", None)
    return Database(folder) if folder else database


def test_stored_rows_are_read_by_the_same_and_another_database(database):
    database.put("papers.a", {"2603.00001": {"title": "Ä 論文"}, "cran:1": {"n": [1, None]}})
    for reader in (database, _reopened(database)):
        assert dict(reader.rows("papers.a")) == {
            "2603.00001": {"title": "Ä 論文"},
            "cran:1": {"n": [1, None]},
        }
        assert reader.row("papers.a", "cran:1") == {"n": [1, None]}


def test_missing_tables_and_rows_are_empty(database):
    assert list(database.rows("papers.a")) == []
    assert database.row("papers.a", "x") is None
    assert database.names("papers") == []
    database.remove("papers.a", ["x"])
    database.put("papers.a", {})
    assert database.tables() == set()


def test_a_stored_row_replaces_the_whole_earlier_row(database):
    database.put("t.a", {"x": {"one": 1}, "y": {"two": 2}})
    database.put("t.a", {"x": {"three": 3}})
    assert dict(_reopened(database).rows("t.a")) == {"x": {"three": 3}, "y": {"two": 2}}


def test_only_the_given_rows_are_removed(database):
    database.put("t.a", {"x": {"n": 1}, "y": {"n": 2}})
    database.remove("t.a", ["x", "unknown"])
    assert dict(_reopened(database).rows("t.a")) == {"y": {"n": 2}}


def test_names_returns_the_tables_of_a_kind_sorted(database):
    for name in ("t.b", "t.a", "u.a", "ta.a"):
        database.put(name, {"x": {"n": 1}})
    assert database.names("t") == ["t.a", "t.b"]


def test_a_single_table_or_all_tables_can_be_dropped(database):
    for name in ("t.a", "t.b", "t.c"):
        database.put(name, {"x": {"n": 1}})
    database.drop_table("t.b")
    assert _reopened(database).names("t") == ["t.a", "t.c"]
    database.drop_tables()
    assert _reopened(database).names("t") == []
    database.put("t.b", {"x": {"n": 2}})
    assert dict(_reopened(database).rows("t.b")) == {"x": {"n": 2}}


def test_a_transaction_reads_its_own_changes(database):
    database.put("t.a", {"x": {"n": 1}})
    with database.transaction():
        database.put("t.a", {"x": {"n": 2}})
        database.put("t.b", {"y": {"n": 3}})
        database.drop_table("t.a")
        assert database.row("t.a", "x") is None
        assert database.names("t") == ["t.b"]
    assert _reopened(database).names("t") == ["t.b"]


def test_rows_returned_before_a_write_do_not_change(database):
    database.put("t.a", {"x": {"n": 1}})
    before = database.row("t.a", "x")
    database.put("t.a", {"x": {"n": 2}})
    assert before == {"n": 1}


def test_dropping_a_missing_table_has_no_effect(database):
    database.drop_table("t.a")
    database.put("t.b", {"x": {"n": 1}})
    database.drop_table("t.a")
    assert _reopened(database).tables() == {"t.b"}


def test_a_transaction_without_writes_creates_no_table(database):
    with database.transaction():
        assert list(database.rows("t.a")) == []
        assert database.names("t") == []
    assert _reopened(database).tables() == set()


def test_the_end_of_a_nested_transaction_does_not_end_the_outer_one(database):
    with database.transaction():
        database.put("t.a", {"x": {"n": 1}})
        with database.transaction():
            database.put("t.a", {"y": {"n": 2}})
        database.put("t.a", {"x": {"n": 3}})
        assert dict(database.rows("t.a")) == {"y": {"n": 2}, "x": {"n": 3}}
    assert dict(_reopened(database).rows("t.a")) == {"y": {"n": 2}, "x": {"n": 3}}


def test_an_exception_propagates_from_a_transaction_and_another_can_follow(database):
    def write_and_fail():
        with database.transaction():
            database.put("t.a", {"x": {"n": 2}})
            raise error

    error = KeyError("t.b")
    database.put("t.b", {"x": {"n": 1}})
    with pytest.raises(KeyError) as raised:
        write_and_fail()
    assert raised.value is error
    database.put("t.c", {"x": {"n": 3}})
    assert database.row("t.b", "x") == {"n": 1}
    assert _reopened(database).row("t.c", "x") == {"n": 3}


def test_an_exception_caught_within_a_transaction_does_not_end_it(database):
    """A nested transaction is part of the outer one, so its changes stay."""

    def write_and_fail():
        with database.transaction():
            database.put("t.a", {"x": {"n": 1}})
            raise KeyError

    with database.transaction():
        with pytest.raises(KeyError):
            write_and_fail()
        database.put("t.b", {"x": {"n": 2}})
    reopened = _reopened(database)
    assert (reopened.row("t.a", "x"), reopened.row("t.b", "x")) == ({"n": 1}, {"n": 2})


def test_upsert_uses_the_id_of_the_document(database):
    for fields in ({"n": 1, "old": True}, {"n": 2}):
        assert database.table("t.a").upsert(Document(fields, "cran:1")) == ["cran:1"]
    assert dict(_reopened(database).rows("t.a")) == {"cran:1": {"n": 2, "old": True}}


def test_a_database_has_a_repr(database):
    database.put("t.a", {"x": {"n": 1}})
    assert "t.a=1" in repr(database)
    assert "total=1" in repr(database.table("t.a"))


@pytest.fixture(params=["folder", "memory"])
def plain(request, tmp_path):
    """A plain TinyDB, which numbers its rows, on each of the storages."""
    if request.param == "memory":
        return TinyDB(storage=MemoryStorage)
    return TinyDB(str(tmp_path / "plain"), storage=FolderStorage)


def _reopened_plain(plain):
    folder = getattr(plain.storage, "folder", None)
    return TinyDB(folder, storage=FolderStorage) if folder else plain


def _by_id(rows):
    return {row.doc_id: dict(row) for row in rows}


def test_rows_without_ids_are_numbered_in_the_default_table(plain):
    assert plain.insert({"n": 1}) == 1
    assert plain.insert_multiple([{"n": 2}, {"n": 3}]) == [2, 3]
    for reader in (plain, _reopened_plain(plain)):
        assert _by_id(reader) == {1: {"n": 1}, 2: {"n": 2}, 3: {"n": 3}}
        assert reader.tables() == {"_default"}
        assert reader.get(doc_id=2) == {"n": 2}
        assert reader.get(doc_id=9) is None
        assert _by_id(reader.search(where("n") > 1)) == {2: {"n": 2}, 3: {"n": 3}}
        assert reader.contains(where("n") == 3)
        assert (len(reader), reader.count(where("n") < 3)) == (3, 2)
    assert _reopened_plain(plain).insert({"n": 4}) == 4


def test_numbered_rows_are_updated_inserted_and_removed_by_queries(plain):
    plain.insert_multiple({"n": number} for number in range(1, 5))
    assert plain.update({"big": True}, where("n") > 2) == [3, 4]
    assert plain.update({"n": 7}, doc_ids=[1, 99]) == [1]
    assert plain.upsert({"n": 2, "met": True}, where("n") == 2) == [2]
    assert plain.upsert({"n": 5}, where("n") == 5) == [5]
    assert plain.remove(where("big").exists()) == [3, 4]
    assert _by_id(_reopened_plain(plain)) == {1: {"n": 7}, 2: {"n": 2, "met": True}, 5: {"n": 5}}


def test_a_truncated_table_is_empty_and_numbers_rows_from_one_again(plain):
    plain.insert_multiple([{"n": 1}, {"n": 2}])
    plain.table("other").insert({"n": 3})
    plain.truncate()
    assert plain.all() == _reopened_plain(plain).all() == []
    assert plain.insert({"n": 4}) == 1
    assert _by_id(_reopened_plain(plain).table("other")) == {1: {"n": 3}}


@pytest.fixture
def two(tmp_path):
    """Two databases on one folder."""
    return [Database(str(tmp_path / "library")) for _ in range(2)]


def _times(database):
    folder = os.path.realpath(database.storage.folder)
    return {
        os.path.join(path, name): os.stat(os.path.join(path, name)).st_mtime_ns
        for path, _, names in os.walk(folder)
        for name in names
    }


def test_a_transaction_without_changes_writes_no_file(two):
    database, _ = two
    database.put("t.a", {"x": {"n": 1}})
    before = _times(database)
    with database.transaction():
        database.row("t.a", "x")
        database.put("t.a", {})
        database.remove("t.a", ["unknown"])
        database.drop_table("t.b")
    assert _times(database) == before


@pytest.mark.parametrize("row", [{"n": {1}}, {"n": b"x"}, {("a", "b"): 1}, {"n": float}])
def test_a_row_that_json_cannot_represent_fails_its_whole_transaction(two, row):
    def write():
        with database.transaction():
            database.put("t.a", {"x": {"n": 2}})
            database.put("t.b", {"y": row})

    database, other = two
    database.put("t.a", {"x": {"n": 1}})
    before = _times(database)
    with pytest.raises(TypeError):
        write()
    assert _times(database) == before
    for reader in two:
        assert (reader.row("t.a", "x"), reader.row("t.b", "y")) == ({"n": 1}, None)
    database.put("t.a", {"x": {"n": 3}})
    assert other.row("t.a", "x") == {"n": 3}


def _next_number(row):
    row["n"] += 1


def test_an_update_that_fails_half_way_changes_nothing(two):
    database, other = two
    database.put("t.a", {"x": {"n": 1}, "y": {"n": "no number"}})
    with pytest.raises(TypeError):
        database.table("t.a").update(_next_number)
    for reader in (database, other):
        assert dict(reader.rows("t.a")) == {"x": {"n": 1}, "y": {"n": "no number"}}


def test_a_search_finds_what_another_database_wrote(two):
    for number, writer in enumerate(two):
        writer.put("t.a", {"x": {"n": number}})
        assert [row["n"] for row in two[0].table("t.a").search(where("n") >= 0)] == [number]


_names = st.sampled_from(["a", "b.c", "b.d"])
_keys = st.sampled_from(["x", "y", "2603.00001"])
_rows = st.dictionaries(_keys, st.fixed_dictionaries({"n": st.integers(0, 3)}), max_size=3)
_steps = st.one_of(
    st.tuples(st.just("put"), _names, _rows),
    st.tuples(st.just("remove"), _names, st.lists(_keys, max_size=2)),
    st.tuples(st.just("drop_table"), _names),
)


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(st.lists(_steps, max_size=4), max_size=5))
def test_both_storages_return_the_same_rows_after_any_steps(tmp_path_factory, steps):
    """Each inner list is one transaction; the folder is reopened after each."""
    folder = str(tmp_path_factory.mktemp("any"))
    memory = Database(None)
    for transaction in steps:
        stored = Database(folder)
        with stored.transaction():
            for name, *arguments in transaction:
                getattr(stored, name)(*arguments)
                getattr(memory, name)(*arguments)
                _assert_same(stored, memory)
        _assert_same(Database(folder), memory)


def _assert_same(stored, memory):
    # A table without rows may exist or not; the library does not distinguish the two.
    filled = {name: dict(memory.rows(name)) for name in memory.tables() if list(memory.rows(name))}
    assert {name: rows for name in stored.tables() if (rows := dict(stored.rows(name)))} == filled
