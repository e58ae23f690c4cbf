"""Permissions of the stored files, and links in the place of files."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from invented import DAY, contents, put, sighting
from writers import allow_writing

from papertrack.errors import LibraryError
from papertrack.library.database import SCHEMA, Database
from papertrack.library.library import Library
from papertrack.storage import files

_WRITERS = str(Path(__file__).with_name("writers.py"))


def _numbered(number):
    return {"x": {"n": number}}


@pytest.fixture
def folder(tmp_path):
    """A folder with a table that was written twice: first with n = 1, then with n = 2."""
    database = Database(str(tmp_path / "library"))
    for number in (1, 2):
        database.put("t.a", _numbered(number))
    return tmp_path / "library"


def _n(path):
    """The number in a table's file or backup."""
    return SCHEMA.decode(path.read_bytes(), "t.a", "")["x"]["n"]


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def _modes(paths):
    return {path.name: _mode(path) for path in paths}


@pytest.mark.parametrize("umask", [0, 0o002, 0o022, 0o077])
def test_new_files_and_folders_are_private_under_any_umask(tmp_path, umask):
    folder = tmp_path / "deep" / "library"
    old = os.umask(umask)
    try:
        for number in (1, 2):
            Database(str(folder)).put("t.a", _numbered(number))
    finally:
        os.umask(old)
    paths = [folder, *folder.rglob("*")]
    assert _modes(path for path in paths if path.is_dir()) == {"library": 0o700, ".journal": 0o700}
    assert _modes(path for path in paths if path.is_file()) == dict.fromkeys(
        ("t.a.json", "t.a.json.bak", ".lock", "1", "2"), 0o600
    )


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o660])
def test_changed_permissions_of_a_file_are_preserved_and_new_files_are_private(folder, mode):
    (folder / "t.a.json").chmod(mode)
    for number in (3, 4):
        Database(str(folder)).put("t.a", _numbered(number))
    Database(str(folder)).put("t.b", _numbered(1))
    assert _modes(folder.glob("t.*")) == {
        "t.a.json": mode,
        "t.a.json.bak": mode,
        "t.b.json": 0o600,
    }


@pytest.mark.parametrize("mode", [0o750, 0o755])
def test_changed_permissions_of_the_folder_are_preserved_and_new_files_are_private(folder, mode):
    folder.chmod(mode)
    Database(str(folder)).put("t.b", _numbered(1))
    assert _mode(folder) == mode
    assert _mode(folder / "t.b.json") == 0o600


def test_the_journal_of_private_tables_is_private_in_a_folder_that_others_may_read(tmp_path):
    """A folder that the user created has 0755 under the usual umask."""
    tmp_path.chmod(0o755)
    Database(str(tmp_path)).put("t.a", _numbered(1))
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert set(_modes(paths).values()) == {0o600}


def test_a_link_in_the_place_of_the_folder_is_preserved(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to("library")
    Database(str(link)).put("t.a", _numbered(3))
    assert link.readlink() == Path("library")
    assert (_n(folder / "t.a.json"), _n(folder / "t.a.json.bak")) == (3, 2)


def test_a_link_to_a_missing_folder_is_an_error_and_is_preserved(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    assert Database(str(link)).row("t.a", "x") is None
    with pytest.raises(LibraryError, match="cannot write the library"):
        Database(str(link)).put("t.a", _numbered(1))
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
    assert link.readlink() == Path("nowhere")


@pytest.fixture
def elsewhere(folder, tmp_path):
    """The path of the table's file, which is replaced by a link to it."""
    target = tmp_path / "elsewhere" / "mine.json"
    target.parent.mkdir()
    (folder / "t.a.json").rename(target)
    (folder / "t.a.json").symlink_to(target)
    return target


def test_a_link_in_the_place_of_a_table_is_preserved_and_its_target_is_written(folder, elsewhere):
    """The backup is in the library's folder, and the target keeps its permissions."""
    elsewhere.chmod(0o640)
    assert Database(str(folder)).row("t.a", "x") == {"n": 2}
    Database(str(folder)).put("t.a", _numbered(3))
    assert (folder / "t.a.json").readlink() == elsewhere
    assert (_n(elsewhere), _n(folder / "t.a.json.bak")) == (3, 2)
    assert _mode(elsewhere) == 0o640
    assert [path.name for path in elsewhere.parent.iterdir()] == ["mine.json"]


def test_a_link_to_a_damaged_table_is_preserved(folder, elsewhere):
    elsewhere.write_bytes(b"half")
    damages = []
    database = Database(str(folder), damages.append)
    assert database.row("t.a", "x") == {"n": 2}
    database.put("t.a", _numbered(3))
    assert (folder / "t.a.json").readlink() == elsewhere
    assert _n(elsewhere) == 3
    assert [path.read_bytes() for path in elsewhere.parent.glob("*.damaged-*")] == [b"half"]
    assert len(damages) == 1


def test_a_link_to_a_missing_table_is_preserved_and_a_write_creates_the_table(tmp_path):
    folder, target = tmp_path / "library", tmp_path / "mine.json"
    folder.mkdir(0o700)
    (folder / "t.a.json").symlink_to(target)
    assert Database(str(folder)).row("t.a", "x") is None
    Database(str(folder)).put("t.a", _numbered(1))
    assert (folder / "t.a.json").readlink() == target
    assert (_n(target), _mode(target)) == (1, 0o600)


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("name", ["t.a.json.new", "t.a.json.bak.new", ".journal/commit.new"])
def test_a_link_planted_where_a_new_file_is_written_is_not_followed(folder, tmp_path, name, exists):
    victim = tmp_path / "victim"
    if exists:
        victim.write_bytes(b"mine")
        victim.chmod(0o644)
    (folder / name).symlink_to(victim)
    Database(str(folder)).put("t.a", _numbered(3))
    assert (_n(folder / "t.a.json"), _n(folder / "t.a.json.bak")) == (3, 2)
    assert not list(folder.rglob("*.new"))
    assert victim.exists() == exists
    if exists:
        assert (victim.read_bytes(), _mode(victim), victim.stat().st_nlink) == (b"mine", 0o644, 1)


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing"])
def test_a_link_in_the_place_of_the_lock_is_not_followed(folder, tmp_path, exists):
    victim = tmp_path / "victim"
    if exists:
        victim.write_bytes(b"mine")
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(victim)
    before = contents(folder)
    with pytest.raises(LibraryError, match="cannot lock the library"):
        Database(str(folder)).put("t.a", _numbered(3))
    assert contents(folder) == before
    assert Database(str(folder)).row("t.a", "x") == {"n": 2}
    assert [path.read_bytes() for path in tmp_path.glob("victim")] == [b"mine"] * exists


def _read_without_permission(folder):
    """The output of a process without write permission to the folder; see writers.py."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, _WRITERS, "read_without_permission", str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    allow_writing(folder)
    return done.stdout.splitlines()


def test_a_read_only_folder_is_read_with_its_pending_transaction(tmp_path, monkeypatch):
    """The transaction is committed but its tables are not replaced. Writing exits with 5."""
    library = Library(str(tmp_path))
    put(library, sighting("2603.00001"))
    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", _fail)
        put(library, sighting("2603.00002"))
    assert (tmp_path / ".journal" / "commit").exists()
    before = contents(tmp_path)
    assert b"2603.00002" not in before[f"listings.{DAY}.json"]
    ids, error = _read_without_permission(tmp_path)
    assert ids == "2603.00001 2603.00002"
    assert error.startswith("LibraryError 5 cannot lock the library")
    assert contents(tmp_path) == before


def _fail(*_):
    raise OSError
