"""Asking arXiv's services page by page, and dating what they say."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from papertrack.announcements import announcement_of, is_announcement_day, submitted_for
from papertrack.calendar import utc_day
from papertrack.errors import SourceError
from papertrack.models import (
    Failure,
    Listed,
    Listing,
    ListingKind,
    ListingState,
    Sighting,
    Skipped,
)
from papertrack.sources import Client, ListingRequest, RateLimit, StatusError
from papertrack.sources.arxiv.api_client import by_id, submitted_within
from papertrack.sources.arxiv.categories import oai_set
from papertrack.sources.arxiv.feeds import Feed, parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.sources.arxiv.xml import AnnouncementKind, ArxivRecord, explained

_NAME = "arxiv"
_FEED_LIMIT = 2000  # arXiv/arxiv-feed cuts there
_LISTED_AS: dict[AnnouncementKind, ListingKind] = {
    "new": "new",
    "cross": "cross",
    "replace": "revised",
    "replace-cross": "revised",
}
_MOST_PAGES = 200
# By then most first revisions have come.
_REVISED_AFTER = timedelta(days=7)
# A paper's id has the month of its submission: on the first days of a month the last one's come.
# In 82,000 records none came later than the sixth day, but for those that were years late.
_ID_LAG = timedelta(days=7)


class ArxivService(NamedTuple):
    """arXiv's addresses, the categories watched there, and whose turn it is to ask."""

    categories: tuple[str, ...]
    api_url: str
    rss_url: str
    oai_url: str
    pace: RateLimit

    def from_feed(self, client: Client, ask: ListingRequest, now: datetime) -> list[Listing]:
        """The day's announcement from its feed: one listing a category."""
        (day,) = ask.days
        url = f"{self.rss_url}/rss/{'+'.join(ask.categories)}"
        try:
            answer = client.get(_NAME, url, {}, validator=ask.validator, pace=self.pace)
        except StatusError as error:
            said = explained(error, parse_feed)
            # One category that arXiv does not know is no reason to do without the others.
            if said.kind == "refused" and len(ask.categories) > 1:
                return self._fed_in_parts(client, ask, now)
            raise said from error
        if answer.body is None:
            same = Listing(_NAME, day, "unchanged", validator=answer.validator)
            return [same._replace(category=category) for category in ask.categories]
        feed = parse_feed(answer.body)
        if feed.day != day:
            raise _error("stale", f"arXiv's feed is still that of {feed.day}, not of {day}")
        if feed.size < _FEED_LIMIT:
            return self._of_feed(feed, ask, now, None, answer.validator)
        if len(ask.categories) > 1:
            return self._fed_in_parts(client, ask, now)
        cut = Failure(_NAME, "not-a-listing", f"arXiv's feed {url} ends after {feed.size}")
        return self._of_feed(feed, ask, now, cut, None)

    def _fed_in_parts(self, client: Client, ask: ListingRequest, now: datetime) -> list[Listing]:
        """The feeds of each category by itself."""
        listings, errors = list[Listing](), list[SourceError]()
        for category in ask.categories:
            try:
                listings += self.from_feed(client, ListingRequest(ask.days, (category,)), now)
            except SourceError as error:
                failure = Failure(_NAME, error.kind, error.what)
                listings.append(_listing(ask.days[0], category, (), (), failure))
                errors.append(error)
        if len(errors) == len(ask.categories):
            raise errors[0]
        return listings

    def from_oai(self, client: Client, ask: ListingRequest, now: datetime) -> list[Listing]:
        """Past days of one category: one listing a day."""
        harvest = self._harvest(client, ask, now)
        by_day: dict[date, list[Sighting]] = {day: [] for day in ask.days}
        for one in harvest.announced:
            day = _listing_day(one, ask.days)
            if day in by_day:
                by_day[day].append(self._sighting(one, day, self._kind(one, day), now))
        later = harvest.failure is None
        revised = self._revised(client, ask, now) if later else _Harvest()
        for one in revised.announced:
            day = announcement_of(one.paper.submitted) if one.paper.submitted else None
            if day in by_day:
                by_day[day].append(self._sighting(one, day, self._kind(one, day), now))
        undated = (_undated(one) for one in harvest.announced if not _listing_day(one, ask.days))
        skipped = (*harvest.skipped, *undated, *revised.skipped)
        failure = harvest.failure or revised.failure
        (category,) = ask.categories
        return [_listing(day, category, by_day[day], skipped, failure) for day in ask.days]

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> list[Sighting]:
        """These papers in their latest version, as far as arXiv knows them."""
        pages = list(by_id(client, self.api_url, ids, self.pace))
        for one in (skipped for page in pages for skipped in page.skipped):
            raise _error("not-a-listing", f"arXiv sent a paper without use: {': '.join(one)}")
        return [Sighting(one.paper, _NAME, now) for page in pages for one in page.announced]

    def _of_feed(
        self,
        feed: Feed,
        ask: ListingRequest,
        now: datetime,
        failure: Failure | None,
        validator: str | None,
    ) -> list[Listing]:
        sightings: dict[str, list[Sighting]] = {category: [] for category in ask.categories}
        for one in feed.announced:
            kind = _LISTED_AS[one.kind] if one.kind else self._kind(one, feed.day)
            sighting = self._sighting(one, feed.day, kind, now)
            # One whose categories are unreadable was still listed for those asked for.
            inside = [name for name in ask.categories if _is_in(one.paper.categories, name)]
            for category in inside or ask.categories[:1]:
                sightings[category].append(sighting)
        return [
            _listing(feed.day, name, found, feed.skipped, failure)._replace(validator=validator)
            for name, found in sightings.items()
        ]

    def _harvest(self, client: Client, ask: ListingRequest, now: datetime) -> "_Harvest":
        """What OAI-PMH has of these days, and of the weekend that follows them."""
        params: dict[str, str | int] = {
            "verb": "ListRecords",
            "metadataPrefix": "arXiv",
            "set": oai_set(ask.categories[0]),
            "from": ask.days[0].isoformat(),
            "until": min(_before_next(ask.days[-1]), utc_day(now)).isoformat(),
        }
        announced: dict[str, ArxivRecord] = {}
        skipped: list[Skipped] = []
        tokens: set[str] = set()
        while True:
            try:
                answer = client.get(_NAME, self.oai_url, params, pace=self.pace)
                records = parse_records(answer.body or b"")
                known = len(announced)
                announced |= {one.paper.id: one for one in records.announced}
                skipped += records.skipped
                if records.token is None:
                    return _Harvest(announced.values(), tuple(skipped))
                if records.token in tokens or len(announced) == known:
                    raise _error("not-a-listing", "arXiv sent the same page twice")
                if len(tokens) > _MOST_PAGES:
                    raise _error("not-a-listing", f"arXiv sent more than {_MOST_PAGES} pages")
            except SourceError as error:
                if not tokens:
                    raise
                missing = Failure(_NAME, error.kind, f"page {len(tokens) + 1}: {error.what}")
                return _Harvest(announced.values(), tuple(skipped), missing)
            tokens.add(records.token)
            params = {"verb": "ListRecords", "resumptionToken": records.token}

    def _revised(self, client: Client, ask: ListingRequest, now: datetime) -> "_Harvest":
        """What was submitted for those days that are long past and revised since: OAI-PMH has it on
        the day of its revision.
        """
        past = [day for day in ask.days if now - submitted_for(day)[1] > _REVISED_AFTER]
        if not past:
            return _Harvest()
        window = submitted_for(past[0])[0], submitted_for(past[-1])[1]
        announced: list[ArxivRecord] = []
        skipped: list[Skipped] = []
        failure = None
        try:
            for page in submitted_within(
                client, self.api_url, ask.categories[0], window, self.pace
            ):
                announced += (one for one in page.announced if (one.paper.version or 1) > 1)
                skipped += page.skipped
                skipped += (_undated(one) for one in page.announced if not one.paper.submitted)
        except SourceError as error:
            failure = Failure(_NAME, error.kind, f"papers revised since: {error.what}")
        return _Harvest(announced, tuple(skipped), failure)

    def _sighting(self, one: ArxivRecord, day: date, kind: ListingKind, now: datetime) -> Sighting:
        # A revision is announced, too, but the paper's day is that of its first version.
        paper = one.paper if kind == "revised" else one.paper._replace(announced=day)
        return Sighting(paper, _NAME, now, Listed(_NAME, day, kind=kind))

    def _kind(self, one: ArxivRecord, day: date) -> ListingKind:
        """How arXiv listed a paper on a day, where it does not say."""
        months = {f"{known:%y%m}" for known in (day, day - _ID_LAG)}
        if one.paper.id[:4] not in months:
            return "revised"
        primary = one.paper.categories[:1]
        return "new" if any(_is_in(primary, name) for name in self.categories) else "cross"


