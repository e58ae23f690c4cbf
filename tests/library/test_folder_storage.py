"""Tables as files of a folder: what is read, written, created and rejected."""

import os
import stat
from pathlib import Path

import pytest
from invented import contents

from papertrack.errors import LibraryError, LibraryNewer
from papertrack.library.database import SCHEMA, Database
from papertrack.library.library import Library
from papertrack.storage.folder import FolderStorage


@pytest.fixture
def folder(tmp_path):
    """A folder with three tables."""
    database = Database(str(tmp_path / "library"))
    with database.transaction():
        for name in ("t.a", "t.b", "t.c"):
            database.put(name, {"x": {"n": 1}})
    return tmp_path / "library"


@pytest.fixture
def database(folder):
    """The database in this folder."""
    return Database(str(folder))


def _fingerprints(folder):
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_only_accessed_tables_are_read(folder):
    for name in ("t.b.json", "t.c.json"):
        (folder / name).write_bytes(b"\x00garbage")
    damages = []
    database = Database(str(folder), damages.append)
    assert database.row("t.a", "x") == {"n": 1}
    assert database.names("t") == ["t.a", "t.b", "t.c"]
    database.put("t.a", {"x": {"n": 2}})
    assert damages == []
    database.row("t.b", "x")
    assert [Path(damage.path).name for damage in damages] == ["t.b.json"]


def test_only_the_files_of_changed_tables_are_written(folder, database):
    before = _fingerprints(folder)
    database.put("t.b", {"x": {"n": 2}})
    after = _fingerprints(folder)
    assert {name for name in after if after[name] != before.get(name)} == {
        "t.b.json",
        "t.b.json.bak",
        ".journal",
    }


def test_a_file_is_replaced_atomically_and_its_last_version_becomes_the_backup(folder, database):
    old = (folder / "t.a.json").read_bytes()
    with (folder / "t.a.json").open("rb") as open_file:
        database.put("t.a", {"x": {"n": 2}})
        assert open_file.read() == old
    assert (folder / "t.a.json.bak").read_bytes() == old
    assert SCHEMA.decode((folder / "t.a.json").read_bytes(), "t.a", "") == {"x": {"n": 2}}
    assert not list(folder.glob("*.new"))


def test_changes_of_another_process_are_read_without_reopening(folder, database):
    assert database.row("t.a", "x") == {"n": 1}
    Database(str(folder)).put("t.a", {"x": {"n": 2}})
    assert database.row("t.a", "x") == {"n": 2}


def test_an_exception_within_a_transaction_changes_no_file(folder, database):
    def write_and_fail():
        with database.transaction():
            database.put("t.a", {"x": {"n": 2}})
            database.drop_table("t.b")
            database.put("t.new", {"x": {"n": 2}})
            raise KeyboardInterrupt

    before = contents(folder)
    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert contents(folder) == before
    assert database.row("t.a", "x") == {"n": 1}
    database.put("t.a", {"x": {"n": 3}})
    assert Database(str(folder)).row("t.a", "x") == {"n": 3}


def test_a_nested_transaction_is_part_of_the_outer_one(folder, database):
    def write_and_fail():
        with database.transaction():
            with database.transaction():
                database.put("t.a", {"x": {"n": 2}})
            assert contents(folder) == before
            raise KeyboardInterrupt

    before = contents(folder)
    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert contents(folder) == before


def test_a_new_library_is_private_to_its_owner(tmp_path):
    old = os.umask(0)
    try:
        Database(str(tmp_path / "deep" / "library")).put("t.a", {"x": {"n": 1}})
    finally:
        os.umask(old)
    folder = tmp_path / "deep" / "library"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "t.a.json").stat().st_mode) == 0o600


def test_reading_creates_and_changes_no_file(tmp_path, folder):
    Library(str(tmp_path / "nothing")).listing_days()
    assert not (tmp_path / "nothing").exists()
    before = _fingerprints(folder)
    assert list(Database(str(folder)).rows("t.a"))
    assert _fingerprints(folder) == before


def test_temporary_files_of_a_crash_are_not_tables_and_the_next_write_removes_them(
    folder, database
):
    (folder / "t.a.json.new").write_bytes(b"half")
    (folder / "t.a.json.bak.new").write_bytes(b"half")
    assert database.names("t") == ["t.a", "t.b", "t.c"]
    database.put("t.a", {"x": {"n": 2}})
    assert database.row("t.a", "x") == {"n": 2}
    assert not list(folder.glob("*.new"))


def test_a_link_planted_at_a_temporary_path_is_not_followed(folder, database, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="ascii")
    (folder / "t.a.json.new").symlink_to(victim)
    database.put("t.a", {"x": {"n": 2}})
    assert victim.read_text(encoding="ascii") == "mine"
    assert database.row("t.a", "x") == {"n": 2}


def test_a_file_of_a_later_papertrack_is_rejected_and_unchanged(folder):
    (folder / "t.a.json").write_bytes(b'{"papertrack":2,"rows":{},"more":1}')
    before = contents(folder)
    database = Database(str(folder))
    with pytest.raises(LibraryNewer, match="later papertrack") as error:
        database.row("t.a", "x")
    assert "update" in error.value.next_step
    with pytest.raises(LibraryNewer):
        database.put("t.a", {"x": {"n": 2}})
    assert contents(folder) == before


@pytest.mark.parametrize(
    "name",
    ["../escape", "a/b", ".hidden", "-rf", "T", "t", "a\nb", "ä 論", "%41", "_default", "\udc80"],
)
def test_a_table_of_any_name_is_one_new_file_in_the_folder(folder, database, name):
    """Upper and lower case give different files even if the file system ignores case."""
    before = set(folder.parent.rglob("*"))
    database.put(name, {"x": {"n": name.encode(errors="surrogatepass").hex()}})
    new = [path for path in folder.iterdir() if path not in before and path.suffix == ".json"]
    assert [path.name.isascii() and path.name.lower() == path.name for path in new] == [True]
    assert name in Database(str(folder)).tables()
    assert len(Database(str(folder)).tables()) == 4
    assert set(folder.parent.iterdir()) == {folder}


@pytest.mark.parametrize("name", ["", "x" * 201, "ä" * 100])
def test_an_empty_or_too_long_table_name_is_rejected(folder, name):
    database = Database(str(folder))
    before = contents(folder)
    with pytest.raises(LibraryError, match="invalid table name"):
        database.put(name, {"x": {"n": 1}})
    assert contents(folder) == before


def test_a_library_path_that_is_a_file_can_be_neither_read_nor_written(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="ascii")
    for path in (tmp_path / "file", tmp_path / "file" / "library"):
        storage = FolderStorage(str(path))
        with pytest.raises(LibraryError, match="cannot read the library"):
            storage.names()
        with pytest.raises(LibraryError, match="cannot read the library"):
            storage.load("t.a")
        with pytest.raises(LibraryError, match="cannot write the library"):
            storage.write({"t.a": {"x": {"n": 1}}})
    assert (tmp_path / "file").read_text(encoding="ascii") == "mine"


def test_a_folder_renamed_during_a_transaction_is_a_library_error(folder, database):
    before = contents(folder)

    def write():
        with database.transaction():
            database.put("t.a", {"x": {"n": 2}})
            folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(LibraryError, match="cannot write the library"):
        write()
    assert contents(folder.with_name("elsewhere")) == before
