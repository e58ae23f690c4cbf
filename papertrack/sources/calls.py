"""Requests in threads of their own, so that each can be given up at any moment.

httpx limits the time of a read, not of an answer: a server that sends its headers a byte a second
would hold whoever reads them for ever, and so would a slow name server.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, contextmanager, suppress
from queue import SimpleQueue
from socket import SHUT_RDWR, socket
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from papertrack import log

_T = TypeVar("_T")


class Clock:
    """The clock of a client's deadlines: seconds of time.monotonic. Tests hold one of their own."""

    def now(self) -> float:
        """Return the present moment."""
        return monotonic()

    def awaited(self, future: Future[_T], until: float) -> _T:
        """Return what comes of `future`; raises TimeoutError after that moment."""
        return future.result(max(0.0, until - self.now()))

    def rest(self, closed: Event, seconds: float) -> None:
        """Wait so long, unless `closed` is set before."""
        closed.wait(seconds)


class Call(Generic[_T]):
    """What `work` returns or raises, done within `turn`.

    `begun` is the moment of `clock` at which the turn came, or what kept it away; `reply`
    is there once the turn is over. Given up, both raise TimeoutError. `facts` are for the log; the
    work sets values and adds no keys, as another thread may be reading them.
    """

    def __init__(
        self,
        turn: AbstractContextManager[None],
        work: Callable[["Call[_T]"], _T],
        clock: Clock,
    ) -> None:
        self.begun: Future[float] = Future()
        self.reply: Future[_T] = Future()
        self.facts: log.Facts = {"status": None, "bytes": None}
        self._turn, self._work, self._clock = turn, work, clock
        self._given_up = False
        self._socket: socket | None = None

    def run(self) -> None:
        """Do the work, and tell what came of it."""
        try:
            with self._turn:
                _settle(self.begun, self._clock.now())
                if self._given_up:
                    return
                reply = self._work(self)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            _fail(self.reply if self.begun.done() else self.begun, error)
        else:
            _settle(self.reply, reply)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the connection that is made for this call, as the "trace" extension of
        httpx. Of one that was open before nothing is told: it may outlive the call.
        """
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            # Noted first, looked at second, and the other way round in `give_up`: whichever thread
            # comes later sees what the other did.
            if self._given_up:
                self._cut()

    def give_up(self) -> None:
        """Let it ask for nothing more, end all waits for it, and cut its connection, so that its
        turn is free.
        """
        if not self.reply.done():
            self._given_up = True
            _fail(self.begun, TimeoutError())
            _fail(self.reply, TimeoutError())
            # Last, as the cut makes the work fail, and that is not why the call ended.
            self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # A close would not wake the thread that reads. Not the method of an SSLSocket: it
                # takes from that thread what it reads with.
                socket.shutdown(self._socket, SHUT_RDWR)


# A call that is given up may end in the same moment: what was said of it first stands.


def _settle(future: Future[_T], result: _T) -> None:
    with suppress(InvalidStateError):
        future.set_result(result)


def _fail(future: Future[Any], error: BaseException) -> None:
    with suppress(InvalidStateError):
        future.set_exception(error)


_Queue = SimpleQueue[Call[Any] | None]


class Calls:
    """The calls of one client, all of which end with it.

    Threads are kept for the next call: starting one takes as long as half a request.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._closed = Event()
        self._running: set[Call[Any]] = set()
        self._idle: list[_Queue] = []
        self._lock = Lock()

    @property
    def closed(self) -> bool:
        """Whether nothing is asked for any more."""
        return self._closed.is_set()

    def close(self) -> None:
        """Give up all calls, and end every wait."""
        with self._lock:
            self._closed.set()
            for call in self._running:
                call.give_up()
            for queue in self._idle:
                queue.put(None)

    @contextmanager
    def call(
        self, turn: AbstractContextManager[None], work: Callable[[Call[_T]], _T]
    ) -> Iterator[Call[_T]]:
        """Have `work` done within `turn`, unless closed; given up where that is left before."""
        call = Call(turn, work, self._clock)
        with self._lock:
            if self.closed:
                call.give_up()
            else:
                self._running.add(call)
                self._begin(call)
        try:
            yield call
        finally:
            call.give_up()
            with self._lock:
                self._running.discard(call)

    def rest(self, seconds: float) -> None:
        """Wait so long, unless closed."""
        self._clock.rest(self._closed, seconds)

    def _begin(self, call: Call[Any]) -> None:
        if self._idle:
            queue = self._idle.pop()
        else:
            queue = SimpleQueue()
            # No process waits for such a thread at its end, as it would for those of an executor.
            Thread(target=self._work, args=(queue,), daemon=True).start()
        queue.put(call)

    def _work(self, queue: _Queue) -> None:
        while self._served(queue):
            pass

    def _served(self, queue: _Queue) -> bool:
        """Whether there was a next call. Of its own, so that no answer is held while waiting."""
        call = queue.get()
        if call is None:
            return False
        call.run()
        with self._lock:
            if not self.closed:
                self._idle.append(queue)
            return not self.closed
