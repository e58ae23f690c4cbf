"""Files that are replaced in one step, the names of tables, and the lock."""

import os
import stat
from pathlib import Path

import pytest
from refused import error_of, told

from papertrack.errors import LibraryBusy, LibraryError
from papertrack.storage import files
from papertrack.storage.lock import hold_lock
from papertrack.storage.naming import file_name, table_name


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return str(path)


def test_a_file_is_read_whole_or_its_first_bytes(file):
    assert files.read(file) == b"0123456789"
    assert files.read(file, 3) == b"012"
    assert files.read(file, 0) == b""
    assert files.read(file, 99) == b"0123456789"


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_not(file):
    with files.open_for_reading(file, 10) as (descriptor, found):
        assert files.read_some(descriptor, found.st_size) == b"0123456789"
    with (
        pytest.raises(files.UnusableFile, match=r"^it has 10 bytes$"),
        files.open_for_reading(file, 9),
    ):
        pass
    assert files.SIZE_LIMIT == 512 * 1024**2


def test_a_large_size_is_told_with_its_thousands(tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as sparse:
        sparse.truncate(files.SIZE_LIMIT + 1)
    with pytest.raises(files.UnusableFile, match=r"^it has 536,870,913 bytes$"):
        files.read(str(path))


def test_a_pipe_or_a_folder_is_no_file_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(files.UnusableFile, match=r"^it is no file$"):
            files.read(str(tmp_path / name))


def test_no_descriptor_stays_open(file):
    before = len(os.listdir("/proc/self/fd"))
    files.read(file)
    files.flush(file)
    with files.open_replacement(file, 0o600) as descriptor:
        os.write(descriptor, b"x")
    for _ in range(9):
        with files.open_for_reading(file):
            pass
    with pytest.raises(files.UnusableFile), files.open_for_reading(file, 0):
        pass
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_signature_changes_with_the_time_the_size_and_the_file_itself(file):
    known = files.fingerprint(file)
    found = os.stat(file)
    assert known == (found.st_mtime_ns, found.st_size, found.st_ino)
    os.utime(file, ns=(0, found.st_mtime_ns + 1))
    assert files.fingerprint(file) != known
    other = file + "2"
    Path(other).write_bytes(b"9876543210")
    os.utime(other, ns=(0, found.st_mtime_ns))
    assert files.fingerprint(other) != known


def test_a_file_that_is_replaced_keeps_its_rights_and_a_new_one_is_its_owners_alone(file):
    for rights in (0o600, 0o640, 0o666):
        os.chmod(file, rights)
        files.replace(file, b"new")
        assert (mode(file), files.read(file)) == (rights, b"new")
    os.chmod(file, 0o755)
    files.replace(file, b"new")
    assert mode(file) == 0o644
    files.replace(file + "2", b"x")
    assert mode(file + "2") == 0o600


def test_what_is_written_instead_has_its_rights_and_leaves_nothing_beside(file, tmp_path):
    for lasting in (True, False):
        with files.open_replacement(file, 0o640, lasting=lasting) as descriptor:
            os.write(descriptor, b"new")
            assert files.read(file) != b"new" or not lasting
    assert (mode(file), files.read(file)) == (0o640, b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_what_fails_half_way_leaves_the_old_file_and_nothing_beside(file, tmp_path):
    def fail():
        with files.open_replacement(file, 0o600) as descriptor:
            os.write(descriptor, b"half")
            raise KeyboardInterrupt

    error_of(KeyboardInterrupt, fail)
    assert files.read(file) == b"0123456789"
    assert os.listdir(tmp_path) == ["file"]


def test_what_is_in_the_way_of_the_next_version_goes(file):
    Path(files.next_version_path(file)).write_bytes(b"what a crash left, longer than what comes")
    files.replace(file, b"new")
    assert files.read(file) == b"new"
    other = file + "2"
    Path(files.next_version_path(other)).write_bytes(b"half")
    old = os.umask(0)
    try:
        files.replace(other, b"new")
    finally:
        os.umask(old)
    assert (files.read(other), mode(other)) == (b"new", 0o600)


def test_the_usual_rights_are_those_of_the_file_else_what_the_mask_leaves(file):
    os.chmod(file, 0o600)
    assert files.usual_rights(file) == 0o600
    old = os.umask(0o027)
    try:
        assert files.usual_rights(file + "2") == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)


def test_several_files_together_show_no_more_than_each_of_them(file):
    other = file + "2"
    Path(other).write_bytes(b"")
    os.chmod(file, 0o664)
    os.chmod(other, 0o646)
    assert files.rights_of_all([file, other]) == 0o644
    assert files.rights_of_all([file, file + "3"]) == 0o600
    os.chmod(file, 0o400)
    assert files.rights_of_all([file]) == 0o600
    assert files.rights_of_all([]) == 0o666


def test_the_last_version_is_kept_under_a_second_name(file, tmp_path):
    kept = file + ".bak"
    for body in (b"one", b"two"):
        files.replace(file, body)
        files.keep_backup(file, kept)
        assert files.read(kept) == body
    files.keep_backup(file, kept)
    assert sorted(os.listdir(tmp_path)) == ["file", "file.bak"]
    files.keep_backup(file + "2", kept)
    assert files.read(kept) == b"two"


def test_a_spare_name_that_a_crash_left_is_no_hindrance(file):
    kept = file + ".bak"
    Path(files.next_version_path(kept)).write_bytes(b"half")
    files.keep_backup(file, kept)
    assert files.read(kept) == b"0123456789"


def test_what_is_set_aside_gets_a_name_with_the_moment_and_a_number(file, tmp_path):
    for _ in range(3):
        Path(file).write_bytes(b"x")
        files.set_aside(file)
    files.set_aside(file)
    names = sorted(os.listdir(tmp_path))
    assert len(names) == 3
    assert all(name.startswith("file.damaged-20") for name in names)


def test_an_unused_path_has_a_number_from_two_on(tmp_path):
    stem = str(tmp_path / "a")
    assert files.unused_path(stem, ".x") == f"{stem}.x"
    for name in ("a.x", "a-2.x"):
        (tmp_path / name).symlink_to("nowhere")
    assert files.unused_path(stem, ".x") == f"{stem}-3.x"
    assert files.unused_path(stem) == stem


def test_what_the_system_says_becomes_an_error_of_the_library():
    def fail(error):
        with files.as_library_error("read", "/x"):
            raise error

    next_step = (
        "nothing was lost; check the disk and the permissions, or name another with --library"
    )
    for error, why in ((OSError(28, "No space left"), "No space left"), (OSError("odd"), "odd")):
        found = error_of(LibraryError, fail, error)
        assert told(found) == ("cannot read the library at /x", why, next_step)
    error_of(ValueError, fail, ValueError())


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("papers.2026", "papers.2026.json"),
        ("_x-1", "_x-1.json"),
        ("A", "%41.json"),
        (".x", "%2ex.json"),
        ("-x", "%2dx.json"),
        ("a.-", "a.-.json"),
        ("a/é", "a%2f%c3%a9.json"),
        ("%41", "%2541.json"),
        ("x" * 200, "x" * 200 + ".json"),
    ],
)
def test_a_table_and_its_file_name_each_other(table, file):
    assert file_name(table) == file
    assert table_name(file) == table_name(file + ".bak") == table


