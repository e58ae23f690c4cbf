"""The papers of a site, read from the library once, without what is the reader's own."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.models import Entry, State
from papertrack.publishing import SiteOptions
from papertrack.tracker import Tracker
from papertrack.tracker.editions import TRENDING_DAYS, EditionRequest, is_shown
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.rankings import trending

_TRENDING_PAPERS = 30
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the time of an empty library


class Collection(NamedTuple):
    """The papers to publish, newest first, those that are trending, and the names of the topics.

    `as_of` is the time of the newest count or paper. It takes the place of the clock, so that a
    site changes only if the library does.
    """

    entries: Sequence[Entry]
    trending: Sequence[Entry]
    topics: Sequence[str]
    as_of: datetime

    @property
    def has_counts(self) -> bool:
        """Whether any paper has upvotes, so that papers can be trending."""
        return any(entry.latest and entry.latest.upvotes is not None for entry in self.entries)


def collect(tracker: Tracker, options: SiteOptions) -> Collection:
    """Read the papers of a site: all that are not hidden, with their topics. Raises LibraryError.

    Of the reader's marks only stars are kept, and these only with `options.starred`.
    """
    listed = list_papers(tracker, Selection(since=options.since, everything=True))
    # A related section repeats no paper, and without a topic there is none.
    entries = [
        _published(entry, options)
        for section in listed.sections
        for entry in section.entries
        if not entry.state.hidden and is_shown(entry, cross_lists=options.cross_lists)
    ]
    as_of = newest(entries)
    rising = _trending(tracker._replace(now=as_of), options) if entries else ()
    names = tuple(topic.name for topic in tracker.topics)
    return Collection(entries, rising, names, as_of)


def newest(entries: Iterable[Entry]) -> datetime:
    """The time of the newest count or paper among these."""
    times = (
        moment
        for entry in entries
        for moment in (entry.first_seen, *(count.at for count in entry.observations))
    )
    return max(times, default=_NEVER)


def last_count(entries: Iterable[Entry]) -> datetime | None:
    """The time of the newest count of these papers; None without counts."""
    return max((count.at for entry in entries for count in entry.observations), default=None)


def listing_days(entry: Entry) -> list[date]:
    """The days on which a paper was listed, revisions left out, else that of its first sight."""
    days = {listed.day for listed in entry.listings if listed.kind != "revised"}
    return sorted(days or {entry.last_listed})


def _trending(tracker: Tracker, options: SiteOptions) -> list[Entry]:
    last = utc_day(tracker.now)
    week = Span(last - timedelta(days=TRENDING_DAYS - 1), last)
    request = EditionRequest(
        span=week,
        trending_limit=_TRENDING_PAPERS,
        full=True,
        cross_lists=options.cross_lists,
    )
    (section,) = trending(tracker, request).sections
    return [_published(entry, options) for entry in section.entries]


def _published(entry: Entry, options: SiteOptions) -> Entry:
    starred = options.starred and entry.state.starred
    return entry._replace(state=State(starred=starred), events=(), section=None)
