"""Send requests to several sources in parallel, each up to its own limit; see `fetch_all`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack import log
from papertrack.errors import FOREIGN_ERRORS, PapertrackError, SourceError, unexpected
from papertrack.models import Listing

if TYPE_CHECKING:  # The imports would load the network client.
    from papertrack.sources import HttpResponse, ListingRequest, Source
    from papertrack.sources.http import HttpClient

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


def fetch_all(
    requests: Sequence[SourceRequest], client: Callable[[], "HttpClient"], now: datetime
) -> Iterator[SourceResponse]:
    """Send all requests and yield the responses in the order of their arrival."""
    if not requests:
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed

    # Not as context managers: after Ctrl-C they would wait for slow responses.
    sources = dict.fromkeys(request.source for request in requests)
    pools = {source: ThreadPoolExecutor(_worker_count(source)) for source in sources}
    with client() as http:
        clients = {source: _SourceClient(source, http) for source in sources}
        futures = [
            pools[request.source].submit(clients[request.source].fetch, request, now)
            for request in requests
        ]
        try:
            for future in as_completed(futures):
                response = future.result()
                _log(response)
                yield response
        finally:
            for pool in pools.values():
                pool.shutdown(wait=False, cancel_futures=True)


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
