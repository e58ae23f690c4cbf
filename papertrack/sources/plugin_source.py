"""A source of another package, whose failures stay its own.

Requests are planned for all sources at once, outside the boundary around each request. Whatever a
plugin raises or returns there is logged with its traceback; the plan is then that of any source,
and the request fails as unexpected, or as a time-out if the plugin did not finish.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from papertrack import log
from papertrack.errors import FOREIGN_ERRORS, SourceError, unexpected
from papertrack.models import Listing, Sighting
from papertrack.plugins import SECONDS, run_plugin
from papertrack.source_registry import SourceSpec
from papertrack.sources import Client, ListingRequest, Source

if TYPE_CHECKING:
    from papertrack.sources.downloads import Download
    from papertrack.sources.http import HttpClient

_T = TypeVar("_T")
_MOST_PAPERS = 10_000  # of a search or of some ids
_MOST_LISTINGS = 10_000  # of a request, which is for a day, a month or a year


class PluginSource(Source):
    """Passes every call on to `plugin`, the source of another package."""

    def __init__(self, source: Source, spec: SourceSpec, seconds: float = SECONDS) -> None:
        self.plugin = source
        self._error: BaseException | None = None
        self._seconds = seconds  # left for all plans
        self.name, self.title, self.short_title = spec.name, spec.title, spec.short_title
        self.categories = self._plan(self._categories, Source.categories)
        self.max_concurrent = self._plan(lambda: max(1, int(source.max_concurrent)), 1)
        self.counted = self._plan(lambda: bool(source.counted), Source.counted)
        self.lists_all_days = self._plan(lambda: bool(source.lists_all_days), Source.lists_all_days)
        self.min_interval = self._plan(lambda: timedelta() + source.min_interval, timedelta())

    def lists_on(self, day: date) -> bool:
        """See Source."""
        return self._plan(lambda: bool(self.plugin.lists_on(day)), True)  # noqa: FBT003

    def available_from(self, day: date) -> datetime:
        """See Source."""
        return self._plan(
            lambda: _moment(self.plugin.available_from(day)), super().available_from(day)
        )

    def final_after(self, day: date) -> datetime:
        """See Source."""
        return self._plan(lambda: _moment(self.plugin.final_after(day)), super().final_after(day))

    def rechecked_from(self, day: date) -> datetime | None:
        """See Source."""

        def recheck() -> datetime | None:
            moment = self.plugin.rechecked_from(day)
            return moment if moment is None else _moment(moment)

        return self._plan(recheck, None)

    def requests(self, due: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:
        """See Source."""
        return self._plan(
            lambda: [_request(each) for each in self.plugin.requests(due, now)],
            super().requests(due, now),
        )

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """See Source.listings. Also raises SourceError if the plan failed."""
        if isinstance(self._error, TimeoutError):
            raise SourceError(self.name, "timeout", str(self._error))
        if self._error:
            raise SourceError(self.name, "unexpected", unexpected(self._error))
        listings = tuple(islice(self.plugin.listings(client, request, now), _MOST_LISTINGS + 1))
        if len(listings) > _MOST_LISTINGS:
            raise ValueError("too many listings")
        for listing in listings:
            if not isinstance(listing, Listing) or listing.source != self.name:
                raise TypeError("not a listing of this source")
            if not isinstance(listing.sightings, tuple):  # what is iterated may be endless
                raise TypeError("sightings are not a tuple")
        return listings

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:
        """See Source."""
        return _papers(self.plugin.papers(client, ids, now))

    def search(self, client: Client, text: str, now: datetime) -> Sequence[Sighting]:
        """See Source."""
        return _papers(self.plugin.search(client, text, now))

    def download_pdf(self, client: "HttpClient", paper_id: str, download: "Download") -> None:
        """See Source."""
        self.plugin.download_pdf(client, paper_id, download)

    def _categories(self) -> tuple[str, ...]:
        categories = tuple(self.plugin.categories)
        if not categories or not all(isinstance(each, str) for each in categories):
            raise TypeError("categories are not a tuple of texts")
        return categories

    def _plan(self, ask: Callable[[], _T], otherwise: _T) -> _T:
        if self._error:
            return otherwise
        started = monotonic()
        try:
            return run_plugin(self.name, ask, self._seconds)
        except FOREIGN_ERRORS as error:
            log.error("unexpected", error, source=self.name)
            self._error = error
            return otherwise
        finally:
            self._seconds -= monotonic() - started


class HangingSource(Source):
    """A plugin that did not finish in time when it was imported or created, for `reason`."""

    def __init__(self, spec: SourceSpec, reason: str) -> None:
        self.name, self.title, self.short_title = spec.name, spec.title, spec.short_title
        self._reason = reason

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:  # noqa: ARG002  # as in Source
        """Raise SourceError of kind "timeout"."""
        raise SourceError(self.name, "timeout", self._reason)

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:  # noqa: ARG002  # as in Source
        """Raise SourceError of kind "timeout"."""
        raise SourceError(self.name, "timeout", self._reason)


def _papers(papers: Sequence[Sighting]) -> Sequence[Sighting]:
    """The papers, which may be an endless iterator."""
    first = tuple(islice(papers, _MOST_PAPERS + 1))
    if len(first) > _MOST_PAPERS:
        raise ValueError("too many papers")
    return first


def _moment(value: datetime) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError("not a time with its zone")
    return value


def _request(value: ListingRequest) -> ListingRequest:
    days = value.days
    if not (isinstance(value, ListingRequest) and days and all(type(day) is date for day in days)):
        raise TypeError("not a request for days")
    return value
