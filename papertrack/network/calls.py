"""Calls that run in their own threads, so that they can be abandoned at any time.

The time-out of a connection limits a read, not a whole response: a server that sends a byte a
second would block the reader forever, and so would a slow name server.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from queue import SimpleQueue
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from papertrack import log

_T = TypeVar("_T")


class Clock:
    """The clock of a client's deadlines, in seconds of time.monotonic. Tests replace it."""

    def now(self) -> float:
        """Return the current time."""
        return monotonic()

    def wait_for(self, future: Future[_T], until: float) -> _T:
        """Return the result of `future`. Raises TimeoutError after `until`."""
        return future.result(max(0.0, until - self.now()))

    def sleep(self, closed: Event, seconds: float) -> None:
        """Sleep, but wake up when `closed` is set."""
        closed.wait(seconds)


_CLOCK = Clock()


class Call(Generic[_T]):
    """A run of the function `work`, which is passed this object, within a rate-limit slot if given.

    `started` becomes the time of `clock` at which the slot was acquired, or the error if it was
    not; `result` becomes what `work` returns or raises, after the slot is released. Both raise
    TimeoutError once the call is cancelled. `facts` are for the log; `work` sets their values but
    adds no keys, as another thread may be reading them. If `handed_over` is true, the other side
    may have received the message.
    """

    def __init__(
        self,
        work: Callable[["Call[_T]"], _T],
        slot: AbstractContextManager[None] | None = None,
        clock: Clock = _CLOCK,
    ) -> None:
        self.started: Future[float] = Future()
        self.result: Future[_T] = Future()
        self.facts: log.Facts = {"status": None, "bytes": None}
        self.handed_over = False
        self._slot, self._work, self._clock = slot or nullcontext(), work, clock
        self._lock = Lock()
        self._cancelled = False
        self._socket: socket | None = None

    def run(self) -> None:
        """Acquire the slot, do the work, and set `started` and `result`."""
        try:
            with self._slot:
                _set_result(self.started, self._clock.now())
                if self._cancelled:
                    return
                result = self._work(self)
        except BaseException as error:  # noqa: BLE001 - the caller of the other thread handles it
            _set_error(self.result if self.started.done() else self.started, error)
        else:
            _set_result(self.result, result)

    def start(self) -> None:
        """Run in a new thread, which does not keep the process alive."""
        Thread(target=self.run, daemon=True).start()

    def finish_within(self, seconds: float) -> _T:
        """Run in a new thread and return the result; cancel the call after `seconds`.

        Raises what `work` raises, and TimeoutError after `seconds`.
        """
        self.start()
        try:
            return self.result.result(max(0.0, seconds))
        finally:
            self.cancel()

    def hand_over(self) -> None:
        """Record that a message is about to be handed over; called by `work` just before.

        Raises TimeoutError after `cancel`, when the message must not be sent any more.
        """
        with self._lock:
            if self._cancelled:
                raise TimeoutError
            self.handed_over = True

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Store the socket that is opened for this call; a callback for httpx's "trace" extension.

        It is not called for a connection that was open before, which may outlive the call.
        """
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._cancelled:
                    self._disconnect()

    def cancel(self) -> None:
        """Prevent further requests, end all waits, and cut the connection to free the slot."""
        with self._lock:
            if self.result.done():
                return
            self._cancelled = True
            _set_error(self.started, TimeoutError())
            _set_error(self.result, TimeoutError())
            # Last, because it makes the work fail with an error that is not the cause.
            self._disconnect()

    def _disconnect(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # Closing would not wake the reading thread. Not SSLSocket.shutdown, which discards
                # the TLS state that this thread is reading with.
                socket.shutdown(self._socket, SHUT_RDWR)


# A call may finish at the moment it is cancelled: the first outcome wins.


def _set_result(future: Future[_T], result: _T) -> None:
    with suppress(InvalidStateError):
        future.set_result(result)


def _set_error(future: Future[Any], error: BaseException) -> None:
    with suppress(InvalidStateError):
        future.set_exception(error)


_Queue = SimpleQueue[Call[Any] | None]


class Calls:
    """The calls of a client, which all end when it closes.

    Idle threads are reused: starting one takes as long as half a request.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed = Event()
        self._running: set[Call[Any]] = set()
        self._idle: list[_Queue] = []
        self._lock = Lock()

    @property
    def is_closed(self) -> bool:
        """Whether new calls are refused."""
        return self._closed.is_set()

    def close(self) -> None:
        """Cancel all calls and end every wait."""
        with self._lock:
            self._closed.set()
            for call in self._running:
                call.cancel()
            for queue in self._idle:
                queue.put(None)

    @contextmanager
    def call(
        self, work: Callable[[Call[_T]], _T], slot: AbstractContextManager[None] | None
    ) -> Iterator[Call[_T]]:
        """Run `work` in a thread while holding `slot`; cancelled on leaving, or if closed."""
        call = Call(work, slot, self._clock)
        with self._lock:
            if self.is_closed:
                call.cancel()
            else:
                self._running.add(call)
                self._start(call)
        try:
            yield call
        finally:
            call.cancel()
            with self._lock:
                self._running.discard(call)

    def sleep(self, seconds: float) -> None:
        """Sleep, but wake up when closed."""
        self._clock.sleep(self._closed, seconds)

    def _start(self, call: Call[Any]) -> None:
        if self._idle:
            queue = self._idle.pop()
        else:
            queue = SimpleQueue()
            # Not an executor: the process would wait for its threads at exit.
            Thread(target=self._serve, args=(queue,), daemon=True).start()
        queue.put(call)

    def _serve(self, queue: _Queue) -> None:
        while self._run_next(queue):
            pass

    def _run_next(self, queue: _Queue) -> bool:
        """Run the next call of the queue; return whether to wait for another.

        A separate function, so that no response is kept in memory while waiting.
        """
        call = queue.get()
        if call is None:
            return False
        call.run()
        with self._lock:
            if not self.is_closed:
                self._idle.append(queue)
            return not self.is_closed
