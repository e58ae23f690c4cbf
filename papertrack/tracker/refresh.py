"""Update the library: `requests_due` returns what to request, `refresh` requests and stores it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from papertrack import log
from papertrack.calendar import Span, utc_day
from papertrack.errors import LibraryBusy, LibraryError
from papertrack.library.coverage_rows import Coverage
from papertrack.models import Failure, Listing, Skipped
from papertrack.tracker import Tracker
from papertrack.tracker.closing import (
    CLOSED,
    CoverageByKey,
    needs_recheck,
    new_coverage,
    newest_response,
    without_known_papers,
)
from papertrack.tracker.requests import SourceRequest, SourceResponse, fetch_all
from papertrack.tracker.waiting import hold_back, store_waits, with_end_of_wait

if TYPE_CHECKING:  # The imports would load the network client.
    from papertrack.library.unifying import OtherIds
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


class RefreshResult(NamedTuple):
    """The result of a refresh: the number of listings requested and of papers in them.

    `rankings` counts the requested rankings of other services; these are no listings, and their
    papers do not count. `failures` has at most one per source. `all_failed`: no request returned
    anything. `not_stored` is why the library could not be written, if it could not. `checked` names
    the sources that were asked about starred papers.
    """

    listings: int = 0
    rankings: int = 0
    papers: int = 0
    new: int = 0
    skipped: tuple[Skipped, ...] = ()
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False
    not_stored: LibraryBusy | LibraryError | None = None
    checked: tuple[str, ...] = ()


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
    gaps_at_once: bool = False,
    repair_before: date | None = None,
) -> list[SourceRequest]:
    """The requests to send to a source at `now` for the days of a span, newest first.

    A listing is due if it was never requested, failed, or was stale. One that may still change is
    due again: today's and partial ones after 15 minutes, with `gaps_at_once` partial ones at once,
    others after 3 hours. A listing fetched after it became final is not due; an empty one becomes
    final when its day is over. Days that a source rechecks are due once more. With `refetch`, all
    available listings are due. Days before `repair_before` are due only in categories that were
    requested for a day before them, so that gaps are filled without starting a backfill. A source
    with a `min_interval` is not requested before it is over, unless with `refetch`.
    """
    newest = newest_response(source.name, coverage)
    if newest and not refetch and timedelta() <= now - newest.asked < source.min_interval:
        return []
    first = _first_requested_days(source, span, coverage, repair_before) if repair_before else {}
    listings = [
        (day, category)
        for day in reversed(list(span.days()))
        if source.lists_on(day) and source.available_from(day) <= now
        for category in source.categories
        if first.get(category, day) <= day
        if refetch
        or _is_due(source, day, coverage.get((source.name, category, day)), now, gaps_at_once)
    ]
    log.event("due", source=source.name, first=span.first, last=span.last, listings=len(listings))
    if newest and newest.validator and source.lists_all_days:
        # "Not modified" says nothing about days before those of that response.
        listings = [(day, category) for day, category in listings if day >= newest.day]
        requests = source.requests(listings, now) if listings else []
        return [
            SourceRequest(source, request._replace(validator=newest.validator))
            for request in requests
        ]
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


def _is_due(
    source: "Source",
    day: date,
    coverage: Coverage | None,
    now: datetime,
    gaps_at_once: bool,  # noqa: FBT001  # an option of `requests_due`
) -> bool:
    if coverage is None or coverage.state in ("failed", "stale"):
        return True
    if coverage.state == "partial" and gaps_at_once:
        return True
    if needs_recheck(source, coverage, now):
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
    validators = {row.validator if row and row.state in CLOSED else None for row in rows}
    return validators.pop() if len(validators) == 1 else None


def refresh(
    tracker: Tracker,
    requests: Sequence[SourceRequest],
    client: Callable[[], "HttpClient"],
    progress: Callable[[int, int], None] | None = None,
    *,
    in_memory: bool = False,
) -> RefreshResult:
    """Send requests and store the papers of the responses.

    `progress` receives the numbers of listings and papers so far. Source failures are in the
    result and stored as failed days, which are due again. For a source that has asked to wait, no
    request is sent, and the result is a failure. Raises LibraryError and LibraryBusy; with
    `in_memory`, a library that cannot be written keeps the papers in memory instead, for this
    command to show.
    """
    responses = _ResponseStore(tracker, in_memory=in_memory)
    to_send, held = hold_back(tracker, requests)
    for response in held:
        responses.add(response)
    try:
        for response in fetch_all(to_send, client, tracker.now):
            responses.add(response)
            if progress:
                progress(responses.listings, responses.papers)
    except KeyboardInterrupt:
        # The responses so far are stored, so that the next refresh does not repeat their requests.
        responses.store()
        raise
    responses.store()
    result = responses.result()
    if not result.not_stored:
        tracker.update_relevance()
    return result


class _ResponseStore:
    """Stores the responses of a refresh in batches; counts listings requested and papers."""

    def __init__(self, tracker: Tracker, *, in_memory: bool) -> None:
        self.listings = self.papers = self._rankings = 0
        self._tracker, self._in_memory = tracker, in_memory
        self._total = RefreshResult()
        self._stored: list[SourceResponse] = []
        self._batch: list[SourceResponse] = []
        self._batch_started = monotonic()

    def add(self, response: SourceResponse) -> None:
        if response.error:
            error = with_end_of_wait(response.error, self._tracker.now)
            response = response._replace(error=error)
        self._batch.append(response)
        self.listings += response.request.size
        self.papers += _paper_count(response)
        self._rankings += response.request.source.ranking
        if sum(map(_paper_count, self._batch)) > _PAPERS_PER_COMMIT:
            self.store()
        elif monotonic() - self._batch_started > _SECONDS_PER_COMMIT:
            self.store(keep=_may_be_stale)

    def store(self, keep: Callable[[SourceResponse], bool] = lambda _: False) -> None:
        """Store the batch, except for the responses to keep for the next one."""
        batch = [response for response in self._batch if not keep(response)]
        self._batch = [response for response in self._batch if keep(response)]
        self._batch_started = monotonic()
        if not batch:
            return
        try:
            stored, responses = _store(self._tracker, batch)
        except (LibraryBusy, LibraryError) as error:
            if not self._in_memory or self._total.not_stored:
                raise
            self._total = self._total._replace(not_stored=error)
            self._tracker.library.database.keep_in_memory()
            stored, responses = _store(self._tracker, batch)
        total = self._total
        self._total = total._replace(
            listings=self.listings - self._rankings,
            rankings=self._rankings,
            papers=total.papers + stored.papers,
            new=total.new + stored.new,
            skipped=total.skipped + stored.skipped,
        )
        # Only the failures are needed from here on; a backfill may fetch any number of papers.
        self._stored += [
            response._replace(listings=_without_papers(response.listings)) for response in responses
        ]

    def result(self) -> RefreshResult:
        failures, all_failed = _failures(self._stored), _all_failed(self._stored)
        return self._total._replace(failures=failures, all_failed=all_failed)


def _may_be_stale(response: SourceResponse) -> bool:
    """Whether later responses may show that a listing is that of another day."""
    return any(listing.once for listing in response.listings)


def _paper_count(response: SourceResponse) -> int:
    """The number of listed papers in a response."""
    if response.request.source.ranking:
        return 0
    return sum(len(listing.sightings) for listing in response.listings)


def _store(
    tracker: Tracker, fetched: Sequence[SourceResponse]
) -> tuple[RefreshResult, list[SourceResponse]]:
    """Store responses; return the counts, and the responses as they were stored."""
    from papertrack.library.storing import observe_again, store

    library, now = tracker.library, tracker.now
    known_titles = _known_titles(tracker, fetched)
    ranked = [response for response in fetched if response.request.source.ranking]
    with library.transaction():
        if ranked:
            from papertrack.tracker.service_ranks import store_rankings

            store_rankings(tracker, ranked)
        fetched = [response for response in fetched if not response.request.source.ranking]
        coverage = library.coverage(_span(fetched)) if fetched else {}
        responses = without_known_papers(library, fetched, coverage)
        rows = list(new_coverage(library, responses, coverage, now))
        listings = [listing for response in responses for listing in response.listings]
        sightings = [sighting for listing in listings for sighting in listing.sightings]
        stored = store(library, sightings, known_titles)
        for listing in listings:
            if listing.state == "unchanged":
                observe_again(library, listing.source, listing.day, now)
        library.save_coverage(rows)
        store_waits(tracker, (each.error for each in (*responses, *ranked) if each.error))
        tracker.cache_matches({listing.day for listing in listings})
    skipped = (
        skipped
        for response in (*responses, *ranked)
        for listing in response.listings
        for skipped in listing.skipped
    )
    result = RefreshResult(
        papers=len({sighting.paper.id for listing in listings for sighting in listing.sightings}),
        new=len(stored.new),
        skipped=tuple(dict.fromkeys(skipped)),
    )
    return result, [*responses, *ranked]


def _known_titles(tracker: Tracker, fetched: Sequence[SourceResponse]) -> "OtherIds":
    """The stored papers that entries of feeds have the titles of."""
    papers = [
        sighting.paper
        for response in fetched
        if response.request.source.lists_all_days
        for listing in response.listings
        for sighting in listing.sightings
    ]
    if not papers:
        return {}
    from papertrack.tracker.same_titles import same_titles

    return same_titles(tracker, papers)


def _span(responses: Iterable[SourceResponse]) -> Span:
    days = [day for response in responses for day in response.request.request.days]
    days += [listing.day for response in responses for listing in response.listings]
    return Span(min(days), max(days))


def _without_papers(listings: tuple[Listing, ...]) -> tuple[Listing, ...]:
    return tuple(listing._replace(sightings=(), skipped=()) for listing in listings)


def _all_failed(responses: Sequence[SourceResponse]) -> bool:
    """Whether every request failed; that of a ranking alone is not enough for that."""
    return any(not response.request.source.ranking for response in responses) and all(
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