class _Harvest(NamedTuple):
    """All pages of a question, and what kept the last of them away."""

    announced: Iterable[ArxivRecord] = ()
    skipped: tuple[Skipped, ...] = ()
    failure: Failure | None = None


def _listing(
    day: date,
    category: str,
    sightings: Sequence[Sighting],
    skipped: tuple[Skipped, ...],
    failure: Failure | None,
) -> Listing:
    whole: ListingState = "complete" if sightings else "quiet"
    return Listing(
        _NAME,
        day,
        "partial" if skipped or failure else whole,
        tuple(sightings),
        skipped,
        category,
        failure,
    )


def _is_in(categories: Sequence[str], name: str) -> bool:
    """Whether one of a paper's categories is `name`, or of the archive of that name."""
    return any(one == name or one.startswith(f"{name}.") for one in categories)


def _listing_day(one: ArxivRecord, asked: Sequence[date]) -> date | None:
    """The listing that a record belongs to: what changed on a weekend, to Friday's."""
    day = one.day or (asked[0] if len(asked) == 1 else None)
    while day and not is_announcement_day(day):
        day -= timedelta(days=1)
    return day


def _undated(one: ArxivRecord) -> Skipped:
    return Skipped(one.paper.id, "does not tell its day")


def _before_next(day: date) -> date:
    """The last day before the next listing day."""
    while not is_announcement_day(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _error(kind: str, message: str) -> SourceError:
    return SourceError(_NAME, kind, message)
