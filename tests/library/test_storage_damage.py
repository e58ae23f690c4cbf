"""Damage and what serves in its place, and what a transaction sees and leaves."""

import warnings

import pytest
from refused import error_of, told

from papertrack.errors import LibraryBusy
from papertrack.storage import damage, files
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage
from papertrack.storage.journal import FOLDER, Journal


def test_damage_says_what_serves():
    assert str(damage.Damage("/p", "is missing", "its backup")) == (
        "/p is missing; its backup serves in its place"
    )
    assert str(damage.Damage("/p", "is damaged: x", None)).endswith("; nothing serves in its place")


def test_damage_that_nobody_asks_for_is_a_warning():
    with pytest.warns(damage.DamageWarning, match=r"^/p is missing; nothing serves in its place$"):
        damage.warn_of_damage(damage.Damage("/p", "is missing", None))


@pytest.fixture
def store(tmp_path):
    """A storage, and what it was told of damage."""
    folder = tmp_path / "library"
    heard = []

    def opened():
        return FolderStorage(str(folder), on_damage=heard.append)

    for number in (1, 2):
        opened().write({"t": {"a": {"n": number}}, "u": {}})
    opened().flush()
    return folder, heard, opened


def test_a_damaged_file_is_told_once_with_what_serves(store):
    folder, heard, opened = store
    (folder / "t.json").write_bytes(b"x")
    storage = opened()
    assert storage.load("t") == storage.load("t") == {"a": {"n": 1}}
    (only,) = heard
    assert only == (
        str(folder / "t.json"),
        "is damaged: it does not hold what was written into it",
        "its backup",
    )


def test_a_missing_file_with_a_backup_is_told_and_one_without_is_no_table(store):
    folder, heard, opened = store
    (folder / "t.json").unlink()
    storage = opened()
    assert storage.load("t") == {"a": {"n": 1}}
    assert [(one.why, one.fallback) for one in heard] == [("is missing", "its backup")]
    assert storage.load("nothing") is None
    assert len(heard) == 1


def test_a_file_without_a_last_version_is_told_to_hold_no_rows(store):
    folder, heard, opened = store
    (folder / "t.json").write_bytes(b"x")
    (folder / "t.json.bak").write_bytes(b"x")
    assert opened().load("t") == {}
    assert heard[0].fallback is None


def test_before_the_tables_are_flushed_the_journal_serves_first(store):
    folder, heard, opened = store
    opened().write({"t": {"a": {"n": 3}}, "u": {}})
    (folder / "t.json").write_bytes(b"")
    assert opened().load("t") == {"a": {"n": 3}}
    assert heard[0].fallback == "its copy in the journal"


def test_a_file_that_is_too_large_or_no_file_is_damaged(store):
    folder, heard, opened = store
    (folder / "t.json").unlink()
    (folder / "t.json").mkdir()
    assert opened().load("t") == {"a": {"n": 1}}
    assert heard[0].why == "is damaged: it is no file"


def test_a_transaction_that_cannot_be_used_is_told_once_and_set_aside(store):
    folder, heard, opened = store
    (folder / FOLDER / "commit").write_bytes(b"half")
    storage = opened()
    for _ in range(2):
        assert storage.load("t") == {"a": {"n": 2}}
    assert [tuple(one) for one in heard] == [
        (str(folder / FOLDER / "commit"), "is damaged: it has no end", None)
    ]
    storage.write({"t": {}})
    assert not (folder / FOLDER / "commit").exists()
    assert len(list((folder / FOLDER).glob("commit.damaged-*"))) == 1


