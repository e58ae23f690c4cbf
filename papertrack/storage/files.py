"""Reading and replacing whole files, so that each is always the old one or the new one."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from itertools import count
from operator import and_
from time import gmtime, strftime

from papertrack.errors import LibraryError

FileFingerprint = tuple[int, int, int]
SIZE_LIMIT = 2**29  # 500 times the largest table that papertrack writes
PRIVATE = 0o600
_BINARY = getattr(os, "O_BINARY", 0)  # else Windows writes CR LF for each LF
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
# Opening a pipe that nobody writes to would wait for ever.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY


class UnusableFile(Exception):
    """What is in the place of a file can be no file of ours; the message says what it is."""


def fingerprint(path: str) -> FileFingerprint:
    """What changes whenever the file does. Raises OSError."""
    return fingerprint_of(os.stat(path))


def fingerprint_of(found: os.stat_result) -> FileFingerprint:
    """The same of a file that was looked at."""
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(path: str, limit: int = -1) -> bytes:
    """The bytes of a file, or the first `limit` of them. Raises OSError, Unusable."""
    with open_for_reading(path) as (descriptor, found):
        return read_some(descriptor, found.st_size if limit < 0 else limit)


@contextmanager
def open_for_reading(path: str, limit: float = SIZE_LIMIT) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor of a file, and what there is to know about it. Raises OSError, and Unusable
    also for one that has more bytes than `limit`.
    """
    descriptor = os.open(path, _READ)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnusableFile("it is no file")
        if found.st_size > limit:
            raise UnusableFile(f"it has {found.st_size:,} bytes")
        yield descriptor, found
    finally:
        os.close(descriptor)


def read_some(descriptor: int, length: int) -> bytes:
    """The next bytes of a file: as many as are there, up to `length`. Raises OSError."""
    parts = []
    # Not a file object: to make one asks the system four more times.
    while length > 0 and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def next_version_path(path: str) -> str:
    """Where the next version of a file is written."""
    return path + ".new"


def backup_path(path: str) -> str:
    """Where the last version of a file is kept."""
    return path + ".bak"


@contextmanager
def open_next_version(path: str, rights: int) -> Iterator[int]:
    """A descriptor of the next version of a file with these rights. What is in its way goes; a
    planted link is not followed.
    """
    target = next_version_path(path)
    try:
        descriptor = os.open(target, _CREATE, PRIVATE)
    except FileExistsError:
        remove(target)
        descriptor = os.open(target, _CREATE, PRIVATE)
    try:
        if rights != PRIVATE:
            os.chmod(target, rights)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_replacement(path: str, rights: int, *, lasting: bool = True) -> Iterator[int]:
    """A descriptor of what takes the place of a file in one step, once all of it is written and on
    the disk; where that fails, what was there stays. One of many that are written for the first
    time and could be written again need not be `lasting`, which takes its time. Raises OSError.
    """
    try:
        with open_next_version(path, rights) as descriptor:
            yield descriptor
            if lasting:
                os.fsync(descriptor)
        os.replace(next_version_path(path), path)
    finally:
        remove(next_version_path(path))


def usual_rights(path: str) -> int:
    """The rights of a file, where there is none yet those that every new file gets."""
    if os.path.exists(path):
        return rights_of(path)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def rights_of(path: str) -> int:
    """The rights of a file, those of its owner alone where there is none yet. Raises OSError."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode) & 0o666
    except FileNotFoundError:
        return PRIVATE


def rights_of_all(paths: Iterable[str]) -> int:
    """The rights that every one of some files gives, and its owner's to read and write."""
    return reduce(and_, map(rights_of, paths), 0o666) | PRIVATE


def write_all(descriptor: int, body: bytes) -> None:
    """Write every byte: the system may take a part only. Raises OSError."""
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def replace(path: str, body: bytes) -> None:
    """Put a new version in the place of a file, in one step, with the rights of the present one,
    else for its owner alone. Raises OSError.
    """
    with open_next_version(path, rights_of(path)) as descriptor:
        write_all(descriptor, body)
    os.replace(next_version_path(path), path)


def remove(path: str) -> None:
    """Remove a file where there is one. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def keep_backup(path: str, kept: str) -> None:
    """Give the present version of a file a second name, in place of what had it, if any."""
    spare = next_version_path(kept)
    with suppress(FileNotFoundError):
        try:
            _link(path, spare)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without links
            replace(kept, read(path))
        else:
            os.replace(spare, kept)
            remove(spare)  # which the rename leaves where both are one file already


def _link(path: str, other: str) -> None:
    try:
        os.link(path, other)
    except FileExistsError:
        remove(other)
        os.link(path, other)


def set_aside(path: str) -> None:
    """Give whatever is at `path` a name that nothing had, which says when. Raises OSError."""
    aside = unused_path(path + strftime(".damaged-%Y%m%dT%H%M%SZ", gmtime()))
    with suppress(FileNotFoundError):
        os.rename(path, aside)


def unused_path(stem: str, ending: str = "") -> str:
    """A path that begins and ends so, with a number between where others have it already."""
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(path for one in numbered if not os.path.lexists(path := one + ending))


def flush(path: str) -> None:
    """Have a file, or the names in a folder, written to the disk. Raises OSError."""
    if os.name == "posix" or not os.path.isdir(path):  # Windows cannot open a folder
        # Windows flushes only what is open for writing; others may lack the right to write.
        descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def as_library_error(verb: str, path: str) -> Iterator[None]:
    """Turn what the system says into a LibraryError."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"cannot {verb} the library at {path}",
            error.strerror or str(error),
            "nothing was lost; check the disk and the permissions, or name another with --library",
        ) from error
