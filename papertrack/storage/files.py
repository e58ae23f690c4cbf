"""Reading files, and replacing them atomically: readers get the old content or the new.

In the library's folder, which is papertrack's own, the next version of a file has a fixed name, so
that the next writer replaces what a crash has left. Anywhere else temporary names are random.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from itertools import count
from operator import and_
from time import gmtime, strftime, time

from papertrack.errors import LibraryError

FileFingerprint = tuple[int, int, int]
SIZE_LIMIT = 2**29  # bytes: 500 times the largest table that papertrack writes
PRIVATE = 0o600
BINARY = getattr(os, "O_BINARY", 0)  # Without it, Windows writes CR LF for each LF.
_PREFIX, _RANDOM_BYTES = ".papertrack-", 8  # of the names of temporary files
_ABANDONED_SECONDS = 3600
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY
# Without O_NONBLOCK, opening a named pipe would block until another process writes to it.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | BINARY


class UnusableFile(Exception):
    """A path does not lead to a usable file; the message says why."""


def fingerprint(path: str) -> FileFingerprint:
    """Return a value that changes whenever the file does. Raises OSError."""
    return fingerprint_of(os.stat(path))


def fingerprint_of(status: os.stat_result) -> FileFingerprint:
    """Return the fingerprint of a file whose status is available already."""
    return status.st_mtime_ns, status.st_size, status.st_ino


def read(path: str, limit: int = -1) -> bytes:
    """Return the content of a file, or its first `limit` bytes. Raises OSError, UnusableFile."""
    with open_for_reading(path) as (descriptor, status):
        return read_up_to(descriptor, status.st_size if limit < 0 else limit)


@contextmanager
def open_for_reading(path: str, limit: float = SIZE_LIMIT) -> Iterator[tuple[int, os.stat_result]]:
    """Open a file and yield its descriptor and status.

    Raises OSError, and UnusableFile if it is not a regular file or has more than `limit` bytes.
    """
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnusableFile("it is not a regular file")
        if status.st_size > limit:
            raise UnusableFile(f"it is too large: {status.st_size:,} bytes")
        yield descriptor, status
    finally:
        os.close(descriptor)


def read_up_to(descriptor: int, length: int) -> bytes:
    """Return the next `length` bytes of a file, or fewer at its end. Raises OSError."""
    parts = []
    # Not with a file object, because creating it takes four more system calls.
    while length > 0 and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def next_version_path(path: str) -> str:
    """The path where a new version of a file is written before it replaces the file."""
    return path + ".new"


def backup_path(path: str) -> str:
    """The path of the backup of a file."""
    return path + ".bak"


@contextmanager
def open_next_version(path: str, permissions: int) -> Iterator[int]:
    """Create the next version of a file and yield its descriptor. Raises OSError.

    An existing file or link in its place is removed; links are not followed.
    """
    target = next_version_path(path)
    try:
        descriptor = os.open(target, _CREATE, PRIVATE)
    except FileExistsError:
        remove(target)
        descriptor = os.open(target, _CREATE, PRIVATE)
    try:
        if permissions != PRIVATE:
            os.chmod(target, permissions)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_replacement(
    path: str, permissions: int, *, durable: bool = True, overwrite: bool = True
) -> Iterator[int]:
    """Yield a descriptor to write new content that atomically replaces a file at the end.

    If anything fails, the file stays as it was. Until the end the content is in a private file
    beside it, whose name nobody can foresee and which no other process uses. Without `durable` the
    content is not flushed to the disk, which is quicker and enough for files that can be created
    again. Raises OSError; FileExistsError if the file exists, unless `overwrite`.
    """
    temporary = os.path.join(os.path.dirname(path), _PREFIX + os.urandom(_RANDOM_BYTES).hex())
    descriptor = os.open(temporary, _CREATE, PRIVATE)
    try:
        try:
            yield descriptor
            if permissions != PRIVATE:
                os.chmod(temporary, permissions)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        (os.replace if overwrite else _rename_to_unused)(temporary, path)
    finally:
        remove(temporary)


def forget_cache(folder: str, name: str) -> bool:
    """Delete a cache of a library; whether it existed. Raises LibraryError."""
    path = os.path.join(folder, name)
    exists = os.path.lexists(path)
    with as_library_error("write", folder):
        remove(path)
    return exists


def replace_cache(path: str, *parts: bytes) -> None:
    """Replace a private file that may be lost, in a folder of papertrack's own. Raises OSError.

    Also removes what replacements left in the folder that were killed an hour ago or earlier.
    """
    _remove_abandoned(os.path.dirname(path))
    with open_replacement(path, PRIVATE, durable=False) as descriptor:
        for part in parts:
            write_all(descriptor, part)


def _remove_abandoned(folder: str) -> None:
    before = time() - _ABANDONED_SECONDS
    length = len(_PREFIX) + 2 * _RANDOM_BYTES
    with os.scandir(folder) as files_there:
        for file in files_there:
            if file.name.startswith(_PREFIX) and len(file.name) == length:
                with suppress(FileNotFoundError):  # Another process removes them, too.
                    if file.stat(follow_symlinks=False).st_mtime < before:
                        os.unlink(file.path)


def _rename_to_unused(path: str, new: str) -> None:
    """Rename a file to a name that no file has. Raises FileExistsError if one has it, OSError."""
    try:
        os.link(path, new)
    except FileExistsError:
        raise
    except OSError:  # This file system has no hard links.
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new) from None
        os.rename(path, new)


def permissions_or_default(path: str) -> int:
    """The permissions of a file; those of any new file if it does not exist. Raises OSError."""
    if os.path.exists(path):
        return permissions_or_private(path)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def permissions_or_private(path: str) -> int:
    """The permissions of a file; PRIVATE if it does not exist. Raises OSError."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode) & 0o666
    except FileNotFoundError:
        return PRIVATE


