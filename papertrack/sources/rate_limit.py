"""A rate limiter for slow services, shared by all papertrack processes of a user on a machine."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from math import inf, nan
from time import monotonic, sleep

_MAX_NAME_LENGTH = 100
_MAX_TIME_LENGTH = 40


class RateLimiter:
    """A limit of one request at a time under a `name`, with `delay` seconds between requests.

    It holds for all threads and processes of this user on this machine, whatever their settings;
    a request starts at least `delay` seconds after the previous one ended. If no lock file can be
    created, the limit holds for the threads of this process only.
    """

    def __init__(self, name: str, delay: float) -> None:
        self._name = name
        self._delay = delay

    @contextmanager
    def slot(self, until: float) -> Iterator[None]:
        """Wait for a slot and hold it; the system frees it however the process ends.

        Raises TimeoutError, with the reason, if there is no slot before `until`, a time of
        time.monotonic; at once if that is already certain.
        """
        limit = _LIMITS.setdefault(self._name, _ThreadLimit())
        with limit.hold(until), _process_lock(self._name, until) as last_slot:
            pause = max(self._pause(limit.last_end), self._pause(last_slot.end()))
            self._wait(pause, until)
            # If this process is killed during the request, its end stays unknown.
            last_slot.save("not yet")
            try:
                yield
            finally:
                limit.last_end = monotonic()
                last_slot.save(repr(limit.last_end))

    def _pause(self, last_end: float) -> float:
        """Return the seconds still to wait: the full delay if the last end is unknown.

        Also for an end in the future, as time.monotonic starts again when the machine restarts.
        """
        passed = monotonic() - last_end
        return max(0.0, self._delay - passed) if passed >= 0 else self._delay

    def _wait(self, pause: float, until: float) -> None:
        if pause > 0 and monotonic() + pause > until:
            raise TimeoutError(f"at most one request per {self._delay:g} s")
        sleep(pause)


class _ThreadLimit:
    """The slots of a name among the threads of this process."""

    def __init__(self) -> None:
        # Slow imports in this module are inside functions, as most runs send no request.
        from threading import Lock

        self._lock = Lock()
        self.last_end = -inf

    @contextmanager
    def hold(self, until: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=max(0.0, until - monotonic())):
            raise TimeoutError("another request is in progress")
        try:
            yield
        finally:
            self._lock.release()


_LIMITS: dict[str, _ThreadLimit] = {}


class _LastSlot:
    """The end of the last slot of all processes, in a file beside their lock, if there is one."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def end(self) -> float:
        """Return a time of time.monotonic, whose clock all processes share.

        nan if it is unknown, minus infinity if there was no slot yet.
        """
        if self._path is None:
            return -inf
        try:
            with open(self._path, encoding="ascii", opener=_open_private) as file:
                return float(file.read(_MAX_TIME_LENGTH))
        except FileNotFoundError:
            return -inf
        except (OSError, ValueError):
            return nan

    def save(self, end: str) -> None:
        if self._path is not None:
            with (
                suppress(OSError),  # for example a full disk; this process has it in memory
                open(self._path, "w", encoding="ascii", opener=_open_private) as file,
            ):
                file.write(end)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


@contextmanager
def _process_lock(name: str, until: float) -> Iterator[_LastSlot]:
    """Hold the lock file of a name, if one can be created."""
    from filelock import Timeout

    from papertrack.storage.lock import new_lock

    try:
        path = _path(name)
        lock = new_lock(f"{path}.lock", max(0.0, until - monotonic()))
        held: AbstractContextManager[object] = lock.acquire()
    except Timeout:
        raise TimeoutError("another papertrack process is using it") from None
    except OSError:
        path, held = None, nullcontext()
    with held:
        yield _LastSlot(path and f"{path}.end")


def _path(name: str) -> str | None:
    """Return the path of the files of `name`, without suffix. Raises OSError as `_folder`."""
    from urllib.parse import quote

    # Names that are equal after truncation share a limit, which does no harm.
    return os.path.join(_folder(), quote(name, safe="", errors="replace")[:_MAX_NAME_LENGTH])


def _folder() -> str:
    """Create and return this user's folder for lock files, which no configuration moves.

    Raises OSError if it cannot be created, or if another user could write to it.
    """
    from tempfile import gettempdir

    if not hasattr(os, "geteuid"):  # Windows, where each user has a folder for temporary files
        path = os.path.join(gettempdir(), "papertrack")
        os.makedirs(path, exist_ok=True)
        return path
    path = os.path.join(gettempdir(), f"papertrack-{os.geteuid()}")
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise PermissionError(path)
    return path
