"""Backups, and restoring them: completely or not at all, whatever is in the file or happens."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from invented import NOW, contents, put, sighting
from writers import die, strike_at

from papertrack.errors import LibraryBusy, LibraryError
from papertrack.library.archive import restore, write_backup
from papertrack.library.library import Library
from papertrack.models import State

_UNDISTURBED, _DONE, _FAILED, _INTERRUPTED = range(4)
_KILLED = -signal.SIGKILL


def _no_progress(_done, _all):
    """A progress callback that does nothing."""


def _back_up(library, path):
    write_backup(library, str(path), NOW, _no_progress)
    return str(path)


def _create_old(folder):
    """Create the library to restore into."""
    library = Library(str(folder))
    put(library, *(sighting(f"2603.0000{number}", upvotes=number) for number in range(3)))
    put(library, sighting("cran:1"))
    return library


def _create_new(folder):
    """Create the library to back up.

    Compared with the old one it has the same tables, changed ones, new ones, and one fewer.
    """
    library = Library(str(folder))
    put(library, *(sighting(f"2603.0000{number}", upvotes=number) for number in range(3)))
    put(library, sighting("2603.00009", rank=1))
    library.change_states(["2603.00001"], lambda _id, _state: State(starred=True))
    return library


def _tables(folder):
    """All tables as a new reader loads them."""
    database = Library(str(folder), lambda damage: pytest.fail(str(damage))).database
    return {name: dict(database.rows(name)) for name in database.tables()}


# --- a fault at each change of a restore


def _restore_everywhere(before, archive, into, fault):
    """Restore into copies of a library, with a fault at the first, second … change to its files.

    Ends with the copy whose restore makes fewer changes. Prints how each restore ended.
    """
    for number in count(1):
        folder = os.path.join(into, str(number))
        shutil.copytree(before, folder)
        child = os.fork()
        if child == 0:
            os._exit(_attempt(folder, archive, number, _FAULTS[fault]))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, flush=True)  # noqa: T201
        if code == _UNDISTURBED:
            return


def _attempt(folder, archive, number, fault):
    left = strike_at(folder, number, fault)
    try:
        restore(Library(folder), archive)
    except LibraryError:
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _UNDISTURBED if left[0] > 0 else _DONE


def _fail():
    raise OSError(28, "No space left on device")


def _interrupt():
    raise KeyboardInterrupt


_FAULTS = {"killed": die, "failed": _fail, "interrupted": _interrupt}
_ENDINGS = {
    "killed": {_KILLED},
    "failed": {_FAILED, _DONE},
    "interrupted": {_INTERRUPTED, _DONE},
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """The folder of the old library, that of the new one, and a backup of the new one."""
    root = tmp_path_factory.mktemp("archive")
    new = _create_new(root / "new")
    return _create_old(root / "old").folder, new.folder, _back_up(new, root / "new.zip")


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_restore_is_all_or_nothing_at_any_change_to_the_files(tmp_path, libraries, fault):
    """The next reader finds either the old library or the new one; after a return, the new one.

    Restoring again gives the new library and leaves no temporary files.
    """
    old, new, archive = libraries
    before, after = _tables(old), _tables(new)
    command = [sys.executable, __file__, old, archive, tmp_path, fault]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environ())
    *codes, last = map(int, done.stdout.split())
    assert last == _UNDISTURBED
    assert set(codes) <= _ENDINGS[fault]
    restored = Counter()
    for number, code in enumerate([*codes, last], 1):
        folder = tmp_path / str(number)
        tables = _tables(folder)
        restored[tables == after] += 1
        assert tables in ((after,) if code in (_UNDISTURBED, _DONE) else (before, after)), number
        restore(Library(str(folder)), archive)
        assert contents(folder) == contents(Path(new)), number
        assert not list(folder.rglob("*.new")), number
    assert restored.keys() == {True, False}, "faults before and after the commit"


def _environ():
    path = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


# --- damaged backups


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.fixture(scope="module")
def packed(libraries, tmp_path_factory):
    """The content of a backup, packed with each method that a ZIP archive may use."""
    root = tmp_path_factory.mktemp("packed")
    return [_packed(libraries[2], root / str(method), method) for method in _METHODS]


def _packed(archive, path, method):
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return path.read_bytes()


def _restored(body, old):
    """The files of a copy of a library after restoring a backup; None if it was rejected."""
    with tempfile.TemporaryDirectory() as root:
        folder, path = Path(root, "library"), Path(root, "backup.zip")
        path.write_bytes(body)
        shutil.copytree(old, folder)
        before = contents(folder)
        try:
            restore(Library(str(folder)), str(path))
        except LibraryError:
            assert contents(folder) == before
            return None
        return contents(folder)


def test_a_backup_packed_again_by_another_program_can_be_restored(libraries, packed):
    old, new, _ = libraries
    for body in packed:
        assert _restored(body, old) == contents(Path(new))


@settings(max_examples=150)
@given(
    method=st.integers(0, 3), position=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255)
)
def test_a_backup_with_any_byte_changed_is_rejected_or_restores_the_same(
    libraries, packed, method, position, bits
):
    """Some bytes are of no consequence, such as the time of an archive member."""
    old, new, _ = libraries
    damaged = bytearray(packed[method])
    damaged[int(position * len(damaged))] ^= bits
    assert _restored(bytes(damaged), old) in (None, contents(Path(new)))


@settings(max_examples=60)
@given(method=st.integers(0, 3), position=st.floats(0, 1, exclude_max=True))
@example(method=1, position=0)
@example(method=1, position=0.9999)
def test_a_backup_without_its_end_or_its_beginning_is_rejected(libraries, packed, method, position):
    """Even if a single byte is missing."""
    complete = packed[method]
    cut = int(position * len(complete))
    assert _restored(complete[:cut], libraries[0]) is None
    assert cut == 0 or _restored(complete[cut:], libraries[0]) is None


def test_two_backups_of_a_library_are_equal_and_change_no_table(libraries, tmp_path):
    _, new, archive = libraries
    before = contents(Path(new))
    second = _back_up(Library(new), tmp_path / "second.zip")
    assert contents(Path(new)) == before
    assert _members(archive) == _members(second)


def _members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- archives that no backup is


def _archive(path, packed, **contents):
    """An archive that packs tables; `contents` are entries of its table of contents."""
    listed = {"papertrack": 1, "made": "2026-03-31T18:00:00Z", "papers": 0} | contents
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, rows in packed.items():
            archive.writestr(f"tables/{name}.json", rows)
        archive.writestr("papertrack.json", json.dumps(listed))
    return str(path)


_ROWS = json.dumps({"papertrack": 1, "rows": {"x": {}}})


def test_the_archives_of_these_tests_differ_from_a_backup_only_where_they_say_so(tmp_path):
    path = _archive(
        tmp_path / "a.zip", {"papers.2026-03-31": _ROWS}, tables={"papers.2026-03-31": 1}
    )
    with pytest.raises(LibraryError, match="not a complete backup"):
        restore(Library(str(tmp_path / "library")), path)
    path = _archive(tmp_path / "b.zip", {"state.2603": _ROWS}, tables={"state.2603": 1})
    assert restore(Library(str(tmp_path / "library")), path).tables == 1


@pytest.mark.parametrize(
    "name",
    ["../slip", "..", "a/b", "a\0b", "", "x" * 300, "\x1b]0;x\x07", "-rf", ".lock", "\ud800"],
)
def test_a_table_with_an_odd_name_is_refused(tmp_path, name):
    path = _archive(tmp_path / "a.zip", {"state.2603": _ROWS}, tables={name: 1})
    with pytest.raises(LibraryError, match=r"not a complete backup|invalid table name"):
        restore(Library(str(tmp_path / "library")), path)
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize(
    "contents",
    [
        {"papers": 10**400},
        {"papers": True},
        {"papertrack": "1"},
        {"made": "\x1b]0;x\x07"},
        {"made": 7},
        {"tables": ["state.2603"]},
        {"tables": {"state.2603": 1.0}},
        {"tables": {"state.2603": 2}},
    ],
)
def test_an_invalid_table_of_contents_is_refused(tmp_path, contents):
    path = _archive(tmp_path / "a.zip", {"state.2603": _ROWS}, **({"tables": {}} | contents))
    with pytest.raises(LibraryError, match="not a complete backup"):
        restore(Library(str(tmp_path / "library")), path)


def test_an_archive_that_unpacks_to_far_more_than_tables_do_is_refused(tmp_path):
    """As one of half a megabyte that would take gigabytes of memory."""
    rows = '{"papertrack":1,"rows":{"a":{"x":[' + "[]," * (7 << 20) + "0]}}}"
    path = _archive(tmp_path / "a.zip", {"state.2603": rows}, tables={"state.2603": 1})
    assert os.stat(path).st_size < 50_000
    with pytest.raises(LibraryError, match="it would unpack to 22,020,226 bytes"):
        restore(Library(str(tmp_path / "library")), path)


def test_an_archive_with_links_or_two_files_of_one_name_is_refused(tmp_path):
    link = zipfile.ZipInfo("tables/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    for number, (member, reason) in enumerate(
        (
            (link, "it has links"),
            ("tables/state.2603.json", "it has several files with one name"),
        )
    ):
        tables = {"state.2603": 1}
        path = _archive(tmp_path / f"{number}.zip", {"state.2603": _ROWS}, tables=tables)
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "a") as archive:
            archive.writestr(member, _ROWS)
        with pytest.raises(LibraryError, match=reason):
            restore(Library(str(tmp_path / "library")), path)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/"])
def test_what_is_not_a_file_is_no_archive(tmp_path, path):
    with pytest.raises(LibraryError, match="it is not a regular file"):
        restore(Library(str(tmp_path / "library")), path)


def test_nothing_can_be_written_between_the_backup_before_a_restore_and_the_restore(libraries):
    old, _, archive = libraries
    with tempfile.TemporaryDirectory() as root:
        shutil.copytree(old, Path(root, "library"))
        library, other = (Library(str(Path(root, "library"))) for _ in range(2))
        before = _tables(library.folder)

        def back_up():
            write_backup(library, f"{root}/before.zip", NOW, _no_progress)
            with pytest.raises(LibraryBusy), other.transaction(timeout=0.0):
                pass

        restore(library, archive, back_up=back_up)
        restore(library, f"{root}/before.zip")
        assert _tables(library.folder) == before


def test_a_restore_whose_backup_fails_changes_nothing(libraries, tmp_path):
    old, _, archive = libraries
    folder = shutil.copytree(old, tmp_path / "library")
    before = contents(folder)

    def back_up():
        raise LibraryError("the disk is full")

    with pytest.raises(LibraryError, match="the disk is full"):
        restore(Library(str(folder)), archive, back_up=back_up)
    assert contents(folder) == before


if __name__ == "__main__":
    _restore_everywhere(*sys.argv[1:])