def common_permissions(paths: Iterable[str]) -> int:
    """The permissions that all of these files grant; the owner's always. Raises OSError."""
    return reduce(and_, map(permissions_or_private, paths), 0o666) | PRIVATE


def write_all(descriptor: int, body: bytes) -> None:
    """Write every byte; a single os.write may write only a part. Raises OSError."""
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(path: str, body: bytes) -> None:
    """Replace the content of a file atomically, keeping its permissions. Raises OSError.

    It is not flushed to the disk. A new file is readable by its owner only.
    """
    with open_next_version(path, permissions_or_private(path)) as descriptor:
        write_all(descriptor, body)
    os.replace(next_version_path(path), path)


def remove(path: str) -> None:
    """Remove a file if it exists. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def keep_backup(path: str, backup: str) -> None:
    """Make the present version of a file available at `backup` too. Raises OSError.

    Replaces an earlier backup; does nothing if there is no file.
    """
    spare = next_version_path(backup)
    with suppress(FileNotFoundError):
        try:
            _link(path, spare)
        except FileNotFoundError:
            raise
        except OSError:  # This file system has no hard links.
            replace(backup, read(path))
        else:
            os.replace(spare, backup)
            remove(spare)  # os.replace does nothing if both names are links to one file.


def keep_copy(path: str, other: str) -> str:
    """Make the present version of a file available at `other` too, and return its path there.

    If there is a file already, it stays, and the path has a number. Raises OSError, UnusableFile.
    """
    while True:
        unused = unused_path(other)
        try:
            os.link(path, unused)
        except FileExistsError:
            continue
        except OSError:  # This file system has no hard links.
            permissions = permissions_or_private(path)
            with open_replacement(unused, permissions, overwrite=False) as descriptor:
                write_all(descriptor, read(path))
        return unused


def _link(path: str, other: str) -> None:
    try:
        os.link(path, other)
    except FileExistsError:
        remove(other)
        os.link(path, other)


def set_aside(path: str) -> None:
    """Rename a file to an unused name with `.damaged-` and the UTC time. Raises OSError."""
    aside = unused_path(path + strftime(".damaged-%Y%m%dT%H%M%SZ", gmtime()))
    with suppress(FileNotFoundError):
        os.rename(path, aside)


def unused_path(stem: str, ending: str = "") -> str:
    """Return the path `stem` + `ending`, with a number between them if it exists already."""
    stems = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(path for stem in stems if not os.path.lexists(path := stem + ending))


def flush(path: str) -> None:
    """Flush a file, or the directory entries of a folder, to the disk. Raises OSError."""
    if os.name == "posix" or not os.path.isdir(path):  # Windows cannot open folders.
        # Windows flushes only files that are open for writing; elsewhere that may not be permitted.
        descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def as_library_error(verb: str, path: str) -> Iterator[None]:
    """Raise LibraryError for an OSError raised within."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"cannot {verb} the library at {path}",
            error.strerror or str(error),
            "nothing was lost; check the disk and the permissions, or name another with --library",
        ) from error
