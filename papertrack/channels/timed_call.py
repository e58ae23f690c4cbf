"""A call with a deadline that holds whatever the other side does.

The time-out of a connection starts again with each byte: a server that sends one byte per second,
or a slow name server, could block a run forever. So the call runs in a daemon thread, which is
abandoned at the deadline and ends with the process.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TypeVar

_T = TypeVar("_T")


class TimedCall:
    """A call with a deadline. `handed_over`: the other side may have received the message."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = False
        self.handed_over = False

    def hand_over(self) -> None:
        """Record that the message is about to be handed over; called just before.

        Raises TimeoutError after the deadline, when the message must not be sent any more.
        """
        with self._lock:
            if self._over:
                raise TimeoutError
            self.handed_over = True

    def run(self, seconds: float, work: Callable[[], _T]) -> _T:
        """Return what `work` returns. Raises what it raises, and TimeoutError after `seconds`."""
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
    except BaseException as error:  # noqa: BLE001  # the caller of `run` gets it, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)
