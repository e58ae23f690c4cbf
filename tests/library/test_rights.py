"""Who may read what is stored, and links in the place of files."""

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
    """A folder with a table that was written twice: n is 2, and was 1."""
    database = Database(str(tmp_path / "library"))
    for number in (1, 2):
        database.put("t.a", _numbered(number))
    return tmp_path / "library"


def _n(path):
    """The number in a table's file, whatever it is called."""
    return SCHEMA.decode(path.read_bytes(), "t.a", "")["x"]["n"]


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def _modes(paths):
    return {path.name: _mode(path) for path in paths}


@pytest.mark.parametrize("umask", [0, 0o002, 0o022, 0o077])
def test_all_that_is_made_is_for_its_owner_alone_under_any_umask(tmp_path, umask):
    folder = tmp_path / "deep" / "library"
    old = os.umask(umask)
    try:
        for number in (1, 2):
            Database(str(folder)).put("t.a", _numbered(number))
    finally:
        os.umask(old)
    made = [folder, *folder.rglob("*")]
    assert _modes(path for path in made if path.is_dir()) == {"library": 0o700, ".journal": 0o700}
    assert _modes(path for path in made if path.is_file()) == dict.fromkeys(
        ("t.a.json", "t.a.json.bak", ".lock", "1", "2"), 0o600
    )


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o660])
def test_the_mode_that_someone_gave_a_file_stays_and_new_files_are_private(folder, mode):
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
def test_the_mode_that_someone_gave_the_folder_stays_and_new_files_are_private(folder, mode):
    folder.chmod(mode)
    Database(str(folder)).put("t.b", _numbered(1))
    assert _mode(folder) == mode
    assert _mode(folder / "t.b.json") == 0o600


def test_in_a_folder_that_others_may_read_the_journal_of_private_tables_is_private(tmp_path):
    """As it is when someone made the folder: 0755 under the usual umask."""
    tmp_path.chmod(0o755)
    Database(str(tmp_path)).put("t.a", _numbered(1))
    files_made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert set(_modes(files_made).values()) == {0o600}


def test_a_link_in_the_place_of_the_folder_stays_one(folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to("library")
    Database(str(link)).put("t.a", _numbered(3))
    assert link.readlink() == Path("library")
    assert (_n(folder / "t.a.json"), _n(folder / "t.a.json.bak")) == (3, 2)


def test_a_link_to_a_folder_that_is_not_there_is_an_error_and_stays(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("nowhere")
    assert Database(str(link)).row("t.a", "x") is None
    with pytest.raises(LibraryError, match="cannot write the library"):
        Database(str(link)).put("t.a", _numbered(1))
    assert [path.name for path in tmp_path.iterdir()] == ["link"]
    assert link.readlink() == Path("nowhere")


@pytest.fixture
def elsewhere(folder, tmp_path):
    """Where the table's file is, to which a link stands in its place."""
    target = tmp_path / "elsewhere" / "mine.json"
    target.parent.mkdir()
    (folder / "t.a.json").rename(target)
    (folder / "t.a.json").symlink_to(target)
    return target


def test_a_link_in_the_place_of_a_table_stays_one_and_its_target_is_written(folder, elsewhere):
    """The last version is kept where the others are, and the mode is that of the target."""
    elsewhere.chmod(0o640)
    assert Database(str(folder)).row("t.a", "x") == {"n": 2}
    Database(str(folder)).put("t.a", _numbered(3))
    assert (folder / "t.a.json").readlink() == elsewhere
    assert (_n(elsewhere), _n(folder / "t.a.json.bak")) == (3, 2)
    assert _mode(elsewhere) == 0o640
    assert [path.name for path in elsewhere.parent.iterdir()] == ["mine.json"]


def test_a_link_to_a_damaged_table_stays_one(folder, elsewhere):
    elsewhere.write_bytes(b"half")
    told = []
    database = Database(str(folder), told.append)
    assert database.row("t.a", "x") == {"n": 2}
    database.put("t.a", _numbered(3))
    assert (folder / "t.a.json").readlink() == elsewhere
    assert _n(elsewhere) == 3
    assert [path.read_bytes() for path in elsewhere.parent.glob("*.damaged-*")] == [b"half"]
    assert len(told) == 1


def test_a_link_to_a_table_that_is_not_there_stays_one_and_a_write_makes_it(tmp_path):
    folder, target = tmp_path / "library", tmp_path / "mine.json"
    folder.mkdir(0o700)
    (folder / "t.a.json").symlink_to(target)
    assert Database(str(folder)).row("t.a", "x") is None
    Database(str(folder)).put("t.a", _numbered(1))
    assert (folder / "t.a.json").readlink() == target
    assert (_n(target), _mode(target)) == (1, 0o600)


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("name", ["t.a.json.new", "t.a.json.bak.new", ".journal/commit.new"])
def test_a_link_planted_where_a_new_file_is_written_is_not_followed(folder, tmp_path, name, there):
    victim = tmp_path / "victim"
    if there:
        victim.write_bytes(b"mine")
        victim.chmod(0o644)
    (folder / name).symlink_to(victim)
    Database(str(folder)).put("t.a", _numbered(3))
    assert (_n(folder / "t.a.json"), _n(folder / "t.a.json.bak")) == (3, 2)
    assert not list(folder.rglob("*.new"))
    assert victim.exists() == there
    if there:
        assert (victim.read_bytes(), _mode(victim), victim.stat().st_nlink) == (b"mine", 0o644, 1)


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_in_the_place_of_the_lock_is_not_followed(folder, tmp_path, there):
    victim = tmp_path / "victim"
    if there:
        victim.write_bytes(b"mine")
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(victim)
    before = contents(folder)
    with pytest.raises(LibraryError, match="cannot lock the library"):
        Database(str(folder)).put("t.a", _numbered(3))
    assert contents(folder) == before
    assert Database(str(folder)).row("t.a", "x") == {"n": 2}
    assert [path.read_bytes() for path in tmp_path.glob("victim")] == [b"mine"] * there


def _read_without_rights(folder):
    """What a process prints that may write nowhere in the folder; see writers.py."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, _WRITERS, "read_without_rights", str(folder)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    allow_writing(folder)
    return done.stdout.splitlines()


def test_a_folder_that_may_not_be_written_to_is_read_with_its_unfinished_transaction(
    tmp_path, monkeypatch
):
    """It has happened, though not yet to the files of its tables; to write is an error with 5."""
    library = Library(str(tmp_path))
    put(library, sighting("2603.00001"))
    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", _fail)
        put(library, sighting("2603.00002"))
    assert (tmp_path / ".journal" / "commit").exists()
    before = contents(tmp_path)
    assert b"2603.00002" not in before[f"listings.{DAY}.json"]
    read, refused = _read_without_rights(tmp_path)
    assert read == "2603.00001 2603.00002"
    assert refused.startswith("LibraryError 5 cannot lock the library")
    assert contents(tmp_path) == before


def _fail(*_):
    raise OSError
