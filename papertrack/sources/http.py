"""The one polite client under all sources: bounded in time, in size and in tries.

httpx limits the time of a read, not of an answer: a server that sends a byte a second would hold
it for ever, and so would a slow name server. So each request runs in a thread of its own that
nobody waits for longer than is left, or than the client is open.
"""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx
import stamina
from stamina.instrumentation import set_on_retry_hooks

from papertrack import __version__
from papertrack.errors import SourceError
from papertrack.sources import StatusError
from papertrack.text import clean, shorten

_USER_AGENT = f"papertrack/{__version__} (+https://pypi.org/project/papertrack-cli)"
_SIZE_LIMIT = 32 * 2**20
_EXCUSE_LIMIT = 2**16
_TRIES = 3
_REDIRECTS = 3
_LONGEST_PAUSE = 1.0
_LONGEST_TRY = 30.0
_SHORTEST_TRY = 0.05

_OK = 200
_TOO_MANY_REQUESTS = 429
_PASSING = (_TOO_MANY_REQUESTS, 502, 503)

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_SECONDS = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
_RESET = re.compile(r"\br=0\s*;\s*t=(\d{1,9})", re.ASCII)


class TryAgain(SourceError):
    """A failure that may pass. `wait` is how many seconds the server asked for, if it did."""

    def __init__(self, source: str, kind: str, message: str, wait: float | None = None) -> None:
        super().__init__(source, kind, message)
        self.wait = wait


class HttpClient:
    """Asks servers over HTTP; safe to use from several threads.

    All requests end `deadline` seconds after construction, or when the client is closed. One try
    takes a third of the deadline and no more than 30 seconds, so that a server that hangs leaves
    time for the others; only one that trickles its headers, or a name server, can take all of it.
    `size_limit` counts the bytes of an answer, before and after decompression.
    """

    def __init__(
        self,
        user_agent: str | None = None,
        deadline: float = 30.0,
        size_limit: int = _SIZE_LIMIT,
    ) -> None:
        self._until = monotonic() + deadline
        self._patience = min(deadline / 3, _LONGEST_TRY)
        self._size_limit = size_limit
        self._headers = {"User-Agent": user_agent or _USER_AGENT, "Accept-Encoding": "gzip"}
        self._client: httpx.Client | None = None
        self._opening = Lock()
        self._closed: Future[Any] = Future()
        self._calls = stamina.RetryingCaller(
            attempts=_TRIES,
            timeout=None,
            wait_initial=0.2,
            wait_jitter=0.3,
            wait_max=_LONGEST_PAUSE,
        )
        # Without this stamina logs each retry, and logging writes it to standard error.
        set_on_retry_hooks(())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed.set_result(None)
        if self._client is not None:
            self._client.close()

    def get(self, source: str, url: str, params: Mapping[str, str | int]) -> bytes:
        """The body that `url` answers with, decompressed but not looked into.

        Broken connections and the statuses 429, 502 and 503 are tried three times, after the wait
        the server asked for where that fits into the deadline. Raises SourceError with one of the
        kinds timeout, connection, rate-limit, redirect, too-large; StatusError for any other
        status than 200.
        """
        try:
            address = httpx.URL(url, params=params)
        except httpx.InvalidURL as error:
            raise SourceError(source, "connection", f"{_short(url)} is not a URL") from error
        left = self._until - monotonic()
        if left < _SHORTEST_TRY:
            raise SourceError(source, "timeout", f"no time was left to ask {address.host}")
        outcome = _started(lambda: self._calls(self._pause, self._try, source, address))
        wait((outcome, self._closed), left, FIRST_COMPLETED)
        if not outcome.done():
            raise _too_slow(source, address.host, left)
        return outcome.result()

    def _pause(self, error: Exception) -> bool | float:
        """Whether to try again after `error`, or after how many seconds."""
        if not isinstance(error, TryAgain) or self._closed.done():
            return False
        left = self._until - monotonic()
        if error.wait is None:
            return left > _LONGEST_PAUSE + _SHORTEST_TRY
        return error.wait + _SHORTEST_TRY < left and error.wait

    def _try(self, source: str, address: httpx.URL) -> bytes:
        host = address.host
        client = self._opened(source)
        patience = min(self._patience, self._until - monotonic())
        try:
            return self._exchange(client, source, address, monotonic() + patience)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _too_slow(source, host, patience) from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            message = f"{_short(str(address))} cannot be asked: {_reason(error)}"
            raise SourceError(source, "connection", message) from error
        except httpx.ConnectError as error:
            message = f"{host} cannot be reached: {_reason(error)}"
            raise TryAgain(source, "connection", message) from error
        except (httpx.TransportError, zlib.error) as error:
            message = f"the answer of {host} broke off: {_reason(error)}"
            raise TryAgain(source, "connection", message) from error

    def _opened(self, source: str) -> httpx.Client:
        """The connections, opened for the first request: reading the certificates takes 20 ms."""
        with self._opening:
            if self._client is None:
                try:
                    self._client = httpx.Client(headers=self._headers)
                except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
                    # A proxy or certificates that the environment names, but that cannot be used.
                    message = f"no connection can be made from here: {_reason(error)}"
                    raise SourceError(source, "connection", message) from error
            return self._client

    def _exchange(
        self, client: httpx.Client, source: str, address: httpx.URL, until: float
    ) -> bytes:
        left = until - monotonic()
        if left <= 0:
            raise TimeoutError
        request = client.build_request("GET", address, timeout=left)
        for _ in range(_REDIRECTS + 1):
            with closing(client.send(request, stream=True)) as response:
                if response.next_request is None:
                    return self._answer(source, response, until)
                request = response.next_request
            if _origin(request.url) != _origin(address):
                elsewhere = _short(str(request.url))
                message = f"{address.host} redirects to {elsewhere}, which is not followed"
                raise SourceError(source, "redirect", message)
        raise SourceError(source, "redirect", f"{address.host} redirects without end")

    def _answer(self, source: str, response: httpx.Response, until: float) -> bytes:
        host, status = response.url.host, response.status_code
        if status == _OK:
            body = _read(response, self._size_limit, until)
            if body is None:
                message = f"{host} sent more than {self._size_limit:,} bytes"
                raise SourceError(source, "too-large", message)
            return body
        message = f"{host} answered {status}{_excuse(response, until)}"
        if status not in _PASSING:
            raise StatusError(source, status, message)
        asked = _asked_wait(response.headers)
        if asked is not None:
            message = f"{host} asks to wait {asked:.0f} s ({status})"
        limited = asked is not None or status == _TOO_MANY_REQUESTS
        raise TryAgain(source, "rate-limit" if limited else "status", message, asked)


