"""The HTTP client of all sources, with limits on time, size and number of tries."""

import zlib
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from threading import Lock
from types import TracebackType
from typing import NamedTuple, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from papertrack import log
from papertrack.errors import SourceError
from papertrack.network.calls import Call, Calls, Clock
from papertrack.network.proxies import ProxyError
from papertrack.network.transport import Transport, error_text, route
from papertrack.sources import USER_AGENT, HttpResponse, RateLimit, StatusError
from papertrack.sources.downloads import Download
from papertrack.sources.responses import (
    conditional_headers,
    error_detail,
    quoted,
    read_body,
    read_error_body,
    retry_after_seconds,
    validator_of,
)

CLOCK = Clock()  # of the clients that are given no other
_SIZE_LIMIT = 16 * 2**20  # twice a page of 2,500 records of OAI-PMH
# For concurrent responses, which must all fit into memory: real pages have 1 MB.
_CONCURRENT_SIZE_LIMIT = 4 * 2**20
_MAX_TRIES = 3
_MAX_REDIRECTS = 3
_BACK_OFF = wait_exponential(multiplier=0.2, max=0.7) + wait_random(0, 0.3)
_MAX_PAUSE = 1.0
_MAX_TRY_SECONDS = 60.0
_MIN_TRY_SECONDS = 0.05
_SLOT_MARGIN = 0.25  # waiting for a slot ends this much earlier, so that its reason is reported

_OK, _PARTIAL, _NOT_MODIFIED = 200, 206, 304
_TOO_MANY_REQUESTS = 429
_RANGE_NOT_SATISFIABLE = 416
_RETRYABLE = (_TOO_MANY_REQUESTS, 502, 503)


class RetryableError(SourceError):
    """A failure that may be temporary; `wait` is the server's Retry-After in seconds, or None."""

    def __init__(self, source: str, kind: str, message: str, wait: float | None = None) -> None:
        super().__init__(source, kind, message)
        self.wait = wait


