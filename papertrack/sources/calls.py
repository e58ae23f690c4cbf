"""Requests in threads of their own, so that each can be given up at any moment.

httpx limits the time of a read, not of an answer: a server that sends its headers a byte a second
would hold whoever reads them for ever, and so would a slow name server.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Lock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Call(Generic[_T]):
    """What `work` returns or raises, done within `turn`.

    `begun` is the moment of time.monotonic at which the turn came, or what kept it away; `reply`
    is there once the turn is over.
    """

    def __init__(
        self, turn: AbstractContextManager[None], work: Callable[["Call[_T]"], _T]
    ) -> None:
        self.begun: Future[float] = Future()
        self.reply: Future[_T] = Future()
        self._turn, self._work = turn, work
        self._given_up = False
        self._socket: socket | None = None

    def start(self) -> None:
        """Begin, in a thread that no process waits for at its end, as it would for an executor."""
        Thread(target=self._run, daemon=True).start()

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
        """Let it ask for nothing more, and cut its connection, so that its turn is free."""
        if not self.reply.done():
            self._given_up = True
            self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # A close would not wake the thread that reads. Not the method of an SSLSocket: it
                # takes from that thread what it reads with.
                socket.shutdown(self._socket, SHUT_RDWR)

    def _run(self) -> None:
        try:
            with self._turn:
                self.begun.set_result(monotonic())
                if self._given_up:
                    raise TimeoutError  # noqa: TRY301 - leaves the turn, as any other end does
                reply = self._work(self)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            (self.reply if self.begun.done() else self.begun).set_exception(error)
        else:
            self.reply.set_result(reply)


class Calls:
    """The calls of one client, all of which end with it."""

    def __init__(self) -> None:
        self._closed: Future[None] = Future()
        self._running: set[Call[Any]] = set()
        self._lock = Lock()

    @property
    def closed(self) -> bool:
        """Whether nothing is asked for any more."""
        return self._closed.done()

    def close(self) -> None:
        """Give up all calls, and end every wait."""
        with self._lock:
            self._closed.set_result(None)
            for call in self._running:
                call.give_up()

    @contextmanager
    def call(
        self, turn: AbstractContextManager[None], work: Callable[[Call[_T]], _T]
    ) -> Iterator[Call[_T]]:
        """Have `work` done within `turn`, unless closed; given up where that is left before."""
        call = Call(turn, work)
        with self._lock:
            if not self.closed:
                self._running.add(call)
                call.start()
        try:
            yield call
        finally:
            call.give_up()
            with self._lock:
                self._running.discard(call)

    def awaited(self, future: Future[_T], until: float) -> _T:
        """What comes of `future`; raises TimeoutError after `until`, a moment of time.monotonic,
        and where it is closed.
        """
        either: tuple[Future[Any], ...] = (future, self._closed)
        wait(either, until - monotonic(), FIRST_COMPLETED)
        if self.closed or not future.done():
            raise TimeoutError
        return future.result()

    def rest(self, seconds: float) -> None:
        """Wait so long, unless closed."""
        wait((self._closed,), seconds)
