"""The format of a table's file, and encoded rows."""

import gc

import pytest
from raised import error_of, texts_of

from papertrack.errors import LibraryDamaged, LibraryNewer
from papertrack.storage.encoded_rows import EncodedRow, RowCopies, json_default, parse_rows
from papertrack.storage.encoding import Format


def with_table_prefix(table, rows):
    return {f"{table}.{key}": row for key, row in rows.items()}


SECOND = Format("x", 2, {1: with_table_prefix}, "get a newer x")


def test_a_file_begins_with_its_schema():
    assert Format().encode({}) == b'{"tables":1,"rows":{}}'
    rows = {"a": {"é": 1}, "é": {}}
    assert SECOND.encode(rows) == (b'{"x":2,"rows":{\n"a":{"\\u00e9":1},\n"\\u00e9":{}\n}}')
    assert SECOND.decode(SECOND.encode({"a": {"b": "\udc80"}}), "t", "p") == {"a": {"b": "\udc80"}}


@pytest.mark.parametrize("lazily", [True, False])
def test_an_older_schema_is_migrated_with_either_parser(lazily):
    body = b'{"x":1,"rows":{"a":{}}}'
    assert SECOND.decode(body, "t", "p", lazily=lazily) == {"t.a": {}}


def test_lazy_decoding_decodes_a_row_on_first_access():
    rows = SECOND.decode(b'{"x":2,"rows":{"a":{"n":1}}}', "t", "p", lazily=True)
    assert isinstance(rows["a"], EncodedRow)
    assert dict(rows["a"]) == {"n": 1}
    assert SECOND.encode(rows) == b'{"x":2,"rows":{\n"a":{"n":1}\n}}'
    eager = SECOND.decode(b'{"x":2,"rows":{"a":{"n":1}}}', "t", "p")
    assert type(eager["a"]) is dict


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"rows":{}}',
        b'{"y":2,"rows":{}}',
        b'{"x":"2","rows":{}}',
        b'{"x":true,"rows":{}}',
        b'{"x":0,"rows":{}}',
        b'{"x":2}',
        b'{"x":2,"rows":[]}',
        '{"x":2,"rows":{}}'.encode("utf-16"),
        b'{"x":2,"rows":{"\xff":{}}}',
        b"[" * 100_000,
    ],
)
def test_content_other_than_a_table_is_damage(body):
    for lazily in (True, False):
        error = error_of(LibraryDamaged, SECOND.decode, body, "t", "/p", lazily=lazily)
        assert texts_of(error)[:2] == ("/p is damaged", "it is not a complete table")


def test_a_row_that_is_not_an_object_is_damage():
    for lazily in (True, False):
        body = b'{"x":2,"rows":{"a":{},"b":1}}'
        error = error_of(LibraryDamaged, SECOND.decode, body, "t", "/p", lazily=lazily)
        assert texts_of(error)[:2] == ("/p is damaged", "a row in it is not a JSON object")


def test_rows_that_a_migration_cannot_read_are_damage_with_the_reason():
    def fail(_table, rows):
        return rows["missing"]

    error = error_of(
        LibraryDamaged, Format("x", 2, {1: fail}).decode, b'{"x":1,"rows":{}}', "t", "/p"
    )
    assert error.what == "/p is damaged"
    assert error.why == "it is not valid in its schema 1 (KeyError: 'missing')"


def test_a_later_schema_is_rejected_and_both_versions_are_named():
    for body in (b'{"x":3,"rows":{}}', b'{"x":3}'):
        for lazily in (True, False):
            error = error_of(LibraryNewer, SECOND.decode, body, "t", "/p", lazily=lazily)
            assert texts_of(error) == (
                "/p was written by a later x",
                "its schema is 3, this version reads up to 2; it was left unchanged",
                "get a newer x",
            )


def test_the_version_is_read_from_the_first_bytes_alone():
    assert SECOND.version_of(b'{"x":12,"rows":{"') == 12
    for opening in (b'{"y":2,"rows":', b'{"x":2}', b' {"x":2,"rows":', b""):
        assert SECOND.version_of(opening) is None


def test_decoding_leaves_the_garbage_collector_as_it_was():
    for before in (True, False):
        (gc.enable if before else gc.disable)()
        try:
            SECOND.decode(b'{"x":2,"rows":{}}', "t", "p")
            error_of(LibraryDamaged, SECOND.decode, b"{", "t", "p")
            assert gc.isenabled() is before
        finally:
            gc.enable()


def row(body=b'{"rows":{"a":{"n":1,"m":[2]}}}'):
    return parse_rows(body)["a"]


def test_an_encoded_row_is_a_mapping_that_can_be_changed():
    encoded = row()
    assert (encoded["n"], len(encoded), list(encoded)) == (1, 2, ["n", "m"])
    encoded["n"] = 5
    del encoded["m"]
    assert encoded.decode() == {"n": 5}


def test_a_copy_of_an_encoded_row_is_independent():
    original = row()
    copy = original.copy()
    assert isinstance(copy, EncodedRow)
    copy["n"] = 9
    second_copy = copy.copy()
    second_copy["n"] = 10
    assert (original["n"], copy["n"], second_copy["n"]) == (1, 9, 10)


def test_each_access_returns_a_new_copy():
    rows = {"a": {"n": 1}, "b": {}}
    copies = RowCopies(rows)
    copies["a"]["n"] = 2
    assert (rows["a"], copies["a"]) == ({"n": 1}, {"n": 1})
    assert (len(copies), list(copies)) == (2, ["a", "b"])


def test_invalid_content_has_no_rows():
    for body in (b"", b"{}", b'{"rows":[]}', b'{"rows":{"a":1}}'):
        assert parse_rows(body) is None
    for text in (b'{"rows":{"?":{}}}', b'{"rows":{"a":{"b":"?"}}}', b'{"?":1,"rows":{}}'):
        assert parse_rows(text) is not None
        assert parse_rows(text.replace(b"?", b"\xff")) is None
    assert parse_rows('{"rows":{"é":{}}}'.encode()).keys() == {"é"}


def test_a_number_too_large_for_a_double_is_infinite_as_in_json():
    assert row(b'{"rows":{"a":{"n":1e999}}}')["n"] == float("inf")


def test_a_value_that_is_not_a_row_is_a_type_error():
    assert (
        str(error_of(TypeError, json_default, {1})) == "Object of type set is not JSON serializable"
    )
