"""What a storage promises, asked of ours and of TinyDB's own in memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.library.tables import Database


@pytest.fixture(params=["folder", "memory"])
def database(request, tmp_path):
    """A database of each kind."""
    return Database(str(tmp_path / "library") if request.param == "folder" else None)


def _reopened(database):
    folder = getattr(database.storage, "folder", None)
    return Database(folder) if folder else database


def test_what_was_stored_is_read_and_read_again_by_another_object(database):
    database.put("papers.a", {"2603.00001": {"title": "Ä 論文"}, "cran:1": {"n": [1, None]}})
    for one in (database, _reopened(database)):
        assert dict(one.rows("papers.a")) == {
            "2603.00001": {"title": "Ä 論文"},
            "cran:1": {"n": [1, None]},
        }
        assert one.row("papers.a", "cran:1") == {"n": [1, None]}


def test_what_is_not_there_is_nothing(database):
    assert list(database.rows("papers.a")) == []
    assert database.row("papers.a", "x") is None
    assert database.names("papers") == []
    database.remove("papers.a", ["x"])
    database.put("papers.a", {})
    assert database.tables() == set()


def test_a_row_is_replaced_whole(database):
    database.put("t.a", {"x": {"one": 1}, "y": {"two": 2}})
    database.put("t.a", {"x": {"three": 3}})
    assert dict(_reopened(database).rows("t.a")) == {"x": {"three": 3}, "y": {"two": 2}}


def test_removing_takes_those_rows_and_no_other(database):
    database.put("t.a", {"x": {"n": 1}, "y": {"n": 2}})
    database.remove("t.a", ["x", "unknown"])
    assert dict(_reopened(database).rows("t.a")) == {"y": {"n": 2}}


def test_names_are_the_tables_of_a_kind_sorted(database):
    for name in ("t.b", "t.a", "u.a", "ta.a"):
        database.put(name, {"x": {"n": 1}})
    assert database.names("t") == ["t.a", "t.b"]


def test_tables_can_be_dropped_one_or_all(database):
    for name in ("t.a", "t.b", "t.c"):
        database.put(name, {"x": {"n": 1}})
    database.drop_table("t.b")
    assert _reopened(database).names("t") == ["t.a", "t.c"]
    database.drop_tables()
    assert _reopened(database).names("t") == []
    database.put("t.b", {"x": {"n": 2}})
    assert dict(_reopened(database).rows("t.b")) == {"x": {"n": 2}}


def test_what_is_written_in_a_transaction_is_read_within_it(database):
    database.put("t.a", {"x": {"n": 1}})
    with database.transaction():
        database.put("t.a", {"x": {"n": 2}})
        database.put("t.b", {"y": {"n": 3}})
        database.drop_table("t.a")
        assert database.row("t.a", "x") is None
        assert database.names("t") == ["t.b"]
    assert _reopened(database).names("t") == ["t.b"]


def test_rows_given_out_before_a_write_stay_as_they_were(database):
    database.put("t.a", {"x": {"n": 1}})
    before = database.row("t.a", "x")
    database.put("t.a", {"x": {"n": 2}})
    assert before == {"n": 1}


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
def test_both_storages_give_the_same_answers_after_any_steps(tmp_path_factory, steps):
    """Each inner list is one transaction; the folder is opened anew after each."""
    folder = str(tmp_path_factory.mktemp("any"))
    memory = Database(None)
    for together in steps:
        stored = Database(folder)
        with stored.transaction():
            for name, *arguments in together:
                getattr(stored, name)(*arguments)
                getattr(memory, name)(*arguments)
                _assert_same(stored, memory)
        _assert_same(Database(folder), memory)


def _assert_same(stored, memory):
    # An emptied table may be there or not: nothing asks for it.
    filled = {name: dict(memory.rows(name)) for name in memory.tables() if list(memory.rows(name))}
    assert {name: rows for name in stored.tables() if (rows := dict(stored.rows(name)))} == filled
