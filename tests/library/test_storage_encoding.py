"""What stands in the file of a table, and its rows."""

import gc

import pytest
from refused import error_of, told

from papertrack.errors import LibraryDamaged, LibraryNewer
from papertrack.storage.encoded_rows import EncodedRow, RowCopies, decoded, parse_rows
from papertrack.storage.encoding import Format


def moved(table, rows):
    return {f"{table}.{key}": row for key, row in rows.items()}


SECOND = Format("x", 2, {1: moved}, "get a newer x")


def test_a_file_begins_with_its_schema():
    assert Format().encode({}) == b'{"tables":1,"rows":{}}'
    assert SECOND.encode({"a": {"é": 1}}) == b'{"x":2,"rows":{"a":{"\\u00e9":1}}}'
    assert SECOND.decode(SECOND.encode({"a": {"b": "\udc80"}}), "t", "p") == {"a": {"b": "\udc80"}}


@pytest.mark.parametrize("quickly", [True, False])
def test_an_older_schema_is_migrated_however_it_is_read(quickly):
    body = b'{"x":1,"rows":{"a":{}}}'
    assert SECOND.decode(body, "t", "p", lazily=quickly) == {"t.a": {}}


def test_a_quick_reading_decodes_no_row_before_it_is_touched():
    rows = SECOND.decode(b'{"x":2,"rows":{"a":{"n":1}}}', "t", "p", lazily=True)
    assert isinstance(rows["a"], EncodedRow)
    assert dict(rows["a"]) == {"n": 1}
    assert SECOND.encode(rows) == b'{"x":2,"rows":{"a":{"n":1}}}'
    slow = SECOND.decode(b'{"x":2,"rows":{"a":{"n":1}}}', "t", "p")
    assert type(slow["a"]) is dict


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
def test_what_holds_something_else_is_damaged(body):
    for quickly in (True, False):
        error = error_of(LibraryDamaged, SECOND.decode, body, "t", "/p", lazily=quickly)
        assert told(error)[:2] == ("/p is damaged", "it does not hold what was written into it")


def test_a_row_that_is_none_is_damage():
    for quickly in (True, False):
        body = b'{"x":2,"rows":{"a":{},"b":1}}'
        error = error_of(LibraryDamaged, SECOND.decode, body, "t", "/p", lazily=quickly)
        assert told(error)[:2] == ("/p is damaged", "a row in it is none")


def test_what_a_migration_cannot_read_is_damage_and_says_why():
    def fail(_table, rows):
        return rows["missing"]

    error = error_of(
        LibraryDamaged, Format("x", 2, {1: fail}).decode, b'{"x":1,"rows":{}}', "t", "/p"
    )
    assert error.what == "/p is damaged"
    assert error.why == "it is of schema 1, but not as that was (KeyError: 'missing')"


def test_a_later_schema_is_refused_with_both_versions():
    for body in (b'{"x":3,"rows":{}}', b'{"x":3}'):
        for quickly in (True, False):
            error = error_of(LibraryNewer, SECOND.decode, body, "t", "/p", lazily=quickly)
            assert told(error) == (
                "/p was written by a later x",
                "its schema is 3, this one knows up to 2; it is left untouched",
                "get a newer x",
            )


def test_the_version_is_told_by_the_opening_alone():
    assert SECOND.version_of(b'{"x":12,"rows":{"') == 12
    for opening in (b'{"y":2,"rows":', b'{"x":2}', b' {"x":2,"rows":', b""):
        assert SECOND.version_of(opening) is None


def test_reading_leaves_the_collector_as_it_was():
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
    one = row()
    assert (one["n"], len(one), list(one)) == (1, 2, ["n", "m"])
    one["n"] = 5
    del one["m"]
    assert one.decode() == {"n": 5}


def test_a_copy_of_an_encoded_row_is_another_row():
    one = row()
    other = one.copy()
    assert isinstance(other, EncodedRow)
    other["n"] = 9
    again = other.copy()
    again["n"] = 10
    assert (one["n"], other["n"], again["n"]) == (1, 9, 10)


def test_copies_are_made_anew_each_time():
    rows = {"a": {"n": 1}, "b": {}}
    copies = RowCopies(rows)
    copies["a"]["n"] = 2
    assert (rows["a"], copies["a"]) == ({"n": 1}, {"n": 1})
    assert (len(copies), list(copies)) == (2, ["a", "b"])


def test_rows_of_something_else_are_none():
    for body in (b"", b"{}", b'{"rows":[]}', b'{"rows":{"a":1}}', b'{"rows":{"\xff":{}}}'):
        assert parse_rows(body) is None
    assert parse_rows('{"rows":{"é":{}}}'.encode()).keys() == {"é"}


def test_a_number_that_is_too_large_is_infinite_as_json_reads_it():
    assert row(b'{"rows":{"a":{"n":1e999}}}')["n"] == float("inf")


def test_what_is_no_row_is_told_by_its_type():
    assert str(error_of(TypeError, decoded, {1})) == "Object of type set is not JSON serializable"
