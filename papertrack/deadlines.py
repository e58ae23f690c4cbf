"""Work that is given up after some time: code of other packages, which may never end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # few runs need a thread
    from concurrent.futures import Future

_T = TypeVar("_T")


def start(work: Callable[[], _T]) -> "Future[_T]":
    """Start some work in a thread of its own and return its future result, or what it raises.

    No thread can be ended by another one. The process does not wait for this one when it ends.
    """
    from concurrent.futures import Future
    from threading import Thread

    future: Future[_T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, daemon=True).start()
    return future


def finish_within(seconds: float, work: Callable[[], _T]) -> _T:
    """Do some work in a thread of its own and return its result; raises what it raises.

    Raises TimeoutError after so many seconds, when the work goes on and its result is lost.
    """
    return start(work).result(max(0.0, seconds))