def _started(work: Callable[[], bytes]) -> Future[bytes]:
    """What `work` will return or raise, in a daemon thread: those of an executor would be waited
    for when the process ends.
    """
    outcome: Future[bytes] = Future()

    def settle() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            outcome.set_exception(error)

    Thread(target=settle, daemon=True).start()
    return outcome


def _too_slow(source: str, host: str, patience: float) -> SourceError:
    return SourceError(source, "timeout", f"{host} did not answer within {round(patience, 1):g} s")


def _read(response: httpx.Response, limit: int, until: float) -> bytes | None:
    """The decompressed body, or None where it or what came over the wire exceeds `limit` bytes.

    Not `iter_bytes`: that inflates 64 kB to 64 MB at a time, and yields nothing, so leaves no
    moment to look at the clock, while a compressed body trickles.
    """
    packed = response.headers.get("Content-Encoding", "").lower() in ("gzip", "x-gzip")
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    body = bytearray()
    for chunk in response.iter_raw():
        if monotonic() > until:
            raise TimeoutError
        body += inflate.decompress(chunk, limit + 1 - len(body)) if packed else chunk
        if max(len(body), response.num_bytes_downloaded) > limit:
            return None
    if packed and not inflate.eof:
        raise zlib.error("compressed data without its end")
    return bytes(body)


def _excuse(response: httpx.Response, until: float) -> str:
    """What the server says about its refusal, `{"error": "..."}`, as the end of a message."""
    with suppress(ValueError, LookupError, TypeError, RecursionError, zlib.error, httpx.HTTPError):
        said = json.loads(_read(response, _EXCUSE_LIMIT, until) or b"")["error"]
        return f": {_short(said)}" if isinstance(said, str) else ""
    return ""


def _asked_wait(headers: httpx.Headers) -> float | None:
    """Seconds to wait by Retry-After, else by a RateLimit that is used up (IETF draft 9, as Hugging
    Face sends it: r requests remain for t seconds); None where neither says.
    """
    asked = headers.get("Retry-After")
    if asked is None:
        reset = _RESET.search(headers.get("RateLimit", ""))
        return float(reset[1]) if reset else None
    if seconds := _SECONDS.fullmatch(asked):
        return float(seconds[1])
    moment = _http_date(asked)
    # The server's own clock, where it tells, as ours may be wrong.
    now = _http_date(headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _http_date(text: str) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(text).astimezone(UTC)
    return None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _reason(error: Exception) -> str:
    return _ERRNO.sub("", _short(str(error)))


def _short(text: str) -> str:
    return shorten(clean(text), 200)
