"""Which tables a reader caches, and from which size on it decodes rows lazily."""

import json
import os

import pytest

from papertrack.storage.encoded_rows import EncodedRow
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage
from papertrack.storage.journal import Journal


@pytest.fixture
def opened(tmp_path):
    return lambda: FolderStorage(str(tmp_path / "library"))


def test_the_last_24_tables_are_cached(opened):
    opened().write({f"t{number}": {"a": {}} for number in range(30)})
    storage = opened()
    first = storage.load("t0")
    for number in range(1, 24):
        storage.load(f"t{number}")
    assert storage.load("t0") is first
    for number in range(1, 25):
        storage.load(f"t{number}")
    assert storage.load("t0") is not first


def test_changed_tables_are_read_again_and_unchanged_ones_stay_cached(opened):
    opened().write({"t": {"a": {"n": 1}}, "u": {}})
    storage = opened()
    t_rows, u_rows = storage.load("t"), storage.load("u")
    opened().write({"t": {"a": {"n": 2}}, "u": {}})
    assert storage.load("t") == {"a": {"n": 2}} != t_rows
    assert storage.load("u") is u_rows


@pytest.mark.parametrize(("extra", "lazily"), [(0, False), (1, True)])
def test_above_two_megabytes_rows_are_decoded_lazily(opened, extra, lazily):
    size = 2**21 + extra - len(Format().encode({"a": {"x": ""}}))
    opened().write({"t": {"a": {"x": "y" * size}}})
    rows = opened().load("t")
    assert isinstance(rows["a"], EncodedRow) is lazily
    assert dict(rows["a"]) == {"x": "y" * size}


def test_the_sizes_of_all_tables_are_added_up(opened):
    opened().write({name: {"a": {"x": "y" * 2**20}} for name in "tuv"})
    storage = opened()
    encoded = [isinstance(storage.load(name)["a"], EncodedRow) for name in "tuv"]
    assert encoded == [False, True, True]


def test_the_cache_is_cleared_at_both_ends_of_a_transaction(opened):
    opened().write({"t": {"a": {}}})
    storage = opened()
    before = storage.load("t")
    with storage.transaction():
        within = storage.load("t")
        assert within is not before
        assert storage.load("t") is within
    assert storage.load("t") is not within


ROWS = {"b": {"n": 1}, "a\n\u00e9": {"n": [{}]}, "c": {"t": '\n"b":{"n":9}'}, "d": {}}
WHOLE = Format().encode(ROWS)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        WHOLE.replace(b"\n", b""),
        json.dumps(json.loads(WHOLE), indent=0).encode(),
        WHOLE.replace(b"\n}}", b'\n}, "more": {\n"a":{"n": 8}\n}}'),
        WHOLE.replace(b"\n", b'\n"b":{"n":0},\n', 1),
    ],
    ids=["as written", "one line", "reformatted", "with more", "with a key twice"],
)
@pytest.mark.parametrize(
    "keys",
    [["d", "b"], ["a\n\u00e9"], ["c", "e"], [], ["d", "b", "a\n\u00e9"], ["d", "c", "e", "b"]],
)
def test_some_rows_are_those_of_the_whole_table_in_its_order(opened, content, keys):
    opened().write({"t": {}})
    path = f"{opened().folder}/t.json"
    with open(path, "wb") as file:
        file.write(content)
    rows = opened().load_some("t", keys)
    assert [(key, rows[key]) for key in rows if key in keys] == [
        (key, row) for key, row in ROWS.items() if key in keys
    ]


