"""One try to hand something over, which ends in time whatever the other side does.

The time-out of a connection begins anew with each byte, so that a server that sends one a second
would hold us for ever, and so would a slow name server. So what may wait is done in a thread of its
own, which is left behind when the time is over; it ends with the process.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TypeVar

_T = TypeVar("_T")


class Attempt:
    """One try. `given`: the other side may have the message, whatever comes of the try."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = False
        self.given = False

    def give(self) -> None:
        """Note, before it is so, that the other side may have the message from now on.

        Raises TimeoutError where nobody waits any more: it must not be given then.
        """
        with self._lock:
            if self._over:
                raise TimeoutError
            self.given = True

    def run(self, seconds: float, work: Callable[[], _T]) -> _T:
        """What `work` returns or raises. Raises TimeoutError after `seconds`; nothing is given any
        more from then on.
        """
        future: Future[_T] = Future()
        Thread(target=_settle, args=(future, work), daemon=True).start()
        try:
            return future.result(max(0.0, seconds))
        finally:
            with self._lock:
                self._over = True


def _settle(future: "Future[_T]", work: Callable[[], _T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is the caller's
        future.set_exception(error)
    else:
        future.set_result(result)
