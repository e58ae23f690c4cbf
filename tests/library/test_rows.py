"""Tables read quickly: the same rows as otherwise, and the same refused, though they are decoded
only when touched.
"""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tinydb import TinyDB, where

from papertrack.errors import LibraryDamaged
from papertrack.storage import reader
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage

FORMAT = Format()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ROWS = st.dictionaries(st.text(), st.dictionaries(st.text(), VALUES, max_size=4), max_size=4)


def _read(body, *, quickly):
    """The rows in some bytes, or that they are damaged."""
    try:
        rows = FORMAT.decode(body, "t", "t.json", lazily=quickly)
    except LibraryDamaged:
        return "damaged"
    return {key: dict(row) for key, row in rows.items()}


@given(ROWS)
def test_any_rows_are_read_as_they_were_written(rows):
    body = FORMAT.encode(rows)
    assert _read(body, lazily=True) == _read(body, lazily=False) == rows
    assert FORMAT.encode(FORMAT.decode(body, "t", "t.json", lazily=True)) == body


@given(ROWS, st.binary(min_size=1, max_size=4), st.data())
@example({"a": {"b": "c"}}, b"\xff", None)
def test_whatever_is_damaged_is_refused_at_once(rows, splinter, data):
    body = FORMAT.encode(rows)
    at = data.draw(st.integers(0, len(body))) if data else body.index(b"c")
    hurt = body[:at] + splinter + body[at + 1 :]
    assert _read(hurt, lazily=True) == _read(hurt, lazily=False)


@pytest.mark.parametrize("row", ["1", "null", "[]", '"text"'])
def test_a_row_that_is_none_is_damage(row):
    assert _read(f'{{"tables":1,"rows":{{"a":{row}}}}}'.encode(), lazily=True) == "damaged"


def test_a_number_beyond_all_doubles_is_read_as_json_reads_it():
    body = b'{"tables":1,"rows":{"a":{"n":1e999}}}'
    assert _read(body, lazily=True) == {"a": {"n": float("inf")}}


def test_rows_that_were_read_quickly_can_be_changed_and_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_MANY_BYTES", -1)
    with TinyDB(str(tmp_path), storage=FolderStorage) as database:
        database.insert_multiple([{"n": 1, "tags": ["a"]}, {"n": 2}, {"n": 3}])
        database.update({"seen": True}, where("n") == 1)
        database.remove(where("n") == 2)
    stored = json.loads((tmp_path / "_default.json").read_bytes())["rows"]
    assert list(stored.values()) == [{"n": 1, "tags": ["a"], "seen": True}, {"n": 3}]


def test_what_json_cannot_write_is_a_type_error():
    with pytest.raises(TypeError):
        FORMAT.encode({"a": {"b": {1}}})