IDS = {"b": {"ids": ["1", "\u00e9"]}, "a": {"ids": ["11"]}, "c": {"ids": ["2", "1"]}, "d": {}}
TABLE = Format().encode(IDS)


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace(b"\n", b""),
        json.dumps(json.loads(TABLE), indent=0, ensure_ascii=False).encode(),
        TABLE.replace(b"\n", b"", 1),
    ],
    ids=["as written", "one line", "reformatted", "first line joined"],
)
@pytest.mark.parametrize("texts", [["1"], ["\u00e9", "2"], ["11", "3"], ["2"], []])
def test_rows_that_contain_texts_are_those_of_the_whole_table_in_its_order(opened, content, texts):
    opened().write({"t": {}})
    with open(f"{opened().folder}/t.json", "wb") as file:
        file.write(content)
    rows = opened().load_containing("t", texts)
    whole = opened().load("t")
    assert [(key, row) for key, row in rows.items() if set(texts) & set(row.get("ids", ()))] == [
        (key, row) for key, row in whole.items() if set(texts) & set(row.get("ids", ()))
    ]


def test_a_row_that_contains_a_text_is_decoded_alone(opened):
    opened().write({"t": IDS})
    assert opened().load_containing("t", ["11"]) == {"a": IDS["a"]}
    assert opened().load_containing("t", ["missing"]) == IDS


def test_many_rows_are_decoded_alone_as_few_are(opened):
    rows = {f"{number}": {"n": number} for number in range(9)}
    opened().write({"t": rows})
    for keys in (["7"], ["7", "3"], ["7", "3", "0", "8"]):
        wanted = {key: row for key, row in rows.items() if key in keys}
        assert list(opened().load_some("t", keys).items()) == list(wanted.items())


def test_keys_that_contain_the_end_of_a_key_are_found_among_many(opened):
    rows = {'a":b': {"n": 1}, 'a"': {"n": 2}, "a:": {"n": 3}, "a\\": {"n": 4}}
    opened().write({"t": rows})
    loaded = opened().load_some("t", list(rows))
    assert {key: loaded[key]["n"] for key in loaded} == {key: row["n"] for key, row in rows.items()}


def test_the_first_16_rows_of_a_table_are_decoded_alone(opened):
    opened().write({"t": ROWS})
    storage = opened()
    for _ in range(8):
        assert storage.load_some("t", ["b", "d"]) == {"b": {"n": 1}, "d": {}}
    assert storage.load_some("t", ["b"]) == ROWS
    assert storage.load("t") is storage.load_some("t", ["d"])
    with storage.transaction():
        assert storage.load_some("t", ["d"]) == {"d": {}}
        storage.write({"t": {"e": {}}})
        assert storage.load_some("t", ["d"]) == {"e": {}}


def test_a_damaged_row_is_read_from_another_copy(opened):
    opened().write({"t": ROWS})
    path = f"{opened().folder}/t.json"
    with open(path, "r+b") as file:
        file.seek(file.read().index(b'"n":1'))
        file.write(b"'")
    damages = []
    storage = FolderStorage(opened().folder, on_damage=damages.append)
    assert storage.load_some("t", ["d"]) == {"d": {}}
    assert not damages
    assert storage.load_some("t", ["b"])["b"] == {"n": 1}
    assert [damage.path for damage in damages] == [path]


def test_rows_of_a_pending_transaction_and_of_no_table_are_found(opened):
    opened().write({"t": {"a": {"n": 1}}})
    storage = opened()
    journal = Journal(storage.folder)
    journal.commit([("t", Format().encode({"a": {"n": 2}})), ("u", None)], (), 0o600)
    assert storage.load_some("t", ["a"]) == {"a": {"n": 2}}
    assert storage.load_some("u", ["a"]) is None
    assert storage.load_some("v", ["a"]) is None


def test_a_table_exists_if_it_is_among_the_names(opened):
    opened().write({name: {"a": {}} for name in ("kept", "removed", "lost")})
    storage = opened()
    os.rename(f"{storage.folder}/lost.json", f"{storage.folder}/lost.json.bak")
    with storage.transaction():
        tables = storage.read()
        tables["new"] = {}
        del tables["removed"]
        storage.write(tables)
        assert [storage.exists(name) for name in ("kept", "removed", "new")] == [True, False, True]
    for name in ("kept", "removed", "lost", "new", "never"):
        assert storage.exists(name) is (name in storage.names())
