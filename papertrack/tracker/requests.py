"""Asking sources side by side, each as many things at once as it allows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from papertrack import log
from papertrack.errors import SourceError
from papertrack.models import Listing

if TYPE_CHECKING:  # importing these would import the network
    from papertrack.sources import HttpResponse, ListingRequest, RateLimit, Source
    from papertrack.sources.http import HttpClient

# Failures of these kinds say that the service is down or wants to be left alone.
_DOWN = ("timeout", "connection", "rate-limit")


class SourceRequest(NamedTuple):
    """One thing to ask one source for."""

    source: "Source"
    request: "ListingRequest"

    @property
    def size(self) -> int:
        """How many listings it asks for: one a day and category."""
        return len(self.request.days) * len(self.request.categories)


class SourceResponse(NamedTuple):
    """What came of asking: listings, or why there are none."""

    request: SourceRequest
    listings: tuple[Listing, ...] = ()
    error: SourceError | None = None


class _SourceClient:
    """What is asked of one source: so much at once as it allows, and once it seems down nothing
    more, so that a dead service costs its time-out once and not for each day of a year.

    It is the client of the source, so that requests are counted and not the work on what they
    bring: while one answer is parsed the next is already asked for.
    """

    def __init__(self, source: "Source", http: "HttpClient") -> None:
        # Not at the top: on a morning when nothing is due there are no threads.
        from threading import BoundedSemaphore, Lock

        self._http = http
        self._gate = BoundedSemaphore(source.max_concurrent)
        self._patience = max(2, source.max_concurrent)
        self._failed = 0
        self._last: SourceError | None = None
        self._lock = Lock()

    def get(
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int],
        *,
        validator: str | None = None,
        pace: "RateLimit | None" = None,
    ) -> "HttpResponse":
        """As HttpClient.get, once there is room."""
        with self._gate:
            return self._http.get(source, url, params, validator=validator, pace=pace)

    def ask(self, wanted: SourceRequest, now: datetime) -> SourceResponse:
        """Ask now, unless the source is down."""
        with self._lock:
            if self._last and self._failed >= self._patience:
                return SourceResponse(wanted, error=self._last)
        try:
            listings = tuple(wanted.source.listings(self, wanted.request, now))
        except SourceError as error:
            self._note(error)
            return SourceResponse(wanted, error=error)
        self._note(None)
        return SourceResponse(wanted, listings)

    def _note(self, error: SourceError | None) -> None:
        with self._lock:
            self._last = error
            self._failed = self._failed + 1 if error and error.kind in _DOWN else 0


def fetch_all(
    wanted: Sequence[SourceRequest], client: Callable[[], "HttpClient"], now: datetime
) -> Iterator[SourceResponse]:
    """Ask for everything, and yield the answers as they come."""
    if not wanted:
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed

    # No `with` around the pools: it would wait for slow answers after Ctrl-C.
    sources = dict.fromkeys(one.source for one in wanted)
    pools = {source: ThreadPoolExecutor(_workers(source)) for source in sources}
    with client() as http:
        lines = {source: _SourceClient(source, http) for source in sources}
        asked = [pools[one.source].submit(lines[one.source].ask, one, now) for one in wanted]
        try:
            for one in as_completed(asked):
                answer = one.result()
                _report(answer)
                yield answer
        finally:
            for pool in pools.values():
                pool.shutdown(wait=False, cancel_futures=True)


def _report(answer: SourceResponse) -> None:
    """Write an answer to the log."""
    for listing in answer.listings:
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
    if error := answer.error:
        source, days = answer.request.source.name, answer.request.request.days
        log.warning("listing", source=source, days=days, failed=error.kind, problem=error.what)


def _workers(source: "Source") -> int:
    """How many threads keep a source's line full: one where its order is its own, else two more
    than it allows requests, as each answer waits in memory for being parsed.
    """
    return source.max_concurrent if source.max_concurrent == 1 else source.max_concurrent + 2
