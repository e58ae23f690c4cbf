"""A backup as one file, and its restoring: all of it or nothing, whatever is in the file or happens
meanwhile.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from invented import NOW, contents, put, sighting
from writers import die, strike_at

from papertrack.errors import LibraryError
from papertrack.library.archive import read_contents, restore, write_backup
from papertrack.library.library import Library
from papertrack.models import State

_UNHURT, _DONE, _REFUSED, _INTERRUPTED = range(4)
_KILLED = -signal.SIGKILL


def _nobody(_done, _all):
    """Tell nobody."""


def _backed_up(library, path):
    write_backup(library, str(path), NOW, _nobody)
    return str(path)


def _store_old(folder):
    """What a library holds before a restore."""
    library = Library(str(folder))
    put(library, *(sighting(f"2603.0000{number}", upvotes=number) for number in range(3)))
    put(library, sighting("cran:1"))
    return library


def _store_new(folder):
    """What another library holds: tables that the old one has as they are, other rows, not at all;
    and one fewer.
    """
    library = Library(str(folder))
    put(library, *(sighting(f"2603.0000{number}", upvotes=number) for number in range(3)))
    put(library, sighting("2603.00009", rank=1))
    library.change_states(["2603.00001"], lambda _id, _state: State(starred=True))
    return library


def _tables(folder):
    """All tables as a new reader finds them."""
    database = Library(str(folder), lambda damage: pytest.fail(str(damage))).database
    return {name: dict(database.rows(name)) for name in database.tables()}


# --- at each moment of a restore


def _restore_everywhere(before, archive, into, fault):
    """Restore into copies of a library, with a fault at the first, second … change to its files,
    until one copy has seen them all; how each ended.
    """
    for number in count(1):
        folder = os.path.join(into, str(number))
        shutil.copytree(before, folder)
        child = os.fork()
        if child == 0:
            os._exit(_attempt(folder, archive, number, _FAULTS[fault]))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(code, flush=True)  # noqa: T201
        if code == _UNHURT:
            return


def _attempt(folder, archive, number, fault):
    left = strike_at(folder, number, fault)
    try:
        restore(Library(folder), archive)
    except LibraryError:
        return _REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _UNHURT if left[0] > 0 else _DONE


def _fail():
    raise OSError(28, "No space left on device")


def _interrupt():
    raise KeyboardInterrupt


_FAULTS = {"killed": die, "failed": _fail, "interrupted": _interrupt}
_ENDINGS = {
    "killed": {_KILLED},
    "failed": {_REFUSED, _DONE},
    "interrupted": {_INTERRUPTED, _DONE},
}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    """The folder of a library, another library, and a backup of that."""
    root = tmp_path_factory.mktemp("archive")
    new = _store_new(root / "new")
    return _store_old(root / "old").folder, new.folder, _backed_up(new, root / "new.zip")


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_restore_is_all_or_nothing_at_any_change_to_the_files(tmp_path, libraries, fault):
    """Whoever reads next finds one library or the other, and all of the new where the restore said
    that it happened; and restoring once more gives the new one and leaves nothing half done.
    """
    old, new, archive = libraries
    before, after = _tables(old), _tables(new)
    command = [sys.executable, __file__, old, archive, tmp_path, fault]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environ())
    *codes, last = map(int, done.stdout.split())
    assert last == _UNHURT
    assert set(codes) <= _ENDINGS[fault]
    seen = Counter()
    for number, code in enumerate([*codes, last], 1):
        folder = tmp_path / str(number)
        found = _tables(folder)
        seen[found == after] += 1
        assert found in ((after,) if code in (_UNHURT, _DONE) else (before, after)), number
        restore(Library(str(folder)), archive)
        assert contents(folder) == contents(Path(new)), number
        assert not list(folder.rglob("*.new")), number
    assert seen.keys() == {True, False}, "some happened and some did not"


def _environ():
    path = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


# --- whatever is in the file


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.fixture(scope="module")
def packed(libraries, tmp_path_factory):
    """The bytes of a backup, as it was made and as other programs may pack it again."""
    root = tmp_path_factory.mktemp("packed")
    return [_packed(libraries[2], root / str(method), method) for method in _METHODS]


def _packed(archive, path, method):
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return path.read_bytes()


def _restored(body, old):
    """The files of a copy of a library after examining and restoring some bytes; None where they
    were refused.
    """
    with tempfile.TemporaryDirectory() as root:
        folder, path = Path(root, "library"), Path(root, "it.zip")
        path.write_bytes(body)
        try:
            read_contents(str(path), _nobody)
        except LibraryError:
            return None
        shutil.copytree(old, folder)
        restore(Library(str(folder)), str(path))
        return contents(folder)


def test_a_backup_that_was_packed_again_is_one(libraries, packed):
    old, new, _ = libraries
    for body in packed:
        assert _restored(body, old) == contents(Path(new))


@settings(max_examples=150)
@given(method=st.integers(0, 3), place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_a_backup_with_any_byte_changed_is_refused_or_gives_the_same(
    libraries, packed, method, place, bits
):
    """The same where nothing that matters changed, such as the time of an entry."""
    old, new, _ = libraries
    spoilt = bytearray(packed[method])
    spoilt[int(place * len(spoilt))] ^= bits
    assert _restored(bytes(spoilt), old) in (None, contents(Path(new)))


@settings(max_examples=60)
@given(method=st.integers(0, 3), place=st.floats(0, 1, exclude_max=True))
@example(method=1, place=0)
@example(method=1, place=0.9999)
def test_a_backup_of_which_the_end_or_the_beginning_is_missing_is_refused(
    libraries, packed, method, place
):
    """Also by a byte, except that what stands before an archive is no part of it."""
    whole = packed[method]
    cut = int(place * len(whole))
    assert _restored(whole[:cut], libraries[0]) is None
    assert cut == 0 or _restored(whole[cut:], libraries[0]) is None


def test_two_backups_of_one_library_hold_the_same_and_change_no_table(libraries, tmp_path):
    _, new, archive = libraries
    before = contents(Path(new))
    again = _backed_up(Library(new), tmp_path / "again.zip")
    assert contents(Path(new)) == before
    with zipfile.ZipFile(archive) as one, zipfile.ZipFile(again) as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


if __name__ == "__main__":
    _restore_everywhere(*sys.argv[1:])
