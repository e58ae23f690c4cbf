"""The one polite client under all sources: bounded in time, in size and in tries."""

import re
import zlib
from collections.abc import Mapping
from contextlib import closing, nullcontext
from functools import partial
from threading import Lock
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from papertrack import log
from papertrack.errors import SourceError
from papertrack.sources import USER_AGENT, HttpResponse, RateLimit, StatusError
from papertrack.sources.calls import Call, Calls, Clock
from papertrack.sources.responses import (
    conditional_headers,
    error_detail,
    quoted,
    read_body,
    read_error_body,
    validator_of,
)
from papertrack.sources.retry_after import retry_after_seconds

_CLOCK = Clock()
_SIZE_LIMIT = 16 * 2**20  # twice a page of 2,500 records of OAI-PMH
# Where several answers come at once: real pages have 1 MB, and all of them must fit into memory.
_SIZE_LIMIT_AT_ONCE = 4 * 2**20
_TRIES = 3
_REDIRECTS = 3
_BACK_OFF = wait_exponential(multiplier=0.2, max=0.7) + wait_random(0, 0.3)
_LONGEST_PAUSE = 1.0
_LONGEST_TRY = 30.0
_SHORTEST_TRY = 0.05
_LAST_TURN = 0.25  # before the end: time for the turn to tell that it will not come, and why

_OK, _NOT_MODIFIED = 200, 304
_TOO_MANY_REQUESTS = 429
_PASSING = (_TOO_MANY_REQUESTS, 502, 503)

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")


class RetryableError(SourceError):
    """A failure that may pass. `wait` is how many seconds the server asked for, if it did."""

    def __init__(self, source: str, kind: str, message: str, wait: float | None = None) -> None:
        super().__init__(source, kind, message)
        self.wait = wait


class _Request(NamedTuple):
    """What is asked for, in whose name, and until which moment of the clock."""

    source: str
    address: httpx.URL
    validator: str | None
    pace: RateLimit | None
    until: float


