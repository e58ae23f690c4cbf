"""One writer at a time for a folder, across all processes of the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from papertrack.errors import LibraryBusy, LibraryError

_NAME = ".lock"
_BUSY = "another papertrack is writing to the library"


@contextmanager
def hold_lock(folder: str, timeout: float, name: str = _NAME, busy: str = _BUSY) -> Iterator[None]:
    """Hold the folder's lock, or another of that `name`; the system frees it when the process ends,
    however it ends. `busy` says what another process does that holds it.

    Raises LibraryBusy where another process keeps it for longer than `timeout` seconds, and
    LibraryError where no lock can be made there.
    """
    # Not at the top: filelock costs 40 ms to import, and readers take no lock.
    from filelock import FileLock, Timeout

    lock = FileLock(os.path.join(folder, name), timeout=timeout, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LibraryBusy(
            busy,
            f"it has held {folder} for more than {timeout:g} s" if timeout else f"in {folder}",
            "try again in a moment",
        ) from None
    except OSError as error:
        raise LibraryError(
            f"cannot lock the library at {folder}",
            error.strerror or str(error),
            "check that the folder can be written to, or name another with --library",
        ) from error
    try:
        yield
    finally:
        lock.release()
