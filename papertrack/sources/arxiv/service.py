"""Requests to arXiv's services page by page, and the listing day of each paper."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from papertrack.announcements import announcement_day, is_announcement_day, submission_window
from papertrack.calendar import utc_day
from papertrack.errors import SourceError
from papertrack.models import (
    Failure,
    Listing,
    ListingKind,
    ListingState,
    PaperListing,
    Sighting,
    Skipped,
)
from papertrack.sources import Client, ListingRequest, RateLimit, StatusError
from papertrack.sources.arxiv.api_client import fetch_by_id, fetch_submitted
from papertrack.sources.arxiv.categories import oai_set
from papertrack.sources.arxiv.feeds import Feed, parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.sources.arxiv.xml import AnnouncementKind, ArxivRecord, explain_error

_NAME = "arxiv"
_FEED_LIMIT = 2000  # entries; arXiv/arxiv-feed cuts off the rest
_LISTING_KINDS: dict[AnnouncementKind, ListingKind] = {
    "new": "new",
    "cross": "cross",
    "replace": "revised",
    "replace-cross": "revised",
}
_MAX_PAGES = 200
# Errors of a feed after which OAI-PMH is not requested: all services share the rate limit, OAI-PMH
# refuses the same categories, and a feed of yesterday means that today's papers have not been
# announced, although OAI-PMH may already have some revisions.
_FINAL_ERRORS = ("rate-limit", "refused", "stale")
# After that time most first revisions have been submitted.
_REVISED_AFTER = timedelta(days=7)
# A paper's id has the month of its submission, so papers listed on a month's first days have ids of
# the month before: in 82,000 records until the sixth day, except for papers that are years old.
_ID_LAG = timedelta(days=7)


class ArxivService(NamedTuple):
    """arXiv's URLs, the watched categories, and the rate limit that the services share."""

    categories: tuple[str, ...]
    api_url: str
    rss_url: str
    oai_url: str
    rate_limit: RateLimit

    def fetch_current_day(
        self, client: Client, request: ListingRequest, now: datetime
    ) -> list[Listing]:
        """Fetch the announcement of the day from its feed or, if that fails, from OAI-PMH.

        An empty response of OAI-PMH is no evidence of a quiet day, as the feed may have papers.
        Raises the feed's error if OAI-PMH has no papers either, or if arXiv asks to wait.
        """
        try:
            return self.fetch_feed(client, request, now)
        except SourceError as error:
            if error.kind in _FINAL_ERRORS:
                raise
            failure = Failure(_NAME, error.kind, error.what)
            listings = [
                self._fetch_after_failure(
                    failure, client, request._replace(categories=(category,)), now
                )
                for category in request.categories
            ]
            if not any(listing.sightings for listing in listings):
                raise
            return listings

    def _fetch_after_failure(
        self, failure: Failure, client: Client, request: ListingRequest, now: datetime
    ) -> Listing:
        """Fetch the day of one category from OAI-PMH, after a failure of its feed."""
        try:
            (listing,) = self.fetch_past_days(client, request, now)
        except SourceError:
            listing = None
        if listing is None or not listing.sightings:
            return _listing(request.days[0], request.categories[0], (), (), failure)
        return listing

    def fetch_feed(self, client: Client, request: ListingRequest, now: datetime) -> list[Listing]:
        """Fetch the announcement of the day from its feed: one listing per category."""
        (day,) = request.days
        url = f"{self.rss_url}/rss/{'+'.join(request.categories)}"
        try:
            response = client.get(
                _NAME,
                url,
                {},
                validator=request.validator,
                rate_limit=self.rate_limit,
                has_fallback=True,
            )
        except StatusError as error:
            refusal = explain_error(error, parse_feed)
            # The other categories can be listed even if arXiv does not know one of them.
            if refusal.kind == "refused" and len(request.categories) > 1:
                return self._from_separate_feeds(client, request, now)
            raise refusal from error
        if response.body is None:
            unchanged = Listing(_NAME, day, "unchanged", validator=response.validator)
            return [unchanged._replace(category=category) for category in request.categories]
        feed = parse_feed(response.body)
        if feed.day != day:
            raise _error("stale", f"arXiv's feed is that of {feed.day}, not that of {day}")
        if feed.size < _FEED_LIMIT:
            return self._feed_listings(feed, request, now, None, response.validator)
        if len(request.categories) > 1:
            return self._from_separate_feeds(client, request, now)
        message = f"arXiv's feed {url} is cut off after {feed.size} entries"
        failure = Failure(_NAME, "not-a-listing", message)
        return self._feed_listings(feed, request, now, failure, None)

    def _from_separate_feeds(
        self, client: Client, request: ListingRequest, now: datetime
    ) -> list[Listing]:
        """Fetch the feed of each category by itself."""
        listings, errors = list[Listing](), list[SourceError]()
        for category in request.categories:
            try:
                listings += self.fetch_feed(client, ListingRequest(request.days, (category,)), now)
            except SourceError as error:
                failure = Failure(_NAME, error.kind, error.what)
                listings.append(_listing(request.days[0], category, (), (), failure))
                errors.append(error)
        if len(errors) == len(request.categories):
            raise errors[0]
        return listings

    def fetch_past_days(
        self, client: Client, request: ListingRequest, now: datetime
    ) -> list[Listing]:
        """Fetch past days of one category from OAI-PMH: one listing per day."""
        by_day: dict[date, list[Sighting]] = {day: [] for day in request.days}
        harvest = self._harvest(client, request, now)
        for record in harvest.records:
            day = _listing_day(record, request.days)
            if day in by_day:
                by_day[day].append(self._sighting(record, day, self._kind(record, day), now))
        revised = self._revised(client, request, now) if harvest.failure is None else _Harvest()
        for record in revised.records:
            submitted = record.paper.submitted
            day = announcement_day(submitted) if submitted else None
            if day in by_day:
                by_day[day].append(self._sighting(record, day, self._kind(record, day), now))
        undated = (
            _skip_undated(record)
            for record in harvest.records
            if not _listing_day(record, request.days)
        )
        skipped = (*harvest.skipped, *undated, *revised.skipped)
        failure = harvest.failure or revised.failure
        (category,) = request.categories
        return [_listing(day, category, by_day[day], skipped, failure) for day in request.days]

    def papers(self, client: Client, ids: Sequence[str], now: datetime) -> list[Sighting]:
        """Fetch papers in their latest version; unknown ids are left out. Raises SourceError."""
        pages = list(fetch_by_id(client, self.api_url, ids, self.rate_limit))
        for skipped in (skipped for page in pages for skipped in page.skipped):
            raise _error("not-a-listing", f"arXiv sent an unusable paper: {': '.join(skipped)}")
        return [Sighting(record.paper, _NAME, now) for page in pages for record in page.records]

    def _feed_listings(
        self,
        feed: Feed,
        request: ListingRequest,
        now: datetime,
        failure: Failure | None,
        validator: str | None,
    ) -> list[Listing]:
        by_category: dict[str, list[Sighting]] = {name: [] for name in request.categories}
        for record in feed.records:
            kind = _LISTING_KINDS[record.kind] if record.kind else self._kind(record, feed.day)
            sighting = self._sighting(record, feed.day, kind, now)
            # A paper with unreadable categories was still listed in a requested category.
            categories = [
                name for name in request.categories if _is_in(record.paper.categories, name)
            ]
            for category in categories or request.categories[:1]:
                by_category[category].append(sighting)
        return [
            _listing(feed.day, name, sightings, feed.skipped, failure)._replace(
                validator=validator, once=True
            )
            for name, sightings in by_category.items()
        ]

    def _harvest(self, client: Client, request: ListingRequest, now: datetime) -> "_Harvest":
        """Fetch the OAI-PMH records of the days, and of the weekend that follows them."""
        params: dict[str, str | int] = {
            "verb": "ListRecords",
            "metadataPrefix": "arXiv",
            "set": oai_set(request.categories[0]),
            "from": request.days[0].isoformat(),
            "until": min(_before_next(request.days[-1]), utc_day(now)).isoformat(),
        }
        records: dict[str, ArxivRecord] = {}
        skipped: list[Skipped] = []
        tokens: set[str] = set()
        while True:
            try:
                response = client.get(_NAME, self.oai_url, params, rate_limit=self.rate_limit)
                page = parse_records(response.body or b"")
                count = len(records)
                records |= {record.paper.id: record for record in page.records}
                skipped += page.skipped
                if page.token is None:
                    return _Harvest(records.values(), tuple(skipped))
                if page.token in tokens or len(records) == count:
                    raise _error("not-a-listing", "arXiv sent the same page twice")
                if len(tokens) > _MAX_PAGES:
                    raise _error("not-a-listing", f"arXiv sent more than {_MAX_PAGES} pages")
            except SourceError as error:
                if not tokens:
                    raise
                failure = Failure(_NAME, error.kind, f"page {len(tokens) + 1}: {error.what}")
                return _Harvest(records.values(), tuple(skipped), failure)
            tokens.add(page.token)
            params = {"verb": "ListRecords", "resumptionToken": page.token}

    def _revised(self, client: Client, request: ListingRequest, now: datetime) -> "_Harvest":
        """Fetch the papers of the older days that were revised later.

        OAI-PMH has them on the day of their revision only.
        """
        past = [day for day in request.days if now - submission_window(day)[1] > _REVISED_AFTER]
        if not past:
            return _Harvest()
        window = submission_window(past[0])[0], submission_window(past[-1])[1]
        category = request.categories[0]
        records: list[ArxivRecord] = []
        skipped: list[Skipped] = []
        failure = None
        try:
            for page in fetch_submitted(client, self.api_url, category, window, self.rate_limit):
                records += (record for record in page.records if (record.paper.version or 1) > 1)
                skipped += page.skipped
                skipped += (
                    _skip_undated(record) for record in page.records if not record.paper.submitted
                )
        except SourceError as error:
            failure = Failure(_NAME, error.kind, f"papers revised later: {error.what}")
        return _Harvest(records, tuple(skipped), failure)

    def _sighting(
        self, record: ArxivRecord, day: date, kind: ListingKind, now: datetime
    ) -> Sighting:
        # A revision is announced, too, but the announcement date of a paper is that of version 1.
        paper = record.paper
        if kind != "revised":
            paper = paper._replace(announced=day)
        return Sighting(paper, _NAME, now, PaperListing(_NAME, day, kind=kind))

    def _kind(self, record: ArxivRecord, day: date) -> ListingKind:
        """Return how a paper is listed on a day, from its id and categories."""
        months = {f"{recent:%y%m}" for recent in (day, day - _ID_LAG)}
        if record.paper.id[:4] not in months:
            return "revised"
        primary = record.paper.categories[:1]
        return "new" if any(_is_in(primary, name) for name in self.categories) else "cross"


