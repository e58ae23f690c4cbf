"""arXiv by categories: https://info.arxiv.org/help/, whose metadata is CC0.

Three services tell of the same papers, and each is right for something else.

- The feeds (rss.arxiv.org) hold the announcement of the present Eastern day, and they alone say
  what is new, cross-listed or replaced.
- OAI-PMH (oaipmh.arxiv.org) gives past days: its datestamp is the UTC day on which a record last
  changed, and when arXiv announces, at 20:00 Eastern, the listing day has begun in UTC. A record
  whose id is of an earlier month is no new one.
- A paper that was revised since has moved to the day of its revision. The query API
  (export.arxiv.org) knows when it was submitted, and arXiv's schedule when that was announced. So
  for days that are more than a week past it is asked for what has a second version by now. It is
  not right for all papers: those that arXiv held back were announced later than by its schedule.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from papertrack.announcements import eastern, fed_at, harvestable_at, is_announcement_day
from papertrack.models import Listing, Sighting
from papertrack.sources import Client, ListingRequest, Source

if TYPE_CHECKING:
    from papertrack.config.location import ValueType
    from papertrack.sources.arxiv.service import ArxivService

# A feed ends after 2,000 papers, and it is the new ones that it leaves out.
_CATEGORIES_A_FEED = 3


class ArxivSettings(NamedTuple):
    """Which `categories` to list, at most one request in `delay_seconds`; with `cross_lists` the
    reader is shown papers of other categories that are listed in these, too.
    """

    categories: tuple[str, ...] = ()
    cross_lists: bool = False
    api_url: str = "https://export.arxiv.org/api/query"
    rss_url: str = "https://rss.arxiv.org"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    delay_seconds: float = 3


class ArXiv(Source):
    """The announcements of some categories, day by day as arXiv lists them."""

    name = "arxiv"
    settings_type = ArxivSettings
    at_once = 1  # arXiv's terms: a single connection at a time

    def __init__(self, settings: ArxivSettings) -> None:
        self.categories = settings.categories
        self._urls = (settings.api_url, settings.rss_url, settings.oai_url)
        self._delay = settings.delay_seconds
        self._asked: ArxivService | None = None

    @staticmethod
    def schema() -> "Mapping[str, ValueType]":
        """Return the kind of each setting."""
        from papertrack.config.kinds import CATEGORIES, FLAG, URL
        from papertrack.config.scalars import NumberType

        return {
            "categories": CATEGORIES,
            "cross_lists": FLAG,
            "api_url": URL,
            "rss_url": URL,
            "oai_url": URL,
            "delay_seconds": NumberType(0, 3600),
        }

    @staticmethod
    def objection(settings: ArxivSettings) -> tuple[str, str] | None:
        """Return why arXiv cannot be listed: it has no listing of all categories."""
        if settings.categories:
            return None
        return "is enabled without categories", "add for example categories: [cs.CL, cs.LG]"

    def lists_on(self, day: date) -> bool:
        """Monday to Friday; holidays, too, as their list may be wrong."""
        return is_announcement_day(day)

    def available_from(self, day: date) -> datetime:
        """When OAI-PMH has the announcement: about 22:30 Eastern of the evening before."""
        return harvestable_at(day)

    def final_after(self, day: date) -> datetime:
        """When the day's feed is made, at Eastern midnight: an announcement does not change."""
        return fed_at(day)

    def requests(self, wanted: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:
        """The feeds of the present day, a few categories together, and OAI-PMH for the others,
        each week of each category together.
        """
        present = eastern(now).date()
        fed = [category for day, category in wanted if day == present]
        groups = (
            fed[at : at + _CATEGORIES_A_FEED] for at in range(0, len(fed), _CATEGORIES_A_FEED)
        )
        weeks: dict[tuple[tuple[int, int], str], list[date]] = {}
        for day, category in wanted:
            if day != present:
                weeks.setdefault((day.isocalendar()[:2], category), []).append(day)
        past = (
            ListingRequest(tuple(sorted(days)), (category,))
            for (_, category), days in weeks.items()
        )
        return [*(ListingRequest((present,), tuple(group)) for group in groups), *past]

    def listings(self, client: Client, ask: ListingRequest, now: datetime) -> Sequence[Listing]:
        """One listing for each day and category asked for.

        Raises SourceError: as Client.get and the parsers, of kind "stale" where the feed is still
        that of an earlier day, and "not-a-listing" for what cannot be one.
        """
        if ask.days == (eastern(now).date(),):
            return self._service().from_feed(client, ask, now)
        return self._service().from_oai(client, ask, now)

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> Sequence[Sighting]:
        """These papers in their latest version, from the query API; unknown ids and those of other
        namespaces are left out.
        """
        return self._service().papers(client, ids, now)

    def _service(self) -> "ArxivService":
        # Not at the top: on a morning when nothing is due, nothing is asked.
        from urllib.parse import urlsplit

        from papertrack.sources.arxiv.service import ArxivService
        from papertrack.sources.rate_limit import RateLimiter

        if self._asked is None:
            hosts = sorted({urlsplit(url).netloc for url in self._urls})
            # For arXiv's terms of use the three count as one.
            pace = RateLimiter(" ".join(["arxiv", *hosts]), self._delay)
            self._asked = ArxivService(self.categories, *self._urls, pace)
        return self._asked
