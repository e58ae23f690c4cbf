"""The services that list papers, and what they and their client promise each other.

A source is one class in one file: a subclass of `Source`, named by a line of
`papertrack.source_registry`. Importing this package, or any source in it, loads no network library:
`connect` does.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from papertrack import __version__
from papertrack.errors import SourceError
from papertrack.models import Listing, Sighting

if TYPE_CHECKING:  # config.places would import yaml
    from papertrack.config.location import ValueType
    from papertrack.sources.http import HttpClient


USER_AGENT = f"papertrack/{__version__} (+https://pypi.org/project/papertrack-cli)"


class StatusError(SourceError):
    """The server refused the request; `status` is the HTTP status, `kind` is "status", and `body`
    what came with it, where that was short.
    """

    def __init__(self, source: str, status: int, message: str, body: bytes = b"") -> None:
        super().__init__(source, "status", message)
        self.status, self.body = status, body


class RateLimit(Protocol):
    """Whose turn it is to ask a service that wants to be asked slowly."""

    def slot(self, until: float) -> AbstractContextManager[None]:
        """Hold the turn for one request; raises TimeoutError where it does not come `until` that
        moment of time.monotonic.
        """


class HttpResponse(NamedTuple):
    """What a server answered. `body` is None where it says that what bore the validator is still
    as it was; `validator` is what it calls this answer, if it does.
    """

    body: bytes | None
    validator: str | None = None


class Client(Protocol):
    """What sources ask for their bytes."""

    def get(
        self,
        source: str,
        url: str,
        params: Mapping[str, str | int],
        *,
        validator: str | None = None,
        pace: RateLimit | None = None,
    ) -> HttpResponse:
        """What `url` answers, unchecked; raises SourceError in the name of `source`, StatusError
        where the server refused. With a `validator` the server may say that nothing changed; with
        a `pace` each request waits for its turn.
        """


class ListingRequest(NamedTuple):
    """One thing to ask a source for: what it lists on these days in these categories.

    `validator` is that of the listing that is known of them, where there is one.
    """

    days: tuple[date, ...]
    categories: tuple[str, ...] = ("",)
    validator: str | None = None


class Source(ABC):
    """A service that lists papers by day, called with its settings.

    `name` is for scripts; the registry has the titles of built-in sources, a plugin's class sets
    `title` and, for lists and sentences, `short_title`. `settings_type` is a named tuple with a
    field for each key of `schema`.

    `at_once` asks are made side by side. `categories` are those that are watched, each with a
    coverage of its own; ("",) where it has none. `counted`: its listings have counts, such as
    upvotes, that go on changing and make a trend.
    """

    name: str
    title: str
    short_title: str
    settings_type: type | None = None
    max_concurrent: int = 1
    categories: tuple[str, ...] = ("",)
    counted: bool = False

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return what each key of the configuration may hold; called only to read or show a
        configuration. The key `enabled` belongs to every source and not to its schema.
        """
        return {}

    @staticmethod
    def objection(settings: Any) -> tuple[str, str] | None:  # noqa: ARG004  # as below
        """Return why settings of valid values do not work together, and what to do, or None; asked
        only of a source that is enabled.
        """
        return None

    def lists_on(self, day: date) -> bool:  # noqa: ARG002  # for a source to say
        """Whether there can be a listing of `day` at all; other days are never asked for."""
        return True

    def available_from(self, day: date) -> datetime:  # as above
        """The moment from which the listing of `day` can be had: here, when it begins in UTC."""
        return datetime.combine(day, time(), UTC)

    def final_after(self, day: date) -> datetime:
        """The moment from which a complete look at `day` is the last one needed."""
        return self.available_from(day) + timedelta(days=1)

    def requests(self, wanted: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:  # noqa: ARG002  # as above
        """How to ask for these days and categories, in the order in which they are wanted: here,
        all the categories of a day together.
        """
        by_day: dict[date, list[str]] = {}
        for day, category in wanted:
            by_day.setdefault(day, []).append(category)
        return [ListingRequest((day,), tuple(categories)) for day, categories in by_day.items()]

    @abstractmethod
    def listings(self, client: Client, ask: ListingRequest, now: datetime) -> Sequence[Listing]:
        """What the service answers at the moment `now`: one listing for each day and category that
        it knows of.

        Raises SourceError where nothing could be had: never an empty day in its place.
        """

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:  # noqa: ARG002  # as above
        """These papers, as far as the service knows them. Raises SourceError."""
        return ()

    def search(self, client: Client, text: str, now: datetime) -> Sequence[Sighting]:  # noqa: ARG002  # as above
        """The papers that the service finds for a text. Raises SourceError."""
        return ()


def connect(user_agent: str | None, deadline: float, *, rolling: bool = False) -> "HttpClient":
    """A client for all sources; its requests end `deadline` seconds from now, or, if it is
    `rolling`, from the last answer that came. `user_agent` None stands for papertrack's own.
    """
    from papertrack.sources.http import HttpClient

    return HttpClient(user_agent, deadline, rolling=rolling)
