"""Send requests to several sources in parallel, each up to its own limit; see `fetch_all`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from papertrack import log
from papertrack.deadlines import start
from papertrack.errors import FOREIGN_ERRORS, PapertrackError, SourceError, unexpected
from papertrack.models import Listing

if TYPE_CHECKING:  # The imports would load the network client.
    from concurrent.futures import Future
    from queue import SimpleQueue

    from papertrack.sources import HttpResponse, ListingRequest, Source
    from papertrack.sources.http import HttpClient

_T = TypeVar("_T")
# For a source to parse a response that came just before the deadline of its request. A source that
# goes on after that is given up, as that of another package may never end.
_GRACE = 5.0  # seconds
# Error kinds that mean that the service is down or refuses further requests.
_DOWN = ("timeout", "connection", "rate-limit")


class SourceRequest(NamedTuple):
    """A request for listings and the source to send it to."""

    source: "Source"
    request: "ListingRequest"

    @property
    def size(self) -> int:
        """The number of listings requested: one per day and category."""
        return len(self.request.days) * len(self.request.categories)


class SourceResponse(NamedTuple):
    """The listings that a source returned for a request, or the error.

    `sent` is false if the request was not sent because the source has asked to wait.
    """

    request: SourceRequest
    listings: tuple[Listing, ...] = ()
    error: SourceError | None = None
    sent: bool = True


class _SourceClient:
    """Sends the requests of one source, at most as many in parallel as it allows.

    After several failures in a row, or one whose response asks to wait, it sends no more, so that a
    dead service costs a single time-out and not one for each day of a year. The source calls `get`
    of this object instead of the HTTP client's, so that the limit applies to open requests and not
    to the parsing of responses.
    """

    def __init__(self, source: "Source", http: "HttpClient") -> None:
        # Not at module level: a command that sends no request needs no threads.
        from threading import BoundedSemaphore, Lock

        self._http = http
        self._slots = BoundedSemaphore(source.max_concurrent)
        self._max_failures = max(2, source.max_concurrent)
        self._failures = 0
        self._last_error: SourceError | None = None
        self._lock = Lock()

    def get(self, *args: Any, **options: Any) -> "HttpResponse":
        """Call HttpClient.get once a slot is free."""
        with self._slots:
            return self._http.get(*args, **options)

    def fetch(self, request: SourceRequest, now: datetime) -> SourceResponse:
        """Send a request, or return the last error if the source seems down."""
        from papertrack.admission import admit_listing  # not for runs that send no request

        with self._lock:
            if self._last_error and self._failures >= self._max_failures:
                return SourceResponse(request, error=self._last_error)
        try:
            with boundary(request.source.name):
                listings = tuple(
                    map(admit_listing, request.source.listings(self, request.request, now))
                )
        except SourceError as error:
            self._record(error)
            return SourceResponse(request, error=error)
        self._record(None)
        return SourceResponse(request, listings)

    def _record(self, error: SourceError | None) -> None:
        with self._lock:
            self._last_error = error
            self._failures = self._failures + 1 if error and error.kind in _DOWN else 0
            if error and error.wait:
                self._failures = self._max_failures


@contextmanager
def boundary(source: str) -> Iterator[None]:
    """Raise an unexpected exception as SourceError, with its traceback in the log."""
    try:
        yield
    except PapertrackError:
        raise
    except FOREIGN_ERRORS as error:
        log.error("unexpected", error, source=source)
        raise SourceError(source, "unexpected", unexpected(error)) from None


def start_work(source: str, work: Callable[[], _T]) -> "Future[_T]":
    """Start some work of a source in a thread of its own, within `boundary`."""

    def bounded() -> _T:
        with boundary(source):
            return work()

    return start(bounded)


def result_before_deadline(
    source: str, http: "HttpClient", work: "Future[_T]", grace: float = _GRACE
) -> _T:
    """Return the result of started work, which ends with the deadline of its requests.

    Raises SourceError as `boundary`, and of kind "timeout" if the work does not end.
    """
    try:
        return work.result(max(0.0, http.seconds_left()) + grace)
    except TimeoutError as error:
        raise _not_finished(source) from error


def _not_finished(source: str) -> SourceError:
    return SourceError(source, "timeout", "the source did not finish before the deadline")


def fetch_all(
    requests: Sequence[SourceRequest],
    client: Callable[[], "HttpClient"],
    now: datetime,
    grace: float = _GRACE,
) -> Iterator[SourceResponse]:
    """Send all requests and yield the responses in the order of their arrival.

    What has no response `grace` seconds after the deadline of the client has failed.
    """
    if not requests:
        return
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    # Not as context managers: after Ctrl-C they would wait for slow responses.
    sources = dict.fromkeys(request.source for request in requests)
    pools = {source: ThreadPoolExecutor(_worker_count(source)) for source in sources}
    done: SimpleQueue[Future[SourceResponse]] = SimpleQueue()
    with client() as http:
        clients = {source: _SourceClient(source, http) for source in sources}
        sent = {
            pools[request.source].submit(clients[request.source].fetch, request, now): request
            for request in requests
        }
        for future in sent:
            future.add_done_callback(done.put)
        try:
            for response in _responses(http, done, sent, grace):
                _log(response)
                yield response
        finally:
            for pool in pools.values():
                pool.shutdown(wait=False, cancel_futures=True)


def _responses(
    http: "HttpClient",
    done: "SimpleQueue[Future[SourceResponse]]",
    sent: "dict[Future[SourceResponse], SourceRequest]",
    grace: float,
) -> Iterator[SourceResponse]:
    from queue import Empty

    while sent:
        try:
            future = done.get(timeout=max(0.0, http.seconds_left()) + grace)
        except Empty:
            if http.seconds_left() > 0:  # A response has extended the deadline meanwhile.
                continue
            for request in sent.values():
                yield SourceResponse(request, error=_not_finished(request.source.name))
            return
        del sent[future]
        response = future.result()
        if not response.error:
            http.extend_deadline()  # It may have come without this client.
        yield response


def _log(response: SourceResponse) -> None:
    for listing in response.listings:
        log.event(
            "listing",
            source=listing.source,
            category=listing.category or None,
            day=listing.day,
            state=listing.state,
            papers=len(listing.sightings),
            skipped=len(listing.skipped) or None,
            failed=listing.failure and listing.failure.kind,
            problem=listing.failure and listing.failure.message,
        )
    if error := response.error:
        source, days = response.request.source.name, response.request.request.days
        log.warning("listing", source=source, days=days, failed=error.kind, problem=error.what)


def _worker_count(source: "Source") -> int:
    """The number of threads that keep a source's slots in use.

    Two more than slots, as some threads parse; only one if there is one slot, to keep the order.
    """
    return source.max_concurrent if source.max_concurrent == 1 else source.max_concurrent + 2
