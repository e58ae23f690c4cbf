"""Turns to ask a service that wants to be asked slowly, by one process of a machine at a time."""

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from math import inf, nan
from time import monotonic, sleep

_LONGEST_NAME = 100
_LONGEST_MOMENT = 40


class RateLimiter:
    """One request at a time under one `name`, over all threads and processes of this user on this
    machine, whatever their settings; each begins `delay` seconds after the end of the one before,
    or later.

    Where no lock can be made that others would see, only the threads of this process take turns.
    """

    def __init__(self, name: str, delay: float) -> None:
        self._name = name
        self._delay = delay

    @contextmanager
    def slot(self, until: float) -> Iterator[None]:
        """Hold the turn; the system frees it when the process ends, however it ends.

        Raises TimeoutError, with the reason, where it does not come `until` that moment of
        time.monotonic: at once, where that is certain.
        """
        queue = _QUEUES.setdefault(self._name, _Queue())
        with queue.held(until), _locked(self._name, until) as last:
            self._wait(max(self._pause(queue.last_end), self._pause(last.end())), until)
            # Should we be killed while we ask, nobody can know when that ended.
            last.note("not yet")
            try:
                yield
            finally:
                queue.last_end = monotonic()
                last.note(repr(queue.last_end))

    def _pause(self, last_end: float) -> float:
        """Seconds still to wait: all of them after an end that is not known, or that lies ahead, as
        the clock begins anew with the machine.
        """
        passed = monotonic() - last_end
        return max(0.0, self._delay - passed) if passed >= 0 else self._delay

    def _wait(self, pause: float, until: float) -> None:
        if pause > 0 and monotonic() + pause > until:
            raise TimeoutError(f"it is asked every {self._delay:g} s at most")
        sleep(pause)


class _Queue:
    """The turns of one name among the threads of this process."""

    def __init__(self) -> None:
        # Not at the top, as all that costs time here: sources load this file, and most runs ask
        # nobody.
        from threading import Lock

        self._lock = Lock()
        self.last_end = -inf

    @contextmanager
    def held(self, until: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=max(0.0, until - monotonic())):
            raise TimeoutError("another request is under way")
        try:
            yield
        finally:
            self._lock.release()


_QUEUES: dict[str, _Queue] = {}


class _Last:
    """The last turn of all processes, in a file beside their lock, where there is one."""

    def __init__(self, path: str | None) -> None:
        self._path = path

    def end(self) -> float:
        """A moment of time.monotonic, which all processes share; nan where it is not known, minus
        infinity where there was none.
        """
        if self._path is None:
            return -inf
        try:
            with open(self._path, encoding="ascii", opener=_private) as file:
                return float(file.read(_LONGEST_MOMENT))
        except FileNotFoundError:
            return -inf
        except (OSError, ValueError):
            return nan

    def note(self, end: str) -> None:
        if self._path is not None:
            with (
                suppress(OSError),  # a full disk: `_Queue` knows it, too
                open(self._path, "w", encoding="ascii", opener=_private) as file,
            ):
                file.write(end)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


@contextmanager
def _locked(name: str, until: float) -> Iterator[_Last]:
    """Hold the lock of all processes, where one can be made."""
    from filelock import FileLock, Timeout

    try:
        path = _path(name)
        lock = FileLock(f"{path}.lock", timeout=max(0.0, until - monotonic()), mode=0o600)
        held: AbstractContextManager[object] = lock.acquire()
    except Timeout:
        raise TimeoutError("another papertrack is asking") from None
    except (OSError, NotImplementedError):  # the latter by older filelocks, without flock
        path, held = None, nullcontext()
    with held:
        yield _Last(path and f"{path}.end")


def _path(name: str) -> str | None:
    """Where the files of `name` lie; raises OSError as `_folder`."""
    from urllib.parse import quote

    # Names that become the same by the cut take turns with each other, no more.
    return os.path.join(_folder(), quote(name, safe="", errors="replace")[:_LONGEST_NAME])


def _folder() -> str:
    """This user's folder among the temporary files, which no configuration moves; raises OSError
    where it cannot be made, or where somebody else could have a hand in it.
    """
    from tempfile import gettempdir

    if not hasattr(os, "geteuid"):  # Windows, where each user has temporary files of their own
        path = os.path.join(gettempdir(), "papertrack")
        os.makedirs(path, exist_ok=True)
        return path
    path = os.path.join(gettempdir(), f"papertrack-{os.geteuid()}")
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise PermissionError(path)
    return path
