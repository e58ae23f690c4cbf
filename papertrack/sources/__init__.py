"""The services that list papers, and what they and their client promise each other.

Importing this package, or any source in it, loads no network library: `connect` does.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from papertrack.errors import SourceError
from papertrack.models import Listing

if TYPE_CHECKING:
    from papertrack.sources.http import HttpClient


class StatusError(SourceError):
    """The server refused the request; `status` is the HTTP status, `kind` is "status"."""

    def __init__(self, source: str, status: int, message: str) -> None:
        super().__init__(source, "status", message)
        self.status = status


class Client(Protocol):
    """What sources ask for their bytes."""

    def get(self, source: str, url: str, params: Mapping[str, str | int]) -> bytes:
        """The body that `url` answers with, unchecked; raises SourceError in the name of `source`,
        StatusError where the server refused.
        """


class Source(Protocol):
    """A service that lists papers by day. `name` is for scripts, `title` for people."""

    name: str
    title: str

    def listing(self, client: Client, day: date, now: datetime) -> Listing:
        """What the service lists on `day`, asked at the moment `now`.

        Raises SourceError where nothing could be had: never an empty day in its place.
        """


def connect(user_agent: str | None, deadline: float) -> "HttpClient":
    """A client for all sources; none of its requests lasts longer than `deadline` seconds from
    now. `user_agent` None stands for papertrack's own.
    """
    from papertrack.sources.http import HttpClient

    return HttpClient(user_agent, deadline)