def test_no_warning_is_given_where_somebody_listens(store):
    folder, heard, opened = store
    (folder / "t.json").write_bytes(b"x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened().load("t")
    assert len(heard) == 1


def test_what_another_wrote_since_a_table_was_read_is_not_written_over(store):
    folder, _, opened = store
    storage = opened()
    data = storage.read()
    data["t"] = {**data["t"], "b": {}}
    opened().write({"t": {"other": {}}, "u": {}})
    error = error_of(LibraryBusy, storage.write, data)
    assert told(error) == (
        f"another program changed the library at {folder} meanwhile",
        "nothing was written",
        "do it again, within a transaction",
    )
    assert opened().load("t") == {"other": {}}


def test_what_another_wrote_anew_with_the_same_bytes_is_no_hindrance(store):
    folder, _, opened = store
    storage = opened()
    data = storage.read()
    data["t"] = {**data["t"], "b": {}}
    files.replace(str(folder / "t.json"), (folder / "t.json").read_bytes())
    with pytest.raises(LibraryBusy):
        storage.write(data)
    again = storage.read()
    again["t"] = {**again["t"], "b": {}}
    storage.write(again)
    assert opened().load("t") == {"a": {"n": 2}, "b": {}}


def test_the_tables_are_a_mapping_that_knows_its_changes(store):
    _, _, opened = store
    tables = opened().read()
    assert (sorted(tables), len(tables), "t" in tables) == (["t", "u"], 2, True)
    del tables["t"]
    tables["v"] = {"x": {}}
    assert (sorted(tables), len(tables)) == (["u", "v"], 2)
    for name in ("t", "nothing"):
        error_of(KeyError, tables.__getitem__, name)
    assert dict(tables["v"]) == {"x": {}}


def test_plain_tables_replace_all_there_are(store):
    _, _, opened = store
    opened().write({"v": {"x": {}}})
    assert opened().names() == ["v"]


def test_names_and_rows_within_a_transaction_are_as_it_leaves_them(store):
    _, _, opened = store
    storage = opened()
    with storage.transaction():
        storage.write({"u": {"z": {}}, "v": {}})
        assert storage.names() == ["u", "v"]
        assert storage.load("u") == {"z": {}}
        assert storage.load("t") is None
    assert opened().names() == ["u", "v"]


def test_a_signature_follows_what_is_stored(store):
    _, _, opened = store
    storage = opened()
    before = storage.fingerprint("t")
    assert before == storage.fingerprint("t") != ""
    assert storage.fingerprint("nothing") == ""
    storage.load("t")
    assert storage.loaded_fingerprint("t") == before
    opened().write({"t": {"a": {"n": 33}}})
    assert storage.fingerprint("t") != before


def test_the_journal_keeps_the_last_eight_transactions(tmp_path):
    storage = FolderStorage(str(tmp_path / "library"))
    counts = []
    for number in range(12):
        storage.write({"t": {"a": {"n": number}}})
        counts.append(sorted(path.name for path in (tmp_path / "library" / FOLDER).iterdir()))
    eight = list("12345678")
    assert counts == [eight[: number % 8 + 1] for number in range(12)]
    storage.flush()
    assert list((tmp_path / "library" / FOLDER).iterdir()) == []


def test_the_transactions_that_are_kept_come_newest_first(tmp_path):
    storage = FolderStorage(str(tmp_path))
    for number in range(3):
        storage.write({"t": {"a": {"n": number}}, f"t{number}": {}})
    journal = Journal(str(tmp_path))
    kept = list(journal.applied())
    assert [sorted(one) for one in kept] == [
        ["t", "t1", "t2"],
        ["t", "t0", "t1"],
        ["t", "t0"],
    ]
    assert [name for name, _ in journal.latest_changes()] == [*kept[0], "t0"]
    assert dict(journal.latest_changes())["t"] == Format().encode({"a": {"n": 2}})
    assert [one.removes("t1") for one in kept[:2]] == [True, False]


def test_a_table_that_an_unfinished_transaction_removes_is_gone_before_and_after(store):
    folder, _, opened = store
    before = (folder / "t.json").read_bytes()
    opened().write({"u": {}})
    (folder / FOLDER / "1").rename(folder / FOLDER / "commit")
    (folder / "t.json").write_bytes(before)
    storage = opened()
    assert storage.names() == ["u"]
    data = storage.read()
    error_of(KeyError, data.__getitem__, "t")
    with opened().transaction():
        pass
    assert not (folder / "t.json").exists()
    data["v"] = {}
    storage.write(data)
    assert opened().names() == ["u", "v"]


def test_a_table_that_is_removed_leaves_no_file_unless_it_was_damaged(store):
    folder, _, opened = store
    opened().write({"u": {}})
    assert list(folder.glob("t.json*")) == []
    (folder / "u.json").write_bytes(b"x")
    opened().write({"v": {}})
    (aside,) = folder.glob("u.json*")
    assert aside.name.startswith("u.json.damaged-")
    assert aside.read_bytes() == b"x"


def test_a_table_that_was_damaged_is_kept_aside_and_replaced(store):
    folder, _, opened = store
    (folder / "t.json").write_bytes(b"x")
    opened().write({"t": {"a": {"n": 5}}, "u": {}})
    (aside,) = folder.glob("t.json.damaged-*")
    assert aside.read_bytes() == b"x"
    assert opened().load("t") == {"a": {"n": 5}}


def test_a_table_that_is_distrusted_is_kept_aside(store):
    folder, _, opened = store
    storage = opened()
    with storage.transaction():
        storage.mark_damaged("t")
        storage.write({"t": {}, "u": {}})
    (aside,) = folder.glob("t.json.damaged-*")
    assert aside.read_bytes() == Format().encode({"a": {"n": 2}})


def test_a_library_is_replaced_by_the_bytes_of_its_tables(store):
    folder, _, opened = store
    storage = opened()
    body = Format().encode({"z": {}})
    storage.replace_all(iter([("v", body), ("t", body)]))
    assert storage.names() == ["t", "v"]
    assert storage.load("t") == storage.load("v") == {"z": {}}
    assert (folder / "v.json").read_bytes() == body


def test_a_link_in_the_place_of_a_table_stays_one(store, tmp_path):
    folder, _, opened = store
    elsewhere = tmp_path / "elsewhere.json"
    (folder / "t.json").rename(elsewhere)
    (folder / "t.json").symlink_to(elsewhere)
    opened().write({"t": {"a": {"n": 7}}, "u": {}})
    assert (folder / "t.json").is_symlink()
    assert elsewhere.read_bytes() == Format().encode({"a": {"n": 7}})


def test_an_older_schema_is_kept_beside_once_it_is_written_anew(tmp_path):
    folder = str(tmp_path / "library")
    FolderStorage(folder, Format("x")).write({"t": {"a": {}}})
    newer = Format("x", 2, {1: lambda _table, rows: rows})
    FolderStorage(folder, newer).write({"t": {"b": {}}})
    assert (tmp_path / "library/t.json.v1").read_bytes() == b'{"x":1,"rows":{"a":{}}}'
    FolderStorage(folder, newer).write({"t": {"c": {}}})
    assert (tmp_path / "library/t.json.v1").read_bytes() == b'{"x":1,"rows":{"a":{}}}'
    assert (tmp_path / "library/t.json.bak").read_bytes() == b'{"x":2,"rows":{"b":{}}}'


def test_what_a_crash_left_half_done_is_finished_by_the_next_who_writes(store):
    folder, _, opened = store
    (folder / "t.json").write_bytes(b"x")
    opened().write({"t": {"a": {"n": 8}}, "u": {"b": {}}})
    number = max((folder / FOLDER).iterdir(), key=lambda path: path.name)
    number.rename(folder / FOLDER / "commit")
    (folder / "u.json").write_bytes(Format().encode({}))
    assert opened().load("u") == {"b": {}}
    with opened().transaction():
        pass
    assert (folder / "u.json").read_bytes() == Format().encode({"b": {}})
    assert not (folder / FOLDER / "commit").exists()
    assert len(list(folder.glob("t.json.damaged-*"))) == 1


def test_bytes_that_a_transaction_lost_are_told_and_what_else_it_has_is_used(store):
    folder, heard, opened = store
    opened().write({"t": {"a": {"n": 8}}, "u": {"b": {}}})
    number = folder / FOLDER / "1"
    spoilt = number.read_bytes().replace(b'"n":8', b'"n":9')
    (folder / FOLDER / "commit").write_bytes(spoilt)
    number.unlink()
    (folder / "u.json").write_bytes(Format().encode({}))
    with opened().transaction():
        pass
    assert any(str(one.path).endswith("commit") for one in heard)
    assert (folder / "u.json").read_bytes() == Format().encode({"b": {}})
