"""Locks that allow a single writer of a folder or a file, across all processes of the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING

from papertrack.errors import LibraryBusy, LibraryError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NAME = ".lock"
_PRIVATE = 0o600
_PAUSE = 0.01  # seconds between attempts to lock a file
_BUSY = "another papertrack is writing to the library"


@contextmanager
def hold_lock(folder: str, timeout: float, name: str = _NAME, busy: str = _BUSY) -> Iterator[None]:
    """Hold the lock file `name` of a folder.

    The operating system releases it when the process ends, even if it is killed. `busy` is the
    message if another process holds the lock. Raises LibraryBusy after `timeout` seconds, and
    LibraryError if the lock file cannot be created.
    """
    # Imported here because filelock takes 40 ms to import and readers take no lock.
    from filelock import Timeout

    try:
        lock = new_lock(os.path.join(folder, name), timeout)
        lock.acquire()
    except Timeout:
        raise LibraryBusy(
            busy,
            f"it has locked {folder} for more than {timeout:g} s" if timeout else f"in {folder}",
            "try again in a moment",
        ) from None
    except OSError as error:
        raise LibraryError(
            f"cannot lock the library at {folder}",
            error.strerror or str(error),
            "check that the folder is writable, or name another with --library",
        ) from error
    try:
        yield
    finally:
        lock.release()


def new_lock(path: str, timeout: float) -> "BaseFileLock":
    """Return a lock that is held by locking the file at `path`, which is created.

    On a file system without flock, it is held by creating another file. That has the id of the
    process, so that the file of a process that has ended is ignored. Raises OSError.
    """
    if _has_flock(path):
        from filelock import FileLock

        return FileLock(path, timeout=timeout, mode=_PRIVATE)
    from filelock import SoftFileLock

    return SoftFileLock(path + ".held", timeout=timeout, mode=_PRIVATE)


def _has_flock(path: str) -> bool:
    try:
        from fcntl import LOCK_NB, LOCK_SH, flock
    except ImportError:  # Windows has another kind of lock.
        return True
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, _PRIVATE)
    try:
        flock(descriptor, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def lock_file(descriptor: int, timeout: float) -> None:
    """Lock an open file until it is closed, against other programs that lock it in the same way.

    Does nothing where the system or the file system has no such locks. Raises TimeoutError after
    `timeout` seconds.
    """
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Windows
        return
    until = monotonic() + timeout
    while True:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            if monotonic() >= until:
                raise TimeoutError("another program has locked it") from None
            sleep(_PAUSE)
        except OSError:
            return
        else:
            return