class _Request(NamedTuple):
    """A GET request in the name of `source`, which ends at `until`, a time of the clock.

    With a `download`, the body of the response goes to its file.
    """

    source: str
    url: httpx.URL
    rate_limit: RateLimit | None
    until: float
    validator: str | None = None
    has_fallback: bool = False
    download: Download | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers of this request, besides those of the client."""
        headers = conditional_headers(self.validator)
        if self.rate_limit:
            headers["Connection"] = "close"
        return headers | (self.download.headers() if self.download else {})


class HttpClient:
    """An HTTP client that is safe to use from several threads.

    All requests end `deadline` seconds after construction (if `rolling`, after the last response),
    or when the client is closed. A try may take a third of that time, as a server that hangs must
    leave time for other tries; with a rate limit two thirds, as such requests wait for each other
    and such services may be slow; if `patient`, all of the remaining time, unless the request has a
    fallback. A download may also take all of the remaining time. `size_limit` applies to the bytes
    of a response before and after decompression.
    """

    def __init__(
        self,
        user_agent: str | None = None,
        deadline: float = 30.0,
        size_limit: int = _SIZE_LIMIT,
        *,
        rolling: bool = False,
        patient: bool = False,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or CLOCK
        self._clock = clock
        self._deadline = deadline
        self._patient = patient
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
        rate_limit: RateLimit | None = None,
        has_fallback: bool = False,
    ) -> HttpResponse:
        """Send a GET request and return the response, its body decompressed but not parsed.

        Lost connections and the statuses 429, 502 and 503 are tried three times, after the
        server's Retry-After if that fits into the deadline. Waiting for a slot of
        `rate_limit` counts towards the deadline, but not towards the time of a try.

        Raises SourceError of kind timeout, connection, rate-limit, redirect or too-large, and
        StatusError for any status but 200, and 304 in response to a `validator` of this client.
        """
        valid = validator if conditional_headers(validator) else None
        address = _parse_url(source, url, params)
        request = _Request(source, address, rate_limit, self._until, valid, has_fallback)
        return self._request(request)

    def download(
        self, source: str, url: str, download: Download, *, rate_limit: RateLimit | None = None
    ) -> None:
        """Send a GET request and write the body to the file of `download`, which stays unfinished.

        A lost connection is tried three times, each continuing where the last ended. Raises as
        `get` and as Download.receive.
        """
        address = _parse_url(source, url, {})
        self._request(_Request(source, address, rate_limit, self._until, download=download))

    def _request(self, request: _Request) -> HttpResponse:
        retrying = Retrying(
            retry=retry_if_exception(partial(self._is_worth_retrying, request.until)),
            stop=stop_after_attempt(_MAX_TRIES),
            wait=_pause,
            sleep=self._calls.sleep,
            reraise=True,
        )
        try:
            response = retrying(self._try, request)
        except StatusError:
            self.extend_deadline()
            raise
        self.extend_deadline()
        return response

    def seconds_left(self) -> float:
        """Return the seconds until the deadline; less than zero after it."""
        return self._until - self._clock.now()

    def extend_deadline(self) -> None:
        """Restart a rolling deadline, as a server has responded."""
        if self._rolling:
            self._until = self._clock.now() + self._deadline

    def _is_worth_retrying(self, until: float, error: BaseException) -> bool:
        """Return whether `error` may be temporary and the pause fits into the deadline."""
        if not isinstance(error, RetryableError) or self._calls.is_closed:
            return False
        pause = _MAX_PAUSE if error.wait is None else error.wait
        return self._clock.now() + pause + _MIN_TRY_SECONDS < until

    def _try(self, request: _Request) -> HttpResponse:
        source, host = request.source, route(request.url)
        if self._calls.is_closed or request.until - self._clock.now() < _MIN_TRY_SECONDS:
            raise _deadline_error(request)
        client = self._open(source)
        try:
            return self._follow_redirects(client, request)
        except ProxyError as error:
            kind = RetryableError if error.temporary else SourceError
            raise kind(source, "connection", str(error)) from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            message = f"cannot request {quoted(str(request.url))}: {error_text(error)}"
            raise SourceError(source, "connection", message) from error
        except httpx.ConnectError as error:
            message = f"{host} cannot be reached: {error_text(error)}"
            raise RetryableError(source, "connection", message) from error
        except (httpx.TransportError, zlib.error) as error:
            message = f"the response of {host} was cut off or damaged: {error_text(error)}"
            raise RetryableError(source, "connection", message) from error
        except OSError as error:  # the trusted certificates cannot be read
            raise SourceError(source, "connection", error.strerror or str(error)) from error

    def _open(self, source: str) -> httpx.Client:
        """Return the client of httpx, created on first use."""
        with self._opening:
            if self._client is None:
                try:
                    self._client = httpx.Client(headers=self._headers, transport=Transport())
                except ValueError as error:
                    message = f"cannot send the configured user agent: {error_text(error)}"
                    raise SourceError(source, "connection", message) from error
            return self._client

    def _follow_redirects(self, client: httpx.Client, request: _Request) -> HttpResponse:
        """Send a request and follow redirects on its host, all within the time of a try."""
        url = request.url
        seconds = self._seconds_for_try(request)
        for _ in range(_MAX_REDIRECTS + 1):
            result, seconds = self._send(client, request, url, seconds)
            if isinstance(result, HttpResponse):
                return result
            if not _is_same_server(url, result):
                target = quoted(str(result))
                message = f"{url.host} redirects to another server, {target}; not followed"
                raise SourceError(request.source, "redirect", message)
            url = result
        message = f"{url.host} redirects more than {_MAX_REDIRECTS} times"
        raise SourceError(request.source, "redirect", message)

    def _seconds_for_try(self, request: _Request) -> float:
        if request.download or (self._patient and not request.has_fallback):
            return request.until - self._clock.now()
        share = self._deadline * (2 if request.rate_limit else 1) / 3
        return min(share, _MAX_TRY_SECONDS)

    def _send(
        self, client: httpx.Client, request: _Request, url: httpx.URL, seconds: float
    ) -> tuple[HttpResponse | httpx.URL, float]:
        """Send a request; return its response, or the target of a redirect, and the time left.

        `seconds` is the time left for this try.
        """
        queued = self._clock.now()
        limit = request.rate_limit
        slot = limit.slot(request.until - _SLOT_MARGIN) if limit else None
        exchange = partial(self._exchange, client, request, url, seconds)
        with self._calls.call(exchange, slot) as call:
            try:
                started = self._clock.wait_for(call.started, request.until)
            except TimeoutError as error:
                raise _no_slot_error(request, request.until - queued, error) from error
            seconds = min(seconds, request.until - started)
            if seconds < _MIN_TRY_SECONDS:
                raise _deadline_error(request)
            facts: log.Facts = {"source": request.source, "method": "GET", "url": url}
            with log.timed("request", facts, call.facts):
                try:
                    result = self._clock.wait_for(call.result, started + seconds)
                except (TimeoutError, httpx.TimeoutException) as error:
                    raise _timeout_error(request.source, route(url), seconds) from error
            return result, seconds - (self._clock.now() - started)

    def _exchange(
        self,
        client: httpx.Client,
        request: _Request,
        url: httpx.URL,
        seconds: float,
        call: Call[HttpResponse | httpx.URL],
    ) -> HttpResponse | httpx.URL:
        until = min(self._clock.now() + seconds, request.until)
        left = until - self._clock.now()
        if left <= 0:
            raise TimeoutError
        http_request = client.build_request(
            "GET", url, headers=request.headers(), timeout=left, extensions={"trace": call.trace}
        )
        try:
            response = client.send(http_request, stream=True)
        except httpx.InvalidURL as error:  # the URL of this request is valid
            message = f"{url.host} redirects to an address that is not valid; not followed"
            raise SourceError(request.source, "redirect", message) from error
        with closing(response):
            call.facts["status"] = response.status_code
            if response.next_request is not None:
                return response.next_request.url
            try:
                return self._read(request, response, until)
            finally:
                call.facts["bytes"] = response.num_bytes_downloaded

    def _read(self, request: _Request, response: httpx.Response, until: float) -> HttpResponse:
        source, host, status = request.source, response.url.host, response.status_code
        if status == _NOT_MODIFIED and request.validator is not None:
            return HttpResponse(None, request.validator)
        if request.download and status in (_OK, _PARTIAL):
            request.download.receive(source, response, until)
            return HttpResponse(None)
        if request.download and status == _RANGE_NOT_SATISFIABLE:
            request.download.discard()
            raise httpx.RemoteProtocolError("the server has no such part of the file")
        if status == _OK:
            limit = self._size_limit
            if not request.rate_limit:
                limit = min(limit, _CONCURRENT_SIZE_LIMIT)
            body = read_body(source, response, limit, until)
            return HttpResponse(body, validator_of(response.headers))
        body = read_error_body(response, until)
        message = f"{host} responded with status {status}{error_detail(body)}"
        if status not in _RETRYABLE:
            raise StatusError(source, status, message, body)
        wait = retry_after_seconds(response.headers)
        if wait is not None:
            message = f"{host} responded with status {status}: retry after {wait:.0f} s"
        limited = wait is not None or status == _TOO_MANY_REQUESTS
        raise RetryableError(source, "rate-limit" if limited else "status", message, wait)


def _pause(state: RetryCallState) -> float:
    """Return the seconds until the next try: the server's Retry-After, else the back-off."""
    error = state.outcome and state.outcome.exception()
    wait = error.wait if isinstance(error, RetryableError) else None
    return _BACK_OFF(state) if wait is None else wait


