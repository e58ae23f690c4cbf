"""Atomic replacement of files, file names of tables, and the lock."""

import errno
import os
import stat
from pathlib import Path
from threading import Timer

import pytest
from raised import error_of, texts_of

from papertrack.errors import LibraryBusy, LibraryError
from papertrack.storage import files
from papertrack.storage.lock import hold_lock, lock_file
from papertrack.storage.naming import file_name, table_name


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return str(path)


def test_a_file_or_its_first_bytes_can_be_read(file):
    assert files.read(file) == b"0123456789"
    assert files.read(file, 3) == b"012"
    assert files.read(file, 0) == b""
    assert files.read(file, 99) == b"0123456789"


def test_a_file_at_the_size_limit_is_read_and_a_larger_one_is_rejected(file):
    with files.open_for_reading(file, 10) as (descriptor, status):
        assert files.read_up_to(descriptor, status.st_size) == b"0123456789"
    with (
        pytest.raises(files.UnusableFile, match=r"^it is too large: 10 bytes$"),
        files.open_for_reading(file, 9),
    ):
        pass
    assert files.SIZE_LIMIT == 512 * 1024**2


def test_a_large_size_is_shown_with_thousands_separators(tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as sparse:
        sparse.truncate(files.SIZE_LIMIT + 1)
    with pytest.raises(files.UnusableFile, match=r"^it is too large: 536,870,913 bytes$"):
        files.read(str(path))


def test_a_pipe_or_a_folder_is_rejected_without_blocking(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(files.UnusableFile, match=r"^it is not a regular file$"):
            files.read(str(tmp_path / name))


def test_no_descriptor_stays_open(file):
    before = len(os.listdir("/proc/self/fd"))
    files.read(file)
    files.flush(file)
    files.replace(file, b"x")
    files.keep_backup(file, file + ".bak")
    with files.open_replacement(file, 0o600) as descriptor:
        os.write(descriptor, b"x")
    for _ in range(9):
        with files.open_for_reading(file):
            pass
    with pytest.raises(files.UnusableFile), files.open_for_reading(file, 0):
        pass
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_fingerprint_changes_with_time_size_and_inode(file):
    before = files.fingerprint(file)
    status = os.stat(file)
    assert before == (status.st_mtime_ns, status.st_size, status.st_ino)
    os.utime(file, ns=(0, status.st_mtime_ns + 1))
    assert files.fingerprint(file) != before
    other = file + "2"
    Path(other).write_bytes(b"9876543210")
    os.utime(other, ns=(0, status.st_mtime_ns))
    assert files.fingerprint(other) != before


def test_a_replaced_file_keeps_its_permissions_and_a_new_one_is_private(file):
    for permissions in (0o600, 0o640, 0o666):
        os.chmod(file, permissions)
        files.replace(file, b"new")
        assert (mode(file), files.read(file)) == (permissions, b"new")
    os.chmod(file, 0o755)
    files.replace(file, b"new")
    assert mode(file) == 0o644
    files.replace(file + "2", b"x")
    assert mode(file + "2") == 0o600


def test_a_replacement_has_the_given_permissions_and_leaves_no_other_file(file, tmp_path):
    for durable in (True, False):
        with files.open_replacement(file, 0o640, durable=durable) as descriptor:
            os.write(descriptor, b"new")
            assert files.read(file) != b"new" or not durable
    assert (mode(file), files.read(file)) == (0o640, b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_a_failed_replacement_leaves_the_old_file_and_no_other_file(file, tmp_path):
    def fail():
        with files.open_replacement(file, 0o600) as descriptor:
            os.write(descriptor, b"half")
            raise KeyboardInterrupt

    error_of(KeyboardInterrupt, fail)
    assert files.read(file) == b"0123456789"
    assert os.listdir(tmp_path) == ["file"]


def test_a_replacement_is_private_under_a_random_name_and_spares_every_other_file(file, tmp_path):
    names = set()
    for _ in range(2):
        (tmp_path / "file.new").write_bytes(b"mine")
        with files.open_replacement(file, 0o644) as descriptor:
            os.write(descriptor, b"new")
            (name,) = set(os.listdir(tmp_path)) - {"file", "file.new"}
            assert mode(tmp_path / name) == 0o600
            names.add(name)
        assert (tmp_path / "file.new").read_bytes() == b"mine"
    assert len(names) == 2
    assert mode(file) == 0o644


def test_each_of_two_simultaneous_replacements_is_whole(file):
    first, second = (files.open_replacement(file, 0o600) for _ in range(2))
    with first as one:
        os.write(one, b"one")
        with second as two:
            os.write(two, b"two, longer")
        assert files.read(file) == b"two, longer"
    assert files.read(file) == b"one"


def test_a_new_file_never_takes_the_place_of_another(file, tmp_path):
    with (
        pytest.raises(FileExistsError),
        files.open_replacement(file, 0o600, overwrite=False) as descriptor,
    ):
        os.write(descriptor, b"new")
    with files.open_replacement(file + "2", 0o640, overwrite=False) as descriptor:
        os.write(descriptor, b"new")
    assert (files.read(file), files.read(file + "2")) == (b"0123456789", b"new")
    assert mode(file + "2") == 0o640
    assert sorted(os.listdir(tmp_path)) == ["file", "file2"]


def test_a_copy_never_takes_the_place_of_another(file):
    copies = [files.keep_copy(file, file + ".bak") for _ in range(3)]
    assert copies == [file + ".bak", file + ".bak-2", file + ".bak-3"]
    files.replace(file, b"new")
    assert [files.read(path) for path in copies] == [b"0123456789"] * 3


def test_a_leftover_next_version_is_replaced(file):
    Path(files.next_version_path(file)).write_bytes(
        b"left from a crash, and longer than the new version"
    )
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


def test_default_permissions_are_those_of_the_file_or_follow_the_umask(file):
    os.chmod(file, 0o600)
    assert files.permissions_or_default(file) == 0o600
    old = os.umask(0o027)
    try:
        assert files.permissions_or_default(file + "2") == 0o640
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)


def test_common_permissions_grant_no_more_than_each_file(file):
    other = file + "2"
    Path(other).write_bytes(b"")
    os.chmod(file, 0o664)
    os.chmod(other, 0o646)
    assert files.common_permissions([file, other]) == 0o644
    assert files.common_permissions([file, file + "3"]) == 0o600
    os.chmod(file, 0o400)
    assert files.common_permissions([file]) == 0o600
    assert files.common_permissions([]) == 0o666


def test_a_backup_holds_the_last_version(file, tmp_path):
    backup = file + ".bak"
    for body in (b"one", b"two"):
        files.replace(file, body)
        files.keep_backup(file, backup)
        assert files.read(backup) == body
    files.keep_backup(file, backup)
    assert sorted(os.listdir(tmp_path)) == ["file", "file.bak"]
    files.keep_backup(file + "2", backup)
    assert files.read(backup) == b"two"


def test_a_backup_replaces_a_temporary_file_left_from_a_crash(file):
    backup = file + ".bak"
    Path(files.next_version_path(backup)).write_bytes(b"half")
    files.keep_backup(file, backup)
    assert files.read(backup) == b"0123456789"
    assert os.path.samefile(file, backup), "no copy of the content was made"
    assert not os.path.exists(files.next_version_path(backup))


def test_a_file_set_aside_gets_a_name_with_the_time_and_a_number(file, tmp_path):
    for _ in range(3):
        Path(file).write_bytes(b"x")
        files.set_aside(file)
    files.set_aside(file)
    names = sorted(os.listdir(tmp_path))
    assert len(names) == 3
    assert all(name.startswith("file.damaged-20") for name in names)


def test_an_unused_path_is_numbered_from_two(tmp_path):
    stem = str(tmp_path / "a")
    assert files.unused_path(stem, ".x") == f"{stem}.x"
    for name in ("a.x", "a-2.x"):
        (tmp_path / name).symlink_to("nowhere")
    assert files.unused_path(stem, ".x") == f"{stem}-3.x"
    assert files.unused_path(stem) == stem


def test_an_os_error_becomes_a_library_error():
    def fail(error):
        with files.as_library_error("read", "/x"):
            raise error

    next_step = (
        "nothing was lost; check the disk and the permissions, or name another with --library"
    )
    for error, why in ((OSError(28, "No space left"), "No space left"), (OSError("odd"), "odd")):
        raised = error_of(LibraryError, fail, error)
        assert texts_of(raised) == ("cannot read the library at /x", why, next_step)
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
def test_a_table_name_and_its_file_name_convert_both_ways(table, file):
    assert file_name(table) == file
    assert table_name(file) == table_name(file + ".bak") == table


@pytest.mark.parametrize(
    "file",
    [".json", "a", "a.txt", "A.json", "%41%.json", "a.json.new", "%61.json", "%ff.json", ".x.json"],
)
def test_other_file_names_are_not_tables(file):
    assert table_name(file) is None


def test_a_table_name_that_is_too_long_is_shown_abbreviated():
    error = error_of(LibraryError, file_name, "y" * 201)
    assert error.what == f"invalid table name {'y' * 80!r}"
    assert error_of(LibraryError, file_name, "").what == "invalid table name ''"


def test_a_lock_held_by_another_process_is_an_error_with_the_time_waited(tmp_path):
    folder = str(tmp_path)

    def lock(timeout, *options):
        with hold_lock(folder, timeout, *options):
            pass

    with hold_lock(folder, 0):
        assert texts_of(error_of(LibraryBusy, lock, 0)) == (
            "another papertrack is writing to the library",
            f"in {folder}",
            "try again in a moment",
        )
        error = error_of(LibraryBusy, lock, 0.05, ".lock", "another alert is running")
        assert texts_of(error)[:2] == (
            "another alert is running",
            f"it has locked {folder} for more than 0.05 s",
        )
        lock(0, ".other")
    lock(0)
    assert mode(tmp_path / ".lock") == 0o600


def test_a_lock_file_that_cannot_be_created_is_a_library_error(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    def lock_inside_a_file():
        with hold_lock(str(tmp_path / "file"), 0):
            pass

    error = error_of(LibraryError, lock_inside_a_file)
    assert error.what == f"cannot lock the library at {tmp_path / 'file'}"
    assert error.why
    assert error.next_step == ("check that the folder is writable, or name another with --library")


def test_where_files_cannot_be_locked_another_file_is_the_lock_and_files_are_not_locked(
    tmp_path, file, monkeypatch
):
    """The system call fails as on such a file system, which no test can mount."""
    fcntl = pytest.importorskip("fcntl")

    def flock(_descriptor, operation):
        if operation != fcntl.LOCK_UN:
            raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    held = tmp_path / ".lock.held"
    with hold_lock(str(tmp_path), 0):
        assert mode(held) == 0o600
        with pytest.raises(LibraryBusy), hold_lock(str(tmp_path), 0):
            pass
    assert not held.exists()
    with open(file, "rb") as first, open(file, "rb") as second:
        lock_file(first.fileno(), 0)
        lock_file(second.fileno(), 0)


def test_replacing_a_cache_removes_what_killed_processes_left_and_nothing_else(tmp_path):
    others = {f".papertrack-{'0' * 16}", ".papertrack-x.part", "notes", "cache.json.123"}
    for name in (f".papertrack-{'1' * 16}", *others):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    os.utime(tmp_path / f".papertrack-{'0' * 16}")  # of a process that may be running
    files.replace_cache(str(tmp_path / "cache.json"), b"new")
    assert set(os.listdir(tmp_path)) == {*others, "cache.json"}
    assert (tmp_path / "cache.json").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat(tmp_path / "cache.json").st_mode) == files.PRIVATE


def test_forgetting_a_cache_tells_whether_there_was_one(tmp_path):
    (tmp_path / "cache").symlink_to("nowhere")
    assert [files.forget_cache(str(tmp_path), "cache") for _ in range(2)] == [True, False]
    (tmp_path / "folder").mkdir()
    error = error_of(LibraryError, files.forget_cache, str(tmp_path), "folder")
    assert error.what == f"cannot write the library at {tmp_path}"


def test_a_file_is_locked_until_it_is_closed_and_others_wait_for_that(file):
    descriptors = [os.open(file, os.O_RDWR) for _ in range(3)]
    lock_file(descriptors[0], 0)
    lock_file(descriptors[0], 0)
    with pytest.raises(TimeoutError, match=r"^another program has locked it$"):
        lock_file(descriptors[1], 0.02)
    closer = Timer(0.05, os.close, descriptors[:1])
    closer.start()
    lock_file(descriptors[1], 300)
    os.close(descriptors[1])
    lock_file(descriptors[2], 0)
    os.close(descriptors[2])
    closer.join()


def test_a_program_that_waits_for_a_lock_pauses_between_its_attempts(file, monkeypatch):
    pauses = []
    monkeypatch.setattr("papertrack.storage.lock.sleep", pauses.append)
    with open(file, "r+b") as held, open(file, "r+b") as waiting:
        lock_file(held.fileno(), 0)
        times = iter((0.0, 0.5, 1.0))
        monkeypatch.setattr("papertrack.storage.lock.monotonic", lambda: next(times))
        with pytest.raises(TimeoutError):
            lock_file(waiting.fileno(), 1)
    assert pauses == [0.01]


def test_without_hard_links_a_new_file_replaces_none(tmp_path, monkeypatch):
    """The system call fails as on FAT, which no test can mount."""

    def fail(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    path = tmp_path / "new"
    with files.open_replacement(str(path), 0o600, overwrite=False) as descriptor:
        files.write_all(descriptor, b"first")
    assert path.read_bytes() == b"first"
    with (
        pytest.raises(FileExistsError),
        files.open_replacement(str(path), 0o600, overwrite=False) as descriptor,
    ):
        files.write_all(descriptor, b"second")
    assert [each.name for each in tmp_path.iterdir()] == ["new"]
    assert path.read_bytes() == b"first"
    path.chmod(0o640)
    for keep, name in ((files.keep_copy, "copy"), (files.keep_backup, "backup")):
        keep(str(path), str(tmp_path / name))
        assert (tmp_path / name).read_bytes() == b"first"
    assert files.keep_copy(str(path), str(tmp_path / "copy")) == str(tmp_path / "copy-2")
    assert mode(tmp_path / "copy-2") == 0o640
