"""Update the library: `requests_due` returns what to request, `refresh` requests and stores it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from papertrack import log
from papertrack.calendar import Span, utc_day
from papertrack.library.library import Coverage, CoverageKey
from papertrack.models import Failure, Listing, Skipped
from papertrack.tracker import Tracker
from papertrack.tracker.requests import SourceRequest, SourceResponse, fetch_all

if TYPE_CHECKING:  # The imports would load the network client.
    from papertrack.sources import ListingRequest, Source
    from papertrack.sources.http import HttpClient

RECENT = timedelta(days=7)
_REPAIRED = timedelta(days=60)
_TODAY_INTERVAL = timedelta(minutes=15)
_PAST_INTERVAL = timedelta(hours=3)
# A commit after so many seconds or papers limits what an interruption loses and the memory used.
# Storing takes processor time from fetching, so short refreshes commit once, at the end.
_SECONDS_PER_COMMIT = 3.0
_PAPERS_PER_COMMIT = 4000

CoverageByKey = Mapping[CoverageKey, Coverage]


class RefreshResult(NamedTuple):
    """The result of a refresh: the number of listings requested and of papers in them.

    `failures` has at most one per source. `all_failed`: no request returned anything.
    """

    listings: int = 0
    papers: int = 0
    new: int = 0
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False


NOT_REFRESHED = RefreshResult()


def recent_days(today: date) -> Span:
    """The week up to `today`, whose days may still get papers."""
    return Span(today - RECENT + timedelta(days=1), today)


def repair_days(today: date) -> Span:
    """The last two months, in which a refresh fills gaps by itself."""
    return Span(today - _REPAIRED + timedelta(days=1), today)


def requests_due(
    source: "Source",
    span: Span,
    coverage: CoverageByKey,
    now: datetime,
    *,
    refetch: bool = False,
    repair_before: date | None = None,
) -> list[SourceRequest]:
    """The requests to send to a source at `now` for the days of a span, newest first.

    A listing is due if it was never requested or failed. One that may still change is due again:
    today's and partial ones after 15 minutes, others after 3 hours. A listing fetched after it
    became final is not due; an empty one becomes final when its day is over. With `refetch`, all
    available listings are due. Days before `repair_before` are due only in categories that were
    requested for a day before them, so that gaps are filled without starting a backfill.
    """
    first = _first_requested_days(source, span, coverage, repair_before) if repair_before else {}
    listings = [
        (day, category)
        for day in reversed(list(span.days()))
        if source.lists_on(day) and source.available_from(day) <= now
        for category in source.categories
        if first.get(category, day) <= day
        if refetch or _is_due(source, day, coverage.get((source.name, category, day)), now)
    ]
    log.event("due", source=source.name, first=span.first, last=span.last, listings=len(listings))
    requests = source.requests(listings, now) if listings else []
    return [
        SourceRequest(
            source, request._replace(validator=_validator(coverage, source.name, request))
        )
        for request in requests
    ]


def _first_requested_days(
    source: "Source", span: Span, coverage: CoverageByKey, repair_before: date
) -> dict[str, date]:
    """The first day of a span requested for each category, `repair_before` at the latest."""
    first = dict.fromkeys(source.categories, repair_before)
    for name, category, day in coverage:
        if name == source.name and category in first and day >= span.first:
            first[category] = min(first[category], day)
    return first


def _is_due(source: "Source", day: date, coverage: Coverage | None, now: datetime) -> bool:
    if coverage is None or coverage.state == "failed":
        return True
    final_after = source.final_after(day)
    if coverage.state == "quiet":
        final_after = max(final_after, source.available_from(day) + timedelta(days=1))
    if coverage.asked >= final_after and coverage.state != "partial":
        return False
    is_urgent = day >= utc_day(now) or coverage.state == "partial"
    elapsed = now - coverage.asked
    # A negative time means that the clock was set back.
    return elapsed >= (_TODAY_INTERVAL if is_urgent else _PAST_INTERVAL) or elapsed < timedelta()


def _validator(coverage: CoverageByKey, source: str, request: "ListingRequest") -> str | None:
    """The HTTP validator that all listings of a request have in common, if they are complete."""
    rows = [
        coverage.get((source, category, day))
        for day in request.days
        for category in request.categories
    ]
    validators = {row.validator if row and row.state != "partial" else None for row in rows}
    return validators.pop() if len(validators) == 1 else None


def refresh(
    tracker: Tracker,
    requests: Sequence[SourceRequest],
    client: Callable[[], "HttpClient"],
    progress: Callable[[int, int], None] | None = None,
) -> RefreshResult:
    """Send requests and store the papers of the responses.

    `progress` receives the numbers of listings and papers so far. Source failures are in the
    result and stored as failed days, which are due again. Raises LibraryError and LibraryBusy.
    """
    intake = _Intake(tracker)
    try:
        for response in fetch_all(requests, client, tracker.now):
            intake.add(response)
            if progress:
                progress(intake.listings, intake.papers)
    except KeyboardInterrupt:
        # The responses so far are stored, so that the next refresh does not repeat their requests.
        intake.store()
        raise
    intake.store()
    tracker.update_relevance()
    return intake.result()


class _Intake:
    """The responses of a refresh, stored in batches; counts listings requested and papers."""

    def __init__(self, tracker: Tracker) -> None:
        self.listings = self.papers = 0
        self._tracker = tracker
        self._total = RefreshResult()
        self._stored: list[SourceResponse] = []
        self._batch: list[SourceResponse] = []
        self._batch_started = monotonic()

    def add(self, response: SourceResponse) -> None:
        self._batch.append(response)
        self.listings += response.request.size
        self.papers += _paper_count(response)
        is_late = monotonic() - self._batch_started > _SECONDS_PER_COMMIT
        if is_late or sum(map(_paper_count, self._batch)) > _PAPERS_PER_COMMIT:
            self.store()

    def store(self) -> None:
        if not self._batch:
            return
        stored, total = _store(self._tracker, self._batch), self._total
        self._total = total._replace(
            listings=self.listings,
            papers=total.papers + stored.papers,
            new=total.new + stored.new,
            skipped=total.skipped + stored.skipped,
        )
        # Only the failures are needed from here on; a backfill may fetch any number of papers.
        self._stored += [
            response._replace(listings=_without_papers(response.listings))
            for response in self._batch
        ]
        self._batch, self._batch_started = [], monotonic()

    def result(self) -> RefreshResult:
        failures, all_failed = _failures(self._stored), _all_failed(self._stored)
        return self._total._replace(failures=failures, all_failed=all_failed)


def _paper_count(response: SourceResponse) -> int:
    return sum(len(listing.sightings) for listing in response.listings)


def _store(tracker: Tracker, responses: Sequence[SourceResponse]) -> RefreshResult:
    from papertrack.library.storing import observe_again, store

    library = tracker.library
    listings = [listing for response in responses for listing in response.listings]
    with library.transaction():
        coverage = library.coverage(_span(responses))
        stored = store(
            library, (sighting for listing in listings for sighting in listing.sightings)
        )
        for listing in listings:
            if listing.state == "unchanged":
                observe_again(library, listing.source, listing.day, tracker.now)
        library.save_coverage(_coverages(responses, coverage, tracker.now))
        tracker.cache_matches({listing.day for listing in listings})
    return RefreshResult(
        papers=len({sighting.paper.id for listing in listings for sighting in listing.sightings}),
        new=len(stored.new),
        skipped=tuple(
            dict.fromkeys(skipped for listing in listings for skipped in listing.skipped)
        ),
    )


def _coverages(
    responses: Iterable[SourceResponse], coverage: CoverageByKey, now: datetime
) -> Iterator[Coverage]:
    """The coverage to store after these responses; a failure never replaces an earlier success."""
    for response in responses:
        for listing in response.listings:
            before = coverage.get((listing.source, listing.category, listing.day))
            if listing.state == "quiet" and before and before.papers:
                # Papers do not leave a listing, so an empty response does not complete the day.
                yield before._replace(state="partial", asked=now, problem="not-a-listing")
            elif listing.state != "unchanged":
                yield _listing_coverage(listing, now)
            elif before:  # Without earlier coverage, "not modified" is an error of the server.
                yield before._replace(asked=now)
        error, source = response.error, response.request.source.name
        if error and error.kind != "not-yet":
            for day in response.request.request.days:
                for category in response.request.request.categories:
                    before = coverage.get((source, category, day))
                    if before is None or before.state == "failed":
                        yield Coverage(
                            source, day, "failed", now, category=category, problem=error.kind
                        )


def _listing_coverage(listing: Listing, now: datetime) -> Coverage:
    has_failed = listing.failure and not listing.sightings
    return Coverage(
        source=listing.source,
        day=listing.day,
        state="failed" if has_failed else listing.state,  # type: ignore[arg-type]  # not "unchanged"
        asked=now,
        papers=sum(
            1
            for sighting in listing.sightings
            if sighting.listed and sighting.listed.kind != "revised"
        ),
        skipped=len(listing.skipped),
        category=listing.category,
        problem=listing.failure and listing.failure.kind,
        validator=listing.validator,
    )


def _span(responses: Iterable[SourceResponse]) -> Span:
    days = [day for response in responses for day in response.request.request.days]
    return Span(min(days), max(days))


def _without_papers(listings: tuple[Listing, ...]) -> tuple[Listing, ...]:
    return tuple(listing._replace(sightings=(), skipped=()) for listing in listings)


def _all_failed(responses: Sequence[SourceResponse]) -> bool:
    return bool(responses) and all(
        response.error and response.error.kind != "not-yet" for response in responses
    )


def _failures(responses: Sequence[SourceResponse]) -> tuple[Failure, ...]:
    """The first failure of each source that has any, with the number of failed days."""
    failures = []
    for name in dict.fromkeys(response.request.source.name for response in responses):
        of_source = [response for response in responses if response.request.source.name == name]
        days = {day for response in of_source for day in response.request.request.days}
        by_day: dict[date, Failure] = {}
        for response in of_source:
            if response.error and response.error.kind != "not-yet":
                failure = Failure(name, response.error.kind, response.error.what)
                by_day |= dict.fromkeys(response.request.request.days, failure)
            by_day |= {
                listing.day: listing.failure for listing in response.listings if listing.failure
            }
        if by_day:
            first = next(iter(by_day.values()))
            share = "" if len(days) == 1 else f" ({len(by_day)} of {len(days)} days)"
            failures.append(first._replace(message=first.message + share))
    return tuple(failures)
