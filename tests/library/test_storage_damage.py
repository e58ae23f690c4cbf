"""Damaged files and their copies, and how transactions read and write tables."""

import os
import stat
import warnings

import pytest
from raised import error_of, texts_of

from papertrack.errors import LibraryBusy, LibraryError
from papertrack.storage import damage, files
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage
from papertrack.storage.journal import FOLDER, Journal, content_checksum


def test_damage_names_the_copy_that_is_used():
    assert str(damage.Damage("/p", "is missing", "its backup")) == (
        "/p is missing; using its backup"
    )
    assert str(damage.Damage("/p", "is damaged: x", None)).endswith("; no usable copy exists")


def test_damage_without_a_callback_is_a_warning():
    """It names the line that reported it."""
    expected = r"^/p is missing; no usable copy exists$"
    with pytest.warns(damage.DamageWarning, match=expected) as caught:
        damage.warn_of_damage(damage.Damage("/p", "is missing", None))
    assert [warning.filename for warning in caught] == [__file__]


@pytest.fixture
def store(tmp_path):
    """A folder with two tables, the damage reported so far, and a function to open a storage."""
    folder = tmp_path / "library"
    damages = []

    def opened():
        return FolderStorage(str(folder), on_damage=damages.append)

    for number in (1, 2):
        opened().write({"t": {"a": {"n": number}}, "u": {}})
    opened().flush()
    return folder, damages, opened


def test_a_damaged_file_is_reported_once_with_the_copy_that_is_used(store):
    folder, damages, opened = store
    (folder / "t.json").write_bytes(b"x")
    storage = opened()
    assert storage.load("t") == storage.load("t") == {"a": {"n": 1}}
    (reported,) = damages
    assert reported == (
        str(folder / "t.json"),
        "is damaged: it is not a complete table",
        "its backup",
    )


def test_damage_is_reported_again_if_the_table_was_intact_or_absent_meanwhile(store):
    folder, damages, opened = store
    file, backup = folder / "t.json", folder / "t.json.bak"
    storage, intact = opened(), file.read_bytes()
    for number in (1, 2, 3):
        file.write_bytes(b"x")
        storage.load("t")
        assert len(damages) == number
        if number == 1:
            file.write_bytes(intact)
        else:
            file.unlink()
            backup.unlink(missing_ok=True)
        storage.load("t")


def test_a_missing_file_is_damage_only_if_it_has_a_backup(store):
    folder, damages, opened = store
    (folder / "t.json").unlink()
    storage = opened()
    assert storage.load("t") == {"a": {"n": 1}}
    assert [(each.why, each.fallback) for each in damages] == [("is missing", "its backup")]
    assert storage.load("nothing") is None
    assert len(damages) == 1


def test_a_file_in_the_place_of_the_journal_hides_no_backup(store):
    folder, damages, opened = store
    _file(folder / FOLDER)
    (folder / "t.json").write_bytes(b"x")
    assert opened().load("t") == {"a": {"n": 1}}
    assert damages[0].fallback == "its backup"


def test_a_damaged_file_without_a_usable_copy_is_reported_and_has_no_rows(store):
    folder, damages, opened = store
    (folder / "t.json").write_bytes(b"x")
    (folder / "t.json.bak").write_bytes(b"x")
    assert opened().load("t") == {}
    assert damages[0].fallback is None


def test_a_copy_in_the_journal_that_is_no_table_is_passed_over(store):
    folder, damages, opened = store
    opened().write({"t": {"a": 7}})
    assert opened().load("t") == {"a": {"n": 2}}
    (reported,) = damages
    assert reported == (
        str(folder / "t.json"),
        "is damaged: a row in it is not a JSON object",
        "its backup",
    )


def test_a_transaction_that_is_incomplete_is_passed_over(store):
    folder, damages, opened = store
    for number in (3, 4):
        opened().write({"t": {"a": {"n": number}}, "u": {}})
    (folder / FOLDER / "2").write_bytes(b"half")
    (folder / "t.json").write_bytes(b"")
    assert opened().load("t") == {"a": {"n": 3}}
    assert damages[0].fallback == "its copy in the journal"