def _parse_url(source: str, url: str, params: Mapping[str, str | int]) -> httpx.URL:
    try:
        return httpx.URL(url, params=params)
    except httpx.InvalidURL as error:
        raise SourceError(source, "connection", f"{quoted(url)} is not a URL") from error


def _deadline_error(request: _Request) -> SourceError:
    message = f"the deadline passed before {request.url.host} was requested"
    return SourceError(request.source, "timeout", message)


def _no_slot_error(request: _Request, seconds: float, error: TimeoutError) -> SourceError:
    reason = f": {error}" if str(error) else ""
    host, duration = request.url.host, _format_seconds(seconds)
    message = f"no rate-limit slot for {host} within {duration}{reason}"
    return SourceError(request.source, "timeout", message)


def _timeout_error(source: str, host: str, seconds: float) -> SourceError:
    message = f"{host} did not respond within {_format_seconds(seconds)}"
    return SourceError(source, "timeout", message)


def _format_seconds(seconds: float) -> str:
    return f"{round(seconds, 1):g} s"


def _is_same_server(url: httpx.URL, target: httpx.URL) -> bool:
    """Return whether a redirect stays on its server, or leads to https on the same host."""
    if (url.scheme, target.scheme, url.host) == ("http", "https", target.host):
        return True
    return (url.scheme, url.host, url.port) == (target.scheme, target.host, target.port)
