"""The lock that allows a single writer in a folder, across all processes of the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from papertrack.errors import LibraryBusy, LibraryError

_NAME = ".lock"
_BUSY = "another papertrack is writing to the library"


@contextmanager
def hold_lock(folder: str, timeout: float, name: str = _NAME, busy: str = _BUSY) -> Iterator[None]:
    """Hold the lock file `name` of a folder.

    The operating system releases it when the process ends, even if it is killed. `busy` is the
    message if another process holds the lock. Raises LibraryBusy after `timeout` seconds, and
    LibraryError if the lock file cannot be created.
    """
    # Imported here because filelock takes 40 ms to import and readers take no lock.
    from filelock import FileLock, Timeout

    lock = FileLock(os.path.join(folder, name), timeout=timeout, mode=0o600)
    try:
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