def test_the_journal_is_preferred_to_the_backup_until_the_tables_are_flushed(store):
    folder, damages, opened = store
    opened().write({"t": {"a": {"n": 3}}, "u": {}})
    (folder / "t.json").write_bytes(b"")
    assert opened().load("t") == {"a": {"n": 3}}
    assert damages[0].fallback == "its copy in the journal"


def test_a_folder_in_the_place_of_a_file_is_damage(store):
    folder, damages, opened = store
    (folder / "t.json").unlink()
    (folder / "t.json").mkdir()
    assert opened().load("t") == {"a": {"n": 1}}
    assert damages[0].why == "is damaged: it is not a regular file"


def test_a_damaged_transaction_is_reported_once_and_set_aside(store):
    folder, damages, opened = store
    (folder / FOLDER / "commit").write_bytes(b"half")
    storage = opened()
    for _ in range(2):
        assert storage.load("t") == {"a": {"n": 2}}
    assert [tuple(each) for each in damages] == [
        (str(folder / FOLDER / "commit"), "is damaged: it is incomplete", None)
    ]
    storage.write({"t": {}})
    assert not (folder / FOLDER / "commit").exists()
    assert len(list((folder / FOLDER).glob("commit.damaged-*"))) == 1


def _link(path):
    """A link to itself, which not even root can follow."""
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)


def _socket(path):
    """A socket, which has a status but cannot be opened."""
    path.unlink(missing_ok=True)
    os.mknod(path, stat.S_IFSOCK | 0o600)


def _file(path):
    path.rename(path.with_name("elsewhere"))
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("breaks", "broken", "call", "what"),
    [
        (_link, "t.json", lambda storage: storage.load("t"), "read {}/t.json"),
        (_socket, "t.json", lambda storage: storage.load("t"), "read {}/t.json"),
        (_link, "t.json", lambda storage: storage.fingerprint("t"), "read {}/t.json"),
        (_link, "t.json", lambda storage: storage.write({"u": {}}), "read {}/t.json"),
        (_link, "t.json", lambda storage: storage.replace_all([("t", b"")]), "write {}"),
        (_link, "t.json", lambda storage: storage.flush(), "write {}"),
        (_link, f"{FOLDER}/commit", lambda storage: storage.names(), f"read {{}}/{FOLDER}/commit"),
        (_file, FOLDER, lambda storage: storage.write({"t": {}, "u": {}}), "write {}"),
    ],
)
def test_what_the_system_refuses_is_an_error_with_the_place(store, breaks, broken, call, what):
    folder, damages, opened = store
    opened().write({"t": {"a": {"n": 3}}, "u": {}})
    breaks(folder / broken)
    verb, place = what.format(folder).split(maxsplit=1)
    error = error_of(LibraryError, call, opened())
    assert (error.what, damages) == (f"cannot {verb} the library at {place}", [])


def test_a_table_that_cannot_be_compared_any_more_is_not_replaced(store):
    folder, _, opened = store
    storage = opened()
    data = storage.read()
    data["t"] = {**data["t"], "b": {}}
    _socket(folder / "t.json")
    error = error_of(LibraryError, storage.write, data)
    assert error.what == f"cannot read the library at {folder}/t.json"


def test_a_transaction_that_cannot_be_completed_stays_for_the_next_writer(store):
    folder, _, opened = store
    opened().write({"t": {"a": {"n": 3}}, "u": {}})
    (folder / FOLDER / "1").rename(folder / FOLDER / "commit")
    _link(folder / "t.json")
    error = error_of(LibraryError, opened().transaction().__enter__)
    assert error.what == f"cannot write the library at {folder}"
    (folder / "t.json").unlink()
    with opened().transaction():
        pass
    assert opened().load("t") == {"a": {"n": 3}}


