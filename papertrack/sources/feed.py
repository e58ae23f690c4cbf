"""A feed of the configuration, RSS or Atom, as a source of its own name.

A feed lists its newest entries, of whatever day, on a single page. An entry belongs to the day on
which it was published (UTC) or, if it has no date or one in the future, to the day on which it is
first seen; it stays there if its date changes. Days before the oldest entry are unknown. The day of
that entry is not covered, either, as others of that day may have left the page.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from papertrack.calendar import Span, utc_day
from papertrack.models import Listing, ListingState, Sighting, Skipped
from papertrack.sources import Client, ListingRequest, Source

if TYPE_CHECKING:  # the registry names this module, and records need the registry
    from papertrack.config.records import FeedSettings

_BACK = timedelta(days=60)  # how far entries that come with an earlier date are stored
# Somewhat less than the name says, so that a run at the same time of each day is not too early.
_INTERVALS = {
    "hour": timedelta(minutes=59),
    "day": timedelta(hours=23),
    "week": timedelta(days=6, hours=23),
}


class FeedSource(Source):
    """The entries of a feed by day."""

    lists_all_days = True

    def __init__(self, settings: "FeedSettings") -> None:
        self.name = self.title = self.short_title = settings.name
        self.min_interval = _INTERVALS[settings.every]
        self._url = settings.url

    def requests(self, due: Sequence[tuple[date, str]], now: datetime) -> list[ListingRequest]:  # noqa: ARG002  # as Source
        """Return a single request for all days, as there is only one page."""
        return [ListingRequest(tuple(dict.fromkeys(day for day, _ in due)))]

    def listings(self, client: Client, request: ListingRequest, now: datetime) -> Sequence[Listing]:
        """Fetch the feed; returns all days that it reaches back to, at most two months.

        Or more, back to the first day of the request. Raises SourceError as Client.get and
        read_feed.
        """
        from papertrack.sources.feed_document import read_feed

        response = client.get(self.name, self._url, {}, validator=self._unmarked(request.validator))
        validator = self._marked(response.validator)
        if response.body is None:
            return [
                Listing(self.name, day, "unchanged", validator=validator) for day in request.days
            ]
        page = read_feed(self.name, response.body, now)
        by_day = _by_day(page.sightings)
        today = utc_day(now)
        first = max(min(by_day, default=today), min(*request.days, today - _BACK))
        return [
            self._listing(day, by_day.get(day, []), page.skipped if day == today else (), validator)
            for day in Span(first, today).days()
        ]

    def _listing(
        self,
        day: date,
        sightings: Sequence[Sighting],
        skipped: Sequence[Skipped],
        validator: str | None,
    ) -> Listing:
        state: ListingState = "partial" if skipped else "complete" if sightings else "quiet"
        return Listing(
            self.name,
            day,
            state,
            tuple(sightings),
            tuple(skipped),
            validator=validator,
            keeps_day=True,
        )

    def _marked(self, validator: str | None) -> str | None:
        """The validator to store, which is valid only for the present address."""
        return validator and f"{self._mark} {validator}"

    def _unmarked(self, stored: str | None) -> str | None:
        mark, _, validator = (stored or "").partition(" ")
        return validator if mark == self._mark else None

    @property
    def _mark(self) -> str:
        return f"{zlib.crc32(self._url.encode()):08x}"


def _by_day(sightings: Sequence[Sighting]) -> Mapping[date, list[Sighting]]:
    """The papers by day, each once, as the feed lists it first."""
    first = {sighting.paper.id: sighting for sighting in reversed(sightings)}
    by_day: dict[date, list[Sighting]] = {}
    for sighting in sightings:
        if sighting.listed and sighting is first[sighting.paper.id]:
            by_day.setdefault(sighting.listed.day, []).append(sighting)
    return by_day