@pytest.mark.parametrize(
    "file",
    [".json", "a", "a.txt", "A.json", "%41%.json", "a.json.new", "%61.json", "%ff.json", ".x.json"],
)
def test_a_file_of_another_name_is_no_table(file):
    assert table_name(file) is None


def test_a_name_that_is_too_long_is_told_by_its_beginning():
    error = error_of(LibraryError, file_name, "y" * 201)
    assert error.what == f"a table cannot be named {'y' * 80!r}"
    assert error_of(LibraryError, file_name, "").what == "a table cannot be named ''"


def test_a_lock_that_another_has_is_told_with_how_long_it_was_waited_for(tmp_path):
    where = str(tmp_path)

    def again(timeout, *more):
        with hold_lock(where, timeout, *more):
            pass

    with hold_lock(where, 0):
        assert told(error_of(LibraryBusy, again, 0)) == (
            "another papertrack is writing to the library",
            f"in {where}",
            "try again in a moment",
        )
        error = error_of(LibraryBusy, again, 0.05, ".lock", "somebody is here")
        assert told(error)[:2] == (
            "somebody is here",
            f"it has held {where} for more than 0.05 s",
        )
        again(0, ".other")
    again(0)
    assert mode(tmp_path / ".lock") == 0o600


def test_where_no_lock_can_be_made_the_library_says_so(tmp_path):
    def take():
        with hold_lock(str(tmp_path / "none" / "\0"), 0):
            pass

    (tmp_path / "file").write_bytes(b"")

    def in_a_file():
        with hold_lock(str(tmp_path / "file"), 0):
            pass

    error = error_of(LibraryError, in_a_file)
    assert error.what == f"cannot lock the library at {tmp_path / 'file'}"
    assert error.why
    assert error.next_step == (
        "check that the folder can be written to, or name another with --library"
    )