class _Harvest(NamedTuple):
    """The records of all pages of a request, and the failure of a later page, if one failed."""

    records: Iterable[ArxivRecord] = ()
    skipped: tuple[Skipped, ...] = ()
    failure: Failure | None = None


def _listing(
    day: date,
    category: str,
    sightings: Sequence[Sighting],
    skipped: tuple[Skipped, ...],
    failure: Failure | None,
) -> Listing:
    complete: ListingState = "complete" if sightings else "quiet"
    return Listing(
        _NAME,
        day,
        "partial" if skipped or failure else complete,
        tuple(sightings),
        skipped,
        category,
        failure,
    )


def _is_in(categories: Sequence[str], name: str) -> bool:
    """Return whether one of a paper's categories is `name`, or in the archive of that name."""
    return any(category == name or category.startswith(f"{name}.") for category in categories)


def _listing_day(record: ArxivRecord, requested: Sequence[date]) -> date | None:
    """Return the listing day of a record; changes on a weekend belong to Friday's listing."""
    day = record.day or (requested[0] if len(requested) == 1 else None)
    while day and not is_announcement_day(day):
        day -= timedelta(days=1)
    return day


def _skip_undated(record: ArxivRecord) -> Skipped:
    return Skipped(record.paper.id, "no date")


def _before_next(day: date) -> date:
    """Return the last day before the next listing day."""
    while not is_announcement_day(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _error(kind: str, message: str) -> SourceError:
    return SourceError(_NAME, kind, message)