class HttpClient:
    """Asks servers over HTTP; safe to use from several threads.

    All requests end `deadline` seconds after construction, if `rolling` after the last answer, or
    when the client is closed. One try takes a third of that, as a server that hangs must leave time
    for other tries; where requests take turns, and so wait for each other, two thirds, as such
    services may be slow. `size_limit` counts the bytes of an answer, before and after
    decompression.
    """

    def __init__(
        self,
        user_agent: str | None = None,
        deadline: float = 30.0,
        size_limit: int = _SIZE_LIMIT,
        *,
        rolling: bool = False,
        clock: Clock = _CLOCK,
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        self._rolling = rolling
        self._until = clock.now() + deadline
        self._size_limit = size_limit
        self._headers = {"User-Agent": user_agent or USER_AGENT, "Accept-Encoding": "gzip"}
        self._client: httpx.Client | None = None
        self._opening = Lock()
        self._calls = Calls(clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._calls.close()
        with self._opening:
            if self._client is not None:
                self._client.close()

    def get(
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int],
        *,
        validator: str | None = None,
        pace: RateLimit | None = None,
    ) -> HttpResponse:
        """The body that `url` answers with, decompressed but not looked into, and its validator.

        Broken connections and the statuses 429, 502 and 503 are tried three times, after the wait
        the server asked for where that fits into the time. Raises SourceError with one of the
        kinds timeout, connection, rate-limit, redirect, too-large; StatusError for any other
        status than 200, and than 304 where a `validator` that this client made was sent. Time
        spent waiting for a turn of `pace` is time of the whole, but not of a try.
        """
        try:
            address = httpx.URL(url, params=params)
        except httpx.InvalidURL as error:
            raise SourceError(source, "connection", f"{quoted(url)} is not a URL") from error
        until = self._until
        known = validator if conditional_headers(validator) else None
        tries = Retrying(
            retry=retry_if_exception(partial(self._worth_another, until)),
            stop=stop_after_attempt(_TRIES),
            wait=_pause,
            sleep=self._calls.rest,
            reraise=True,
        )
        try:
            answer = tries(self._try, _Request(source, address, known, pace, until))
        except StatusError:
            self._roll()
            raise
        self._roll()
        return answer

    def _roll(self) -> None:
        """Begin the deadline anew, as somebody answers."""
        if self._rolling:
            self._until = self._clock.now() + self._deadline

    def _worth_another(self, until: float, error: BaseException) -> bool:
        """Whether to try again after `error`: whether it may pass, and the pause fits."""
        if not isinstance(error, RetryableError) or self._calls.closed:
            return False
        pause = _LONGEST_PAUSE if error.wait is None else error.wait
        return self._clock.now() + pause + _SHORTEST_TRY < until

    def _try(self, wish: _Request) -> HttpResponse:
        source, host = wish.source, wish.address.host
        if self._calls.closed or wish.until - self._clock.now() < _SHORTEST_TRY:
            raise _no_time(wish)
        client = self._opened(source)
        try:
            return self._followed(client, wish)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            message = f"{quoted(str(wish.address))} cannot be asked: {_reason(error)}"
            raise SourceError(source, "connection", message) from error
        except httpx.ConnectError as error:
            message = f"{host} cannot be reached: {_reason(error)}"
            raise RetryableError(source, "connection", message) from error
        except (httpx.TransportError, zlib.error) as error:
            message = f"the answer of {host} broke off: {_reason(error)}"
            raise RetryableError(source, "connection", message) from error

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

    def _followed(self, client: httpx.Client, wish: _Request) -> HttpResponse:
        """One try: a request, and those that it is redirected to, all with one patience."""
        address = wish.address
        patience = min(self._deadline * (2 if wish.pace else 1) / 3, _LONGEST_TRY)
        for _ in range(_REDIRECTS + 1):
            reply, patience = self._asked(client, wish, address, patience)
            if isinstance(reply, HttpResponse):
                return reply
            if _origin(reply) != _origin(address):
                message = f"{address.host} redirects to {quoted(str(reply))}, which is not followed"
                raise SourceError(wish.source, "redirect", message)
            address = reply
        raise SourceError(wish.source, "redirect", f"{address.host} redirects without end")

    def _asked(
        self, client: httpx.Client, wish: _Request, address: httpx.URL, patience: float
    ) -> tuple[HttpResponse | httpx.URL, float]:
        """What one request came to, the address where it is redirected, and how many of its
        `patience` seconds are left.
        """
        started = self._clock.now()
        turn = wish.pace.slot(wish.until - _LAST_TURN) if wish.pace else nullcontext()
        exchange = partial(self._exchange, client, wish, address, patience)
        with self._calls.call(turn, exchange) as call:
            try:
                began = self._clock.awaited(call.begun, wish.until)
            except TimeoutError as error:
                raise _no_turn(wish, wish.until - started, error) from error
            patience = min(patience, wish.until - began)
            if patience < _SHORTEST_TRY:
                raise _no_time(wish)
            facts: log.Facts = {"source": wish.source, "method": "GET", "url": address}
            with log.timed("request", facts, call.facts):
                try:
                    reply = self._clock.awaited(call.reply, began + patience)
                except (TimeoutError, httpx.TimeoutException) as error:
                    raise _too_slow(wish.source, address.host, patience) from error
            return reply, patience - (self._clock.now() - began)

    def _exchange(
        self,
        client: httpx.Client,
        wish: _Request,
        address: httpx.URL,
        patience: float,
        call: Call[HttpResponse | httpx.URL],
    ) -> HttpResponse | httpx.URL:
        until = min(self._clock.now() + patience, wish.until)
        left = until - self._clock.now()
        if left <= 0:
            raise TimeoutError
        headers = conditional_headers(wish.validator) | (
            {"Connection": "close"} if wish.pace else {}
        )
        request = client.build_request(
            "GET", address, headers=headers, timeout=left, extensions={"trace": call.trace}
        )
        with closing(client.send(request, stream=True)) as response:
            call.facts["status"] = response.status_code
            if response.next_request is not None:
                return response.next_request.url
            try:
                return self._answer(wish, response, until)
            finally:
                call.facts["bytes"] = response.num_bytes_downloaded

    def _answer(self, wish: _Request, response: httpx.Response, until: float) -> HttpResponse:
        source, host, status = wish.source, response.url.host, response.status_code
        if status == _NOT_MODIFIED and wish.validator is not None:
            return HttpResponse(None, wish.validator)
        if status == _OK:
            limit = self._size_limit if wish.pace else min(self._size_limit, _SIZE_LIMIT_AT_ONCE)
            body = read_body(source, response, limit, until)
            return HttpResponse(body, validator_of(response.headers))
        refusal = read_error_body(response, until)
        message = f"{host} answered {status}{error_detail(refusal)}"
        if status not in _PASSING:
            raise StatusError(source, status, message, refusal)
        asked = retry_after_seconds(response.headers)
        if asked is not None:
            message = f"{host} asks to wait {asked:.0f} s ({status})"
        limited = asked is not None or status == _TOO_MANY_REQUESTS
        raise RetryableError(source, "rate-limit" if limited else "status", message, asked)


def _pause(tries: RetryCallState) -> float:
    """Seconds until the next try: what the server asked for, else the back-off."""
    error = tries.outcome and tries.outcome.exception()
    asked = error.wait if isinstance(error, RetryableError) else None
    return _BACK_OFF(tries) if asked is None else asked


def _no_time(wish: _Request) -> SourceError:
    return SourceError(wish.source, "timeout", f"no time was left to ask {wish.address.host}")


def _no_turn(wish: _Request, patience: float, error: TimeoutError) -> SourceError:
    reason = f": {error}" if str(error) else ""
    message = f"it was not our turn to ask {wish.address.host} within {_seconds(patience)}{reason}"
    return SourceError(wish.source, "timeout", message)


def _too_slow(source: str, host: str, patience: float) -> SourceError:
    return SourceError(source, "timeout", f"{host} did not answer within {_seconds(patience)}")


def _seconds(seconds: float) -> str:
    return f"{round(seconds, 1):g} s"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _reason(error: Exception) -> str:
    return _ERRNO.sub("", quoted(str(error)))
