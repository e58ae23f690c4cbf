"""Sources: the services that list papers by day, and the HTTP client that they share.

A source is a subclass of `Source` in a file of its own, registered by a line of
`papertrack.source_registry`; `factory.make_source` builds it from its settings. `Source.requests`
plans what to request for some days, `Source.listings` sends a request through a `Client` and parses
the response. `connect` opens that client.

Importing this package, or any source in it, loads no network library; `connect` does. `tracker/`
and `cli/` import it; it imports only lower layers, neither `library/` nor `display/`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from papertrack import __version__
from papertrack.errors import SourceError
from papertrack.models import Listing, Sighting

if TYPE_CHECKING:  # config.location would import yaml
    from papertrack.config.location import ValueType
    from papertrack.sources.downloads import Download
    from papertrack.sources.http import HttpClient


USER_AGENT = f"papertrack/{__version__} (+https://pypi.org/project/papertrack-cli)"


class StatusError(SourceError):
    """An HTTP status that is an error, of kind "status".

    `status` is the HTTP status and `body` the response body, b"" if it was long or unreadable.
    """

    def __init__(self, source: str, status: int, message: str, body: bytes = b"") -> None:
        super().__init__(source, "status", message)
        self.status, self.body = status, body


class RateLimit(Protocol):
    """A limit on how often a service is requested; see `rate_limit.RateLimiter`."""

    def slot(self, until: float) -> AbstractContextManager[None]:
        """Wait for the next slot and hold it for one request.

        Raises TimeoutError if there is none before `until`, a time of time.monotonic.
        """


class HttpResponse(NamedTuple):
    """The response to a GET request.

    `body` is None for "304 Not Modified". `validator` is the ETag or Last-Modified header of the
    response, to be sent with the next request, or None.
    """

    body: bytes | None
    validator: str | None = None


class Client(Protocol):
    """The HTTP client that sources send their requests with."""

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
        """Send a GET request and return the response, its body unparsed.

        With a `validator` the response may be "not modified". With a `rate_limit`, each request
        waits for a slot. A request that `has_fallback` always leaves time for another. Raises
        SourceError with the name `source`, and StatusError for an HTTP status that is an error.
        """


class ListingRequest(NamedTuple):
    """A request to a source: the listings of these days in these categories.

    `validator` is that of the stored listing, if there is one.
    """

    days: tuple[date, ...]
    categories: tuple[str, ...] = ("",)
    validator: str | None = None


class Source(ABC):
    """A service that lists papers by day. Subclasses are called with their settings.

    `name` is for scripts. The registry has the titles of built-in sources; the class of a plugin
    sets `title` and, for lists and sentences, `short_title`. `settings_type` is a named tuple with
    a field for each key of `schema`.

    `max_concurrent` requests are sent at a time. `categories` are the watched categories, each with
    its own coverage; ("",) for a source without categories. `counted` is true if papers have counts
    that keep changing, such as upvotes, from which a trend can be computed. Days before `first_day`
    are never requested; by default that is when the first preprint server began, arXiv. If a
    response `lists_all_days`, as that of a feed, days that it does not reach back to cannot be
    fetched, and its validator is that of all days. No request follows a successful one before
    `min_interval` is over, unless the user asks for it.

    A source with `ranking` lists nothing: its `listings` for today are the ranking at this moment,
    as ranks of papers, which is stored and shown beside papertrack's own. Its papers are not news,
    and it has no coverage.
    """

    name: str
    title: str
    short_title: str
    settings_type: type | None = None
    max_concurrent: int = 1
    categories: tuple[str, ...] = ("",)
    counted: bool = False
    ranking: bool = False
    first_day: date = date(1991, 8, 1)
    lists_all_days: bool = False
    min_interval: timedelta = timedelta()

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the value type of each key of the source in the configuration.

        Called only to read or show a configuration. The key `enabled` belongs to every source and
        is not part of its schema.
        """
        return {}

    @staticmethod
    def objection(settings: Any) -> tuple[str, str] | None:  # noqa: ARG004  # for subclasses
        """Return a problem with settings that are each valid, and what to do about it, or None.

        Called only for a source that is enabled.
        """
        return None

    def lists_on(self, day: date) -> bool:
        """Return whether there can be a listing of `day`; other days are never requested."""
        return day >= self.first_day

    def available_from(self, day: date) -> datetime:
        """Return when the listing of `day` becomes available; by default when it begins in UTC."""
        return datetime.combine(day, time(), UTC)

    def final_after(self, day: date) -> datetime:
        """Return the moment after which a complete listing of `day` is not requested again."""
        return self.available_from(day) + timedelta(days=1)

    def rechecked_from(self, day: date) -> datetime | None:  # noqa: ARG002  # for subclasses
        """Return the time from which a listing of `day` requested earlier is requested once more.

        None if never. For sources that have a second, more reliable service for past days.
        """
        return None

    def requests(self, due: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:  # noqa: ARG002  # for subclasses
        """Return the requests for these days and categories, in the given order of urgency.

        By default all categories of a day are one request.
        """
        by_day: dict[date, list[str]] = {}
        for day, category in due:
            by_day.setdefault(day, []).append(category)
        return [ListingRequest((day,), tuple(categories)) for day, categories in by_day.items()]

    @abstractmethod
    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Send a request and return a listing for each of its days and categories.

        Raises SourceError if nothing could be fetched, and never returns an empty day instead.
        """

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:  # noqa: ARG002  # for subclasses
        """Fetch papers by their ids; ids that the service does not have are left out.

        Raises SourceError.
        """
        return ()

    def search(self, client: Client, text: str, now: datetime) -> Sequence[Sighting]:  # noqa: ARG002  # for subclasses
        """Return the papers that the service's own search finds for a text. Raises SourceError."""
        return ()

    def download_pdf(self, client: "HttpClient", paper_id: str, download: "Download") -> None:  # noqa: ARG002  # for subclasses
        """Download the PDF of a paper to the unfinished file of `download`.

        Raises SourceError as HttpClient.download, and of kind "not-a-pdf" if the service has none.
        """
        raise SourceError(self.name, "not-a-pdf", f"no PDF is known for {paper_id}")


def connect(
    user_agent: str | None, deadline: float, *, rolling: bool = False, patient: bool = False
) -> "HttpClient":
    """Open the HTTP client for all sources.

    Its requests end `deadline` seconds from now or, if it is `rolling`, after the last response. If
    it is `patient`, a single response may take all of that time. `user_agent` defaults to
    USER_AGENT.
    """
    from papertrack.sources.http import HttpClient

    return HttpClient(user_agent, deadline, rolling=rolling, patient=patient)