def test_no_warning_is_issued_if_a_callback_is_given(store):
    folder, damages, opened = store
    (folder / "t.json").write_bytes(b"x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened().load("t")
    assert len(damages) == 1


def test_changes_by_another_writer_since_a_table_was_read_are_not_overwritten(store):
    folder, _, opened = store
    storage = opened()
    data = storage.read()
    data["t"] = {**data["t"], "b": {}}
    opened().write({"t": {"other": {}}, "u": {}})
    error = error_of(LibraryBusy, storage.write, data)
    assert texts_of(error) == (
        f"another program has just changed the library at {folder}",
        "nothing was written",
        "try again, within a transaction",
    )
    assert opened().load("t") == {"other": {}}


def test_a_file_replaced_with_the_same_content_counts_as_changed_until_it_is_read_again(store):
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


def test_the_tables_are_a_mapping_that_includes_its_changes(store):
    _, _, opened = store
    tables = opened().read()
    assert (sorted(tables), len(tables), "t" in tables) == (["t", "u"], 2, True)
    del tables["t"]
    tables["v"] = {"x": {}}
    assert (sorted(tables), len(tables)) == (["u", "v"], 2)
    for name in ("t", "nothing"):
        error_of(KeyError, tables.__getitem__, name)
    assert dict(tables["v"]) == {"x": {}}


def test_writing_a_plain_dictionary_replaces_all_tables(store):
    _, _, opened = store
    opened().write({"v": {"x": {}}})
    assert opened().names() == ["v"]


def test_rows_that_change_after_they_were_written_are_stored_as_written(store):
    _, _, opened = store
    storage, rows = opened(), {"x": {"n": 1}}
    with storage.transaction():
        storage.write({"v": rows})
        rows["y"] = {}
    assert opened().load("v") == {"x": {"n": 1}}


def test_names_and_rows_within_a_transaction_include_its_changes(store):
    _, _, opened = store
    storage = opened()
    with storage.transaction():
        storage.write({"u": {"z": {}}, "v": {}})
        assert storage.names() == ["u", "v"]
        assert storage.load("u") == {"z": {}}
        assert storage.load("t") is None
    assert opened().names() == ["u", "v"]


def test_a_fingerprint_changes_with_the_stored_table(store):
    _, _, opened = store
    storage = opened()
    before = storage.fingerprint("t")
    assert before == storage.fingerprint("t") != ""
    assert storage.fingerprint("nothing") == ""
    storage.load("t")
    assert storage.loaded_fingerprint("t") == before
    opened().write({"t": {"a": {"n": 33}}})
    assert storage.fingerprint("t") != before


def test_contents_of_another_checksum_or_length_have_another_fingerprint():
    contents = [(0, 0), (0, 1), (1, 0), (16, 0), (0, 16)]
    assert len({content_checksum(*each) for each in contents} | {""}) == 6


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


def test_applied_transactions_are_listed_newest_first(tmp_path):
    storage = FolderStorage(str(tmp_path))
    for number in range(3):
        storage.write({"t": {"a": {"n": number}}, f"t{number}": {}})
    journal = Journal(str(tmp_path))
    transactions = list(journal.applied_transactions())
    assert [sorted(transaction) for transaction in transactions] == [
        ["t", "t1", "t2"],
        ["t", "t0", "t1"],
        ["t", "t0"],
    ]
    assert [name for name, _ in journal.latest_changes()] == [*transactions[0], "t0"]
    assert dict(journal.latest_changes())["t"] == Format().encode({"a": {"n": 2}})
    assert [transaction.removes("t1") for transaction in transactions[:2]] == [True, False]


def test_a_table_removed_by_a_pending_transaction_is_gone_before_and_after_it_is_applied(store):
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


def test_a_removed_table_leaves_no_file_unless_it_was_damaged(store):
    folder, _, opened = store
    opened().write({"u": {}})
    assert list(folder.glob("t.json*")) == []
    (folder / "u.json").write_bytes(b"x")
    opened().write({"v": {}})
    (aside,) = folder.glob("u.json*")
    assert aside.name.startswith("u.json.damaged-")
    assert aside.read_bytes() == b"x"


def test_a_damaged_file_is_set_aside_and_replaced(store):
    folder, _, opened = store
    (folder / "t.json").write_bytes(b"x")
    opened().write({"t": {"a": {"n": 5}}, "u": {}})
    (aside,) = folder.glob("t.json.damaged-*")
    assert aside.read_bytes() == b"x"
    assert opened().load("t") == {"a": {"n": 5}}


def test_a_file_marked_as_damaged_is_set_aside(store):
    folder, _, opened = store
    storage = opened()
    with storage.transaction():
        storage.mark_damaged("t")
        storage.write({"t": {}, "u": {}})
    (aside,) = folder.glob("t.json.damaged-*")
    assert aside.read_bytes() == Format().encode({"a": {"n": 2}})


def test_all_tables_can_be_replaced_by_file_contents(store):
    folder, _, opened = store
    storage = opened()
    body = Format().encode({"z": {}})
    storage.replace_all(iter([("v", body), ("t", body)]))
    assert storage.names() == ["t", "v"]
    assert storage.load("t") == storage.load("v") == {"z": {}}
    assert (folder / "v.json").read_bytes() == body


def test_a_link_in_the_place_of_a_table_is_preserved(store, tmp_path):
    folder, _, opened = store
    elsewhere = tmp_path / "elsewhere.json"
    (folder / "t.json").rename(elsewhere)
    (folder / "t.json").symlink_to(elsewhere)
    opened().write({"t": {"a": {"n": 7}}, "u": {}})
    assert (folder / "t.json").is_symlink()
    assert elsewhere.read_bytes() == Format().encode({"a": {"n": 7}})


def test_a_file_of_an_older_schema_is_kept_when_it_is_first_replaced(tmp_path):
    folder = str(tmp_path / "library")
    FolderStorage(folder, Format("x")).write({"t": {"a": {}}})
    newer = Format("x", 2, {1: lambda _table, rows: rows})
    FolderStorage(folder, newer).write({"t": {"b": {}}})
    assert (tmp_path / "library/t.json.v1").read_bytes() == b'{"x":1,"rows":{\n"a":{}\n}}'
    FolderStorage(folder, newer).write({"t": {"c": {}}})
    assert (tmp_path / "library/t.json.v1").read_bytes() == b'{"x":1,"rows":{\n"a":{}\n}}'
    assert (tmp_path / "library/t.json.bak").read_bytes() == b'{"x":2,"rows":{\n"b":{}\n}}'


def test_a_transaction_half_applied_at_a_crash_is_completed_by_the_next_writer(store):
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


def test_a_damaged_part_of_a_transaction_is_reported_and_the_others_are_applied(store):
    folder, damages, opened = store
    opened().write({"t": {"a": {"n": 8}}, "u": {"b": {}}})
    number = folder / FOLDER / "1"
    damaged = number.read_bytes().replace(b'"n":8', b'"n":9')
    (folder / FOLDER / "commit").write_bytes(damaged)
    number.unlink()
    (folder / "u.json").write_bytes(Format().encode({}))
    with opened().transaction():
        pass
    assert any(each.path.endswith("commit") for each in damages)
    assert (folder / "u.json").read_bytes() == Format().encode({"b": {}})


def test_a_file_damaged_after_a_crash_does_not_become_the_backup(store):
    folder, _, opened = store
    opened().write({"t": {"a": {"n": 8}}, "u": {}})
    newest = max((folder / FOLDER).iterdir(), key=lambda path: path.name)
    newest.rename(folder / FOLDER / "commit")
    damaged = Format().encode({"a": {"n": 2}})[:-2]
    (folder / "t.json").write_bytes(damaged)
    with opened().transaction():
        pass
    (aside,) = folder.glob("t.json.damaged-*")
    assert aside.read_bytes() == damaged
    assert opened().load("t") == {"a": {"n": 8}}
