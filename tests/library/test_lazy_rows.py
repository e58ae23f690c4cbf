"""Lazily decoded tables: the same rows and the same errors as with eager decoding."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tinydb import TinyDB, where

from papertrack.errors import LibraryDamaged, LibraryNewer
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


def _read(body, *, lazily):
    """The rows of a table's content, or "damaged" or "newer"."""
    try:
        rows = FORMAT.decode(body, "t", "t.json", lazily=lazily)
    except LibraryDamaged:
        return "damaged"
    except LibraryNewer:
        return "newer"
    return {key: dict(row) for key, row in rows.items()}


@given(st.text(st.characters(max_codepoint=0x100) | st.sampled_from('\\"/\x7f')))
@example('\\u0041\\"')
@example("\\")
@example("\\\n")
def test_a_row_is_printable_ascii_exactly_if_its_texts_are(text):
    body = FORMAT.encode({"key": {"title": text}})
    row = FORMAT.decode(body, "t", "t.json", lazily=True)["key"]
    assert row.is_printable_ascii == (text.isascii() and text.isprintable())


@given(ROWS)
def test_any_rows_can_be_written_and_read(rows):
    body = FORMAT.encode(rows)
    assert _read(body, lazily=True) == _read(body, lazily=False) == rows
    assert FORMAT.encode(FORMAT.decode(body, "t", "t.json", lazily=True)) == body


@given(ROWS, st.binary(min_size=1, max_size=4), st.data())
@example({"a": {"b": "c"}}, b"\xff", None)
def test_lazy_decoding_rejects_the_same_damage_immediately(rows, splinter, data):
    body = FORMAT.encode(rows)
    at = data.draw(st.integers(0, len(body))) if data else body.index(b"c")
    damaged = body[:at] + splinter + body[at + 1 :]
    assert _read(damaged, lazily=True) == _read(damaged, lazily=False)


@pytest.mark.parametrize("row", ["1", "null", "[]", '"text"'])
def test_a_row_that_is_not_an_object_is_damage_if_decoded_lazily(row):
    assert _read(f'{{"tables":1,"rows":{{"a":{row}}}}}'.encode(), lazily=True) == "damaged"


def test_a_number_too_large_for_a_double_is_infinite():
    body = b'{"tables":1,"rows":{"a":{"n":1e999}}}'
    assert _read(body, lazily=True) == {"a": {"n": float("inf")}}


def test_lazily_decoded_rows_can_be_changed_and_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "_MANY_BYTES", -1)
    with TinyDB(str(tmp_path), storage=FolderStorage) as database:
        database.insert_multiple([{"n": 1, "tags": ["a"]}, {"n": 2}, {"n": 3}])
        database.update({"seen": True}, where("n") == 1)
        database.remove(where("n") == 2)
    stored = json.loads((tmp_path / "_default.json").read_bytes())["rows"]
    assert list(stored.values()) == [{"n": 1, "tags": ["a"], "seen": True}, {"n": 3}]


def test_a_value_that_json_cannot_represent_is_a_type_error():
    with pytest.raises(TypeError):
        FORMAT.encode({"a": {"b": {1}}})
