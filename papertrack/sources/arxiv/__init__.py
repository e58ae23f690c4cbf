"""arXiv by categories: https://info.arxiv.org/help/, whose metadata is CC0.

The entry point is the source `ArXiv`, imported only by `papertrack.source_registry` through its
name. arXiv has three services, none of which is sufficient alone:

- The feeds (rss.arxiv.org) have the announcement of the current Eastern day only, but they alone
  distinguish new, cross-listed and replaced papers.
- OAI-PMH (oaipmh.arxiv.org) has past days: its datestamp is the UTC day on which a record last
  changed, and at the time of announcement, 20:00 Eastern, the listing day has begun in UTC. A
  record whose id is of an earlier month is a revision.
- A paper that was revised later has moved to the day of its revision. The query API
  (export.arxiv.org) has the time of submission, from which arXiv's schedule gives the listing day.
  So days more than a week ago are also searched there for papers with a second version. For papers
  that arXiv held back, the computed day is too early.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from papertrack.announcements import (
    feed_published_at,
    harvestable_at,
    is_announcement_day,
    to_eastern,
)
from papertrack.identifiers import ARXIV_PDF, pdf_url
from papertrack.models import Listing, Sighting
from papertrack.sources import Client, ListingRequest, Source

if TYPE_CHECKING:
    from papertrack.config.location import ValueType
    from papertrack.sources.arxiv.service import ArxivService
    from papertrack.sources.downloads import Download
    from papertrack.sources.http import HttpClient
    from papertrack.sources.rate_limit import RateLimiter

# A feed is cut off after 2,000 papers, and those that it leaves out are new ones.
_CATEGORIES_PER_FEED = 3


class ArxivSettings(NamedTuple):
    """The settings of arXiv.

    `categories` are listed, with at most one request per `delay_seconds`. `cross_lists` shows
    papers of other categories that are cross-listed in these, too.
    """

    categories: tuple[str, ...] = ()
    cross_lists: bool = False
    api_url: str = "https://export.arxiv.org/api/query"
    rss_url: str = "https://rss.arxiv.org"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    pdf_url: str = ARXIV_PDF
    delay_seconds: float = 3


class ArXiv(Source):
    """The daily announcements of the categories in the settings."""

    name = "arxiv"
    settings_type = ArxivSettings
    max_concurrent = 1  # arXiv's terms of use: a single connection at a time

    def __init__(self, settings: ArxivSettings) -> None:
        self.categories = settings.categories
        self._urls = (settings.api_url, settings.rss_url, settings.oai_url)
        self._pdf_url = settings.pdf_url
        self._delay = settings.delay_seconds

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the value type of each setting."""
        from papertrack.config.scalars import NumberType
        from papertrack.config.shared_types import CATEGORIES, FLAG, URL

        return {
            "categories": CATEGORIES,
            "cross_lists": FLAG,
            "api_url": URL,
            "rss_url": URL,
            "oai_url": URL,
            "pdf_url": URL,
            "delay_seconds": NumberType(0, 3600),
        }

    @staticmethod
    def objection(settings: ArxivSettings) -> tuple[str, str] | None:
        """Return the problem that no category is set: arXiv has no listing of all categories."""
        if settings.categories:
            return None
        return "is enabled without categories", "add for example categories: [cs.CL, cs.LG]"

    def lists_on(self, day: date) -> bool:
        """Return whether `day` is Monday to Friday, even a holiday, as their list may be wrong."""
        return super().lists_on(day) and is_announcement_day(day)

    def available_from(self, day: date) -> datetime:
        """Return when OAI-PMH has the announcement: about 22:30 Eastern on the evening before."""
        return harvestable_at(day)

    def final_after(self, day: date) -> datetime:
        """Return when the feed of `day` is made, Eastern midnight: announcements do not change."""
        return feed_published_at(day)

    def rechecked_from(self, day: date) -> datetime:
        """Return when the day has ended in Eastern time: OAI-PMH then has what a feed left out."""
        return feed_published_at(day + timedelta(days=1))

    def requests(self, due: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:
        """Return requests to the feeds for the current Eastern day, else to OAI-PMH.

        A feed request has a few categories together, an OAI-PMH request a week of a category.
        """
        today = to_eastern(now).date()
        in_feed = [category for day, category in due if day == today]
        groups = (
            in_feed[start : start + _CATEGORIES_PER_FEED]
            for start in range(0, len(in_feed), _CATEGORIES_PER_FEED)
        )
        weeks: dict[tuple[tuple[int, int], str], list[date]] = {}
        for day, category in due:
            if day != today:
                weeks.setdefault((day.isocalendar()[:2], category), []).append(day)
        past = (
            ListingRequest(tuple(sorted(days)), (category,))
            for (_, category), days in weeks.items()
        )
        return [*(ListingRequest((today,), tuple(group)) for group in groups), *past]

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Return a listing for each day and category of the request.

        If the feed fails, OAI-PMH is requested instead. Raises SourceError as Client.get and the
        parsers, of kind "stale" if the feed is still that of an earlier day, and "not-a-listing"
        for a response that is not a listing.
        """
        if request.days == (to_eastern(now).date(),):
            return self._service.fetch_current_day(client, request, now)
        return self._service.fetch_past_days(client, request, now)

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:
        """Fetch papers in their latest version from the query API.

        Unknown ids and those of other namespaces are left out.
        """
        return self._service.papers(client, ids, now)

    def download_pdf(self, client: "HttpClient", paper_id: str, download: "Download") -> None:
        """Download a PDF as Source.download_pdf, within the rate limit of all requests to arXiv."""
        url = pdf_url(paper_id, self._pdf_url)
        if url is None:
            super().download_pdf(client, paper_id, download)
        else:
            client.download(self.name, url, download, rate_limit=self._rate_limit)

    @cached_property
    def _service(self) -> "ArxivService":
        # Not imported at the top: usually no request is due.
        from papertrack.sources.arxiv.service import ArxivService

        return ArxivService(self.categories, *self._urls, self._rate_limit)

    @cached_property
    def _rate_limit(self) -> "RateLimiter":
        """The limit that arXiv's terms of use set for all its services together."""
        from urllib.parse import urlsplit

        from papertrack.sources.rate_limit import RateLimiter

        hosts = sorted({urlsplit(url).netloc for url in self._urls})
        return RateLimiter(" ".join(["arxiv", *hosts]), self._delay)
